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
# Every key of a run's metrics, in order.
keys_of() { head -n 1 "$1/metrics.jsonl" | grep -oE '"[a-z0-9_]+":' | tr -d '":' | grep -vx iteration; }
