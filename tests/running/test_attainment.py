"""Attainment: the best of several instances counts, and a bound that is broken stays broken."""

import pytest

from problems.quadratic import quadratic
from simlab.entry import verify_one
from simlab.errors import InputError
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.planning.tiers import QUICK
from simlab.statistics.verdicts import Status
from simlab.vocabulary.theorem import Theorem, grid, theorem

pytestmark = pytest.mark.usefixtures("registry")
tight, slack = quadratic(spectrum=(1.0,)), quadratic(spectrum=(0.5, 1.0))


def declare(at_least: float, *instances, factor: float = 1.0) -> Theorem:
    """Gradient descent with the longest step for one eigenvalue, 1, and a fixed step of a half."""

    @theorem(
        method=gradient_descent(step_size=0.5),
        measures=suboptimality.last,
        domain=grid(k=(1, 3)),
        on=(tight, slack),
        attained_by=instances,
        at_least=at_least,
        matched=False,
        source="a test",
    )
    def declared_in_a_test(k, D):  # type: ignore[no-untyped-def]
        """A bound."""
        return factor * D * 0.75 ** (2 * k)

    declared_in_a_test.control("none", declare={"D": 0.0})
    return declared_in_a_test


def status(made: Theorem) -> Status:
    return verify_one(made, QUICK, 0).status


def test_the_best_instance_counts() -> None:
    reach = (0.5 / 0.75) ** 6  # of the tight instance at k = 3
    assert status(declare(reach * 0.99, tight)) is Status.HOLDS
    missed = verify_one(declare(0.9, tight), QUICK, 0)
    assert missed.status is Status.VIOLATED
    assert {r.verdict.message for r in missed.attained} == {
        "not attained: ratio 0.444444 is below the stated 0.9",
        "not attained: ratio 0.0877915 is below the stated 0.9",
    }
    other = (0.2 * 0.75**6 + 0.0) / 0.75**6  # less than what the second instance reaches
    assert status(declare(other, tight, slack)) is Status.HOLDS
    assert status(declare(other, tight)) is Status.VIOLATED


def test_a_floor_does_not_mend_a_broken_bound() -> None:
    made = verify_one(declare(0.5, slack, factor=0.3), QUICK, 0)
    assert made.status is Status.VIOLATED
    assert all(r.verdict.ratio > 1 for r in made.attained)
    assert not any("not attained" in r.verdict.message for r in made.attained)


def test_a_ratio_that_is_known_shows_a_bound_that_is_too_small_and_one_that_is_too_large() -> None:
    def of(factor: float) -> Theorem:
        made = declare(0.01, tight, factor=factor)
        made.reaches(lambda k: (0.5 / 0.75) ** (2 * k), by=tight, at=grid(k=(1, 3)))
        return made

    assert status(of(1.0)) is Status.HOLDS
    larger, smaller = verify_one(of(1.01), QUICK, 0), verify_one(of(0.99), QUICK, 0)
    assert larger.status is smaller.status is Status.VIOLATED
    assert any("not attained" in r.verdict.message for r in larger.attained)
    assert any("less than what is stated would do" in r.verdict.message for r in smaller.attained)
    assert all(r.verdict.status is Status.HOLDS for r in smaller.claims)  # nothing violates the smaller bound


def test_a_ratio_that_is_not_known_exactly_is_allowed_its_distance() -> None:
    made = declare(0.01, tight)
    made.reaches(0.44, by=tight, at=grid(k=1), within=0.02)
    assert status(made) is Status.HOLDS
    made.reaches(0.44, by=tight, at=grid(k=1), within=0.001)
    assert status(made) is Status.VIOLATED


@pytest.mark.parametrize(("ratio", "within"), [(1.2, 0.1), (0.0, 0.1), (0.5, 0.0), (0.5, 1.0)])
def test_ratios_that_make_no_sense(ratio: float, within: float) -> None:
    with pytest.raises(InputError, match="a ratio lies in"):
        declare(0.01, tight).reaches(ratio, by=tight, at=grid(k=1), within=within)
