"""Quadratics with a prescribed spectrum, diagonal or rotated."""

from collections.abc import Sequence

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    Convex,
    OneNormStronglyConvex,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import array, real, whole


@kernel
def row_times(data: Data, i: int, x: Vector) -> float:
    """(H x)_i; a table of one row is the diagonal of H."""
    if data.table.shape[0] == 1:
        return data.table[0, i] * x[i]
    total = 0.0
    for j in range(x.size):
        total += data.table[i, j] * x[j]
    return total


@kernel
def quadratic_value(data: Data, x: Vector) -> float:
    """x' H x / 2."""
    total = 0.0
    for i in range(x.size):
        total += 0.5 * x[i] * row_times(data, i, x)
    return total


@kernel
def quadratic_gradient(data: Data, x: Vector, out: Vector) -> None:
    """H x."""
    if data.table.shape[0] == 1:  # a loop of its own, for vector instructions
        for i in range(x.size):
            out[i] = data.table[0, i] * x[i]
    else:
        for i in range(x.size):
            out[i] = row_times(data, i, x)


@kernel
def quadratic_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """H."""
    for i in range(x.size):
        for j in range(x.size):
            if data.table.shape[0] == 1:
                out[i, j] = data.table[0, i] if i == j else 0.0
            else:
                out[i, j] = data.table[i, j]


@problem(
    value=quadratic_value,
    gradient=quadratic_gradient,
    hessian=quadratic_hessian,
    gallery=(
        {"spectrum": (1.0, 10.0)},
        {"spectrum": (0.05, 0.5, 1.0), "rotation": 1},
        {"spectrum": (2.0,), "start": (1.5,)},
    ),
    search={"d": whole(1, 4), "spectrum": array(real(1e-4, 1.0), "d"), "start": array(real(-1.0, 1.0), "d")},
    formula=r"f(x) = \tfrac12 x^\top H x",
)
def quadratic(
    spectrum: Sequence[float] = (1.0, 10.0), start: Sequence[float] | None = None, rotation: int = 0
) -> Problem:
    """Eigenvalues ``spectrum``; ``rotation`` above 0 seeds a random orthogonal basis."""
    eigenvalues = np.asarray(spectrum, dtype=np.float64)
    table = eigenvalues[None]
    if rotation:
        normals = np.random.default_rng(rotation).standard_normal((eigenvalues.size, eigenvalues.size))
        basis = np.linalg.qr(normals)[0]
        full = (basis * eigenvalues) @ basis.T
        table = (full + full.T) / 2
    assumptions: list[Assumption] = [Quadratic(), Convex(), Smooth(float(eigenvalues.max()))]
    if eigenvalues.min() > 0:
        assumptions.append(StronglyConvex(float(eigenvalues.min())))
        if not rotation:  # the least of sum h_i v_i^2 over sum |v_i| = 1
            assumptions.append(OneNormStronglyConvex(1 / float(np.sum(1 / eigenvalues))))
    return Problem(
        scalars=[],
        table=table,
        start=np.ones(eigenvalues.size) if start is None else start,
        minimizer=np.zeros(eigenvalues.size),
        minimum=0.0,
        assumptions=assumptions,
    )
