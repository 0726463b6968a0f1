"""What both JAX peers share: its threads, which stand before the import of jax, Adam, and the moving average."""
import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2")
import jax
import jax.numpy as jnp


def adam(start, p, g, m, v, t):
    """Step t, from 1 on: weights and moments after it."""
    b1, b2 = start.beta1, start.beta2
    m = jax.tree.map(lambda a, x: b1 * a + (1 - b1) * x, m, g)
    v = jax.tree.map(lambda a, x: b2 * a + (1 - b2) * x * x, v, g)
    c1, c2 = 1 - b1 ** t, 1 - b2 ** t
    return jax.tree.map(lambda q, a, x: q - start.rate * (a / c1) / (jnp.sqrt(x / c2) + 1e-8), p, m, v), m, v


def averaged(start, e, g, t):
    """The average of G's weights after iteration t, from 0 on; as it was where the recipe keeps none."""
    if not start.average:
        return e
    decay = jnp.minimum(start.average, (t + 1) / (t + 10))
    return jax.tree.map(lambda a, x: decay * a + (1 - decay) * x, e, g)
