"""A smooth strongly convex function on which the heavy-ball method cycles."""

from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem


@kernel
def lessard_value(data: Data, x: Vector) -> float:
    """The integral of the slope from 0."""
    t = x[0]
    if t < 1.0:
        return 12.5 * t**2
    if t < 2.0:
        return 0.5 * t**2 + 24.0 * t - 12.0
    return 12.5 * t**2 - 24.0 * t + 36.0


@kernel
def lessard_gradient(data: Data, x: Vector, out: Vector) -> None:
    """25 x below 1, x + 24 up to 2, 25 x - 24 beyond."""
    t = x[0]
    if t < 1.0:
        out[0] = 25.0 * t
    elif t < 2.0:
        out[0] = t + 24.0
    else:
        out[0] = 25.0 * t - 24.0


@problem(
    value=lessard_value,
    gradient=lessard_gradient,
    gallery=({"start": 3.3}, {"start": 1.5}),
    formula=r"f'(x) = \begin{cases} 25 x & x < 1 \\ x + 24 & 1 \le x < 2 \\ 25 x - 24 & x \ge 2 \end{cases}",
)
def lessard(start: float = 3.3) -> Problem:
    """One coordinate with curvature 25 everywhere but between 1 and 2, where it is 1.

    Lessard, Recht & Packard 2016, section 4.6.
    """
    return Problem(
        scalars=[],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(Smooth(25.0), StronglyConvex(1.0)),
    )
