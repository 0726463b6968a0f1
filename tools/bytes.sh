#!/bin/sh
# The same bytes from gcc and clang, at -O2 and -O3: builds the program three more ways (gcc at -O3 is the usual one, whose
# cli/same_bytes asks for more), and each of them must reach tests/cli/bytes.txt with every form of the kernels that this
# processor has. Two are tried at a time.
set -eu
cd "$(dirname "$0")/.."
ways='gcc 2
clang 3
clang 2'
echo "$ways" | while read -r way; do
    sh tools/way.sh $way gander digest >/dev/null
done
echo "$ways" | SHORT=1 xargs -P 2 -L 1 sh -c '
    build=$PWD/build-lint-$0-O$1
    said=$(sh tests/cli/bytes_test.sh "$build/gander" "$PWD" "$build/digest" 2>&1) && code=0 || code=1
    printf "%s -O%s:\n%s\n" "$0" "$1" "$said"
    exit $code'
