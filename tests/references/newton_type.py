"""Variants of Newton's method in plain NumPy and SciPy.

Conventions as in twins.py: a function returns the list x_0, x_1, ..., x_steps. ``hessian(k, x)`` is (d, d),
``residuals(x)`` (n,) and ``jacobian(x)`` (n, d).
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.sparse.linalg import cg

from tests.references.twins import Array, Gradient

Function = Callable[[Array], Array]


def damped_newton(gradient: Gradient, hessian: Gradient, start: Array, steps: int) -> list[Array]:
    """x+ = x - H^-1 g / (1 + sqrt(g'H^-1 g)). Nesterov 2004, (4.1.15)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        direction = np.linalg.solve(hessian(k, x), gradient(k, x))
        iterates.append(x - direction / (1 + np.sqrt(gradient(k, x) @ direction)))
    return iterates


def cubic_newton(
    gradient: Gradient, hessian: Gradient, start: Array, steps: int, change: float
) -> list[Array]:
    """x+ = x + s, (H + M r/2) s = -g with r = |s| and H + M r/2 >= 0. Nesterov & Polyak 2006, Proposition 1."""
    iterates = [start]
    for k in range(steps):
        x, identity = iterates[-1], np.eye(len(start))
        g, h = gradient(k, x), hessian(k, x)

        def step(r: float, g: Array = g, h: Array = h, identity: Array = identity) -> Array:
            return np.linalg.solve(h + change * r / 2 * identity, -g)

        low = max(0.0, -2 * float(np.linalg.eigvalsh(h)[0]) / change) * (1 + 1e-12) + 1e-14
        r = brentq(lambda r: np.linalg.norm(step(r)) - r, low, low + 1e3, xtol=1e-15, rtol=1e-14)
        iterates.append(x + step(r))
    return iterates


def inexact_newton(
    gradient: Gradient, hessian: Gradient, start: Array, steps: int, forcing: float, power: float
) -> list[Array]:
    """x+ = x + s, H s = -g + e g with e = min(forcing, |g|^power)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        e = min(forcing, np.linalg.norm(g) ** power)
        iterates.append(x + np.linalg.solve(hessian(k, x), -g + e * g))
    return iterates


def newton_cg(
    gradient: Gradient, hessian: Gradient, start: Array, steps: int, forcing: float, power: float
) -> list[Array]:
    """x+ = x + s, s by SciPy's conjugate gradients from 0 to the relative residual min(forcing, |g|^power)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        e = min(forcing, np.linalg.norm(g) ** power)
        iterates.append(x + cg(hessian(k, x), -g, rtol=e, atol=0.0)[0])
    return iterates


def gauss_newton(
    residuals: Function, jacobian: Function, start: Array, steps: int, step_size: float
) -> list[Array]:
    """x+ = x + a s, where s is the least-squares solution of J s = -r."""
    iterates = [start]
    for _ in range(steps):
        x = iterates[-1]
        iterates.append(x + step_size * np.linalg.lstsq(jacobian(x), -residuals(x), rcond=None)[0])
    return iterates


def natural_gradient(
    residuals: Function, jacobian: Function, start: Array, steps: int, step_size: float
) -> list[Array]:
    """x+ = x - a F^+ grad f with the Fisher matrix F = J'J / n and grad f = J'r / n."""
    iterates = [start]
    for _ in range(steps):
        x = iterates[-1]
        j, n = jacobian(x), len(jacobian(x))
        fisher = np.linalg.pinv(j.T @ j / n, rcond=1e-12, hermitian=True)
        iterates.append(x - step_size * fisher @ (j.T @ residuals(x) / n))
    return iterates
