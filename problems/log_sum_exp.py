"""The smoothed maximum of coordinates, against a push: shows in high dimension what too long a step does."""

import math
from typing import Any

import numpy as np

from problems.losses import replaced
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedBelow,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    FiniteSum,
    NondegenerateMinimizer,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem

# Scalars: smoothing t, threshold v, then the direction r of the push. Rows: 0 for the maximum, 1 for the push.


@kernel
def log_partition(data: Data, x: Vector, weights: Vector) -> float:
    """log(1 + sum of exp((x_j - v) / t)); fills ``weights`` with its derivatives by (x_j - v) / t."""
    top = 0.0
    for j in range(x.size):
        weights[j] = (x[j] - data.scalars[1]) / data.scalars[0]
        top = max(top, weights[j])
    total = math.exp(-top)
    for j in range(x.size):
        weights[j] = math.exp(weights[j] - top)
        total += weights[j]
    for j in range(x.size):
        weights[j] /= total
    return top + math.log(total)


@kernel
def pushing_fraction(data: Data) -> float:
    """The fraction of the examples that push."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += data.table[i, 0]
    return total / data.table.shape[0]


@kernel
def log_sum_exp_value(data: Data, x: Vector) -> float:
    """Mean of t log(1 + sum of exp((w_j - v) / t)) where z = 0, and of -r.w where z = 1."""
    fraction = pushing_fraction(data)
    weights = np.empty(x.size)
    total = (1.0 - fraction) * data.scalars[0] * log_partition(data, x, weights)
    for j in range(x.size):
        total -= fraction * data.scalars[2 + j] * x[j]
    return total


@kernel
def log_sum_exp_gradient(data: Data, x: Vector, out: Vector) -> None:
    """(1 - q) softmax - q r, with q the fraction that pushes."""
    fraction = pushing_fraction(data)
    log_partition(data, x, out)
    for j in range(x.size):
        out[j] = (1.0 - fraction) * out[j] - fraction * data.scalars[2 + j]


@kernel
def log_sum_exp_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """The softmax, or -r."""
    if data.table[i, 0] == 0.0:
        log_partition(data, x, out)
    else:
        for j in range(x.size):
            out[j] = -data.scalars[2 + j]


@kernel
def log_sum_exp_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """(1 - q) (diag(p) - p p') / t for the softmax p."""
    weights = np.empty(x.size)
    log_partition(data, x, weights)
    scale = (1.0 - pushing_fraction(data)) / data.scalars[0]
    for i in range(x.size):
        for j in range(x.size):
            out[i, j] = -scale * weights[i] * weights[j]
        out[i, i] += scale * weights[i]


@problem(
    value=log_sum_exp_value,
    gradient=log_sum_exp_gradient,
    component=log_sum_exp_component,
    hessian=log_sum_exp_hessian,
    gallery=(
        {"terms": 6, "dimension": 3, "smoothing": 0.5, "pushes": 1},
        {"terms": 5, "dimension": 2, "smoothing": 2.0, "threshold": 1.0, "pushes": 2},
    ),
    formula=r"f(w; 0) = t \log(1 + \sum_j e^{(w_j - v)/t}), \quad f(w; 1) = -r^\top w",
)
def log_sum_exp(
    terms: int = 6, dimension: int = 3, smoothing: float = 0.5, threshold: float = 0.0, pushes: int = 0
) -> Problem:
    """max(0, max_j w_j - v), smoothed with the temperature t = ``smoothing``, for all examples but the last
    ``pushes``, which are linear: -r.w with a unit vector r of slightly unequal entries. All start at 0.

    The maximum is 1/(2t)-smooth (1/(4t) in one dimension) and 1-Lipschitz. Gradients of the pushed coordinates are
    unit vectors in turn, so a replaced example that pushes once sends the iterates on a walk of orthogonal steps.
    With few enough pushes there is a minimizer, where (1 - q) softmax = q r for the fraction q of pushes.
    """
    if not (smoothing > 0 and dimension >= 1 and 0 <= pushes < terms):
        raise InputError("log_sum_exp: smoothing must be above 0, and fewer examples than all may push.")
    direction = 1.0 + 0.01 * np.arange(dimension) / dimension
    direction /= np.linalg.norm(direction)
    table = np.where(np.arange(terms) < terms - pushes, 0.0, 1.0)[:, None]
    fraction = pushes / terms
    peak = (0.5 if dimension > 1 else 0.25) / smoothing
    assumptions: list[Assumption] = [
        FiniteSum(terms),
        BoundedBelow(),
        ComponentsConvex(),
        ComponentsSmooth(peak),
        ComponentsLipschitz(1.0),
        Smooth((1 - fraction) * peak),
    ]
    bottom: dict[str, Any] = {"minimizer": None, "minimum": 0.0}
    scalars = np.array([smoothing, threshold, *direction])
    if pushes:
        weights = fraction / (1 - fraction) * direction
        rest = 1 - weights.sum()
        if not rest > 0:
            raise InputError("log_sum_exp: the pushes win, and f is unbounded below; take fewer of them.")
        minimizer = threshold + smoothing * np.log(weights / rest)
        bottom["minimizer"] = minimizer
        bottom["minimum"] = -(1 - fraction) * smoothing * math.log(rest) - fraction * direction @ minimizer
        hessian = (1 - fraction) / smoothing * (np.diag(weights) - np.outer(weights, weights))
        assumptions.append(NondegenerateMinimizer(float(np.linalg.eigvalsh(hessian)[0])))
    return Problem(
        scalars=scalars,
        table=table,
        start=np.zeros(dimension),
        assumptions=assumptions,
        neighbours=replaced(table, (1.0,)),
        test=[[0.0], [1.0]],
        **bottom,
    )
