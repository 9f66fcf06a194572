"""The inequalities behind the limits, checked as inequalities, and the limits against their definitions."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logsumexp

from simlab.statistics.errors import Level
from simlab.statistics.intervals import PENALTIES, TILTS, kurtosis_width, limits, lower_limit
from simlab.statistics.moments import Moments, exactly

LEVEL = Level(1e-6, 20.0)


def moments_of(*columns: np.ndarray) -> Moments:
    return Moments.of(np.stack(columns, axis=-1)[:, None, :])


def test_inequality_for_numbers_that_cannot_be_negative() -> None:
    y = np.concatenate([np.linspace(-1, 5, 4001), np.geomspace(5, 1e6, 1001)])
    for tilt, penalty in zip(TILTS, PENALTIES, strict=True):
        assert np.all(tilt * y - penalty * y**2 <= np.log1p(tilt * y) + 1e-12)


def test_self_normalised_inequality() -> None:
    x = np.concatenate([np.linspace(-50, 50, 100_001), np.linspace(-0.1, 0.1, 10_001)])
    assert np.all(np.exp(x - x**2 / 6) <= 1 + x + x**2 / 3 + 1e-12)


@pytest.mark.parametrize("surprise", [5.0, 8.0, 20.0, 40.0])
def test_mixture_bound_is_largest_at_the_largest_variance(surprise: float) -> None:
    def right_side(u):  # of the bound on (sum y)^2 / (n Q), for u = Var X / Q
        return ((1 + 2 * u) / 3 + u / (2 * surprise)) * (
            2 * surprise + np.log1p(2 * surprise * (1 + 2 * u) / (3 * u))
        )

    tiny = np.geomspace(math.exp(-4 * surprise), 1, 10_001)
    assert np.all(right_side(tiny) <= right_side(1.0) * (1 + 1e-12))
    assert np.all(np.diff(right_side(np.linspace(1, 50, 10_001))) > 0)


def test_lower_limit_solves_its_inequality() -> None:
    x = np.random.default_rng(0).standard_exponential(500)
    found = lower_limit(500, np.array([x.mean()]), np.array([x.var()]), 1e-6).item()

    def excess(m: float) -> float:
        y = x / m - 1
        exponents = TILTS * y.sum() - PENALTIES * (y**2).sum()
        return float(np.max(exponents)) - math.log(len(TILTS)) + math.log(1e-6)

    assert found == pytest.approx(brentq(excess, 0.5, x.mean()), rel=1e-9)
    # The mixture of the products themselves is larger still: what is rejected is rejected by the exact test.
    products = [np.log1p(tilt * (x / found - 1)).sum() for tilt in TILTS]
    assert logsumexp(products) - math.log(len(TILTS)) > -math.log(1e-6)


def test_limits_scale_with_the_numbers_and_tighten_with_the_runs() -> None:
    x = np.random.default_rng(1).standard_exponential((40_000, 1, 1))
    low, high = limits(Moments.of(x), LEVEL)
    low_9, high_9 = limits(Moments.of(1e9 * x), LEVEL)
    assert low_9.item() == pytest.approx(1e9 * low.item(), rel=1e-12)
    assert high_9.item() == pytest.approx(1e9 * high.item(), rel=1e-12)
    few_low, few_high = limits(Moments.of(x[:4000]), LEVEL)
    assert few_low < low < 1 < high < few_high
    asymptotic = math.sqrt(2 * math.log(1 / LEVEL.error) / 40_000)
    assert 1 - low.item() < 1.5 * asymptotic
    assert high.item() - 1 < 1.5 * asymptotic


def test_too_few_runs_for_the_kurtosis_say_nothing() -> None:
    x = np.random.default_rng(2).standard_normal((400, 1, 1))
    low, high = limits(Moments.of(x), LEVEL, signed=True)
    assert low.item() == -math.inf
    assert high.item() == math.inf


def test_observed_kurtosis_widens() -> None:
    x = np.zeros(10_000)
    x[:5] = 1.0  # five hits: kurtosis 2000
    spread = np.array([x.var()])
    assert np.isfinite(kurtosis_width(10_000, spread, np.array([1.0]), LEVEL)).all()
    assert np.isinf(limits(moments_of(x), LEVEL)[1]).all()


def test_equal_runs_have_limits_of_order_one_over_n() -> None:
    """From below nothing is granted: what was never seen in n runs may have a probability of order 1/n."""
    low, high = limits(moments_of(np.ones(1024), np.full(1024, 0.1 + 0.2)), LEVEL)
    assert np.all(1 - low / [1.0, 0.3] < 40 / 1024)
    assert np.all(1 - low / [1.0, 0.3] > 10 / 1024)
    np.testing.assert_allclose(high, [[1.0, 0.3]], rtol=1e-9)


def test_ceiling_limits_from_above_without_kurtosis() -> None:
    none, all_ = np.zeros(1000), np.ones(1000)
    low, high = limits(moments_of(none, all_), LEVEL, ceiling=1.0)
    assert low[0, 0] == 0.0
    assert high[0, 1] == 1.0
    exact = 1 - LEVEL.error ** (1 / 1000)  # Clopper and Pearson's limit for no failure
    assert exact < high[0, 0] < 2 * exact
    assert 1 - low[0, 1] == pytest.approx(high[0, 0], rel=1e-9)


def test_computed_numbers_are_their_own_limits() -> None:
    values = np.array([[1.0, -2.0]])
    low, high = limits(exactly(values), LEVEL)
    assert np.array_equal(low, values)
    assert np.array_equal(high, values)


def test_overflow_of_the_variance_is_no_statement() -> None:
    x = np.array([1e200, 2e200, 3e200] * 400)
    low, high = limits(moments_of(x), LEVEL, signed=True)
    assert low.item() == -math.inf
    assert high.item() == math.inf
