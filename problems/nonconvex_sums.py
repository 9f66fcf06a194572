"""Smooth non-convex sums over the coordinates: a bowl with ripples, and bounded waves."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    BoundedBelow,
    BoundedGradientCoordinates,
    Lipschitz,
    LipschitzHessian,
    NondegenerateMinimizer,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem


@kernel
def rippled_bowl_value(data: Data, x: Vector) -> float:
    """sum of c x_i^2 / 2 + cos(a x_i)."""
    curvature, frequency = data.scalars[0], data.scalars[1]
    total = 0.0
    for i in range(x.size):
        total += 0.5 * curvature * x[i] ** 2 + math.cos(frequency * x[i])
    return total


@kernel
def rippled_bowl_gradient(data: Data, x: Vector, out: Vector) -> None:
    """c x_i - a sin(a x_i)."""
    curvature, frequency = data.scalars[0], data.scalars[1]
    for i in range(x.size):
        out[i] = curvature * x[i] - frequency * math.sin(frequency * x[i])


@kernel
def rippled_bowl_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """c - a^2 cos(a x_i) on the diagonal."""
    curvature, frequency = data.scalars[0], data.scalars[1]
    out[:, :] = 0.0
    for i in range(x.size):
        out[i, i] = curvature - frequency**2 * math.cos(frequency * x[i])


@problem(
    value=rippled_bowl_value,
    gradient=rippled_bowl_gradient,
    hessian=rippled_bowl_hessian,
    gallery=(
        {"dimension": 2},
        {"dimension": 1, "curvature": 0.5, "frequency": 2.0, "start": 3.0},
        {"dimension": 100},
    ),
    formula=r"f(x) = \sum_i \tfrac c2 x_i^2 + \cos(a x_i)",
)
def rippled_bowl(
    dimension: int = 2, curvature: float = 0.2, frequency: float = 1.0, start: float = 0.3
) -> Problem:
    """A parabola of ``curvature`` with a cosine of ``frequency`` on each coordinate; 0 is a local maximum.

    Needs curvature < frequency^2. The minimum is at the zero of c x - a sin(a x) in (0, pi / a): each further
    stationary point lies higher, because the cosine repeats and the parabola grows.
    """
    if not 0 < curvature < frequency**2:
        raise InputError("rippled_bowl: the curvature must lie between 0 and frequency^2; lower it.")
    from scipy.optimize import brentq

    def slope(t: float) -> float:
        return curvature * t - frequency * math.sin(frequency * t)

    # Between 0 and the inflection point the slope is negative and falls: the zero lies beyond.
    inflection = math.acos(curvature / frequency**2) / frequency
    bottom = brentq(slope, inflection, math.pi / frequency, xtol=1e-15)
    sign = math.copysign(1.0, start)
    return Problem(
        scalars=[curvature, frequency],
        start=np.full(dimension, start),
        minimizer=np.full(dimension, sign * bottom),
        minimum=dimension * (0.5 * curvature * bottom**2 + math.cos(frequency * bottom)),
        assumptions=(
            BoundedBelow(),
            Smooth(curvature + frequency**2),
            NondegenerateMinimizer(curvature - frequency**2 * math.cos(frequency * bottom)),
            LipschitzHessian(frequency**3),
        ),
    )


@kernel
def waves_value(data: Data, x: Vector) -> float:
    """sum of 1 - cos x_i + tilt (sqrt(1 + x_i^2) - 1)."""
    total = 0.0
    for i in range(x.size):
        total += 1.0 - math.cos(x[i]) + data.scalars[0] * (math.sqrt(1.0 + x[i] ** 2) - 1.0)
    return total


@kernel
def waves_gradient(data: Data, x: Vector, out: Vector) -> None:
    """sin x_i + tilt x_i / sqrt(1 + x_i^2)."""
    for i in range(x.size):
        out[i] = math.sin(x[i]) + data.scalars[0] * x[i] / math.sqrt(1.0 + x[i] ** 2)


@kernel
def waves_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """cos x_i + tilt (1 + x_i^2)^(-3/2) on the diagonal."""
    out[:, :] = 0.0
    for i in range(x.size):
        out[i, i] = math.cos(x[i]) + data.scalars[0] * (1.0 + x[i] ** 2) ** -1.5


@problem(
    value=waves_value,
    gradient=waves_gradient,
    hessian=waves_hessian,
    gallery=({"dimension": 1}, {"dimension": 3, "tilt": 0.2, "start": 4.0}),
    formula=r"f(x) = \sum_i 1 - \cos x_i + c (\sqrt{1 + x_i^2} - 1)",
)
def waves(dimension: int = 1, tilt: float = 0.05, start: float = 3.0) -> Problem:
    """Bounded gradients and infinitely many local minima; the global one is 0.

    Every second derivative is at most 1 + tilt, reached at 0, and every slope below 1 + tilt, approached far out.
    """
    if not tilt > 0:
        raise InputError("waves: the tilt must be above 0, or there would be many global minima.")
    return Problem(
        scalars=[tilt],
        start=np.full(dimension, start),
        minimizer=np.zeros(dimension),
        minimum=0.0,
        assumptions=(
            BoundedBelow(),
            Smooth(1.0 + tilt),
            NondegenerateMinimizer(1.0 + tilt),
            Lipschitz(math.sqrt(dimension) * (1.0 + tilt)),
            BoundedGradientCoordinates(1.0 + tilt),
        ),
    )
