"""Incremental gradient methods in plain NumPy.

``gradient(i, x)`` is the gradient of term i of n; ``indices`` are the terms of the steps. A function returns the
list x_0, x_1, ..., one point more than there are indices.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tests.references.twins import Array

Term = Callable[[int, Array], Array]


def mean_gradient(gradient: Term, n: int, x: Array) -> Array:
    """The mean of the terms' gradients."""
    return np.asarray(np.mean([gradient(i, x) for i in range(n)], axis=0))


def saga(gradient: Term, n: int, start: Array, step_size: float, indices: Sequence[int]) -> list[Array]:
    """Defazio et al. 2014, equation (1), with phi_i = x_0 at first."""
    xs, points = [start], [start] * n
    for i in indices:
        table = np.mean([gradient(j, points[j]) for j in range(n)], axis=0)
        xs.append(xs[-1] - step_size * (gradient(i, xs[-1]) - gradient(i, points[i]) + table))
        points[i] = xs[-2]
    return xs


def sag(gradient: Term, n: int, start: Array, step_size: float, indices: Sequence[int]) -> list[Array]:
    """Schmidt et al. 2017, equation (5): the sum of a table that holds zeros at first."""
    xs, table = [start], np.zeros((n, len(start)))
    for i in indices:
        table[i] = gradient(i, xs[-1])
        xs.append(xs[-1] - step_size / n * table.sum(axis=0))
    return xs


def sarah(gradient: Term, n: int, start: Array, step_size: float, indices: Sequence[int]) -> list[Array]:
    """Nguyen et al. 2017, Algorithm 1, one loop: the first step is a full gradient and uses no index."""
    v = mean_gradient(gradient, n, start)
    xs = [start, start - step_size * v]
    for i in indices[1:]:
        v = gradient(i, xs[-1]) - gradient(i, xs[-2]) + v
        xs.append(xs[-1] - step_size * v)
    return xs


def storm(
    gradient: Term, n: int, start: Array, step_size: float, indices: Sequence[int], averaging: float
) -> list[Array]:
    """Cutkosky & Orabona 2019, the estimate of Algorithm 1: d = g_i(x+) + (1 - a) (d - g_i(x))."""
    v = gradient(indices[0], start)
    xs = [start, start - step_size * v]
    for i in indices[1:]:
        v = gradient(i, xs[-1]) + (1 - averaging) * (v - gradient(i, xs[-2]))
        xs.append(xs[-1] - step_size * v)
    return xs


def loopless_svrg(
    gradient: Term, n: int, start: Array, step_size: float, indices: Sequence[int], coins: Sequence[int]
) -> list[Array]:
    """Kovalev et al. 2020, Algorithm 1: the snapshot becomes the point before the step where the coin shows 1."""
    xs, snapshot = [start], start
    for i, coin in zip(indices, coins, strict=True):
        x = xs[-1]
        g = gradient(i, x) - gradient(i, snapshot) + mean_gradient(gradient, n, snapshot)
        xs.append(x - step_size * g)
        snapshot = x if coin else snapshot
    return xs
