#!/bin/sh
# What a wrong input gets: one clear line, the right exit code, and nothing lost or half-written.
. "$(dirname "$0")/lib.sh"

# try CODE PATTERN ARGUMENTS... : exit code, one line on standard error that matches.
try() {
    code=$1 pattern=$2
    shift 2
    got=0
    "$gander" "$@" >out 2>err </dev/null || got=$?
    lines=$(grep -c . err || true)
    if [ $got != "$code" ]; then
        bad "$*: exit code $got, not $code: $(cat err)"
    elif ! grep -qE -- "$pattern" err; then
        bad "$*: '$(cat err)' does not match '$pattern'"
    elif [ "$lines" != 1 ]; then
        bad "$*: $lines lines on standard error"
    else
        ok
    fi
}

small=$source_dir/tests/cli/small.ini
quick="--iterations 1 -q --threads 1"
"$gander" train "$small" $quick -o run
"$gander" sample run -n 20 -o good.idx
"$gander" sample run -n 20 -o good.idx.gz
data="--data good.idx"

# usage
try 2 "no command 'trian'" trian
try 2 "no option --iteratons; do you mean --iterations" train --iteratons 5
try 2 "needs N" train --iterations
try 2 "must be a whole number" train --iterations many
try 2 "must be a whole number from 1" train --threads 0
try 2 "one recipe" train steady article
try 2 "goes on with a run as it is" train --resume run --seed 3
try 2 "which run or model" sample
try 2 "which file" info
try 2 "no built-in recipe" recipes staedy

# recipes
try 1 "no recipe 'staedy'.*do you mean 'steady'" train staedy
try 1 "nothing.ini: cannot be read" train nothing.ini
try 2 "no setting 'train.btach'; do you mean 'train.batch'" train steady --set train.btach=3
try 2 "train.batch = 0: must be 1 to 65536" train steady --set train.batch=0
try 2 "train.batch = nan" train steady --set train.batch=nan
try 2 "must be one of minimax" train steady --set train.objective=wgan
try 2 "adam RATE BETA1 BETA2" train steady --set "train.optimizer=sgd 1"
try 2 "write key=value" train steady --set train.batch
try 2 "ends in the logit" train "$small" $data --set "discriminator.layers=dense 1 sigmoid" -o x
try 2 "ends in one logit" train "$small" $data --set "discriminator.layers=dense 2" -o x
try 2 "no layer 'dens'; do you mean 'dense'" train "$small" $data --set "generator.layers=dens 3" -o x
try 2 "no activation 'rleu'; do you mean 'relu'" train "$small" $data --set "generator.layers=dense 3 rleu" -o x
try 1 "makes 700 numbers, but an image of .* has 784" train "$small" $data --set "generator.layers=dense 700" -o x
printf '[train]\nbatch = 3\nbatch = 4\n' >twice.ini
try 2 "twice.ini:3: train.batch is set in line 2" train twice.ini
printf '[train]\nwhat is this\n' >junk.ini
try 1 "junk.ini:2" train junk.ini
printf '[train]\nbatch = \000 3\n' >zero.ini
try 1 "zero.ini" train zero.ini
: >none.ini
try 2 "none.ini: says no generator.layers" train none.ini -o x
awk 'BEGIN {printf "[train]\nbatch = "; for (i = 0; i < 100000; i++) printf 1}' >endless.ini
try 1 "endless.ini:2: a line of more than" train endless.ini -o x
mkdir folder.ini
try 1 "folder.ini: is a folder" train folder.ini -o x
try 2 "train.optimizer" train steady --set "train.optimizer=adam nan 0 0.9" -o x
try 2 "no option --sed; do you mean --seed" train --sed 3
try 2 "no option --frobnicate \(see" train --frobnicate
[ ! -e x ] && ok || bad "a refused run left something behind"

# data
try 1 "nowhere" train "$small" --data ./nowhere -o x
try 1 "gander data fetch|not.*known|no data set" train "$small" --data mnits -o x
head -c 1000 good.idx >short.idx
try 1 "short.idx.*(need|promise)" train "$small" --data ./short.idx -o x
head -c 500 good.idx.gz >short.idx.gz
try 1 "short.idx.gz" train "$small" --data ./short.idx.gz -o x
: >empty.idx
try 1 "empty.idx" train "$small" --data ./empty.idx -o x
cp "$small" text.idx
try 1 "text.idx" train "$small" --data ./text.idx -o x
printf '\000\000\010\003\377\377\377\377\377\377\377\377\377\377\377\377' >lie.idx
try 1 "lie.idx" train "$small" --data ./lie.idx -o x
mkdir empty
try 1 "empty" train "$small" --data ./empty -o x
printf '\000\000\010\003\000\000\000\000\000\000\000\034\000\000\000\034' >zero.idx
try 1 "zero.idx" train "$small" --data ./zero.idx -o x
printf '\000\000\010\003\000\000\000\001\000\000\000\000\000\000\000\034' >flat.idx
try 1 "flat.idx" train "$small" --data ./flat.idx -o x
mkdir labelled && cp good.idx labelled/train-images-idx3-ubyte
printf '\000\000\010\001\000\000\000\003\001\002\003' >labelled/train-labels-idx1-ubyte
try 1 "labels" train "$small" --data ./labelled -o x
[ ! -e x ] && ok || bad "refused data left a run behind"

