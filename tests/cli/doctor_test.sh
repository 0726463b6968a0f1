#!/bin/sh
# The doctor on runs as they are: a collapsed one and a good one, one without lines, what is no run; what it says can be pasted.
# usage: doctor_test.sh GANDER SOURCE_DIR
. "$(dirname "$0")/lib.sh"
examine() { # exit code, words, run
    got=0
    "$gander" doctor "$3" >out 2>err || got=$?
    if [ $got = "$1" ] && cat out err | tr '\n' ' ' | sed 's/  */ /g' | grep -qF -- "$2" && [ "$(grep -c . err)" -le 1 ]; then ok; else
        bad "doctor $3: exit $got, not $1, or no '$2': $(cat out err)"
    fi
}
lines="--data strokes --set train.log_every=100 --set train.spread_every=100 -q"

# SHORT=1: a few iterations in place of them all, for builds that are slow.
if [ -n "${SHORT:-}" ]; then
    "$gander" train "$source_dir/tests/cli/small.ini" --set train.log_every=2 --iterations 20 -q -o well
    examine 0 "well: healthy. 10 lines of metrics, iterations 2 to 20" well
else

"$gander" train article $lines --iterations 1000 -o sick 2>/dev/null
examine 3 "[collapse] mode collapse" sick
examine 3 "since iteration" sick
examine 3 "(Goodfellow 2016, arXiv:1701.00160" sick
# What it says to try is understood, and helps.
try=$(sed -n 's/^  try   //p' out | head -n 1)
case $try in "gander train sick/recipe.ini --set"*" -o NEW") ok ;; *) bad "nothing to paste: $try" ;; esac
try=$(echo "$try" | sed "s|^gander |\"$gander\" |; s|NEW\$|mended|")
eval "$try --iterations 1500 -q 2>/dev/null"
examine 0 "mended: healthy" mended

"$gander" train steady $lines --iterations 1000 -o well
examine 0 "well: healthy. 10 lines of metrics, iterations 100 to 1000" well
"$gander" train vae $lines --iterations 600 -o coded
examine 0 "coded: healthy" coded

# It tells while the run trains, once; nobody is told with `off`; `stop` ends a run that is lost, and going on ends at once.
article="train article $lines --threads 1"
"$gander" $article --iterations 1000 -o told 2>err
[ "$(grep -c 'mode collapse' err)" = 1 ] && grep -q "gander doctor told" err && ok || bad "told: $(cat err)"
"$gander" train --resume told -q --iterations 1300 2>err
grep -q "iteration.*mode collapse: G draws.*spread" err && bad "told again: $(cat err)" || ok
"$gander" $article --set train.doctor=off --iterations 1000 -o untold 2>err
[ ! -s err ] && ok || bad "off: $(cat err)"
"$gander" $article --set train.doctor=stop -o stopped 2>err
end=$(tail -n 1 stopped/metrics.jsonl | sed 's/[^0-9]*\([0-9]*\).*/\1/')
[ "$end" -lt 3000 ] && [ "$end" -gt 500 ] && ok || bad "stop: ended at $end"
"$gander" train --resume stopped 2>err | grep -q "ended at iteration $end, as train.doctor = stop says: mode collapse" && ok ||
    bad "stopped, and going on: $(cat err)"
# Stopped by hand in between, it ends at the same iteration with the same bytes.
"$gander" $article --set train.doctor=stop --set train.schedule_iterations=10000 --iterations 700 -o halves 2>err
"$gander" train --resume halves -q --iterations 10000 2>err
cmp -s stopped/metrics.jsonl halves/metrics.jsonl && cmp -s stopped/model.safetensors halves/model.safetensors && ok || bad "halves: other bytes"

# `mend`: back to the last healthy checkpoint, and on with the remedy; recipe.ini stays what it was. All of it comes again: with other threads, from its own
# recipe, and where the run was stopped or killed before, between and behind.
sed 's/dense 128 relu/dense 64 relu/; s/dense 1024 relu/dense 96 relu/' "$source_dir/recipes/article.ini" >narrow.ini
mend="train narrow.ini --data strokes -q --threads 1 --set train.log_every=40 --set train.spread_every=40 --set train.doctor=mend"
mend="$mend --set train.checkpoint_every=100 --set train.schedule_iterations=1100 --iterations 1100"
"$gander" $mend -o mended_run 2>err
grep -q 'lost: .*Mended: back to iteration [0-9]*, and on with --set train.objective=relativistic' err && ok || bad "mend: $(cat err)"
[ "$(grep -c . mended_run/mends.jsonl)" -ge 1 ] && ok || bad "mends.jsonl: $(cat mended_run/mends.jsonl)"
at=$(sed -n '1s/.*"at":\([0-9]*\).*/\1/p' mended_run/mends.jsonl)
seen=$(sed -n '1s/.*"seen":\([0-9]*\).*/\1/p' mended_run/mends.jsonl)
[ $((at % 100)) = 0 ] && [ "$at" -lt "$seen" ] && ok || bad "back from $seen to $at"
grep -q '^objective = nonsaturating' mended_run/recipe.ini && "$gander" info mended_run/model.safetensors | grep -q 'objective = relativistic' && ok ||
    bad "recipe.ini changed, or the model was not trained with what was set"
