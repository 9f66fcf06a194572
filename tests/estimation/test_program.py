"""Semidefinite programs: what may be left out of them, and that two solvers say the same of what is left."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("PEPit", reason="the extra simlab[pep] is not installed")

from simlab.estimation.program import Numbers, Program, independent, symmetries
from simlab.estimation.solvers import in_double_precision, in_multiple_precision
from simlab.estimation.symbols import UntranslatableError
from simlab.estimation.translation import Translation
from simlab.estimation.worst_case import worst_measured
from simlab.selection import select


def program_of(name: str, k: int) -> Program:
    entry = select([name])[0]
    model = Translation(worst_measured(entry, next(iter(entry.setting.domain.points())), k).case).model
    return Program.of(model.pep, [function for function, _ in model.functions])


@pytest.mark.parametrize(
    ("name", "vectors"),
    [
        ("gd-convex-tight", 1),  # the origin
        ("fista-lasso", 2),  # and a linear function that moves from one term to the other
        ("frank-wolfe", 1),  # there it may not: it would change which point of the set is the furthest
    ],
)
def test_free_vectors_are_found(name: str, vectors: int) -> None:
    dropped = symmetries(program_of(name, 2))
    assert len(dropped[0]) == vectors


@pytest.mark.parametrize("name", ["gd-convex-tight", "fista-lasso", "hb-quadratic-optimal"])
def test_what_is_dropped_changes_nothing_and_both_solvers_agree(name: str) -> None:
    program = program_of(name, 2)
    whole = in_double_precision(program)
    dropped = symmetries(program)
    reduced = independent(program.changed(lambda numbers: numbers.without(*dropped)))
    assert in_double_precision(reduced).upper == pytest.approx(whole.upper, rel=1e-5)
    precise = in_multiple_precision(reduced)
    assert precise.upper == pytest.approx(whole.upper, rel=1e-5)
    assert precise.upper == pytest.approx(precise.lower, rel=1e-12)


def small(bound: float) -> Program:
    """Maximize the entry G_01 where the diagonal of G is at most (1, 4), and G_01 at most ``bound``."""
    product = np.array([[0.0, 0.5], [0.5, 0.0]])
    gram = np.array([np.diag([1.0, 0.0]), np.diag([0.0, 1.0]), product])
    one = Numbers(product[None], np.zeros((1, 1)), np.array([0.5]))
    nothing = Numbers(np.zeros((0, 2, 2)), np.zeros((0, 1)), np.zeros(0))
    below = Numbers(gram, np.zeros((3, 1)), np.array([-1.0, -4.0, -bound]))
    return Program(one, nothing, below, ())


@pytest.mark.parametrize("solver", [in_double_precision, in_multiple_precision])
@pytest.mark.parametrize(("bound", "largest"), [(9.0, 2.0), (1.0, 1.0)])
def test_solvers_solve_a_program_that_is_solved_by_hand(solver, bound: float, largest: float) -> None:  # type: ignore[no-untyped-def]
    solved = solver(small(bound))
    assert solved.upper == pytest.approx(largest + 0.5, rel=1e-8)
    assert solved.gram[0, 1] == pytest.approx(largest, rel=1e-6)
    assert solved.multipliers.min() > -1e-8
    assert (solved.multipliers[2] > 0.5) == (bound < 2)


@pytest.mark.parametrize("solver", [in_double_precision, in_multiple_precision])
def test_a_program_without_a_largest_value_is_refused(solver) -> None:  # type: ignore[no-untyped-def]
    program = small(9.0)
    below = Numbers(-program.below.gram[2:], program.below.values[2:], program.below.constants[2:])
    with pytest.raises(UntranslatableError, match="solver"):
        solver(replace(program, below=below))  # G_01 is bounded on the wrong side