# runs
try 1 "holds a run already.*--resume run.*--force" train "$small" $data -o run
try 1 "is not a run" train "$small" $data -o empty.idx
mkdir other && touch other/thing
try 1 "is not a run" train "$small" $data -o other --force
try 1 "no run to resume" train --resume nowhere
try 1 "other data" train --resume run --data ./good.idx --iterations 5
try 1 "cannot be|Permission|Not a directory|is not a folder" train "$small" $data -o /proc/none/run
try 1 "Not a directory" train "$small" $data -o good.idx/run
"$gander" train --resume run -q && ok || bad "a run that is done is no failure"

"$gander" train "$small" $data -q -o live --iterations 1000000000 2>/dev/null &
child=$!
while [ ! -e live/state/00000000.safetensors ]; do sleep 0.1; done
try 1 "another gander is training there" train --resume live
try 1 "another gander is training there" train "$small" $data -o live --force
kill -INT $child
wait $child && bad "a run that was stopped answers 0" || ok
"$gander" train --resume live -q --minutes 0.001 && ok || bad "a run that was stopped does not go on"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then # root may write anywhere
    as_nobody="setpriv --reuid 65534 --clear-groups"
    chmod 755 . && chmod 600 good.idx.gz
    [ -x "$gander" ] && $as_nobody test -x "$gander" && $as_nobody test -r "$small" || as_nobody=
elif [ "$(id -u)" != 0 ]; then
    as_nobody=env
    chmod 000 good.idx.gz && chmod 555 .
fi
if [ -n "${as_nobody:-}" ]; then
    $as_nobody "$gander" train "$small" $data -o readonly 2>why && bad "a folder that cannot be written" || ok
    grep -q "readonly.*Permission denied" why && ok || bad "read-only folder: $(cat why)"
    $as_nobody "$gander" data ./good.idx.gz 2>why >/dev/null && bad "a file that cannot be read" || ok
    grep -q "good.idx.gz.*Permission denied" why && ok || bad "unreadable: $(cat why)"
    chmod 755 .
else
    echo "SKIP: no user here who may not write"
fi

# models
printf '\000\000\000\000\000\000\000\020{}' >claims.safetensors
try 1 "claims a header of 1152921504606846976 bytes" sample claims.safetensors
try 1 "nowhere/run: cannot be read" sample nowhere/run
try 1 "cannot be read" sample nothing.safetensors
cp run/model.safetensors m.safetensors
printf 'x' | dd of=m.safetensors bs=1 seek=100000 conv=notrunc 2>/dev/null
try 1 "SHA-256|digest|altered" sample m.safetensors
head -c 1000 run/model.safetensors >cut.safetensors
try 1 "cut.safetensors" sample cut.safetensors
try 1 "not a gander-model" sample run/state/00000001.safetensors
try 1 "not a gander-model" train "$small" $data --init run/state/00000001.safetensors -o x
try 1 "is there already" sample run -o good.idx
try 2 "must be a whole number" sample run -n 0
try 1 "nothing.idx" info nothing.idx

# a full disk: the old file stays, no temporary one is left
if [ -w /dev/full ]; then
    got=0
    "$gander" recipes steady >/dev/full 2>err || got=$?
    [ $got = 1 ] && grep -q "standard output failed" err && ok || bad "a full disk behind stdout"
fi
cp run/model.safetensors before
got=0
(
    ulimit -f 100
    trap '' XFSZ
    "$gander" train --resume run --iterations 3 -q
) 2>err || got=$?
[ $got = 1 ] && grep -q "writing failed" err && ok || bad "a full disk: $got $(cat err)"
cmp -s before run/model.safetensors && ok || bad "a full disk harmed the old model"
[ -z "$(find run -name '*.tmp')" ] && ok || bad "a full disk left $(find run -name '*.tmp')"
"$gander" train --resume run --iterations 3 -q && ok || bad "does not go on after a full disk"
finish
