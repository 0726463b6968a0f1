"""Keras, train_on_batch, as a reader of the article would write it. usage: keras_peer.py START_DIR train_on_batch

D is trained on a batch of real and one of generated images apart, as in most such programs, so its losses are
not those of one joint step; compared is D's loss in the first iteration's first step, which is the same mathematics.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "2")
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from common import Article, serve

tf.config.threading.set_intra_op_parallelism_threads(2)
start = Article(sys.argv[1])
B, STEPS = start.batch, start.d_steps


def optimizer():
    return keras.optimizers.Adam(start.rate, beta_1=start.beta1, beta_2=start.beta2, epsilon=1e-8)


def build():
    g = keras.Sequential([keras.Input((start.latent,)), layers.Dense(128, "relu"), layers.Dense(1024, "relu"),
                          layers.Dense(start.pixels, "sigmoid")])
    d = keras.Sequential([keras.Input((start.pixels,)), layers.Dense(128, "relu"), layers.Dense(1, "sigmoid")])
    g.set_weights([x for pair in start.g for x in pair])
    d.set_weights([x for pair in start.d for x in pair])
    d.compile(optimizer(), "binary_crossentropy")
    d.trainable = False
    gan = keras.Sequential([g, d])
    gan.compile(optimizer(), "binary_crossentropy")
    return g, d, gan


def check(g, d):
    """BCE of D's first batch, before any update, against softplus of its logits."""
    real, fake = start.real[0, 0], g.predict_on_batch(start.z[0, 0])

    def logits(x):
        h = np.maximum(x @ start.d[0][0] + start.d[0][1], 0)
        return (h @ start.d[1][0] + start.d[1][1])[:, 0]

    def bce(p, y):
        return float(np.mean(keras.ops.binary_crossentropy(np.full((B, 1), y, np.float32), p)))

    want = np.mean(np.logaddexp(0, -logits(real))) + np.mean(np.logaddexp(0, logits(fake)))
    got = bce(d.predict_on_batch(real), 1.0) + bce(d.predict_on_batch(fake), 0.0)
    return abs(want - got) / want


def main():
    if start.silu or start.relativistic:
        sys.exit("the Keras peer is the article's program only")
    g, d, gan = build()
    images, at = start.images(), [0]
    ones, zeros = np.ones((B, 1), np.float32), np.zeros((B, 1), np.float32)

    def noise():
        return np.random.standard_normal((B, start.latent)).astype(np.float32)

    def run(n):
        for _ in range(n):
            for _ in range(STEPS):
                at[0] = (at[0] + B) % (len(images) - B)
                d.train_on_batch(images[at[0]:at[0] + B], ones)
                d.train_on_batch(g.predict_on_batch(noise()), zeros)
            gan.train_on_batch(noise(), ones)

    serve("Keras train_on_batch", keras.__version__, lambda: check(g, d), run, warm=5)


main()
