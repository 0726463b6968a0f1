#!/bin/sh
# The same bytes from gcc and clang, at -O2 and -O3: builds the program four ways, and each of them must
# reach tests/cli/bytes.txt with every form of the kernels that this processor has.
set -eu
cd "$(dirname "$0")/.."
for cc in gcc clang; do
    for level in 2 3; do
        build=build-lint-$cc-O$level
        CC=$cc cmake -S . -B $build -G Ninja -DBUILD_TESTING=OFF -DCMAKE_C_FLAGS_RELEASE=-O$level >/dev/null
        cmake --build $build --target gander digest >/dev/null
        printf '%s -O%s: ' $cc $level
        SHORT=1 sh tests/cli/bytes_test.sh "$PWD/$build/gander" "$PWD" "$PWD/$build/digest"
    done
done
