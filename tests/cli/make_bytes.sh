#!/bin/sh
# Writes tests/cli/bytes.txt anew. The first two digests of a row, of tensors and of values, may change only together
# with a raised arithmetic number; the third, of files, also where a recipe or a metrics line gains a word. Behind them
# stand the keys whose values the second is of: of a new row all, of one that is there those that it has, so that a
# metric that joins changes the third digest alone.
# usage: make_bytes.sh build/gander SOURCE_DIR build/digest
. "$(dirname "$0")/lib.sh"
digests=$3
expected=$source_dir/tests/cli/bytes.txt
small=$source_dir/tests/cli/small.ini
row() { # name, arguments of gander train
    name=$1
    shift
    rm -rf run
    "$gander" train "$@" -o run -q
    keys=$(sed -n "s/^$name //p" "$expected" | cut -d' ' -f4-)
    [ -n "$keys" ] || keys=$(keys_of run)
    echo "$name" $(facts run $keys) $keys
}
long="--set data.set=strokes --set train.log_every=100 --set train.checkpoint_every=1000 --iterations 500"
{
    for recipe in article steady; do
        row $recipe $recipe $long
    done
    row small "$small"
    for objective in minimax nonsaturating; do
        row small-$objective "$small" --set train.objective=$objective --set train.r2=0
    done
    row vae vae $long
    for recipe in small_other small_vae small_norm small_turns small_few; do
        row $recipe "$source_dir/tests/cli/$recipe.ini"
    done
    make_pictures 40 pictures.idx
    for recipe in $picture_nets; do
        row $recipe $(pictures_of $recipe)
    done
} >bytes.txt
cp bytes.txt "$expected"
