"""The resisting oracle: its answers are subgradients, and each reveals one coordinate at most."""

import numpy as np
import pytest

from problems.max_affine import max_affine
from simlab.optimizers.first_order import gradient_descent
from simlab.running.given import states


@pytest.mark.parametrize("resisting", [True, False])
def test_answers_are_subgradients_at_ties_too(resisting: bool) -> None:
    """f(y) >= f(x) + g(x).(y - x); coordinates from a few values, so that the largest one is often shared."""
    problem = max_affine(dimension=4, lipschitz=2.0, radius=1.5, resisting=resisting)
    random = np.random.default_rng(1)
    xs, ys = random.integers(-3, 4, (200, 4)), random.standard_normal((200, 4)) * 3
    ties = 0
    for x in xs:
        slope = problem.gradient(x)
        assert np.linalg.norm(slope) <= 2.0 * (1 + 1e-15)
        assert all(problem.value(y) >= problem.value(x) + slope @ (y - x) - 1e-12 for y in ys)
        ties += int(np.sum(x == x.max()) > 1)
    assert ties > 50


def test_the_cone_is_visited() -> None:
    problem = max_affine(dimension=4)
    x = np.full(4, -5.0)
    assert problem.value(x) == pytest.approx(10.0 - 1.5)
    assert problem.gradient(x) == pytest.approx(x / 10)


@pytest.mark.parametrize(("step_size", "exactly"), [(0.01, True), (0.3, True), (10.0, False)])
def test_one_coordinate_more_at_each_step(step_size: float, exactly: bool) -> None:
    """Long steps reach the cone, whose answers reveal nothing new."""
    problem, start = max_affine(dimension=6), np.zeros((1, 6))
    run = states(gradient_descent(step_size=step_size), problem, start, np.zeros((1, 5, 6)))[0, :, 0]
    seen = [int(np.count_nonzero(np.any(run[: k + 1] != 0, axis=0))) for k in range(6)]
    assert all(number <= k for k, number in enumerate(seen))
    assert (seen == [0, 1, 2, 3, 4, 5]) is exactly
    assert all(problem.value(x) >= 0 for x in run)


def test_the_subgradient_of_least_norm_shows_all_coordinates_at_once() -> None:
    problem = max_affine(dimension=4, resisting=False)
    assert problem.gradient(np.zeros(4)) == pytest.approx(np.full(4, 0.25))
