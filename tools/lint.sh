#!/bin/sh
# Layers and size, then a build without a warning by gcc (which is the one that `make test` tests) and by clang, then clang-tidy.
set -eu
cd "$(dirname "$0")/.."
sh tools/check_layers.sh
for way in 'gcc 3' 'clang 3'; do
    echo "lint: $way"
    sh tools/way.sh $way >/dev/null
done
echo "lint: clang-tidy"
git ls-files 'src/base/*.c' 'src/graph/*.c' 'src/plan/*.c' 'src/nn/*.c' 'src/file/*.c' 'src/data/*.c' \
    'src/recipe/*.c' 'src/game/*.c' 'src/train/*.c' 'src/run/*.c' 'src/measure/*.c' 'src/inspect/*.c' 'src/look/*.c' 'src/doctor/*.c' 'src/board/*.c' 'src/page/*.c' 'cli/*.c' |
    xargs -P 2 -n 4 clang-tidy -p build-lint-clang-O3 --quiet --warnings-as-errors='*' 2>/dev/null
echo "lint: clean"
