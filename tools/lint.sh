#!/bin/sh
# Layers and size, then a build without a warning by gcc and by clang, then clang-tidy.
set -eu
cd "$(dirname "$0")/.."
sh tools/check_layers.sh
for cc in gcc clang; do
    echo "lint: $cc"
    CC=$cc cmake -S . -B build-lint-$cc -G Ninja -DGAN_WERROR=ON -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
    cmake --build build-lint-$cc >build-lint-$cc.log || { cat build-lint-$cc.log; exit 1; }
    rm -f build-lint-$cc.log
done
echo "lint: clang-tidy"
git ls-files 'src/base/*.c' 'src/graph/*.c' 'src/plan/*.c' 'src/nn/*.c' 'src/file/*.c' 'src/data/*.c' \
    'src/recipe/*.c' 'src/game/*.c' 'src/train/*.c' 'src/run/*.c' 'src/measure/*.c' 'src/inspect/*.c' 'src/look/*.c' 'src/doctor/*.c' 'src/board/*.c' 'src/page/*.c' 'cli/*.c' |
    xargs -P 2 -n 8 clang-tidy -p build-lint-clang --quiet --warnings-as-errors='*' 2>/dev/null
echo "lint: clean"
