"""Cases: which are planned, and which are refused."""

from typing import Any

import pytest

from problems.quadratic import quadratic
from simlab.errors import InputError
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.proximal import proximal_gradient
from simlab.planning.cases import matching_instances, plan
from simlab.planning.tiers import DEFAULT, QUICK
from simlab.vocabulary.assumptions import (
    Composite,
    Convex,
    PolyakLojasiewicz,
    Smooth,
    StronglyConvex,
    Workers,
)
from simlab.vocabulary.theorem import Theorem, grid, theorem

pytestmark = pytest.mark.usefixtures("registry")


def declare(**changes: Any) -> Theorem:
    arguments: dict[str, Any] = {
        "method": gradient_descent(step_size=lambda h, L: h / L),
        "assumes": Convex & Smooth,
        "measures": suboptimality.last,
        "domain": grid(h=(0.5, 1.0), k=(1, 2)),
        "source": "a test",
    }

    @theorem(**{**arguments, **changes})
    def declared_in_a_test(k, L, R):  # type: ignore[no-untyped-def]
        """A bound."""
        return L * R**2 / (4 * k + 2)

    declared_in_a_test.control("half", declare={"L": lambda L: L / 2})
    return declared_in_a_test


def test_every_matching_instance_satisfies_the_assumptions() -> None:
    for assumes in (Convex & Smooth, Smooth & PolyakLojasiewicz, StronglyConvex & Smooth):
        matching, refused = matching_instances(declare(assumes=assumes), 1000)
        assert matching
        for instance in matching:
            assert not instance.satisfies(assumes)
            assert Composite not in instance.known
            assert Workers not in instance.known
        assert not set(refused) & {instance.family.name for instance in matching}


def test_an_instance_without_an_assumption_is_refused() -> None:
    wanting = declare(assumes=StronglyConvex & Smooth, on=quadratic(spectrum=(0.0, 1.0)))
    with pytest.raises(InputError, match="assumes StronglyConvex, which quadratic"):
        plan(wanting, QUICK)


def test_a_method_without_its_kernel_is_refused_even_in_a_control() -> None:
    made = declare(on=quadratic(spectrum=(1.0,)), matched=False)
    made.control("no prox", method=proximal_gradient(step_size=1.0), on=quadratic(spectrum=(1.0,)))
    with pytest.raises(InputError, match="has no prox for its method"):
        plan(made, QUICK)


def test_a_parameter_must_not_stand_in_for_a_constant() -> None:
    false = declare(domain=grid(h=1.0, L=100.0, k=1), on=quadratic(spectrum=(1.0,)), matched=False)
    with pytest.raises(InputError, match=r"its domain says L=100.0, but quadratic.* has L=1"):
        plan(false, QUICK)
    true = declare(domain=grid(h=1.0, L=100.0, k=1), on=quadratic.at(spectrum=lambda L: (L,)), matched=False)
    assert len(plan(true, QUICK).claims) == 1


def test_where_that_leaves_nothing_is_refused() -> None:
    instance = quadratic(spectrum=(1.0,))
    with pytest.raises(InputError, match="has nothing to run on"):
        plan(declare(where=lambda L: L > 2, on=instance, matched=False), QUICK)
    with pytest.raises(InputError, match="attaining instance has no case"):
        plan(
            declare(
                where=lambda L: L > 2, on=quadratic(spectrum=(3.0,)), matched=False, attained_by=instance
            ),
            QUICK,
        )


def test_thinning_keeps_both_ends() -> None:
    made = declare(domain=grid(h=(0.1, 0.2, 0.3, 0.4), k=(1, 2, 3, 4, 5)), on=quadratic, matched=False)
    thin, whole = plan(made, QUICK).claims, plan(made, DEFAULT).claims
    assert [case.parameters["h"] for case in thin] == [0.1, 0.4]
    assert thin[0].checkpoints == (1, 5)
    assert [case.parameters["h"] for case in whole] == [0.1, 0.2, 0.3, 0.4]
    assert thin[0].key == whole[0].key, "the same runs in every tier"
