"""Line searches, adaptive step sizes, coordinate, projection-free and mirror methods in plain NumPy.

As in twins.py: step k takes x_k to x_(k+1), ``gradient(k, x)`` is what step k uses at x, and a function returns
the list x_0, ..., x_steps.
"""

from collections.abc import Callable

import numpy as np

from tests.references.twins import Array, Gradient

Value = Callable[[Array], float]
Map = Callable[[Array], Array]


def exact_line_search(hessian: Array, start: Array, steps: int) -> list[Array]:
    """x+ = x - (g.g / g.Hg) g on the quadratic x'Hx/2."""
    iterates = [start]
    for _ in range(steps):
        g = hessian @ iterates[-1]
        iterates.append(iterates[-1] - (g @ g) / (g @ hessian @ g) * g)
    return iterates


def backtracking(
    gradient: Gradient, value: Value, start: Array, steps: int, step_size: float, factor: float
) -> list[Array]:
    """x+ = x - s b^j g, the first j = 0, 1, ... with f(x+) <= f(x) - s b^j |g|^2 / 2."""
    iterates = [start]
    for k in range(steps):
        x, t = iterates[-1], step_size
        g = gradient(k, x)
        while value(x - t * g) > value(x) - t * (g @ g) / 2:
            t *= factor
        iterates.append(x - t * g)
    return iterates


def polyak_step(
    gradient: Gradient, value: Value, start: Array, steps: int, minimum: float, scale: float
) -> list[Array]:
    """x+ = x - scale (f(x) - minimum) / |g|^2 g."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        iterates.append(x - scale * (value(x) - minimum) / (g @ g) * g)
    return iterates


def adgd(gradient: Gradient, start: Array, steps: int, step_size: float) -> tuple[list[Array], list[Array]]:
    """Malitsky & Mishchenko 2020, Algorithm 1, with theta_0 = 0; the iterates, and the averages of Theorem 1."""
    xs, gs, lengths, ratios = [start], [gradient(0, start)], [step_size], [0.0]
    xs.append(start - step_size * gs[0])
    for k in range(1, steps):
        gs.append(gradient(k, xs[k]))
        cap = np.linalg.norm(xs[k] - xs[k - 1]) / (2 * np.linalg.norm(gs[k] - gs[k - 1]))
        lengths.append(float(min(np.sqrt(1 + ratios[k - 1]) * lengths[k - 1], cap)))
        ratios.append(lengths[k] / lengths[k - 1])
        xs.append(xs[k] - lengths[k] * gs[k])
    averages = []
    for k in range(1, steps):
        weights = [lengths[i] * (1 + ratios[i]) - lengths[i + 1] * ratios[i + 1] for i in range(1, k)]
        weights.append(lengths[k] * (1 + ratios[k]))
        averages.append(np.average(np.array(xs[1 : k + 1]), axis=0, weights=weights))
    return xs, averages


def coordinate_descent(hessian: Array, start: Array, coordinates: Array, step_size: float) -> list[Array]:
    """x_i+ = x_i - step (Hx)_i / H_ii for the coordinates i in turn."""
    iterates = [start]
    for i in coordinates.astype(int):
        x = iterates[-1].copy()
        x[i] -= step_size * (hessian[i] @ x) / hessian[i, i]
        iterates.append(x)
    return iterates


def greedy_coordinate_descent(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """x_i+ = x_i - step g_i, i = argmax |g_i|."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1].copy()
        g = gradient(k, x)
        i = int(np.argmax(np.abs(g)))
        x[i] -= step_size * g[i]
        iterates.append(x)
    return iterates


def frank_wolfe(gradient: Gradient, lowest: Map, start: Array, steps: int) -> list[Array]:
    """x+ = x + 2/(k + 2) (s - x), s = lowest(g) the point of the set that minimizes g.s."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        iterates.append(x + 2 / (k + 2) * (lowest(gradient(k, x)) - x))
    return iterates


def exponentiated_gradient(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """x+ proportional to x exp(-eta g)."""
    iterates = [start]
    for k in range(steps):
        weights = iterates[-1] * np.exp(-step_size * gradient(k, iterates[-1]))
        iterates.append(weights / weights.sum())
    return iterates


def burg_gradient(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """1/x+ = 1/x + eta g."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        iterates.append(1 / (1 / x + step_size * gradient(k, x)))
    return iterates


def fista(gradient: Gradient, prox: Map, start: Array, steps: int, step_size: float) -> list[Array]:
    """x+ = prox(y - eta g(y)), y+ = x+ + k/(k + 3) (x+ - x), y_0 = x_0."""
    iterates, y = [start], start
    for k in range(steps):
        iterates.append(prox(y - step_size * gradient(k, y)))
        y = iterates[-1] + k / (k + 3) * (iterates[-1] - iterates[-2])
    return iterates


def fista_recursive(gradient: Gradient, prox: Map, start: Array, steps: int, step_size: float) -> list[Array]:
    """x+ = prox(y - eta g(y)), y+ = x+ + (t - 1)/t+ (x+ - x), t+ = (1 + sqrt(1 + 4 t^2))/2, t_0 = 1."""
    iterates, y, t = [start], start, 1.0
    for k in range(steps):
        iterates.append(prox(y - step_size * gradient(k, y)))
        following = (1 + np.sqrt(1 + 4 * t**2)) / 2
        y = iterates[-1] + (t - 1) / following * (iterates[-1] - iterates[-2])
        t = following
    return iterates
