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
