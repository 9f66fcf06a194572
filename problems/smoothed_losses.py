"""Losses of single examples after exact Gaussian smoothing: f_s(w; z) = E f(w + s u; z) with u standard normal."""

import math

import numpy as np

from problems.losses import alternating, replaced
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    FiniteSum,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem

PEAK = 1 / math.sqrt(2 * math.pi)  # the largest value of the normal density


@kernel
def normal_density(t: float) -> float:
    """exp(-t^2 / 2) / sqrt(2 pi)."""
    return PEAK * math.exp(-0.5 * t**2)


@kernel
def normal_distribution(t: float) -> float:
    """P(u <= t) for a standard normal u."""
    return 0.5 * math.erfc(-t / math.sqrt(2.0))


@kernel
def pinball_value(steepest: float, smoothing: float, u: float) -> float:
    """E max(-v, steepest v) with v normal of mean u and standard deviation ``smoothing``."""
    if smoothing == 0.0:
        return steepest * u if u > 0.0 else -u
    t = u / smoothing
    return -u + (1.0 + steepest) * (u * normal_distribution(t) + smoothing * normal_density(t))


@kernel
def pinball_slope(steepest: float, smoothing: float, u: float) -> float:
    """The derivative of ``pinball_value`` by u; at the kink without smoothing it is 0."""
    if smoothing == 0.0:
        return steepest if u > 0.0 else (-1.0 if u < 0.0 else 0.0 * u)
    return (1.0 + steepest) * normal_distribution(u / smoothing) - 1.0


@kernel
def pinball_loss_value(data: Data, x: Vector) -> float:
    """Mean of the smoothed pinball function of w - z; scalars are (steepest, smoothing), rows (z)."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += pinball_value(data.scalars[0], data.scalars[1], x[0] - data.table[i, 0])
    return total / data.table.shape[0]


@kernel
def pinball_loss_gradient(data: Data, x: Vector, out: Vector) -> None:
    """The mean over the examples."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += pinball_slope(data.scalars[0], data.scalars[1], x[0] - data.table[i, 0])
    out[0] = total / data.table.shape[0]


@kernel
def pinball_loss_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """The slope of example i."""
    out[0] = pinball_slope(data.scalars[0], data.scalars[1], x[0] - data.table[i, 0])


@kernel
def pinball_loss_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """Mean of (1 + steepest) density((w - z) / s) / s."""
    steepest, smoothing = data.scalars[0], data.scalars[1]
    total = 0.0
    for i in range(data.table.shape[0]):
        total += (1.0 + steepest) * normal_density((x[0] - data.table[i, 0]) / smoothing) / smoothing
    out[0, 0] = total / data.table.shape[0]


def largest_curvature(data: Data) -> float:
    """The largest second derivative of the mean: that of a mixture of normal densities, between its centres."""
    from scipy.optimize import minimize_scalar

    out = np.empty((1, 1))

    def curvature(w: float) -> float:
        pinball_loss_hessian.function(data, np.array([w]), out)
        return float(out[0, 0])

    low, high = float(data.table.min()), float(data.table.max())
    if not low < high:
        return curvature(low)
    # Densities of width s bend slowly over s/16: the highest point of the grid lies on the highest peak's side.
    grid = np.linspace(low, high, 2 + math.ceil(16 * (high - low) / data.scalars[1]))
    best, step = max(grid, key=curvature), grid[1] - grid[0]
    peak = minimize_scalar(
        lambda w: -curvature(w), bounds=(best - step, best + step), options={"xatol": 1e-9}
    )
    return max(curvature(best), -float(peak.fun)) * (1 + 1e-12)


@problem(
    value=pinball_loss_value,
    gradient=pinball_loss_gradient,
    component=pinball_loss_component,
    hessian=pinball_loss_hessian,
    gallery=({"terms": 10, "smoothing": 0.5}, {"terms": 5, "steepest": 2.0, "smoothing": 2.0, "seed": 2}),
    formula=r"f(w; z) = E \max(-v, c v), \quad v = w - z + s u, \quad u \sim N(0, 1)",
)
def pinball_loss(
    terms: int = 10,
    steepest: float = 1.0,
    smoothing: float = 0.5,
    far: float = 0.0,
    spread: float = 1.0,
    seed: int = 1,
    start: float | None = None,
) -> Problem:
    """The pinball loss of the distance to a target, slopes -1 and ``steepest`` (1: the absolute value), smoothed
    by a Gaussian of standard deviation ``smoothing`` (0: not smoothed). Targets are normal with standard deviation
    ``spread``, or, with ``far`` above 0, at +-far.

    The smoothness of a smoothed loss, (1 + steepest) / (sqrt(2 pi) smoothing), is reached at its target.
    """
    if not (steepest > 0 and smoothing >= 0 and spread >= 0 and terms >= 1):
        raise InputError("pinball_loss: steepest must be above 0, smoothing and spread at least 0.")
    scalars = np.array([steepest, smoothing])
    if far > 0:
        table = alternating(terms, far)
        begin = bottom = 0.0 if start is None else start
        if not abs(begin) + 40 * smoothing < far or steepest != 1:
            raise InputError("pinball_loss: far targets must be far from the start, with steepest 1.")
        neighbours = replaced(table, (-far,))
    else:
        from scipy.optimize import brentq

        table = spread * np.random.default_rng(seed).standard_normal((terms, 1))
        begin = 2.0 if start is None else start
        bottom = float(np.quantile(table, 1 / (1 + steepest), method="inverted_cdf"))
        if smoothing > 0:
            reach = 40 * smoothing  # beyond, the normal distribution function is 0 or 1 in float64
            out = np.empty(1)

            def slope(w: float) -> float:
                pinball_loss_gradient.function(Data(scalars, table), np.array([w]), out)
                return float(out[0])

            bottom = brentq(slope, table.min() - reach, table.max() + reach, xtol=1e-15)
        neighbours = replaced(table, (100.0,), (-100.0,))
    assumptions: list[Assumption] = [
        FiniteSum(terms),
        ComponentsConvex(),
        ComponentsLipschitz(max(1.0, steepest)),
    ]
    if smoothing > 0:
        assumptions.append(ComponentsSmooth((1 + steepest) * PEAK / smoothing))
        if not far:
            assumptions.append(Smooth(largest_curvature(Data(scalars, table))))
    return Problem(
        scalars=scalars,
        table=table,
        start=[begin],
        minimizer=[bottom],
        minimum=float(pinball_loss_value.function(Data(scalars, table), np.array([bottom]))),
        assumptions=assumptions,
        neighbours=neighbours,
        test=[[100.0], [-100.0], [0.0]] if not far else [[far], [-far]],
        loose=(ComponentsSmooth,) if far else (),  # reached at the targets only
    )
