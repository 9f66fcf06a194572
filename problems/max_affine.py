"""The largest of affine functions, with an oracle that tells as little as it may: hard for subgradient methods."""

import math

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Convex, Lipschitz
from simlab.vocabulary.problem import Problem, problem

# Scalars: Lipschitz constant G, offset R (1 + 1/sqrt d) of the cone, and whether the oracle is resisting.


@kernel
def largest(x: Vector) -> int:
    """The first of the largest coordinates; one that is not a number counts as the largest."""
    top = 0
    for i in range(1, x.size):
        if not (x[i] <= x[top]):
            top = i
    return top


@kernel
def length(x: Vector) -> float:
    """|x|."""
    total = 0.0
    for i in range(x.size):
        total += x[i] ** 2
    return math.sqrt(total)


@kernel
def max_affine_value(data: Data, x: Vector) -> float:
    """G max(x_1, ..., x_d, |x| - offset)."""
    top, cone = x[largest(x)], length(x) - data.scalars[1]
    return data.scalars[0] * (top if top >= cone else cone)


@kernel
def max_affine_gradient(data: Data, x: Vector, out: Vector) -> None:
    """A subgradient: G e_i for the first largest coordinate i, or G x / |x| where only the cone is active.

    An oracle that is not resisting answers with the mean of G e_i over all largest coordinates instead.
    """
    slope, top, norm = data.scalars[0], largest(x), length(x)
    if not (x[top] >= norm - data.scalars[1]):
        for i in range(x.size):
            out[i] = slope * x[i] / norm
        return
    if data.scalars[2] != 0.0:
        for i in range(x.size):
            out[i] = slope if i == top else 0.0
        return
    ties = 0
    for i in range(x.size):
        ties += 1 if x[i] == x[top] else 0
    for i in range(x.size):
        out[i] = slope / ties if x[i] == x[top] else 0.0


@problem(
    value=max_affine_value,
    gradient=max_affine_gradient,
    gallery=({"dimension": 4}, {"dimension": 9, "lipschitz": 2.0, "radius": 3.0}, {"dimension": 200}),
    formula=r"f(x) = G \max\Bigl(\max_i x_i,\; \|x\| - R - \tfrac{R}{\sqrt d}\Bigr)",
)
def max_affine(
    dimension: int = 4, lipschitz: float = 1.0, radius: float = 1.0, resisting: bool = True
) -> Problem:
    """The largest coordinate, with a cone that keeps f bounded below; started at 0, at distance ``radius`` from
    the minimizer -R/sqrt(d) (1, ..., 1).

    Where several coordinates are largest the oracle names the first. So each answer reveals one new coordinate at
    most, and an iterate in the span of fewer than d answers has a coordinate that is 0: f is at least f(0) there
    (Nemirovsky & Yudin 1983; this form: Drori & Teboulle 2016). With ``resisting`` False the oracle answers with
    the subgradient of least norm, which reveals all coordinates at once.
    """
    if not (dimension >= 1 and lipschitz > 0 and radius > 0):
        raise InputError("max_affine: dimension, lipschitz and radius must be above 0.")
    depth = radius / math.sqrt(dimension)
    return Problem(
        scalars=[lipschitz, radius + depth, float(resisting)],
        start=[0.0] * dimension,
        minimizer=[-depth] * dimension,
        minimum=-lipschitz * depth,
        assumptions=(Convex(), Lipschitz(lipschitz)),
    )
