"""Poisson linear inverse problems: their gradients are not Lipschitz at the boundary of the domain."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import RelativelySmooth
from simlab.vocabulary.problem import Problem, problem


@kernel
def intensity(data: Data, i: int, x: Vector) -> float:
    """a_i . x; the rows of the table are (a_i, b_i)."""
    total = 0.0
    for j in range(x.size):
        total += data.table[i, j] * x[j]
    return total


@kernel
def poisson_value(data: Data, x: Vector) -> float:
    """sum of b_i log(b_i / a_i.x) + a_i.x - b_i; infinite where a coordinate is not positive."""
    for j in range(x.size):
        if not x[j] > 0.0:
            return math.inf
    total = 0.0
    for i in range(data.table.shape[0]):
        b, rate = data.table[i, x.size], intensity(data, i, x)
        total += b * math.log(b / rate) + rate - b
    return total


@kernel
def poisson_gradient(data: Data, x: Vector, out: Vector) -> None:
    """sum of (1 - b_i / a_i.x) a_i."""
    for j in range(x.size):
        out[j] = 0.0
    for i in range(data.table.shape[0]):
        weight = 1.0 - data.table[i, x.size] / intensity(data, i, x)
        for j in range(x.size):
            out[j] += weight * data.table[i, j]


@problem(
    value=poisson_value,
    gradient=poisson_gradient,
    gallery=(
        {},
        {"terms": 1, "dimension": 1, "start": 0.2},
        {"terms": 30, "dimension": 10, "start": 3.0},
        {"terms": 150, "dimension": 100},
    ),
    formula=r"f(x) = \sum_i b_i \log \frac{b_i}{a_i^\top x} + a_i^\top x - b_i, \quad x > 0",
)
def poisson(terms: int = 8, dimension: int = 4, start: float = 0.5, seed: int = 1) -> Problem:
    """Positive random rows a_i, and intensities b_i = a_i.x* without noise, so that the minimum is 0. The
    minimizer has coordinates between 1/2 and 3/2, and ``start`` is every coordinate of x_0.

    f is smooth relative to -sum log x_i with the constant sum b_i (Bauschke, Bolte & Teboulle 2017, Lemma 7), but
    its gradient has no Lipschitz constant. It is convex on x > 0, outside of which it is infinite.
    """
    if not (terms >= 1 and dimension >= 1 and start > 0):
        raise InputError("poisson: terms, dimension and start must be above 0.")
    random = np.random.default_rng(seed)
    a, minimizer = random.uniform(0.1, 1.0, (terms, dimension)), random.uniform(0.5, 1.5, dimension)
    b = a @ minimizer
    ratio = minimizer / start
    return Problem(
        scalars=[],
        table=np.column_stack([a, b]),
        start=np.full(dimension, start),
        minimizer=minimizer,
        minimum=0.0,
        assumptions=(RelativelySmooth(float(b.sum()), float(np.sum(ratio - np.log(ratio) - 1))),),
    )
