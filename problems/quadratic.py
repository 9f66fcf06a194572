"""Quadratics with a prescribed spectrum, diagonal or rotated."""

from collections.abc import Sequence

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Assumption, Convex, Quadratic, Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem


@kernel
def quadratic_value(data: Data, x: Vector) -> float:
    """x' H x / 2."""
    total = 0.0
    for i in range(x.size):
        row = 0.0
        for j in range(x.size):
            row += data.table[i, j] * x[j]
        total += 0.5 * x[i] * row
    return total


@kernel
def quadratic_gradient(data: Data, x: Vector, out: Vector) -> None:
    """H x."""
    for i in range(x.size):
        row = 0.0
        for j in range(x.size):
            row += data.table[i, j] * x[j]
        out[i] = row


@kernel
def quadratic_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """H."""
    for i in range(x.size):
        for j in range(x.size):
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
    formula=r"f(x) = \tfrac12 x^\top H x",
)
def quadratic(
    spectrum: Sequence[float] = (1.0, 10.0), start: Sequence[float] | None = None, rotation: int = 0
) -> Problem:
    """Eigenvalues ``spectrum``; ``rotation`` above 0 seeds a random orthogonal basis."""
    eigenvalues = np.asarray(spectrum, dtype=np.float64)
    basis = np.eye(eigenvalues.size)
    if rotation:
        normals = np.random.default_rng(rotation).standard_normal(basis.shape)
        basis = np.linalg.qr(normals)[0]
    table = (basis * eigenvalues) @ basis.T
    assumptions: list[Assumption] = [Quadratic(), Convex(), Smooth(float(eigenvalues.max()))]
    if eigenvalues.min() > 0:
        assumptions.append(StronglyConvex(float(eigenvalues.min())))
    return Problem(
        scalars=[],
        table=(table + table.T) / 2,
        start=np.ones(eigenvalues.size) if start is None else start,
        minimizer=np.zeros(eigenvalues.size),
        minimum=0.0,
        assumptions=assumptions,
    )
