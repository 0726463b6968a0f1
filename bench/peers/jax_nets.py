"""JAX, any recipe of picture nets: whole iterations jitted. usage: jax_nets.py START_DIR each"""
import sys

from jax_steps import adam, averaged  # before jax: it sets its threads
import jax
import jax.numpy as jnp
from jax import lax, nn, random

from common import Start, largest_error, serve
from lines import read_lines

start = Start(sys.argv[1])
B, STEPS = start.batch, start.d_steps
PENALISED = start.r1 > 0 or start.r2 > 0
ACTIVATIONS = {"relu": lambda x, _: nn.relu(x), "leaky": lambda x, slope: nn.leaky_relu(x, slope),
               "silu": lambda x, _: nn.silu(x), "sigmoid": lambda x, _: nn.sigmoid(x), "tanh": lambda x, _: jnp.tanh(x)}
STATISTICS = ("mean", "variance", "vector")


# ---- nets: x is [N,H,W,C] -----------------------------------------------------------------------------

class Pass:
    """One application of a net: its tensors p, its statistics s; after holds the statistics' next values."""

    def __init__(self, lines, p, s):
        self.lines, self.p, self.s, self.after, self.results = lines, p, s, dict(s), {}

    def weight(self, i, line):
        w = self.p[f"{i}.weight"]
        if "spectral" not in line.options:
            return w
        m = lax.stop_gradient(w.reshape(-1, w.shape[-1]))
        v = m @ self.s[f"{i}.vector"]
        v = v / jnp.maximum(jnp.linalg.norm(v), 1e-12)
        u = v @ m
        u = u / jnp.maximum(jnp.linalg.norm(u), 1e-12)
        self.after[f"{i}.vector"] = u
        return w / (v @ (w.reshape(m.shape) @ u))

    def biased(self, i, y):
        return y + self.p[f"{i}.bias"] if f"{i}.bias" in self.p else y

    def __call__(self, x):
        self.results[-1] = x
        for i, line in enumerate(self.lines):
            x = LAYERS[line.kind](self, i, line, x)
            if line.activation:
                x = ACTIVATIONS[line.activation](x, line.slope)
            self.results[i] = x
        return x


def dense(net, i, line, x):
    return net.biased(i, x.reshape(len(x), -1) @ net.weight(i, line))


def conv(net, i, line, x):
    stride = int(line.options.get("stride", [1])[0])
    y = lax.conv_general_dilated(x, net.weight(i, line), (stride, stride), "SAME" if "same" in line.options else "VALID",
                                 dimension_numbers=("NHWC", "HWIO", "NHWC"),
                                 feature_group_count=int(line.options.get("groups", [1])[0]))
    return net.biased(i, y)


def tconv(net, i, line, x):
    stride = int(line.options["stride"][0])
    return net.biased(i, lax.conv_transpose(x, net.weight(i, line), (stride, stride), "SAME", transpose_kernel=True,
                                            dimension_numbers=("NHWC", "HWIO", "NHWC")))


def batchnorm(net, i, line, x):
    mean, var, n = x.mean((0, 1, 2)), x.var((0, 1, 2)), x.size / x.shape[-1]
    for what, now in ("mean", mean), ("variance", var * n / (n - 1)):
        net.after[f"{i}.{what}"] = 0.9 * net.s[f"{i}.{what}"] + 0.1 * lax.stop_gradient(now)
    return (x - mean) * lax.rsqrt(var + 1e-5) * net.p[f"{i}.gamma"] + net.p[f"{i}.beta"]


def up(net, i, line, x):
    n, h, w, c = x.shape
    k = int(line.numbers[0])
    if "bilinear" in line.options:
        return jax.image.resize(x, (n, h * k, w * k, c), "bilinear")
    return jnp.broadcast_to(x[:, :, None, :, None], (n, h, k, w, k, c)).reshape(n, h * k, w * k, c)


