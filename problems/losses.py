"""Losses of single examples, for stability: f(w) = (1/n) sum of f(w; z_i), one example z_i a row of the table.

A data set of any size is a table, and a single example is a table of one row, so the value kernel also gives the
loss of a test example. ``neighbours`` are the data sets that differ in example 0, adversarially chosen.
"""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    FiniteSum,
    Quadratic,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import choice, real


def alternating(terms: int, size: float = 1.0) -> Matrix:
    """A column of +size, -size, +size, ...: as many of each.

    Raises
    ------
    InputError
        When ``terms`` is not an even number above 0.
    """
    if terms < 2 or terms % 2:
        raise InputError(f"the examples come in opposite pairs: terms must be even, not {terms!r}.")
    return size * np.where(np.arange(terms) % 2 == 0, 1.0, -1.0)[:, None]


def replaced(table: Matrix, *examples: Vector | tuple[float, ...]) -> list[Matrix]:
    """Copies of the table with row 0 replaced by each example in turn."""
    copies = [table.copy() for _ in examples]
    for copy, example in zip(copies, examples, strict=True):
        copy[0] = example
    return copies


def simplex(vertices: int) -> Matrix:
    """Unit vectors of equal inner products -1 / (vertices - 1), one a row: +1 and -1, or more in one dimension more
    than they need, with mean 0.
    """
    if vertices == 2:
        return alternating(2)
    return math.sqrt(vertices / (vertices - 1)) * (np.eye(vertices) - 1 / vertices)


# --- slopes, with a parabola or without ------------------------------------------------------------------------


@kernel
def mean_slope(data: Data, j: int) -> float:
    """Coordinate j of the mean of g z."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += data.table[i, j]
    return data.scalars[0] * total / data.table.shape[0]


@kernel
def linear_loss_value(data: Data, x: Vector) -> float:
    """Mean of g z.w, plus curvature |w|^2 / 2; scalars are (g, curvature, radius), rows z."""
    total = 0.0
    for j in range(x.size):
        total += mean_slope(data, j) * x[j] + 0.5 * data.scalars[1] * x[j] ** 2
    return total


@kernel
def linear_loss_gradient(data: Data, x: Vector, out: Vector) -> None:
    """Mean of g z, plus curvature w."""
    for j in range(x.size):
        out[j] = mean_slope(data, j) + data.scalars[1] * x[j]


@kernel
def linear_loss_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """g z_i + curvature w."""
    for j in range(x.size):
        out[j] = data.scalars[0] * data.table[i, j] + data.scalars[1] * x[j]


@kernel
def linear_loss_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """The curvature times the identity."""
    out[:, :] = 0.0
    for j in range(x.size):
        out[j, j] = data.scalars[1]


@kernel
def linear_loss_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Projection onto |w| <= radius, the proximal map of its indicator function."""
    square = 0.0
    for j in range(x.size):
        square += x[j] ** 2
    norm = math.sqrt(square)
    for j in range(x.size):
        out[j] = x[j] / norm * data.scalars[2] if norm > data.scalars[2] else x[j]


