#!/bin/sh
# A folder of pictures, from one command to a model: what is trained, that it can be killed and goes on, what is refused.
# usage: pictures_test.sh GANDER SOURCE_DIR SHAPES
shapes=$3
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME="$work/cache"
try() { # exit code, words in what it says, command...
    code=$1 words=$2
    shift 2
    got=0
    timeout 120 "$@" >out 2>err </dev/null || got=$?
    if [ $got = "$code" ] && { [ -z "$words" ] || cat out err | grep -qF -- "$words"; } && [ "$(cat err | wc -l)" -le 3 ]; then ok; else
        bad "$*: exit $got, not $code, or no '$words': $(head -c 600 err) $(head -c 300 out)"
    fi
}
same() { [ "$2" = "$3" ] && ok || bad "$1: $2, not $3"; }

# Sixty pictures in two folders; a few settings that make a test of it.
"$gander" train "$source_dir/tests/cli/small.ini" --iterations 1 -q -o drawn
"$gander" sample drawn -n 60 -o pictures
mkdir -p mine/a mine/b
for i in $(seq 0 59); do
    f=$(printf '%06d.png' $i)
    if [ $((i % 3)) = 0 ]; then mv pictures/$f mine/a/; else mv pictures/$f mine/b/; fi
done
few="--set train.log_every=5 --set train.grid_every=6 --set train.checkpoint_every=6 --set train.batch=4 --threads 2"

# As PNGs again: the same data. A folder that is there is not written into.
sha_of() { "$gander" data "$1" | grep '^sha256'; }
try 0 "" "$gander" data mine -o copy
same "written and read again" "$(sha_of copy)" "$(sha_of mine)"
same "classes keep their names" "$(ls copy)" "$(ls mine)"
try 1 "copy: is there already; name a new folder" "$gander" data mine -o copy
try 1 "has points, not pictures" "$gander" data ring -o points
try 1 "No such file" "$gander" data mine -o no/where

# One command.
try 0 "of 28 x 28 x 1" "$gander" train mine --iterations 12 $few
[ -f runs/mine-1/samples/000012.png ] && ok || bad "runs/mine-1 has no grid: $(ls runs)"
grep -q '^size = 28 28$' runs/mine-1/recipe.ini && grep -q '^augment = color translation cutout$' runs/mine-1/recipe.ini && ok ||
    bad "the recipe is not resolved: $(cat runs/mine-1/recipe.ini)"
want=$(digest runs/mine-1)
try 0 "" "$gander" train mine --iterations 12 $few -o again
same "twice the same" "$(digest again)" "$want"
try 0 "" "$gander" train runs/mine-1/recipe.ini --data mine/ $few -o fromini
same "its recipe.ini repeats it" "$(digest fromini)" "$want"
try 0 "" "$gander" train --data mine --iterations 12 $few --threads 1 -o byname
same "--data alone" "$(digest byname)" "$want"

# Stopped and gone on with; moved in between; a third of the pictures held out.
try 0 "" "$gander" train mine --iterations 7 $few --set train.schedule_iterations=12 -o halves
try 0 "" "$gander" train mine --iterations 12 $few --set train.schedule_iterations=12 -o whole
mv mine elsewhere
try 1 "cannot be opened" "$gander" train --resume halves --iterations 12
try 0 "" "$gander" train --resume halves --data elsewhere --iterations 12
same "stopped, moved, gone on with" "$(digest halves)" "$(digest whole)"
try 0 "40 images" "$gander" train elsewhere --iterations 2 $few --set data.holdout=0.33333 -o held

# Sides that no power of two divides.
mkdir shapes
"$shapes" shapes 40
try 0 "of 37 x 53 x 1" "$gander" train shapes --iterations 3 $few -o shaped
try 0 "" "$gander" sample shaped -n 4 -o shaped.png

# `data` in layer lines; the run's recipe has numbers.
cat >any.ini <<'INI'
[data]
set = mnist
[generator]
latent = 8
layers =
  dense data
  reshape data
  conv data 3 same sigmoid
[discriminator]
layers =
  dense 1
INI
try 0 "" "$gander" train any.ini --data shapes --iterations 1 -q -o any
same "data as numbers" "$(grep -E '^  (dense 1961|reshape 37 53 1|conv 1 3)' any/recipe.ini | wc -l)" 3
try 0 "" "$gander" sample any -n 1 -o any.png
try 2 "there are no shapes without them" "$gander" recipes any.ini --shapes
try 2 "no activation 'data'" "$gander" train any.ini --data shapes --set "discriminator.layers=pool data" -o wrong

# Where the pictures lie is known to the run.
try 0 "" "$gander" train vae --data elsewhere --iterations 1 -q -o coded
try 0 "" "$gander" sample coded --reconstruct -n 2 -o pairs.png

# Changed, added, gone: refused, and said.
cp -r halves h2
cp elsewhere/b/000001.png elsewhere/b/zzz.png
try 1 "it has 61 images, and had 60 when the run was trained on it" "$gander" train --resume h2 --iterations 20
rm elsewhere/b/zzz.png
try 0 "" "$gander" train --resume h2 --iterations 13
cp elsewhere/b/000002.png elsewhere/a/000000.png
try 1 "was trained on other data" "$gander" train --resume h2 --iterations 20

