#!/usr/bin/env python3
"""Golden losses and gradients from PyTorch, for tests/unit/game/test_golden.c.

usage: make_golden.py OUTDIR [SETUP ...]        (needs numpy and torch; no SETUP: all of them)

Weights, noise and data are functions of (seed, stream, step, sample, element) by Philox 4x32-10, so that
the C test makes the same ones: README.md says how. Each set-up runs 20 iterations in float64, and in
float32 for the distance that rounding alone makes.
"""
import json
import sys
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F

MASK = np.uint64(0xFFFFFFFF)
B, LATENT, PIXELS, ITERATIONS = 16, 100, 784, 20
G_SHAPES = [(100, 128), (128, 1024), (1024, 784)]
D_SHAPES = [(784, 128), (128, 1)]
ENCODER_SHAPES = [(784, 512), (512, 40)]
DECODER_SHAPES = [(20, 512), (512, 784)]

# What a set-up does not name is as here: rates are D's and G's, options go to the optimiser, r1 and r2 are
# the gammas of penalties on D's slope at the real and the fake images (in each `every`-th iteration, times
# `every`), gp is the lambda of the gradient penalty, clip the largest norm of one net's gradient, pack how many
# samples D judges as one (PacGAN).
DEFAULTS = dict(objective="nonsaturating", act="relu", optimiser=torch.optim.Adam, rates=(2e-4, 2e-4),
                options=dict(betas=(0.5, 0.999)), r1=0.0, r2=0.0, every=1, gp=0.0, clip=None, pack=1, seeds=3)
SETUPS = {
    "minimax": dict(objective="minimax", seeds=5),
    "nonsaturating": dict(seeds=5),
    "relativistic": dict(objective="relativistic", act="silu", r1=0.1, r2=0.1, rates=(1.5e-3, 1.5e-3),
                         options=dict(betas=(0.0, 0.99)), seeds=5),
    "hinge": dict(objective="hinge", act="leaky", rates=(4e-4, 1e-4), options=dict(betas=(0.0, 0.9))),
    "least-squares": dict(objective="least-squares", rates=(1.5e-4, 1.5e-4)),
    "wasserstein-gp": dict(objective="wasserstein", act="silu", gp=10.0, rates=(1e-4, 1e-4),
                           options=dict(betas=(0.0, 0.9))),
    "lazy-r1": dict(act="silu", r1=1.0, every=4, options=dict(betas=(0.0, 0.99))),
    "rmsprop": dict(optimiser=torch.optim.RMSprop, rates=(1e-4, 1e-4), options=dict(alpha=0.99, eps=1e-8)),
    "sgd": dict(optimiser=torch.optim.SGD, rates=(0.02, 0.02), options=dict(momentum=0.9)),
    "adamw": dict(optimiser=torch.optim.AdamW, options=dict(betas=(0.5, 0.999), weight_decay=0.05)),
    "clip": dict(optimiser=torch.optim.SGD, rates=(0.05, 0.05), options=dict(momentum=0.9), clip=0.5),
    "packed": dict(objective="relativistic", act="silu", r1=0.1, r2=0.1, gp=1.0, pack=2, rates=(1.5e-3, 1.5e-3),
                   options=dict(betas=(0.0, 0.99))),
    "vae": dict(objective="vae", rates=(1e-3, 1e-3), options=dict(betas=(0.9, 0.999))),
}
ACTS = {"relu": F.relu, "silu": F.silu, "leaky": lambda h: F.leaky_relu(h, 0.2)}

