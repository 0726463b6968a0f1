#!/bin/sh
# The peers of `make bench`, at pinned versions, into bench/.peers (which git ignores).
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
echo "bench-peers: downloads some 3,500 MB into bench/.peers (most is CUDA, which comes with PyTorch; rm -rf bench/.peers to be rid of it):"
grep -v '^#' peers/requirements.txt | sed 's/^/  /'
[ -x .peers/bin/python ] || python3 -m venv .peers
.peers/bin/pip install --quiet --disable-pip-version-check -r peers/requirements.txt
.peers/bin/python - <<'PY'
import importlib.metadata as m
for name in ("torch", "jax", "tensorflow-cpu", "keras", "onnxruntime"):
    print(f"bench-peers: {name} {m.version(name)}")
PY
