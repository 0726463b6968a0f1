"""What every peer shares: the start of a run as bench_start wrote it, and the server loop.

A peer is a process that answers lines on standard input, so that rounds of several peers can be interleaved
without paying for start-up and compilation each time:

    -> {"ready": true, "peer": ..., "version": ..., "difference": largest relative difference of losses,
        "seconds": of one iteration, about}
    run N  -> {"seconds": S, "iterations": those done, N or more}
    quit
"""
import json
import os
import resource
import struct
import sys
import time

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden"))  # lines.py

TOLERANCE = 1e-3
BF16_TOLERANCE = 0.1  # eight bits of mantissa: the same mathematics, not the same numbers


class Start:
    """Weights, inputs and losses of gander's first iterations. tensors: name -> array, under gander's names."""

    def __init__(self, folder):
        with open(os.path.join(folder, "start.json")) as f:
            self.__dict__.update(json.load(f))
        _, rate, beta1, beta2 = self.optimizer.split()
        self.rate, self.beta1, self.beta2 = float(rate), float(beta1), float(beta2)
        self.relativistic = self.objective == "relativistic"
        state = read_safetensors(os.path.join(folder, "state.safetensors"))
        self.tensors = {name[6:]: t for name, t in state.items() if name.startswith("value/")}
        self.pixels = int(np.prod(self.image))
        shape = (-1, self.draws, self.batch, self.pixels)
        self.real = np.fromfile(os.path.join(folder, "real.f32"), np.float32).reshape(shape)
        shape = (-1, self.d_steps + 1, self.batch, self.latent)
        self.z = np.fromfile(os.path.join(folder, "z.f32"), np.float32).reshape(shape)

    def dense(self, net, layers):
        """(weight, bias) of each of a dense net's layers."""
        return [(self.tensors[f"{net}.{i}.weight"], self.tensors[f"{net}.{i}.bias"]) for i in range(layers)]

    def images(self, count=20000):
        """Shuffled images as float32: kinder to a peer than bytes that have to be gathered."""
        flat = self.real.reshape(-1, self.pixels)
        return np.random.default_rng(1).permutation(np.resize(flat, (count, self.pixels)))


class Article(Start):
    """A start of `article` or `steady`: G of three dense layers, D of two."""

    def __init__(self, folder):
        super().__init__(folder)
        self.g, self.d = self.dense("generator", 3), self.dense("discriminator", 2)
        self.silu = "silu" in self.discriminator


def read_safetensors(path):
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(size))
        body = f.read()
    out = {}
    for name, t in header.items():
        if name != "__metadata__" and t["dtype"] == "F32":
            a, b = t["data_offsets"]
            out[name] = np.frombuffer(body[a:b], np.float32).reshape(t["shape"]).copy()
    return out


def answer(**fields):
    print(json.dumps(fields), flush=True)


def largest_error(ours, theirs):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    return float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(ours), 1e-2)))


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(run, n):
    began = time.perf_counter()
    done = run(n) or n
    return time.perf_counter() - began, done


def serve(peer, version, check, run, warm=50, tolerance=TOLERANCE):
    """check() gives the largest relative difference of losses; run(n) does n iterations and returns when they
    are done: None, or how many it did where it can only do more. With --first: one iteration and no check, to see how long a fresh process takes."""
    if "--first" in sys.argv:
        run(1)
        return
    error = float(check())
    if not error <= tolerance:
        answer(error=f"{peer}: its losses differ from ours by {error:.2g}: not the same mathematics")
        sys.exit(1)
    run(warm)
    seconds, done = timed(run, 1)
    answer(ready=True, peer=peer, version=version, difference=error, seconds=seconds / done)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            break
        seconds, done = timed(run, int(words[1]))
        answer(seconds=seconds, iterations=done, peak_mb=peak_mb())
