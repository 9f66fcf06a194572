"""The largest of given affine functions, with a parabola or without: instances that are found by a solver."""

import math

import numpy as np
from numpy.typing import ArrayLike

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Assumption, Convex, Lipschitz, StronglyConvex
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import array, real, whole

# How far the minimizer may be from satisfying the optimality condition, by rounding.
TOLERANCE = 1e-9


@kernel
def piece(data: Data, i: int, x: Vector) -> float:
    """a_i . x + b_i; the rows of the table are (a_i, b_i)."""
    total = data.table[i, x.size]
    for j in range(x.size):
        total += data.table[i, j] * x[j]
    return total


@kernel
def top_piece(data: Data, x: Vector) -> int:
    """The first of the largest pieces; one that is not a number counts as the largest."""
    top = 0
    for i in range(1, data.table.shape[0]):
        if not (piece(data, i, x) <= piece(data, top, x)):
            top = i
    return top


@kernel
def polyhedral_value(data: Data, x: Vector) -> float:
    """max_i (a_i . x + b_i) + curvature |x|^2 / 2."""
    total = piece(data, top_piece(data, x), x)
    for j in range(x.size):
        total += 0.5 * data.scalars[0] * x[j] ** 2
    return total


@kernel
def polyhedral_gradient(data: Data, x: Vector, out: Vector) -> None:
    """a_i + curvature x for the first of the largest pieces: a subgradient."""
    top = top_piece(data, x)
    for j in range(x.size):
        out[j] = data.table[top, j] + data.scalars[0] * x[j]


@problem(
    value=polyhedral_value,
    gradient=polyhedral_gradient,
    gallery=(
        {},
        {"slopes": ((0.0, 1.0), (1.0, -1.0), (-2.0, -1.0)), "start": (0.5, 2.0)},
    ),
    search={
        "pieces": whole(1, 5),
        "d": whole(1, 4),
        "slopes": array(real(-1.0, 1.0), "pieces", "d"),
        "start": array(real(-1.0, 1.0), "d"),
        "closing": array(real(0.0, 1.0), "pieces"),
    },
    formula=r"f(x) = \max_i (a_i^\top x + b_i) + \tfrac\mu2 \|x\|^2",
)
def polyhedral(
    slopes: ArrayLike = ((1.0,), (-0.5,)),
    offsets: ArrayLike | None = None,
    curvature: float = 0.0,
    start: ArrayLike = (1.0,),
    minimizer: ArrayLike | None = None,
    closing: ArrayLike = (),
) -> Problem:
    """``slopes`` a_i of shape (n, d), ``offsets`` b_i of shape (n,) (0 when left out), and a ``minimizer`` (0
    when left out), which is checked: minus curvature times it must be a convex combination of the largest
    pieces there. With weights ``closing`` of shape (n,) there is one piece more, minus the sum of the weighted
    slopes, so that 0 is a minimizer when the offsets are 0.

    With a ``curvature`` mu above 0 the slopes are bounded only where the iterates stay: the Lipschitz constant is
    that on the ball around the minimizer that reaches the start and all the points -a_i/mu. Subgradient methods
    with step sizes up to 1/mu stay in the convex hull of those. Others leave it, so no gallery lists a curvature.
    """
    a, x0 = np.array(slopes, dtype=np.float64), np.array(start, dtype=np.float64)
    weights = np.array(closing, dtype=np.float64)
    if weights.size:
        if a.ndim != 2 or weights.shape != a.shape[:1] or not (weights >= 0).all() or offsets is not None:
            raise InputError(
                "polyhedral: closing must be weights of at least 0, one a slope, without offsets."
            )
        a = np.vstack([a, -weights @ a])
    b = np.zeros(len(a)) if offsets is None else np.array(offsets, dtype=np.float64)
    bottom = np.zeros(x0.size) if minimizer is None else np.array(minimizer, dtype=np.float64)
    if a.ndim != 2 or a.shape != (b.size, x0.size) or not curvature >= 0:
        raise InputError(
            "polyhedral: slopes must have the shape (n, d), offsets (n,), and curvature be >= 0."
        )
    heights = a @ bottom + b
    _check_minimizer(a[heights >= heights.max() - TOLERANCE], -curvature * bottom)
    lipschitz, region = float(np.linalg.norm(a, axis=1).max()), None
    assumptions: list[Assumption] = [Convex()]
    if curvature > 0:
        corners = np.vstack([x0, -a / curvature]) - bottom
        region = float(np.linalg.norm(corners, axis=1).max())
        lipschitz = float(np.linalg.norm(a + curvature * bottom, axis=1).max()) + curvature * region
        region *= 1 + TOLERANCE
        assumptions.append(StronglyConvex(curvature))
    return Problem(
        scalars=[curvature],
        table=np.column_stack([a, b]),
        start=x0,
        minimizer=bottom,
        minimum=float(heights.max() + curvature * bottom @ bottom / 2),
        assumptions=(*assumptions, Lipschitz(lipschitz)),
        region=region,
        loose=(Lipschitz,) if curvature > 0 else (),
    )


def _check_minimizer(active: Vector, target: Vector) -> None:
    """Refuse a point at which no convex combination of the active slopes is the target."""
    from scipy.optimize import nnls

    matrix = np.vstack([active.T, np.ones(len(active))])
    residual = nnls(matrix, np.append(target, 1.0))[1]
    if not residual <= math.sqrt(TOLERANCE):
        raise InputError(
            f"polyhedral: the minimizer misses the optimality condition by {residual:.3g}; give another one."
        )
