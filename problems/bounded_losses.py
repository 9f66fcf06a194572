"""Bounded losses of single examples, not convex: f(w) = (1/n) sum of f(w; z_i), one example z_i a row of the table.

As in losses.py a single example is a table of one row, and neighbours differ in example 0.
"""

import math

import numpy as np

from problems.losses import replaced
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    BoundedBelow,
    BoundedLoss,
    ComponentsLipschitz,
    ComponentsSmooth,
    FiniteSum,
    Lipschitz,
    LipschitzHessian,
    NondegenerateMinimizer,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem

# The largest slope, curvature and third derivative of the sigmoid.
SIGMOID_LIPSCHITZ, SIGMOID_SMOOTHNESS, SIGMOID_THIRD = 1 / 4, 1 / (6 * math.sqrt(3)), 1 / 8


@kernel
def sigmoid(margin: float) -> float:
    """1 / (1 + exp(margin)), without overflow."""
    small = math.exp(-abs(margin))
    return (small if margin > 0.0 else 1.0) / (1.0 + small)


@kernel
def margin_of(data: Data, i: int, x: Vector) -> float:
    """z_i.w"""
    total = 0.0
    for j in range(x.size):
        total += data.table[i, j] * x[j]
    return total


@kernel
def sigmoid_loss_value(data: Data, x: Vector) -> float:
    """Mean of scale / (1 + exp(z.w)); scalars are (scale), rows z."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += sigmoid(margin_of(data, i, x))
    return data.scalars[0] * total / data.table.shape[0]


@kernel
def sigmoid_loss_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """-scale s (1 - s) z_i, with s the sigmoid of the margin."""
    s = sigmoid(margin_of(data, i, x))
    for j in range(x.size):
        out[j] = -data.scalars[0] * s * (1.0 - s) * data.table[i, j]


@kernel
def sigmoid_loss_gradient(data: Data, x: Vector, out: Vector) -> None:
    """The mean over the examples."""
    out[:] = 0.0
    for i in range(data.table.shape[0]):
        s = sigmoid(margin_of(data, i, x))
        for j in range(x.size):
            out[j] -= data.scalars[0] * s * (1.0 - s) * data.table[i, j] / data.table.shape[0]


@kernel
def sigmoid_loss_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """Mean of scale s (1 - s) (1 - 2s) z z'."""
    out[:, :] = 0.0
    for i in range(data.table.shape[0]):
        s = sigmoid(margin_of(data, i, x))
        second = data.scalars[0] * s * (1.0 - s) * (1.0 - 2.0 * s) / data.table.shape[0]
        for j in range(x.size):
            for k in range(x.size):
                out[j, k] += second * data.table[i, j] * data.table[i, k]


