"""Composite objectives F = f + g: least squares with an l1 penalty, and a linear function on a half-line."""

import math
from collections.abc import Sequence

import numpy as np

from problems.least_squares import least_squares_gradient, least_squares_hessian, least_squares_value
from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Composite
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import real

# Scalars of a lasso: the ridge 0 of the least-squares kernels, then the penalty.


@kernel
def lasso_value(data: Data, x: Vector) -> float:
    """Mean of (a_i . x - y_i)^2 / 2, plus penalty |x|_1."""
    total = 0.0
    for j in range(x.size):
        total += abs(x[j])
    return least_squares_value(data, x) + data.scalars[1] * total


@kernel
def lasso_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Soft thresholding: every coordinate moves towards 0 by step * penalty, and not beyond."""
    threshold = step * data.scalars[1]
    for j in range(x.size):
        if x[j] > threshold:
            out[j] = x[j] - threshold
        elif x[j] < -threshold:
            out[j] = x[j] + threshold
        else:
            out[j] = 0.0 * x[j]  # 0, unless x_j is not a number, which must show


@problem(
    value=lasso_value,
    gradient=least_squares_gradient,
    hessian=least_squares_hessian,
    prox=lasso_prox,
    gallery=(
        {"terms": 12, "dimension": 4, "nonzeros": 2},
        {"terms": 6, "dimension": 10, "nonzeros": 3, "penalty": 0.1},
        {"terms": 20, "dimension": 3, "nonzeros": 3, "penalty": 1.0, "start": (2.0, -1.0, 0.5)},
        {"terms": 40, "dimension": 200, "nonzeros": 10},
    ),
    formula=r"F(x) = \frac1n \sum_{i=1}^n \tfrac12 (a_i^\top x - y_i)^2 + \lambda \|x\|_1",
)
def lasso(
    terms: int = 12,
    dimension: int = 4,
    nonzeros: int = 2,
    penalty: float = 0.3,
    seed: int = 1,
    start: Sequence[float] | None = None,
) -> Problem:
    """Random rows and a minimizer that is known: it has ``nonzeros`` coordinates of magnitude 1 that are not 0.

    x* minimizes F when A'e / n = penalty * s for the residual e = y - A x* and a subgradient s of |x|_1 at x*. Rows
    and residual are drawn; then the columns of A are rescaled so that s_j = +-1 on the support, where it is the
    sign of x*_j, and |s_j| <= 1/2 off it (Nesterov 2013, section 6). So x* is the only minimizer: the columns of
    the support are independent.
    """
    if not (1 <= nonzeros <= min(terms, dimension) and penalty > 0):
        raise InputError(
            "lasso: nonzeros must lie between 1 and the smaller of terms and dimension, penalty above 0."
        )
    random = np.random.default_rng(seed)
    rows, residual = random.standard_normal((terms, dimension)), random.standard_normal(terms)
    slopes = rows.T @ residual / terms
    support = np.argsort(-np.abs(slopes))[:nonzeros]
    scales = np.minimum(1.0, 0.5 * penalty / np.abs(slopes))
    scales[support] = penalty / np.abs(slopes[support])
    rows *= scales
    minimizer = np.zeros(dimension)
    minimizer[support] = np.sign(slopes[support])
    targets = rows @ minimizer + residual
    return Problem(
        scalars=[0.0, penalty],
        table=np.column_stack([rows, targets]),
        start=np.zeros(dimension) if start is None else start,
        minimizer=minimizer,
        minimum=float(np.mean(residual**2)) / 2 + penalty * nonzeros,
        assumptions=(Composite(float(np.linalg.eigvalsh(rows.T @ rows / terms)[-1])),),
    )


@kernel
def half_line_value(data: Data, x: Vector) -> float:
    """c x for x >= 0, infinite below."""
    return data.scalars[0] * x[0] if x[0] >= 0.0 else math.inf


@kernel
def half_line_gradient(data: Data, x: Vector, out: Vector) -> None:
    """c."""
    out[0] = data.scalars[0]


@kernel
def half_line_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Projection onto x >= 0."""
    out[0] = 0.0 if x[0] < 0.0 else x[0]


@problem(
    value=half_line_value,
    gradient=half_line_gradient,
    prox=half_line_prox,
    gallery=({"slope": 0.1}, {"slope": 0.02, "smoothness": 3.0, "start": 2.0}),
    formula=r"F(x) = c x + \iota_{x \ge 0}(x)",
    search={"slope": real(1e-4, 2.0), "smoothness": real(0.1, 10.0), "start": real(0.1, 2.0)},
)
def half_line(slope: float = 0.1, smoothness: float = 1.0, start: float = 1.0) -> Problem:
    """A linear function on x >= 0, whose minimizer 0 is on the boundary. A linear function is smooth with any
    constant, so ``smoothness`` only sets the step size of the methods that read it.
    """
    if not (slope > 0 and smoothness > 0 and start > 0):
        raise InputError("half_line: slope, smoothness and start must be above 0.")
    return Problem(
        scalars=[slope],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(Composite(smoothness),),
        loose=(Composite,),
    )
