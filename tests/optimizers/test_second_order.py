"""Second-order methods: the compiled rules step by step against NumPy, and wrong rules that must be told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.least_squares import least_squares
from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from problems.saddles import factorization
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import second_order
from simlab.optimizers.second_order import solve_in_place
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-12
PROBLEMS = {
    "quadratic": quadratic(spectrum=(0.3, 1.0, 2.0), rotation=1, start=(1.0, -2.0, 0.5)),
    "least squares": least_squares(terms=6, dimension=2, residual=1.0, ridge=0.2),
    "rippled bowl": rippled_bowl(dimension=3, start=2.6),
    "factorization": factorization(start=(1.3, 0.9)),
}
problems = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())


def compiled(method: Method, problem: Problem, steps: int) -> Matrix:
    samples = np.zeros((1, steps, problem.dimension))
    return np.asarray(states(method, problem, np.asarray(problem.start)[None], samples)[0, :, 0])


def of(problem: Problem) -> tuple[Callable[[int, Vector], Vector], Callable[[int, Vector], Matrix]]:
    """Gradient and Hessian as the twins ask for them."""
    return (lambda k, x: problem.gradient(x)), (lambda k, x: problem.hessian(x))


# --- Newton ------------------------------------------------------------------------------------------------------


@problems
@pytest.mark.parametrize("step_size", [1.0, 0.5])
def test_newton_follows_its_twin(problem: Problem, step_size: float) -> None:
    wanted = twins.newton(*of(problem), np.asarray(problem.start), 6, step_size)
    assert distance(compiled(second_order.newton(step_size=step_size), problem, 6), wanted) <= TOLERANCE


def test_newton_takes_whole_steps_by_default() -> None:
    problem = PROBLEMS["quadratic"]
    end = compiled(second_order.newton(), problem, 1)[1]
    assert np.abs(end).max() <= TOLERANCE


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x - step_size", "x + step_size"),
        ("hessian(k, x)", "hessian(k, start)"),
        ("np.linalg.solve(hessian(k, x), gradient(k, x))", "hessian(k, x) @ gradient(k, x)"),
        ("np.linalg.solve(hessian(k, x), gradient(k, x))", "gradient(k, x) / np.diag(hessian(k, x))"),
    ],
)
def test_a_wrong_newton_is_caught(right: str, wrong: str) -> None:
    problem = PROBLEMS["factorization"]
    twin = mutated("newton", right, wrong)(*of(problem), np.asarray(problem.start), 6)
    assert not distance(compiled(second_order.newton(), problem, 6), twin) <= 10 * TOLERANCE


def solved(matrix: Any, right: Any) -> Vector:
    out = np.array(right, dtype=np.float64)
    with np.errstate(all="ignore"):
        solve_in_place(np.array(matrix, dtype=np.float64), out)
    return out


@pytest.mark.parametrize("size", [1, 2, 7])
def test_linear_systems_are_solved(size: int) -> None:
    random = np.random.default_rng(size)
    matrix, right = random.standard_normal((size, size)), random.standard_normal(size)
    assert solved(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), rel=1e-10)


def test_rows_are_exchanged_where_a_pivot_is_0_or_tiny() -> None:
    assert solved([[0, 1], [1, 0]], [2, 3]) == pytest.approx([3, 2])
    assert solved([[1e-20, 1], [1, 1]], [1, 2]) == pytest.approx([1, 1])


def test_a_singular_system_shows() -> None:
    assert not np.isfinite(solved([[1, 2], [2, 4]], [1, 1])).all()


# --- BFGS --------------------------------------------------------------------------------------------------------


@problems
def test_bfgs_follows_its_twin(problem: Problem) -> None:
    """While it is away from the minimizer: differences of gradients that are mere rounding say nothing."""
    wanted = twins.bfgs(of(problem)[0], np.asarray(problem.start), 5, 5.0)
    assert distance(compiled(second_order.bfgs(initial_curvature=5.0), problem, 5), wanted) <= TOLERANCE


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("identity / smoothness", "identity * smoothness"),
        ("-inverse @ gradient(k, x)", "inverse @ gradient(k, x)"),
        ("identity - np.outer(s, y) / (y @ s)", "identity - np.outer(y, s) / (y @ s)"),
        ("left @ inverse @ left.T", "left @ inverse"),
        ("+ np.outer(s, s) / (y @ s)", "+ np.outer(s, s) / (y @ y)"),
        ("if y @ s > 0:", "if False:"),
    ],
)
def test_a_wrong_bfgs_is_caught(right: str, wrong: str) -> None:
    problem = PROBLEMS["quadratic"]
    twin = mutated("bfgs", right, wrong)(of(problem)[0], np.asarray(problem.start), 5, 5.0)
    found = compiled(second_order.bfgs(initial_curvature=5.0), problem, 5)
    assert not distance(found, twin) <= 10 * TOLERANCE


def test_bfgs_keeps_its_matrix_where_the_curvature_is_negative() -> None:
    """Next to the local maximum of the ripples: the first updates are skipped, so the steps are those of GD."""
    problem = rippled_bowl(dimension=1, start=0.01)
    found = compiled(second_order.bfgs(initial_curvature=1.0), problem, 3)
    descent = twins.gd(of(problem)[0], np.asarray(problem.start), 3, 1.0)
    assert distance(found, descent) <= TOLERANCE


def test_bfgs_stays_at_a_minimizer() -> None:
    problem = quadratic(spectrum=(1.0, 2.0), start=(0.0, 0.0))
    assert not compiled(second_order.bfgs(initial_curvature=2.0), problem, 3).any()
