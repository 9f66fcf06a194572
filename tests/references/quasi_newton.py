"""Quasi-Newton methods in plain NumPy, with dense matrices where the compiled rules have none.

Conventions as in twins.py: a function returns the list x_0, x_1, ..., x_steps.
"""

import numpy as np

from tests.references.twins import Array, Gradient


def lbfgs(
    gradient: Gradient,
    start: Array,
    steps: int,
    pairs: int,
    initial_curvature: float = 0.0,
    hessian: Array | None = None,
) -> list[Array]:
    """x+ = x - a P g(x), P built anew in each step as a matrix from the last pairs. Nocedal & Wright 2006, (7.16).

    P_0 = (s'y / y'y) I, or I / initial_curvature. a = 1, or, given the Hessian of a quadratic, the minimizer.
    """
    iterates, memory = [start], []
    identity = np.eye(len(start))
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        inverse = identity
        if initial_curvature:
            inverse = identity / initial_curvature
        elif memory:
            s, y = memory[-1]
            inverse = identity * (s @ y) / (y @ y)
        for s, y in memory[-pairs:]:
            left = identity - np.outer(s, y) / (y @ s)
            inverse = left @ inverse @ left.T + np.outer(s, s) / (y @ s)
        step = -inverse @ g
        if hessian is not None:
            step = step * -(g @ step) / (step @ hessian @ step)
        iterates.append(x + step)
        y = gradient(k, x + step) - g
        if y @ step > 0:
            memory.append((step, y))
    return iterates


def bfgs_from_hessian(gradient: Gradient, start: Array, steps: int, hessian: Array) -> list[Array]:
    """x+ = x + s, B s = -g(x), B+ = B - B s s'B / s'Bs + y y' / y's from B_0 = H(x_0): the direct form."""
    iterates, b = [start], hessian
    for k in range(steps):
        x = iterates[-1]
        s = np.linalg.solve(b, -gradient(k, x))
        y = gradient(k, x + s) - gradient(k, x)
        if y @ s > 0:
            b = b - np.outer(b @ s, b @ s) / (s @ b @ s) + np.outer(y, y) / (y @ s)
        iterates.append(x + s)
    return iterates


def barzilai_borwein(
    gradient: Gradient, start: Array, steps: int, first_step: float, short: bool = False
) -> list[Array]:
    """x+ = x - a g(x) where a minimizes |s / a - y| (long), or |s - a y| (short)."""
    iterates = [start, start - first_step * gradient(0, start)]
    for k in range(1, steps):
        s = iterates[-1] - iterates[-2]
        y = gradient(k, iterates[-1]) - gradient(k, iterates[-2])
        one, two = (s, y) if not short else (y, s)
        fitted = float(np.linalg.lstsq(one[:, None], two, rcond=None)[0][0])
        a = fitted if short else 1 / fitted
        iterates.append(iterates[-1] - (a if a > 0 else first_step) * gradient(k, iterates[-1]))
    return iterates
