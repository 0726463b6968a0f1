#!/bin/sh
# The same bytes from gcc and clang, at -O2 and -O3: builds the program three more ways (gcc at -O3 is the usual one, whose
# cli/same_bytes asks for more), and each of them must reach tests/cli/bytes.txt with every form of the kernels that this
# processor has.
set -eu
cd "$(dirname "$0")/.."
for way in 'gcc 2' 'clang 2' 'clang 3'; do
    build=$(sh tools/way.sh $way)
    cmake --build $build --target gander digest >/dev/null
    printf '%s: ' "$way"
    SHORT=1 sh tests/cli/bytes_test.sh "$PWD/$build/gander" "$PWD" "$PWD/$build/digest"
done
