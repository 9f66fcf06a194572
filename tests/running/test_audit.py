"""The audit: what passes although it shows nothing is not called checked, in one sentence."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from problems.pl import double_well
from problems.quadratic import quadratic
from simlab.entry import verify_one
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.planning.tiers import DEFAULT, QUICK, Tier
from simlab.running.results import TheoremResult
from simlab.statistics.verdicts import Status
from simlab.vocabulary.assumptions import PolyakLojasiewicz, Smooth
from simlab.vocabulary.theorem import grid, theorem

pytestmark = pytest.mark.usefixtures("registry")

TOO_LONG = gradient_descent(step_size=lambda L: 2.5 / L)


def on_quadratics(
    control: dict[str, Any], false_bound: Callable[..., float] | None = None, spoilt_at: float = -1.0
) -> TheoremResult:
    """Gradient descent under the PL inequality: (1 - mu h/L)^k D, but 0 for the step size ``spoilt_at``."""

    @theorem(
        method=gradient_descent(step_size=lambda h, L: h / L),
        assumes=Smooth & PolyakLojasiewicz,
        measures=suboptimality.last,
        domain=grid(h=(0.5, 1.0), k=(1, 10)),
        on=quadratic(spectrum=(1.0, 4.0)),
        source="a test",
    )
    def declared_in_a_test(k, h, L, mu, D):  # type: ignore[no-untyped-def]
        """A bound."""
        return 0.0 if h == spoilt_at else max(1 - mu * h / L, 0) ** k * D

    made = declared_in_a_test.control("the control", **control)
    if false_bound is not None:
        made(false_bound)
    return verify_one(declared_in_a_test, QUICK, 0)


@pytest.mark.parametrize(
    ("control", "false_bound"),
    [
        ({}, lambda D: D / 1e6),
        ({"on": quadratic(spectrum=(2.0, 4.0))}, lambda D: D / 1e6),
        ({"method": TOO_LONG}, None),
        ({"declare": {"mu": lambda mu: 3 * mu}}, None),
        ({"domain": grid(h=2.5, k=10)}, None),
        ({"on": double_well(), "declare": {"mu": 1.0}, "domain": grid(h=1.0, k=1000)}, None),
    ],
    ids=["bound", "bound elsewhere", "method", "constant", "beyond the domain", "assumption"],
)
def test_a_control_that_breaks_one_thing_is_evidence(
    control: dict[str, Any], false_bound: Callable[..., float] | None
) -> None:
    result = on_quadratics(control, false_bound)
    assert result.caught == 1
    assert (result.status, result.message) == (Status.HOLDS, "")


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ({"domain": grid(h=0.75, k=10)}, "it breaks no assumption and stays in the domain"),
        ({"on": quadratic(spectrum=(2.0, 4.0)), "domain": grid(h=0.75, k=1)}, "it breaks no assumption"),
        ({"method": TOO_LONG, "domain": grid(h=0.75, k=10)}, "with its method undone, "),
        ({"method": TOO_LONG, "domain": grid(h=2.5, k=10)}, "h=2.5 at k=10 is violated too"),
        (
            {"method": TOO_LONG, "on": double_well(), "declare": {"mu": 1.0}},
            "lacks PolyakLojasiewicz, and its method is changed besides",
        ),
        (
            {"on": double_well(), "declare": {"mu": 1.0, "D": 1e-9}},
            "lacks PolyakLojasiewicz, and its declare is changed besides",
        ),
    ],
    ids=[
        "where it holds",
        "on what it holds",
        "both",
        "beyond the domain besides",
        "two things",
        "a constant besides",
    ],
)
def test_a_control_that_is_caught_for_another_reason_shows_nothing(
    control: dict[str, Any], words: str
) -> None:
    result = on_quadratics(control, spoilt_at=0.75)
    assert result.caught == 1
    assert (result.status, result.passed) == (Status.UNCHECKED, False)
    assert result.message.startswith("control 'the control' shows nothing: ")
    assert words in result.message


def test_divergence_for_whatever_reason_is_no_evidence() -> None:
    """A tighter bound where the numbers are no numbers: the true bound would be broken there as well."""

    @theorem(experiment=lambda k: math.nan if k == 7 else 1.0, domain=grid(k=(1, 2)), source="a test")
    def declared_in_a_test(k):  # type: ignore[no-untyped-def]
        """A bound."""
        return 1.0

    declared_in_a_test.control("half", domain=grid(k=7))(lambda k: 0.5)
    result = verify_one(declared_in_a_test, QUICK, 0)
    assert result.status is Status.UNCHECKED
    assert result.message == "control 'half' shows nothing: with its bound undone, k=7 at k=7 is diverged too"


@pytest.mark.parametrize(
    ("tier", "labels", "status"),
    [
        (DEFAULT, (), Status.UNCHECKED),
        (DEFAULT, ("vacuous",), Status.HOLDS),
        (QUICK, (), Status.HOLDS),
    ],
    ids=["not labelled", "labelled", "thin"],
)
def test_a_bound_that_is_a_thousand_times_too_large(
    tier: Tier, labels: tuple[str, ...], status: Status
) -> None:
    @theorem(experiment=lambda k: 1.0, domain=grid(k=(1, 2)), source="a test", labels=labels)
    def declared_in_a_test(k):  # type: ignore[no-untyped-def]
        """A bound."""
        return 2000.0

    declared_in_a_test.control("half")(lambda k: 0.5)
    result = verify_one(declared_in_a_test, tier, 0)
    assert result.status is status
    assert result.message.startswith("no case comes nearer to the bound than a ratio of 0.0005") == (
        status is Status.UNCHECKED
    )


def test_assumptions_that_nothing_satisfies() -> None:
    @theorem(
        method=gradient_descent(step_size=1.0),
        assumes=Smooth & PolyakLojasiewicz,
        measures=suboptimality.last,
        domain=grid(k=1),
        where=lambda L: L < 0,
        source="a test",
    )
    def declared_in_a_test(D):  # type: ignore[no-untyped-def]
        """A bound."""
        return D

    declared_in_a_test.control("half")(lambda D: D / 2)
    result = verify_one(declared_in_a_test, QUICK, 0)
    assert result.status is Status.ERROR
    assert (
        "has nothing to run on: no registered problem satisfies Smooth, PolyakLojasiewicz" in result.message
    )


def test_one_case_alone_is_not_audited() -> None:
    """Who asks for a case wants to see it."""

    @theorem(experiment=lambda k: 1.0, domain=grid(k=(1, 2)), source="a test")
    def declared_in_a_test(k):  # type: ignore[no-untyped-def]
        """A bound."""
        return 2000.0

    declared_in_a_test.control("half")(lambda k: 0.5)
    assert verify_one(declared_in_a_test, DEFAULT, 0, only="k=1").status is Status.HOLDS
