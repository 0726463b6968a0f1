#!/bin/sh
# The runs behind docs/measures.md, and what `gander eval` says of each, as docs/measures.md's tables.
#
# usage: measures_table.sh GANDER MNIST-DIR WORK-DIR      WORK-DIR keeps runs and figures: started again, it goes on
#
# A run takes seconds (article) to half an hour (dcgan, conditional; DCGAN=no leaves the former out). Needs python3.
set -eu
gander=$1 data=$2 work=$3
mkdir -p "$work"

run() { # name, arguments of gander train
    name=$1
    shift
    if [ ! -f "$work/$name/recipe.ini" ]; then
        "$gander" train "$@" --data "$data" -q -o "$work/$name"
    elif [ ! -f "$work/$name.done" ]; then
        "$gander" train --resume "$work/$name" -q
    fi
    : >"$work/$name.done"
    [ -f "$work/$name.json" ] || "$gander" eval "$work/$name" --data "$data" -o "$work/$name.json" >"$work/$name.txt"
}
measure() { # name, IDX file
    [ -f "$work/$1.json" ] || "$gander" eval "$2" --data "$data" -o "$work/$1.json" >"$work/$1.txt"
}

for seed in 1 2 3; do
    run article-$seed article --seed $seed
    run steady-$seed steady --seed $seed
done
run vae vae
[ "${DCGAN:-yes}" = no ] || run dcgan dcgan
run conditional conditional
run digits digits
# Planted: the test pictures; training pictures a grey level or two off; noise.
python3 - "$data" "$work" <<'PY'
import gzip
import os
import random
import struct
import sys

data, work = sys.argv[1:]


def pixels(name):
    for path, opener in ((os.path.join(data, name), open), (os.path.join(data, name + ".gz"), gzip.open)):
        if os.path.exists(path):
            with opener(path, "rb") as f:
                return f.read()[16:]
    sys.exit(f"{data}: no {name}")


def write(name, body):
    with open(os.path.join(work, name + ".idx"), "wb") as f:
        f.write(bytes([0, 0, 8, 3]) + struct.pack(">3I", len(body) // 784, 28, 28) + body)


r = random.Random(1)
write("test", pixels("t10k-images-idx3-ubyte"))
write("copier", bytes(max(0, min(255, b + r.randint(-2, 2))) for b in pixels("train-images-idx3-ubyte")[:10000 * 784]))
write("noise", r.randbytes(10000 * 784))
PY
for name in test copier noise; do measure $name "$work/$name.idx"; done

python3 - "$work" <<'PY'
import json
import os
import sys

work = sys.argv[1]
names = [f"article-{s}" for s in (1, 2, 3)] + [f"steady-{s}" for s in (1, 2, 3)] + \
    ["vae", "dcgan", "conditional", "digits", "test", "copier", "noise"]
names = [n for n in names if os.path.exists(os.path.join(work, n + ".json"))]  # DCGAN=no leaves one out
found = {n: json.load(open(os.path.join(work, n + ".json"))) for n in names}
first = found["test"]


def figure(x):
    if x["value"] is None:
        return "-"
    return f"{x['value']:.3g}" + (f" ± {x['error']:.1g}" if x["error"] is not None else "")


keys = sys.argv[2:] or ["fid", "fid_infinity", "intra_fid", "kid", "precision", "recall", "density", "coverage", "score",
                        "label_accuracy", "rarest", "missing", "class_kl", "spread", "repeated", "path_length", "copying", "near_copies"]
print(f"Net {first['net']['name']} {first['net']['sha256'][:12]}, {first['count']} samples.\n")
for part in (keys[:6], keys[6:12], keys[12:]):
    print("| | " + " | ".join(first["measures"][k]["name"] for k in part) + " |")
    print("|---" * (1 + len(part)) + "|")
    for n in names:
        print(f"| `{n}` | " + " | ".join(figure(found[n]["measures"][k]["samples"]) for k in part) + " |")
    print("| floor | " + " | ".join(figure(first["measures"][k]["held_out"]) for k in part) + " |\n")
PY