def down(net, i, line, x):
    n, h, w, c = x.shape
    k = int(line.numbers[0])  # bilinear by 2 is the same mean of four
    return x.reshape(n, h // k, k, w // k, k, c).mean((2, 4))


def joined(how):
    def layer(net, i, line, x):
        other = net.results[line.joined]
        return how(x[:, None, None, :] if x.ndim < other.ndim else x, other)
    return layer


LAYERS = {"dense": dense, "conv": conv, "tconv": tconv, "batchnorm": batchnorm, "up": up, "down": down,
          "reshape": lambda net, i, line, x: x.reshape(-1, *map(int, line.numbers)),
          "act": lambda net, i, line, x: x,
          "pool": lambda net, i, line, x: x.sum((1, 2)) if "sum" in line.options else x.mean((1, 2)),
          "basis": lambda net, i, line, x: jnp.broadcast_to(net.p[f"{i}.basis"], (len(x), *net.p[f"{i}.basis"].shape)),
          "add": joined(jnp.add), "mul": joined(jnp.multiply), "from": lambda net, i, line, x: net.results[line.joined]}


def tensors(name):
    own = {k[len(name) + 1:]: jnp.asarray(t) for k, t in start.tensors.items() if k.split(".")[0] == name}
    is_statistic = lambda k: k.split(".")[1] in STATISTICS
    return ({k: t for k, t in own.items() if not is_statistic(k)}, {k: t for k, t in own.items() if is_statistic(k)})


G, D = read_lines(start.generator), read_lines(start.discriminator)
MIXES = any(line.kind == "batchnorm" for line in D)


# ---- an iteration ----------------------------------------------------------------------------------------

def judge(d, s, *pictures):
    """D over each alone where it mixes the pictures of a batch, else over all together; and its statistics after."""
    if MIXES:
        logits = []
        for x in pictures:
            net = Pass(D, d, s)
            logits.append(net(x)[:, 0])
            s = net.after
        return logits, s
    net = Pass(D, d, s)
    return jnp.split(net(jnp.concatenate(pictures))[:, 0], len(pictures)), net.after


def pair(a, b):
    if start.objective == "hinge":
        return nn.relu(1 - a).mean() + nn.relu(1 + b).mean(), -b.mean()
    if start.relativistic:
        return nn.softplus(b - a).mean(), nn.softplus(a - b).mean()
    return nn.softplus(-a).mean() + nn.softplus(b).mean(), nn.softplus(-b).mean()


def loss_d(d, s, real, fake):
    if not PENALISED:
        (a, b), s = judge(d, s, real, fake)
        return pair(a, b)[0], s

    def both(x, y):
        (a, b), after = judge(d, s, x, y)
        return a.sum() + b.sum(), (a, b, after)
    slopes, (a, b, s) = jax.grad(both, (0, 1), has_aux=True)(real, fake)
    loss = pair(a, b)[0]
    for gamma, slope in zip((start.r1, start.r2), slopes):
        loss = loss + gamma / 2 * jnp.square(slope).sum((1, 2, 3)).mean()
    return loss, s


def loss_g(g, s, d, ds, z, real):
    net = Pass(G, g, s)
    b = judge(d, ds, net(z))[0][0]
    a = lax.stop_gradient(judge(d, ds, real)[0][0]) if start.relativistic else b
    return pair(a, b)[1], net.after


def iteration(state, z, real):
    """z [STEPS+1,B,latent], real [draws,B,H,W,C] -> state, (loss D, loss G)"""
    (g, gs, gm, gv, e), (d, ds, dm, dv), t = state
    for k in range(STEPS):
        fake = Pass(G, g, gs)(z[k])
        (ld, ds), slope = jax.value_and_grad(loss_d, has_aux=True)(d, ds, real[k], lax.stop_gradient(fake))
        d, dm, dv = adam(start, d, slope, dm, dv, t * STEPS + k + 1)
    (lg, gs), slope = jax.value_and_grad(loss_g, has_aux=True)(g, gs, d, ds, z[STEPS], real[-1])
    g, gm, gv = adam(start, g, slope, gm, gv, t + 1)
    e = averaged(start, e, g, t)
    return ((g, gs, gm, gv, e), (d, ds, dm, dv), t + 1), (ld, lg)


def first_state():
    zero = lambda p: jax.tree.map(jnp.zeros_like, p)
    (g, gs), (d, ds) = tensors("generator"), tensors("discriminator")
    return (g, gs, zero(g), zero(g), jax.tree.map(jnp.copy, g)), (d, ds, zero(d), zero(d)), jnp.float32(0)


step = jax.jit(iteration, donate_argnums=0)
shaped = lambda x: jnp.asarray(x).reshape(*x.shape[:-1], *start.image)


def check():
    state, losses = first_state(), []
    for i in range(len(start.losses)):
        state, loss = step(state, jnp.asarray(start.z[i]), shaped(start.real[i]))
        losses.append([float(x) for x in loss])
    return largest_error(start.losses, losses)


def main():
    images, now = shaped(start.images(1000)), {"state": first_state(), "i": 0}
    key = random.PRNGKey(1)

    def run(n):
        for _ in range(n):
            at = now["i"] * start.draws * B % (len(images) - start.draws * B)
            z = random.normal(random.fold_in(key, now["i"]), (STEPS + 1, B, start.latent))
            real = images[at:at + start.draws * B].reshape(start.draws, B, *start.image)
            now["state"], _ = step(now["state"], z, real)
            now["i"] += 1
        jax.block_until_ready(now["state"])

    serve("JAX each", jax.__version__, check, run, 1)


main()
