"""Least squares as finite sums: random rows, orthogonal rows, and the estimation of a mean."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    ComponentsConvex,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    FiniteSum,
    Interpolation,
    PolyakLojasiewicz,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import array, real, whole

# An eigenvalue below this fraction of the largest one is an exact zero blurred by rounding.
RANK_TOLERANCE = 1e-12


@kernel
def row_error(data: Data, i: int, x: Vector) -> float:
    """a_i . x - y_i; the rows of the table are (a_i, y_i)."""
    total = -data.table[i, x.size]
    for j in range(x.size):
        total += data.table[i, j] * x[j]
    return total


@kernel
def least_squares_value(data: Data, x: Vector) -> float:
    """Mean of (a_i . x - y_i)^2 / 2, plus ridge |x|^2 / 2."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += row_error(data, i, x) ** 2
    total /= data.table.shape[0]
    for j in range(x.size):
        total += data.scalars[0] * x[j] ** 2
    return 0.5 * total


@kernel
def least_squares_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """(a_i . x - y_i) a_i + ridge x."""
    error = row_error(data, i, x)
    for j in range(x.size):
        out[j] = error * data.table[i, j] + data.scalars[0] * x[j]


@kernel
def least_squares_gradient(data: Data, x: Vector, out: Vector) -> None:
    """Mean of (a_i . x - y_i) a_i, plus ridge x."""
    for j in range(x.size):
        out[j] = 0.0
    for i in range(data.table.shape[0]):
        error = row_error(data, i, x)
        for j in range(x.size):
            out[j] += error * data.table[i, j]
    for j in range(x.size):
        out[j] = out[j] / data.table.shape[0] + data.scalars[0] * x[j]


@kernel
def least_squares_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """Mean of a_i a_i', plus ridge on the diagonal."""
    for j in range(x.size):
        for k in range(x.size):
            total = 0.0
            for i in range(data.table.shape[0]):
                total += data.table[i, j] * data.table[i, k]
            out[j, k] = total / data.table.shape[0]
        out[j, j] += data.scalars[0]


def finite_sum(
    rows: ArrayLike, targets: ArrayLike, start: ArrayLike, ridge: float, interpolation: bool
) -> Problem:
    """The instance with terms (a_i . x - y_i)^2 / 2 + ridge |x|^2 / 2.

    ``rows`` has shape (n, d), ``targets`` (n,), ``start`` (d,). All constants follow from the spectrum of
    A'A / n; without full rank the minimizer is the one nearest to the start.
    """
    a, y, x0 = (np.asarray(array, dtype=np.float64) for array in (rows, targets, start))
    n, d = a.shape
    curvature = a.T @ a / n + ridge * np.eye(d)
    spectrum = np.linalg.eigvalsh(curvature)
    slope = a.T @ (a @ x0 - y) / n + ridge * x0
    minimizer = x0 - np.linalg.pinv(curvature, rcond=RANK_TOLERANCE, hermitian=True) @ slope
    squares = np.sum(a**2, axis=1)
    positive = spectrum[spectrum > RANK_TOLERANCE * spectrum[-1]]
    assumptions: list[Assumption] = [
        Quadratic(),
        FiniteSum(n),
        ComponentsConvex(),
        ComponentsSmooth(float(squares.max()) + ridge),
        Smooth(float(spectrum[-1])),
        StronglyConvex(float(spectrum[0])) if len(positive) == d else PolyakLojasiewicz(float(positive[0])),
    ]
    # A single row leaves d - 1 directions flat: only the ridge curves every term there.
    flattest = ridge + (float(squares.min()) if d == 1 else 0.0)
    if flattest > 0:
        assumptions.append(ComponentsStronglyConvex(flattest))
    if interpolation:
        assumptions.append(Interpolation())
    loss = float(np.mean((a @ minimizer - y) ** 2) + ridge * np.sum(minimizer**2)) / 2
    return Problem(
        scalars=[ridge],
        table=np.column_stack([a, y]),
        start=x0,
        minimizer=minimizer,
        minimum=0.0 if interpolation else loss,
        assumptions=assumptions,
    )


