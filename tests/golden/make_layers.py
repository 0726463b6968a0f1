#!/usr/bin/env python3
"""Golden values and gradients of every kind of layer from PyTorch, for tests/unit/nn/test_layers.c.

usage: make_layers.py OUTDIR        (needs numpy and torch) -> OUTDIR/layers.json

A case is a few layer lines, awkward in size, whose kind stands first. In float64, with y = net(x) and fixed c:

    L = sum(y c)    M = sum((dL/dx)^2)    y; L by x and each parameter; M by x and each parameter; statistics afterwards

Each tensor is its norm and its products with 8 vectors of signs. README.md says how x, c and the parameters are made.
"""
import json
import sys

import numpy as np
import torch

import lines
import torch_nets
from make_golden import signs, uniform, words

SEED, VECTORS = 1, 8
AROUND_ONE = {"gamma", "variance", "strength", "style_bias"}
BY_FAN_IN = {"weight", "style", "query", "key", "value", "output"}


def case(kind, name, layers, shape, rows=3, classes=0, training=True):
    return dict(kind=kind, name=f"{kind}-{name}", layers=layers, shape=shape, rows=rows, classes=classes, training=training)


def cases():
    style = "pool @s\nfrom @in\n"
    yield case("dense", "row", "dense 17", [19], 5)
    yield case("dense", "picture", "dense 5 tanh", [3, 5, 7])
    yield case("dense", "nobias", "dense 3 nobias\nact silu\ndense 7", [5], 4)
    yield case("dense", "spectral", "dense 17 spectral tanh", [19], 5)
    yield case("dense", "spectral-sampling", "dense 7 spectral nobias", [3, 5], 2, training=False)

    yield case("conv", "1d", "conv 7 3", [11, 5])
    yield case("conv", "1d-same-even", "conv 5 4 stride 3 same", [11, 3])
    yield case("conv", "2d", "conv 17 3 pad 1 silu", [5, 7, 3], 2)
    yield case("conv", "2d-stride", "conv 7 3 stride 2 pad 1", [7, 5, 5], 2)
    yield case("conv", "2d-same-even", "conv 5 4 stride 2 same", [5, 7, 3])
    yield case("conv", "2d-same-odd", "conv 5 5 stride 3 same nobias", [7, 8, 3])
    yield case("conv", "2d-one", "conv 19 1 nobias", [3, 5, 17], 2)
    yield case("conv", "2d-remainder", "conv 3 2 stride 3", [8, 7, 5])
    yield case("conv", "2d-groups", "conv 9 3 groups 3 same", [5, 4, 6], 2)
    yield case("conv", "2d-depthwise", "conv 7 3 groups 7 stride 2 same nobias", [5, 6, 7])
    yield case("conv", "2d-depthwise-all", "conv 19 4 groups 19 nobias", [4, 4, 19], 2)
    yield case("conv", "2d-spectral", "conv 7 3 same spectral leaky 0.3", [5, 3, 5], 2)
    yield case("conv", "2d-spectral-groups", "conv 6 3 stride 2 groups 2 spectral", [5, 5, 4], 2)
    yield case("conv", "2d-spectral-sampling", "conv 5 2 spectral", [3, 4, 3], 2, training=False)
    yield case("conv", "3d", "conv 5 2 stride 2 pad 1", [3, 5, 4, 3], 2)
    yield case("conv", "3d-same", "conv 4 3 same groups 2", [3, 4, 3, 2], 2)

    yield case("tconv", "1d", "tconv 5 4 stride 2 same", [5, 7])
    yield case("tconv", "1d-odd", "tconv 3 5 stride 2 same", [5, 3])
    yield case("tconv", "2d", "tconv 7 3 stride 2 pad 1", [4, 3, 5], 2)
    yield case("tconv", "2d-three", "tconv 3 4 stride 3 same tanh", [3, 4, 7], 2)
    yield case("tconv", "2d-full", "tconv 17 3 nobias", [3, 2, 3], 2)
    yield case("tconv", "2d-groups", "tconv 6 3 stride 2 groups 3 same", [3, 4, 9], 2)
    yield case("tconv", "2d-depthwise", "tconv 5 4 stride 2 groups 5 same nobias", [3, 4, 5], 2)
    yield case("tconv", "2d-spectral", "tconv 7 4 stride 2 same spectral", [3, 4, 5], 2)
    yield case("tconv", "2d-spectral-groups", "tconv 6 3 groups 2 pad 1 spectral nobias", [3, 4, 4], 2)
    yield case("tconv", "3d", "tconv 3 2 stride 2 pad 1", [3, 2, 4, 5], 2)

    yield case("mod", "1d", style + "mod @s 5 3 same", [7, 3])
    yield case("mod", "2d", style + "mod @s 7 3 same", [3, 5, 5])
    yield case("mod", "2d-wide", style + "mod @s 5 3 pad 1 stride 2 nobias leaky 0.2", [5, 4, 17], 2)
    yield case("mod", "2d-spectral", style + "mod @s 5 2 spectral", [4, 3, 3])
    yield case("mod", "3d", style + "mod @s 3 2 stride 2 same", [3, 4, 2, 3], 2)

    yield case("bias", "row", "bias", [7])
    yield case("bias", "picture", "act tanh\nbias softplus", [3, 5, 7])
    for word in torch_nets.ACTIVATIONS:
        yield case("act", word, "act " + word, [3, 5, 7])
    yield case("act", "leaky-0.1", "act leaky 0.1", [19])
    yield case("basis", "row", "basis 17", [3])
    yield case("basis", "picture", "basis 3 5 7 @b\nfrom @in\nmul @b", [7])
    yield case("basis", "cube", "basis 2 3 4 5 silu", [3])
    yield case("reshape", "picture", "act tanh\nreshape 5 3 7", [7, 15])
    yield case("crop", "1d", "act tanh\ncrop 4", [7, 3], 2)
    yield case("crop", "2d", "act tanh\ncrop 5 3", [5, 6, 2], 2)
    yield case("crop", "3d", "act tanh\ncrop 1 3 2", [2, 4, 5, 2], 2)
    yield case("reshape", "row", "reshape 3 5 2 7\nact sigmoid\nreshape 210", [14, 15])
    yield case("pool", "1d", "pool", [7, 5])
    yield case("pool", "2d-sum", "act silu\npool sum", [5, 3, 17])
    yield case("pool", "3d-mean", "act tanh\npool mean", [2, 3, 5, 7])

    for word in ("nearest", "bilinear", "blur"):
        for axes, shape in (1, [5, 7]), (2, [3, 5, 3]), (3, [2, 3, 4, 5]):
            yield case("up", f"{axes}d-{word}", f"act tanh\nup 2 {word}", shape, 2)
    yield case("up", "default", "up 3", [3, 5, 7], 2)
    yield case("up", "edges", "up 2 blur\nup 2 bilinear", [1, 2, 3], 2)
    for word in ("average", "nearest", "bilinear", "blur"):
        for axes, shape in (1, [10, 7]), (2, [6, 4, 3]), (3, [2, 6, 4, 5]):
            yield case("down", f"{axes}d-{word}", f"act tanh\ndown 2 {word}", shape, 2)
    yield case("down", "default", "down 3", [6, 3, 7], 2)
    yield case("down", "nearest-3", "down 3 nearest", [3, 9, 5], 2)
    yield case("shuffle", "1d", "act tanh\nshuffle 3", [5, 9])
    yield case("shuffle", "2d", "act tanh\nshuffle 2", [3, 5, 12], 2)
    yield case("shuffle", "2d-3", "act tanh\nshuffle 3", [2, 3, 27], 2)
    yield case("shuffle", "3d", "act tanh\nshuffle 2", [2, 3, 2, 24], 2)

    yield case("batchnorm", "row", "batchnorm", [17], 5)
    yield case("batchnorm", "picture", "batchnorm leaky 0.2", [3, 5, 7])
    yield case("batchnorm", "1d", "batchnorm", [5, 3])
    yield case("batchnorm", "3d", "batchnorm", [2, 3, 2, 5])
    yield case("batchnorm", "sampling", "batchnorm silu", [3, 5, 7], training=False)
    yield case("batchnorm", "class", "batchnorm class", [3, 5, 7], 5, 4)
    yield case("batchnorm", "class-row", "batchnorm class silu", [19], 7, 3)
    yield case("batchnorm", "class-sampling", "batchnorm class silu", [3, 2, 5], 5, 3, training=False)
    yield case("layernorm", "row", "layernorm", [17])
    yield case("layernorm", "picture", "layernorm silu", [3, 5, 7])
    yield case("instancenorm", "1d", "instancenorm", [7, 5])
    yield case("instancenorm", "2d", "instancenorm silu", [3, 5, 7])
    yield case("groupnorm", "row", "groupnorm 3", [15])
    yield case("groupnorm", "2d", "groupnorm 2 silu", [3, 5, 6])
    yield case("groupnorm", "3d", "groupnorm 5", [2, 3, 2, 10], 2)
    yield case("pixelnorm", "row", "pixelnorm", [19])
    yield case("pixelnorm", "picture", "pixelnorm silu", [3, 5, 7])
    yield case("minibatch", "default", "minibatch", [3, 2, 5], 8)
    yield case("minibatch", "row", "minibatch 3", [7], 6)
    yield case("minibatch", "not-dividing", "minibatch 4", [3, 5], 6)
    yield case("minibatch", "alone", "minibatch 4", [3, 2, 5], 5)
    yield case("minibatch", "few", "minibatch 4", [2, 2, 2, 3], 2)
    yield case("minibatch", "sampling", "minibatch", [3, 2, 5], 4, training=False)
    yield case("attention", "1d", "attention", [7, 9])
    yield case("attention", "2d", "attention", [3, 5, 17], 2)
    yield case("attention", "2d-spectral", "attention spectral", [3, 3, 19], 2)
    yield case("attention", "3d", "attention", [2, 3, 2, 8], 2)
    yield case("dropout", "row", "dense 17 tanh\ndropout 0.3", [19], 5)
    yield case("dropout", "picture", "act tanh\ndropout 0.7 silu", [3, 5, 7])
    yield case("dropout", "none", "act tanh\ndropout 0", [19])
    yield case("dropout", "sampling", "act tanh\ndropout 0.5", [3, 5, 7], training=False)
    yield case("noise", "row", "noise silu", [17])
    yield case("noise", "picture", "noise silu", [3, 5, 7])
    yield case("noise", "sampling", "noise silu", [2, 3, 2, 5], training=False)

    yield case("label", "one-hot", "label @l\nfrom @in\nconcat @l\ndense 7 tanh", [5], 5, 3)
    yield case("label", "table", "label 7 @l\nfrom @in\nmul @l", [3, 5, 7], 5, 4)
    yield case("label", "spectral", "label 5 spectral @l\nfrom @in\nadd @l silu", [3, 2, 5], 5, 7)
    yield case("project", "row", "act silu\nproject", [17], 5, 3)
    yield case("project", "picture", "act silu\nproject nobias", [3, 2, 5], 5, 7)
    yield case("project", "spectral", "act silu\nproject spectral", [19], 5, 5)
    for word in ("add", "mul", "concat"):
        yield case(word, "same", f"conv 5 3 same tanh @h\nact silu\n{word} @h", [3, 4, 5], 2)
        yield case(word, "row-named", f"pool @r\nfrom @in tanh\n{word} @r", [3, 5, 7])
        yield case(word, "picture-named", f"act tanh @p\npool sum\n{word} @p", [2, 3, 5])
        yield case(word, "rows", f"dense 7 tanh @h\nact silu\n{word} @h", [17])
    yield case("add", "blocks", "block b C\ndense C tanh @h\ndense C silu\nadd @h\nadd @in\nend\nb 5\nb 5", [5], 2)
    yield case("concat", "channels", "conv 3 1 @h\nfrom @in\nconcat @h", [3, 5, 7], 2)
    yield case("from", "named", "dense 7 tanh @h\ndense 3\nfrom @h silu", [5])
    yield case("from", "in", "dense 7 tanh\nfrom @in silu", [3, 5])


