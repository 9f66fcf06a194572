"""Self-concordant functions: barriers, infinite outside their domain."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import BoundedBelow, Convex, SelfConcordant
from simlab.vocabulary.problem import Problem, problem


@kernel
def logarithmic_value(data: Data, x: Vector) -> float:
    """w (x - 1 - ln x), not a number for x <= 0."""
    return data.scalars[0] * (x[0] - 1.0 - math.log(x[0])) if x[0] > 0.0 else np.nan


@kernel
def logarithmic_gradient(data: Data, x: Vector, out: Vector) -> None:
    """w (1 - 1/x)."""
    out[0] = data.scalars[0] * (1.0 - 1.0 / x[0])


@kernel
def logarithmic_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """w / x^2."""
    out[0, 0] = data.scalars[0] / x[0] ** 2


@problem(
    value=logarithmic_value,
    gradient=logarithmic_gradient,
    hessian=logarithmic_hessian,
    gallery=({"decrement": 0.5},),
    formula=r"f(x) = w (x - 1 - \ln x)",
)
def logarithmic_barrier(decrement: float = 0.5, weight: float = 1.0) -> Problem:
    """One coordinate, x > 0, started above the minimizer 1 where the Newton decrement is ``decrement``.

    Self-concordant for weights w of at least 1; the decrement is sqrt(w) |x - 1|.
    """
    if not (weight > 0 and decrement > 0):
        raise InputError("logarithmic_barrier: decrement and weight must be above 0.")
    return Problem(
        scalars=[weight],
        start=[1 + decrement / math.sqrt(weight)],
        minimizer=[1.0],
        minimum=0.0,
        assumptions=(Convex(), BoundedBelow(), *([SelfConcordant()] if weight >= 1 else [])),
    )


@kernel
def slab(data: Data, i: int, x: Vector) -> float:
    """a_i . x; the rows of the table are the a_i."""
    total = 0.0
    for j in range(x.size):
        total += data.table[i, j] * x[j]
    return total


@kernel
def slabs_value(data: Data, x: Vector) -> float:
    """- sum of log(1 - (a_i . x)^2), not a number outside."""
    total = 0.0
    for i in range(data.table.shape[0]):
        t = slab(data, i, x)
        total -= math.log1p(-t * t) if abs(t) < 1.0 else np.nan
    return total


@kernel
def slabs_gradient(data: Data, x: Vector, out: Vector) -> None:
    """sum of 2 t / (1 - t^2) a_i with t = a_i . x."""
    for j in range(x.size):
        out[j] = 0.0
    for i in range(data.table.shape[0]):
        t = slab(data, i, x)
        for j in range(x.size):
            out[j] += 2.0 * t / (1.0 - t * t) * data.table[i, j]


@kernel
def slabs_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """sum of 2 (1 + t^2) / (1 - t^2)^2 a_i a_i'."""
    for j in range(x.size):
        for k in range(x.size):
            out[j, k] = 0.0
    for i in range(data.table.shape[0]):
        t = slab(data, i, x)
        weight = 2.0 * (1.0 + t * t) / (1.0 - t * t) ** 2
        for j in range(x.size):
            for k in range(x.size):
                out[j, k] += weight * data.table[i, j] * data.table[i, k]


@problem(
    value=slabs_value,
    gradient=slabs_gradient,
    hessian=slabs_hessian,
    gallery=({"terms": 8, "dimension": 3, "decrement": 0.5},),
    formula=r"f(x) = -\sum_i \ln(1 - (a_i^\top x)^2)",
)
def slabs_barrier(terms: int = 8, dimension: int = 3, decrement: float = 0.5, seed: int = 1) -> Problem:
    """The logarithmic barrier of random slabs |a_i . x| < 1, with its center 0; started in a random direction from
    it where the Newton decrement is ``decrement``.
    """
    if not (terms >= dimension and decrement > 0):
        raise InputError("slabs_barrier: there must be as many terms as dimensions, and decrement above 0.")
    from scipy.optimize import brentq

    random = np.random.default_rng(seed)
    rows = random.standard_normal((terms, dimension))
    direction = random.standard_normal(dimension)
    direction /= np.abs(rows @ direction).max()  # the boundary is at 1

    def decrement_at(length: float) -> float:
        t = length * rows @ direction
        slope = rows.T @ (2 * t / (1 - t**2))
        curvature = (rows.T * (2 * (1 + t**2) / (1 - t**2) ** 2)) @ rows
        return math.sqrt(slope @ np.linalg.solve(curvature, slope))

    # Within 1e-7 of a wall the decrement is that of one logarithm, nearly its largest value.
    most = decrement_at(1 - 1e-7)
    if not decrement < most:
        raise InputError(f"slabs_barrier: the decrement stays below {most:.3g} in this direction; lower it.")
    length = brentq(lambda t: decrement_at(t) - decrement, 0.0, 1 - 1e-7, xtol=1e-15)
    return Problem(
        scalars=[],
        table=rows,
        start=length * direction,
        minimizer=np.zeros(dimension),
        minimum=0.0,
        assumptions=(Convex(), BoundedBelow(), SelfConcordant()),
    )