@problem(
    value=sigmoid_loss_value,
    gradient=sigmoid_loss_gradient,
    component=sigmoid_loss_component,
    hessian=sigmoid_loss_hessian,
    gallery=({"terms": 20}, {"terms": 24, "dimension": 3, "positive": 0.625, "start": 0.5}),
    formula=r"f(w; z) = \frac{1}{1 + \exp(z^\top w)}",
)
def sigmoid_loss(
    terms: int = 20, dimension: int = 1, positive: float = 0.75, start: float = -1.3, scale: float = 1.0
) -> Problem:
    """Example i has the feature e_(i mod d) with the label 1 or -1, and z = label * feature; the first part
    ``positive`` of the examples of each feature is labelled 1. ``start`` is every coordinate of x_0: the margin of
    the positive examples, which repel most at -1.317. Losses are multiplied by ``scale``.

    The mean is a monotone sigmoid of each coordinate, so its infimum is approached far out only.
    """
    if not (dimension >= 1 and terms >= 1 and terms % dimension == 0):
        raise InputError("sigmoid_loss: terms must be a multiple of the dimension.")
    each = terms // dimension
    first = round(positive * each)
    if not (0 < positive <= 1 and first >= 1 and scale > 0):
        raise InputError("sigmoid_loss: scale must be above 0, and positive must leave a positive example.")
    labels = np.where(np.arange(terms) // dimension < first, 1.0, -1.0)
    table = labels[:, None] * np.eye(dimension)[np.arange(terms) % dimension]
    excess = (
        scale * abs(2 * first - each) / terms
    )  # in each coordinate the mean is a constant plus this sigmoid
    return Problem(
        scalars=[scale],
        table=table,
        start=np.full(dimension, start),
        minimizer=None,
        minimum=scale * min(first, each - first) / each,
        assumptions=(
            FiniteSum(terms),
            BoundedBelow(),
            BoundedLoss(scale),
            ComponentsSmooth(scale * SIGMOID_SMOOTHNESS),
            ComponentsLipschitz(scale * SIGMOID_LIPSCHITZ),
            Smooth(excess * SIGMOID_SMOOTHNESS),
            Lipschitz(excess * SIGMOID_LIPSCHITZ * math.sqrt(dimension)),
            LipschitzHessian(excess * SIGMOID_THIRD),
        ),
        neighbours=replaced(table, -table[0]),
        test=[table[0], -table[0]],
    )


@kernel
def cosine_loss_value(data: Data, x: Vector) -> float:
    """Mean of (1 + cos(a w + z)) / 2; scalars are (a), rows z."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += 0.5 + 0.5 * math.cos(data.scalars[0] * x[0] + data.table[i, 0])
    return total / data.table.shape[0]


@kernel
def cosine_loss_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """-a sin(a w + z_i) / 2."""
    out[0] = -0.5 * data.scalars[0] * math.sin(data.scalars[0] * x[0] + data.table[i, 0])


@kernel
def cosine_loss_gradient(data: Data, x: Vector, out: Vector) -> None:
    """The mean over the examples."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += math.sin(data.scalars[0] * x[0] + data.table[i, 0])
    out[0] = -0.5 * data.scalars[0] * total / data.table.shape[0]


@kernel
def cosine_loss_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """Mean of -a^2 cos(a w + z) / 2."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += math.cos(data.scalars[0] * x[0] + data.table[i, 0])
    out[0, 0] = -0.5 * data.scalars[0] ** 2 * total / data.table.shape[0]


@problem(
    value=cosine_loss_value,
    gradient=cosine_loss_gradient,
    component=cosine_loss_component,
    hessian=cosine_loss_hessian,
    gallery=({"terms": 10}, {"terms": 6, "frequency": 2.0, "arc": 2.0, "start": -0.3}),
    formula=r"f(w; z) = \tfrac12 (1 + \cos(a w + z))",
)
def cosine_loss(terms: int = 10, frequency: float = 1.0, arc: float = 1.0, start: float = 0.5) -> Problem:
    """Phases z spread evenly over an ``arc`` of angles (below 2 pi) around 0.

    The mean is (1 + r cos(a w)) / 2, with r the length of the mean of the unit vectors of these angles: its minima
    are at the odd multiples of pi / a.
    """
    if not (frequency > 0 and terms >= 1 and 0 <= arc < 2 * math.pi):
        raise InputError("cosine_loss: the frequency must be above 0, and the arc in [0, 2 pi).")
    table = np.linspace(-arc / 2, arc / 2, terms)[:, None] if terms > 1 else np.zeros((1, 1))
    resultant = float(np.mean(np.cos(table)))
    turns = round((frequency * start - math.pi) / (2 * math.pi))
    return Problem(
        scalars=[frequency],
        table=table,
        start=[start],
        minimizer=[math.pi * (2 * turns + 1) / frequency],
        minimum=0.5 * (1 - resultant),
        assumptions=(
            FiniteSum(terms),
            BoundedBelow(),
            BoundedLoss(1.0),
            ComponentsSmooth(frequency**2 / 2),
            ComponentsLipschitz(frequency / 2),
            Smooth(resultant * frequency**2 / 2),
            Lipschitz(resultant * frequency / 2),
            LipschitzHessian(resultant * frequency**3 / 2),
            NondegenerateMinimizer(resultant * frequency**2 / 2),
        ),
        neighbours=replaced(table, (math.pi,), (math.pi / 2,), (-math.pi / 2,)),
        test=[[0.0], [math.pi / 2], [math.pi], [-math.pi / 2]],
    )
