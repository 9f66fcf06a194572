"""Verdicts: what no sampled or computed number may be called."""

import math

import numpy as np
import pytest

from simlab.errors import InputError
from simlab.statistics.moments import Moments, exactly
from simlab.statistics.verdicts import Status, Verdict, judge
from simlab.vocabulary.claim import LOWER, UPPER, Claim, exponent, law

LAW = law()


def computed(claim: Claim, measured, bounds, scale: float | None = None, **more) -> Verdict:
    values, stated = np.asarray(measured, dtype=float), np.asarray(bounds, dtype=float)
    ks = tuple(range(len(stated)))
    size = float(np.abs(stated).max()) if scale is None else scale
    return judge(claim, exactly(values.reshape(len(ks), -1)), stated, ks, 0.1, size, **more)


def sampled(claim: Claim, records, bounds, slack: float = 0.1, **more) -> Verdict:
    stated = np.asarray(bounds, dtype=float)
    ks = tuple(range(len(stated)))
    return judge(claim, Moments.of(records), stated, ks, slack, float(np.abs(stated).max()), **more)


# --- computed numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "measured", "bound", "status"),
    [
        (UPPER, 1.0, 1.0, Status.HOLDS),
        (UPPER, 1.0 + 5e-10, 1.0, Status.HOLDS),
        (UPPER, 1.0 + 2e-9, 1.0, Status.VIOLATED),
        (UPPER, 0.0, 0.0, Status.HOLDS),
        (UPPER, 1e-300, 0.0, Status.VIOLATED),
        (LOWER, 1.0, 1.0, Status.HOLDS),
        (LOWER, 1.0 - 2e-9, 1.0, Status.VIOLATED),
        (LOWER, 0.0, 1.0, Status.VIOLATED),
        (LOWER, -1.0, 1.0, Status.VIOLATED),
        (LOWER, -1.0, 0.0, Status.VIOLATED),
        (LOWER, 0.0, 0.0, Status.HOLDS),
        (LAW, 1.0, 1.0, Status.HOLDS),
        (LAW, 1.0 - 2e-9, 1.0, Status.VIOLATED),
        (LAW, 1.0 + 2e-9, 1.0, Status.VIOLATED),
        (LAW, 0.0, 0.0, Status.HOLDS),
        (LAW, 1e-300, 0.0, Status.VIOLATED),
        (LAW, -1.0, 1.0, Status.VIOLATED),
        (exponent(0.1), -1.05, -1.0, Status.HOLDS),
        (exponent(0.1), -1.15, -1.0, Status.VIOLATED),
        (exponent(0.1), 1.0, -1.0, Status.VIOLATED),
    ],
)
def test_computed(claim: Claim, measured: float, bound: float, status: Status) -> None:
    assert computed(claim, [measured], [bound]).status is status


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("claim", [UPPER, LOWER, LAW], ids=str)
def test_one_number_that_is_not_finite_diverges(claim: Claim, bad: float) -> None:
    assert computed(claim, [[0.5, 0.5], [0.5, bad]], [1.0, 1.0]).status is Status.DIVERGED
    records = np.full((1000, 2, 3), 0.5)
    records[999, 1, 2] = bad
    verdict = sampled(claim, records, [1.0, 1.0])
    assert (verdict.status, verdict.k) == (Status.DIVERGED, 1)


def test_one_comparison_at_one_step_is_enough_to_break_a_bound() -> None:
    verdict = computed(UPPER, [[0.5, 0.9], [0.5, 1.2]], [1.0, 1.0])
    assert (verdict.status, verdict.k, verdict.comparison) == (Status.VIOLATED, 1, 1)
    assert verdict.ratio == pytest.approx(1.2)


def test_beneath_rounding_a_bound_is_judged_with_the_rounding_floor() -> None:
    assert computed(UPPER, [1.0, 1e-14], [1.0, 1e-20]).status is Status.HOLDS
    assert computed(UPPER, [1.0, 1e-10], [1.0, 1e-20]).status is Status.VIOLATED, "not passed over"
    assert computed(LOWER, [1.0, 1e-30], [1.0, 1e-20]).status is Status.HOLDS
    assert computed(LOWER, [1.0, -1e-3], [1.0, 1e-20]).status is Status.VIOLATED
    assert computed(UPPER, [1e-30], [1e-20], scale=1.0).status is Status.UNRESOLVED
    assert computed(LAW, [1.0, 1e-17], [1.0, 0.0]).status is Status.HOLDS
    assert computed(LAW, [1.0, 1e-3], [1.0, 0.0]).status is Status.VIOLATED