@problem(
    value=least_squares_value,
    gradient=least_squares_gradient,
    component=least_squares_component,
    hessian=least_squares_hessian,
    gallery=(
        {"terms": 12, "dimension": 3, "spread": 3.0},
        {"terms": 6, "dimension": 2, "residual": 1.0, "ridge": 0.2},
        {"terms": 3, "dimension": 5},
        {"terms": 2, "dimension": 3, "ridge": 2e-7},
        {"terms": 2, "dimension": 100, "ridge": 2e-7},
    ),
    formula=r"f(x) = \frac1n \sum_{i=1}^n \tfrac12 (a_i^\top x - y_i)^2 + \tfrac\lambda2 \|x\|^2",
)
def least_squares(
    terms: int = 12,
    dimension: int = 3,
    residual: float = 0.0,
    ridge: float = 0.0,
    spread: float = 1.0,
    seed: int = 1,
) -> Problem:
    """``terms`` random rows in ``dimension`` coordinates, their lengths growing from 1 to ``spread``.

    With ``residual`` 0 the system is consistent and all terms share a minimizer. Otherwise the targets are
    orthogonal to the range of A with root mean square ``residual``, which keeps the minimizer at 0. Fewer
    terms than dimensions, and no ridge, leave directions without curvature.
    """
    if residual and terms <= dimension:
        raise InputError("least_squares: a residual needs more terms than dimensions; raise terms.")
    random = np.random.default_rng(seed)
    rows = random.standard_normal((terms, dimension))
    rows *= (np.geomspace(1.0, spread, terms) / np.linalg.norm(rows, axis=1))[:, None]
    targets = np.zeros(terms)
    if residual:
        basis = np.linalg.qr(rows)[0]
        noise = random.standard_normal(terms)
        noise -= basis @ (basis.T @ noise)
        targets = noise * (residual / np.sqrt(np.mean(noise**2)))
    return finite_sum(rows, targets, np.ones(dimension), ridge, interpolation=not residual)


@problem(
    value=least_squares_value,
    gradient=least_squares_gradient,
    component=least_squares_component,
    hessian=least_squares_hessian,
    gallery=({"terms": 5}, {"terms": 2}),
    formula=r"f(x) = \frac1n \sum_{i=1}^n \tfrac12 x_i^2",
)
def orthogonal_least_squares(terms: int = 5) -> Problem:
    """The rows are the unit vectors: one term moves one coordinate, and all are minimal at 0."""
    return finite_sum(np.eye(terms), np.zeros(terms), np.ones(terms), 0.0, interpolation=True)


@problem(
    value=least_squares_value,
    gradient=least_squares_gradient,
    component=least_squares_component,
    hessian=least_squares_hessian,
    gallery=({"targets": (-1.0, 1.0)}, {"targets": (0.0, 0.5, 4.0), "smoothness": 2.0}),
    formula=r"f(x) = \frac1n \sum_{i=1}^n \tfrac L2 (x - y_i)^2",
    search={
        "terms": whole(1, 60),
        "targets": array(real(-1.0, 1.0), "terms"),
        "smoothness": real(0.1, 10.0),
        "start": real(-1.0, 1.0),
    },
)
def mean_estimation(
    targets: Sequence[float] = (-1.0, 1.0), smoothness: float = 1.0, start: float = 1.0
) -> Problem:
    """One coordinate; the minimizer is the mean of the targets, and all terms have the same curvature."""
    points = np.asarray(targets, dtype=np.float64)
    scale = np.sqrt(smoothness)
    rows = np.full((points.size, 1), scale)
    return finite_sum(rows, scale * points, [start], 0.0, interpolation=bool(np.ptp(points) == 0))
