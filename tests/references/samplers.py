"""Langevin dynamics, clipping and random directions in plain NumPy, as in twins.py: ``normals[k]`` is the normal
vector of step k, ``gradient(k, x)`` what step k uses at x, and a function returns x_0, ..., x_steps.
"""

from collections.abc import Callable

import numpy as np

from tests.references.twins import Array, Gradient


def unadjusted_langevin(gradient: Gradient, start: Array, normals: Array, step_size: float) -> list[Array]:
    """x+ = x - h g + sqrt(2 h) u."""
    xs = [start]
    for k, u in enumerate(normals):
        xs.append(xs[-1] - step_size * gradient(k, xs[-1]) + np.sqrt(2 * step_size) * u)
    return xs


def random_gradient_free(
    value: Callable[[Array], float], start: Array, normals: Array, step_size: float, smoothing: float
) -> list[Array]:
    """x+ = x - h (f(x + mu u) - f(x)) / mu u."""
    xs = [start]
    for u in normals:
        slope = (value(xs[-1] + smoothing * u) - value(xs[-1])) / smoothing
        xs.append(xs[-1] - step_size * slope * u)
    return xs


def clipped_sgd(
    gradient: Gradient, start: Array, steps: int, step_size: float, longest: float
) -> list[Array]:
    """x+ = x - min(h, longest / |g|) g."""
    xs = [start]
    for k in range(steps):
        g = gradient(k, xs[-1])
        xs.append(xs[-1] - min(step_size, longest / np.linalg.norm(g)) * g)
    return xs
