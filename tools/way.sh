#!/bin/sh
# way.sh COMPILER LEVEL [TARGET...]: builds all, or those targets, by that compiler at that level of optimisation, where a warning is
# an error; prints the folder. gcc at -O3 is the usual build, where warnings stay errors from then on.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { echo "usage: way.sh COMPILER LEVEL [TARGET...]" >&2; exit 2; }
cc=$1 level=$2
shift 2
command -v "$cc" >/dev/null || { echo "way: no compiler $cc here; sh tools/deps.sh install \"build lint\" has gcc and clang" >&2; exit 1; }
build=build-lint-$cc-O$level
[ $cc$level != gcc3 ] || build=build
trap 'rm -f $build.log' EXIT
CC=$cc cmake -S . -B $build -G Ninja -DGAN_WERROR=ON -DGAN_LEVEL=$level -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >$build.log 2>&1 &&
    cmake --build $build ${1:+--target "$@"} >>$build.log 2>&1 || { cat $build.log >&2; exit 1; }
echo $build
