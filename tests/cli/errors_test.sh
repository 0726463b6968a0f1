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

# A run in the background has begun: the first of its checkpoints, which come and go, is there.
wait_for_checkpoint() {
    until ls "$1"/state/0*.safetensors >/dev/null 2>&1; do sleep 0.02; done
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
try 2 "no such rows" bench modes rings
try 2 "foo: no such rows" bench modes --row foo
try 2 "train.patience counts evaluations" train ring --set train.patience=2 -o x
try 2 "go with .bench modes" bench --seeds 3
try 1 "holds points: they are learned by train.game = gan" train vae --data ring --set "decoder.layers=dense 2 sigmoid" -o x
try 2 "not a whole number of packs" train steady $data --set train.pack=3 -o x
try 2 "cannot read or tell a class" train conditional $data --set train.pack=2 -o x
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
try 2 "train.optimizer = sgd 1: must be sgd RATE MOMENTUM" train steady --set "train.optimizer=sgd 1"
try 2 "no optimiser 'adma'; do you mean 'adam RATE" train steady --set "train.optimizer=adma 1e-3 0 0.9"
try 2 "train.gp_every = 0: must be 1 to 1000" train steady --set train.gp_every=0
try 2 "train.clip = -1: must be 0 to" train steady --set train.clip=-1
try 2 "train.kl is a setting of train.game = vae; this recipe's is gan" train steady --set train.kl=1
try 2 "train.d_steps is a setting of train.game = gan; this recipe's is vae" train vae --set train.d_steps=1
try 2 "encoder: the last line gives 30 numbers; it ends in mean and log-variance of 20, write .dense 40." \
    train vae --set "encoder.layers=dense 30" --data good.idx -o x
try 2 "encoder: the last line gives 40 numbers through relu" train vae --set "encoder.layers=dense 40 relu" $data -o x
try 2 "decoder: the last line ends in 'tanh'; a bernoulli likelihood wants sigmoid" \
    train vae --set "decoder.layers=dense 784 tanh" $data -o x
printf '[encoder]\nlayers = dense 40\n[decoder]\nlayers = dense 784 sigmoid\n[train]\nr1 = 1\ngame = vae\n' >mixed.ini
try 2 "mixed.ini:6: train.r1 is a setting of train.game = gan" train mixed.ini
try 2 "write key=value" train steady --set train.batch
try 2 "ends in the logit" train "$small" $data --set "discriminator.layers=dense 1 sigmoid" -o x
try 2 "ends in one logit" train "$small" $data --set "discriminator.layers=dense 2" -o x
try 2 "no layer 'dens'; do you mean 'dense'" train "$small" $data --set "generator.layers=dens 3" -o x
try 2 "no activation 'rleu'; do you mean 'relu'" train "$small" $data --set "generator.layers=dense 3 rleu" -o x
try 2 "line 3: add: .3. of line 1 does not meet .5. of line 2" train "$small" $data \
    --set "generator.layers=dense 3 @a; dense 5; add @a; dense 784" -o x
try 2 "line 2: no line is named @b; do you mean @a" train "$small" $data --set "generator.layers=dense 3 @a; add @b" -o x
try 2 "line 1: @b is made in line 2, further down" train "$small" $data --set "generator.layers=add @b; dense 3 @b" -o x
try 2 "block res has no end" train "$small" $data --set "generator.layers=block res C; dense C" -o x
# Layers that do not fit, labels that are not there or not allowed.
try 2 "generator, line 2: conv: a kernel of 9 is larger than the 8 places .*; line 1 gives .8, 8, 3." train "$small" $data \
    --set "generator.layers=basis 8 8 3; conv 1 9" -o x
try 2 "generator, line 1: no first weights 'xavier'; do you mean" train "$small" $data \
    --set "generator.layers=dense 784 init xavier" -o x
try 2 "must be one of glorot" train "$small" $data --set generator.init=xavier -o x
try 2 "line 4: batchnorm reads labels, and the data has none" train "$small" $data \
    --set "generator.layers=dense 8; dense 8; dense 8; batchnorm class; dense 784" -o x
try 1 "strokes: has labels up to 9, and data.classes = 3 allows 0 to 2" train conditional --data strokes --set data.classes=3 -o x
try 1 "makes 32 x 32 x 1, but an item of strokes is 28 x 28 x 1" train dcgan32 --data strokes -o x
try 2 "recipes: --shapes of which recipe" recipes --shapes
try 1 "makes 700 numbers, but an item of .* has 784" train "$small" $data --set "generator.layers=dense 700" -o x
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
try 2 "data.holdout = 0.6: must be 0 to 0.5" train "$small" $data --set data.holdout=0.6 -o x
try 1 "mnist/tset: mnist has no such split; there are mnist and mnist/test" train "$small" --data mnist/tset -o x
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
try 1 "holds a run already.*--force.*--resume run" train "$small" $data -o run
try 1 "is not a run" train "$small" $data -o empty.idx
mkdir other && touch other/thing
try 1 "is not a run" train "$small" $data -o other --force
try 1 "no run to resume" train --resume nowhere
try 1 "other data.*--data" train --resume run --data ./good.idx --iterations 5
try 1 "cannot be|Permission|Not a directory|is not a folder" train "$small" $data -o /proc/none/run
try 1 "good.idx: is there, but is not a folder" train "$small" $data -o good.idx/run
"$gander" train --resume run -q && ok || bad "a run that is done is no failure"

"$gander" train "$small" $data -q -o live --iterations 1000000000 2>/dev/null &
child=$!
wait_for_checkpoint live
try 1 "another gander is training there" train --resume live
try 1 "another gander is training there" train "$small" $data -o live --force
kill -TERM $child
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

# ---- nothing destroyed --------------------------------------------------------------------------

# run PATTERN CODE COMMAND... : like try, but of any command line (sh -c).
sh_try() {
    code=$1 pattern=$2 got=0
    sh -c "$3" >out 2>err </dev/null || got=$?
    if [ $got != "$code" ]; then bad "$3: exit code $got, not $code: $(cat err)"
    elif [ -n "$pattern" ] && ! cat out err | grep -qE -- "$pattern"; then bad "$3: '$(cat out err)' does not match '$pattern'"
    elif [ "$(grep -c . err)" -gt 1 ]; then bad "$3: $(grep -c . err) lines on standard error"
    else ok; fi
}
is_there() { for f; do [ -e "$f" ] && ok || bad "$f is gone"; done; }
is_gone() { for f; do [ ! -e "$f" ] && [ ! -L "$f" ] && ok || bad "$f is there"; done; }
no_leftovers() { # in these folders
    left=$(find "$@" -name '.gander-*' ! -name .gander-run)
    [ -z "$left" ] && ok || bad "left behind: $left"
}
g=$gander
T="timeout 60 $g train $small --data $work/good.idx --iterations 1 -q --threads 1"

# 1: a folder that is no run, or a run that holds something else, is never removed.
mkdir p && cp "$small" p/recipe.ini && echo x >p/thesis.txt
sh_try 1 "is not a run" "$T -o p --force"
sh_try 2 "the folder you are in" "cd p && $T -o . --force"
is_there p/thesis.txt p/recipe.ini
$T -o mine && echo x >mine/thesis.txt && mkdir mine/samples/best && echo x >mine/samples/best/a
sh_try 1 "mine: holds (thesis.txt|samples/best), which gander did not write" "$T -o mine --force"
is_there mine/thesis.txt mine/samples/best/a mine/model.safetensors
rm -r mine/thesis.txt mine/samples/best
ln -s ../p/thesis.txt mine/state/7.safetensors
sh_try 1 "mine: holds state/7.safetensors, which" "$T -o mine --force"
is_there p/thesis.txt
rm mine/state/7.safetensors
sh_try 2 "the folder you are in" "cd mine && $T -o ../mine --force"
sh_try 0 "" "$T -o mine --force"
sh_try 2 "your home folder" "HOME=$work/mine $T -o mine --force"
sh_try 2 "the root folder" "$T -o / --force"
sh_try 2 "a mount point|the folder you are in" "$T -o /proc --force"
no_leftovers . mine

# 2: temporary names are nobody else's.
mkdir out2.gander-new && echo x >out2.gander-new/p.txt
sh_try 0 "" "$T -o out2"
is_there out2.gander-new/p.txt out2/.gander-run
mkdir .gander-0123456789abcdef.new && echo x >.gander-0123456789abcdef.new/p.txt
mkdir .gander-fedcba9876543210.new .gander-fedcba9876543210.new/state
echo x >.gander-fedcba9876543210.new/recipe.ini # as a killed start leaves it
sh_try 0 "" "$T -o out3"
is_there .gander-0123456789abcdef.new/p.txt
is_gone .gander-fedcba9876543210.new
rm -r .gander-0123456789abcdef.new

# 3: what a run was started with can be read again (more of it: test_recipe.c, fuzz_recipe.c).
blanks=$(printf '%200s' '')
long=" dense$blanks 784 sigmoid # $(printf '%0300d' 0)"
for value in "generator.layers=$long" "train.optimizer=adam 1e-3 0$blanks 0.99" \
    "train.r1=0.1$(printf '%0300d' 0)"; do
    rm -rf odd
    $T -o odd --set "$value" && timeout 60 $g train --resume odd -q && timeout 60 $g sample odd -n 1 >/dev/null && ok ||
        bad "cannot be read again: $value"
done
for value in "$(printf 'a\nb')" "$(printf 'a\177b')" "$(printf 'a\377b')" "$(printf '%0300d' 0)"; do
    sh_try 2 "data.set = .*must be" "$T -o x --set 'data.set=$value'"
done

# 4: a run whose checkpoints are gone is not begun again over its model.
cp -r run bare && rm bare/state/0*
before=$(digest bare)
try 1 "bare: nothing to resume" train --resume bare --iterations 9
[ "$(digest bare)" = "$before" ] && ok || bad "a run without checkpoints was changed"

# 5: a damaged line of the metrics is kept aside, and the others stay.
$T -o five --iterations 20 --set train.log_every=2
cp -r five damaged && sed -i '3s/.*/{"iteration":6,"loss_/' damaged/metrics.jsonl
sh_try 0 "damaged/metrics.jsonl:3: is damaged" "timeout 60 $g train --resume damaged --iterations 1"
sed 3d five/metrics.jsonl | cmp -s - damaged/metrics.jsonl && ok || bad "lines beside a damaged one are gone"
grep -q '"iteration":6,"loss_$' damaged/metrics.jsonl.damaged && ok || bad "the damaged line is gone"
sh_try 0 "nothing to do: 20 iterations are done, and 1 are asked for" "timeout 60 $g train --resume damaged --iterations 1"

# 6: closed standard streams.
sh_try 0 "" "$T -o closed --iterations 20 --set train.log_every=10 <&- >&-"
[ "$(grep -vc '^{"iteration"' closed/metrics.jsonl)" = 0 ] && ok || bad "something else in metrics.jsonl"

# 7: the remedy works.
sh_try 1 "get it with: gander data fetch mnist" "HOME=$work/nobody XDG_CACHE_HOME= timeout 60 $g data mnist"

# 8: nobody's file is followed or used for writing.
echo precious >victim && ln -s victim h.png.tmp && echo mine >g.png.tmp
sh_try 0 "" "timeout 60 $g sample run -o h.png && timeout 60 $g sample run -o g.png"
[ "$(cat victim g.png.tmp)" = "$(printf 'precious\nmine')" ] && ok || bad "a file of the user's was overwritten"
ln -s victim k.png
sh_try 1 "is there already" "timeout 60 $g sample run -o k.png"
sh_try 0 "" "timeout 60 $g sample run -o k.png --force"
[ "$(cat victim)" = precious ] && ok || bad "a link was followed"
mkfifo pipe.png
sh_try 1 "is not a regular file" "timeout 60 $g sample run -o pipe.png --force"
is_there pipe.png

# 9: odd places for a run.
mkdir empty9 elsewhere && ln -s ../elsewhere empty9/link && ln -s nowhere dangling
sh_try 2 "the folder you are in" "cd elsewhere && $T -o ."
sh_try 2 "empty name" "$T -o ''"
sh_try 0 "" "$T -o empty9/link"
is_there elsewhere/model.safetensors empty9/link/recipe.ini
sh_try 1 "dangling: cannot be used" "$T -o dangling"
sh_try 1 "full/deep/run: the run cannot be begun: File too large" "(trap '' XFSZ; ulimit -f 0; $T -o full/deep/run) 2>&1 | cat; false"
is_gone full
no_leftovers . empty9 elsewhere

# 10: a pipe is not read.
mkfifo pipe
sh_try 1 "pipe: is not a regular file" "timeout 60 $g train $small --data ./pipe -q -o x"
sh_try 1 "pipe: is not a regular file" "timeout 60 $g sample pipe"
sh_try 1 "pipe: is not a regular file" "timeout 60 $g train ./pipe -o x"
cp -r five piped && rm piped/metrics.jsonl && mkfifo piped/metrics.jsonl
sh_try 1 "metrics.jsonl: is not a regular file" "timeout 60 $g train --resume piped --iterations 30 -q"

# 11: what a killed process left in a run is swept when it goes on.
cp -r five killed && touch killed/state/.gander-0123456789abcdef.tmp killed/.gander-00000000deadbeef.tmp killed/state/mine.tmp
sh_try 0 "" "timeout 60 $g train --resume killed --iterations 30 -q"
no_leftovers killed
is_there killed/state/mine.tmp

# 12: no word from outside reaches the terminal as it came.
esc=$(printf '\033')
mkdir "esc$esc[31m" && cp good.idx "esc$esc[31m/images-idx3-ubyte"
printf '%s' '{"__metadata__":{"a\u001b[31m":"b\u001b[2J\u009b1m\nc\u001b"},"t\u001b[0m":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}' >head
{
    printf "\\$(printf %03o "$(wc -c <head)")\000\000\000\000\000\000\000"
    cat head
    printf '\000\000\200\077'
} >esc.safetensors
for words in "info esc.safetensors" "data ./esc$esc[31m" "tra${esc}n" "data $esc" "train --$esc" "train nothing$esc" \
    "train $small --data ./esc$esc[31m --iterations 1 -o escaped"; do
    timeout 60 $g $words >out 2>&1 || true
    if [ ! -s out ] || grep -q "$esc" out || LC_ALL=C grep -q "$(printf '\302\233')" out; then bad "$words: raw or empty"; else ok; fi
done
[ "$($g info esc.safetensors | grep -c .)" = 5 ] && ok || bad "info of odd names: $($g info esc.safetensors)"
$g "$(printf '%05000d' 0)" 2>err || true
[ "$(wc -c <err)" -lt 700 ] && grep -q "see gander --help" err && ok || bad "a long word: $(head -c 300 err)"

# 13: a closed terminal saves; what was ignored stays ignored.
for number in HUP TERM; do
    rm -rf live
    $g train "$small" $data -q -o live --iterations 1000000000 2>err &
    child=$!
    wait_for_checkpoint live
    kill -INT $child # a background job of a script ignores it
    kill -$number $child
    got=0
    wait $child || got=$?
    [ $got = 1 ] && grep -q "everything is saved" err && ok || bad "$number: $got $(cat err)"
done
sh_try 0 "" "trap '' HUP; $g train $small $data -q -o hup --iterations 300 & sleep 0.2; kill -HUP \$! 2>/dev/null; wait \$!"

# 14: more memory than there is is refused before it is taken, and before a run is there.
no_shadow() { (ulimit -v 2000000 && "$gander" --version >/dev/null 2>&1); } # a sanitizer needs more than that
if no_shadow; then
    sh_try 1 "needs [0-9.]+ GB of memory, and there are 8.2 GB" \
        "ulimit -v 8000000; $T -o huge --set train.batch=65536 --set 'generator.layers=dense 20000 relu; dense 20000 relu; dense 784 sigmoid'"
    sh_try 1 "training: needs [0-9.]+ GB of memory, and there are 2.0 GB" \
        "ulimit -v 2000000; $T -o huge --set train.batch=4096 --set 'generator.layers=dense 9000 relu; dense 9000 relu; dense 784 sigmoid'"
else
    echo "SKIP: memory that is refused, under a sanitizer"
fi
is_gone huge

# 15: what cannot be is refused before it is drawn.
sh_try 2 "at most 16384 a side" "timeout 5 $g sample run -n 4000000 -o w.png"
sh_try 2 "at most 16384 a side" "timeout 5 $g sample run -n 10000000"
is_gone w.png
if no_shadow; then
    sh_try 0 "" "ulimit -v 2000000; timeout 120 $g sample run -n 300000 -o many.idx --threads 1; test \$(wc -c <many.idx) = 235200016"
    rm -f many.idx
fi

# 16: no form of the kernels.
sh_try 2 "GAN_ISA=foo: not a form" "GAN_ISA=foo $g bench --peak --seconds 0.1"

# 17: the same everywhere.
cp "$small" .hidden.ini
sh_try 0 "" "timeout 60 $g train .hidden.ini $data --iterations 1 -q"
is_there runs/hidden-1
name=$(printf '%0250d' 0)
sh_try 0 "" "$T -o $name"
cp "$small" "$name.ini" 2>/dev/null && sh_try 0 "" "timeout 60 $g train ./$name.ini $data --iterations 1 -q"
sh_try 0 "" "$T -o exact --iterations 1e0"
sh_try 2 "minutes 0x1p3: must be a number" "$T -o x --minutes 0x1p3"
sh_try 2 "iterations  1: must be a whole number" "$T -o x --iterations ' 1'"
sh_try 2 "other-arithmetic goes with --resume" "$T -o x --other-arithmetic"
$T -o ten --set train.r1=0.10 && sed -i 's/^r1 = .*/r1 = 0.100/' ten/recipe.ini
sh_try 0 "" "timeout 60 $g train --resume ten --iterations 2 -q"
is_gone x
# Classes.
$g train conditional --data strokes --set train.batch=2 --set train.spread_every=1000 --iterations 1 -q -o classes
sh_try 1 "exact: knows no classes" "$g sample exact --class 1"
sh_try 2 "class 10: the model's are 0 to 9" "$g sample classes --class 10"
sh_try 2 "class seven: must be a" "$g sample classes --class seven"
sh_try 2 "class and --reconstruct do not go together" "$g sample classes --class all --reconstruct"
sh_try 0 "" "$g sample classes --class all -n 2 -o ten-images.idx"
[ "$(od -An -tu1 -j8 ten-labels.idx | tr -d ' \n')" = 00112233445566778899 ] && ok || bad "labels of --class all"
sh_try 1 "three-labels.idx: is there already" "cp ten-labels.idx three-labels.idx && $g sample classes -n 3 -o three-images.idx"
is_gone three-images.idx
sh_try 0 "" "$g sample classes -n 12 -o pngs"
is_there pngs/1/000011.png
is_there pngs/9/000009.png
finish
