"""Rounding errors are measured on the case itself: they explain what rounding does, and nothing beyond it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simlab.discovery import discover
from simlab.planning.cases import Case, case_on, plan
from simlab.planning.tiers import QUICK
from simlab.running import exact
from simlab.running.measure import judged, measure, numbers_of
from simlab.running.rounding import EPSILON, errors
from simlab.running.trajectories import is_random, sample_runs
from simlab.statistics.verdicts import Status
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem


def named(name: str) -> Theorem:
    discover()
    found: Theorem = REGISTRY.of("theorem")[name]
    return found


def problem(name: str, **parameters: Any) -> Any:
    discover()
    return REGISTRY.of("problem")[name](**parameters)


def restated(case: Case, stated: float) -> Case:
    """The case with another number stated at its only step."""
    return replace(case, theorem=replace(case.theorem, bound=lambda: stated))


def far_away() -> Case:
    """f(x) - f* with f* = 3.2, where the bound is 1e-11."""
    instance = problem("mean-estimation", targets=(0.0, 0.5, 4.0), start=1.49389)
    return case_on(named("ogm"), instance, (100,))


def sunk() -> Case:
    """An expectation that has fallen to a part in 1e9 of the squared gradients that it was computed from."""
    theorem = named("sarah-inner-curved-terms")
    cases = [case for case in plan(theorem, QUICK).claims if case.parameters["c"] == 1.0]
    return next(case for case in cases if exact.applies(case)).at(30)


@pytest.mark.parametrize("make", [far_away, sunk])
def test_what_exceeds_the_rounding_error_is_violated_and_what_does_not_is_not(make: Any) -> None:
    case = make()
    numbers = numbers_of(case, seed=0)
    assert numbers.exact is not None
    mean = float(numbers.exact.mean[0, 0])
    off = float(errors(restated(case, mean), numbers.exact.mean, seed=0)[0, 0])
    assert 0 < off < 1e-3 * mean
    for part, status in (
        (0.5, Status.HOLDS),
        (0.9, Status.HOLDS),
        (1.1, Status.VIOLATED),
        (2, Status.VIOLATED),
    ):
        again = restated(case, mean - part * off)
        assert judged(again, QUICK, numbers_of(again, seed=0)).verdict.status is status, part


def test_most_of_the_error_of_a_sunken_expectation_was_made() -> None:
    """The two computations differ by what the law is off by."""
    case = sunk()
    numbers = numbers_of(case, seed=0)
    assert numbers.exact is not None
    finer = float(exact.expectations(case, extended=True)[0])
    law = float(case.bounds()[0])
    assert abs(finer / law - 1) < 1e-3 * abs(float(numbers.exact.mean[0, 0]) / law - 1)


@pytest.mark.parametrize(
    "name",
    ["gd-convex-tight", "nag-restart", "cg-chebyshev", "newton-cubic-convex", "gd-full-batch-convex"],
)
def test_ordinary_cases_are_as_exact_in_float64(name: str) -> None:
    """In extended precision the same is measured but for rounding, by all kinds of methods and coupled runs."""
    case = next(case for case in plan(named(name), QUICK).claims if not is_random(case))
    twice = [sample_runs(case, 0, 0, 1, None, extended=extended) for extended in (False, True)]
    np.testing.assert_allclose(twice[0], twice[1].astype(float), rtol=1e-10, atol=1e-12)
    assert twice[1].dtype == np.longdouble


def test_a_true_minimizer_is_near_where_the_gradient_is_rounding() -> None:
    """A minimizer that is off by 1e-12 is found out, and its error counts."""
    instance = problem("quadratic", spectrum=(1.0, 0.01), start=(1.0, 1.0))
    case = case_on(named("gd-sc-contraction"), instance, (100,), h=1.0)
    moved = replace(case, problem=replace(instance, minimizer=instance.minimizer + 1e-12))
    before, after = (float(errors(c, sample_runs(c, 0, 0, 1, None)[0], seed=0)[0, 0]) for c in (case, moved))
    assert 0 < before < 100 * EPSILON
    assert after > 100 * before


def test_numbers_that_become_large_later_excuse_nothing_before() -> None:
    """At k=1 the bound is too small by a part in 1e7; at k=100 all numbers are 1e12 times as large."""
    case = case_on(
        named("gd-sc-contraction"), problem("quadratic", spectrum=(1.0,), start=(1.0,)), (1, 100), h=1.9
    )
    grown = replace(
        case, theorem=replace(case.theorem, bound=lambda k: 0.9**2 * (1 - 1e-7) if k == 1 else 1e12)
    )
    verdict = measure(grown, QUICK, seed=0).verdict
    assert (verdict.status, verdict.k) == (Status.VIOLATED, 1)


def test_polyaks_step_is_not_taken_from_the_last_digits() -> None:
    """f - f* is 1e-16 or 0 after two steps: divided by a tiny squared slope it would lead anywhere."""
    instance = problem("logistic-regression", terms=3, dimension=1, ridge=0.9740534953436244, seed=95)
    result = measure(case_on(named("polyak-step-barre-rate"), instance, (3, 8, 100)), QUICK, seed=0)
    assert result.verdict.status is Status.HOLDS
    assert result.measured[0] == result.measured[1] == result.measured[2] < 1e-20


def test_terms_that_cancel_leave_rounding() -> None:
    """The slopes of a flat mean add up to 4e-17, and it is said to be 0 everywhere."""
    instance = problem("linear-loss", terms=24, radius=10.0, start=1.0, vertices=3)
    result = measure(case_on(named("gd-silver-stepsize"), instance, (1,)), QUICK, seed=0)
    assert 0 < result.measured[0] < 1e-15
    assert result.bounds[0] == 0
    assert result.verdict.status is not Status.VIOLATED


def test_a_large_excess_is_not_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("simlab.running.measure.errors", refuse)
    case = far_away()
    start = replace(case, checkpoints=(0,))
    assert (
        measure(restated(start, 0.99 * float(start.known["D"])), QUICK, seed=0).verdict.status
        is Status.VIOLATED
    )
    with pytest.raises(AssertionError):
        measure(restated(case, 0.0), QUICK, seed=0)
