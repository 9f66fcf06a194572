"""Worst cases of a theorem: the worst that is measured, the exact worst case, and the stated bound."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.estimation.installed import has_multiple_precision
from simlab.estimation.instance import extract, run_on
from simlab.estimation.solution import TOGETHER, Solution, solve
from simlab.estimation.symbols import UntranslatableError
from simlab.estimation.translation import Translation, translatable
from simlab.planning.cases import Case, case_on, matching_instances
from simlab.running.measure import numbers_of
from simlab.vocabulary.theorem import AnyProblem, Theorem

AGREEMENT = TOGETHER  # between a worst case and its instance, measured
# By how much, relatively, a worst case must exceed a bound to count, given that it and its instance agree to 1e-6.
ACCURACY = 2 * AGREEMENT
MOST_STEPS, MOST_POINTS = 3, 4  # values of k, and points of the domain, unless they are named
INSTANCES = 2  # gallery instances of each problem family on which the method is measured
RUNS = 4096  # of a case that is sampled
# Condition numbers L/mu at which a solver is accurate, and at which k steps do not end within its accuracy.
CONDITION = (4.0, 1e3)


@dataclass(frozen=True)
class WorstCase:
    """One line: at step ``k``, for the constants of ``case``, in the units of the measured quantity.

    ``measured`` is the worst over the problems of the theorem, ``exact`` the worst case of the whole class and
    ``stated`` the bound. ``gap`` is the relative distance of the solver's best instance and best proof, ``precise``
    whether it needed multiple precision, and ``limit`` whether the worst case is approached, but not reached.
    ``again`` is what the method reaches on the extracted instance, which has so many dimensions; None where the
    measured case is the worst, or ``why`` it was not extracted.
    """

    case: Case
    k: int
    measured: float
    sampled: bool
    exact: float
    stated: float
    gap: float
    precise: bool = False
    limit: bool = False
    again: float | None = None
    dimension: int | None = None
    why: str = ""

    @property
    def known(self) -> bool:
        """Whether the measured case is the worst."""
        return not self.sampled and abs(self.measured / self.exact - 1) <= AGREEMENT

    @property
    def agrees(self) -> bool:
        """Whether the extracted instance shows the exact worst case."""
        return self.again is not None and abs(self.again / self.exact - 1) <= AGREEMENT

    @property
    def exceeds(self) -> bool:
        """Whether the solver's worst case exceeds the bound by more than ``ACCURACY``."""
        return self.exact > self.stated * (1 + ACCURACY)

    @property
    def violated(self) -> bool:
        """Whether the bound is exceeded, and not only by the solver's error: the method exceeds it on the measured
        or on the extracted instance; where none can be extracted, the solver's gap is small.
        """
        if self.why:
            return self.exceeds and self.gap <= AGREEMENT
        shown = max(0.0 if self.sampled else self.measured, self.again or 0.0)
        return self.exceeds and shown > self.stated * (1 + ACCURACY)

    def record(self) -> dict[str, Any]:
        """The line as plain data."""
        return {
            "case": self.case.label,
            "parameters": dict(self.case.parameters),
            "constants": {n: v for n, v in self.case.known.items() if isinstance(v, float)},
            "k": self.k, "measured": self.measured, "sampled": self.sampled, "exact": self.exact,
            "stated": self.stated, "measured / exact": self.measured / self.exact,
            "exact / stated": self.exact / self.stated, "gap": self.gap, "exceeds": self.exceeds,
            "violated": self.violated,
            "multiple precision": self.precise, "limit": self.limit,
            "instance": None if self.again is None else {"measured": self.again, "dimension": self.dimension},
            "not extracted": self.why,
        }  # fmt: skip


@dataclass
class WorstCases:
    """All lines of one theorem, or the reason why it has none."""

    theorem: Theorem
    lines: list[WorstCase] = field(default_factory=list)
    refused: str = ""
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def violated(self) -> bool:
        """Whether an exact worst case exceeds the bound."""
        return any(line.violated for line in self.lines)

    def record(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "theorem": self.theorem.id, "refuted": self.theorem.corrected is not None, "refused": self.refused,
            "skipped": self.skipped, "seconds": self.seconds, "lines": [line.record() for line in self.lines],
        }  # fmt: skip


def worst_cases(
    theorem: Theorem,
    most_k: int = 10,
    seed: int = 0,
    watched: Callable[[str], None] = lambda what: None,
) -> WorstCases:
    """The exact worst cases of a theorem at a few steps k <= ``most_k`` and a few points of its domain.

    The constants (L, mu, R, ...) are those of the problem on which the measurement comes nearest to the bound.
    """
    made, begun = WorstCases(theorem), time.perf_counter()
    try:
        translatable(theorem)
        for point, k in _points(theorem, most_k):
            what = f"{theorem.id}: k={k}"
            watched(what)
            try:
                case = worst_measured(theorem, point, k, seed)
                made.lines.append(worst_case(case, partial(_further, watched, what)))
            except UntranslatableError as reason:
                made.skipped.append(str(reason))
    except UntranslatableError as reason:
        made.skipped.append(str(reason))
    if not made.lines:
        made.refused = made.skipped[0] if made.skipped else "its domain has no case here"
    made.skipped = list(dict.fromkeys(made.skipped))
    made.seconds = time.perf_counter() - begun
    return made


