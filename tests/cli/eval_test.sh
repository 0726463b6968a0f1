#!/bin/sh
# gander eval: of an IDX file, a run, features; the same figures for any number of threads and form; what is wrong gets a line.
# SHORT=1: one net alone is made.
. "$(dirname "$0")/lib.sh"
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME

# n pictures of 8 x 8, of two classes: a bright stripe across or down, at a place of its own; from number `first` on.
make_stripes() { # n, first, file
    for kind in images labels; do
        LC_ALL=C awk -v n="$1" -v first="$2" -v kind=$kind 'BEGIN {
            # awk cannot print a zero byte everywhere: octal for printf(1)
            printf "\\000\\000\\010\\%03o", kind == "images" ? 3 : 1
            printf "\\000\\000\\%03o\\%03o", int(n / 256), n % 256
            if (kind == "images") printf "\\000\\000\\000\\010\\000\\000\\000\\010"
            for (i = first; i < first + n; i++) {
                if (kind == "labels") { printf "\\%03o", i % 2; continue }
                s = (i * 7919 + 17) % 65536
                for (y = 0; y < 8; y++)
                    for (x = 0; x < 8; x++) {
                        s = (s * 1103 + 12345) % 65536
                        v = int(s / 1024) + ((i % 2 ? x : y) == int(i / 2) % 8 ? 128 : 0)
                        printf "\\%03o", v
                    }
            }
        }' | { read -r text || :; printf "$text"; } >"$(echo "$3" | sed "s/images/$kind/")"
    done
}

# The figure of a measure in eval.json.
figure() { # file, key, side
    awk -v key="\"$2\":" -v side="\"$3\":" '$1 == key {inside = 1} inside && $1 == side {found = 1}
        found && $1 == "\"value\":" {gsub(/,/, "", $2); print $2; exit}' "$1"
}
between() { awk -v x="$1" -v a="$2" -v b="$3" 'BEGIN {exit !(x != "" && x >= a && x <= b)}'; }
expect() { # what, value, low, high
    between "$2" "$3" "$4" && ok || bad "$1 is $2, not from $3 to $4"
}

make_stripes 900 0 train-images.idx
make_stripes 400 900 images.idx
cp train-images.idx copies.idx
"$gander" eval images.idx --data train-images.idx -o a.json --closest c.png --features f.npy --threads 1 >out 2>err && ok || bad "eval: $(cat err)"
grep -q 'making the net' err && ok || bad "the first eval says nothing of the net it makes"
expect "accuracy on held-out stripes" "$(awk '$1 == "\"accuracy\":" {gsub(/,/, "", $2); print $2}' a.json)" 0.95 1
expect "precision of the same stripes" "$(figure a.json precision samples)" 0.6 1
expect "missing classes" "$(figure a.json missing samples)" 0 0
grep -q 'Never compare' out && ok || bad "the print-out does not say what its figures must not be compared with"
[ -f c.png ] && [ -f f.npy ] && [ -f f-real.npy ] && ok || bad "--closest or --features wrote nothing"

if [ -z "${SHORT:-}" ]; then # under a sanitizer making nets takes minutes
# The net is made once, and the figures are the same for any number of threads and form.
for form in portable avx2 avx512; do
    GAN_ISA=$form "$gander" --version | grep -q none && continue
    for threads in 1 2 3; do
        GAN_ISA=$form GAN_CROWDED=1 "$gander" eval images.idx --data train-images.idx -o b.json --force --threads $threads >out 2>err
        [ ! -s err ] && cmp -s a.json b.json && ok || bad "$form, $threads threads: other figures: $(cat err)"
    done
done

