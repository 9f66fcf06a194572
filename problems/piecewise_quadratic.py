"""Piecewise quadratic functions of one coordinate: any curvature on any interval, and so hard for many methods."""

from collections.abc import Sequence

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Assumption, Convex, Lipschitz, Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import array, real, whole

# A table of two rows for each side of the minimizer: the widths of its pieces, of which the last has no end, and
# their curvatures.


@kernel
def piecewise_slope(data: Data, side: int, distance: float) -> float:
    """The slope at a distance from the minimizer on one side of it."""
    slope, left = 0.0, distance
    for i in range(data.table.shape[1]):
        here = min(left, data.table[2 * side, i])
        slope += data.table[2 * side + 1, i] * here
        left -= here
    return slope


@kernel
def piecewise_quadratic_gradient(data: Data, x: Vector, out: Vector) -> None:
    """The integral of the curvature from 0 to x."""
    out[0] = piecewise_slope(data, 1, x[0]) if x[0] > 0.0 else -piecewise_slope(data, 0, -x[0])


@kernel
def piecewise_quadratic_value(data: Data, x: Vector) -> float:
    """The integral of the slope from 0 to x."""
    side, left = (1, x[0]) if x[0] > 0.0 else (0, -x[0])
    total, slope = 0.0, 0.0
    for i in range(data.table.shape[1]):
        here = min(left, data.table[2 * side, i])
        curvature = data.table[2 * side + 1, i]
        total += slope * here + 0.5 * curvature * here**2
        slope += curvature * here
        left -= here
    return total


@kernel
def piecewise_quadratic_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """The curvature of the piece in which x lies."""
    side, left = (1, x[0]) if x[0] > 0.0 else (0, -x[0])
    piece = 0
    while piece + 1 < data.table.shape[1] and left > data.table[2 * side, piece]:
        left -= data.table[2 * side, piece]
        piece += 1
    out[0, 0] = data.table[2 * side + 1, piece]


@problem(
    value=piecewise_quadratic_value,
    gradient=piecewise_quadratic_gradient,
    hessian=piecewise_quadratic_hessian,
    gallery=(
        {"widths": (0.5, 0.2), "left": (0.2, 0.5), "right": (1.0, 0.1), "beyond": (0.3, 0.6), "start": -1.0},
        {"left": (20.0,), "right": (20.0,), "beyond": (1.0, 1.0), "start": 40.0},
    ),
    formula=r"f(0) = f'(0) = 0, \quad f''(x) = c_i \text{ on the } i\text{-th interval}",
    search={
        "pieces": whole(1, 3),
        "widths": array(real(0.003, 1.0), "pieces"),
        "left": array(real(0.0, 1.0), "pieces"),
        "right": array(real(0.0, 1.0), "pieces"),
        "beyond": array(real(0.0, 1.0), 2),
        "start": real(-3.0, 3.0),
    },
)
def piecewise_quadratic(
    widths: Sequence[float] = (1.0,),
    left: Sequence[float] = (1.0,),
    right: Sequence[float] = (1.0,),
    beyond: Sequence[float] = (0.0, 0.0),
    start: float = 2.0,
) -> Problem:
    """One coordinate with its minimizer at 0. The curvature is constant on intervals of the given ``widths``, from
    0 outwards on both sides: ``left`` and ``right`` of it; and ``beyond`` them, left and right.

    With no curvature beyond, the function is Lipschitz.
    """
    sides = [np.append(side, end) for side, end in zip((left, right), beyond, strict=True)]
    ends = np.append(np.asarray(widths, dtype=np.float64), np.inf)
    if not (all(side.shape == ends.shape and (side >= 0).all() for side in sides) and (ends > 0).all()):
        raise InputError(
            "piecewise_quadratic: left and right must be curvatures of at least 0, one for each of the widths."
        )
    if not all(side[0] > 0 for side in sides):
        raise InputError("piecewise_quadratic: the curvature beside the minimizer must be above 0.")
    most, least = max(side.max() for side in sides), min(side.min() for side in sides)
    assumptions: list[Assumption] = [Convex(), Smooth(float(most))]
    if least > 0:
        assumptions.append(StronglyConvex(float(least)))
    if not any(beyond):
        assumptions.append(Lipschitz(float(max(side[:-1] @ ends[:-1] for side in sides))))
    return Problem(
        scalars=[],
        table=np.vstack([ends, sides[0], ends, sides[1]]),
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=assumptions,
    )