def number(c, what, count, low_to_high):
    """Numbers of one tensor of a case; made in double, rounded once."""
    mean, bound = low_to_high
    u = uniform(SEED, f"golden/{c['name']}/{what}", 0, 0, count)
    return (mean + (2 * u - 1) * bound).astype(np.float32).astype(np.float64)


def rule(name, shape):
    what = name.split(".")[-1]
    if what in AROUND_ONE:
        return 1, 0.5
    return 0, (3 / (np.prod(shape) / shape[-1])) ** 0.5 if what in BY_FAN_IN else 1


def projected(v):
    v = v.detach().numpy().reshape(-1)
    return [float(f"{x:.10g}") for x in [np.linalg.norm(v)] + [v @ signs(SEED, k, v.size) for k in range(VECTORS)]]


def run(c):
    trained, statistics, after = {}, {}, {}

    def tensor(name, shape, statistic):
        of = statistics if statistic else trained
        if name not in of:
            of[name] = torch.tensor(number(c, name, int(np.prod(shape)), rule(name, shape)).reshape(shape))
            of[name].requires_grad_(not statistic)
        return of[name]

    def given(what, shape, bound=1.7320508):
        return torch.tensor(number(c, what, int(np.prod(shape)), (0, bound)).reshape(shape))

    label = None
    if c["classes"]:
        w = words(SEED, f"golden/{c['name']}/label", 0, 0, c["rows"])
        label = torch.tensor((w % np.uint64(c["classes"])).astype(np.int64))
    x = given("x", [c["rows"]] + c["shape"]).requires_grad_()
    p = torch_nets.Pass("n", tensor, c["training"], label, c["classes"], given, after.__setitem__)
    y = torch_nets.run(lines.read_lines(c["layers"]), p, x)
    leaves = [x] + list(trained.values())

    def gradients(of):
        if not of.requires_grad:
            return [torch.zeros_like(v) for v in leaves]
        found = torch.autograd.grad(of, leaves, create_graph=True, allow_unused=True)
        return [torch.zeros_like(v) if d is None else d for v, d in zip(leaves, found)]

    d = gradients((y * given("c", list(y.shape), 1)).sum())
    out = {"y": y}
    for order, found in ("d", d), ("dd", gradients(d[0].square().sum())):
        out.update({f"{order} {name}": v for name, v in zip(["x"] + list(trained), found)})
    out.update({f"next {name}": v for name, v in after.items()})
    return {k: projected(v) for k, v in out.items()}


def main():
    torch.set_num_threads(1)
    rows = [json.dumps({**c, "values": run(c)}, separators=(",", ":")) for c in cases()]
    with open(f"{sys.argv[1]}/layers.json", "w") as f:
        f.write("[\n" + ",\n".join(rows) + "\n]\n")
    print(f"{len(rows)} cases")


if __name__ == "__main__":
    main()
