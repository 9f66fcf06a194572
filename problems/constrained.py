"""Quadratics over a ball, a box and the simplex, with known minimizers."""

import math
from collections.abc import Sequence

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import CompactDomain, Composite, SmoothPartStronglyConvex
from simlab.vocabulary.problem import Problem, problem

# The rows of the table are the curvatures h, the centre c and the tilt s of f(x) = sum h_i (x_i - c_i)^2 / 2 +
# s . x; scalars: a constant that is added, and the radius of the set. Points may lie outside by rounding.
ROUNDING = 1e-9


@kernel
def smooth_part(data: Data, x: Vector) -> float:
    """sum of h_i (x_i - c_i)^2 / 2 + s_i x_i, plus the constant."""
    total = data.scalars[0]
    for i in range(x.size):
        total += 0.5 * data.table[0, i] * (x[i] - data.table[1, i]) ** 2 + data.table[2, i] * x[i]
    return total


@kernel
def constrained_gradient(data: Data, x: Vector, out: Vector) -> None:
    """h_i (x_i - c_i) + s_i."""
    for i in range(x.size):
        out[i] = data.table[0, i] * (x[i] - data.table[1, i]) + data.table[2, i]


@kernel
def ball_value(data: Data, x: Vector) -> float:
    """The quadratic in the ball, infinite outside."""
    square = 0.0
    for i in range(x.size):
        square += x[i] ** 2
    inside = square <= (data.scalars[1] * (1.0 + ROUNDING)) ** 2
    return smooth_part(data, x) if inside else math.inf


@kernel
def ball_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """x pulled to the sphere when it is outside; for an infinite step, the point of the sphere in its
    direction.
    """
    square = 0.0
    for i in range(x.size):
        square += x[i] ** 2
    norm, radius = math.sqrt(square), data.scalars[1]
    for i in range(x.size):
        out[i] = x[i]
        if norm > radius or (math.isinf(step) and norm > 0.0):
            out[i] = x[i] * (radius / norm)


@kernel
def box_value(data: Data, x: Vector) -> float:
    """The quadratic in the box, infinite outside."""
    farthest = 0.0
    for i in range(x.size):
        farthest = max(farthest, abs(x[i]))
    return smooth_part(data, x) if farthest <= data.scalars[1] * (1.0 + ROUNDING) else math.inf


@kernel
def box_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Each coordinate clipped to [-radius, radius]; for an infinite step, the corner with the signs of x."""
    for i in range(x.size):
        if math.isinf(step):
            out[i] = data.scalars[1] if x[i] >= 0.0 else -data.scalars[1]
        else:
            out[i] = min(max(x[i], -data.scalars[1]), data.scalars[1])


@kernel
def simplex_value(data: Data, x: Vector) -> float:
    """The quadratic on the simplex, infinite outside."""
    total, least = 0.0, 0.0
    for i in range(x.size):
        total += x[i]
        least = min(least, x[i])
    inside = least >= -ROUNDING and abs(total - 1.0) <= ROUNDING
    return smooth_part(data, x) if inside else math.inf


@kernel
def simplex_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Projection onto the simplex; for an infinite step, the vertex of the first largest coordinate.

    max(x_i - t, 0) with the t for which they sum to 1. Michelot 1986: t is the mean excess of the coordinates
    that are still above it, until none drops out.
    """
    if math.isinf(step):
        top = 0
        for i in range(1, x.size):
            if x[i] > x[top]:
                top = i
        for i in range(x.size):
            out[i] = 1.0 if i == top else 0.0
        return
    level, kept, before = -math.inf, x.size, x.size + 1
    while kept < before and kept > 0:
        total, before, count = 0.0, kept, 0
        for i in range(x.size):
            if x[i] > level:
                total += x[i]
                count += 1
        level = (total - 1.0) / count
        kept = 0
        for i in range(x.size):
            kept += 1 if x[i] > level else 0
    for i in range(x.size):
        out[i] = x[i] - level if x[i] > level else 0.0 * x[i]


def composite(spectrum: Vector) -> tuple[Composite, SmoothPartStronglyConvex]:
    """What holds of the quadratic part."""
    return Composite(float(spectrum.max())), SmoothPartStronglyConvex(float(spectrum.min()))


