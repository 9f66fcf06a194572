"""The promise about errors, measured: the whole sequential rule on laws of mean 1 in closed form."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from simlab.calibration.laws import HEAVY, MODERATE, Draw, bernoulli
from simlab.statistics.errors import (
    CASES,
    FALSE_HOLDS,
    FALSE_VIOLATION,
    LOOKS,
    PROMISE,
    Level,
    look_sizes,
)
from simlab.statistics.intervals import limits
from simlab.statistics.moments import Moments
from simlab.statistics.verdicts import Status, Verdict, judge
from simlab.vocabulary.claim import LOWER, UPPER, Claim, law, probability

LAW = law()


def draws(draw: Draw, cases: int, runs: int, seed: int = 1):
    rng = np.random.default_rng(seed)
    for _ in range(cases):
        yield draw(rng, (runs, 1, 1))


def sequential(
    claim: Claim,
    records: np.ndarray,
    stated: float = 1.0,
    slack: float = 0.1,
    signed: bool = False,
) -> Verdict:
    """The verdict of the rule: look, and look again at more runs, until it is decided."""
    total, done, verdict = None, 0, None
    for size in look_sizes(len(records)):
        part = Moments.of(records[done:size])
        total, done = part if total is None else total.merge(part), size
        verdict = judge(claim, total, np.array([stated]), (1,), slack, stated, signed)
        if verdict.decided:
            break
    assert verdict is not None
    return verdict


def count(status: Status, *arguments, draw: Draw, cases: int, runs: int, **named) -> int:
    return sum(
        sequential(*arguments, sample, **named).status is status for sample in draws(draw, cases, runs)
    )


def not_above(found: int, cases: int, rate: float) -> bool:
    """Whether ``found`` of ``cases`` is no evidence, at 1e-6, of a rate above the stated one."""
    return bool(binom.sf(found - 1, cases, rate) > 1e-6)


# --- false violations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HEAVY)
def test_no_false_violation_of_an_upper_bound(name: str) -> None:
    """With the true error rate: none may be seen, however heavy the tail."""
    assert count(Status.VIOLATED, UPPER, draw=HEAVY[name].draw, cases=100, runs=4096, slack=1e-6) == 0


@pytest.mark.parametrize("claim", [LOWER, LAW], ids=str)
@pytest.mark.parametrize("name", MODERATE)
def test_no_false_violation_below_a_bound_or_beside_a_law(name: str, claim: Claim) -> None:
    signed = name == "normal"
    kept = {"slack": 1e-6, "signed": signed}
    assert count(Status.VIOLATED, claim, draw=MODERATE[name].draw, cases=20, runs=16_384, **kept) == 0


@pytest.mark.parametrize(("runs", "error"), [(256, 1e-2), (2048, 1e-2), (8192, 1e-1)], ids=str)
def test_one_sided_limits_keep_their_rate(runs: int, error: float) -> None:
    """Each limit by itself, at rates that can be counted."""
    cases = min(2048, 2**20 // runs)
    for name, law_of_runs in HEAVY.items():
        moments = many(law_of_runs.draw, cases, runs)
        low, high = limits(moments, Level(error, 100.0))
        assert not_above(int((low > 1 + 1e-9).sum()), cases, error), name
        if law_of_runs.kurtosis <= 100:
            assert not_above(int((high < 1 - 1e-9).sum()), cases, error), name


def many(draw: Draw, cases: int, runs: int) -> Moments:
    """Moments of many independent cases at once, as comparisons of one."""
    rng = np.random.default_rng(runs)
    parts = [Moments.of(draw(rng, (runs, 1, min(64, cases - i)))) for i in range(0, cases, 64)]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=1)
        for name in ("mean", "squares", "kurtosis", "least", "most")
    }
    return Moments(runs, **columns)


def test_failure_rates_need_no_kurtosis() -> None:
    """A rate of failures of one in a thousand has a kurtosis of 1000, and a ceiling instead."""
    claim = probability()
    for rate, stated, status in ((0.001, 0.0012, Status.HOLDS), (0.001, 0.0005, Status.VIOLATED)):
        samples = list(draws(lambda rng, size, rate=rate: 1.0 * (rng.random(size) < rate), 4, 2**20))
        assert [sequential(claim, sample, stated).status for sample in samples] == [status] * 4


# --- false holds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [UPPER, LAW], ids=str)
def test_a_wrong_claim_does_not_hold(claim: Claim) -> None:
    """A mean beyond the slack holds less often than declared where the kurtosis is at most 20."""
    cases = 100
    for name in ("exponential", "chi-square", "constant"):
        found = count(Status.HOLDS, claim, draw=MODERATE[name].draw, cases=cases, runs=4096, stated=1 / 1.101)
        assert not_above(found, cases, FALSE_HOLDS), name


def test_what_was_never_seen_is_not_held_to_be_absent() -> None:
    """Rare values that carry the whole mean: no verdict before there were enough runs to see them."""
    for p in (1 / 20, 1 / 60):
        found = count(Status.HOLDS, UPPER, draw=bernoulli(p).draw, cases=200, runs=1024, stated=1 / 1.101)
        assert not_above(found, 200, FALSE_HOLDS)


# --- power -------------------------------------------------------------------------------------------------------


def smallest_violation(draw: Draw, runs: int, cases: int = 100) -> tuple[float, float]:
    """The factors on a mean of 1 that are found with probability 0.99, above a bound and below one.

    Limits scale with the numbers, so one sample of runs shows every factor at once.
    """
    above, below = [], []
    for sample in draws(draw, cases, runs, seed=2):
        total, done, low, high = None, 0, 0.0, math.inf
        for size in look_sizes(runs):
            part = Moments.of(sample[done:size])
            total, done = part if total is None else total.merge(part), size
            bottom, top = limits(total, PROMISE.violating(1))
            low, high = max(low, bottom.item()), min(high, top.item())
        above.append(1 / low if low > 0 else math.inf)
        below.append(1 / high)
    return float(np.quantile(above, 0.99)), float(np.quantile(below, 0.01))


@pytest.mark.parametrize(
    ("name", "runs", "above", "below"),
    [
        ("exponential", 1024, 1.5, 0.0),
        ("exponential", 16_384, 1.09, 0.9),
        ("chi-square", 16_384, 1.13, 0.87),
        ("rare 1/90", 16_384, 3.2, 0.0),
        ("constant", 1024, 1.11, 0.0),
    ],
)
def test_power(name: str, runs: int, above: float, below: float) -> None:
    """The smallest violations that are found with probability 0.99, at the error rate of the promise."""
    found = smallest_violation(MODERATE[name].draw, runs)
    assert found[0] <= above
    assert found[1] >= below


def test_shares_add_up_to_the_promise() -> None:
    comparisons = 12
    one = PROMISE.violating(comparisons).error
    assert one * 2 * comparisons * LOOKS * CASES == pytest.approx(FALSE_VIOLATION)
    assert len(look_sizes(2**20)) == LOOKS
    assert look_sizes(100) == [256]
    assert look_sizes(16_384)[-1] == 16_384
