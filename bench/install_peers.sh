#!/bin/sh
# The peers that `make bench`'s rows ask for, at pinned versions, into bench/.peers (which git ignores).
#     install_peers.sh [ROW...]        no ROW: all of them
set -eu
cd "$(dirname "$0")"
python3 -c 'import ensurepip' 2>/dev/null || {
    echo "bench-peers: python3-venv is missing; sh tools/deps.sh install bench" >&2
    exit 1
}
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "bench-peers: the pinned peers need Python 3.11 or newer" >&2
    exit 1
}
[ $# -gt 0 ] || set -- A16 A64 A128 S16 S64 B C D R SAMPLE START NEAR LOAD
WANTED=numpy
for row; do
    case $row in
    A*) WANTED="$WANTED torch jax tensorflow-cpu keras" ;;
    S16 | S64 | START) WANTED="$WANTED torch jax tensorflow-cpu" ;;
    B | C | D | R) WANTED="$WANTED torch jax" ;;
    SAMPLE) WANTED="$WANTED onnx onnxruntime" ;;
    LOAD) WANTED="$WANTED pillow" ;;
    BOARD) WANTED="$WANTED tensorboard" ;; # no row of the benchmark: tests/cli/board_test.sh reads with it
    NEAR) WANTED="$WANTED scipy scikit-learn prdc" ;;
    *)
        echo "bench-peers: no row $row" >&2
        exit 2
        ;;
    esac
done
[ -x .peers/bin/python ] || python3 -m venv .peers
installed() { # as requirements.txt writes names; pip may put _ for -
    .peers/bin/pip freeze --disable-pip-version-check 2>/dev/null | tr _ -
}
PINNED=
MB=0
for name in $(echo "$WANTED" | tr ' ' '\n' | sort -u); do
    line=$(sed -n "s/^\($name==[^ ]*\).*/\1/p" peers/requirements.txt)
    installed | grep -qx "$line" && continue
    PINNED="$PINNED $line"
    MB=$((MB + $(sed -n "s/^$name==.*# \([0-9]*\) MB.*/\1/p" peers/requirements.txt)))
done
[ -z "$PINNED" ] || {
    echo "bench-peers:$PINNED: downloads some $MB MB into bench/.peers (rm -rf bench/.peers to be rid of it)."
    case $PINNED in *torch*) echo "bench-peers: most of PyTorch is CUDA, which comes along: the index has no smaller one." ;; esac
    .peers/bin/pip install --quiet --disable-pip-version-check $PINNED
}
for name in $(echo "$WANTED" | tr ' ' '\n' | sort -u); do
    echo "bench-peers: $(installed | grep "^$name==")"
done