@problem(
    value=ball_value,
    gradient=constrained_gradient,
    prox=ball_prox,
    gallery=(
        {"spectrum": (0.1, 1.0)},
        {"spectrum": (1.0, 2.0, 20.0), "pressure": 5.0, "radius": 2.0},
        {"spectrum": (1.0, 0.01), "pressure": 0.0, "start": (0.0, 0.5)},
        {"spectrum": (1e-6, 1.0)},
    ),
    formula=r"F(x) = \tfrac12 (x - x^\star)^\top H (x - x^\star) - \nu\, x^{\star\top} (x - x^\star) "
    r"+ \iota_{\|x\| \le r}(x)",
)
def ball_quadratic(
    spectrum: Sequence[float] = (0.1, 1.0),
    pressure: float = 1.0,
    radius: float = 1.0,
    start: Sequence[float] | None = None,
) -> Problem:
    """A diagonal quadratic over a ball. With ``pressure`` nu above 0 the minimizer is on the sphere, equally
    large in all coordinates, and the gradient there is -nu x*; with 0 the minimizer is the centre, 0. The start
    is the centre, or the first point of the sphere.
    """
    h = np.array(spectrum, dtype=np.float64)
    if not (h.min() > 0 and pressure >= 0 and radius > 0):
        raise InputError(
            "ball_quadratic: curvatures and radius must be above 0, and the pressure at least 0."
        )
    bottom = np.full(h.size, radius / math.sqrt(h.size)) if pressure > 0 else np.zeros(h.size)
    x0 = np.zeros(h.size) if pressure > 0 else radius * np.eye(h.size)[0]
    return Problem(
        scalars=[pressure * float(bottom @ bottom), radius],
        table=np.stack([h, bottom, -pressure * bottom]),
        start=x0 if start is None else start,
        minimizer=bottom,
        minimum=0.0,
        assumptions=(*composite(h), CompactDomain(2 * radius)),
    )


@problem(
    value=box_value,
    gradient=constrained_gradient,
    prox=box_prox,
    gallery=(
        {},
        {"spectrum": (1.0, 10.0), "center": (2.0, -0.3), "radius": 0.5},
        {"spectrum": (1e-6, 1.0), "center": (-0.5, 3.0)},
    ),
    formula=r"F(x) = \tfrac12 (x - c)^\top H (x - c) + \iota_{\|x\|_\infty \le r}(x)",
)
def box_quadratic(
    spectrum: Sequence[float] = (1.0,),
    center: Sequence[float] = (0.5,),
    radius: float = 1.0,
    start: Sequence[float] | None = None,
) -> Problem:
    """A diagonal quadratic over a box, whose minimizer is the point of the box nearest to the ``center`` c. It
    starts at the corner with positive coordinates.
    """
    h, c = np.array(spectrum, dtype=np.float64), np.array(center, dtype=np.float64)
    if not (h.min() > 0 and radius > 0 and h.shape == c.shape):
        raise InputError(
            "box_quadratic: curvatures and radius must be above 0, and there is one center for each."
        )
    bottom = np.clip(c, -radius, radius)
    return Problem(
        scalars=[-float(np.sum(h * (bottom - c) ** 2)) / 2, radius],
        table=np.stack([h, c, np.zeros(h.size)]),
        start=np.full(h.size, radius) if start is None else start,
        minimizer=bottom,
        minimum=0.0,
        assumptions=(*composite(h), CompactDomain(2 * radius * math.sqrt(h.size))),
    )


@problem(
    value=simplex_value,
    gradient=constrained_gradient,
    prox=simplex_prox,
    gallery=(
        {"dimension": 3, "support": 2},
        {"dimension": 20, "support": 7, "condition_number": 50.0},
        {"dimension": 2, "support": 2, "tilt": 0.0},
        {"dimension": 200, "support": 20, "condition_number": 1e6},
    ),
    formula=r"F(x) = \tfrac12 (x - x^\star)^\top H (x - x^\star) + s^\top x + \iota_{\Delta}(x)",
)
def simplex_quadratic(
    dimension: int = 3, support: int = 2, condition_number: float = 10.0, tilt: float = 0.3
) -> Problem:
    """A diagonal quadratic over the simplex, started at its last vertex. The minimizer has ``support`` equal
    coordinates; the others are kept at 0 by a ``tilt`` s. The curvatures grow from 1 to ``condition_number``.
    """
    if not (1 <= support <= dimension and dimension >= 2 and condition_number >= 1 and tilt >= 0):
        raise InputError(
            "simplex_quadratic: support must lie between 1 and dimension, which is at least 2; "
            "condition_number must be at least 1 and tilt at least 0."
        )
    h, inside = np.geomspace(1.0, condition_number, dimension), np.arange(dimension) < support
    bottom = inside / support
    return Problem(
        scalars=[0.0, 1.0],
        table=np.stack([h, bottom, tilt * ~inside]),
        start=np.eye(dimension)[-1],
        minimizer=bottom,
        minimum=0.0,
        assumptions=(*composite(h), CompactDomain(math.sqrt(2.0))),
    )
