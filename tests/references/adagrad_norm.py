"""AdaGrad-Norm and projected AdaGrad in plain NumPy, as in twins.py; ``radius`` is that of the box."""

import numpy as np

from tests.references.twins import Array, Gradient


def adagrad_norm(
    gradient: Gradient, start: Array, steps: int, step_size: float, initial: float, radius: float = np.inf
) -> list[Array]:
    """b+^2 = b^2 + |g|^2, x+ = P(x - eta g / b+)."""
    xs, b = [start], initial
    for k in range(steps):
        g = gradient(k, xs[-1])
        b = np.hypot(b, np.linalg.norm(g))
        xs.append(np.clip(xs[-1] - step_size * g / b, -radius, radius))
    return xs


def projected_adagrad(
    gradient: Gradient, start: Array, steps: int, step_size: float, radius: float
) -> list[Array]:
    """s+ = s + g^2, x+ = P(x - eta g / sqrt(s+))."""
    xs, s = [start], np.zeros(len(start))
    for k in range(steps):
        g = gradient(k, xs[-1])
        s = s + g**2
        xs.append(np.clip(xs[-1] - step_size * g / np.sqrt(s), -radius, radius))
    return xs