# Objective: D's loss and G's, of a = D(real) and b = D(fake).
LOSSES = {
    "minimax": (lambda a, b: F.softplus(-a).mean() + F.softplus(b).mean(),
                lambda a, b: -F.softplus(b).mean()),
    "nonsaturating": (lambda a, b: F.softplus(-a).mean() + F.softplus(b).mean(),
                      lambda a, b: F.softplus(-b).mean()),
    "relativistic": (lambda a, b: F.softplus(b - a).mean(),
                     lambda a, b: F.softplus(a - b).mean()),
    "hinge": (lambda a, b: F.relu(1 - a).mean() + F.relu(1 + b).mean(),
              lambda a, b: -b.mean()),
    "least-squares": (lambda a, b: (a - 1).square().mean() / 2 + b.square().mean() / 2,
                      lambda a, b: (b - 1).square().mean() / 2),
    "wasserstein": (lambda a, b: b.mean() - a.mean(),
                    lambda a, b: -b.mean()),
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


def uniform(seed, name, step, sample, count):
    """float64: (word >> 8) / 2^24, which float32 holds too."""
    return (words(seed, name, step, sample, count) >> np.uint64(8)).astype(np.float64) * 2.0 ** -24


def symmetric(seed, name, step, sample, count, bound):
    """float32: (2u - 1) * bound; both steps in double, rounded once."""
    return ((2 * uniform(seed, name, step, sample, count) - 1) * bound).astype(np.float32)


def rows(make, n):
    return np.stack([make(i) for i in range(n)])


def weights(seed, who, shapes):
    out = []
    for i, (a, b) in enumerate(shapes):
        bound = (6 / (a + b)) ** 0.5
        out.append(symmetric(seed, f"golden/{who}.{i}.weight", 0, 0, a * b, bound).reshape(a, b))
        out.append(symmetric(seed, f"golden/{who}.{i}.bias", 0, 0, b, 0.01))
    return out


def noise(seed, step, latent=LATENT):
    return rows(lambda i: symmetric(seed, "golden/z", step, i, latent, 1.7320508), B)


def images(seed, step):
    w = rows(lambda i: words(seed, "golden/x", step, i, PIXELS), B)
    x = np.where(w & np.uint64(3), 0, w >> np.uint64(24)).astype(np.float32)
    return x * (np.float32(1) / np.float32(255))


def mix(seed, step):
    return rows(lambda i: uniform(seed, "golden/e", step, i, 1), B)


def signs(seed, number, count):
    return 1.0 - 2.0 * (words(seed, "golden/sign", 0, number, count) & np.uint64(1)).astype(np.float64)


def generator(p, z):
    h = F.relu(z @ p[0] + p[1])
    h = F.relu(h @ p[2] + p[3])
    return torch.sigmoid(h @ p[4] + p[5])


def discriminator(p, x, act):
    return ACTS[act](x @ p[0] + p[1]) @ p[2] + p[3]


def packed(x, m):
    """Sample k of each m-th of the batch, their pixels as channels of one picture: [B / m, PIXELS, m], flat."""
    return torch.stack(x.chunk(m), 2).flatten(1)


def slope(y, x):
    return torch.autograd.grad(y.sum(), x, create_graph=True)[0]


def d_loss(s, p, real, fake, e, i):
    lazy = s.every if i % s.every == 0 else 0
    real, fake = (packed(x.detach().clone(), s.pack).requires_grad_() for x in (real, fake))
    e = e[:len(real)]
    a, b = discriminator(p, real, s.act), discriminator(p, fake, s.act)
    loss = LOSSES[s.objective][0](a, b)
    for x, y, gamma in (real, a, s.r1 * lazy), (fake, b, s.r2 * lazy):
        if gamma:
            loss = loss + gamma / 2 * slope(y, x).square().sum(1).mean()
    if s.gp:
        x = (e * real + (1 - e) * fake).detach().requires_grad_()
        loss = loss + s.gp * (slope(discriminator(p, x, s.act), x).norm(dim=1) - 1).square().mean()
    return loss


def g_loss(s, p, real, fake):
    a, b = (discriminator(p, packed(x, s.pack), s.act) for x in (real, fake))
    return LOSSES[s.objective][1](a, b)


def vae_losses(encoder, decoder, x, eps):
    """The loss, its reconstruction term (binary cross entropy of logits) and its KL divergence."""
    mean, logvar = (F.relu(x @ encoder[0] + encoder[1]) @ encoder[2] + encoder[3]).chunk(2, 1)
    z = mean + (logvar / 2).exp() * eps
    logits = F.relu(z @ decoder[0] + decoder[1]) @ decoder[2] + decoder[3]
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    kl = (0.5 * (logvar.exp() + mean.square() - 1 - logvar).sum(1)).mean()
    return bce + kl, bce, kl


def project(seed, grads):
    out = []
    for g in grads:
        v = g.detach().double().numpy().reshape(-1)
        out.append(dict(norm=float(np.linalg.norm(v)),
                        projections=[float(v @ signs(seed, k, v.size)) for k in range(16)]))
    return out


def step(s, optimiser, params, loss):
    """One step of the optimiser; gives the gradients as they were before clipping."""
    grads = torch.autograd.grad(loss, params)
    for p, v in zip(params, grads):
        p.grad = v.clone()
    if s.clip:
        torch.nn.utils.clip_grad_norm_(params, s.clip)
    optimiser.step()
    return grads


def run(s, seed, dtype):
    """Losses of each iteration, and the gradients of the first step of either net."""
    tensor = lambda a: torch.tensor(a, dtype=dtype)
    net = lambda who, shapes: [tensor(w).requires_grad_() for w in weights(seed, who, shapes)]
    d_shapes = [(s.pack * D_SHAPES[0][0], D_SHAPES[0][1])] + D_SHAPES[1:]
    g, d = net("generator", G_SHAPES), net("discriminator", d_shapes)
    od, og = [s.optimiser(p, lr=rate, foreach=False, **s.options) for p, rate in zip((d, g), s.rates)]
    losses, first = [], {}
    for i in range(ITERATIONS):
        line = []
        for k in range(2):
            real, e = tensor(images(seed, 2 * i + k)), tensor(mix(seed, 2 * i + k))
            fake = generator(g, tensor(noise(seed, 3 * i + k)))
            line.append(d_loss(s, d, real, fake, e, i))
            first.setdefault("d", step(s, od, d, line[-1]))
        fake = generator(g, tensor(noise(seed, 3 * i + 2)))
        line.append(g_loss(s, d, real, fake))
        first.setdefault("g", step(s, og, g, line[-1]))
        losses.append([float(v.detach()) for v in line])
    return losses, first


def run_vae(s, seed, dtype):
    tensor = lambda a: torch.tensor(a, dtype=dtype)
    net = lambda who, shapes: [tensor(w).requires_grad_() for w in weights(seed, who, shapes)]
    encoder, decoder = net("encoder", ENCODER_SHAPES), net("decoder", DECODER_SHAPES)
    both = encoder + decoder
    optimiser = s.optimiser(both, lr=s.rates[0], foreach=False, **s.options)
    losses, first = [], {}
    for i in range(ITERATIONS):
        line = vae_losses(encoder, decoder, tensor(images(seed, i)), tensor(noise(seed, i, 20)))
        grads = step(s, optimiser, both, line[0])
        if i == 0:
            first = dict(encoder=grads[:len(encoder)], decoder=grads[len(encoder):])
        losses.append([float(v.detach()) for v in line])
    return losses, first


def main():
    torch.set_num_threads(1)
    for name in sys.argv[2:] or SETUPS:
        s = SimpleNamespace(**{**DEFAULTS, **SETUPS[name]})
        go = run_vae if s.objective == "vae" else run
        for seed in range(1, s.seeds + 1):
            exact, first = go(s, seed, torch.float64)
            single, _ = go(s, seed, torch.float32)
            far = max(abs(a - b) / abs(a) for x, y in zip(exact, single) for a, b in zip(x, y))
            print(f"{name} seed {seed}: float32 is {far:.1e} (relative) from float64")
            with open(f"{sys.argv[1]}/{name}-seed{seed}.json", "w") as f:
                json.dump(dict(setup=name, seed=seed, losses=exact, losses_float32=single,
                               gradients={who: project(seed, v) for who, v in first.items()}),
                          f, indent=0, separators=(",", ":"))


if __name__ == "__main__":
    main()
