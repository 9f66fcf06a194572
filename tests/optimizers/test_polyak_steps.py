"""Stochastic Polyak steps against NumPy, on given terms, and wrong rules told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.least_squares import least_squares
from problems.logistic import logistic_regression
from problems.sampling import mean_of_terms
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers.polyak_steps import stochastic_polyak_step
from simlab.running.given import states
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import stochastic_momentum as twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-11
STEPS, SCALE, LARGEST = 60, 0.7, 1.5
DRAWS = np.random.default_rng(7).integers(0, 12, (STEPS, 1)).astype(np.float64)
PROBLEMS = {
    "least squares": least_squares(terms=12, dimension=3, residual=0.5, spread=3.0),
    "logistic regression": logistic_regression(terms=60, dimension=4),
}


def loss_of_row(problem: Problem, name: str) -> Callable[[int, Vector], tuple[float, Vector]]:
    """Value and gradient of the drawn term, from the formula of the loss; only its gradient is the kernel's."""
    table = np.asarray(problem.table)

    def least_squares_loss(k: int, x: Vector) -> tuple[float, Vector]:
        i = int(DRAWS[k, 0])
        error = float(table[i, :-1] @ x - table[i, -1])
        return error**2 / 2, error * table[i, :-1]

    def logistic_loss(k: int, x: Vector) -> tuple[float, Vector]:
        i = int(DRAWS[k, 0])
        slope = problem.component(i, x)
        margin = _margin(problem, i, x)
        return float(np.log1p(np.exp(-margin))), slope

    return least_squares_loss if name == "least squares" else logistic_loss


def _margin(problem: Problem, i: int, x: Vector) -> float:
    """label * feature . x, from the gradient of the term at 0, which is -label * feature / 2."""
    return float(-2 * problem.component(i, np.zeros(x.size)) @ x)


def both(name: str, twin: Callable[..., Any]) -> tuple[Matrix, Any]:
    problem = PROBLEMS[name]
    method = stochastic_polyak_step(scale=SCALE, largest_step=LARGEST)
    start = np.asarray(problem.start)
    found = states(method, problem, start[None], DRAWS[None], mean_of_terms)[0, :, 0]
    return found, twin(loss_of_row(problem, name), start, STEPS, SCALE, LARGEST)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_kernel_follows_its_twin(name: str) -> None:
    assert distance(*both(name, twins.stochastic_polyak_step)) <= TOLERANCE


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("scale * float", "float"),
        ("float(g @ g)", "float(g @ g) ** 0.5"),
        (", largest_step)", ", 2 * largest_step)"),
        ("min(value", "max(value"),
        ("- length", "+ length"),
    ],
)
def test_a_wrong_rule_is_caught(right: str, wrong: str) -> None:
    twin = mutated("stochastic_polyak_step", right, wrong, twins)
    assert not all(distance(*both(name, twin)) <= 10 * TOLERANCE for name in PROBLEMS)


def test_it_stays_where_a_term_is_minimal() -> None:
    problem = least_squares(terms=12, dimension=3)
    method = stochastic_polyak_step(scale=SCALE, largest_step=LARGEST)
    start = np.asarray(problem.minimizer)
    found = states(method, problem, start[None], DRAWS[None, :3], mean_of_terms)[0, :, 0]
    assert found == pytest.approx(np.tile(start, (4, 1)), abs=1e-14)
