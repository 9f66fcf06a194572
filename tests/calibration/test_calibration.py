"""The calibration: it measures what it says, keeps quiet about a rule that is right, and finds wrong ones."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from simlab.calibration import judges, questions
from simlab.calibration.claims import drawn, iterated
from simlab.calibration.laws import HEAVY, MODERATE, Law
from simlab.calibration.questions import (
    QUESTIONS,
    countable,
    declared_violations,
    false_violations,
    wrong_judges,
)
from simlab.calibration.rates import Rate, clopper_pearson, counted, weighted
from simlab.calibration.rows import QUICK, Conclusion, Row, Size
from simlab.calibration.suite import Answer
from simlab.cli.calibrate import conclusion, to_json
from simlab.statistics.errors import Promise
from simlab.statistics.verdicts import Rule, Status
from simlab.vocabulary.claim import LOWER, UPPER
from tests.cli import simlab

SMALL = Size("small", runs=1024, trials=60, many=40, power_runs=4096, power_trials=10)
TIER = SMALL.tier()


# --- the laws and the rates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*MODERATE, *HEAVY])
def test_laws_have_mean_1_and_the_stated_moments(name: str) -> None:
    law = {**MODERATE, **HEAVY}[name]
    x = law.draw(np.random.default_rng(0), (2**20,))
    if not np.isfinite(law.variance) or law.variance > 10_000:
        return
    assert x.mean() == pytest.approx(1.0, abs=5 * np.sqrt(law.variance / x.size) + 1e-12)
    if law.kurtosis < 1500:
        assert x.var() == pytest.approx(law.variance, rel=6 * np.sqrt(law.kurtosis / x.size), abs=1e-12)
    if law.kurtosis < 20 and law.variance:
        assert ((x - 1) ** 4).mean() / law.variance**2 == pytest.approx(law.kurtosis, rel=0.1)


@pytest.mark.parametrize("name", ["normal", "exponential", "chi-square", "rare 1/90"])
@pytest.mark.parametrize("mean", [0.8, 1.2])
def test_tilted_laws_have_the_density_that_they_state(name: str, mean: float) -> None:
    """The law of mean 1 weighted with exp(slope x - offset) has total mass 1 and the tilted mean."""
    law = MODERATE[name]
    assert law.tilt is not None
    tilt = law.tilt(mean)
    rng = np.random.default_rng(1)
    x = law.draw(rng, (2**20,))
    density = np.exp(tilt.slope * x - tilt.offset)
    assert density.mean() == pytest.approx(1.0, abs=0.01)
    assert (density * x).mean() == pytest.approx(mean, abs=0.05)
    assert tilt.draw(rng, (2**20,)).mean() == pytest.approx(mean, abs=0.05)


def test_exact_limits_of_a_rate() -> None:
    for hits, trials in ((0, 50), (3, 50), (50, 50)):
        exact = binomtest(hits, trials).proportion_ci(1 - 1e-3, method="exact")
        assert clopper_pearson(hits, trials) == pytest.approx((exact.low, exact.high))


def test_weighted_rates_are_rates() -> None:
    """Where a rate can be counted, importance sampling gives the same: Student's t on a normal law, one look."""
    rule = judges.student(Promise(false_violation=0.1, cases=1, looks=1))
    tier = replace(TIER, runs=256)
    for claim in (UPPER, LOWER):
        rate = weighted(MODERATE["normal"], claim, tier, rule, 1000, seed=3)
        assert rate.low < 0.05 < rate.high
        assert rate.high - rate.low < 0.05


def test_iterates_have_the_mean_that_is_stated() -> None:
    found = iterated(UPPER, 1.0, TIER)
    rate = counted(found, TIER, Rule(Promise()), Status.HOLDS, 2, 0)
    assert rate.value == 0.0, "at the bound, with no slack, nothing can be said"
    wrong = iterated(UPPER, 2.0, TIER)
    assert counted(wrong, TIER, Rule(Promise()), Status.VIOLATED, 2, 0).value == 1.0


# --- conclusions -------------------------------------------------------------------------------------------------


def row(hits: int, promised: float, looks: tuple[int, ...] = (), wrong: bool = False) -> Row:
    return Row("c", "l", Rate(100, hits / 100, *clopper_pearson(hits, 100), looks), promised, wrong)


