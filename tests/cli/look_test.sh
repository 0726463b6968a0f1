#!/bin/sh
# The page of a run: the program around it, and the page in a real browser (browse.py) where python3 and chromium are there: of a run that
# trains meanwhile, of points, of a VAE, and of a report, from its file.
# usage: look_test.sh GANDER SOURCE_DIR
. "$(dirname "$0")/lib.sh"

train() { # words...
    "$gander" train "$@" -q --set train.log_every=10 --set train.checkpoint_every=50 --set train.grid_every=50
}
train steady --data strokes --iterations 100 -o run
# What it prints and how it ends.
"$gander" look run >address 2>err &
looker=$!
tries=0
while [ ! -s address ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
if grep -q 'built without' err; then
    echo "SKIP ALL: $(cat err)"
    exit 0
fi
head -n 1 address | grep -qE '^http://127\.0\.0\.1:[0-9]+/[0-9a-f]{32}/$' && ok || bad "look printed: $(cat address err)"
kill -TERM $looker
got=0
wait $looker || got=$?
[ $got = 0 ] && ok || bad "look ended with $got"
# The report.
"$gander" look run --report report.html >out && grep -q 'open it in any browser' out && ok || bad "no report"
"$gander" look run --report report.html 2>err && bad "a report was overwritten" || grep -q 'force' err && ok || bad "$(cat err)"
"$gander" look run --report report.html --force >out && ok || bad "--force does not overwrite"
# What cannot be.
refused() { # exit code, words of the line, then the command's words
    code=$1 words=$2
    shift 2
    got=0
    "$gander" look "$@" >out 2>err || got=$?
    [ $got = "$code" ] && [ "$(wc -l <err)" -le 2 ] && grep -q "$words" err && ok || bad "look $*: $got, $(cat err)"
}
refused 2 'which run' 
refused 2 'one of' run --report a.html --port 4000
refused 2 'one run' run other
refused 2 'port' run --port 99999
refused 1 'no such folder' nowhere
mkdir empty
refused 1 'is no run' empty
refused 1 'no folder' run --report 'no folder/report.html'
refused 1 'report.html' run --report empty/report.html/x

# A run that a stranger sent: links that lead out of it are not followed into the page.
echo "a secret of this machine" >secret
cp -r run sent
ln -sf ../../secret sent/samples/000075.png
"$gander" look sent --report sent.html >out && ok || bad "a run with a link has no report"
base64 secret | head -c 20 >a
grep -qF "$(cat a)" sent.html && bad "a link leads out of the run" || ok
"$gander" look run --data /no/such/data --report no.html 2>err && bad "data that is not there is no error" || grep -q '/no/such/data' err && ok || bad "$(cat err)"

python=$(command -v python3 || true)
browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$python" ] || [ -z "$browser" ]; then
    echo "SKIP the browser: no python3 and chromium here"
    finish
    exit
fi
browse() { # name, address, views
    if timeout 240 "$python" "$source_dir/tests/cli/browse.py" "$browser" "$2" "$3" >out 2>&1; then
        passed=$((passed + $(grep -c '^ok' out)))
    else
        bad "$1: $(grep -v '^ok' out | tail -n 5)"
    fi
}
look() { # name, run, views
    rm -f address
    "$gander" look "$2" >address 2>err &
    looker=$!
    tries=0
    while [ ! -s address ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    browse "$1" "$(head -n 1 address)" "$3"
    kill $looker
    wait $looker || bad "$1: look ended with an error"
}
"$gander" train --resume run --iterations 1000000 -q &
trainer=$!
pictures="walk ways judge layers nearest"
look "a run that trains" run "$pictures"
kill -TERM $trainer
wait $trainer || true
train ring --iterations 100 -o points
look "points" points "plane layers"
train vae --data strokes --iterations 100 -o vae
look "a VAE" vae "walk ways layers nearest pairs"
"$gander" look run --report report.html --force >out
browse "the report" "file://$PWD/report.html" "$pictures"
finish