# Sizes and channels.
try 0 "of 37 x 53 x 1" "$gander" train elsewhere --iterations 2 $few --set "data.size=37 53" -o odd
try 0 "of 9 x 8 x 3" "$gander" train elsewhere --iterations 2 $few --set "data.size=9x8" --set data.gray=off -o tiny
try 0 "" "$gander" sample odd -n 4 -o odd.png
try 2 "must be auto, or height and width, 8 to 4096 each" "$gander" train elsewhere --set "data.size=4 4"
try 2 "is for sides of 8 to 256" "$gander" train elsewhere --set "data.size=300 300" -o x
try 0 "of 28 x 28 x 1" "$gander" train pictures --data elsewhere --iterations 1 $few -o named

# Samples by number, on the way from one to the next, nearer to the mean, from given noise.
"$gander" sample odd -n 12 -o twelve && "$gander" sample odd --pick 3,11,3 -o picked
cmp -s twelve/000003.png picked/000000.png && cmp -s twelve/000011.png picked/000001.png && cmp -s twelve/000003.png picked/000002.png && ok || bad "--pick"
"$gander" sample odd --interpolate 5 -n 3 --first 2 -o way
same "pictures on the way" "$(ls way | wc -l)" 10
cmp -s way/000000.png twelve/000002.png && cmp -s way/000004.png twelve/000003.png && cmp -s way/000009.png twelve/000004.png && ok || bad "--interpolate's ends"
cmp -s way/000001.png way/000000.png && bad "--interpolate does not move" || ok
"$gander" sample odd --truncation 0 -n 3 -o mean && cmp -s mean/000000.png mean/000002.png && ok || bad "--truncation 0"
"$gander" sample odd --truncation 1 -n 3 -o full && cmp -s full/000002.png twelve/000002.png && ok || bad "--truncation 1"
npy() { # rows, numbers: zeros
    { printf '\223NUMPY\001\000\166\000'; printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1, $2), }"; head -c $(($1 * $2 * 4)) /dev/zero; } >z.npy
}
npy 2 64
"$gander" sample odd --latents z.npy -o given && cmp -s given/000001.png mean/000000.png && ok || bad "--latents of zeros is not the mean"
npy 2 10
try 1 "z.npy: has rows of 10 numbers, the model draws from 64" "$gander" sample odd --latents z.npy
# Beside a sample the picture of the data that is nearest: a sample of the data's own model beside itself.
mkdir own && cp twelve/*.png own/
"$gander" sample odd --nearest -n 12 --data own -o pairs && cmp -s pairs/000000.png pairs/000001.png && cmp -s pairs/000022.png pairs/000023.png &&
    cmp -s pairs/000004.png twelve/000002.png && ok || bad "--nearest"
"$gander" sample odd --nearest --pick 7 --data own -o pair && cmp -s pair/000001.png twelve/000007.png && ok || bad "--nearest --pick"
try 1 "has pictures of 37 x 53 x 1, the model makes 28 x 28 x 1" "$gander" sample drawn --nearest --data own

# One after the other.
"$gander" sample odd --interpolate 4 -n 3 -o walk.apng && grep -q acTL walk.apng && same "pictures of the walk" "$(grep -ao fcTL walk.apng | wc -l)" 8
"$gander" sample runs/mine-1 --timelapse -o life.apng && same "grids of the run" "$(grep -ao fcTL life.apng | wc -l)" "$(ls runs/mine-1/samples | wc -l)"
try 2 "wants -o NAME.apng" "$gander" sample odd --timelapse
try 1 "is no run, or has no grids" "$gander" sample odd/model.safetensors --timelapse -o none.apng
try 1 "is there already" "$gander" sample odd --timelapse -o life.apng
try 2 "numbers of samples, parted by commas" "$gander" sample odd --pick 3,x
try 2 "do not go together" "$gander" sample odd --pick 3 --interpolate 4
try 2 "-n 2 at least" "$gander" sample odd --interpolate 4 -n 1

# Nets that do not make pictures of this size: what they make, and what would fit.
try 1 "makes 64 x 64 x 3, but an item of elsewhere is 28 x 28 x 1; the last line should make 1 channel" "$gander" train dcgan64 --data elsewhere -o y
try 1 "\`crop 40 40\` behind it would do" "$gander" train dcgan64 --data elsewhere --set "data.size=40 40" --set data.gray=off -o y
try 1 "--set \"data.size=64 64\" makes the pictures fit" "$gander" train dcgan64 --data elsewhere --set "data.size=72 72" --set data.gray=off -o y
try 0 "" "$gander" train dcgan64 --data elsewhere --set "data.size=64 64" --set data.gray=off --iterations 1 --set train.batch=2 -o y

# What is no folder of pictures.
mkdir none one && cp odd.png one/ && echo text >none/a.png
try 1 "none of 1 pictures can be read; the first: a.png: is neither a PNG, a JPEG nor a WebP picture" "$gander" train none
rm none/a.png
try 1 "no pictures here" "$gander" train none
try 0 "1 images of" "$gander" train one --iterations 2 $few -o single
echo text >one/broken.jpg
try 0 "left out: broken.jpg: is neither" "$gander" train one --iterations 1 $few -o skipped
try 1 "broken.jpg: is neither a PNG, a JPEG nor a WebP picture (data.broken = skip leaves it out)" "$gander" train one --set data.broken=refuse -o refused
try 2 "is a run; go on with it: gander train --resume odd" "$gander" train odd
try 1 "holds points" "$gander" train pictures --data ring -o points
try 2 "the data has none" "$gander" train conditional --data one -o conditional
ls -A | grep -q '^x$\|^refused$\|^points$\|^conditional$' && bad "a refused run left something: $(ls -A)" || ok
finish
