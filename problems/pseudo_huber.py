"""The pseudo-Huber function: a bowl with slopes of at most 1, hard for adaptive methods when started far away."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    BoundedGradientCoordinates,
    Convex,
    Lipschitz,
    LipschitzHessian,
    NondegenerateMinimizer,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem

# Scalars: threshold delta, center c. With r = sqrt(delta^2 + t^2) the third derivative of r - delta at t is
# -3 delta^2 t / r^5, largest at t = delta / 2.
THIRD_DERIVATIVE = 48 / (25 * math.sqrt(5))


@kernel
def pseudo_huber_value(data: Data, x: Vector) -> float:
    """sum of sqrt(delta^2 + t_i^2) - delta with t = x - c, written without cancellation."""
    threshold, center = data.scalars[0], data.scalars[1]
    total = 0.0
    for i in range(x.size):
        t = x[i] - center
        total += t**2 / (math.sqrt(threshold**2 + t**2) + threshold)
    return total


@kernel
def pseudo_huber_gradient(data: Data, x: Vector, out: Vector) -> None:
    """t_i / sqrt(delta^2 + t_i^2)."""
    threshold, center = data.scalars[0], data.scalars[1]
    for i in range(x.size):
        t = x[i] - center
        out[i] = t / math.sqrt(threshold**2 + t**2)


@kernel
def pseudo_huber_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """delta^2 (delta^2 + t_i^2)^(-3/2) on the diagonal."""
    threshold, center = data.scalars[0], data.scalars[1]
    out[:, :] = 0.0
    for i in range(x.size):
        out[i, i] = threshold**2 * (threshold**2 + (x[i] - center) ** 2) ** -1.5


@problem(
    value=pseudo_huber_value,
    gradient=pseudo_huber_gradient,
    hessian=pseudo_huber_hessian,
    gallery=(
        {"dimension": 1},
        {"dimension": 3, "threshold": 0.5, "start": 2.0, "center": 1.0},
        {"dimension": 100, "threshold": 0.1},
    ),
    formula=r"f(x) = \sum_i \sqrt{\delta^2 + (x_i - c)^2} - \delta",
)
def pseudo_huber(
    dimension: int = 1, threshold: float = 1.0, start: float = 3.0, center: float = 0.0
) -> Problem:
    """Curvature 1/threshold at the minimizer, where all coordinates are ``center``, and slopes that tend to +-1.

    Started far away it gives any method the same slope step after step, as a linear function would, but it is
    bounded below.
    """
    if not (threshold > 0 and math.isfinite(threshold)):
        raise InputError(f"pseudo_huber: the threshold must be a number above 0, not {threshold!r}.")
    return Problem(
        scalars=[threshold, center],
        start=np.full(dimension, start),
        minimizer=np.full(dimension, center),
        minimum=0.0,
        assumptions=(
            Convex(),
            Smooth(1 / threshold),
            NondegenerateMinimizer(1 / threshold),
            LipschitzHessian(THIRD_DERIVATIVE / threshold**2),
            Lipschitz(math.sqrt(dimension)),
            BoundedGradientCoordinates(1.0),
        ),
    )
