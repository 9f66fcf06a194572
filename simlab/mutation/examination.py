"""What becomes of a theorem's mutants: killed, or survived and why."""

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from simlab.discovery import one_line
from simlab.kernels.arrays import Vector
from simlab.mutation.mutants import Kind, Mutant, mutants
from simlab.mutation.recorded import Recorded, key_of
from simlab.planning.cases import Case
from simlab.planning.tiers import DEFAULT, FULL, QUICK, Tier
from simlab.running.results import TIGHT, CaseResult
from simlab.vocabulary.claim import Side
from simlab.vocabulary.theorem import Theorem

# A mutant that survives the first tier is tried on the second one, which is what `verify` runs; of those that run
# anew, only on what is computed there.
TIERS = (QUICK, DEFAULT)
# Relative differences that no verdict sees.
SAME = 1e-9


class Fate(StrEnum):
    """What becomes of a mutant."""

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    STILL_TRUE = "still true"
    SLACK = "within slack"
    ALLOWED = "allowed"
    WEAK = "weak"


@dataclass(frozen=True)
class Outcome:
    """A mutant's fate, as plain data. ``reason`` is what killed it, or why it survived."""

    kind: str
    title: str
    fate: Fate
    reason: str


@dataclass
class Examination:
    """The outcomes of one theorem's mutants."""

    theorem: str
    chapter: str
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    complete: bool = True

    def count(self, *fates: Fate) -> int:
        """How many mutants had one of these fates."""
        return sum(outcome.fate in fates for outcome in self.outcomes)


