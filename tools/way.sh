#!/bin/sh
# way.sh COMPILER LEVEL: a build folder for that compiler and level of optimisation, where a warning is an error; prints its name.
# gcc at -O3 is the usual build.
set -eu
cd "$(dirname "$0")/.."
build=build-lint-$1-O$2
[ "$1$2" != gcc3 ] || build=build
CC=$1 cmake -S . -B $build -G Ninja -DGAN_WERROR=ON -DGAN_LEVEL=$2 -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
echo $build
