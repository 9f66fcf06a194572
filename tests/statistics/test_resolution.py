"""The resolution: what exceeds the bound by that factor is not missed, and how it depends on what was seen."""

import math

import numpy as np
import pytest

from simlab.calibration.laws import MODERATE, Law, bernoulli
from simlab.calibration.rates import clopper_pearson
from simlab.statistics.errors import look_sizes
from simlab.statistics.moments import Moments, exactly
from simlab.statistics.resolution import MISSED, resolution
from simlab.statistics.verdicts import Status, judge
from simlab.vocabulary.claim import LOWER, UPPER, Claim, law, limit, probability

LAW = law()
ONE = np.ones(1)


def of_runs(claim: Claim, runs: np.ndarray, budget: int = 16_384, bound: float = 1.0, **more: bool) -> float:
    return resolution(claim, Moments.of(runs.reshape(-1, 1, 1)), bound * ONE, 0.1, bound, budget, **more)


def drawn(source: Law, runs: int, seed: int = 0) -> np.ndarray:
    return source.draw(np.random.default_rng(seed), (runs,))


# --- computed numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [UPPER, LOWER, LAW, limit(0.1)], ids=str)
def test_computed_numbers_resolve_their_tolerance_and_no_less(claim: Claim) -> None:
    factor = resolution(claim, exactly(np.array([[0.5]])), ONE, 0.1, 1.0, 256)
    for beyond, status in ((1 + 1e-12, Status.VIOLATED), (1 - 1e-12, Status.HOLDS)):
        found = 1 / (factor * beyond) if claim is LOWER else factor * beyond
        if claim.side is LAW.side:
            found = 1 / found  # the side that is nearer
        assert judge(claim, exactly(np.array([[found]])), ONE, (1,), 0.1, 1.0).status is status


def test_beneath_rounding_nothing_is_resolved() -> None:
    values = exactly(np.array([[1.0], [1e-20]]))
    assert resolution(UPPER, values, np.array([1.0, 1e-20]), 0.1, 1.0, 256) == 1 + 1e-9
    assert resolution(UPPER, values, np.array([1e-20, 1e-20]), 0.1, 1.0, 256) == math.inf
    assert resolution(UPPER, exactly(np.zeros((1, 1))), np.zeros(1), 0.1, 0.0, 256) == 1.0
    assert resolution(UPPER, exactly(np.full((1, 1), np.inf)), ONE, 0.1, 1.0, 256) == 1 + 1e-9


# --- sampled numbers ---------------------------------------------------------------------------------------------


def called(claim: Claim, source: Law, factor: float, budget: int, seed: int) -> Status:
    """What the sequential rule says of runs whose mean is this factor beyond 1."""
    rng, total, done = np.random.default_rng(seed), None, 0
    scale = factor if claim is not LOWER else 1 / factor
    for size in look_sizes(budget):
        part = Moments.of(scale * source.draw(rng, (size - done, 1, 1)))
        total, done = part if total is None else total.merge(part), size
        verdict = judge(claim, total, ONE, (1,), 0.1, 1.0)
        if verdict.decided:
            break
    return verdict.status


@pytest.mark.parametrize("claim", [UPPER, LOWER, LAW], ids=str)
@pytest.mark.parametrize("name", ["exponential", "chi-square", "rare 1/20"])
def test_at_the_resolution_at_most_one_in_a_hundred_is_missed(claim: Claim, name: str) -> None:
    """Each trial states its own resolution, from 512 runs of half or twice the bound, and is then wrong by it."""
    source, budget, trials = {**MODERATE, "rare 1/20": bernoulli(1 / 20)}[name], 32_768, 200
    mean = {UPPER: 0.5, LOWER: 2.0, LAW: 1.0}[claim]
    missed = 0
    for seed in range(trials):
        factor = of_runs(claim, mean * drawn(source, 512, seed), budget)
        assert 1.1 <= factor < 3
        missed += called(claim, source, factor, budget, seed + trials) is not Status.VIOLATED
    assert clopper_pearson(missed, trials)[0] <= MISSED
    assert missed <= 3


def test_more_runs_resolve_more_until_the_slack() -> None:
    runs = drawn(MODERATE["exponential"], 2048)
    factors = [of_runs(UPPER, 0.5 * runs, budget) for budget in (256, 1024, 4096, 2**20)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] > 1.5
    assert factors[-1] == 1.1 + 1e-9
    assert of_runs(LOWER, 2 * runs, 256) == math.inf or of_runs(LOWER, 2 * runs, 256) > 2


def test_rates_of_failures_are_not_resolved_by_never_having_seen_one() -> None:
    none = np.zeros(1024)
    tight, loose = (of_runs(probability(), none, bound=delta) for delta in (0.001, 0.1))
    assert tight > 3
    assert 1.1 < loose < 1.5
    assert of_runs(UPPER, none) == of_runs(UPPER, none, bound=0.001) > 1.3, "as rare as is granted"


def test_numbers_of_both_signs_are_shifted() -> None:
    runs = np.random.default_rng(0).standard_normal(4096)
    assert of_runs(UPPER, runs, 65_536, signed=True) == pytest.approx(1.1, abs=0.02)
    assert of_runs(LAW, runs, 65_536, bound=0.01, signed=True) == math.inf, "nothing is known of a law near 0"


def test_runs_that_are_not_finite_resolve_nothing() -> None:
    assert of_runs(UPPER, np.array([1.0, np.nan] * 200)) == math.inf