def test_a_negative_bound_is_refused() -> None:
    for claim in (UPPER, LOWER):
        with pytest.raises(InputError, match="bounds must be at least 0"):
            computed(claim, [0.0], [-1.0])


# --- sampled numbers -------------------------------------------------------------------------------------------


def exponential(runs: int, mean: float = 1.0, seed: int = 0) -> np.ndarray:
    return mean * np.random.default_rng(seed).standard_exponential((runs, 1, 1))


def test_sampled_upper_bound() -> None:
    assert sampled(UPPER, exponential(4096), [2.0]).status is Status.HOLDS
    assert sampled(UPPER, exponential(4096), [0.7]).status is Status.VIOLATED
    assert sampled(UPPER, exponential(4096), [0.95]).status is Status.UNRESOLVED
    assert sampled(UPPER, exponential(256), [0.5]).status is Status.VIOLATED, "no kurtosis is needed"
    assert sampled(UPPER, exponential(256), [3.0]).status is Status.UNRESOLVED, (
        "too few runs to exclude a tail"
    )


def test_sampled_lower_bound() -> None:
    assert sampled(LOWER, exponential(1024), [0.5]).status is Status.HOLDS
    assert sampled(LOWER, exponential(16_384), [1.3]).status is Status.VIOLATED
    assert sampled(LOWER, exponential(256), [3.0]).status is Status.UNRESOLVED


def test_sampled_law() -> None:
    assert sampled(LAW, exponential(32_768), [1.0]).status is Status.HOLDS
    assert sampled(LAW, exponential(32_768), [0.9]).status is Status.VIOLATED
    assert sampled(LAW, exponential(32_768), [1.1]).status is Status.VIOLATED
    assert sampled(LAW, exponential(4096), [1.0], slack=0.01).status is Status.UNRESOLVED
    centred = exponential(32_768) - 1.0
    assert sampled(LAW, centred, [0.0], signed=True).status is Status.UNRESOLVED, "about 0 there is no ratio"
    assert sampled(LAW, centred + 0.2, [0.0], signed=True).status is Status.VIOLATED


def test_a_sampled_bound_of_zero_never_holds_by_chance() -> None:
    rare = np.zeros((4096, 1, 1))
    assert sampled(UPPER, rare, [0.0]).status is Status.HOLDS
    rare[:400] = 1.0
    assert sampled(UPPER, rare, [0.0]).status is Status.VIOLATED


def test_signed_numbers_are_not_judged_as_if_they_could_not_be_negative() -> None:
    """2 with probability 0.999, else -998: the mean is 1, and 256 runs are all 2 in three cases of four."""
    records = np.full((256, 1, 1), 2.0)
    assert sampled(UPPER, records, [1.0]).status is Status.VIOLATED
    assert sampled(UPPER, records, [1.0], signed=True).status is Status.UNRESOLVED


# --- floors ----------------------------------------------------------------------------------------------------


def test_a_computed_floor() -> None:
    assert computed(UPPER, [0.9995], [1.0], floor=0.999).attained is Status.HOLDS
    assert computed(UPPER, [0.998], [1.0], floor=0.999).attained is Status.VIOLATED
    assert computed(UPPER, [[0.1, 0.9995]], [1.0], floor=0.999).attained is Status.HOLDS, (
        "the best comparison"
    )
    assert computed(UPPER, [0.9995, 0.5], [1.0, 1.0], floor=0.999).attained is Status.VIOLATED, "every step"


def test_a_sampled_floor_is_not_reached_by_a_wide_interval() -> None:
    """An interval whose upper end reaches the floor says nothing yet."""
    verdict = sampled(UPPER, exponential(1024, 0.9), [1.0], floor=0.999)
    assert verdict.low < 0.899 < 0.999 < verdict.high
    assert verdict.attained is Status.UNRESOLVED
    assert not verdict.decided
    assert sampled(UPPER, exponential(65_536, 1.0), [1.0], floor=0.999).attained is Status.HOLDS
    assert sampled(UPPER, exponential(65_536, 0.8), [1.0], floor=0.999).attained is Status.VIOLATED


def test_a_violation_needs_no_more_runs() -> None:
    verdict = sampled(UPPER, exponential(1024, 3.0), [1.0], floor=0.999)
    assert verdict.status is Status.VIOLATED
    assert verdict.decided
    assert math.isfinite(verdict.low)
