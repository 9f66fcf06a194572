"""SVRG: the compiled rules step by step against NumPy, and wrong rules that must be told apart.

The stages draw from the method's own stream; the test draws the same numbers again from a copy of it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.least_squares import least_squares
from problems.losses import huber_loss
from problems.sampling import mean_of_terms, minibatch
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.random import integer_below, streams
from simlab.optimizers import variance_reduced
from simlab.running.given import states
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_landscape import ENTROPY, STEPS, Setting, compiled_run
from tests.references import twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-12
STEP, INNER = 0.1, 5
SUMS = {
    "least squares": least_squares(terms=6, dimension=3, residual=1.0),
    "huber": huber_loss(terms=5),
}
sums = pytest.mark.parametrize("problem", SUMS.values(), ids=SUMS.keys())


def terms_of(problem: Problem) -> Callable[[int, Vector], Vector]:
    return lambda i, x: problem.component(i, x)


def number_of_terms(problem: Problem) -> int:
    return int(np.asarray(problem.table).shape[0])


def drawn(problem: Problem) -> tuple[list[list[int]], list[int]]:
    """The terms of each stage and where it stops, from the stream that the compiled run starts with."""
    rng = streams(ENTROPY, 0, 1)[0]
    indices, choices = [], []
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            choices.append(int(integer_below(rng, INNER)))
            indices.append([int(integer_below(rng, number_of_terms(problem))) for _ in range(choices[-1])])
    return indices, choices


def snapshots(problem: Problem, rule: Callable[..., Any] = twins.svrg) -> Any:
    return rule(
        terms_of(problem), number_of_terms(problem), np.asarray(problem.start), STEP, *drawn(problem)
    )[0]


def compiled(problem: Problem) -> Matrix:
    method = variance_reduced.svrg(step_size=STEP, inner_steps=INNER, terms=number_of_terms(problem))
    return compiled_run(method, Setting(problem, minibatch(batch=1)))


@sums
def test_svrg_follows_its_twin(problem: Problem) -> None:
    assert distance(compiled(problem), snapshots(problem)) <= TOLERANCE


def test_a_stage_stops_at_any_of_its_first_iterates() -> None:
    choices = drawn(SUMS["least squares"])[1]
    assert min(choices) == 0
    assert max(choices) == INNER - 1


MUTANTS = [
    ("- component_gradient(i, w) + full", "+ full"),
    ("- component_gradient(i, w) + full", "- component_gradient(i, w)"),
    ("component_gradient(i, w) + full", "component_gradient(i, start) + full"),
    ("x - step_size", "x + step_size"),
    ("inner[choice]", "inner[choice - 1]"),
    ("inner[choice]", "inner[0]"),
]


@pytest.mark.parametrize(("right", "wrong"), MUTANTS)
def test_a_wrong_rule_is_caught(right: str, wrong: str) -> None:
    problem = SUMS["least squares"]
    assert (
        not distance(compiled(problem), snapshots(problem, mutated("svrg", right, wrong))) <= 10 * TOLERANCE
    )


# --- one stage, an inner iteration a step -----------------------------------------------------------------------


def stage(problem: Problem) -> tuple[Matrix, list[int]]:
    indices = np.random.default_rng(2).integers(number_of_terms(problem), size=STEPS)
    method = variance_reduced.svrg_stage(step_size=STEP)
    run = states(method, problem, np.asarray(problem.start)[None], indices[None, :, None], mean_of_terms)
    return np.asarray(run[0, :, 0]), [int(i) for i in indices]


@sums
def test_a_stage_follows_its_twin(problem: Problem) -> None:
    found, indices = stage(problem)
    start = np.asarray(problem.start)
    inner = twins.svrg(terms_of(problem), number_of_terms(problem), start, STEP, [indices], [0])[1][0]
    assert distance(found, inner) <= TOLERANCE


@pytest.mark.parametrize(("right", "wrong"), MUTANTS[:2])
def test_a_wrong_stage_is_caught(right: str, wrong: str) -> None:
    problem = SUMS["least squares"]
    found, indices = stage(problem)
    start = np.asarray(problem.start)
    wrong_rule = mutated("svrg", right, wrong)
    inner = wrong_rule(terms_of(problem), number_of_terms(problem), start, STEP, [indices], [0])[1][0]
    assert not distance(found, inner) <= 10 * TOLERANCE
