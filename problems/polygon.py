"""A bowl that is flat around a regular polygon: the gradient method with momentum can run around it for ever."""

import math

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem

# Scalars: mu, L, the number of sides, the radius of the vertices, and the angle of the first of them.


@kernel
def nearest_in_polygon(data: Data, x: Vector, out: Vector) -> None:
    """out = the point of the polygon that is nearest to x: x itself, or the nearest point of a side."""
    sides, radius, turn = int(data.scalars[2]), data.scalars[3], data.scalars[4]
    nearest, inside = math.inf, True
    out[0], out[1] = x[0], x[1]
    for i in range(sides):
        first, second = turn + 2.0 * math.pi * i / sides, turn + 2.0 * math.pi * (i + 1) / sides
        a0, a1 = radius * math.cos(first), radius * math.sin(first)
        e0, e1 = radius * math.cos(second) - a0, radius * math.sin(second) - a1
        if e0 * (x[1] - a1) - e1 * (x[0] - a0) < 0.0:
            inside = False
        along = ((x[0] - a0) * e0 + (x[1] - a1) * e1) / (e0 * e0 + e1 * e1)
        along = min(max(along, 0.0), 1.0)
        p0, p1 = a0 + along * e0, a1 + along * e1
        gap = (x[0] - p0) ** 2 + (x[1] - p1) ** 2
        if gap < nearest:
            nearest = gap
            out[0], out[1] = p0, p1
    if inside:
        out[0], out[1] = x[0], x[1]


@kernel
def polygon_value(data: Data, x: Vector) -> float:
    """L |x|^2 / 2 - (L - mu) |x - p|^2 / 2, with p the nearest point of the polygon."""
    p = x.copy()
    nearest_in_polygon(data, x, p)
    gap = (x[0] - p[0]) ** 2 + (x[1] - p[1]) ** 2
    return 0.5 * data.scalars[1] * (x[0] ** 2 + x[1] ** 2) - 0.5 * (data.scalars[1] - data.scalars[0]) * gap


@kernel
def polygon_gradient(data: Data, x: Vector, out: Vector) -> None:
    """mu x + (L - mu) p."""
    p = x.copy()
    nearest_in_polygon(data, x, p)
    for i in range(2):
        out[i] = data.scalars[0] * x[i] + (data.scalars[1] - data.scalars[0]) * p[i]


@problem(
    value=polygon_value,
    gradient=polygon_gradient,
    gallery=({"sides": 3, "condition_number": 50.0, "radius": 0.05, "turn": 0.3},),
    formula=r"f(x) = \tfrac L2 \|x\|^2 - \tfrac{L - \mu}2 \operatorname{dist}(x, P)^2",
)
def polygon_bowl(
    sides: int = 3,
    condition_number: float = 10.0,
    radius: float = 0.1,
    turn: float = 0.0,
    start: float = 1.0,
) -> Problem:
    """In the plane: the curvature is L within a regular polygon P around the minimizer 0, whose vertices have
    the distance ``radius`` from it, the first one at the angle ``turn``; outside it is mu = 1 towards P.

    It starts at (``start``, 0). The function of Goujaud, Taylor & Dieuleveut 2023, section 3: its gradient is
    constant but for mu x wherever a vertex is the nearest point.
    """
    if not (sides >= 3 and condition_number >= 1 and radius > 0):
        raise InputError(
            "polygon_bowl: at least 3 sides, a condition number of at least 1 and a radius above 0."
        )
    return Problem(
        scalars=[1.0, condition_number, float(sides), radius, turn],
        start=[start, 0.0],
        minimizer=[0.0, 0.0],
        minimum=0.0,
        assumptions=(Smooth(float(condition_number)), StronglyConvex(1.0)),
    )
