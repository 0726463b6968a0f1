#!/bin/sh
# docs/gallery.md's runs: folders of pictures made from known sets, `gander train FOLDER` and nothing else on each, then a grid of samples, the
# samples nearest to a training picture, and the figures.
#
# usage: gallery.sh GANDER SHAPES DATA WORK MINUTES [NAME...]
#        SHAPES: the tests' program of that name. DATA: a folder with twemoji/72x72, crawl-tiles, fashion-mnist, cifar10, quickdraw6.
#        WORK keeps folders, runs and figures: started again, it makes what is not there.
set -eu
gander=$1 shapes=$2 data=$3 work=$4 minutes=$5
shift 5
names=${*:-emoji few few-plain tiles shapes cifar10 fashion quickdraw}
mkdir -p "$work/pictures" "$work/runs"

# Every tenth of a folder's pictures goes to test/, the others to train/: kept back, so that copying can be measured.
split() { # FROM FOLDER
    (cd "$1" && find . -name '*.png' | LC_ALL=C sort) | awk '{print (NR % 10 ? "train/" : "test/") substr($0, 3)}' | while read -r to; do
        mkdir -p "$2/$(dirname "$to")"
        cp "$1/${to#*/}" "$2/$to"
    done
}

make_pictures() { # NAME FOLDER
    case $1 in
    emoji) split "$data/twemoji/72x72" "$2" ;;
    tiles) split "$data/crawl-tiles" "$2" ;;
    fashion | quickdraw)
        set=fashion-mnist
        [ "$1" = fashion ] || set=quickdraw6
        "$gander" data "$data/$set" -o "$2-all" >"$2.txt"
        split "$2-all" "$2"
        ;;
    cifar10)
        mkdir "$2"
        for part in data_batch_1 data_batch_2; do gunzip -c "$data/cifar10/$part.bin.gz" >"$2/$part.bin"; done
        gunzip -c "$data/cifar10/test_batch_first1000.bin.gz" >"$2/test_batch.bin"
        ;;
    shapes)
        mkdir "$2-all"
        "$shapes" "$2-all" 2000
        split "$2-all" "$2"
        ;;
    few) # a hundred faces, and those that are left to test with
        mkdir -p "$2/train" "$2/test"
        ls "$data/twemoji/72x72" | LC_ALL=C sort | grep -E '^1f(6[0-3][0-9a-f]|64[0-4]|91[0-7]|92[0-9a-f]|97[0-9a]|ae[0-9])\.png' |
            awk '{print (NR % 8 && n++ < 100 ? "train " : "test ") $0}' | while read -r part file; do cp "$data/twemoji/72x72/$file" "$2/$part/"; done
        ;;
    esac
}

for name in $names; do
    folder=$work/pictures/${name%-plain} run=$work/runs/$name
    if [ ! -e "$folder.made" ]; then
        make_pictures "${name%-plain}" "$folder"
        : >"$folder.made"
    fi
    plain=
    [ "$name" = "${name%-plain}" ] || plain="--set train.augment=none"
    if [ ! -e "$run.trained" ]; then
        "$gander" train "$folder" --minutes "$minutes" $plain -q -o "$run" --force
        : >"$run.trained"
    fi
    [ -e "$run.png" ] || "$gander" sample "$run" -n 36 -o "$run.png"
done
for name in $names; do
    run=$work/runs/$name
    [ -e "$run/eval.json" ] || "$gander" eval "$run" --closest "$run-closest.png" --force >"$run.txt"
    echo "$name: $(tail -n 1 "$run/metrics.jsonl" | sed 's/,.*//')}; $(grep -E '^(FID  |C_T|near copies|spread of)' "$run.txt" | sed 's/   */ /g' | tr '\n' ';')"
done
