"""Sign methods and normalized momentum in plain NumPy, as in twins.py: ``gradient(k, x)`` is what step k uses at x,
and a function returns the list x_0, ..., x_steps.
"""

import numpy as np

from tests.references.twins import Array, Gradient


def signsgd(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """x+ = x - eta sign(G), where the sign of 0 is 1."""
    xs = [start]
    for k in range(steps):
        xs.append(xs[-1] - step_size * np.where(gradient(k, xs[-1]) >= 0, 1.0, -1.0))
    return xs


def scaled_signsgd(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """x+ = x - eta mean|G| sign(G)."""
    xs = [start]
    for k in range(steps):
        g = gradient(k, xs[-1])
        xs.append(xs[-1] - step_size * np.mean(np.abs(g)) * np.where(g >= 0, 1.0, -1.0))
    return xs


def ef_signsgd(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """p = eta G + e, x+ = x - c, e+ = p - c with c = mean|p| sign(p)."""
    xs, error = [start], np.zeros(len(start))
    for k in range(steps):
        p = step_size * gradient(k, xs[-1]) + error
        c = np.mean(np.abs(p)) * np.where(p >= 0, 1.0, -1.0)
        xs.append(xs[-1] - c)
        error = p - c
    return xs


def normalized_momentum(
    gradient: Gradient, start: Array, steps: int, step_size: float, averaging: float
) -> list[Array]:
    """m+ = (1 - a) m + a G, x+ = x - eta m+/|m+|, with m = G_0 at first."""
    xs, m = [start], gradient(0, start)
    for k in range(steps):
        m = (1 - averaging) * m + averaging * gradient(k, xs[-1])
        xs.append(xs[-1] - step_size * m / np.linalg.norm(m))
    return xs


def lion(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    beta1: float,
    beta2: float,
    weight_decay: float,
) -> list[Array]:
    """Chen et al. 2023, Algorithm 2: the sign of one average moves x, and another one is remembered."""
    xs, m = [start], np.zeros(len(start))
    for k in range(steps):
        g = gradient(k, xs[-1])
        update = np.where(beta1 * m + (1 - beta1) * g >= 0, 1.0, -1.0)
        xs.append(xs[-1] - step_size * update - step_size * weight_decay * xs[-1])
        m = beta2 * m + (1 - beta2) * g
    return xs
