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
# What a run computed: digests of the tensors of its model and its newest checkpoint, and of its metrics' values;
# then of the files that the promise covers. $digests is the program of digest.c.
facts() {
    keys="loss_d loss_g value d_real d_fake r1 r2 grad_norm_d grad_norm_g spread rate_d rate_g"
    ! grep -q '"elbo"' "$1/metrics.jsonl" || keys="elbo likelihood kl grad_norm_v spread rate_v"
    "$digests" tensors "$1/model.safetensors" "$(ls "$1"/state/*.safetensors | tail -n 1)"
    "$digests" values "$1/metrics.jsonl" $keys
    cat "$1/model.safetensors" "$1/metrics.jsonl" | sha256sum | cut -d' ' -f1
}
