"""Objectives that are shared out over the workers of a network: f = (1/m) sum of f_i, one f_i a worker.

The iterate x of shape (m d,) holds the workers' iterates x_i of shape (d,) one after the other. The value is the
mean of the f_i(x_i), which is f where all workers agree. The gradient holds the local gradients grad f_i(x_i), one
after the other: m times the derivative of the value. Constants are those of f on R^d: d is the dimension of one
worker's iterate, and D, R, g0 belong to the mean of the workers' starts.

The tilted families have f_i(x) = g(x) + <c_i, x> with tilts c_i that sum to 0. Then f = g, the minimum is that of g
whatever the tilts, and (1/m) sum |grad f_i - grad f|^2 = (1/m) sum |c_i|^2 = zeta^2 is the same at every x.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Kernel, kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedBelow,
    BoundedHeterogeneity,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Quadratic,
    Smooth,
    StronglyConvex,
    Workers,
)
from simlab.vocabulary.problem import Problem, problem


def on_network(
    value: Kernel,
    gradient: Kernel,
    scalars: Sequence[float],
    table: Matrix,
    start: Matrix,
    minimizer: Vector,
    assumptions: Sequence[Assumption],
) -> Problem:
    """The instance whose workers start at the rows of ``start`` (m, d); ``scalars`` follow m."""
    workers, size = start.shape
    data = Data(
        np.array([workers, *scalars], dtype=np.float64), np.ascontiguousarray(table, dtype=np.float64)
    )
    mean, best = np.tile(start.mean(axis=0), workers), np.tile(minimizer, workers)
    slopes = np.empty(workers * size)
    gradient.function(data, mean, slopes)
    minimum = float(value.function(data, best))
    gaps = [float(value.function(data, np.tile(row, workers))) - minimum for row in start]
    return Problem(
        scalars=data.scalars,
        table=data.table,
        start=start.ravel(),
        minimizer=best,
        minimum=minimum,
        assumptions=(Workers(workers), *assumptions),
        constants={
            "d": size,
            "D": float(value.function(data, mean)) - minimum,
            "R": float(np.linalg.norm(mean[:size] - minimizer)),
            "g0": float(np.linalg.norm(slopes.reshape(workers, size).mean(axis=0))),
            "disagreement": float(np.linalg.norm(start - start.mean(axis=0))),
            "D_mean": float(np.mean(gaps)),
            "D_best": min(gaps),
        },
    )


def starts(start: ArrayLike, workers: int, dimension: int) -> Matrix:
    """``start`` for every worker, shape (workers, dimension): a number, a common point, or a row a worker."""
    if workers < 2 or dimension < 1:
        raise InputError(
            f"a network needs at least 2 workers of dimension 1, not {workers} of dimension {dimension}."
        )
    try:
        return np.array(np.broadcast_to(np.asarray(start, dtype=np.float64), (workers, dimension)))
    except ValueError:
        raise InputError(
            f"the start of {workers} workers must be a number, a point of {dimension} coordinates or one such "
            f"row a worker, not of shape {np.shape(start)}."
        ) from None


def tilts(workers: int, dimension: int, heterogeneity: float, pattern: ArrayLike | None, seed: int) -> Matrix:
    """c_1, ..., c_m of shape (m, d) with sum 0 and mean square norm ``heterogeneity``.

    They are normal vectors made from ``seed``; with a ``pattern`` of shape (m,) the first coordinate follows the
    pattern, less its mean, and the other coordinates are 0.
    """
    if not heterogeneity >= 0:
        raise InputError(f"the heterogeneity must be at least 0, not {heterogeneity!r}.")
    rows = np.zeros((workers, dimension))
    if heterogeneity == 0:
        return rows
    if pattern is None:
        rows = np.random.default_rng(seed).standard_normal((workers, dimension))
    elif np.shape(pattern) == (workers,):
        rows[:, 0] = pattern
    else:
        raise InputError(
            f"the pattern needs a number for each of {workers} workers, not {np.shape(pattern)}."
        )
    rows -= rows.mean(axis=0)
    square = float(np.mean(np.sum(rows**2, axis=1)))
    if not square > 0:
        raise InputError("the pattern is the same at all workers, which tilts nothing; let it vary.")
    return rows * np.sqrt(heterogeneity / square)


# --- tilted quadratics -----------------------------------------------------------------------------------------


@kernel
def tilted_quadratics_value(data: Data, x: Vector) -> float:
    """(1/m) sum of (h/2) |x_i|^2 + <c_i, x_i>; scalars are (m, h), the row of the table (c_1, ..., c_m)."""
    total = 0.0
    for i in range(x.size):
        total += (0.5 * data.scalars[1] * x[i] + data.table[0, i]) * x[i]
    return total / data.scalars[0]


@kernel
def tilted_quadratics_gradient(data: Data, x: Vector, out: Vector) -> None:
    """h x_i + c_i."""
    for i in range(x.size):
        out[i] = data.scalars[1] * x[i] + data.table[0, i]


@problem(
    value=tilted_quadratics_value,
    gradient=tilted_quadratics_gradient,
    gallery=(
        {"workers": 4},
        {"workers": 8, "curvature": 0.5, "heterogeneity": 0.0},
        {"workers": 5, "dimension": 3, "curvature": 3.0, "heterogeneity": 9.0},
    ),
    formula=r"f_i(x) = \tfrac h2 \|x\|^2 + \langle c_i, x\rangle, \quad \sum_i c_i = 0",
)
def tilted_quadratics(
    workers: int = 4,
    dimension: int = 2,
    curvature: float = 1.0,
    heterogeneity: float = 1.0,
    pattern: ArrayLike | None = None,
    start: ArrayLike = 1.0,
    seed: int = 1,
) -> Problem:
    """Parabolas of the same ``curvature`` h at every worker, with minimizers -c_i / h that average to 0.

    The mean of the workers' iterates moves as on one machine, whatever the network.
    """
    begin = starts(start, workers, dimension)
    c = tilts(workers, dimension, heterogeneity, pattern, seed)
    return on_network(
        tilted_quadratics_value,
        tilted_quadratics_gradient,
        [curvature],
        c.reshape(1, -1),
        begin,
        np.zeros(dimension),
        (
            Quadratic(),
            ComponentsSmooth(curvature),
            ComponentsStronglyConvex(curvature),
            BoundedHeterogeneity(heterogeneity),
        ),
    )


# --- tilted asymmetric parabolas -------------------------------------------------------------------------------


@kernel
def asymmetric_parabolas_value(data: Data, x: Vector) -> float:
    """(1/m) sum of (L/2 or mu/2) x^2 + <c_i, x_i>; scalars are (m, L, mu), the row of the table all c_i."""
    total = 0.0
    for i in range(x.size):
        curvature = data.scalars[1] if x[i] < 0.0 else data.scalars[2]
        total += (0.5 * curvature * x[i] + data.table[0, i]) * x[i]
    return total / data.scalars[0]


@kernel
def asymmetric_parabolas_gradient(data: Data, x: Vector, out: Vector) -> None:
    """L x + c below 0, mu x + c above."""
    for i in range(x.size):
        out[i] = (data.scalars[1] if x[i] < 0.0 else data.scalars[2]) * x[i] + data.table[0, i]


@problem(
    value=asymmetric_parabolas_value,
    gradient=asymmetric_parabolas_gradient,
    gallery=(
        {"workers": 4},
        {"workers": 6, "dimension": 2, "smoothness": 1.0, "strong_convexity": 0.5, "start": -2.0},
    ),
    formula=r"f_i(x) = \sum_j \tfrac L2 \min(x_j, 0)^2 + \tfrac\mu2 \max(x_j, 0)^2 + \langle c_i, x\rangle",
)
def asymmetric_parabolas(
    workers: int = 4,
    dimension: int = 1,
    smoothness: float = 2.0,
    strong_convexity: float = 0.2,
    heterogeneity: float = 1.0,
    pattern: ArrayLike | None = None,
    start: ArrayLike = 1.0,
    seed: int = 1,
) -> Problem:
    """Steep on the left of 0 and flat on the right, tilted by c_i: convex but not quadratic.

    The mean of the local gradients is not the gradient at the mean: workers that drift apart on their own tilts
    have a mean that is off the minimizer 0.
    """
    if not 0 < strong_convexity <= smoothness:
        raise InputError("asymmetric_parabolas: needs 0 < strong_convexity <= smoothness.")
    begin = starts(start, workers, dimension)
    c = tilts(workers, dimension, heterogeneity, pattern, seed)
    return on_network(
        asymmetric_parabolas_value,
        asymmetric_parabolas_gradient,
        [smoothness, strong_convexity],
        c.reshape(1, -1),
        begin,
        np.zeros(dimension),
        (
            ComponentsSmooth(smoothness),
            ComponentsStronglyConvex(strong_convexity),
            BoundedHeterogeneity(heterogeneity),
        ),
    )


# --- tilted wells: non-convex ------------------------------------------------------------------------------------


@kernel
def tilted_wells_value(data: Data, x: Vector) -> float:
    """(1/m) sum of s u^2 / (1 + u^2) + <c_i, x_i>, u = x - a; scalars are (m, s, a), the table's row all c_i."""
    total = 0.0
    for i in range(x.size):
        square = (x[i] - data.scalars[2]) ** 2
        total += data.scalars[1] * square / (1.0 + square) + data.table[0, i] * x[i]
    return total / data.scalars[0]


