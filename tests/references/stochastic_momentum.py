"""Stochastic momentum and Polyak steps in plain NumPy, each in another form than the compiled rule.

Conventions as in twins.py.
"""

from collections.abc import Callable

import numpy as np

from tests.references.twins import Array, Gradient


def stochastic_unified_momentum(
    gradient: Gradient, start: Array, steps: int, step_size: float, momentum: float, shift: float
) -> list[Array]:
    """With v the last move less what the shift adds: x+ = x - a g + b v, v+ = x+ - x + s a (g_ - g), g_ before g.

    From z+ - z = (x - x_) - s a (g - g_); the first step has x_ = x and g_ = 0.
    """
    iterates, moved, old = [start], np.zeros_like(start), np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        change = moved - shift * step_size * (g - old)
        iterates.append(x - step_size * g + momentum * change)
        moved, old = iterates[-1] - x, g
    return iterates


def averaged_momentum(
    gradient: Gradient, start: Array, steps: int, step_size: float, momentum: float
) -> list[Array]:
    """x+ = x - a (1 - b) sum over j of b^(k - j) g_j: the moving average written out."""
    iterates: list[Array] = [start]
    gradients: list[Array] = []
    for k in range(steps):
        gradients.append(gradient(k, iterates[-1]))
        weights = momentum ** np.arange(k, -1, -1.0)
        iterates.append(iterates[-1] - step_size * (1 - momentum) * weights @ np.array(gradients))
    return iterates


def iterate_averaging_momentum(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """z+ = z - a g(x) and x = mean of z_0, ..., z_k."""
    zs, iterates = [start], [start]
    for k in range(steps):
        zs.append(zs[-1] - step_size * gradient(k, iterates[-1]))
        iterates.append(np.mean(zs, axis=0))
    return iterates


def strong_growth_nesterov(
    gradient: Gradient, start: Array, steps: int, step_size: float, coupling: float, strong_convexity: float
) -> tuple[list[Array], list[Array]]:
    """y between x and v at the distances t : 1, then a step of x and a step of v. Returns the x and the v."""
    xs, vs = [start], [start]
    for k in range(steps):
        y = xs[-1] + coupling / (1 + coupling) * (vs[-1] - xs[-1])
        g = gradient(k, y)
        xs.append(y - step_size * g)
        vs.append(vs[-1] + coupling * (y - vs[-1] - g / strong_convexity))
    return xs, vs


def stochastic_polyak_step(
    loss: Callable[[int, Array], tuple[float, Array]],
    start: Array,
    steps: int,
    scale: float,
    largest_step: float,
) -> list[Array]:
    """x+ = x - min(loss/(c |g|^2), largest) g, where ``loss(k, x)`` is value and gradient of the term of step k."""
    iterates = [start]
    for k in range(steps):
        value, g = loss(k, iterates[-1])
        length = min(value / (scale * float(g @ g)), largest_step) if g.any() else 0.0
        iterates.append(iterates[-1] - length * g)
    return iterates
