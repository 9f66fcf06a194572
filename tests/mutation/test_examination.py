"""What becomes of mutants: one theorem built by hand for each fate."""

from collections.abc import Callable
from typing import Any

from problems.quadratic import quadratic
from simlab.kernels.quantities import distance, suboptimality
from simlab.mutation.examination import Examination, Fate, examine
from simlab.mutation.mutants import OPPOSITE, OTHER_WINDOW
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.claim import law, limit
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem, grid, theorem

scalar = quadratic(spectrum=(1.0,))
descent = gradient_descent(step_size=0.25)


def declared(bound: Callable[..., float], **arguments: Any) -> Theorem:
    """A theorem that is forgotten by the registry."""
    made = theorem(**{"source": "-", "domain": grid(k=(1, 2, 3)), **arguments})(bound)
    REGISTRY.drop("theorem", made.id)
    return made


def fates(bound: Callable[..., float], **arguments: Any) -> dict[str, Fate]:
    """What becomes of the mutants of a theorem, by the code that is in place of another."""
    examined = examine(declared(bound, **arguments), seed=0)
    return {
        outcome.title.partition(" -> ")[2] or outcome.title: outcome.fate for outcome in examined.outcomes
    }


def inverse(k: int) -> float:
    """One over k."""
    return 1 / k


def test_a_law_kills_all_its_mutants() -> None:
    def exact_inverse(k: int) -> float:
        """A law."""
        return 1 / k

    assert {*fates(exact_inverse, experiment=inverse, claim=law()).values()} == {Fate.KILLED}


def test_a_tight_bound_kills_all_its_mutants() -> None:
    def tight_inverse(k: int) -> float:
        """An upper bound that is reached everywhere."""
        return 1 / k

    found = fates(tight_inverse, experiment=inverse, attained_at=grid(k=(1, 2, 3)), at_least=0.99)
    assert {*found.values()} == {Fate.KILLED}


def test_a_bound_that_is_tight_at_one_point_only_has_survivors() -> None:
    """A deliberately weak check: k is 1 wherever the floor is stated, so it does not say how the bound falls."""

    def weakly_checked(k: int) -> float:
        """An upper bound."""
        return 1 / k**0.5

    found = fates(weakly_checked, experiment=inverse, attained_at=grid(k=1), at_least=0.99)
    assert found["return 1 / k ** 1.0"] is Fate.SLACK  # stronger, and not said to be tight where it changed
    assert found["return 1 / k ** 0.0"] is Fate.STILL_TRUE  # looser, and no floor where it changed
    assert found["return 2 / k ** 0.5"] is Fate.KILLED


def test_a_floor_that_is_too_low_lets_looser_bounds_pass() -> None:
    def low_floor(k: int) -> float:
        """An upper bound that is reached, which its floor does not say."""
        return 2 / (2 * k)

    found = fates(low_floor, experiment=inverse, attained_at=grid(k=(1, 2, 3)), at_least=0.6)
    assert found["return 3 / (2 * k)"] is Fate.WEAK
    assert found["return 2 / (1 * k)"] is Fate.KILLED


def test_a_tight_floor_below_what_is_reached_lets_a_stronger_bound_pass() -> None:
    """At the attaining instance the measured number is 0.91 of the bound: 5 per cent less is not noticed."""

    def nearly_tight(k: int) -> float:
        """An upper bound."""
        return 20 / (20 * k)

    found = fates(nearly_tight, experiment=lambda k: 0.91 / k, attained_at=grid(k=(1, 2, 3)), at_least=0.9)
    assert found["return 19 / (20 * k)"] is Fate.WEAK
    assert found["return 21 / (20 * k)"] is Fate.KILLED


def test_a_loose_bound_is_not_blamed_for_stronger_ones() -> None:
    def loose(k: int) -> float:
        """An upper bound that nothing reaches."""
        return 8 / k

    found = fates(loose, experiment=inverse)
    assert found["return 7 / k"] is Fate.SLACK
    assert found["return 9 / k"] is Fate.STILL_TRUE
    assert fates(loose, experiment=lambda k: 7.5 / k)["return 7 / k"] is Fate.KILLED