# A damaged net in the cache is made anew, the same.
for f in cache/gander/features/*; do head -c 1000 "$f" >cut && mv cut "$f"; done
"$gander" eval images.idx --data train-images.idx -o b.json --force >out 2>err
cmp -s a.json b.json && grep -q 'making the net' err && ok || bad "a damaged net: $(cat err)"

# Labelled samples that are real pictures teach a classifier; with another's labels they mislead it.
"$gander" eval images.idx --data train-images.idx --augment --draws 2 -o augment.json >out 2>err && ok || bad "augment: $(cat err)"
for row in none 10 100 all; do grep -qE "^$row .*\+-" out && ok || bad "augment: no row $row: $(cat out)"; done
grep -qE '^1000 ' out && bad "augment: 1,000 of a class that has 450" || ok
"$gander" eval copies.idx --data train-images.idx --augment 2>err && bad "augment without labels" || ok
grep -q 'samples without labels teach no classifier' err && ok || bad "augment without labels: $(cat err)"
score() { awk '/"each": 0/ {inside = 1} inside && /"with":/ {gsub(/[^0-9.]/, "", $2); print $2; exit}' "$1"; }
expect "accuracy score of real samples" "$(score augment.json)" 0.95 1

# Training pictures given back are seen as copies; without labels the net tells turns.
"$gander" eval copies.idx --data train-images.idx -n 300 -o copies.json >out 2>err
[ "$(figure copies.json near_copies samples)" = null ] && ok || bad "copying is told by pictures that were perhaps trained on"
mkdir both && cp train-images.idx both/train-images-idx3-ubyte && cp images.idx both/t10k-images-idx3-ubyte
"$gander" eval copies.idx --data both -n 300 -o copies.json --force >out 2>err
expect "near copies of a copier" "$(figure copies.json near_copies samples)" 0.5 1
mkdir bare && cp train-images.idx bare/images-idx3-ubyte
"$gander" eval images.idx --data bare -o turns.json >out 2>err && ok || bad "without labels: $(cat err)"
grep -q 'needs a net that tells classes' out && ok || bad "without labels the score is not refused"
[ -n "$(figure turns.json fid samples)" ] && ok || bad "without labels there is no FID"
fi

# A folder of PNGs, by class or not, is a set like any other.
"$gander" train "$source_dir/tests/cli/small.ini" --iterations 1 -q -o drawn
"$gander" sample drawn -n 12 -o pictures
"$gander" sample drawn -n 12 -o pictures.idx
"$gander" data pictures >a && "$gander" data pictures.idx >b
[ "$(grep -o 'sha256.*' a)" = "$(grep -o 'sha256.*' b)" ] && [ -n "$(grep -o 'sha256.*' a)" ] && ok || bad "PNGs are not the IDX file's pictures: $(cat a b)"
mkdir classes && cp -r pictures classes/b && mkdir classes/a && cp pictures/000003.png classes/a/x.PNG
"$gander" data classes >a && grep -q 'classes *2' a && grep -qE '^ +0 +1  a$' a && grep -qE '^ +1 +12  b$' a && ok || bad "classes: $(cat a)"
echo no >pictures/000004.png
"$gander" data pictures >a && grep -q '^images *11 of' a && grep -q 'left out: 000004.png: is neither a PNG' a && ok || bad "a broken PNG: $(cat a)"
got=0; "$gander" data pictures --set data.broken=refuse >a 2>err || got=$?
[ $got = 1 ] && grep -q '000004.png: is neither a PNG' err && ok || bad "a broken PNG is not refused: $(cat err)"
"$gander" data pictures --set "data.size=20 31" --set data.gray=off >a && grep -q '^images *11 of 20 x 31 x 3' a && ok || bad "another size: $(cat a)"

# Features of any net.
"$gander" eval --features-from f.npy --real f-real.npy -o features.json >out 2>err && ok || bad "features: $(cat err)"
[ "$(figure features.json fid samples)" = "$(figure a.json fid samples)" ] && ok || bad "features give another FID than pictures"

# Points: a run of them is drawn as a plot or as numbers, and measured without a net; modes are counted.
"$gander" train ring --iterations 2 -q -o points
head -c 8 points/samples/000000.png | grep -q PNG && ok || bad "no plot of points"
"$gander" sample points -n 300 -o points.npy && "$gander" sample points -o points.png && ok || bad "samples of points"
"$gander" eval points -n 300 >out 2>err && grep -q 'modes found' out && [ ! -s err ] && ok || bad "eval of points: $(cat err)"
expect "modes of the test points" "$(figure points/eval.json modes held_out)" 8 8
expect "high quality of the test points" "$(figure points/eval.json quality held_out)" 0.96 1
"$gander" data grid >out && grep -q 'of 25 modes' out && ok || bad "data grid: $(cat out)"
"$gander" bench modes ring --seeds 1 --threads 1 --set train.iterations=3 --keep kept >out 2>err && [ "$(wc -l <kept)" = 4 ] && ok || bad "bench modes: $(cat err)"
"$gander" bench modes ring --seeds 1 --threads 1 --set train.iterations=3 --keep kept >again 2>err && [ ! -s err ] && cmp -s out again && ok || bad "bench modes runs what it kept: $(cat err)"
"$gander" bench modes ring --seeds 1 --threads 1 --set train.iterations=2 --keep kept >out 2>err && [ "$(grep -c . err)" = 4 ] && ok || bad "bench modes takes another recipe's figures: $(cat err)"
tail -n 1 kept | head -c 20 >cut && head -n 7 kept >whole && cat whole cut >kept # a kill tore the last line
"$gander" bench modes ring --seeds 1 --threads 1 --set train.iterations=2 --keep kept >again 2>err && [ "$(grep -c . err)" = 1 ] && cmp -s out again && ok || bad "bench modes and a torn line: $(cat err)"
"$gander" bench modes ring --seeds 1 --threads 1 --set train.iterations=2 --keep kept >again 2>err && [ ! -s err ] && ok || bad "bench modes lost what it kept behind a torn line: $(cat err)"
"$gander" bench modes ring --seeds 1 --threads 1 --row minimax --set train.iterations=1 --set 'generator.init=normal 1e-30' >out 2>err && grep -q '0.0 +- 0.0 of 8' out && ok || bad "bench modes of a collapsed run: $(cat err)"
if [ -w /dev/full ]; then
    got=0; "$gander" bench modes ring --seeds 1 --threads 1 --row minimax --set train.iterations=1 --keep /dev/full >out 2>err || got=$?
    [ $got = 1 ] && grep -q '/dev/full: No space left' err && ok || bad "bench modes on a full disk: $got: $(cat err)"
fi

# A run that measures itself: rows in metrics.jsonl, the best model kept, the same where it is taken up again; an end where
# nothing gets better.
watched="--set train.eval_every=10 --set train.eval_samples=500 --set train.schedule=constant --set train.checkpoint_every=7 --threads 1 -q"
"$gander" train ring $watched --iterations 40 -o watched
rows=$(sed -n 's/.*"iteration":\([0-9]*\).*"fid":\([0-9.e-]*\).*"recall":.*"modes":.*"quality":.*/\1 \2/p' watched/metrics.jsonl)
[ "$(echo "$rows" | cut -d' ' -f1 | tr '\n' ' ')" = "10 20 30 40 " ] && ok || bad "evaluations: $rows"
best=$(echo "$rows" | sort -g -k2 | head -n 1 | cut -d' ' -f1)
"$gander" info watched/best.safetensors | grep -q "iteration *$best$" && ok || bad "best.safetensors is not of $best: $(echo "$rows")"
"$gander" sample watched/best.safetensors -n 5 -o best.npy && ok || bad "the best model draws nothing"
"$gander" train ring $watched --iterations 15 --set train.schedule_iterations=40 -o resumed
"$gander" train --resume resumed --iterations 40 -q
cmp -s resumed/metrics.jsonl watched/metrics.jsonl && ok || bad "resumed: other evaluations"
cmp resumed/best.safetensors watched/best.safetensors >why 2>&1 && ok || bad "resumed: another best model: $(cat why)"
"$gander" train ring $watched --iterations 100 --set train.patience=2 --set 'train.optimizer=sgd 1e-12 0' -o still >out
grep -c '"fid"' still/metrics.jsonl | grep -qx 3 && ok || bad "patience: $(cat out)"
"$gander" train --resume still -q && grep -c '"fid"' still/metrics.jsonl | grep -qx 3 && ok || bad "patience: a resumed run goes on"

