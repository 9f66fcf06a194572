"""Accelerated and Krylov methods in plain NumPy, each in another form than the compiled rule where there is one.

Conventions as in twins.py: a function returns the list x_0, x_1, ..., x_steps.
"""

import itertools

import numpy as np
from numpy.polynomial import chebyshev

from tests.references.twins import Array, Gradient


def thetas(steps: int) -> list[float]:
    """theta_0 = 1 and theta_(k+1)^2 - theta_(k+1) = theta_k^2, by its positive root."""
    found = [1.0]
    for _ in range(steps):
        found.append(float(np.max(np.roots([1.0, -1.0, -(found[-1] ** 2)]))))
    return found


def accelerated_gradient(gradient: Gradient, start: Array, steps: int, smoothness: float) -> list[Array]:
    """z+ = z - theta_k g(y_k) / L, x+ = y_k - g(y_k) / L, y+ = x+ (1 - 1/theta_(k+1)) + z+ / theta_(k+1).

    The form with an estimate sequence z; z_0 = y_0 = x_0.
    """
    theta, iterates, y, z = thetas(steps), [start], start, start
    for k in range(steps):
        g = gradient(k, y) / smoothness
        iterates.append(y - g)
        z = z - theta[k] * g
        y = (1 - 1 / theta[k + 1]) * iterates[-1] + z / theta[k + 1]
    return iterates


def optimized_gradient(
    gradient: Gradient, start: Array, steps: int, smoothness: float
) -> tuple[list[Array], list[Array]]:
    """y+ = (1 - 1/t) (y_k - g_k/L) + (x_0 - (2/L) sum theta_j g_j) / t, t = theta_(k+1). Kim & Fessler 2016.

    Returns the y, and what is returned after each step: the same with 2 theta_k^2 = t^2 - t for the last t.
    """
    theta, ys, finals, z = thetas(steps), [start], [start], start
    for k in range(steps):
        g = gradient(k, ys[-1]) / smoothness
        z = z - 2 * theta[k] * g
        last = (1 + np.sqrt(1 + 8 * theta[k] ** 2)) / 2
        after = ys[-1] - g
        finals.append((1 - 1 / last) * after + z / last)
        ys.append((1 - 1 / theta[k + 1]) * after + z / theta[k + 1])
    return ys, finals


def triple_momentum(
    gradient: Gradient, start: Array, steps: int, smoothness: float, strong_convexity: float
) -> tuple[list[Array], list[Array]]:
    """Van Scoy, Freeman & Lynch 2018, (4): xi+ = (1 + b) xi - b xi_, y = (1 + c) xi - c xi_, x = (1 + e) xi - e xi_

    Returns the xi and the x.
    """
    rho = 1 - 1 / np.sqrt(smoothness / strong_convexity)
    alpha, beta = (1 + rho) / smoothness, rho**2 / (2 - rho)
    gamma, delta = rho**2 / ((1 + rho) * (2 - rho)), rho**2 / (1 - rho**2)
    states = [start, start]
    for k in range(steps):
        old, now = states[-2:]
        y = (1 + gamma) * now - gamma * old
        states.append((1 + beta) * now - beta * old - alpha * gradient(k, y))
    outputs = [(1 + delta) * now - delta * old for old, now in itertools.pairwise(states)]
    return states[1:], outputs


def best_in_krylov_space(hessian: Array, start: Array, steps: int) -> list[Array]:
    """The minimizers of x'Hx/2 over x_0 + span(g, Hg, ..., H^(k-1) g), from an orthonormal basis of it."""
    iterates, basis = [start], np.zeros((len(start), 0))
    v = hessian @ start
    for _ in range(steps):
        v = v - basis @ (basis.T @ v)
        v = v - basis @ (basis.T @ v)
        basis = np.column_stack([basis, v / np.linalg.norm(v)])
        inside = np.linalg.solve(basis.T @ hessian @ basis, basis.T @ hessian @ start)
        iterates.append(start - basis @ inside)
        v = hessian @ basis[:, -1]
    return iterates


def chebyshev_polynomials(
    hessian: Array, start: Array, steps: int, smallest: float, largest: float
) -> list[Array]:
    """x_k = T_k(s - 2 H / (largest - smallest)) x_0 / T_k(s) for x'Hx/2, in the basis of eigenvectors."""
    eigenvalues, basis = np.linalg.eigh(hessian)
    s = (largest + smallest) / (largest - smallest)
    iterates = []
    for k in range(steps + 1):
        series = [0.0] * k + [1.0]
        factors = chebyshev.chebval(s - 2 * eigenvalues / (largest - smallest), series)
        iterates.append(basis @ (factors / chebyshev.chebval(s, series) * (basis.T @ start)))
    return iterates
