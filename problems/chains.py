"""Chains: quadratics that pass information from one coordinate to the next, hard for all first-order methods."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Convex, Quadratic, Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem

# Scalars of a chain: the weight w, the last diagonal entry of A, and the ridge. A has 2 on the diagonal (but for
# its last entry) and -1 beside it, and f(x) = w/2 (x'Ax - 2 x_1) + ridge/2 |x|^2.


@kernel
def chain_value(data: Data, x: Vector) -> float:
    """w/2 (x'Ax - 2 x_1) + ridge/2 |x|^2."""
    weight, last, ridge = data.scalars[0], data.scalars[1], data.scalars[2]
    total = (last - 1.0) * x[-1] ** 2 + x[0] ** 2 - 2.0 * x[0]
    square = x[-1] ** 2
    for i in range(x.size - 1):
        total += (x[i] - x[i + 1]) ** 2
        square += x[i] ** 2
    return 0.5 * (weight * total + ridge * square)


@kernel
def chain_gradient(data: Data, x: Vector, out: Vector) -> None:
    """w (A x - e_1) + ridge x."""
    weight, last, ridge = data.scalars[0], data.scalars[1], data.scalars[2]
    for i in range(x.size):
        row = 2.0 * x[i] if i + 1 < x.size else last * x[i]
        row -= x[i - 1] if i > 0 else 1.0
        if i + 1 < x.size:
            row -= x[i + 1]
        out[i] = weight * row + ridge * x[i]


@kernel
def chain_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """w A + ridge I."""
    weight, last, ridge = data.scalars[0], data.scalars[1], data.scalars[2]
    for i in range(x.size):
        for j in range(x.size):
            out[i, j] = 0.0
    for i in range(x.size):
        out[i, i] = weight * (2.0 if i + 1 < x.size else last) + ridge
        if i > 0:
            out[i, i - 1] = out[i - 1, i] = -weight


@problem(
    value=chain_value,
    gradient=chain_gradient,
    hessian=chain_hessian,
    gallery=({"dimension": 5}, {"dimension": 9, "smoothness": 3.0}, {"dimension": 150}),
    formula=r"f(x) = \tfrac L8 \Bigl(x_1^2 + \sum_{i<d} (x_i - x_{i+1})^2 + x_d^2 - 2 x_1\Bigr)",
)
def nesterov_worst_function(dimension: int = 5, smoothness: float = 1.0) -> Problem:
    """Nesterov's worst function for smooth convex minimization (Nesterov 2004, section 2.1.2), started at 0.

    ``smoothness`` L is the limit for long chains. The eigenvalues are L sin^2(j pi / (2d + 2)), j = 1, ..., d, and
    the largest and the smallest of them are declared.
    """
    d, angle = dimension, math.pi / (2 * dimension + 2)
    return Problem(
        scalars=[smoothness / 4, 2.0, 0.0],
        start=np.zeros(d),
        minimizer=1 - np.arange(1, d + 1) / (d + 1),
        minimum=smoothness / 8 * (1 / (d + 1) - 1),
        assumptions=(
            Quadratic(),
            Convex(),
            Smooth(smoothness * math.cos(angle) ** 2),
            StronglyConvex(smoothness * math.sin(angle) ** 2),
        ),
    )


@problem(
    value=chain_value,
    gradient=chain_gradient,
    hessian=chain_hessian,
    gallery=(
        {"dimension": 5},
        {"dimension": 10, "condition_number": 100.0, "strong_convexity": 0.5},
        {"dimension": 100, "condition_number": 1e6},
    ),
    formula=r"f(x) = \tfrac{\mu(\kappa-1)}8 \Bigl(x_1^2 + \sum_{i<d} (x_i - x_{i+1})^2 + (\zeta - 1) x_d^2 "
    r"- 2 x_1\Bigr) + \tfrac\mu2 \|x\|^2, \quad \zeta = \tfrac{\sqrt\kappa + 3}{\sqrt\kappa + 1}",
)
def strongly_convex_chain(
    dimension: int = 5, condition_number: float = 10.0, strong_convexity: float = 1.0
) -> Problem:
    """The worst function for smooth strongly convex minimization (Nesterov 2004, section 2.1.4), started at 0.

    The last diagonal entry zeta makes the minimizer of the finite chain that of the infinite one, x*_i = q^i with
    q = (sqrt(kappa) - 1) / (sqrt(kappa) + 1). ``strong_convexity`` mu and mu ``condition_number`` are the limits of
    the spectrum for long chains; the true extreme eigenvalues are declared.
    """
    mu, kappa = strong_convexity, condition_number
    if not kappa > 1:
        raise InputError(f"strongly_convex_chain: the condition number must be above 1, not {kappa!r}.")
    root, weight = math.sqrt(kappa), mu * (kappa - 1) / 4
    q, last = (kappa - 1) / (root + 1) ** 2, (root + 3) / (root + 1)  # root - 1 would lose digits
    links = np.diag([2.0] * (dimension - 1) + [last])
    links -= np.eye(dimension, k=1) + np.eye(dimension, k=-1)
    spectrum = np.linalg.eigvalsh(links)
    return Problem(
        scalars=[weight, last, mu],
        start=np.zeros(dimension),
        minimizer=q ** np.arange(1, dimension + 1),
        minimum=-weight * q / 2,
        assumptions=(
            Quadratic(),
            Convex(),
            Smooth(float(weight * spectrum[-1] + mu)),
            StronglyConvex(float(weight * spectrum[0] + mu)),
        ),
    )
