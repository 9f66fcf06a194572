"""Attacks: known falsehoods are found, tight bounds are reached, and wrong constants do not survive."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simlab.discovery import discover
from simlab.errors import InputError
from simlab.reports.attacks import attack_lines
from simlab.search import attack as attacks
from simlab.search.attack import attack, remember, replay
from simlab.search.database import load
from simlab.search.evaluation import Evaluator, score_of
from simlab.search.space import spaces
from simlab.search.text import Written
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem


def named(name: str) -> Theorem:
    discover()
    found: Theorem = REGISTRY.of("theorem")[name]
    return found


def on(*families: str) -> Any:
    """The spaces of a few families only, so that tests compile little."""
    return lambda theorem: [space for space in spaces(theorem) if space.name in families]


def times(theorem: Theorem, factor: float) -> Theorem:
    """The theorem with another constant before its bound; ``evaluate`` asks for the same names."""
    import functools

    bound = theorem.bound

    @functools.wraps(bound)
    def changed(*arguments: float, **constants: float) -> float:
        return factor * bound(*arguments, **constants)

    return replace(theorem, bound=changed)


def test_a_statement_that_is_known_to_be_false_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber", "polyhedral"))
    made = attack(named("polyak-step-last-iterate"), evaluations=12_000, time_limit=120)
    assert made.violated
    assert made.case is not None
    assert made.result is not None
    assert made.result.verdict.ratio > 1.01
    again = replay(named("polyak-step-last-iterate"), made.case)
    assert again.result is not None
    assert again.result.verdict.ratio == made.result.verdict.ratio


@pytest.mark.parametrize("name", ["gd-average-tight", "hb-ghadimi-timevarying"])
def test_a_tight_bound_is_reached_and_not_broken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber"))
    made = attack(named(name), evaluations=600, time_limit=120)
    assert not made.violated
    assert made.result is not None
    assert 0.99 < made.result.verdict.ratio <= 1 + 1e-9


@pytest.mark.parametrize("name", ["gd-average-tight", "gd-convex-tight"])
def test_a_bound_that_is_a_tenth_too_small_is_broken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber"))
    made = attack(times(named(name), 0.9), evaluations=600, time_limit=120)
    assert made.violated
    assert made.result is not None
    assert made.result.verdict.ratio > 1


def test_a_sampled_bound_is_only_broken_when_fresh_seeds_confirm_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """shb-last-iterate is sampled on functions that are not quadratic, and nearly reached without noise."""
    monkeypatch.setattr(attacks, "spaces", on("huber"))
    sound = attack(named("shb-last-iterate"), evaluations=40, time_limit=120)
    assert not sound.violated
    broken = attack(times(named("shb-last-iterate"), 0.2), evaluations=40, time_limit=120)
    assert broken.violated
    assert broken.result is not None
    assert broken.result.verdict.low > 1


def test_the_same_seed_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber"))
    first, again, other = (attack(named("nag-convex"), seed, evaluations=150) for seed in (3, 3, 4))
    assert (first.reached, first.case) == (again.reached, again.case)
    assert first.reached != other.reached


def test_a_search_that_is_interrupted_shows_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber"))

    def watched(evaluator: Evaluator, search: Any) -> None:
        if evaluator.count == 60:
            raise KeyboardInterrupt

    made = attack(named("gd-convex-tight"), watched=watched)
    assert made.interrupted
    assert made.result is not None
    assert made.evaluations == 60
    assert 0 < made.result.verdict.ratio <= 1 + 1e-9


def test_the_time_limit_is_honoured_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber"))
    made = attack(named("gd-convex-tight"), evaluations=10**7, time_limit=3)
    assert made.cut
    assert made.result is not None
    assert made.seconds < 30


def test_a_case_that_takes_too_long_is_left_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "spaces", on("huber"))
    monkeypatch.setattr("simlab.search.evaluation.PATIENCE", 0.05)
    plain, asked = Evaluator._of, 0

    def sometimes(self: Evaluator, case: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked % 10 == 0:
            time.sleep(60)
        return plain(self, case)

    monkeypatch.setattr(Evaluator, "_of", sometimes)
    made = attack(named("gd-convex-tight"), evaluations=60, time_limit=50)
    assert made.slow >= 5
    assert made.seconds < 50
    assert made.result is not None
    assert any("too slow" in line for line in attack_lines(made))


def test_instances_that_a_theorem_is_not_about_count_for_nothing() -> None:
    theorem = named("gd-sc-contraction")
    space = next(space for space in spaces(theorem) if space.name == "quadratic")
    evaluator = Evaluator(theorem)
    values = space.values(np.linspace(0.6, 0.9, len(space.coordinates)))
    assert evaluator.score(space.candidate(values)).fits
    lessened = {**values, "domain h": 2.5} | {key: (0.0,) for key in values if "spectrum" in key}
    lessened |= {"problem d": 1, "problem start": (1.0,)}
    assert not evaluator.score(space.candidate(lessened)).fits
    assert evaluator.refused == 1


@pytest.mark.parametrize(
    ("name", "case", "fits"),
    [
        ("sgd-last-iterate-log", Written("1", "", {"k": "3"}), True),  # exactly at the minimizer
        (
            "sgd-nonconvex-tuned",
            Written(
                "log-sum-exp(terms=1, dimension=1, smoothing=0.05, threshold=10.0)",
                "",
                {"c": "1.0", "k": "3"},
            ),
            False,
        ),
    ],
)
def test_starts_that_are_minimizers_but_for_rounding_are_left_out(
    name: str, case: Written, fits: bool
) -> None:
    """f - f* = 1e-88 is 0 in floating point, though the slope is not."""
    assert Evaluator(named(name)).score(case.candidate(named(name))).fits is fits


def test_rounding_breaks_nothing() -> None:
    """f(x) - f* has no digits left when f* is 1 and x is 1e-4 away from the minimizer, a hundred steps later."""
    made = replay(
        named("ogm"), Written("mean-estimation(targets=(0.0, 0.5, 4.0), start=1.49389)", "", {"k": "100"})
    )
    assert made.result is not None
    assert made.result.measured[0] > made.result.bounds[0] * (1 + 1e-9)
    assert not made.violated
    assert "but for rounding" in made.result.verdict.message


def test_what_rounding_does_not_explain_stays_a_violation() -> None:
    false = times(named("gd-convex-tight"), 0.9999)
    case = Written("quadratic(spectrum=(1.0,), start=(1.0,))", "", {"h": "1.9", "k": "10"})
    made = replay(false, case)
    assert made.violated
    assert made.result is not None
    assert score_of(made.result.case, made.result.verdict).value == pytest.approx(1 / 0.9999)


@pytest.mark.usefixtures("registry")
def test_counterexamples_are_kept_and_can_be_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    false = times(named("sgd-sc-constant"), 0.5)
    case = Written("quadratic(spectrum=(1.0,))", "signs(variance=0.25)", {"h": "1.0", "k": "3"})
    made = replay(false, case)
    assert made.violated
    remember(made)
    remember(made)
    (kept,) = load()
    assert kept.case == case
    again = kept.case.candidate(false).case(false)
    assert again.noise.label == "signs(variance=0.25)"
    assert again.checkpoints == (3,)


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (Written("hubert", "", {"h": "1.0", "k": "1"}), "there is no problem 'hubert'"),
        (Written("huber(threshold=x)", "", {"h": "1.0", "k": "1"}), "is no number"),
        (Written("huber", "", {"k": "1"}), "needs h"),
        (Written("huber", "", {"h": "1.0", "k": "-1"}), "whole number"),
        (Written("huber", "", {"h": "1.0", "z": "1", "k": "1"}), "has no parameter z"),
        (Written("", "", {"h": "1.0", "k": "1"}), "names 0 instances of its own"),
        (Written("wavy-parabola", "", {"h": "1.0", "k": "1"}), "problems that are Convex"),
    ],
)
def test_a_case_that_cannot_be_read_is_refused_in_one_sentence(case: Written, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        replay(named("gd-convex-tight"), case)
