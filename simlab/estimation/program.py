"""The semidefinite program of a performance estimation problem, in matrices.

Its unknowns are the Gram matrix G of vectors p_1, ..., p_n (points and gradients) and function values F. Everything
is linear in them: a number is tr(A G) + b . F + c.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PEPit import PEP, Expression, Point
from PEPit.constraint import Constraint
from PEPit.function import Function
from PEPit.tools.expressions_to_matrices import expression_to_matrices
from scipy.linalg import qr

from simlab.kernels.arrays import Matrix, Vector

ZERO = 1e-10  # singular values of exact weights below this part of the largest one are rounding


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers tr(A_i G) + b_i . F + c_i: ``gram`` has shape (m, n, n), ``values`` (m, f) and ``constants`` (m,)."""

    gram: np.ndarray
    values: Matrix
    constants: Vector

    @classmethod
    def of(cls, expressions: Sequence[Expression]) -> "Numbers":
        """The numbers that these expressions say."""
        parts = [expression_to_matrices(expression) for expression in expressions]
        n, f = Point.counter, Expression.counter
        return cls(
            np.array([gram for gram, _, _ in parts]).reshape(-1, n, n),
            np.array([values for _, values, _ in parts]).reshape(-1, f),
            np.array([float(constant) for _, _, constant in parts]),
        )

    def __len__(self) -> int:
        return len(self.constants)

    def __getitem__(self, chosen: Any) -> "Numbers":
        return Numbers(self.gram[chosen], self.values[chosen], self.constants[chosen])

    def at(self, gram: Matrix, values: Vector) -> Vector:
        """What they are for G and F."""
        found: Vector = np.tensordot(self.gram, gram, 2) + self.values @ values + self.constants
        return found

    def without(self, vectors: Sequence[int], values: Sequence[int]) -> "Numbers":
        """The numbers for G and F in which these vectors and values are 0."""
        gram = np.delete(np.delete(self.gram, vectors, 1), vectors, 2)
        return Numbers(gram, np.delete(self.values, values, 1), self.constants)


@dataclass(frozen=True, eq=False)
class Program:
    """Maximize ``objective`` over G >= 0 and F, where ``equal`` = 0, ``below`` <= 0, and each of ``blocks``, square
    matrices row by row, is positive semidefinite.
    """

    objective: Numbers
    equal: Numbers
    below: Numbers
    blocks: tuple[Numbers, ...]

    @classmethod
    def of(cls, pep: PEP, functions: Sequence[Function]) -> "Program":
        """The program that PEPit's objects describe; the objective is the smallest of the performance metrics."""
        lowest = Expression(is_leaf=True)
        constraints: list[Constraint] = [lowest <= metric for metric in pep.list_of_performance_metrics]
        constraints += pep.list_of_constraints
        matrices = list(pep.list_of_psd)
        for function in functions:
            function.set_class_constraints()
            constraints += [*function.list_of_class_constraints, *function.list_of_constraints]
            matrices += [*function.list_of_class_psd, *function.list_of_psd]
        equal = [c.expression for c in constraints if c.equality_or_inequality == "equality"]
        below = [c.expression for c in constraints if c.equality_or_inequality == "inequality"]
        return cls(
            Numbers.of([lowest]),
            Numbers.of(equal),
            _telling(Numbers.of(below)),
            tuple(Numbers.of(list(matrix.matrix_of_expressions.ravel())) for matrix in matrices),
        )

    @property
    def rows(self) -> Numbers:
        """All numbers in it."""
        parts = (self.objective, self.equal, self.below, *self.blocks)
        return Numbers(
            np.concatenate([part.gram for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.constants for part in parts]),
        )

    def changed(self, how: Callable[[Numbers], Numbers]) -> "Program":
        """The program with all its numbers changed in the same way."""
        return Program(how(self.objective), how(self.equal), how(self.below), tuple(map(how, self.blocks)))


def _telling(numbers: Numbers) -> Numbers:
    """Those that depend on G or F."""
    said = (np.abs(numbers.gram).max(axis=(1, 2), initial=0.0) > 0) | (np.abs(numbers.values).max(axis=1) > 0)
    return numbers[said]


def independent(program: Program) -> Program:
    """The program without equalities that follow from others, with which its linear systems would be singular."""
    equal = program.equal
    if not len(equal):
        return program
    rows = np.hstack([equal.gram.reshape(len(equal), -1), equal.values])
    _, weights, order = qr(rows.T, pivoting=True, mode="economic")
    sizes = np.abs(np.diag(weights))
    return replace(program, equal=equal[np.sort(order[: int(np.sum(sizes > ZERO * sizes[0]))])])


def symmetries(program: Program) -> tuple[list[int], list[int]]:
    """Vectors and function values that may be taken to be 0, because nothing depends on them.

    A problem does not change when the origin moves, p -> p + a for all points, nor, for a method that takes a
    gradient step for one term and a proximal step of the same length for the other, when a linear function moves
    from term to term. In general: when p_j -> p_j + t_j a for every vector a, with function values that change as
    they must, F -> F + <a, B p>, which asks that 2 A_i t + B^T b_i = 0 for every number i. Such freedom leaves the
    solutions of a semidefinite program unbounded, and solvers inaccurate. It is used up by p_j = 0, for one j with
    t_j != 0. Likewise a constant that may be added to function values is used up by one of them.
    """
    rows = program.rows
    left, sizes, right = np.linalg.svd(rows.values)
    rank = int(np.sum(sizes > ZERO * sizes.max(initial=0.0)))
    # t and B exist where the numbers that do not see F do not see t either.
    blind = np.tensordot(left[:, rank:].T, rows.gram, 1)
    _, widths, axes = np.linalg.svd(np.einsum("kij,kil->jl", blind, blind))
    free = axes[widths <= ZERO**1.5 * widths.max(initial=0.0)]
    return _pivots(free), _pivots(right[rank:])


def _pivots(rows: Matrix) -> list[int]:
    """Coordinates that determine a vector in the span of orthonormal rows."""
    return [int(i) for i in qr(rows, pivoting=True, mode="r")[1][: len(rows)]] if len(rows) else []
