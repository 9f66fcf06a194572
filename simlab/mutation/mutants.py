"""The mutants of one theorem."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from simlab.mutation.bounds import floor_of, loosened, neighbours, scaled, tightened
from simlab.mutation.rules import mirrored, slips, slips_in_experiment
from simlab.mutation.settings import other_order, shifted_window, uncoupled
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import QUICK
from simlab.running import exact, experiments, trajectories
from simlab.vocabulary.claim import Side
from simlab.vocabulary.theorem import Theorem


class Kind(StrEnum):
    """What is broken."""

    BOUND = "bound"
    RULE = "rule"
    COUPLING = "coupling"
    ORDER = "order of mixing"
    WINDOW = "window"


@dataclass(frozen=True, eq=False)
class Mutant:
    """A theorem with one thing broken, built from its own objects."""

    kind: Kind
    title: str
    theorem: Theorem


OPPOSITE = "every step in the opposite direction"
OTHER_WINDOW = "another window of iterates"
UNCOUPLED = "indices and noise that are not shared"
OTHER_ORDER = "averaging and stepping in the other order"


def mutants(theorem: Theorem) -> Iterator[Mutant]:
    """Every mutant of a theorem, in an order that depends on its code alone. Its controls play no part."""
    bare = replace(theorem, controls=[])
    for title, changed in _scaled(bare):
        yield Mutant(Kind.BOUND, title, changed)
    for title, changed in neighbours(bare):
        yield Mutant(Kind.BOUND, title, changed)
    if bare.setting.method is not None:
        yield Mutant(Kind.RULE, OPPOSITE, mirrored(bare))
        for title, changed in slips(bare):
            yield Mutant(Kind.RULE, title, changed)
    elif bare.setting.experiment is not None:
        for title, changed in slips_in_experiment(bare):
            yield Mutant(Kind.RULE, title, changed)
    for kind, title, made in (
        (Kind.COUPLING, UNCOUPLED, uncoupled(bare)),
        (Kind.ORDER, OTHER_ORDER, other_order(bare)),
        (Kind.WINDOW, OTHER_WINDOW, shifted_window(bare)),
    ):
        if made is not None:
            yield Mutant(kind, title, made)


def _scaled(theorem: Theorem) -> Iterator[tuple[str, Theorem]]:
    """The bound moved past what its attaining instances are said to reach, and away from them; a law moved to
    both sides.
    """
    off = deviation(theorem)
    if theorem.claim.side is Side.EQUAL:
        off = max(off, 2 * theorem.claim.tolerance)
        yield f"times {1 + off:.4g}", scaled(theorem, 1 + off)
        yield f"divided by {1 + off:.4g}", scaled(theorem, 1 / (1 + off))
    elif theorem.attained:
        floor = floor_of(theorem)
        yield f"{1 - off:.4g} of what the attaining instances reach", tightened(theorem, 1 - off)
        # By a tenth where the bound is tight, and by a factor of two where its floor is a lower one.
        away = min(0.9 if floor >= 0.9 else 0.5, 1 - off)
        yield f"{1 / away:.4g} times farther from the attaining instances", loosened(theorem, away)


def deviation(theorem: Theorem) -> float:
    """The smallest relative error of a constant that must be noticed in the quick tier: two per cent of what is
    computed, two and a half times the slack of what is sampled.
    """
    return 2.5 * theorem.slack if is_sampled(theorem) else 0.02


def is_random(theorem: Theorem) -> bool:
    """Whether runs of a theorem differ from one another."""
    return any(trajectories.is_random(case) for case in plan(replace(theorem, controls=[]), QUICK).claims)


def is_sampled(theorem: Theorem) -> bool:
    """Whether nothing that shows the constants is computed: no attaining instance, or else no case at all."""
    planned = plan(replace(theorem, controls=[]), QUICK)
    return all(is_sampled_case(case) for case in planned.attained or planned.claims)


def is_sampled_case(case: Case) -> bool:
    """Whether the numbers of a case are sampled."""
    if case.setting.experiment is not None:
        return experiments.is_sampled(case)
    return trajectories.is_random(case) and not exact.applies(case)
