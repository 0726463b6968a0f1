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
[ "$("$gander" doctor --rules | grep -c '^\[')" -ge 13 ] && ok || bad "--rules: $("$gander" doctor --rules)"
finish
