"""The worst case of a performance estimation problem: how bad it is, and the vectors and values that show it."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PEPit import Expression

from simlab.estimation.program import Numbers, Program, independent, symmetries
from simlab.estimation.solvers import Solved, in_double_precision, in_multiple_precision
from simlab.estimation.symbols import UntranslatableError
from simlab.estimation.translation import Translation
from simlab.kernels.arrays import Matrix, Vector

Mask = NDArray[np.bool_]  # one truth an inequality

TOGETHER = 1e-6  # relative distance at which the best instance and the best upper bound count as one
ACTIVE = 1e-4  # multipliers above this part of the largest one are thought to matter
SLACK = 1e-14  # part of the size of G by which inequalities may be off
# The sum of all squared vectors, in units of the problem. Some worst cases are limits of functions of ever larger
# gradients, and are reached by no function.
LARGEST = 1e5


@dataclass(frozen=True, eq=False)
class Solution:
    """The largest measured / bound of a class of functions.

    ``gap`` is how far the best instance that was found and the best upper bound are apart, relatively;
    ``vectors`` holds one vector a row and ``values`` the function values of that instance. ``precise`` says that it
    was found in multiple precision, and ``limit`` that the worst case is approached by ever larger gradients, but
    not reached.
    """

    ratio: float
    gap: float
    vectors: Matrix
    values: Vector
    precise: bool = False
    limit: bool = False

    def vector(self, point: Any) -> Vector:
        """Where a point is, or what a gradient is."""
        found = np.zeros(self.vectors.shape[1])
        for leaf, weight in point.decomposition_dict.items():
            found += weight * self.vectors[leaf.counter]
        return found

    def number(self, expression: Any) -> float:
        """The value of a number that is linear in function values and inner products."""
        total = 0.0
        for key, weight in expression.decomposition_dict.items():
            if isinstance(key, tuple):
                total += weight * float(self.vectors[key[0].counter] @ self.vectors[key[1].counter])
            elif isinstance(key, Expression):
                total += weight * float(self.values[key.counter])
            else:
                total += weight
        return total


def solve(translation: Translation, precisely: bool = False) -> Solution:
    """Maximize measured / bound, in double or in multiple precision.

    Raises
    ------
    UntranslatableError
        When the solver finds no worst case, or fails.
    """
    model = translation.model
    program = Program.of(model.pep, [function for function, _ in model.functions])
    dropped = symmetries(program)
    reduced = independent(program.changed(lambda numbers: numbers.without(*dropped)))
    best, limit = _precise(reduced) if precisely else (in_double_precision(reduced), False)
    upper = max(best.upper, 0.0)
    return Solution(
        math.sqrt(upper) if translation.root else upper,
        abs(best.upper - best.lower) / max(abs(best.upper), 1e-300),
        *_vectors(best, program, dropped),
        precisely,
        limit,
    )


def _vectors(best: Solved, program: Program, dropped: tuple[list[int], list[int]]) -> tuple[Matrix, Vector]:
    """Vectors with the Gram matrix that was found, and the function values; 0 where they were dropped."""
    sizes, axes = np.linalg.eigh(best.gram)
    found = (axes * np.sqrt(np.maximum(sizes, 0.0)))[:, ::-1]
    vectors = np.zeros((program.objective.gram.shape[1], found.shape[1]))
    vectors[np.delete(np.arange(len(vectors)), dropped[0])] = found
    values = np.zeros(program.objective.values.shape[1])
    values[np.delete(np.arange(len(values)), dropped[1])] = best.values
    return vectors, values


def _precise(program: Program) -> tuple[Solved, bool]:
    """The worst case in multiple precision, with few of the inequalities: leaving some out gives an upper bound,
    and what satisfies the others as well is the worst case.

    Where it is no function of bounded gradients, it is set beside the worst of these.
    """
    active = _active(program)
    best = in_multiple_precision(_with(program, active))
    if not _missing(program, active, best).any() and np.trace(best.gram) <= LARGEST:
        return best, False
    bounded = best
    while True:
        bounded = in_multiple_precision(_bounded(_with(program, active)))
        missing = _missing(program, active, bounded)
        if not missing.any():
            break
        active = active | missing
    if bounded.lower < best.upper * (1 - TOGETHER):
        best = in_multiple_precision(_with(program, active))
    return replace(bounded, upper=best.upper), bounded.lower < best.upper * (1 - 1e-12)


def _active(program: Program) -> Mask:
    """Which inequalities a solution in double precision thinks that it needs."""
    try:
        multipliers = in_double_precision(program).multipliers
    except UntranslatableError:
        return np.ones(len(program.below), bool)
    return np.asarray(multipliers > ACTIVE * multipliers.max())


def _with(program: Program, active: Mask) -> Program:
    return replace(program, below=program.below[active])


def _missing(program: Program, active: Mask, found: Solved) -> Mask:
    """Which inequalities that were left out do not hold."""
    size = max(1.0, float(np.trace(found.gram)))
    return np.asarray((program.below.at(found.gram, found.values) > SLACK * size) & ~active)


def _bounded(program: Program) -> Program:
    """The same with vectors of bounded size."""
    below = program.below
    size = np.eye(below.gram.shape[1])[None] / LARGEST
    more = Numbers(
        np.concatenate([below.gram, size]),
        np.concatenate([below.values, np.zeros((1, below.values.shape[1]))]),
        np.append(below.constants, -1.0),
    )
    return replace(program, below=more)
