"""PyTorch. usage: pytorch.py START_DIR SETTING

setting: eager, fused (Adam's fused kernel) or compile (D's and G's steps compiled, fused Adam); D's weights are
frozen in G's step in all of them.
"""
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "2")
import torch
from torch.nn.functional import silu, softplus

from common import Article, largest_error, serve

torch.set_num_threads(2)
start, setting = Article(sys.argv[1]), sys.argv[2]
B, STEPS = start.batch, start.d_steps


def parameters(layers):
    return [torch.tensor(x, requires_grad=True) for pair in layers for x in pair]


def generate(g, z):
    h = torch.relu(torch.addmm(g[1], z, g[0]))
    h = torch.relu(torch.addmm(g[3], h, g[2]))
    return torch.sigmoid(torch.addmm(g[5], h, g[4]))


def judge(d, x):
    h = torch.addmm(d[1], x, d[0])
    return torch.addmm(d[3], silu(h) if start.silu else torch.relu(h), d[2])[:, 0]


def loss_d(d, real, fake):
    x = torch.cat([real, fake])
    penalised = start.r1 > 0 or start.r2 > 0
    if penalised:
        x.requires_grad_(True)
    logits = judge(d, x)
    a, b = logits[:B], logits[B:]
    loss = softplus(b - a).mean() if start.relativistic else softplus(-a).mean() + softplus(b).mean()
    if penalised:
        slope, = torch.autograd.grad(logits.sum(), x, create_graph=True)
        squares = (slope ** 2).sum(1)
        loss = loss + start.r1 / 2 * squares[:B].mean() + start.r2 / 2 * squares[B:].mean()
    return loss


def loss_g(g, d, z, real):
    b = judge(d, generate(g, z))
    return (softplus(judge(d, real) - b) if start.relativistic else softplus(-b)).mean()


def step_d(d, real, fake):
    loss = loss_d(d, real, fake)
    return (loss.detach(), *torch.autograd.grad(loss, d))


def step_g(g, d, z, real):
    loss = loss_g(g, d, z, real)
    return (loss.detach(), *torch.autograd.grad(loss, g))


class Duel:
    def __init__(self):
        self.g, self.d = parameters(start.g), parameters(start.d)
        self.frozen = [p.detach() for p in self.d]  # the same memory: no gradient flows to it
        adam = dict(lr=start.rate, betas=(start.beta1, start.beta2), eps=1e-8, fused=setting != "eager")
        self.opt_g, self.opt_d = torch.optim.Adam(self.g, **adam), torch.optim.Adam(self.d, **adam)
        self.average = [p.detach().clone() for p in self.g]
        self.t = 0
        self.step_d, self.step_g, self.generate = step_d, step_g, generate
        # Gradients of gradients are beyond the compiler: there D's step stays eager.
        if setting == "compile":
            self.step_g, self.generate = torch.compile(step_g), torch.compile(generate)
            if not (start.r1 > 0 or start.r2 > 0):
                self.step_d = torch.compile(step_d)

    def iteration(self, z, real):
        for k in range(STEPS):
            with torch.no_grad():
                fake = self.generate(self.g, z[k])
            ld, *slopes = self.step_d(self.d, real[k], fake)
            for p, s in zip(self.d, slopes):
                p.grad = s
            self.opt_d.step()
        lg, *slopes = self.step_g(self.g, self.frozen, z[STEPS], real[-1])
        for p, s in zip(self.g, slopes):
            p.grad = s
        self.opt_g.step()
        if start.average:
            decay = min(start.average, (self.t + 1) / (self.t + 10))
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.g, 1 - decay)
        self.t += 1
        return ld, lg


def check():
    duel, losses = Duel(), []
    z, real = torch.tensor(start.z), torch.tensor(start.real)
    for i in range(len(start.losses)):
        losses.append([x.item() for x in duel.iteration(z[i], real[i])])
    return largest_error(start.losses, losses)


def main():
    duel, images = Duel(), torch.tensor(start.images())
    at = [0]

    def run(n):
        for _ in range(n):
            at[0] = (at[0] + STEPS * B) % (len(images) - STEPS * B)
            z = torch.randn(STEPS + 1, B, start.latent)
            duel.iteration(z, images[at[0]:at[0] + STEPS * B].view(STEPS, B, -1))

    serve(f"PyTorch {setting}", torch.__version__, check, run)


main()
