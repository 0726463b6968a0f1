#!/bin/sh
# Writes tests/cli/bytes.txt anew: only together with a raised arithmetic number, or a changed recipe.
# usage: make_bytes.sh build/gander SOURCE_DIR
. "$(dirname "$0")/lib.sh"
small=$source_dir/tests/cli/small.ini
row() { # name, arguments of gander train
    name=$1
    shift
    rm -rf run
    "$gander" train "$@" -o run -q
    echo "$name $(cat run/model.safetensors run/metrics.jsonl | sha256sum | cut -d' ' -f1)"
}
{
    for recipe in article steady; do
        row $recipe $recipe --set data.set=strokes --set train.log_every=100 --set train.checkpoint_every=1000 --iterations 500
    done
    row small "$small"
    for objective in minimax nonsaturating; do
        row small-$objective "$small" --set train.objective=$objective --set train.r2=0
    done
} >"$source_dir/tests/cli/bytes.txt"
