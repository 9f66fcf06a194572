"""Quasi-Newton methods: the compiled rules against dense ones and SciPy, and wrong rules told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import LbfgsInvHessProduct

from problems.logistic import logistic_regression
from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import quasi_newton, second_order
from simlab.optimizers.quasi_newton import invert_in_place, two_loop
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import quasi_newton as references
from tests.references.test_twins import mutated

TOLERANCE = 1e-10
STEPS = 8
PROBLEMS = {
    "quadratic": quadratic(spectrum=(0.3, 0.5, 1.0, 2.0), rotation=1, start=(1.0, -2.0, 0.5, 1.0)),
    "logistic regression": logistic_regression(terms=30, dimension=5, ridge=0.1),
    "rippled bowl": rippled_bowl(dimension=3, start=2.6),
}
problems = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())


def compiled(method: Method, problem: Problem, steps: int = STEPS) -> Matrix:
    samples = np.zeros((1, steps, problem.dimension))
    return np.asarray(states(method, problem, np.array([problem.start]), samples)[0, :, 0])


def of(problem: Problem) -> tuple[Callable[[int, Vector], Vector], Vector]:
    return (lambda k, x: problem.gradient(x)), np.asarray(problem.start)


# --- L-BFGS ------------------------------------------------------------------------------------------------------


@problems
@pytest.mark.parametrize("pairs", [1, 2, 3, 20])
@pytest.mark.parametrize("curvature", [0.0, 3.0])
def test_lbfgs_follows_its_twin(problem: Problem, pairs: int, curvature: float) -> None:
    method = quasi_newton.lbfgs(pairs=pairs, initial_curvature=curvature)
    wanted = references.lbfgs(*of(problem), 5, pairs, curvature)
    assert distance(compiled(method, problem, 5), wanted) <= TOLERANCE


@pytest.mark.parametrize("pairs", [1, 2, 20])
def test_exact_line_searches_follow_their_twin(pairs: int) -> None:
    problem = PROBLEMS["quadratic"]
    wanted = references.lbfgs(*of(problem), 4, pairs, 0.0, problem.hessian(problem.start))
    assert distance(compiled(quasi_newton.lbfgs(pairs=pairs, exact=1), problem, 4), wanted) <= TOLERANCE


def test_lbfgs_with_all_pairs_is_bfgs() -> None:
    problem = PROBLEMS["logistic regression"]
    found = compiled(quasi_newton.lbfgs(pairs=STEPS, initial_curvature=2.0), problem)
    assert distance(found, compiled(second_order.bfgs(initial_curvature=2.0), problem)) <= TOLERANCE


def test_lbfgs_stays_at_a_minimizer() -> None:
    problem = quadratic(spectrum=(1.0, 2.0), start=(0.0, 0.0))
    for exact in (0, 1):
        assert not compiled(quasi_newton.lbfgs(exact=exact), problem, 3).any()


@pytest.mark.parametrize("oldest", [0, 2])
def test_the_two_loops_are_those_of_scipy(oldest: int) -> None:
    """SciPy starts from the identity; the ring may begin anywhere."""
    random = np.random.default_rng(1)
    s = random.standard_normal((4, 6))
    y = s @ np.diag([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    v = random.standard_normal(6)
    wanted = LbfgsInvHessProduct(np.roll(s, -oldest, axis=0), np.roll(y, -oldest, axis=0)) @ v
    two_loop(v, s, y, oldest, 4, 1.0, np.zeros((1, 6)))
    assert v == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("memory[-pairs:]", "memory[:pairs]"),
        ("(s @ y) / (y @ y)", "(s @ s) / (s @ y)"),
        ("left @ inverse @ left.T", "left.T @ inverse @ left"),
        ("+ np.outer(s, s) / (y @ s)", "+ np.outer(s, y) / (y @ s)"),
        ("gradient(k, x + step) - g", "gradient(k, x + step)"),
    ],
)
def test_a_wrong_lbfgs_is_caught(right: str, wrong: str) -> None:
    problem = PROBLEMS["logistic regression"]
    twin = mutated("lbfgs", right, wrong, references)(*of(problem), 5, 2)
    assert not distance(compiled(quasi_newton.lbfgs(pairs=2), problem, 5), twin) <= 10 * TOLERANCE


def test_a_wrong_number_of_pairs_is_caught() -> None:
    problem = PROBLEMS["logistic regression"]
    twin = references.lbfgs(*of(problem), 5, 2)
    for pairs in (1, 3):
        assert not distance(compiled(quasi_newton.lbfgs(pairs=pairs), problem, 5), twin) <= 10 * TOLERANCE


# --- BFGS from the Hessian ---------------------------------------------------------------------------------------


def test_bfgs_from_the_hessian_follows_its_direct_form() -> None:
    problem = PROBLEMS["logistic regression"]
    hessian = problem.hessian(problem.start)
    found = compiled(quasi_newton.bfgs_from_hessian(), problem, 5)
    assert distance(found, references.bfgs_from_hessian(*of(problem), 5, hessian)) <= TOLERANCE
    for wrong in (2 * hessian, np.eye(5)):
        assert not distance(found, references.bfgs_from_hessian(*of(problem), 5, wrong)) <= 10 * TOLERANCE


@pytest.mark.parametrize("size", [1, 2, 7])
def test_matrices_are_inverted(size: int) -> None:
    root = np.random.default_rng(size).standard_normal((size, size))
    matrix = root @ root.T + np.eye(size)
    inverse = matrix.copy()
    invert_in_place(inverse)
    assert inverse == pytest.approx(np.linalg.inv(matrix), rel=1e-9)


# --- Barzilai and Borwein ----------------------------------------------------------------------------------------


def both(problem: Problem, twin: Callable[..., Any], short: bool) -> tuple[Matrix, Any]:
    method = quasi_newton.barzilai_borwein(first_step=0.4, short=float(short))
    return compiled(method, problem, 4), twin(*of(problem), 4, 0.4, short)


@problems
@pytest.mark.parametrize("short", [False, True])
def test_barzilai_borwein_follows_its_twin(problem: Problem, short: bool) -> None:
    assert distance(*both(problem, references.barzilai_borwein, short)) <= TOLERANCE


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("if not short else", "if short else"),
        ("iterates[-1] - iterates[-2]", "iterates[-2] - iterates[-1]"),
        ("a if a > 0 else first_step", "first_step"),
        ("* gradient(k, iterates[-1]))", "* gradient(k, iterates[-2]))"),
    ],
)
def test_a_wrong_barzilai_borwein_is_caught(right: str, wrong: str) -> None:
    twin = mutated("barzilai_borwein", right, wrong, references)
    assert not distance(*both(PROBLEMS["logistic regression"], twin, False)) <= 10 * TOLERANCE


def test_where_the_curvature_is_negative_the_first_step_is_taken_again() -> None:
    problem = rippled_bowl(dimension=1, start=0.01)
    found = compiled(quasi_newton.barzilai_borwein(first_step=0.1), problem, 3)
    x = np.asarray(problem.start)
    for step in range(3):
        assert found[step] == pytest.approx(x, rel=1e-12)
        x = x - 0.1 * problem.gradient(x)
