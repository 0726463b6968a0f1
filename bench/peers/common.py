"""What every peer shares: the start of a run as bench_start wrote it, and the server loop.

A peer is a process that answers lines on standard input, so that rounds of several peers can be interleaved
without paying for start-up and compilation each time:

    -> {"ready": true, "peer": ..., "version": ..., "difference": largest relative difference of losses}
    run N  -> {"seconds": S, "iterations": N}
    quit
"""
import json
import os
import resource
import struct
import sys
import time

import numpy as np

TOLERANCE = 1e-3


class Start:
    """Weights, inputs and losses of gander's first iterations."""

    def __init__(self, folder):
        with open(os.path.join(folder, "start.json")) as f:
            self.__dict__.update(json.load(f))
        _, rate, beta1, beta2 = self.optimizer.split()
        self.rate, self.beta1, self.beta2 = float(rate), float(beta1), float(beta2)
        self.silu = "silu" in self.layers
        self.relativistic = self.objective == "relativistic"
        tensors = read_safetensors(os.path.join(folder, "state.safetensors"))
        self.g = [(tensors[f"value/generator.{i}.weight"], tensors[f"value/generator.{i}.bias"])
                  for i in range(3)]
        self.d = [(tensors[f"value/discriminator.{i}.weight"], tensors[f"value/discriminator.{i}.bias"])
                  for i in range(2)]
        shape = (-1, self.d_steps, self.batch, self.pixels)
        self.real = np.fromfile(os.path.join(folder, "real.f32"), np.float32).reshape(shape)
        shape = (-1, self.d_steps + 1, self.batch, self.latent)
        self.z = np.fromfile(os.path.join(folder, "z.f32"), np.float32).reshape(shape)

    def images(self, count=20000):
        """Shuffled images as float32: kinder to a peer than bytes that have to be gathered."""
        flat = self.real.reshape(-1, self.pixels)
        return np.random.default_rng(1).permutation(np.resize(flat, (count, self.pixels)))


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


def serve(peer, version, check, run, warm=50):
    """check() gives the largest relative difference of losses; run(n) does n iterations and returns when they
    are done. With --first: one iteration and no check, to see how long a fresh process takes."""
    if "--first" in sys.argv:
        run(1)
        return
    error = float(check())
    if not error <= TOLERANCE:
        answer(error=f"{peer}: its losses differ from ours by {error:.2g}: not the same mathematics")
        sys.exit(1)
    run(warm)
    answer(ready=True, peer=peer, version=version, difference=error)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            break
        n = int(words[1])
        began = time.perf_counter()
        run(n)
        seconds = time.perf_counter() - began
        answer(seconds=seconds, iterations=n,
               peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
