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

"$gander" train article $lines --iterations 1000 -o sick
examine 3 "[collapse] mode collapse" sick
examine 3 "since iteration" sick
examine 3 "(Goodfellow 2016, arXiv:1701.00160" sick
# What it says to try is understood, and helps.
try=$(sed -n 's/^  try   //p' out | head -n 1)
case $try in --set*) ok ;; *) bad "nothing to paste: $try" ;; esac
eval "\"$gander\" train article $lines --iterations 1500 -o mended $try"
examine 0 "mended: healthy" mended

"$gander" train steady $lines --iterations 1000 -o well
examine 0 "well: healthy. 10 lines of metrics, iterations 100 to 1000" well
"$gander" train vae $lines --iterations 600 -o coded
examine 0 "coded: healthy" coded

# While it is written; before there is anything.
cp -r well cut
printf '{"iteration":1100,"loss_d":0.' >>cut/metrics.jsonl
examine 0 "10 lines of metrics" cut
: >cut/metrics.jsonl
examine 0 "too few to judge by" cut
head -n 1 well/metrics.jsonl >cut/metrics.jsonl
examine 0 "1 line of metrics" cut
printf '{"iteration":100}\nno line\n' >cut/metrics.jsonl
examine 1 "line 2 is no object of numbers" cut
rm cut/metrics.jsonl
examine 1 "metrics.jsonl" cut
examine 1 "is no run" nowhere
mkdir empty
examine 1 "is no run" empty
got=0
"$gander" doctor >out 2>err || got=$?
[ $got = 2 ] && grep -q "which run?" err && ok || bad "doctor alone: $got $(cat err)"
[ "$("$gander" doctor --rules | grep -c '^\[')" -ge 13 ] && ok || bad "--rules: $("$gander" doctor --rules)"
finish
