#!/usr/bin/env python3
"""Golden losses and gradients from PyTorch, for tests/unit/train/test_golden.c.

usage: make_golden.py OUTDIR        (needs numpy and torch)

Weights, noise and data are functions of (seed, stream, step, sample, element) by Philox 4x32-10, so that
the C test makes the same ones: README.md says how. Each set-up runs 20 iterations in float64, and in
float32 for the distance that rounding alone makes.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

MASK = np.uint64(0xFFFFFFFF)
B, LATENT, PIXELS, ITERATIONS = 16, 100, 784, 20
G_SHAPES = [(100, 128), (128, 1024), (1024, 784)]
D_SHAPES = [(784, 128), (128, 1)]
SETUPS = {
    "minimax": dict(act="relu", gamma=0.0, adam=(2e-4, 0.5, 0.999)),
    "nonsaturating": dict(act="relu", gamma=0.0, adam=(2e-4, 0.5, 0.999)),
    "relativistic": dict(act="silu", gamma=0.1, adam=(1.5e-3, 0.0, 0.99)),
}


def stream(name):
    h = 2166136261
    for c in name.encode():
        h = ((h ^ c) * 16777619) & 0xFFFFFFFF
    return h


def words(seed, name, step, sample, count):
    """Words of elements 0 .. count-1: word e % 4 of block e / 4."""
    blocks = (count + 3) // 4
    c = [np.arange(blocks, dtype=np.uint64), np.full(blocks, sample, np.uint64),
         np.full(blocks, step, np.uint64), np.full(blocks, stream(name), np.uint64)]
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), b & MASK,
             (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), a & MASK]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c, 1).reshape(-1)[:count]


def symmetric(seed, name, step, sample, count, bound):
    """float32: (2u - 1) * bound with u = (word >> 8) / 2^24; both steps in double, rounded once."""
    u = (words(seed, name, step, sample, count) >> np.uint64(8)).astype(np.float64) * 2.0 ** -24
    return ((2 * u - 1) * bound).astype(np.float32)


def rows(make, n):
    return np.stack([make(i) for i in range(n)])


def weights(seed, who, shapes):
    out = []
    for i, (a, b) in enumerate(shapes):
        bound = (6 / (a + b)) ** 0.5
        out.append(symmetric(seed, f"golden/{who}.{i}.weight", 0, 0, a * b, bound).reshape(a, b))
        out.append(symmetric(seed, f"golden/{who}.{i}.bias", 0, 0, b, 0.01))
    return out


def noise(seed, step):
    return rows(lambda i: symmetric(seed, "golden/z", step, i, LATENT, 1.7320508), B)


def images(seed, step):
    w = rows(lambda i: words(seed, "golden/x", step, i, PIXELS), B)
    return np.where(w & np.uint64(3), 0, w >> np.uint64(24)).astype(np.uint8)


def signs(seed, number, count):
    return 1.0 - 2.0 * (words(seed, "golden/sign", 0, number, count) & np.uint64(1)).astype(np.float64)


def generator(p, z):
    h = F.relu(z @ p[0] + p[1])
    h = F.relu(h @ p[2] + p[3])
    return torch.sigmoid(h @ p[4] + p[5])


def discriminator(p, x, act):
    h = x @ p[0] + p[1]
    h = F.relu(h) if act == "relu" else F.silu(h)
    return h @ p[2] + p[3]


def d_loss(name, setup, p, real, fake):
    gamma = setup["gamma"]
    real, fake = real.clone().requires_grad_(gamma > 0), fake.detach().clone().requires_grad_(gamma > 0)
    a, b = discriminator(p, real, setup["act"]), discriminator(p, fake, setup["act"])
    if name == "relativistic":
        loss = F.softplus(b - a).mean()
    else:
        loss = F.softplus(-a).mean() + F.softplus(b).mean()
    for x, y in ((real, a), (fake, b)) if gamma else ():
        slope, = torch.autograd.grad(y.sum(), x, create_graph=True)
        loss = loss + gamma / 2 * slope.square().sum(1).mean()
    return loss


def g_loss(name, setup, p, real, fake):
    b = discriminator(p, fake, setup["act"])
    if name == "minimax":
        return -F.softplus(b).mean()
    if name == "nonsaturating":
        return F.softplus(-b).mean()
    return F.softplus(discriminator(p, real, setup["act"]) - b).mean()


def project(seed, grads):
    out = []
    for g in grads:
        v = g.detach().double().numpy().reshape(-1)
        out.append(dict(norm=float(np.linalg.norm(v)),
                        projections=[float(v @ signs(seed, k, v.size)) for k in range(16)]))
    return out


def run(name, seed, dtype):
    setup = SETUPS[name]
    make = lambda a: torch.tensor(a, dtype=dtype, requires_grad=True)
    g, d = [make(w) for w in weights(seed, "generator", G_SHAPES)], \
           [make(w) for w in weights(seed, "discriminator", D_SHAPES)]
    lr, b1, b2 = setup["adam"]
    og = torch.optim.Adam(g, lr, (b1, b2), foreach=False)
    od = torch.optim.Adam(d, lr, (b1, b2), foreach=False)
    scale = np.float32(1) / np.float32(255)
    losses, first = [], {}
    for i in range(ITERATIONS):
        line = []
        for k in range(2):
            real = torch.tensor(images(seed, 2 * i + k).astype(np.float32) * scale).to(dtype)
            fake = generator(g, torch.tensor(noise(seed, 3 * i + k)).to(dtype))
            loss = d_loss(name, setup, d, real, fake)
            grads = torch.autograd.grad(loss, d)
            if i == 0 and k == 0:
                first["d"] = project(seed, grads)
            for p, v in zip(d, grads):
                p.grad = v
            od.step()
            line.append(float(loss.detach()))
        fake = generator(g, torch.tensor(noise(seed, 3 * i + 2)).to(dtype))
        loss = g_loss(name, setup, d, real, fake)
        grads = torch.autograd.grad(loss, g)
        if i == 0:
            first["g"] = project(seed, grads)
        for p, v in zip(g, grads):
            p.grad = v
        og.step()
        line.append(float(loss.detach()))
        losses.append(line)
    return losses, first


def main():
    torch.set_num_threads(1)
    for name in SETUPS:
        for seed in range(1, 6):
            exact, first = run(name, seed, torch.float64)
            single, _ = run(name, seed, torch.float32)
            far = max(abs(a - b) / abs(a) for x, y in zip(exact, single) for a, b in zip(x, y))
            print(f"{name} seed {seed}: float32 is {far:.1e} (relative) from float64")
            with open(f"{sys.argv[1]}/{name}-seed{seed}.json", "w") as f:
                json.dump(dict(setup=name, seed=seed, losses=exact, losses_float32=single,
                               gradients=first), f, indent=0, separators=(",", ":"))


main()
