"""Noise of strong growth: its outcomes have the gradient as mean, and are drawn as often as they say."""

import numpy as np
import pytest

from problems.growth import scaled_at_random
from problems.nonconvex_sums import rippled_bowl
from simlab.errors import InputError
from simlab.kernels.compilation import jit_disabled
from tests.problems.test_noise import drawn

DRAWS = 20_000
POINT = np.array([0.7, -1.1])
BOWL = rippled_bowl(dimension=2)
compiled_only = pytest.mark.skipif(jit_disabled(), reason="many draws")


@pytest.mark.parametrize("growth", [1.0, 3.0])
def test_the_outcomes_are_unbiased_with_the_stated_growth(growth: float) -> None:
    noise, slope = scaled_at_random(growth=growth).resolve(BOWL, {}), BOWL.gradient(POINT)
    assert noise.support is not None
    outcomes = [(p, sample[0] * slope) for p, sample in noise.support]
    assert sum(p for p, _ in outcomes) == pytest.approx(1.0)
    assert sum(p * g for p, g in outcomes) == pytest.approx(slope)
    assert sum(p * g @ g for p, g in outcomes) == pytest.approx(growth * slope @ slope)


@compiled_only
def test_draws_are_the_gradient_times_growth_as_often_as_listed() -> None:
    samples, gradients = drawn(BOWL, scaled_at_random(growth=3.0).resolve(BOWL, {}), POINT, DRAWS)
    assert set(samples[:, 0]) == {0.0, 3.0}
    assert gradients == pytest.approx(samples * BOWL.gradient(POINT))
    often = (samples[:, 0] == 3.0).mean()
    assert abs(often - 1 / 3) < 5 * np.sqrt(2 / 9 / DRAWS)


@compiled_only
def test_without_growth_it_is_the_gradient() -> None:
    _, gradients = drawn(BOWL, scaled_at_random(growth=1.0).resolve(BOWL, {}), POINT, 1000)
    assert (gradients == BOWL.gradient(POINT)).all()


@pytest.mark.parametrize("growth", [0.5, np.inf, np.nan])
def test_an_impossible_growth_is_refused(growth: float) -> None:
    with pytest.raises(InputError, match="growth must be"):
        scaled_at_random(growth=growth).resolve(BOWL, {})
