"""The Euclidean norm: the simplest function with a kink."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Convex, Lipschitz, Proximable
from simlab.vocabulary.problem import Problem, problem


@kernel
def norm_value(data: Data, x: Vector) -> float:
    """c |x|."""
    total = 0.0
    for i in range(x.size):
        total += x[i] ** 2
    return data.scalars[0] * math.sqrt(total)


@kernel
def norm_gradient(data: Data, x: Vector, out: Vector) -> None:
    """c x / |x|, and 0 at 0."""
    value = norm_value(data, x)
    for i in range(x.size):
        out[i] = data.scalars[0] ** 2 * x[i] / value if value != 0.0 else 0.0


@kernel
def norm_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """x moved towards 0 by step * c, and not beyond."""
    value = norm_value(data, x)
    kept = 0.0
    if not (value <= step * data.scalars[0] ** 2):
        kept = 1.0 - step * data.scalars[0] ** 2 / value
    for i in range(x.size):
        out[i] = kept * x[i]


@problem(
    value=norm_value,
    gradient=norm_gradient,
    prox=norm_prox,
    gallery=({"dimension": 1}, {"dimension": 5, "slope": 0.5}, {"dimension": 200, "slope": 2.0}),
    formula=r"f(x) = c \|x\|",
)
def euclidean_norm(dimension: int = 1, slope: float = 1.0, radius: float = 1.0) -> Problem:
    """``slope`` c times the distance from 0, started at distance ``radius``; |x| in one dimension."""
    if not (dimension >= 1 and slope > 0 and radius > 0):
        raise InputError("euclidean_norm: dimension, slope and radius must be above 0.")
    return Problem(
        scalars=[slope],
        start=np.full(dimension, radius / math.sqrt(dimension)),
        minimizer=np.zeros(dimension),
        minimum=0.0,
        assumptions=(Convex(), Lipschitz(slope), Proximable()),
    )