@kernel
def tilted_wells_gradient(data: Data, x: Vector, out: Vector) -> None:
    """2 s u / (1 + u^2)^2 + c."""
    for i in range(x.size):
        u = x[i] - data.scalars[2]
        out[i] = 2.0 * data.scalars[1] * u / (1.0 + u**2) ** 2 + data.table[0, i]


@problem(
    value=tilted_wells_value,
    gradient=tilted_wells_gradient,
    gallery=(
        {"workers": 4},
        {"workers": 8, "dimension": 2, "well": 3.0},
        {"workers": 5, "depth": 2.0, "heterogeneity": 0.0},
    ),
    formula=r"f_i(x) = \sum_j \frac{s u_j^2}{1 + u_j^2} + \langle c_i, x\rangle, \quad u = x - a",
)
def tilted_wells(
    workers: int = 4,
    dimension: int = 1,
    depth: float = 0.5,
    well: float = 1.0,
    heterogeneity: float = 1.0,
    pattern: ArrayLike | None = None,
    start: ArrayLike = 0.0,
    seed: int = 1,
) -> Problem:
    """A well of ``depth`` s around a = ``well`` in each coordinate, flat far away, and tilts c_i: not convex.

    The second derivative lies between -s/2 (at u = 1 and -1) and 2 s (at u = 0), so the smoothness is 2 s. Far away
    the gradient vanishes: a diverging run looks stationary here, and must be sought on quadratics.
    """
    if not depth > 0:
        raise InputError(f"tilted_wells: the depth must be above 0, not {depth!r}.")
    begin = starts(start, workers, dimension)
    c = tilts(workers, dimension, heterogeneity, pattern, seed)
    return on_network(
        tilted_wells_value,
        tilted_wells_gradient,
        [depth, well],
        c.reshape(1, -1),
        begin,
        np.full(dimension, well),
        (BoundedBelow(), ComponentsSmooth(2 * depth), BoundedHeterogeneity(heterogeneity)),
    )


