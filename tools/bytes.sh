#!/bin/sh
# The same bytes from gcc and clang, at -O2 and -O3: builds the program three more ways (gcc at -O3 is the usual one, whose
# cli/same_bytes asks for more), and each of them must reach tests/cli/bytes.txt with every form of the kernels that this
# processor has.
set -eu
cd "$(dirname "$0")/.."
for way in 'gcc 2' 'clang 2' 'clang 3'; do
    cc=${way% *} level=${way#* }
    build=build-lint-$cc-O$level
    CC=$cc cmake -S . -B $build -G Ninja -DBUILD_TESTING=OFF -DCMAKE_C_FLAGS_RELEASE=-O$level >/dev/null
    cmake --build $build --target gander digest >/dev/null
    printf '%s -O%s: ' $cc $level
    SHORT=1 sh tests/cli/bytes_test.sh "$PWD/$build/gander" "$PWD" "$PWD/$build/digest"
done
