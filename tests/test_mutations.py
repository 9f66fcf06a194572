"""Mutations: breaking any entry by hand turns it red, without the help of its own controls.

Every mutant is built from the objects of a registered entry (``tests.mutations``). Entries that are computed must
notice two per cent; sampled ones are only resolved to ten per cent in the quick tier, so there the mutation is
coarser, and the same two per cent are asked of them with many more runs behind the marker ``full``.
"""

import functools

import pytest

from simlab.discovery import discover
from simlab.planning.tiers import QUICK, Tier
from simlab.vocabulary.claim import Side
from simlab.vocabulary.quantity import PairMeasure
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem
from tests import mutations
from tests.mutations import first_red

discover()
THEOREMS: dict[str, Theorem] = {
    name: entry
    for name, entry in sorted(REGISTRY.of("theorem").items())
    if entry.module.startswith("theorems.") and entry.corrected is None
}
BOUNDS = [name for name, entry in THEOREMS.items() if entry.claim.side is not Side.EQUAL and entry.attained]
LAWS = [name for name, entry in THEOREMS.items() if entry.claim.side is Side.EQUAL]
# Distances of coupled runs. Expected differences of losses (signed) do not depend on the coupling at all.
COUPLED = [
    name
    for name, entry in THEOREMS.items()
    if isinstance(entry.setting.measures, PairMeasure)
    and not entry.setting.measures.quantity.signed
    and mutations.is_random(entry)
]
STEPPED = [name for name, entry in THEOREMS.items() if entry.setting.method is not None]

# Thin in domain, but with a million runs and a tenth of the slack.
SHARP = Tier("sharp", values=2, instances=1, runs=1_048_576, all_noise=False, sharpness=0.1)

# Statements that remain true when every step is taken in the opposite direction.
INDIFFERENT = {
    "adagrad-defossez": "the bound contains the length of the steps; its own control ascends for 100000 steps",
    "adam-defossez": "the bound contains the length of the steps; its own control ascends for 100000 steps",
    "adam-defossez-momentum": "the bound contains the length of the steps",
    "hrs-sgd-nonconvex": "losses may have any sign: ascent on f is descent on -f, with the same constants",
    "lb-nonsmooth": "a lower bound for every method; what ascends is no better",
}


@functools.cache
def is_sampled(name: str) -> bool:
    """Whether nothing that shows the constants of an entry is computed."""
    return mutations.is_sampled(THEOREMS[name])


def strength(name: str) -> float:
    """The fraction of a constant that must be noticed in the quick tier."""
    return 1 - 2.5 * THEOREMS[name].slack if is_sampled(name) else 0.98


# --- constants -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOUNDS)
def test_a_tighter_bound_is_violated(name: str) -> None:
    assert first_red(mutations.tightened(THEOREMS[name], strength(name)), QUICK)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_looser_bound_is_not_attained(name: str) -> None:
    """By a tenth where the bound is tight, and by a factor of two where its floor is a lower one."""
    entry = THEOREMS[name]
    tight = max(attained.at_least for attained in entry.attained) >= 0.9
    assert first_red(mutations.loosened(entry, min(0.9 if tight else 0.5, strength(name))), QUICK)


@pytest.mark.parametrize("name", LAWS)
def test_a_law_with_another_constant_is_violated(name: str) -> None:
    entry = THEOREMS[name]
    off = max(1 - strength(name), 2 * entry.claim.tolerance)
    assert first_red(mutations.scaled(entry, 1 + off), QUICK)
    assert first_red(mutations.scaled(entry, 1 / (1 + off)), QUICK)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in (*BOUNDS, *LAWS) if is_sampled(name)])
def test_sampled_entries_notice_two_per_cent_with_a_million_runs(name: str) -> None:
    entry = THEOREMS[name]
    off = max(0.02, 2 * entry.claim.tolerance)
    if name in LAWS:
        assert first_red(mutations.scaled(entry, 1 + off), SHARP)
        assert first_red(mutations.scaled(entry, 1 / (1 + off)), SHARP)
    else:
        assert first_red(mutations.tightened(entry, 1 - off), SHARP)


# --- update rules ----------------------------------------------------------------------------------------------


def one_of_each_kind(names: list[str]) -> list[str]:
    """The first entry with a method of each file."""
    first: dict[str, str] = {}
    for name in names:
        method = THEOREMS[name].setting.method
        if method is not None and name not in INDIFFERENT:
            first.setdefault(method.family.module, name)
    return sorted(first.values())


def check_mirrored(name: str) -> None:
    survived = not first_red(mutations.mirrored(THEOREMS[name]), QUICK)
    assert survived == (name in INDIFFERENT), INDIFFERENT.get(name)


@pytest.mark.parametrize("name", one_of_each_kind(STEPPED))
def test_steps_in_the_opposite_direction_do_not_pass(name: str) -> None:
    check_mirrored(name)


@pytest.mark.full
@pytest.mark.parametrize("name", STEPPED)
def test_steps_in_the_opposite_direction_do_not_pass_anywhere(name: str) -> None:
    check_mirrored(name)


# --- coupling --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COUPLED)
def test_runs_that_are_not_coupled_do_not_pass(name: str) -> None:
    assert first_red(mutations.uncoupled(THEOREMS[name]), QUICK)
