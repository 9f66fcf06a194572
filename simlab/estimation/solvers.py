"""Two solvers of a semidefinite program: a fast one in double precision, and a slow one in multiple precision.

Interior-point methods in double precision can be wrong by 1e-3 on these programs while they report 1e-5: the
solutions have low rank and the multipliers are not unique, so that the linear systems become singular. In 200 bits
the same methods reach 1e-16.
"""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from simlab.estimation.program import Numbers, Program
from simlab.estimation.symbols import UntranslatableError
from simlab.kernels.arrays import Matrix, Vector

QUICK, PRECISE = 1e-10, 1e-18  # relative duality gap and infeasibility at which they stop
STEP = 0.9  # of the way to the boundary: a longer one costs digits
MOST_ITERATIONS = 200
SIZES = (1e2, 1e4, 1e7)  # of the solutions, in turn: where they are larger, there seem to be none


@dataclass(frozen=True, eq=False)
class Solved:
    """The best G and F that were found, the objective there, the best upper bound of it, and the multipliers of
    the inequalities.
    """

    gram: Matrix
    values: Vector
    lower: float
    upper: float
    multipliers: Vector


def in_double_precision(program: Program) -> Solved:
    """By CLARABEL. Unknowns are F and the upper triangle of G by columns, scaled so that inner products are kept.

    Raises
    ------
    UntranslatableError
        When there is no worst case, or the solver fails.
    """
    import clarabel

    n, f = program.objective.gram.shape[1], program.objective.values.shape[1]
    lower, upper = np.tril_indices(n)
    scale = np.where(lower == upper, 1.0, np.sqrt(2.0))

    def coefficients(numbers: Numbers) -> Matrix:
        return np.hstack([numbers.values, numbers.gram[:, upper, lower] * scale])

    parts = [(clarabel.ZeroConeT, program.equal), (clarabel.NonnegativeConeT, program.below)]
    cones: list[Any] = [cone(len(numbers)) for cone, numbers in parts]
    rows = [coefficients(numbers) for _, numbers in parts]
    constants = [-numbers.constants for _, numbers in parts]
    for block in program.blocks:
        side = round(len(block) ** 0.5)
        i, j = np.tril_indices(side)
        weights = np.where(i == j, 1.0, np.sqrt(2.0))
        rows.append(-coefficients(block[j * side + i]) * weights[:, None])
        constants.append(block.constants[j * side + i] * weights)
        cones.append(clarabel.PSDTriangleConeT(side))
    rows.append(np.hstack([np.zeros((len(scale), f)), -np.eye(len(scale))]))
    constants.append(np.zeros(len(scale)))
    cones.append(clarabel.PSDTriangleConeT(n))
    settings = clarabel.DefaultSettings()
    settings.verbose, settings.max_step_fraction = False, STEP
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = QUICK
    cost = -coefficients(program.objective)[0]
    matrix = sparse.csc_matrix(np.vstack(rows))
    nothing = sparse.csc_matrix((len(cost), len(cost)))
    found = clarabel.DefaultSolver(nothing, cost, matrix, np.concatenate(constants), cones, settings).solve()
    if str(found.status) not in ("Solved", "AlmostSolved"):
        raise UntranslatableError(f"the solver finds no worst case ({found.status})")
    x, gram = np.array(found.x), np.zeros((n, n))
    gram[lower, upper] = gram[upper, lower] = x[f:] / scale
    offset = float(program.objective.constants[0])
    begun = len(program.equal)
    multipliers = np.array(found.z)[begun : begun + len(program.below)]
    return Solved(gram, x[:f], offset - found.obj_val, offset - found.obj_val_dual, multipliers)


def in_multiple_precision(program: Program) -> Solved:
    """By SDPA-GMP. Unknowns are F, the slacks of the inequalities, G and the blocks, all entries of them.

    Raises
    ------
    UntranslatableError
        When the solver fails.
    """
    import sdpap

    n, f = program.objective.gram.shape[1], program.objective.values.shape[1]
    slacks, sides = len(program.below), [round(len(block) ** 0.5) for block in program.blocks]
    width = f + slacks + n * n + sum(side**2 for side in sides)

    def coefficients(numbers: Numbers) -> Matrix:
        found = np.zeros((len(numbers), width))
        found[:, :f], found[:, f + slacks : f + slacks + n * n] = (
            numbers.values,
            numbers.gram.reshape(-1, n * n),
        )
        return found

    below = coefficients(program.below)
    below[:, f : f + slacks] = np.eye(slacks)
    rows, constants = [coefficients(program.equal), below], [program.equal.constants, program.below.constants]
    place = f + slacks + n * n
    for block, side in zip(program.blocks, sides, strict=True):
        i, j = np.tril_indices(side)
        entries = coefficients(block[i * side + j])
        for row, a, b in zip(entries, i, j, strict=True):
            row[place + a * side + b] -= 0.5
            row[place + b * side + a] -= 0.5
        rows.append(entries)
        constants.append(block.constants[i * side + j])
        place += side**2
    options = {"print": "no", "numThreads": 1, "maxIteration": MOST_ITERATIONS,
               "epsilonStar": PRECISE, "epsilonDash": PRECISE}  # fmt: skip
    matrix, right, cost = (
        sparse.csc_matrix(part)
        for part in (np.vstack(rows), -np.concatenate(constants)[:, None], -coefficients(program.objective).T)
    )
    cones = sdpap.SymCone(f=f, l=slacks, s=(n, *sides)), sdpap.SymCone(f=matrix.shape[0])
    for size in SIZES:
        with _silent():
            x, y, said, _, _ = sdpap.solve(matrix, right, cost, *cones, {**options, "lambdaStar": size})
        if said["phasevalue"] == "pdOPT":
            break
    else:
        raise UntranslatableError(f"the solver fails ({said['phasevalue']})")
    x, offset = x.toarray().ravel(), float(program.objective.constants[0])
    gram = x[f + slacks : f + slacks + n * n].reshape(n, n)
    multipliers = y.toarray().ravel()[len(program.equal) : len(program.equal) + slacks]
    return Solved(
        (gram + gram.T) / 2, x[:f], offset - said["primalObj"], offset - said["dualObj"], -multipliers
    )


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """The solver and its wrapper print and warn of what its status and numbers say as well."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "w") as nowhere, warnings.catch_warnings(), contextlib.redirect_stdout(nowhere):
            os.dup2(nowhere.fileno(), 1)
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