def test_conclusions() -> None:
    assert row(0, 0.1).conclusion is Conclusion.KEPT
    assert row(5, 0.05).conclusion is Conclusion.UNDECIDED
    assert row(40, 0.1).conclusion is Conclusion.BROKEN
    assert row(30, 0.8, looks=(30, 0, 0, 0)).conclusion is Conclusion.KEPT
    assert row(50, 0.8, looks=(50, 0, 0, 0)).conclusion is Conclusion.BROKEN, (
        "more than its share at one look"
    )
    assert row(40, 0.1, wrong=True).conclusion is Conclusion.FOUND_OUT
    assert row(5, 0.1, wrong=True).conclusion is Conclusion.NOT_FOUND_OUT


def answered(number: int, size: Size = SMALL) -> Answer:
    return Answer(QUESTIONS[number], [task() for task in QUESTIONS[number].tasks(size, 0)])


def test_the_rule_keeps_its_promise() -> None:
    """The first question, short: true claims are not called violated."""
    rows = [task() for task in false_violations(SMALL, 0)]
    assert len(rows) > 25
    assert not any(made.failed for made in rows)
    assert sum(made.conclusion is Conclusion.KEPT for made in rows) == len(rows)


def test_a_judge_that_is_wrong_breaks_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole suite notices when the rule that it examines is another one."""
    monkeypatch.setattr(questions, "Rule", judges.student)
    answer = Answer(QUESTIONS[0], [task() for task in false_violations(SMALL, 0)])
    broken = {made.law for made in answer.rows if made.failed}
    assert "rare drop" in broken
    assert "normal" not in broken
    assert answer.failed
    assert "promises are broken: " in conclusion([answer])
    document = json.loads(to_json([answer], "small", 0))
    assert document["passed"] is False


def test_wrong_judges_are_found_out_and_right_ones_are_not() -> None:
    rows = [task() for task in wrong_judges(replace(QUICK, trials=60), 0)]
    assert [made.conclusion for made in rows if made.wrong] == [Conclusion.FOUND_OUT] * 4
    assert not any(made.failed for made in rows if not made.wrong)


def test_a_suite_that_does_not_find_a_wrong_judge_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    table = (("the rule itself, called wrong", True, "normal", Rule),)
    monkeypatch.setattr(questions, "JUDGES", table)
    (made,) = [task() for task in wrong_judges(SMALL, 0)]
    assert made.failed


def test_the_declared_rate_is_far_below_what_is_declared() -> None:
    rows = [task() for task in declared_violations(SMALL, 0)]
    assert all(made.conclusion is Conclusion.KEPT for made in rows)
    assert any(0 < made.rate.value < 1e-4 for made in rows), "measured, not only bounded"


def test_what_is_missed_at_a_resolution_that_is_too_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolution that forgets how few runs there were is found to be wrong."""
    import simlab.statistics.resolution as module

    law: Law = MODERATE["chi-square"]
    case = drawn("half", law.draw, UPPER, 2.0, TIER, 0.1)
    monkeypatch.setattr(module, "_shortfall", lambda count, variance, chance: 0.0 * variance)
    monkeypatch.setattr(module, "lower_limit", lambda count, mean, spread, error: mean)
    from simlab.calibration.rates import results
    from simlab.statistics.verdicts import RULE

    (seen,) = results(case, TIER, RULE, 1, 0)
    wrong = drawn("wrong", law.draw, UPPER, 1 / seen.resolution, TIER, 0.1)
    assert counted(wrong, TIER, RULE, Status.VIOLATED, 20, 1).high < 0.99


def test_countable_promises_give_each_limit_the_same_error() -> None:
    promise = countable(QUICK)
    assert promise.violating(1).error == pytest.approx(0.05)
    assert promise.violating(8).error == pytest.approx(0.05 / 8)
    assert promise.holding.error == pytest.approx(0.05)


def test_bad_input_of_the_command(tmp_path: Path) -> None:
    assert simlab("calibrate", "--seed", "-1").returncode == 2
    assert simlab("calibrate", "--json", str(tmp_path / "none" / "x.json")).returncode == 2
