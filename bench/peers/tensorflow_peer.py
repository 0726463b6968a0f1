"""TensorFlow: whole iterations as a tf.function. usage: tensorflow_peer.py START_DIR function|xla"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf

from common import Article, largest_error, serve

tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)
start, setting = Article(sys.argv[1]), sys.argv[2]
B, STEPS = start.batch, start.d_steps


def generate(g, z):
    h = tf.nn.relu(z @ g[0] + g[1])
    h = tf.nn.relu(h @ g[2] + g[3])
    return tf.sigmoid(h @ g[4] + g[5])


def judge(d, x):
    h = x @ d[0] + d[1]
    return ((tf.nn.silu(h) if start.silu else tf.nn.relu(h)) @ d[2] + d[3])[:, 0]


def loss_d(d, real, fake):
    x = tf.concat([real, fake], 0)
    penalised = start.r1 > 0 or start.r2 > 0
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = judge(d, x)
        whole = tf.reduce_sum(logits)
    a, b = logits[:B], logits[B:]
    if start.relativistic:
        loss = tf.reduce_mean(tf.nn.softplus(b - a))
    else:
        loss = tf.reduce_mean(tf.nn.softplus(-a)) + tf.reduce_mean(tf.nn.softplus(b))
    if penalised:
        squares = tf.reduce_sum(tape.gradient(whole, x) ** 2, 1)
        loss += start.r1 / 2 * tf.reduce_mean(squares[:B]) + start.r2 / 2 * tf.reduce_mean(squares[B:])
    return loss


class Duel:
    def __init__(self):
        make = lambda layers: [tf.Variable(x) for pair in layers for x in pair]
        self.g, self.d, self.average = make(start.g), make(start.d), make(start.g)
        zero = lambda p: [tf.Variable(tf.zeros_like(x)) for x in p]
        self.gm, self.gv, self.dm, self.dv = zero(self.g), zero(self.g), zero(self.d), zero(self.d)
        self.t = tf.Variable(0.0)
        self.iteration = tf.function(self._iteration, jit_compile=setting == "xla")

    def adam(self, p, slopes, m, v, t):
        b1, b2 = start.beta1, start.beta2
        rate = start.rate / (1 - b1 ** t)
        correction = 1 / tf.sqrt(1 - b2 ** t)
        for q, s, a, x in zip(p, slopes, m, v):
            a.assign(b1 * a + (1 - b1) * s)
            x.assign(b2 * x + (1 - b2) * s * s)
            q.assign_sub(rate * a / (tf.sqrt(x) * correction + 1e-8))

    def _iteration(self, z, real):
        for k in range(STEPS):
            fake = generate(self.g, z[k])
            with tf.GradientTape() as tape:
                ld = loss_d(self.d, real[k], fake)
            self.adam(self.d, tape.gradient(ld, self.d), self.dm, self.dv, self.t * STEPS + k + 1)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self.g)
            b = judge(self.d, generate(self.g, z[STEPS]))
            lg = tf.reduce_mean(tf.nn.softplus(judge(self.d, real[-1]) - b if start.relativistic else -b))
        self.adam(self.g, tape.gradient(lg, self.g), self.gm, self.gv, self.t + 1)
        if start.average:
            decay = tf.minimum(start.average, (self.t + 1) / (self.t + 10))
            for e, p in zip(self.average, self.g):
                e.assign(decay * e + (1 - decay) * p)
        self.t.assign_add(1)
        return ld, lg


def check():
    duel, losses = Duel(), []
    for i in range(len(start.losses)):
        losses.append([float(x) for x in duel.iteration(tf.constant(start.z[i]), tf.constant(start.real[i]))])
    return largest_error(start.losses, losses)


def main():
    duel, images = Duel(), tf.constant(start.images())
    at = [0]

    def run(n):
        for _ in range(n):
            at[0] = (at[0] + STEPS * B) % (len(images) - STEPS * B)
            z = tf.random.normal([STEPS + 1, B, start.latent])
            duel.iteration(z, tf.reshape(images[at[0]:at[0] + STEPS * B], [STEPS, B, -1]))
        duel.t.numpy()

    serve(f"TensorFlow {setting}", tf.__version__, check, run)


main()