def test_changes_that_change_nothing_are_equivalent() -> None:
    def with_idle_terms(k: int, h: float) -> float:
        """A law with two idle terms."""
        return 1 / k + max(0.0 * h, -h)

    found = fates(with_idle_terms, experiment=inverse, claim=law(), domain=grid(h=(0.5, 1.0), k=(1, 2)))
    assert found["return 1 / k + max(0.0 * h, -(h / 2))"] is Fate.EQUIVALENT
    assert found["return 1 / k + max(1.0 * h, -h)"] is Fate.KILLED


def test_a_limit_says_no_more_than_its_tolerance() -> None:
    def near_one(k: int) -> float:
        """A limit."""
        return k / (k + 1)

    found = fates(near_one, experiment=lambda k: k / (k + 1), claim=limit(0.05), domain=grid(k=(100, 200)))
    assert found["return k / (k + 2)"] is Fate.SLACK
    assert found["times 1.1"] is Fate.KILLED


def test_an_error_kills() -> None:
    def may_divide_by_zero(k: int) -> float:
        """A law that a neighbour of k makes infinite."""
        return 1 / k

    examined = examine(declared(may_divide_by_zero, experiment=inverse, claim=law()), seed=0)
    reasons = {o.title.partition(" -> ")[2]: o.reason for o in examined.outcomes}
    assert "error: ZeroDivisionError" in reasons["return 1 / (k - 1)"]


# --- rules and windows ------------------------------------------------------------------------------------------


def contraction(k: int, R: float) -> float:
    """How gradient descent contracts on x^2/2."""
    return 0.75**k * R


def of(examined: Examination, title: str) -> Fate:
    return next(outcome.fate for outcome in examined.outcomes if title in outcome.title)


def test_a_law_of_a_method_kills_slips_in_its_rule() -> None:
    entry = declared(
        contraction, method=descent, measures=distance.last, on=scalar, claim=law(), matched=False
    )
    examined = examine(entry, seed=0)
    assert {outcome.fate for outcome in examined.outcomes} == {Fate.KILLED}
    assert of(examined, "1.1 * parameters[0]") is Fate.KILLED
    assert of(examined, OPPOSITE) is Fate.KILLED


def test_rules_and_windows_that_a_loose_bound_does_not_see() -> None:
    def hardly_anything(k: int, D: float) -> float:
        """The suboptimality stays below four times what it was: true of every short step."""
        return 4 * D

    entry = declared(
        hardly_anything, method=gradient_descent(step_size=0.1), measures=suboptimality.at_average(), on=scalar,
        matched=False,
    )  # fmt: skip
    entry.survives(OPPOSITE, "a short step in any direction passes")
    examined = examine(entry, seed=0)
    assert of(examined, OPPOSITE) is Fate.ALLOWED
    assert of(examined, "x[i] += parameters[0]") is Fate.SLACK
    assert of(examined, OTHER_WINDOW) is Fate.STILL_TRUE


def test_an_allowance_that_is_not_needed_is_a_weakness() -> None:
    entry = declared(
        contraction, method=descent, measures=distance.last, on=scalar, claim=law(), matched=False
    )
    entry.survives(OPPOSITE, "it does not")
    entry.survives("no such mutant", "there is none")
    stale = [
        o.title for o in examine(entry, seed=0).outcomes if o.kind == "allowance" and o.fate is Fate.WEAK
    ]
    assert stale == [OPPOSITE, "no such mutant"]


def test_stopping_keeps_what_was_found() -> None:
    entry = declared(
        contraction, method=descent, measures=distance.last, on=scalar, claim=law(), matched=False
    )
    calls = iter(range(100))
    examined = examine(entry, seed=0, stopped=lambda: next(calls) >= 3)
    assert len(examined.outcomes) == 3
    assert not examined.complete
