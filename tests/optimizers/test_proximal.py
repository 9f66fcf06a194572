"""Proximal methods: the compiled rules step by step against NumPy, and wrong rules that must be told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.lasso import half_line, lasso
from problems.losses import linear_loss
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import proximal
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-12
STEPS, STEP, PENALTY = 60, 0.3, 0.2
LASSOS = [
    lasso(terms=12, dimension=4, nonzeros=2, penalty=PENALTY),
    lasso(terms=6, dimension=10, nonzeros=3, penalty=PENALTY, start=(2.0, -1.0) * 5),
]


def compiled(method: Method, problem: Problem, noise: Matrix | None = None) -> Matrix:
    samples = np.zeros((1, STEPS, problem.dimension)) if noise is None else noise[None]
    return np.asarray(states(method, problem, np.asarray(problem.start)[None], samples)[0, :, 0])


def twin_run(problem: Problem, rule: Callable[..., Any] = twins.proximal_gradient) -> Any:
    start = np.asarray(problem.start)
    return rule(lambda k, x: problem.gradient(x), start, STEPS, STEP, PENALTY)


@pytest.mark.parametrize("problem", LASSOS, ids=lambda problem: problem.label)
def test_proximal_gradient_follows_its_twin(problem: Problem) -> None:
    found = compiled(proximal.proximal_gradient(step_size=STEP), problem)
    assert distance(found, twin_run(problem)) <= TOLERANCE
    assert (found[1:] == 0).any(), "no coordinate was ever thresholded to 0"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x - step_size", "x + step_size"),
        ("step_size * penalty", "penalty"),
        (
            "soft_threshold(x - step_size * gradient(k, x), step_size * penalty)",
            "x - step_size * gradient(k, x)",
        ),
        (
            "soft_threshold(x - step_size * gradient(k, x), step_size * penalty)",
            "soft_threshold(x, step_size * penalty) - step_size * gradient(k, x)",
        ),
    ],
)
def test_a_wrong_proximal_gradient_is_caught(right: str, wrong: str) -> None:
    found = compiled(proximal.proximal_gradient(step_size=STEP), LASSOS[0])
    twin = twin_run(LASSOS[0], mutated("proximal_gradient", right, wrong))
    assert not distance(found, twin) <= 10 * TOLERANCE


def test_on_the_half_line_it_is_projected() -> None:
    problem = half_line(slope=0.1)
    found = compiled(proximal.proximal_gradient(step_size=STEP), problem)[:, 0]
    assert found == pytest.approx(np.maximum(1.0 - 0.1 * STEP * np.arange(STEPS + 1), 0.0), abs=1e-14)


@pytest.mark.parametrize("problem", [*LASSOS, half_line()], ids=lambda problem: problem.label)
def test_the_minimizer_is_a_fixed_point_and_the_start_is_not(problem: Problem) -> None:
    """F is minimal where a proximal gradient step moves nothing, whatever the step size."""
    minimizer, start = np.asarray(problem.minimizer), np.asarray(problem.start)
    method = proximal.proximal_gradient(step_size=STEP)
    ends = states(method, problem, np.stack([minimizer, start]), np.zeros((2, 1, problem.dimension)))[:, 1, 0]
    assert ends[0] == pytest.approx(minimizer, abs=1e-14)
    assert np.abs(ends[1] - start).max() > 1e-3
    assert problem.value(minimizer) == pytest.approx(problem.minimum, abs=1e-14)


def test_proximal_sgd_is_projected_sgd_on_an_interval() -> None:
    problem = linear_loss(terms=4, slope=1.0, radius=0.5, start=0.2)
    noise = np.random.default_rng(3).standard_normal((STEPS, 1))
    found = compiled(proximal.proximal_sgd(step_size=STEP), problem, noise)
    x: Vector = np.asarray(problem.start)
    wanted = [x]
    for k in range(STEPS):
        x = np.clip(x - STEP * (problem.gradient(x) + noise[k]), -0.5, 0.5)
        wanted.append(x)
    assert distance(found, wanted) <= TOLERANCE
    assert {-0.5, 0.5} <= set(found.ravel())
    unprojected = twins.sgd(
        lambda k, x: problem.gradient(x) + noise[k], np.asarray(problem.start), STEPS, STEP
    )
    assert not distance(found, unprojected) <= 10 * TOLERANCE
