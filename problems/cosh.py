"""A convex function whose curvature grows with its slope: smooth nowhere but for clipped steps."""

import math

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import StronglyConvex
from simlab.vocabulary.problem import Problem, problem


@kernel
def cosh_value(data: Data, x: Vector) -> float:
    """(L0 / L1^2) (cosh(L1 x) - 1), written without cancellation."""
    return 2.0 * data.scalars[0] / data.scalars[1] ** 2 * math.sinh(0.5 * data.scalars[1] * x[0]) ** 2


@kernel
def cosh_gradient(data: Data, x: Vector, out: Vector) -> None:
    """(L0 / L1) sinh(L1 x)."""
    out[0] = data.scalars[0] / data.scalars[1] * math.sinh(data.scalars[1] * x[0])


@kernel
def cosh_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """L0 cosh(L1 x)."""
    out[0, 0] = data.scalars[0] * math.cosh(data.scalars[1] * x[0])


@problem(
    value=cosh_value,
    gradient=cosh_gradient,
    hessian=cosh_hessian,
    gallery=(),
    formula=r"f(x) = \tfrac{L_0}{L_1^2} (\cosh(L_1 x) - 1)",
)
def cosh_bowl(curvature: float = 1.0, growth: float = 1.0, start: float = 1.0) -> Problem:
    """One coordinate. With L0 = ``curvature`` and L1 = ``growth``, |f''| <= L0 + L1 |f'|, the inequality that is
    called (L0, L1)-smoothness, and no smaller constants will do. No gallery lists it: methods for smooth functions
    cannot be expected to converge.
    """
    if not (curvature > 0 and growth > 0):
        raise InputError("cosh_bowl: curvature and growth must be above 0.")
    return Problem(
        scalars=[curvature, growth],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(StronglyConvex(curvature),),
        region=300.0 / growth,  # they hold everywhere, but cosh(710) is no double any more
    )
