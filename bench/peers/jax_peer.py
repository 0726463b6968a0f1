"""JAX: whole iterations jitted. usage: jax_peer.py START_DIR SETTING

setting: scan or each (a chunk of 100 iterations in one lax.scan, or one at a time), with +join: G's forwards
of one iteration are one batch, which G's staying the same during D's updates allows.
"""
import sys

from jax_steps import adam, averaged  # before jax: it sets its threads
import jax
import jax.numpy as jnp
from jax import lax, nn, random

from common import Article, largest_error, serve

start, setting = Article(sys.argv[1]), sys.argv[2]
joined, CHUNK = "+join" in setting, 100
B, STEPS = start.batch, start.d_steps


def generate(g, z):
    for i, (w, b) in enumerate(g):
        z = z @ w + b
        z = nn.relu(z) if i < 2 else nn.sigmoid(z)
    return z


def judge(d, x):
    h = x @ d[0][0] + d[0][1]
    h = nn.silu(h) if start.silu else nn.relu(h)
    return (h @ d[1][0] + d[1][1])[:, 0]


def penalty(d, x, gamma):
    slope = jax.grad(lambda u: judge(d, u).sum())(x)
    return gamma / 2 * (slope ** 2).sum(1).mean()


def loss_d(d, real, fake):
    logits = judge(d, jnp.concatenate([real, fake]))
    a, b = logits[:B], logits[B:]
    if start.relativistic:
        loss = nn.softplus(b - a).mean()
    else:
        loss = nn.softplus(-a).mean() + nn.softplus(b).mean()
    if start.r1 > 0 and start.r1 == start.r2:
        loss = loss + 2 * penalty(d, jnp.concatenate([real, fake]), start.r1)
    elif start.r1 > 0 or start.r2 > 0:
        loss = loss + penalty(d, real, start.r1) + penalty(d, fake, start.r2)
    return loss


def loss_of_fake(d, fake, real):
    b = judge(d, fake)
    return (nn.softplus(judge(d, real) - b) if start.relativistic else nn.softplus(-b)).mean()


def iteration(state, z, real):
    """z [STEPS+1,B,latent], real [STEPS,B,pixels] -> state, (loss D, loss G)"""
    g, gm, gv, e, d, dm, dv, t = state
    if joined:
        fakes, back = jax.vjp(lambda p: generate(p, z.reshape(-1, z.shape[-1])), g)
        fakes = fakes.reshape(STEPS + 1, B, -1)
    for k in range(STEPS):
        fake = lax.stop_gradient(fakes[k] if joined else generate(g, z[k]))
        ld, slope = jax.value_and_grad(loss_d)(d, real[k], fake)
        d, dm, dv = adam(start, d, slope, dm, dv, t * STEPS + k + 1)
    if joined:
        # only the last third of the rows has a gradient: run G's backward on those rows alone
        lg, dfake = jax.value_and_grad(lambda y: loss_of_fake(d, y, real[-1]))(fakes[STEPS])
        slope = jax.grad(lambda p: (generate(p, z[STEPS]) * dfake).sum())(g) if "+again" in setting else \
            back(jnp.zeros_like(fakes).at[STEPS].set(dfake).reshape(-1, start.pixels))[0]
    else:
        lg, slope = jax.value_and_grad(lambda p: loss_of_fake(d, generate(p, z[STEPS]), real[-1]))(g)
    g, gm, gv = adam(start, g, slope, gm, gv, t + 1)
    e = averaged(start, e, g, t)
    return (g, gm, gv, e, d, dm, dv, t + 1), (ld, lg)


def first_state():
    g, d = jax.tree.map(jnp.asarray, start.g), jax.tree.map(jnp.asarray, start.d)
    zero = lambda p: jax.tree.map(jnp.zeros_like, p)
    return g, zero(g), zero(g), jax.tree.map(jnp.copy, g), d, zero(d), zero(d), jnp.float32(0)


def check():
    state, step, losses = first_state(), jax.jit(iteration), []
    for i in range(len(start.losses)):
        state, loss = step(state, jnp.asarray(start.z[i]), jnp.asarray(start.real[i]))
        losses.append([float(x) for x in loss])
    return largest_error(start.losses, losses)


images = jnp.asarray(start.images())


def drawn(state, key, i):
    z = random.normal(key, (STEPS + 1, B, start.latent))
    at = (i * STEPS * B) % (len(images) - STEPS * B)
    return iteration(state, z, lax.dynamic_slice_in_dim(images, at, STEPS * B).reshape(STEPS, B, -1))


@jax.jit
def chunk(state, key, first):
    def body(s, i):
        return drawn(s, random.fold_in(key, i), i)
    return lax.scan(body, state, first + jnp.arange(CHUNK))


each = jax.jit(lambda s, key, i: drawn(s, random.fold_in(key, i), i), donate_argnums=0)


def main():
    now = {"state": first_state(), "i": 0}
    key = random.PRNGKey(1)

    def run(n):
        begin = now["i"]
        while now["i"] < begin + n:
            if setting.startswith("scan"):
                now["state"], _ = chunk(now["state"], key, now["i"])
                now["i"] += CHUNK
            else:
                now["state"], _ = each(now["state"], key, now["i"])
                now["i"] += 1
        jax.block_until_ready(now["state"])
        return now["i"] - begin

    serve(f"JAX {setting}", jax.__version__, check, run, warm=CHUNK)


main()
