"""Assumptions: what implies what, with which constant, and which declarations are refused."""

import math

import numpy as np
import pytest

from simlab.discovery import discover
from simlab.errors import InputError
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedBelow,
    BoundedLoss,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Composite,
    Convex,
    Differentiable,
    DoublyStochastic,
    FiniteSum,
    Lipschitz,
    LipschitzHessian,
    NondegenerateMinimizer,
    PolyakLojasiewicz,
    Quadratic,
    QuadraticGrowth,
    RandomMixing,
    Requirement,
    Smooth,
    StronglyConvex,
    Workers,
    closure,
    requirement,
)
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.registry import REGISTRY


@pytest.mark.parametrize(
    ("declared", "implied"),
    [
        (StronglyConvex(2.0), [Convex(), PolyakLojasiewicz(2.0), QuadraticGrowth(2.0), BoundedBelow()]),
        (PolyakLojasiewicz(2.0), [QuadraticGrowth(2.0), BoundedBelow()]),
        (Smooth(3.0), [Differentiable()]),
        (LipschitzHessian(1.0), [Differentiable()]),
        (Quadratic(), [LipschitzHessian(0.0), Differentiable()]),
        (Composite(3.0), [Convex()]),
        (ComponentsSmooth(3.0), [Smooth(3.0), Differentiable()]),
        (ComponentsConvex(), [Convex()]),
        (ComponentsStronglyConvex(2.0), [ComponentsConvex(), StronglyConvex(2.0), PolyakLojasiewicz(2.0)]),
        (ComponentsLipschitz(5.0), [Lipschitz(5.0)]),
        (BoundedLoss(1.0), [BoundedBelow()]),
        (DoublyStochastic(0.5), [RandomMixing(0.25)]),
        (StronglyConvex(2.0), [NondegenerateMinimizer(2.0)]),
    ],
    ids=str,
)
def test_implied(declared: Assumption, implied: list[Assumption]) -> None:
    known = closure([declared])
    for item in implied:
        assert known[type(item)] == item


@pytest.mark.parametrize(
    ("declared", "absent"),
    [
        (Convex(), [Differentiable, BoundedBelow, Lipschitz]),
        (Smooth(1.0), [Convex, BoundedBelow]),
        (PolyakLojasiewicz(1.0), [Convex, StronglyConvex, Smooth]),
        (QuadraticGrowth(1.0), [PolyakLojasiewicz, Convex]),
        (Quadratic(), [Convex, BoundedBelow]),
        (Composite(1.0), [Smooth, Differentiable]),
        (Lipschitz(1.0), [ComponentsLipschitz, Smooth]),
        (StronglyConvex(1.0), [Smooth, ComponentsConvex]),
    ],
    ids=str,
)
def test_not_implied(declared: Assumption, absent: list[type[Assumption]]) -> None:
    known = closure([declared])
    assert not [cls for cls in absent if cls in known]


def test_convexity_turns_quadratic_growth_into_gradient_dominance() -> None:
    for declared in ([Convex(), QuadraticGrowth(2.0)], [QuadraticGrowth(2.0), Convex()]):
        assert closure(declared)[PolyakLojasiewicz] == PolyakLojasiewicz(0.5)
    assert closure([StronglyConvex(2.0)])[PolyakLojasiewicz] == PolyakLojasiewicz(2.0), "the stronger one"


def test_the_strongest_statement_is_kept() -> None:
    known = closure([Smooth(4.0), ComponentsSmooth(9.0), StronglyConvex(0.5), ComponentsStronglyConvex(1.0)])
    assert known[Smooth] == Smooth(4.0)
    assert known[ComponentsSmooth] == ComponentsSmooth(9.0)
    assert known[StronglyConvex] == StronglyConvex(1.0)
    assert known[PolyakLojasiewicz] == PolyakLojasiewicz(1.0)


def test_order_of_declaration_does_not_matter() -> None:
    declared = [ComponentsSmooth(9.0), Smooth(4.0), StronglyConvex(1.0), PolyakLojasiewicz(3.0), FiniteSum(5)]
    assert closure(declared) == closure(reversed(declared))


def test_requirements_combine() -> None:
    assert requirement(Convex & Smooth & Convex) == (Convex, Smooth)
    assert requirement(Convex) == (Convex,)
    assert requirement(None) == Requirement()


@pytest.mark.parametrize("number", [-1.0, math.nan, math.inf, "1", None, 1j])
def test_constants_are_finite_numbers(number: object) -> None:
    with pytest.raises(InputError, match="smoothness must be a finite number, at least 0, not"):
        Smooth(number)  # type: ignore[arg-type]


def test_numpy_numbers_are_numbers() -> None:
    assert Smooth(np.float64(2.0)) == Smooth(2.0)
    assert FiniteSum(np.int64(3)) == FiniteSum(3)


@pytest.mark.parametrize(
    "cls", [StronglyConvex, PolyakLojasiewicz, QuadraticGrowth, ComponentsStronglyConvex]
)
def test_a_constant_of_zero_says_nothing(cls: type[StronglyConvex]) -> None:
    with pytest.raises(InputError, match="must be above 0; leave it out instead"):
        cls(0.0)


@pytest.mark.parametrize("number", [0, -3, 2.5])
def test_parts_are_counted_in_whole_numbers(number: float) -> None:
    for cls in (FiniteSum, Workers):
        with pytest.raises(InputError, match="must be"):
            cls(number)  # type: ignore[arg-type]


def test_two_counts_contradict_each_other() -> None:
    with pytest.raises(InputError, match="cannot both hold"):
        closure([FiniteSum(3), FiniteSum(4)])
    assert closure([FiniteSum(3), FiniteSum(3)])[FiniteSum] == FiniteSum(3)


def test_rates_are_below_one() -> None:
    for cls in (DoublyStochastic, RandomMixing):
        with pytest.raises(InputError, match="must be below 1"):
            cls(1.0)


def gallery() -> list[Problem]:
    discover()
    return [
        instance for _, family in sorted(REGISTRY.of("problem").items()) for instance in family.instances()
    ]


def test_what_is_implied_is_true_on_every_instance_of_the_gallery() -> None:
    """Of the implied inequalities those that points can show, at points around the minimizer."""
    rng = np.random.default_rng(0)
    checked = 0
    for instance in gallery():
        if instance.minimizer is None or Workers in instance.known or Composite in instance.known:
            continue
        reach = min(2 * float(np.linalg.norm(instance.start - instance.minimizer)), instance.region or np.inf)
        for _ in range(20):
            direction = rng.standard_normal(instance.dimension)
            x = instance.minimizer + reach * rng.random() * direction / np.linalg.norm(direction)
            gap, slope = instance.value(x) - instance.minimum, np.linalg.norm(instance.gradient(x))
            rounding = 1e-9 * (1 + abs(instance.minimum))
            dominance = instance.known.get(PolyakLojasiewicz)
            if isinstance(dominance, PolyakLojasiewicz):
                assert slope**2 >= 2 * dominance.gradient_dominance * gap - rounding, instance.label
                checked += 1
            growth = instance.known.get(QuadraticGrowth)
            if isinstance(growth, QuadraticGrowth) and StronglyConvex in instance.known:
                square = float(np.sum((x - instance.minimizer) ** 2))
                assert gap >= growth.growth / 2 * square - rounding, instance.label
            lipschitz = instance.known.get(Lipschitz)
            if isinstance(lipschitz, Lipschitz):
                assert slope <= lipschitz.lipschitz * (1 + 1e-9), instance.label
    assert checked > 100