# A run: drawn, measured, and eval.json stands in it.
"$gander" train "$source_dir/tests/cli/small.ini" --iterations 1 -q -o run
wrong() { # code, pattern, arguments
    code=$1 pattern=$2
    shift 2
    got=0
    "$gander" eval "$@" >out 2>err || got=$?
    [ $got = "$code" ] && grep -qE -- "$pattern" err && ok || bad "eval $*: $got: $(cat err)"
}
wrong 1 'pictures of 28 x 28 x 1, and .* has 8 x 8 x 1' run --data train-images.idx
wrong 2 'what is to be measured' --data train-images.idx
wrong 1 'makes points, and the data is pictures' points --data train-images.idx
wrong 1 'is pictures, and the data points' images.idx --data ring
wrong 1 'closest: is for pictures' points --closest p.png
wrong 2 'is no run or model: --data' images.idx
wrong 1 'is there already' images.idx --data train-images.idx -o a.json
mkdir sizes && cp train-images.idx sizes/train-images-idx3-ubyte && cp pictures.idx sizes/t10k-images-idx3-ubyte
wrong 1 'held-out pictures of 28 x 28 x 1, the data.s are 8 x 8 x 1' images.idx --data sizes
"$gander" eval copies.idx --data train-images.idx -n 100 -o part.json >out 2>err # of pictures sorted by class, say
expect "missing classes of a part" "$(figure part.json missing samples)" 0 0
rm -f f.npy
wrong 1 'f-real.npy: is there already' images.idx --data train-images.idx --features f.npy
"$gander" eval images.idx --data train-images.idx --features f.npy --force >out 2>err
{ head -c 128 f.npy; printf '\377\377\377\377\377\377\377\377'; tail -c +137 f.npy; } >nan.npy
wrong 2 'held-out pictures: row 0, column 0 is not a finite' --features-from f.npy --real f-real.npy --held-out nan.npy
{ head -c 128 f.npy; printf '\0\0\0\0\0\0\360\137'; tail -c +137 f.npy; } >huge.npy
wrong 2 'row 0, column 0 is not a finite number, or beyond 1e75' --features-from huge.npy --real f-real.npy
wrong 2 'fewer pictures than -n' images.idx --data train-images.idx -n 5000
wrong 1 'cannot be opened' nothing.idx --data train-images.idx
wrong 1 'nowhere/x.json: cannot be written' images.idx --data train-images.idx -o nowhere/x.json
[ ! -s out ] && ok || bad 'measured for a place that is not there'
wrong 2 'go together' --features-from f.npy
wrong 2 'measured as they are' --features-from f.npy --real f.npy -n 5
wrong 1 'not a .npy file' --features-from images.idx --real f.npy
head -c 500 f.npy >cut.npy
wrong 1 'bytes of numbers, and' --features-from cut.npy --real f.npy
wrong 1 'draws no samples' "$(ls cache/gander/features/*.safetensors | head -n 1)" --data train-images.idx
finish