@problem(
    value=linear_loss_value,
    gradient=linear_loss_gradient,
    component=linear_loss_component,
    hessian=linear_loss_hessian,
    prox=linear_loss_prox,
    gallery=(
        {"curvature": 1.0},
        {"terms": 4, "slope": 0.5, "curvature": 0.1},
        {"terms": 6, "vertices": 3, "curvature": 0.5},
    ),
    search={
        "terms": choice(2, 3, 4, 6, 12, 24, 50),
        "slope": real(0.001, 10.0),
        "curvature": choice(0.0, 0.01, 0.1, 1.0, 10.0),
        "radius": choice(math.inf, 0.1, 0.5, 1.0, 10.0),
        "start": real(-3.0, 3.0),
        "vertices": choice(2, 3, 4),
    },
    formula=r"f(w; z) = g z^\top w + \tfrac\mu2 |w|^2",
)
def linear_loss(
    terms: int = 50,
    slope: float = 1.0,
    curvature: float = 0.0,
    radius: float = math.inf,
    start: float | None = None,
    vertices: int = 2,
) -> Problem:
    """Slopes g times the vertices of a regular simplex, as many of each, with a parabola of ``curvature`` (0:
    none); ``radius`` is that of the set that projected methods stay in. With two vertices z is +-1 on a line, and
    a flipped label changes every gradient by exactly 2 g. ``start`` is the first coordinate of x_0; others are 0.

    Losses with curvature are Lipschitz, with g + curvature * radius, only on the set. Without curvature the mean
    of the losses is 0 everywhere, and any number is a smoothness constant: 1 is declared. Because such a flat
    mean says nothing of a rate, only curved instances are in the gallery.
    """
    if not (slope > 0 and curvature >= 0 and radius > 0):
        raise InputError("linear_loss: slope and radius must be above 0, and curvature at least 0.")
    if vertices < 2 or terms < 1 or terms % vertices:
        raise InputError(
            f"linear_loss: terms must be a multiple of the number of vertices, {vertices}, which is at least 2; "
            f"not {terms!r}."
        )
    bounded, examples = math.isfinite(radius), simplex(vertices)
    table = np.tile(examples, (terms // vertices, 1))
    begin = np.zeros(examples.shape[1])
    begin[0] = (0.0 if bounded or curvature == 0 else slope / curvature) if start is None else start
    if bounded and abs(begin[0]) > radius:
        raise InputError(f"linear_loss: the start, {begin[0]:g}, lies outside the radius {radius:g}.")
    assumptions: list[Assumption] = [FiniteSum(terms)]
    if curvature > 0:
        assumptions += [Quadratic(), ComponentsStronglyConvex(curvature), ComponentsSmooth(curvature)]
    else:
        assumptions += [ComponentsConvex(), ComponentsSmooth(1.0)]
    if bounded or curvature == 0:
        assumptions.append(ComponentsLipschitz(slope + (curvature * radius if curvature > 0 else 0.0)))
    return Problem(
        scalars=[slope, curvature, radius],
        table=table,
        start=begin,
        minimizer=np.zeros_like(begin) if curvature > 0 else begin,
        minimum=0.0,
        assumptions=assumptions,
        region=radius if bounded else None,
        neighbours=replaced(table, examples[1]),
        test=examples,
        loose=() if curvature > 0 else (ComponentsSmooth,),
    )


# --- distance to a target --------------------------------------------------------------------------------------


@kernel
def huber_loss_value(data: Data, x: Vector) -> float:
    """Mean of h(w - z), h(u) = u^2 / 2 for -1 <= u <= steepest and linear beyond; scalars are (steepest)."""
    total, steepest = 0.0, data.scalars[0]
    for i in range(data.table.shape[0]):
        u = x[0] - data.table[i, 0]
        if u > steepest:
            total += steepest * u - 0.5 * steepest**2
        else:
            total += 0.5 * u**2 if u >= -1.0 else -u - 0.5
    return total / data.table.shape[0]


@kernel
def huber_loss_gradient(data: Data, x: Vector, out: Vector) -> None:
    """Mean of w - z clipped to [-1, steepest]."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += min(max(x[0] - data.table[i, 0], -1.0), data.scalars[0])
    out[0] = total / data.table.shape[0]


@kernel
def huber_loss_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """w - z_i clipped to [-1, steepest]."""
    out[0] = min(max(x[0] - data.table[i, 0], -1.0), data.scalars[0])


@problem(
    value=huber_loss_value,
    gradient=huber_loss_gradient,
    component=huber_loss_component,
    gallery=(
        {"terms": 20},
        {"terms": 7, "seed": 2, "start": -1.5},
        {"terms": 8, "steepest": 2.0, "spread": 0.5, "start": 3.0},
    ),
    formula=r"f(w; z) = h(w - z), \quad h'(u) = \min(\max(u, -1), s)",
)
def huber_loss(
    terms: int = 20,
    far: float = 0.0,
    seed: int = 1,
    start: float | None = None,
    steepest: float = 1.0,
    spread: float = 1.0,
) -> Problem:
    """Huber loss of the distance to targets: normal ones of standard deviation ``spread``, or, with ``far`` above
    0, ones at +-far. ``steepest`` is the slope to the right of a target; to the left it is -1.

    Far targets act as slopes +-1 until an iterate comes within 1 of them, but their smoothness is 1: they attain
    stability bounds up to the longest step. Their mean is flat around the start, so only near ones are in the
    gallery. With steepest 2 and spread 0, gradient descent with the step size 3/L is a tent map, and chaotic.
    """
    if not (steepest > 0 and spread >= 0 and terms >= 1):
        raise InputError("huber_loss: steepest must be above 0, spread at least 0, and terms at least 1.")
    if far > 0:
        table = alternating(terms, far)
        begin = bottom = 0.0 if start is None else start
        if not abs(begin) + 1 < far or steepest != 1:
            raise InputError("huber_loss: far targets must be more than 1 from the start, with steepest 1.")
        smoothness, neighbours = 1.0, replaced(table, (-far,))
    else:
        from scipy.optimize import brentq

        table = spread * np.random.default_rng(seed).standard_normal((terms, 1))
        targets = np.sort(table[:, 0])
        begin = 2.0 if start is None else start
        bottom = brentq(
            lambda w: np.mean(np.clip(w - targets, -1, steepest)), targets[0], targets[-1], xtol=1e-15
        )
        # The second derivative is the fraction of targets within reach: the fullest window of that length.
        within = np.searchsorted(targets, targets + 1.0 + steepest, side="left") - np.arange(terms)
        smoothness, neighbours = float(within.max()) / terms, replaced(table, (100.0,), (-100.0,))
    return Problem(
        scalars=[steepest],
        table=table,
        start=[begin],
        minimizer=[bottom],
        minimum=float(huber_loss_value.function(Data(np.array([steepest]), table), np.array([bottom]))),
        assumptions=(
            FiniteSum(terms),
            ComponentsConvex(),
            ComponentsSmooth(1.0),
            ComponentsLipschitz(max(1.0, steepest)),
            Smooth(smoothness),
        ),
        neighbours=neighbours,
        test=[[100.0], [-100.0], [0.0]] if not far else [[far], [-far]],
        loose=(Smooth, ComponentsSmooth) if far else (),  # reached at the targets only
    )
