"""The exponential function less its tangent: convex, with a third derivative that averages do not forgive."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Convex, Differentiable, NondegenerateMinimizer
from simlab.vocabulary.problem import Problem, problem


@kernel
def exponential_value(data: Data, x: Vector) -> float:
    """e^x - 1 - x."""
    return math.expm1(x[0]) - x[0]


@kernel
def exponential_gradient(data: Data, x: Vector, out: Vector) -> None:
    """e^x - 1."""
    out[0] = math.expm1(x[0])


@kernel
def exponential_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """e^x."""
    out[0, 0] = math.exp(x[0])


@problem(
    value=exponential_value,
    gradient=exponential_gradient,
    hessian=exponential_hessian,
    gallery=({}, {"start": -2.0}),
    formula=r"f(x) = e^x - 1 - x",
)
def exponential(start: float = 0.5) -> Problem:
    """One coordinate, minimal at 0, where all derivatives from the second on are 1; not smooth."""
    return Problem(
        scalars=[],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(Convex(), Differentiable(), NondegenerateMinimizer(1.0)),
    )
