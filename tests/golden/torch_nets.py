"""Nets from layer lines (lines.py) in PyTorch: a second, independent reading of every kind of layer.

Nothing here was taken from src/nn: each layer is PyTorch's own function where there is one, and the paper's formula
where there is none. Tensors have gander's names and shapes (NET.LINE.what; kernels [K..., in, out]), so that both sides
fill them alike; they are turned into PyTorch's layout where they are used. Pictures are [N, ..., C] throughout.
"""
import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "relu": lambda x, _: F.relu(x),
    "leaky": lambda x, slope: F.leaky_relu(x, 0.2 if slope is None else slope),
    "tanh": lambda x, _: torch.tanh(x),
    "sigmoid": lambda x, _: torch.sigmoid(x),
    "silu": lambda x, _: F.silu(x),
    "softplus": lambda x, _: F.softplus(x),
}
CONV = [None, F.conv1d, F.conv2d, F.conv3d]
TRANSPOSED = [None, F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]


# ---- application -----------------------------------------------------------------------------------

class Pass:
    """One application of a net.

    tensor(name, shape, statistic)  the tensor of that name; called in the order in which gander makes them
    noise(name, shape)              numbers of that stream
    write(name, value)              a statistic's next value; None: nobody takes note
    """

    def __init__(self, name, tensor, training=True, label=None, classes=0, noise=None, write=None):
        self.name, self.tensor, self.training, self.label = name, tensor, training, label
        self.classes, self.noise, self.write = classes, noise, write


class At:
    """A line of a net in a pass: what the functions of layers see."""

    def __init__(self, p, number, line):
        self.p, self.number, self.line, self.numbers, self.options = p, number, line, line.numbers, line.options

    def name(self, what):
        return f"{self.p.name}.{self.number}.{what}"

    def tensor(self, what, *shape, statistic=False):
        return self.p.tensor(self.name(what), tuple(shape), statistic)

    def wrote(self, what, value):
        if self.p.write:
            self.p.write(self.name(what), value.detach())

    def noise(self, *shape):
        return self.p.noise(f"{self.p.name}.{self.number}", shape)

    def int(self, option, fallback):
        return int(self.options[option][0]) if option in self.options else fallback

    def weight(self, what, vector, axis, *shape):
        """Divided by its spectral norm where the line says so (torch.nn.utils.spectral_norm, one power step)."""
        w = self.tensor(what, *shape)
        if "spectral" not in self.options:
            return w
        u = self.tensor(vector, shape[axis], statistic=True)
        m = w.movedim(axis, 0).flatten(1)  # [out, in], as PyTorch has it
        v = F.normalize(m.detach().t() @ u, dim=0, eps=1e-12)
        u = F.normalize(m.detach() @ v, dim=0, eps=1e-12)
        self.wrote(vector, u)
        return w / torch.dot(u, m @ v)

    def biased(self, y, channels):
        return y if "nobias" in self.options else y + self.tensor("bias", channels)


def first(x):  # [N, ..., C] -> [N, C, ...]
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def axes_of(x):
    return x.dim() - 2


def kernel_last(w):  # [K..., a, b] -> [b, a, K...]
    return w.permute(w.dim() - 1, w.dim() - 2, *range(w.dim() - 2)).contiguous()


def row_at_each_place(x, like):
    return x.reshape(x.shape[0], *[1] * (like.dim() - 2), x.shape[-1]) if x.dim() == 2 else x


def dense(at, x, _):
    units = int(at.numbers[0])
    x = x.flatten(1)
    return at.biased(F.linear(x, at.weight("weight", "vector", 1, x.shape[1], units).t()), units)


