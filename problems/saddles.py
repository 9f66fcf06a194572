"""Strict saddles: a quadratic saddle between two wells, and the factorization of one number."""

import math
from collections.abc import Sequence

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import BoundedBelow, Smooth
from simlab.vocabulary.problem import Problem, problem


@kernel
def strict_saddle_value(data: Data, x: Vector) -> float:
    """-gamma x_1^2 / 2 up to the width, then a well of the same curvature; stiffness x_i^2 / 2 for i > 1."""
    curvature, stiffness, width = data.scalars[0], data.scalars[1], data.scalars[2]
    size = abs(x[0])
    if size <= width:
        total = -0.5 * curvature * size**2
    else:
        total = 0.5 * curvature * (size - 2.0 * width) ** 2 - curvature * width**2
    for i in range(1, x.size):
        total += 0.5 * stiffness * x[i] ** 2
    return total


@kernel
def strict_saddle_gradient(data: Data, x: Vector, out: Vector) -> None:
    """-gamma x_1 up to the width, then gamma (x_1 -+ 2 width); stiffness x_i for i > 1."""
    curvature, stiffness, width = data.scalars[0], data.scalars[1], data.scalars[2]
    if abs(x[0]) <= width:
        out[0] = -curvature * x[0]
    elif x[0] > 0:
        out[0] = curvature * (x[0] - 2.0 * width)
    else:
        out[0] = curvature * (x[0] + 2.0 * width)
    for i in range(1, x.size):
        out[i] = stiffness * x[i]


@problem(
    value=strict_saddle_value,
    gradient=strict_saddle_gradient,
    gallery=(
        {"dimension": 2},
        {"dimension": 5, "curvature": 0.3, "stiffness": 2.0, "start": 0.01},
        {"dimension": 100, "curvature": 1e-3, "start": 0.1},
    ),
    formula=r"f(x) = -\tfrac\gamma2 x_1^2 + \tfrac\lambda2 \sum_{i>1} x_i^2 \quad (|x_1| \le w)",
)
def strict_saddle(
    dimension: int = 2,
    curvature: float = 0.5,
    stiffness: float = 1.0,
    width: float = 1.0,
    start: float = 0.0,
    offset: float = 1.0,
) -> Problem:
    """A quadratic saddle at 0 with one direction of negative ``curvature``; beyond ``width`` that direction
    turns up into wells at +-2 width, so that f is smooth everywhere and bounded below.

    ``start`` is the first coordinate of x_0 and ``offset`` all others: with start 0 gradient descent ends in
    the saddle.
    """
    if not (curvature > 0 and stiffness > 0 and width > 0):
        raise InputError("strict_saddle: curvature, stiffness and width must be above 0.")
    begin = np.full(dimension, offset)
    begin[0] = start
    well = np.zeros(dimension)
    well[0] = math.copysign(2.0 * width, start)
    return Problem(
        scalars=[curvature, stiffness, width],
        start=begin,
        minimizer=well,
        minimum=-curvature * width**2,
        assumptions=(BoundedBelow(), Smooth(max(curvature, stiffness) if dimension > 1 else curvature)),
    )


@kernel
def factorization_value(data: Data, x: Vector) -> float:
    """(x y - 1)^2 / 2."""
    return 0.5 * (x[0] * x[1] - 1.0) ** 2


@kernel
def factorization_gradient(data: Data, x: Vector, out: Vector) -> None:
    """(x y - 1) (y, x)."""
    error = x[0] * x[1] - 1.0
    out[0], out[1] = error * x[1], error * x[0]


@kernel
def factorization_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """[[y^2, 2 x y - 1], [2 x y - 1, x^2]]."""
    out[0, 0], out[1, 1] = x[1] ** 2, x[0] ** 2
    out[0, 1] = out[1, 0] = 2.0 * x[0] * x[1] - 1.0


@problem(
    value=factorization_value,
    gradient=factorization_gradient,
    hessian=factorization_hessian,
    gallery=({"start": (0.5, 0.5)}, {"start": (1.3, 0.9)}),
    formula=r"f(x, y) = \tfrac12 (x y - 1)^2",
)
def factorization(start: Sequence[float] = (0.5, 0.5), region: float = 0.8) -> Problem:
    """The minimizers are the hyperbola x y = 1, and 0 is a strict saddle; constants hold within ``region``.

    At distance s from the origin and angle t, with c = sin 2t, the Hessian's norm is
    s^2/2 + sqrt(s^4/4 + 3 s^4 c^2/4 - 2 s^2 c + 1), whose radicand is convex in c. In the positive quadrant
    (c from 0 to 1) it is therefore at most the larger of its values at c = 0 and c = 1 and at the largest s.
    That is reached when the region's centre is (1, 1). The start must lie in the positive quadrant, and so must
    the region.
    """
    a, b = (float(number) for number in start)
    if not (a > 0 and b > 0):
        raise InputError("factorization: both coordinates of the start must be above 0.")
    # The nearest point (t, 1/t) of the hyperbola: its distance is stationary where t^4 - a t^3 + b t - 1 = 0.
    roots = np.roots([1.0, -a, 0.0, b, -1.0])
    real = roots[(np.abs(roots.imag) < 1e-9) & (roots.real > 0)].real
    t = min((float(r) for r in real), key=lambda r: (r - a) ** 2 + (1 / r - b) ** 2)
    if not region < min(t, 1 / t):
        raise InputError("factorization: the region leaves the positive quadrant; make it smaller.")
    farthest = (math.hypot(t, 1 / t) + region) ** 2
    largest = max(1.5 * farthest - 1.0, 0.5 * farthest + math.sqrt(0.25 * farthest**2 + 1.0))
    return Problem(
        scalars=[],
        start=[a, b],
        minimizer=[t, 1 / t],
        minimum=0.0,
        assumptions=(BoundedBelow(), Smooth(largest)),
        region=region,
        loose=(Smooth,),
    )