# --- quadratics with different Hessians --------------------------------------------------------------------------


@kernel
def heterogeneous_quadratics_gradient(data: Data, x: Vector, out: Vector) -> None:
    """H_i (x_i - b_i); row i d + j of the table is the j-th row of H_i followed by the j-th number of b_i."""
    size = data.table.shape[1] - 1
    for row in range(x.size):
        first = row - row % size
        total = 0.0
        for j in range(size):
            total += data.table[row, j] * (x[first + j] - data.table[first + j, size])
        out[row] = total


@kernel
def heterogeneous_quadratics_value(data: Data, x: Vector) -> float:
    """(1/m) sum of (x_i - b_i)' H_i (x_i - b_i) / 2; scalars are (m)."""
    size = data.table.shape[1] - 1
    total = 0.0
    for row in range(x.size):
        first = row - row % size
        slope = 0.0
        for j in range(size):
            slope += data.table[row, j] * (x[first + j] - data.table[first + j, size])
        total += 0.5 * slope * (x[row] - data.table[row, size])
    return total / data.scalars[0]


@problem(
    value=heterogeneous_quadratics_value,
    gradient=heterogeneous_quadratics_gradient,
    gallery=(
        {"workers": 4},
        {"workers": 8, "dimension": 3, "smoothness": 2.0, "strong_convexity": 0.5, "spread": 0.3},
    ),
    formula=r"f_i(x) = \tfrac12 (x - b_i)^\top H_i (x - b_i)",
)
def heterogeneous_quadratics(
    workers: int = 4,
    dimension: int = 2,
    smoothness: float = 1.0,
    strong_convexity: float = 0.1,
    spread: float = 1.0,
    start: ArrayLike = 1.0,
    seed: int = 1,
) -> Problem:
    """Every worker has its own Hessian H_i, of eigenvalues mu, L and random ones between in a random basis, and its
    own minimizer b_i, normal of standard deviation ``spread``.

    x* = (sum H_i)^(-1) sum H_i b_i. The gradients differ by more and more far away: no bound of the heterogeneity
    holds everywhere, and none is declared.
    """
    if not (0 < strong_convexity <= smoothness and dimension >= 2):
        raise InputError(
            "heterogeneous_quadratics: needs 0 < strong_convexity <= smoothness and at least 2 dimensions."
        )
    random = np.random.default_rng(seed)
    hessians = np.empty((workers, dimension, dimension))
    for i in range(workers):
        between = random.uniform(strong_convexity, smoothness, dimension - 2)
        basis = np.linalg.qr(random.standard_normal((dimension, dimension)))[0]
        hessians[i] = (basis * [strong_convexity, smoothness, *between]) @ basis.T
    centres = spread * random.standard_normal((workers, dimension))
    mean = hessians.mean(axis=0)
    spectrum = np.linalg.eigvalsh(mean)
    return on_network(
        heterogeneous_quadratics_value,
        heterogeneous_quadratics_gradient,
        [],
        np.column_stack([hessians.reshape(-1, dimension), centres.ravel()]),
        starts(start, workers, dimension),
        np.linalg.solve(mean, np.einsum("ijk,ik->j", hessians, centres) / workers),
        (
            Quadratic(),
            ComponentsSmooth(smoothness),
            ComponentsStronglyConvex(strong_convexity),
            Smooth(float(spectrum[-1])),
            StronglyConvex(float(spectrum[0])),
        ),
    )