def padding_of_conv(at, x, kernel, stride):
    """(low, high) of each axis; same: as TensorFlow's SAME, ceil(in / stride) places."""
    pads = []
    for places in x.shape[1:-1]:
        if "same" in at.options:
            need = max(0, (-(-places // stride) - 1) * stride + kernel - places)
            pads.append((need // 2, need - need // 2))
        else:
            pads.append((at.int("pad", 0),) * 2)
    return pads


def pad(x, pads):  # x [N, C, ...]
    return F.pad(x, [n for low, high in reversed(pads) for n in (low, high)])


def conv(at, x, _):
    out, kernel, stride, groups = int(at.numbers[0]), int(at.numbers[1]), at.int("stride", 1), at.int("groups", 1)
    n, c = axes_of(x), x.shape[-1]
    w = at.weight("weight", "vector", n + 1, *[kernel] * n, c // groups, out)
    padded = pad(first(x), padding_of_conv(at, x, kernel, stride))
    return at.biased(last(CONV[n](padded, kernel_last(w), stride=stride, groups=groups)), out)


def tconv(at, x, _):
    out, kernel, stride, groups = int(at.numbers[0]), int(at.numbers[1]), at.int("stride", 1), at.int("groups", 1)
    n, c = axes_of(x), x.shape[-1]
    w = at.weight("weight", "vector", n, *[kernel] * n, out // groups, c)
    y = TRANSPOSED[n](first(x), kernel_last(w), stride=stride, groups=groups)
    low = high = at.int("pad", 0)
    if "same" in at.options:  # stride times the places
        low = (kernel - stride) // 2
        high = kernel - stride - low
    for i in range(n):
        y = y.narrow(2 + i, low, y.shape[2 + i] - low - high)
    return at.biased(last(y), out)


def mod(at, x, style):
    """Karras et al. 2020, equations 1 and 3, on the weights themselves: a convolution with a group for each sample."""
    out, kernel, stride = int(at.numbers[0]), int(at.numbers[1]), at.int("stride", 1)
    n, c, rows, d = axes_of(x), x.shape[-1], x.shape[0], style.shape[-1]
    w = at.weight("weight", "vector", n + 1, *[kernel] * n, c, out)
    bias = None if "nobias" in at.options else at.tensor("bias", out)
    s = style @ at.tensor("style", d, c) + at.tensor("style_bias", c)
    each = kernel_last(w).unsqueeze(0) * s.reshape(rows, 1, c, *[1] * n)  # [N, out, in, K...]
    each = each / (each.square().flatten(2).sum(2) + 1e-8).sqrt().reshape(rows, out, 1, *[1] * n)
    padded = pad(first(x), padding_of_conv(at, x, kernel, stride))
    wide = padded.reshape(1, rows * c, *padded.shape[2:])
    y = CONV[n](wide, each.flatten(0, 1), stride=stride, groups=rows)
    y = last(y.reshape(rows, out, *y.shape[2:]))
    return y if bias is None else y + bias


def bias(at, x, _):
    return x + at.tensor("bias", x.shape[-1])


def basis(at, x, _):
    shape = [int(w) for w in at.numbers]
    return at.tensor("basis", *shape).expand(x.shape[0], *shape)


def reshape(at, x, _):
    return x.reshape(x.shape[0], *[int(w) for w in at.numbers])


def crop(at, x, _):
    for axis, word in enumerate(at.numbers, 1):
        x = x.narrow(axis, (x.shape[axis] - int(word)) // 2, int(word))
    return x


def pool(at, x, _):
    flat = x.flatten(1, -2)
    return flat.sum(1) if "sum" in at.options else flat.mean(1)


MODES = {"nearest": ["nearest"] * 3, "bilinear": ["linear", "bilinear", "trilinear"]}


def blur_kernel(x, scale):
    """[1 3 3 1] along each axis, for each channel by itself."""
    n, c, line = axes_of(x), x.shape[1], torch.tensor([1., 3., 3., 1.], dtype=x.dtype) * scale
    k = line
    for _ in range(n - 1):
        k = k.unsqueeze(-1) * line
    return k.expand(c, 1, *k.shape)


def interpolated(x, scale, how):
    more = {} if how == "nearest" else {"align_corners": False}
    return F.interpolate(x, scale_factor=scale, mode=MODES[how][axes_of(x) - 1], **more)


def filter_of(at, fallback):
    return next((k for k in ("nearest", "average", "bilinear", "blur") if k in at.options), fallback)


def up(at, x, _):
    how, n, x = filter_of(at, "nearest"), axes_of(x), first(x)
    if how == "blur":
        return last(TRANSPOSED[n](x, blur_kernel(x, 1 / 4), stride=2, padding=1, groups=x.shape[1]))
    return last(interpolated(x, int(at.numbers[0]), how))


def down(at, x, _):
    how, n, x, times = filter_of(at, "average"), axes_of(x), first(x), int(at.numbers[0])
    if how == "blur":
        return last(CONV[n](x, blur_kernel(x, 1 / 8), stride=2, padding=1, groups=x.shape[1]))
    if how == "average":
        return last([F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][n - 1](x, times))
    return last(interpolated(x, 1 / times, how))


def shuffle(at, x, _):
    times, n, x = int(at.numbers[0]), axes_of(x), first(x)
    if n == 2:
        return last(F.pixel_shuffle(x, times))
    rows, places, c = x.shape[0], x.shape[2:], x.shape[1] // times ** n  # [N, C, r..., places...] -> each r behind its place
    y = x.reshape(rows, c, *[times] * n, *places)
    y = y.permute(0, 1, *[a for i in range(n) for a in (2 + n + i, 2 + i)])
    return last(y.reshape(rows, c, *[s * times for s in places]))


def batchnorm(at, x, _):
    c = x.shape[-1]
    each = (at.p.classes, c) if "class" in at.options else (c,)
    gamma, beta = at.tensor("gamma", *each), at.tensor("beta", *each)
    mean, var = at.tensor("mean", c, statistic=True).clone(), at.tensor("variance", c, statistic=True).clone()
    of_class = "class" in at.options
    y = last(F.batch_norm(first(x), mean, var, None if of_class else gamma, None if of_class else beta,
                          at.p.training, 0.1, 1e-5))
    if at.p.training:
        at.wrote("mean", mean)
        at.wrote("variance", var)
    if not of_class:
        return y
    return y * row_at_each_place(gamma[at.p.label], x) + row_at_each_place(beta[at.p.label], x)


def norm(groups_of):
    def layer(at, x, _):
        c = x.shape[-1]
        gamma, beta = at.tensor("gamma", c), at.tensor("beta", c)
        return last(F.group_norm(first(x), groups_of(at, c), gamma, beta, 1e-5))
    return layer


def pixelnorm(at, x, _):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-8)


def minibatch(at, x, _):
    """Karras et al. 2018: the reference implementation's steps, one feature."""
    rows, most = x.shape[0], int(at.numbers[0]) if at.numbers else 4
    group = max(g for g in range(1, most + 1) if rows % g == 0)
    y = x.reshape(group, rows // group, *x.shape[1:])
    deviation = (y.var(0, unbiased=False) + 1e-8).sqrt().flatten(1).mean(1)  # [rows / group]
    column = deviation.repeat(group).reshape(rows, *[1] * (x.dim() - 1)).expand(*x.shape[:-1], 1)
    return torch.cat([x, column], -1)


def attention(at, x, _):
    """Zhang et al. 2019, equations 1 to 4; F.scaled_dot_product is not used: there is no scale in the paper."""
    c = x.shape[-1]
    query, key = [at.weight(w, w + "_vector", 1, c, c // 8) for w in ("query", "key")]
    value, output = at.weight("value", "value_vector", 1, c, c // 2), at.weight("output", "output_vector", 1, c // 2, c)
    gamma, places = at.tensor("gamma", 1), x.flatten(1, -2)
    s = torch.einsum("npk,nqk->nqp", places @ query, places @ key)  # s[q, p] = f(p) . g(q)
    o = torch.einsum("nqp,npv->nqv", torch.softmax(s, 2), places @ value) @ output
    return (gamma * o + places).reshape(x.shape)


def dropout(at, x, _):
    share, numbers = float(at.numbers[0]), x[0].numel()
    if not at.p.training or share == 0:
        return x
    u = torch.exp(-at.noise(x.shape[0], numbers, 2).square().sum(2) / 2)
    return x * ((u > share).to(x.dtype) / (1 - share)).reshape(x.shape)


def noise(at, x, _):
    strength = at.tensor("strength", 1)
    return x + strength * at.noise(*x.shape[:-1], 1)


def label(at, x, _):
    if not at.numbers:
        return F.one_hot(at.p.label, at.p.classes).to(x.dtype)
    return F.embedding(at.p.label, at.weight("table", "table_vector", 1, at.p.classes, int(at.numbers[0])))


def project(at, x, _):
    x = x.flatten(1)
    y = at.biased(x @ at.weight("weight", "vector", 1, x.shape[1], 1), 1)
    e = F.embedding(at.p.label, at.weight("table", "table_vector", 1, at.p.classes, x.shape[1]))
    return y + (x * e).sum(1, keepdim=True)


def joined(how):
    def layer(at, x, other):
        like = x if x.dim() >= other.dim() else other
        return how(row_at_each_place(x, like), row_at_each_place(other, like))
    return layer


def side_by_side(a, b):
    places = torch.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    return torch.cat([a.expand(*places, a.shape[-1]), b.expand(*places, b.shape[-1])], -1)


LAYERS = {
    "dense": dense, "conv": conv, "tconv": tconv, "mod": mod, "bias": bias, "act": lambda at, x, _: x, "basis": basis,
    "reshape": reshape, "crop": crop, "pool": pool, "up": up, "down": down, "shuffle": shuffle, "batchnorm": batchnorm,
    "layernorm": norm(lambda at, c: 1), "instancenorm": norm(lambda at, c: c),
    "groupnorm": norm(lambda at, c: int(at.numbers[0])), "pixelnorm": pixelnorm, "minibatch": minibatch,
    "attention": attention, "dropout": dropout, "noise": noise, "label": label, "project": project,
    "add": joined(torch.add), "mul": joined(torch.mul), "concat": joined(side_by_side),
    "from": lambda at, x, other: other,
}


def run(lines, p, x):
    results = {-1: x}
    for i, line in enumerate(lines):
        x = LAYERS[line.kind](At(p, i, line), x, None if line.joined is None else results[line.joined])
        if line.activation:
            x = ACTIVATIONS[line.activation](x, line.slope)
        results[i] = x
    return x
