#!/bin/sh
# Killed before or after every write, fsync and rename of a run, and at random moments: resumed, it ends
# with the bytes of a run that was never stopped.
. "$(dirname "$0")/lib.sh"
killer=$3
digests=$4
recipe=$source_dir/tests/cli/small.ini
common="--threads 1 -q"

# A small data set, so that a run takes a moment: what an untrained net draws will do.
"$gander" train "$recipe" $common -o first --iterations 1
"$gander" sample first -n 64 -o data.idx
small="$recipe --data data.idx"
"$gander" train $small $common -o whole
want=$(digest whole)

finish_run() { # what: resume until it is done, or start again where there is no run yet
    if [ -f run/recipe.ini ]; then
        "$gander" train --resume run $common
    else
        "$gander" train $small $common -o run
    fi
}
compare() {
    if ! finish_run >log 2>&1; then
        bad "$1: does not go on: $(cat log)"
    elif got=$(digest run) && [ "$got" = "$want" ]; then
        ok
    else
        bad "$1: other bytes"
    fi
}

# Every system call that touches a file of the run, numbered; the shim ends the process at one of them.
KILLER_COUNT=$work/count LD_PRELOAD=$killer "$gander" train $small $common -o counted
calls=$(cat count)
[ "$calls" -gt 20 ] || bad "only $calls calls were seen: the shim does not work"
for n in $(seq 1 "$calls"); do
    for when in before after; do
        rm -rf run # what a killed start left beside it must not matter
        KILLER_AT=$n KILLER_WHEN=$when LD_PRELOAD=$killer "$gander" train $small $common -o run \
            >/dev/null 2>&1 || true
        compare "killed $when call $n"
    done
done

# At random moments, from outside.
i=0
while [ $i -lt "${KILLS:-50}" ]; do
    i=$((i + 1))
    rm -rf run # what a killed start left beside it must not matter
    "$gander" train $small $common -o run >/dev/null 2>&1 &
    child=$!
    sleep "0.0$(awk -v s=$i 'BEGIN {srand(s); printf "%03d", int(rand() * 600)}')"
    kill -9 $child 2>/dev/null || true
    wait $child 2>/dev/null || true
    compare "killed at random, $i"
done

# Other games, optimisers and statistics are resumed like the first: stopped half-way, and killed at a few calls.
for recipe in small_vae small_other small_norm small_turns small_few; do
    rm -rf other run
    other="$source_dir/tests/cli/$recipe.ini --data data.idx"
    "$gander" train $other $common -o other
    "$gander" train $other $common -o run --iterations 7 --set train.schedule_iterations=20
    "$gander" train --resume run $common --iterations 20
    cmp -s other/metrics.jsonl run/metrics.jsonl && ok || bad "$recipe: stopped and resumed, other metrics"
    "$digests" tensors other/model.safetensors other/state/00000020.safetensors >a
    "$digests" tensors run/model.safetensors run/state/00000020.safetensors >b
    cmp -s a b && ok || bad "$recipe: stopped and resumed, other tensors"
    want_other=$(digest other)
    for n in 15 25 35 45; do
        rm -rf run
        KILLER_AT=$n KILLER_WHEN=after LD_PRELOAD=$killer "$gander" train $other $common -o run >/dev/null 2>&1 || true
        if [ -f run/recipe.ini ]; then "$gander" train --resume run $common >/dev/null; else "$gander" train $other $common -o run; fi
        [ "$(digest run)" = "$want_other" ] && ok || bad "$recipe: killed at call $n, other bytes"
    done
done

# Picture nets too.
make_pictures 40 pictures.idx
for recipe in $picture_nets; do
    net=$(pictures_of $recipe)
    rm -rf other run
    "$gander" train $net -q -o other
    "$gander" train $net -q -o run --iterations 4 --set train.schedule_iterations=10
    "$gander" train --resume run -q --iterations 10
    cmp -s other/metrics.jsonl run/metrics.jsonl && ok || bad "$recipe: stopped and resumed, other metrics"
    "$digests" tensors other/model.safetensors other/state/00000010.safetensors >a
    "$digests" tensors run/model.safetensors run/state/00000010.safetensors >b
    cmp -s a b && ok || bad "$recipe: stopped and resumed, other tensors"
    want_other=$(digest other)
    for n in 20 40; do
        rm -rf run
        KILLER_AT=$n KILLER_WHEN=after LD_PRELOAD=$killer "$gander" train $net -q -o run >/dev/null 2>&1 || true
        if [ -f run/recipe.ini ]; then "$gander" train --resume run -q >/dev/null; else "$gander" train $net -q -o run; fi
        [ "$(digest run)" = "$want_other" ] && ok || bad "$recipe: killed at call $n, other bytes"
    done
done

# Extended, it equals one that was longer from the start (its schedule is its own).
"$gander" train $small $common -o extended --set train.schedule_iterations=20
"$gander" train --resume extended $common --iterations 30
"$gander" train $small $common -o longer --set train.schedule_iterations=20 --iterations 30
[ "$(digest extended)" = "$(digest longer)" ] && ok || bad "extended is not the longer run"

# A torn newest checkpoint: the one before it is used, with a word about it.
cp -r whole torn
for cut in 0 7 100 5000; do
    rm -rf torn && cp -r whole torn
    newest=$(ls torn/state/*.safetensors | tail -1)
    head -c $cut "$newest" >t && mv t "$newest"
    if "$gander" train --resume torn $common 2>note && [ "$(digest torn)" = "$want" ] &&
        grep -q "the checkpoint before it is used" note; then ok; else bad "torn at $cut: $(cat note)"; fi
done
# One altered bit as well.
rm -rf torn && cp -r whole torn
newest=$(ls torn/state/*.safetensors | tail -1)
byte=$(od -An -tu1 -j20000 -N1 "$newest")
printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$newest" bs=1 seek=20000 conv=notrunc 2>/dev/null
if "$gander" train --resume torn $common 2>note && [ "$(digest torn)" = "$want" ] && grep -q SHA-256 note
then ok; else bad "altered: $(cat note)"; fi
finish
