"""Line searches: the compiled rules step by step against NumPy, and wrong rules that must be told apart."""

import numpy as np
import pytest

from problems.logistic import logistic_regression
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix
from simlab.optimizers.line_search import backtracking, exact_line_search
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import step_rules
from tests.references.test_twins import mutated

STEPS = 30
BOWL = quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5))
CURVED = logistic_regression(terms=20, dimension=3)


def compiled(method: Method, problem: Problem, steps: int = STEPS) -> Matrix:
    samples = np.zeros((1, steps, problem.dimension))
    return np.asarray(states(method, problem, np.asarray(problem.start)[None], samples)[0, :, 0])


def test_exact_line_search_is_steepest_descent_on_a_quadratic() -> None:
    hessian, start = BOWL.hessian(BOWL.start), np.asarray(BOWL.start)
    assert (
        distance(compiled(exact_line_search(), BOWL), step_rules.exact_line_search(hessian, start, STEPS))
        <= 1e-9
    )
    wrong = mutated(
        "exact_line_search", "(g @ g) / (g @ hessian @ g)", "1.001 * (g @ g) / (g @ hessian @ g)", step_rules
    )
    assert not distance(compiled(exact_line_search(), BOWL), wrong(hessian, start, STEPS)) <= 1e-6


def test_exact_line_search_ends_where_the_slope_along_the_line_vanishes() -> None:
    iterates = compiled(exact_line_search(), CURVED, 5)
    gradients = np.array([CURVED.gradient(x) for x in iterates])
    lengths = np.linalg.norm(gradients, axis=1)
    assert np.abs(np.sum(gradients[1:] * gradients[:-1], axis=1)) == pytest.approx(0, abs=1e-12)
    assert lengths[-1] > 1e-6


def test_exact_line_search_stays_at_a_minimizer_and_shows_what_is_not_a_number() -> None:
    ends = states(
        exact_line_search(), BOWL, np.array([[0.0, 0.0, 0.0], [np.nan, 1.0, 1.0]]), np.zeros((2, 2, 3))
    )
    assert (ends[0, :, 0] == 0).all()
    assert np.isnan(ends[1, -1, 0]).all()


@pytest.mark.parametrize("problem", [BOWL, CURVED], ids=lambda problem: problem.label)
@pytest.mark.parametrize(("step_size", "factor"), [(100.0, 0.5), (7.0, 0.8), (0.01, 0.5)])
def test_backtracking_follows_its_twin(problem: Problem, step_size: float, factor: float) -> None:
    found = compiled(backtracking(step_size=step_size, factor=factor), problem)
    twin = step_rules.backtracking(
        lambda k, x: problem.gradient(x), problem.value, np.asarray(problem.start), STEPS, step_size, factor
    )
    assert distance(found, twin) <= 1e-12


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("t * (g @ g) / 2", "t * (g @ g) / 100"),
        ("t *= factor", "t *= factor**2"),
        ("x, t = iterates[-1], step_size", "x, t = iterates[-1], step_size * factor**k"),
    ],
)
def test_a_wrong_backtracking_is_caught(right: str, wrong: str) -> None:
    found = compiled(backtracking(step_size=60.0, factor=0.8), CURVED)
    rule = mutated("backtracking", right, wrong, step_rules)
    twin = rule(lambda k, x: CURVED.gradient(x), CURVED.value, np.asarray(CURVED.start), STEPS, 60.0, 0.8)
    assert not distance(found, twin) <= 1e-6


def test_backtracking_ends_where_the_value_is_not_a_number() -> None:
    ends = states(
        backtracking(step_size=1.0, factor=0.5), BOWL, np.array([[np.nan, 1.0, 1.0]]), np.zeros((1, 1, 3))
    )
    assert np.isnan(ends[0, 1, 0]).any()
