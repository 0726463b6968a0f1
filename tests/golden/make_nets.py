#!/usr/bin/env python3
"""Golden losses and gradients of the recipes of picture nets from PyTorch, for tests/unit/game/test_golden_nets.c.

usage: make_nets.py OUTDIR [RECIPE ...]        (needs numpy and torch; no RECIPE: all of them)

Reads ../../recipes/RECIPE.ini itself: its nets, its objective, its optimiser, its penalties. 20 iterations in float64,
and in float32 for the distance that rounding alone makes. README.md says how weights, noise and data are made.
"""
import json
import os
import re
import sys

import numpy as np
import torch

import lines
import torch_nets
from make_golden import ITERATIONS, LOSSES, project, rows, slope, symmetric, uniform, words

# Rows of a batch, and the rates in parts of the recipe's: README.md says why.
RECIPES = {"conditional": (4, 0.01), "dcgan32": (4, 0.003), "resnet32": (2, 0.01), "r3": (2, 0.003), "style": (4, 0.003)}
CLASSES = 10
AROUND_ONE = {"gamma", "variance", "style_bias"}
BY_FAN_IN = {"weight", "style"}


def read_recipe(name):
    """{"generator.layers": text, "train.r1": "1", ...}"""
    out, section, key = {}, None, None
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes", name + ".ini")
    with open(path) as f:
        for line in f:
            line = re.split(r"[;#]", line)[0].rstrip()
            if line.startswith("["):
                section = line[1:-1]
            elif line.startswith((" ", "\t")) and line.strip():
                out[key] += line.strip() + "\n"
            elif line:
                word, value = line.split("=", 1)
                key = f"{section}.{word.strip()}"
                out[key] = value.strip()
    return out


def start(seed, name, shape):
    """First values of a tensor: README.md, Nets."""
    what, count = name.split(".")[-1], int(np.prod(shape))
    u = 2 * uniform(seed, "golden/" + name, 0, 0, count) - 1
    if what in AROUND_ONE:
        v = 1 + u * 0.5
    elif what in BY_FAN_IN:
        v = u * (3 * shape[-1] / count) ** 0.5
    else:
        v = u * (0.1 if what in ("bias", "beta", "strength") else 1)
    return v.astype(np.float32).reshape(shape)


class Net:
    def __init__(self, world, name):
        self.world, self.name, self.trained, self.statistics = world, name, {}, {}
        self.lines = lines.read_lines(world.recipe[name + ".layers"])
        self.mixes = any(line.kind in ("batchnorm", "minibatch") for line in self.lines)

    def tensor(self, name, shape, statistic):
        of = self.statistics if statistic else self.trained
        if name not in of:
            of[name] = torch.tensor(start(self.world.seed, name, shape), dtype=self.world.dtype).requires_grad_(not statistic)
        assert of[name].shape == torch.Size(shape)
        return of[name]

    def __call__(self, x, label, step, changes):
        """In training, as a pass of that step; statistics are written where the step changes the net."""
        def noise(name, shape):
            return self.world.noise(f"golden/{name}.{step}", self.world.iteration, shape)
        p = torch_nets.Pass(self.name, self.tensor, True, label, CLASSES, noise,
                            self.statistics.__setitem__ if changes else None)
        return torch_nets.run(self.lines, p, x)


