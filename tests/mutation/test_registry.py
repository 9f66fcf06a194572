"""Breaking any registered entry by hand turns it red, without the help of its own controls.

A thin part of what ``mutate`` does. Entries that are computed must notice two per cent; sampled
ones are only resolved to ten per cent in the quick tier: there the mutation is coarser, and the same two per cent
are asked of them with many more runs behind the marker ``full``.
"""

import pytest

from simlab.discovery import discover
from simlab.mutation.bounds import loosened, scaled, tightened
from simlab.mutation.examination import why_red
from simlab.mutation.mutants import OPPOSITE, UNCOUPLED, deviation, is_random, is_sampled, mutants
from simlab.mutation.recorded import Recorded
from simlab.mutation.rules import mirrored
from simlab.mutation.settings import uncoupled
from simlab.planning.tiers import QUICK, Tier
from simlab.vocabulary.claim import Side
from simlab.vocabulary.quantity import PairMeasure
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

discover()
THEOREMS: dict[str, Theorem] = {
    name: entry
    for name, entry in sorted(REGISTRY.of("theorem").items())
    if entry.module.startswith("theorems.") and entry.corrected is None
}
BOUNDS = [name for name, entry in THEOREMS.items() if entry.claim.side is not Side.EQUAL and entry.attained]
LAWS = [name for name, entry in THEOREMS.items() if entry.claim.side is Side.EQUAL]
COUPLED = [
    name
    for name, entry in THEOREMS.items()
    if isinstance(entry.setting.measures, PairMeasure)
    and not entry.setting.measures.quantity.signed
    and is_random(entry)
]
STEPPED = [name for name, entry in THEOREMS.items() if entry.setting.method is not None]

# Thin in domain, but with a million runs and a tenth of the slack.
SHARP = Tier("sharp", values=2, instances=1, runs=1_048_576, all_noise=False, sharpness=0.1)


def red(theorem: Theorem, tier: Tier = QUICK) -> str:
    """How a theorem turns red, or an empty string."""
    return why_red(Recorded(theorem, seed=0), tier)


# --- constants -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOUNDS)
def test_a_tighter_bound_is_violated(name: str) -> None:
    assert red(tightened(THEOREMS[name], 1 - deviation(THEOREMS[name])))


@pytest.mark.parametrize("name", BOUNDS)
def test_a_looser_bound_is_not_attained(name: str) -> None:
    """By a tenth where the bound is tight, and by a factor of two where its floor is a lower one."""
    entry = THEOREMS[name]
    tight = max(attained.at_least for attained in entry.attained) >= 0.9
    assert red(loosened(entry, min(0.9 if tight else 0.5, 1 - deviation(entry))))


@pytest.mark.parametrize("name", LAWS)
def test_a_law_with_another_constant_is_violated(name: str) -> None:
    entry = THEOREMS[name]
    off = max(deviation(entry), 2 * entry.claim.tolerance)
    assert red(scaled(entry, 1 + off))
    assert red(scaled(entry, 1 / (1 + off)))


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in (*BOUNDS, *LAWS) if is_sampled(THEOREMS[name])])
def test_sampled_entries_notice_two_per_cent_with_a_million_runs(name: str) -> None:
    entry = THEOREMS[name]
    off = max(0.02, 2 * entry.claim.tolerance)
    if name in LAWS:
        assert red(scaled(entry, 1 + off), SHARP)
        assert red(scaled(entry, 1 / (1 + off)), SHARP)
    else:
        assert red(tightened(entry, 1 - off), SHARP)


# --- update rules ----------------------------------------------------------------------------------------------


def one_of_each_kind(names: list[str]) -> list[str]:
    """The first entry with a method of each file."""
    first: dict[str, str] = {}
    for name in names:
        method = THEOREMS[name].setting.method
        if method is not None and OPPOSITE not in THEOREMS[name].survivors:
            first.setdefault(method.family.module, name)
    return sorted(first.values())


def check_mirrored(name: str) -> None:
    survived = not red(mirrored(THEOREMS[name]))
    assert survived == (OPPOSITE in THEOREMS[name].survivors), THEOREMS[name].survivors.get(OPPOSITE)


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
    made = uncoupled(THEOREMS[name])
    assert made is not None
    assert red(made)


# --- what is allowed to survive ----------------------------------------------------------------------------------


def test_every_allowance_names_a_mutant_of_its_theorem() -> None:
    allowed = {name: entry.survivors for name, entry in THEOREMS.items() if entry.survivors}
    assert allowed, "nothing is allowed to survive: drop this test"
    for name, survivors in allowed.items():
        assert {*survivors} <= {mutant.title for mutant in mutants(THEOREMS[name])}, name


def test_coupled_entries_have_their_uncoupled_mutant() -> None:
    for name in COUPLED[:2]:
        assert UNCOUPLED in {mutant.title for mutant in mutants(THEOREMS[name])}