def _further(watched: Callable[[str], None], what: str, how: str) -> None:
    watched(f"{what}, {how}")


def worst_case(case: "Measured", watched: Callable[[str], None] = lambda what: None) -> WorstCase:
    """The exact worst case for the constants of a measured case, with the instance that shows it where the measured
    one is not the worst.

    Where neither of the two agrees with the solver, it is asked again, in multiple precision if there is a solver
    for that; else the difference is shown as it is.
    """
    translation, further = Translation(case.case), has_multiple_precision()
    with suppress(*([UntranslatableError] if further else [])):
        line = _compared(case, translation, solve(translation))
        if line.known or line.agrees or not further:
            return line
    watched("in multiple precision")
    return _compared(case, translation, solve(translation, precisely=True))


def _compared(case: "Measured", translation: Translation, solution: Solution) -> WorstCase:
    """The three numbers side by side, and where they differ the extracted instance."""
    stated = translation.stated
    line = WorstCase(
        case.case,
        case.case.checkpoints[-1],
        case.value,
        case.sampled,
        solution.ratio * stated,
        stated,
        solution.gap,
        solution.precise,
        solution.limit,
    )
    if line.known:
        return line
    try:
        instance = extract(translation, solution)
        return replace(line, again=run_on(translation, instance), dimension=instance.dimension)
    except UntranslatableError as reason:
        return replace(line, why=str(reason))


def _points(theorem: Theorem, most_k: int) -> Iterator[tuple[dict[str, Any], int]]:
    """A few points of the domain and steps, the smallest first."""
    domain = theorem.setting.domain
    steps = [k for k in domain.checkpoints if 1 <= k <= most_k]
    if not steps:
        raise UntranslatableError(f"no step k of its domain lies between 1 and {most_k}")
    points = list(domain.points())
    for point in _spread(points, MOST_POINTS):
        for k in _spread(steps, MOST_STEPS):
            yield point, k


def _spread(values: Sequence[Any], most: int) -> list[Any]:
    """At most so many of the values, the first and the last among them."""
    places = np.linspace(0, len(values) - 1, min(most, len(values)))
    return [values[round(place)] for place in places]


@dataclass(frozen=True)
class Measured:
    """A case with what was measured of it."""

    case: Case
    value: float
    sampled: bool = False

    @property
    def ratio(self) -> float:
        """measured / bound."""
        return self.value / float(self.case.bounds()[-1])


def worst_measured(theorem: Theorem, point: Mapping[str, Any], k: int, seed: int = 0) -> Measured:
    """The case that comes nearest to the bound among those on which a solver is accurate, where there are any."""
    found = [case for case in _cases(theorem, point, k) if _finite(case)]
    if not found:
        raise UntranslatableError("none of its problems has a case here")
    good = [case for case in found if _conditioned(case)] or found
    fewest = min(case.known.get("n", 1) for case in good)
    # Few terms of a finite sum, for every term is an unknown function.
    good = [case for case in good if case.known.get("n", 1) <= max(fewest, 2)]
    Translation(good[0])  # refuses before anything is run
    measured = [_measured(case, seed) for case in good]
    ratios = [item.ratio for item in measured]
    best = np.nanmax(ratios)
    return next(item for item, ratio in zip(measured, ratios, strict=True) if ratio >= best * (1 - 1e-9))


def _cases(theorem: Theorem, point: Mapping[str, Any], k: int) -> Iterator[Case]:
    placed: list[tuple[AnyProblem, dict[str, Any]]] = []
    for attained in theorem.attained:
        # An attaining instance may have parameters of its own beside those of the domain.
        more = [{n: v for n, v in place.items() if n not in point} for place in attained.at.points()]
        distinct = {tuple(place.items()): place for place in more}.values()
        placed += [(attained.problem, place) for place in distinct if attained.problem is not None]
    placed += [(problem, {}) for problem in theorem.setting.on]
    if theorem.matched:
        placed += [(problem, {}) for problem in matching_instances(theorem, INSTANCES)[0]]
    for problem, place in placed:
        try:
            yield case_on(theorem, problem, [k], **point, **place)
        except UntranslatableError:
            raise
        except (InputError, ArithmeticError, ValueError):  # left out here, or there is no such instance
            continue


def _finite(case: Case) -> bool:
    bound = float(case.bounds()[-1])
    return 0 < bound < np.inf


def _conditioned(case: Case) -> bool:
    smoothness = case.known.get("L", case.known.get("Lmax"))
    if "mu" not in case.known or smoothness is None:
        return True
    return bool(CONDITION[0] <= smoothness / case.known["mu"] <= CONDITION[1])


def _measured(case: Case, seed: int) -> Measured:
    with np.errstate(all="ignore"):
        numbers = numbers_of(case, seed)
        if numbers.exact is not None:
            return Measured(case, float(numbers.exact.mean[-1, 0]))
        return Measured(case, float(numbers.look(0, (RUNS,)).mean[-1, 0]), sampled=True)