class World:
    """The recipe's two nets at one seed, in one precision."""

    def __init__(self, name, seed, dtype):
        self.recipe, self.seed, self.dtype, self.iteration = read_recipe(name), seed, dtype, 0
        self.batch, rates = RECIPES[name]
        self.g, self.d = Net(self, "generator"), Net(self, "discriminator")
        self.fresh = self.recipe.get("train.g_batch") == "fresh"
        self.d_loss, self.g_loss = LOSSES[self.recipe["train.objective"]]
        _, rate, beta1, beta2 = self.recipe["train.optimizer"].split()
        with torch.no_grad():  # makes the tensors
            x = self.g(self.z(0), self.labels(0), "d0", False)
            self.d(x, self.labels(0), "d0", False)
        self.shape = list(x.shape[1:])
        self.adam = {net: torch.optim.Adam(net.trained.values(), float(rate) * rates, (float(beta1), float(beta2)), foreach=False)
                     for net in (self.d, self.g)}

    def noise(self, stream, step, shape):
        count = int(np.prod(shape[1:]))
        v = rows(lambda i: symmetric(self.seed, stream, step, i, count, 1.7320508), shape[0])
        return torch.tensor(v.reshape(shape), dtype=self.dtype)

    def z(self, step):
        return self.noise("golden/z", step, [self.batch, int(self.recipe["generator.latent"])])

    def images(self, draw):
        w = rows(lambda i: words(self.seed, "golden/x", draw, i, int(np.prod(self.shape))), self.batch)
        x = np.where(w & np.uint64(3), 0, w >> np.uint64(24)).astype(np.float32) * (np.float32(1) / np.float32(255))
        return torch.tensor(x.reshape([self.batch] + self.shape), dtype=self.dtype)

    def labels(self, draw):
        w = rows(lambda i: words(self.seed, "golden/label", draw, i, 1), self.batch)[:, 0]
        return torch.tensor((w % np.uint64(CLASSES)).astype(np.int64))

    def penalty(self, key):
        """Its weight where it is due in this iteration."""
        gamma, every = float(self.recipe.get(f"train.{key}", 0)), int(self.recipe.get(f"train.{key}_every", 1))
        return gamma * every if self.iteration % every == 0 else 0

    def step(self, net, loss):
        grads = torch.autograd.grad(loss, list(net.trained.values()))
        for p, v in zip(net.trained.values(), grads):
            p.grad = v
        self.adam[net].step()
        return grads

    def step_d(self, draw):
        i, label = self.iteration, self.labels(draw)
        real = self.images(draw).requires_grad_()
        fake = self.g(self.z(2 * i), label, "d0", False).detach().requires_grad_()
        if self.d.mixes:
            a, b = self.d(real, label, "d0", True), self.d(fake, label, "d0.1", True)
        else:
            a, b = self.d(torch.cat([real, fake]), torch.cat([label, label]), "d0", True).chunk(2)
        loss = self.d_loss(a, b)
        for x, y, key in (real, a, "r1"), (fake, b, "r2"):
            if self.penalty(key):
                loss = loss + self.penalty(key) / 2 * slope(y, x).square().flatten(1).sum(1).mean()
        return loss, self.step(self.d, loss)

    def step_g(self, draw):
        label = self.labels(draw)
        fake = self.g(self.z(2 * self.iteration + 1), label, "g", True)
        b = self.d(fake, label, "g", False)
        a = self.d(self.images(draw), label, "g.1", False)
        loss = self.g_loss(a, b)
        return loss, self.step(self.g, loss)


def run(name, seed, dtype):
    w = World(name, seed, dtype)
    losses, first = [], None
    for w.iteration in range(ITERATIONS):
        draw = (2 if w.fresh else 1) * w.iteration
        d, grads_d = w.step_d(draw)
        g, grads_g = w.step_g(draw + w.fresh)
        losses.append([d.item(), g.item()])
        first = first or dict(d=grads_d, g=grads_g)
    return losses, first


def project_both(seed, exact, single):
    """With how far float32 is from float64, which a deep net's gradients are by more than a shallow one's."""
    return [{**row, "float32": (a - b.double()).norm().item()} for row, a, b in zip(project(seed, exact), exact, single)]


def main():
    torch.set_num_threads(1)
    for name in sys.argv[2:] or RECIPES:
        for seed in 1, 2, 3:
            exact, first = run(name, seed, torch.float64)
            single, first32 = run(name, seed, torch.float32)
            far = max(abs(a - b) / abs(a) for x, y in zip(exact, single) for a, b in zip(x, y))
            print(f"{name} seed {seed}: float32 is {far:.1e} (relative) from float64", flush=True)
            with open(f"{sys.argv[1]}/{name}-seed{seed}.json", "w") as f:
                json.dump(dict(setup=name, seed=seed, losses=exact, losses_float32=single,
                               gradients={who: project_both(seed, v, first32[who]) for who, v in first.items()}),
                          f, indent=0, separators=(",", ":"))


if __name__ == "__main__":
    main()
