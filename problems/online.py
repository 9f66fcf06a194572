"""Online games: a new loss in every round, chosen beforehand by an adversary."""

import math

import numpy as np
from numpy.typing import ArrayLike

from simlab.errors import InputError
from simlab.kernels.arrays import Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    BoundedGradientCoordinates,
    ComponentsConvex,
    ComponentsLipschitz,
    Composite,
    FiniteSum,
)
from simlab.vocabulary.problem import Problem, problem

# Projections end this close to the box, relative to its radius.
ROUNDING = 1e-12


@kernel
def game_value(data: Data, x: Vector) -> float:
    """Mean of the losses g_t . x, infinite outside the box; the rows of the table are the g_t."""
    total = 0.0
    for i in range(x.size):
        if not abs(x[i]) <= data.scalars[0] * (1.0 + ROUNDING):
            return math.inf
    for t in range(data.table.shape[0]):
        for i in range(x.size):
            total += data.table[t, i] * x[i]
    return total / data.table.shape[0]


@kernel
def game_gradient(data: Data, x: Vector, out: Vector) -> None:
    """Mean of the slopes g_t."""
    for i in range(x.size):
        out[i] = 0.0
        for t in range(data.table.shape[0]):
            out[i] += data.table[t, i]
        out[i] /= data.table.shape[0]


@kernel
def game_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """The slope of round i."""
    copy_into(out, data.table[i])


@kernel
def project_to_box(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Each coordinate clipped to [-radius, radius]."""
    for i in range(x.size):
        out[i] = min(max(x[i], -data.scalars[0]), data.scalars[0])


@problem(
    value=game_value,
    gradient=game_gradient,
    component=game_component,
    prox=project_to_box,
    gallery=(),
    formula=r"f_t(x) = g_t^\top x + \iota_{\|x\|_\infty \le r}(x)",
)
def linear_game(slopes: ArrayLike = ((1.0,), (-1.0,)), radius: float = 1.0, start: float = 0.0) -> Problem:
    """The loss of round t is linear with slope g_t, on the box of ``radius`` around 0 that projections lead to.

    ``slopes`` has shape (rounds, d). Noise ``epochs(order=Order.CYCLIC)`` plays the rounds one after the other,
    again and again. The objective is the mean loss, and the minimizer the best action in hindsight. No gallery
    lists it: a method that leaves the box cannot be expected to converge.
    """
    table = np.array(slopes, dtype=np.float64)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise InputError("linear_game: slopes must be a table of finite numbers, one row a round.")
    if not (radius > 0 and math.isfinite(radius)):
        raise InputError(f"linear_game: the radius must be a number above 0, not {radius!r}.")
    rounds, dimension = table.shape
    mean = table.mean(axis=0)
    return Problem(
        scalars=[radius],
        table=table,
        start=np.full(dimension, start),
        minimizer=-radius * np.sign(mean),
        minimum=-radius * float(np.sum(np.abs(mean))),
        assumptions=(
            FiniteSum(rounds),
            Composite(1.0),  # a linear function is smooth with any constant
            ComponentsConvex(),
            ComponentsLipschitz(float(np.linalg.norm(table, axis=1).max())),
            BoundedGradientCoordinates(float(np.abs(table).max())),
        ),
        loose=(Composite,),
    )