[ "$(sed 's/[^0-9]*\([0-9]*\).*/\1/' mended_run/metrics.jsonl | sort -n | uniq -d | wc -l)" = 0 ] && ok || bad "lines of what was taken back"
"$gander" doctor mended_run >out || true
grep -q "mended: lost at iteration $seen \[.*\]; back to $at, and on with --set" out && ok || bad "doctor does not say what was mended: $(cat out)"
same_run() { # run, what
    for f in metrics.jsonl mends.jsonl model.safetensors recipe.ini; do
        cmp -s "mended_run/$f" "$1/$f" && ok || bad "$2: another $f"
    done
}
"$gander" train mended_run/recipe.ini --threads 2 -q -o mended_twice 2>err
same_run mended_twice "two threads, its own recipe"
"$gander" $mend --iterations 250 -o mended_parts 2>err
for stop in 299 $((seen - 50)) "$seen" $((seen + 1)) 1100; do
    "$gander" train --resume mended_parts --iterations "$stop" -q 2>err || bad "parts: $(cat err)"
done
same_run mended_parts "in parts"
"$gander" $mend -o mended_killed 2>err &
trained=$!
while [ ! -s mended_killed/metrics.jsonl ]; do sleep 0.05; done
for nap in 0.5 0.9 0.7 0.8; do
    sleep $nap
    kill -9 $trained 2>/dev/null || true
    wait $trained 2>/dev/null || true
    "$gander" train --resume mended_killed -q 2>err &
    trained=$!
done
wait $trained || bad "killed: $(cat err)"
same_run mended_killed "killed four times"
# What is not finite any more is mended by slower steps.
"$gander" train "$source_dir/tests/cli/small.ini" -q --iterations 200 --set "train.optimizer=sgd 1 0.9" --set train.doctor=mend -o wild 2>err && ok || bad "wild: $(cat err)"
grep -q '"rule":"not-finite".*train.optimizer=sgd 0.5 0.9' wild/mends.jsonl && ok || bad "wild: $(cat wild/mends.jsonl err)"
# Damaged by somebody.
cp -r mended_run broken
echo 'no line' >broken/mends.jsonl
examine 1 "mends.jsonl:1: is no line that train.doctor = mend wrote" broken
sed 's/train.r1=0.1/generator.latent=7/' mended_run/mends.jsonl >broken/mends.jsonl
got=0
"$gander" train --resume broken --iterations 1200 -q 2>err || got=$?
[ $got != 0 ] && grep -q "generator.latent=7 cannot be changed on the way" err && ok || bad "another setting: $got $(cat err)"

# On a terminal its words stand below each grid, and above them the way of both losses; --plain is as in a file.
if command -v script >/dev/null; then
    on_terminal() { script -qc "stty cols 100; $gander train steady $(echo "$lines" | sed 's/ -q//') --threads 1 --iterations 600 --set train.grid_every=300 $*" /dev/null; }
    LC_ALL=C.UTF-8 on_terminal -o shown >out
    grep -q "  doctor  nothing wrong so far" out && ok || bad "no doctor's line on the terminal"
    [ "$(grep -c '^       [DG]  [^ ]*\(\xe2\x96\|▁\|█\)' out)" -ge 2 ] && ok || bad "no curves on the terminal"
    LC_ALL=C on_terminal -o ascii | grep -q '^       D  [-_.~=+*#]* ' && ok || bad "no curves in ASCII"
    on_terminal --plain -o plain >out
    grep -q "doctor" out && bad "--plain has a doctor's line" || ok
    grep -q "^     600  D " out && ok || bad "--plain has no lines of metrics"
fi

fi

# Looks inside: on their own lines, the same for any number of threads and in parts; what is held out is judged.
inside="train $source_dir/tests/cli/small.ini -q --set train.health_every=4 --set data.holdout=0.2 --set train.schedule_iterations=12"
"$gander" $inside --iterations 12 --threads 1 -o looked
[ "$(grep -c '"weights_least":' looked/metrics.jsonl)" = 3 ] && grep -q '"iteration":8,.*"gradients_uneven":.*"judge_real":.*"judge_held":.*"judge_fake":' looked/metrics.jsonl && ok ||
    bad "looks: $(cat looked/metrics.jsonl)"
"$gander" $inside --iterations 6 --threads 2 -o parts
"$gander" train --resume parts --iterations 12 -q
cmp -s looked/metrics.jsonl parts/metrics.jsonl && ok || bad "looks: other figures in parts and by two threads"
"$gander" $inside --iterations 12 --set train.health_every=0 -o unlooked
grep -q weights_least unlooked/metrics.jsonl && bad "health_every = 0 looks" || ok
cmp -s looked/state/00000012.safetensors unlooked/state/00000012.safetensors && bad "two recipes, one state" || ok
"$gander" info looked/model.safetensors | grep -vE "health_every|sha256" >a
"$gander" info unlooked/model.safetensors | grep -vE "health_every|sha256" >b
cmp -s a b && ok || bad "a look changes what is trained"

# While it is written; before there is anything.
cp -r well cut
printf '{"iteration":1100,"loss_d":0.' >>cut/metrics.jsonl
examine 0 "well: healthy" well
examine 0 "as varied as the data" well
examine 0 "10 lines of metrics" cut
: >cut/metrics.jsonl
examine 0 "too early to say" cut
head -n 1 well/metrics.jsonl >cut/metrics.jsonl
examine 0 "1 line of metrics" cut
printf '{"iteration":100}\nno line\n' >cut/metrics.jsonl
examine 1 "line 2 is no object of numbers" cut
rm cut/metrics.jsonl
examine 1 "metrics.jsonl" cut
examine 1 "there is no such folder" nowhere
mkdir empty
examine 1 "is no run" empty
got=0
"$gander" doctor >out 2>err || got=$?
[ $got = 2 ] && grep -q "which run?" err && ok || bad "doctor alone: $got $(cat err)"
[ "$("$gander" doctor --rules | grep -c '^\[')" -ge 20 ] && ok || bad "--rules: $("$gander" doctor --rules)"
finish
