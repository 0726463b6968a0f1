"""PyTorch, any recipe of picture nets. usage: pytorch_nets.py START_DIR SETTING

setting: eager or compile (generator, G's step and, where no gradient of a gradient is in it, D's step compiled), with
+bf16: the same under bfloat16 autocast. Channels last, fused Adam, D's weights frozen in G's step in all of them.
"""
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "2")
import torch
import torch.nn.functional as F

from common import BF16_TOLERANCE, TOLERANCE, Start, largest_error, serve
from lines import read_lines

torch.set_num_threads(2)
start, setting = Start(sys.argv[1]), sys.argv[2]
B, BF16, COMPILED = start.batch, "+bf16" in setting, "compile" in setting
H, W, C = start.image
PENALISED = start.r1 > 0 or start.r2 > 0


# ---- nets: x is [N,C,H,W], channels last ------------------------------------------------------------

ACTIVATIONS = {"relu": lambda x, _: F.relu(x), "leaky": lambda x, slope: F.leaky_relu(x, slope), "silu": lambda x, _: F.silu(x),
               "sigmoid": lambda x, _: torch.sigmoid(x), "tanh": lambda x, _: torch.tanh(x)}


def rows_of(x):
    """A picture as a row in the order that gander's weights have: [H][W][C]."""
    return x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x


def dense(net, i, line, x):
    return F.linear(rows_of(x), net.weight(i), net.p.get(f"{i}.bias"))


def conv(net, i, line, x):
    k, stride = int(line.numbers[1]), int(line.options.get("stride", [1])[0])
    return F.conv2d(x, net.weight(i), net.p.get(f"{i}.bias"), stride, (k - stride + 1) // 2 if "same" in line.options else 0,
                    groups=int(line.options.get("groups", [1])[0]))