def examine(theorem: Theorem, seed: int, stopped: Callable[[], bool] = bool) -> Examination:
    """Verify every mutant of a theorem, until ``stopped`` says so."""
    begun = time.perf_counter()
    made = Examination(theorem.id, theorem.chapter)
    original = Recorded(theorem, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a mutant may well divide by zero: its verdict says so
        for mutant in mutants(theorem):
            if stopped():
                made.complete = False
                break
            made.outcomes.append(outcome_of(mutant, original, seed))
    if made.complete:
        made.outcomes += _stale(theorem, made.outcomes)
    made.seconds = time.perf_counter() - begun
    return made


def _stale(theorem: Theorem, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Allowances of the entry that allow nothing."""
    alive = {outcome.title for outcome in outcomes if outcome.fate is not Fate.KILLED}
    words = "the entry allows it to survive, but it is killed, or there is no such mutant"
    return [
        Outcome("allowance", title, Fate.WEAK, words) for title in theorem.survivors if title not in alive
    ]


def outcome_of(mutant: Mutant, original: Recorded, seed: int) -> Outcome:
    """The fate of one mutant."""
    if mutant.kind is Kind.BOUND:
        recorded = original.stating(mutant.theorem)
    else:
        recorded = Recorded(mutant.theorem, seed, most_sampled=QUICK)
    for tier in TIERS:
        reason = why_red(recorded, tier)
        if reason:
            return Outcome(mutant.kind, mutant.title, Fate.KILLED, f"{reason} ({tier.name})")
    return Outcome(mutant.kind, mutant.title, *survival(mutant, original, recorded))


def why_red(recorded: Recorded, tier: Tier) -> str:
    """How a theorem turns red without the help of its controls, or an empty string when it does not."""
    try:
        red = recorded.first_red(tier)
    except Exception as error:
        return f"error: {one_line(error)}"
    if red is None:
        return ""
    return f"{red.verdict.status}: {red.verdict.message or f'ratio {red.verdict.ratio:.4g}'}"


# --- survivors ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Comparison:
    """A case in which the mutant's ratios are ``pressure`` times those of the theorem."""

    case: Case
    pressure: Vector
    ran: bool = True

    @property
    def differs(self) -> float:
        """The largest relative change."""
        return float(np.abs(self.pressure - 1).max())

    @property
    def eased(self) -> bool:
        """Whether the mutant is nowhere nearer to its bound."""
        return float(self.pressure.max()) <= 1 + SAME


def survival(mutant: Mutant, original: Recorded, recorded: Recorded) -> tuple[Fate, str]:
    """Why a mutant survived: see the package for what counts."""
    theorem = original.theorem
    least = max(original.deviation, theorem.claim.tolerance)
    compared = _bounds_compared if mutant.kind is Kind.BOUND else _compared
    pairs = list(compared(original, recorded))
    most = max((pair.differs for pair in pairs), default=math.inf)
    if most <= SAME:
        return Fate.EQUIVALENT, f"the same numbers in all {len(pairs)} cases"
    if most <= least:
        return Fate.SLACK, f"differs by {most:.2g} at most, less than must be noticed"
    bounds, eased = theorem.claim.side is not Side.EQUAL, all(pair.eased for pair in pairs)
    pairs = [pair for pair in pairs if pair.ran]  # the rest of the domain only says what is equivalent
    floors = max((pair.differs for pair in pairs if pair.case.role == "attained"), default=0.0)
    if bounds and pairs and eased and floors <= least:
        return Fate.STILL_TRUE, "no case comes nearer to the bound, and no floor is stated where it changed"
    if mutant.title in theorem.survivors:
        return Fate.ALLOWED, theorem.survivors[mutant.title]
    if bounds and pairs and eased:
        looser = 1 / max(1 - floors, 1e-300)
        return Fate.WEAK, f"up to {looser:.3g} times looser, above the floor of {_floors(theorem)}"
    ratio, where = _nearest(recorded)
    tight = [pair.differs for pair in pairs if pair.case.most or (pair.case.floor or 0.0) >= TIGHT]
    if bounds and pairs and max(tight, default=0.0) <= least:
        return (
            Fate.SLACK,
            f"stronger where the bound is not said to be tight: the nearest ratio is {ratio:.4g}",
        )
    return Fate.WEAK, f"nearest ratio {ratio:.4g}, {where}"


def _floors(theorem: Theorem) -> str:
    floors = {attained.at_least for attained in theorem.attained if not callable(attained.ratio)}
    return "/".join(f"{floor:g}" for floor in sorted(floors)) or "its formula"


def _nearest(recorded: Recorded) -> tuple[float, str]:
    """The ratio that comes nearest to turning the mutant red."""
    results: list[CaseResult] = [r for tier in TIERS for r in recorded.results(tier)]
    equal = recorded.theorem.claim.side is Side.EQUAL
    worst = max(results, key=lambda r: abs(r.verdict.ratio - 1) if equal else r.verdict.ratio)
    return worst.verdict.ratio, f"k={worst.verdict.k}, {worst.case.label}"


def _bounds_compared(original: Recorded, recorded: Recorded) -> Iterator[_Comparison]:
    """Both bounds on the cases that were run and, where nothing observed enters, on those of the whole domain."""
    tiers: Sequence[Tier] = (TIERS[-1],) if original.theorem.observes else (TIERS[-1], FULL)
    for tier in tiers:
        ran = tier is TIERS[-1]
        for case, changed in zip(original.cases(tier), recorded.cases(tier), strict=True):
            yield _Comparison(case, _bound_pressure(case, original, changed, recorded, ran), ran)


def _bound_pressure(case: Case, original: Recorded, changed: Case, recorded: Recorded, ran: bool) -> Vector:
    """How much nearer the same number is to the bound of ``changed``."""
    old = original.bounds(case, ran)
    try:
        new = recorded.bounds(changed, ran)
    except Exception:  # in a case that was not run: else it would have been killed
        return np.full(len(old), np.inf)
    return _quotient(new, old) if case.claim.side is Side.LOWER else _quotient(old, new)


def _compared(original: Recorded, recorded: Recorded) -> Iterator[_Comparison]:
    """What both measure in the cases that both have: of several comparisons what comes nearest to the bound."""
    before = {key_of(case): case for tier in TIERS for case in original.cases(tier)}
    for case in (case for tier in TIERS for case in recorded.cases(tier)):
        if key_of(case) in before:
            old, new = _nearest_means(original, before[key_of(case)]), _nearest_means(recorded, case)
            if old.shape == new.shape:
                upside = case.claim.side is Side.LOWER
                yield _Comparison(case, _quotient(old, new) if upside else _quotient(new, old))


def _nearest_means(recorded: Recorded, case: Case) -> Vector:
    """Of several comparisons the one that comes nearest to the bound at each checkpoint; of a law all of them."""
    means = recorded.means(case, QUICK)  # the first runs are the same in all tiers
    if case.claim.side is Side.EQUAL:
        return means.ravel()
    nearest: Vector = means.max(axis=1) if case.claim.side is Side.UPPER else means.min(axis=1)
    return nearest


def _quotient(above: Any, below: Any) -> Vector:
    """above / below; equal numbers, zeros among them, count as 1."""
    with np.errstate(all="ignore"):
        found = np.where(above == below, 1.0, np.asarray(above) / np.asarray(below))
    return np.where(np.isnan(found), np.inf, found)
