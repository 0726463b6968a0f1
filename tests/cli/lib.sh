# lib.sh - what the program's tests share. Sets: gander (the program), work (a folder that goes away).
set -eu
gander=$1
source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
passed=0

ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "FAILED: $*"
}
finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
# The bytes that the promise covers, as one digest: model, metrics, samples' files.
digest() { (cd "$1" && cat model.safetensors metrics.jsonl samples/*.png | sha256sum | cut -d' ' -f1); }
# What a run computed: digests of the tensors of its model and its newest checkpoint, and of its metrics' values under
# some keys; then of the files that the promise covers. $digests is the program of digest.c.
facts() { # run, keys
    run=$1
    shift
    "$digests" tensors "$run/model.safetensors" "$(ls "$run"/state/*.safetensors | tail -n 1)"
    "$digests" values "$run/metrics.jsonl" "$@"
    cat "$run/model.safetensors" "$run/metrics.jsonl" | sha256sum | cut -d' ' -f1
}
# An IDX file of n colour pictures of 32 x 32, each byte a function of its place.
make_pictures() { # n, file
    LC_ALL=C awk -v n="$1" 'BEGIN {
        printf "%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c", 0, 0, 8, 4, 0, 0, 0, n, 0, 0, 0, 32, 0, 0, 0, 32, 0, 0, 0, 3
        s = 1
        for (i = 0; i < n * 32 * 32 * 3; i++) { s = (s * 1103 + 12345) % 65536; printf "%c", 1 + int(s / 258) }
    }' >"$2"
}
# What a picture net's row of bytes.txt is trained with: 10 iterations of 2 pictures, one line of metrics. The working folder
# has pictures.idx.
picture_nets="dcgan conditional r3 style pictures"
pictures_of() { # recipe
    case $1 in
    dcgan | conditional) echo "$1 --data strokes" ;;
    *) echo "$1 --data pictures.idx" ;;
    esac
    echo "--set train.batch=2 --set train.log_every=10 --set train.spread_every=1000 --set train.checkpoint_every=5"
    echo "--set train.grid_every=1000 --iterations 10"
}
# Every key of a run's metrics, in order.
keys_of() { head -n 1 "$1/metrics.jsonl" | grep -oE '"[a-z0-9_]+":' | tr -d '":' | grep -vx iteration; }
