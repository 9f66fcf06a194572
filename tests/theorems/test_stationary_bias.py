"""The stationary mean by polynomials against simulation, and expectations over all paths against exact ones."""

import numpy as np
import pytest

from problems.noise import signs
from problems.quadratic import quadratic
from simlab.kernels.compilation import jit_disabled
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import sgd
from simlab.running.simulate import case_of, curve
from theorems.single_machine.stationary_bias import stationary_mean
from theorems.single_machine.step_decay import expected_gaps, staircase

pytestmark = pytest.mark.skipif(jit_disabled(), reason="runs many paths")


@pytest.mark.parametrize(("step", "sigma"), [(0.2, 0.5), (0.1, 0.7)])
def test_the_stationary_mean_is_that_of_a_simulation(step: float, sigma: float) -> None:
    rng, chains = np.random.default_rng(1), 4000
    x, seen = np.zeros(chains), np.zeros(chains)
    warm, steps = round(8 / step), round(40 / step)
    for k in range(warm + steps):
        x -= step * (np.expm1(x) + sigma * rng.choice((-1.0, 1.0), chains))
        seen += x if k >= warm else 0.0
    means = seen / steps
    error = means.std() / np.sqrt(chains)
    assert abs(means.mean() - stationary_mean(step, sigma)) < 4.5 * error
    assert abs(means.mean()) > 10 * error  # which tells it from the minimizer


def test_expected_gaps_over_all_paths_are_the_exact_moments() -> None:
    problem, checkpoints = quadratic(spectrum=(2.0,), start=(1.5,)), (1, 2, 5)
    method = sgd(step_size=lambda k: (2 * k + 1) / (2 * 2.0 * (k + 1) ** 2))
    case = case_of("paths", method, problem, suboptimality.last, checkpoints, signs(variance=0.49))
    gaps, second = expected_gaps(problem, 2.0, 0.7, checkpoints)
    assert gaps == pytest.approx(curve(case).mean, rel=1e-12)
    assert second == pytest.approx(9.0 + 0.49)  # the largest is at the start


@pytest.mark.parametrize("k", [2, 7, 50])
def test_the_staircase_is_minimal_at_zero(k: int) -> None:
    """A convex combination of the slopes is 0: w_j = S_j / (2 (k + 1 - j)), S_j the sum of the later weights."""
    weights = np.ones(k + 1)
    for j in range(k - 1, -1, -1):
        weights[j] = weights[j + 1 :].sum() / (2 * (k - j))
    assert weights @ staircase(k) == pytest.approx(np.zeros(k), abs=1e-12)
    assert np.linalg.norm(staircase(k), axis=1).max() <= 3