def tconv(net, i, line, x):
    k, stride = int(line.numbers[1]), int(line.options.get("stride", [1])[0])
    return F.conv_transpose2d(x, net.weight(i), net.p.get(f"{i}.bias"), stride, (k - stride) // 2)


def batchnorm(net, i, line, x):
    mean, var = net.s[f"{i}.mean"], net.s[f"{i}.variance"]
    if not net.changes:
        mean = var = None
    return F.batch_norm(x, mean, var, net.p[f"{i}.gamma"], net.p[f"{i}.beta"], True, 0.1, 1e-5)


def reshape(net, i, line, x):
    h, w, c = map(int, line.numbers)
    return x.reshape(-1, h, w, c).permute(0, 3, 1, 2)


def up(net, i, line, x):
    if "bilinear" in line.options:
        return F.interpolate(x, scale_factor=int(line.numbers[0]), mode="bilinear", align_corners=False)
    return F.interpolate(x, scale_factor=int(line.numbers[0]), mode="nearest")


def joined(how):
    def layer(net, i, line, x):
        other = net.results[line.joined]
        return how(x[:, :, None, None] if x.dim() < other.dim() else x, other)
    return layer


LAYERS = {"dense": dense, "conv": conv, "tconv": tconv, "batchnorm": batchnorm, "reshape": reshape, "up": up,
          "down": lambda net, i, line, x: F.avg_pool2d(x, int(line.numbers[0])),  # bilinear by 2 is the same mean of four
          "act": lambda net, i, line, x: x,
          "pool": lambda net, i, line, x: x.sum((2, 3)) if "sum" in line.options else x.mean((2, 3)),
          "basis": lambda net, i, line, x: net.p[f"{i}.basis"].permute(2, 0, 1).expand(len(x), -1, -1, -1),
          "add": joined(torch.add), "mul": joined(torch.mul), "from": lambda net, i, line, x: net.results[line.joined]}


class Net:
    """p: what is trained, s: statistics, by LINE.what; weights in PyTorch's layout, made once."""

    def __init__(self, name, text):
        self.lines, self.p, self.s, self.changes = read_lines(text), {}, {}, True
        for key, t in start.tensors.items():
            if key.split(".")[0] == name:
                key = key[len(name) + 1:]
                to = self.s if key.split(".")[1] in ("mean", "variance", "vector") else self.p
                t = torch.tensor(t)
                if t.dim() == 4:  # [h,w,a,b] -> [b,a,h,w]
                    t = t.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
                elif t.dim() == 2 and key.endswith("weight"):
                    t = t.t().contiguous()
                to[key] = t.requires_grad_(to is self.p)
        self.spectral = {i for i, line in enumerate(self.lines) if "spectral" in line.options}
        self.mixes = any(line.kind == "batchnorm" for line in self.lines)

    def parameters(self):
        return list(self.p.values())

    def frozen(self):
        """The same memory: no gradient flows to it, and its statistics stay."""
        net = object.__new__(Net)
        net.__dict__.update(self.__dict__, p={k: v.detach() for k, v in self.p.items()}, changes=False)
        return net

    def weight(self, i):
        """Divided by its spectral norm where the line says so, one power step (torch.nn.utils.spectral_norm)."""
        w = self.p[f"{i}.weight"]
        if i not in self.spectral:
            return w
        m, u = w.permute(0, 2, 3, 1).flatten(1) if w.dim() == 4 else w, self.s[f"{i}.vector"]
        with torch.no_grad():
            v = F.normalize(torch.mv(m.t(), u), dim=0, eps=1e-12)
            u = F.normalize(torch.mv(m, v), dim=0, eps=1e-12)
        if self.changes:
            self.next[f"{i}.vector"] = u
        return w / torch.dot(u, torch.mv(m, v))

    def __call__(self, x):
        self.results, self.next = {-1: x}, {}
        for i, line in enumerate(self.lines):
            x = LAYERS[line.kind](self, i, line, x)
            if line.activation:
                x = ACTIVATIONS[line.activation](x, line.slope)
            self.results[i] = x
        self.results = None
        return x

    def keep(self):
        with torch.no_grad():
            for k, v in self.next.items():
                self.s[k].copy_(v)


# ---- an iteration -------------------------------------------------------------------------------------

def autocast():
    return torch.autocast("cpu", torch.bfloat16, enabled=BF16)


def pair(a, b):
    """(D's loss, G's loss) of logits."""
    if start.objective == "hinge":
        return F.relu(1 - a).mean() + F.relu(1 + b).mean(), -b.mean()
    if start.relativistic:
        return F.softplus(b - a).mean(), F.softplus(a - b).mean()
    return F.softplus(-a).mean() + F.softplus(b).mean(), F.softplus(-b).mean()


def judge(d, *pictures):
    """D over each alone where it mixes the pictures of a batch, else over all together."""
    with autocast():
        if d.mixes:
            return [d(x)[:, 0].float() for x in pictures]
        return d(torch.cat(pictures))[:, 0].float().chunk(len(pictures))


def generate(g, z):
    with torch.no_grad(), autocast():
        return g(z).float()


def step_d(d, real, fake):
    if PENALISED:
        real, fake = real.requires_grad_(), fake.requires_grad_()
    a, b = judge(d, real, fake)
    loss = pair(a, b)[0]
    if PENALISED:
        slopes = torch.autograd.grad(a.sum() + b.sum(), (real, fake), create_graph=True)
        for gamma, s in zip((start.r1, start.r2), slopes):
            loss = loss + gamma / 2 * s.square().sum((1, 2, 3)).mean()
    return (loss.detach(), *torch.autograd.grad(loss, d.parameters()))


def step_g(g, d, z, real):
    with autocast():
        fake = g(z).float()
    b, = judge(d, fake)
    a = judge(d, real)[0].detach() if start.relativistic else None
    loss = pair(a, b)[1] if start.relativistic else pair(b, b)[1]
    return (loss.detach(), *torch.autograd.grad(loss, g.parameters()))


def like(s, p):
    """A gradient in its weight's layout, as backward() would leave it: fused Adam pairs the two by their place in memory."""
    return s if s.stride() == p.stride() else torch.empty_like(p).copy_(s)


class Duel:
    def __init__(self):
        self.g, self.d = Net("generator", start.generator), Net("discriminator", start.discriminator)
        self.still, self.frozen = self.g.frozen(), self.d.frozen()
        adam = dict(lr=start.rate, betas=(start.beta1, start.beta2), eps=1e-8, fused=True)
        self.opt_g, self.opt_d = torch.optim.Adam(self.g.parameters(), **adam), torch.optim.Adam(self.d.parameters(), **adam)
        self.average, self.t = [p.detach().clone() for p in self.g.parameters()], 0
        self.step_d, self.step_g, self.generate = step_d, step_g, generate
        if COMPILED:
            self.step_g, self.generate = torch.compile(step_g), torch.compile(generate)
            if not PENALISED:
                self.step_d = torch.compile(step_d)

    def update(self, net, optimiser, slopes):
        for p, s in zip(net.parameters(), slopes):
            p.grad = like(s, p)
        optimiser.step()
        net.keep()

    def iteration(self, z, real):
        for k in range(start.d_steps):
            ld, *slopes = self.step_d(self.d, real[k], self.generate(self.still, z[k]))
            self.update(self.d, self.opt_d, slopes)
        lg, *slopes = self.step_g(self.g, self.frozen, z[-1], real[-1])
        self.update(self.g, self.opt_g, slopes)
        if start.average:
            decay = min(start.average, (self.t + 1) / (self.t + 10))
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.g.parameters(), 1 - decay)
        self.t += 1
        return ld, lg


def pictures(rows):
    """[..., H W C] -> [..., C, H, W], channels last in memory."""
    x = torch.tensor(rows).unflatten(-1, (H, W, C))
    return x.movedim(-1, -3)


def check():
    duel, losses = Duel(), []
    z, real = torch.tensor(start.z), pictures(start.real)
    for i in range(len(start.losses)):
        losses.append([x.item() for x in duel.iteration(z[i], real[i])])
    return largest_error(start.losses, losses)


def main():
    duel, images, at = Duel(), pictures(start.images(1000)), [0]

    def run(n):
        for _ in range(n):
            at[0] = (at[0] + start.draws * B) % (len(images) - start.draws * B)
            real = images[at[0]:at[0] + start.draws * B].unflatten(0, (start.draws, B))
            duel.iteration(torch.randn(start.d_steps + 1, B, start.latent), real)

    serve(f"PyTorch {setting}", torch.__version__, check, run, 1, BF16_TOLERANCE if BF16 else TOLERANCE)


main()
