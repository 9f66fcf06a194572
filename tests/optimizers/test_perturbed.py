"""Perturbed gradient descent: the compiled rule step by step against NumPy, with the same random numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.noise import gaussian
from problems.saddles import strict_saddle
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.random import fill_normals, streams, uniform
from simlab.optimizers.perturbed import perturbed_gradient_descent
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_landscape import ENTROPY, STEPS, Setting, compiled_run
from tests.references import twins

TOLERANCE = 1e-12
STEP, RADIUS = 0.4, 0.05
SADDLES = [strict_saddle(dimension=1), strict_saddle(dimension=3, offset=0.3)]


def compiled(problem: Problem) -> Matrix:
    method = perturbed_gradient_descent(step_size=STEP, radius=RADIUS)
    return compiled_run(method, Setting(problem, gaussian()))


def in_ball(direction: Vector, u: float) -> Vector:
    """A uniform point of the unit ball, from a normal vector and a uniform number."""
    return np.asarray(u ** (1 / direction.size) * direction / np.linalg.norm(direction))


def twin(problem: Problem, point: Callable[[Vector, float], Vector] = in_ball) -> list[Any]:
    """x_0 itself, then gradient descent from the perturbed start."""
    rng = streams(ENTROPY, 0, 1)[0]
    direction = np.empty(problem.dimension)
    with np.errstate(all="ignore"):
        fill_normals(rng, direction)
        u = float(uniform(rng))
    start = np.asarray(problem.start)
    moved = start + RADIUS * point(direction, u)
    return [start, *twins.gd(lambda k, x: problem.gradient(x), moved, STEPS, STEP)[1:]]


@pytest.mark.parametrize("problem", SADDLES, ids=lambda problem: problem.label)
def test_the_kernel_follows_its_twin(problem: Problem) -> None:
    assert distance(compiled(problem), twin(problem)) <= TOLERANCE


@pytest.mark.parametrize(
    "wrong",
    [
        lambda direction, u: direction / np.linalg.norm(direction),
        lambda direction, u: u * direction / np.linalg.norm(direction),
        lambda direction, u: direction,
        lambda direction, u: -in_ball(direction, u),
        lambda direction, u: 0 * direction,
    ],
    ids=["on the sphere", "radius uniform", "normal", "opposite", "none"],
)
def test_a_wrong_perturbation_is_caught(wrong: Callable[[Vector, float], Vector]) -> None:
    problem = SADDLES[1]
    assert not distance(compiled(problem), twin(problem, wrong)) <= 10 * TOLERANCE


def test_without_a_perturbation_it_would_stay_in_the_saddle() -> None:
    problem = SADDLES[1]
    descent = twins.gd(lambda k, x: problem.gradient(x), np.asarray(problem.start), STEPS, STEP)
    assert descent[-1][0] == 0
    assert compiled(problem)[-1][0] != 0


def test_the_points_are_uniform_in_the_ball() -> None:
    """Of the twin's formula, which the kernel follows: |u|^d is uniform, and E u u' = I / (d + 2)."""
    random = np.random.default_rng(1)
    points = np.array([in_ball(random.standard_normal(3), u) for u in random.random(20_000)])
    volumes = np.linalg.norm(points, axis=1) ** 3
    assert np.mean(volumes < 0.3) == pytest.approx(0.3, abs=0.015)
    assert points.T @ points / len(points) == pytest.approx(np.eye(3) / 5, abs=0.01)
