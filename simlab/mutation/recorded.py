"""The cases of a theorem with their numbers, which are measured once and judged as often as wanted."""

import functools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.mutation.mutants import deviation, is_sampled_case
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import Tier
from simlab.running.attainment import attainment
from simlab.running.measure import Numbers, judged, numbers_of
from simlab.running.results import CaseResult
from simlab.statistics.errors import look_sizes
from simlab.statistics.verdicts import Status
from simlab.vocabulary.theorem import Theorem

RED = (Status.VIOLATED, Status.DIVERGED, Status.ERROR)

Key = tuple[str, tuple[int, ...]]


def key_of(case: Case) -> Key:
    """What the numbers of a case depend on, within one theorem."""
    return case.label, case.checkpoints


class Recorded:
    """A theorem's claims and attaining instances, without its controls."""

    def __init__(self, theorem: Theorem, seed: int, most_sampled: Tier | None = None) -> None:
        """Cases that are sampled are left out of tiers above ``most_sampled``."""
        self.theorem, self.seed, self.most_sampled = replace(theorem, controls=[]), seed, most_sampled
        self._numbers: dict[Key, Numbers] = {}
        self._cases: dict[str, list[Case]] = {}
        self._bounds: dict[int, Vector] = {}
        self._judged: dict[str, list[CaseResult]] = {}
        self._base: Recorded | None = None

    def stating(self, mutant: Theorem) -> "Recorded":
        """Another bound for the same cases and numbers."""
        other = Recorded(mutant, self.seed)
        other._numbers, other._base = self._numbers, self
        return other

    def cases(self, tier: Tier) -> list[Case]:
        """The attaining instances first, since they show most of what is wrong; then what costs least."""
        if tier.name not in self._cases:
            if self._base is not None:
                cases = [replace(case, theorem=self.theorem) for case in self._base.cases(tier)]
            else:
                cases = self._planned(tier)
            self._cases[tier.name] = cases
        return self._cases[tier.name]

    def _planned(self, tier: Tier) -> list[Case]:
        planned = plan(self.theorem, tier)
        cases = [*sorted(planned.attained, key=_cost), *sorted(planned.claims, key=_cost)]
        thin = self.most_sampled is not None and tier.runs > self.most_sampled.runs
        return [case for case in cases if not (thin and is_sampled_case(case))]

    def numbers(self, case: Case) -> Numbers:
        """What a case measures."""
        key = key_of(case)
        if key not in self._numbers:
            self._numbers[key] = numbers_of(case, self.seed)
        return self._numbers[key]

    @functools.cached_property
    def deviation(self) -> float:
        """The smallest relative error of a constant of this theorem that must be noticed."""
        return deviation(self.theorem)

    def means(self, case: Case, tier: Tier) -> Matrix:
        """What a case measures, in the first runs when it is sampled; shape (checkpoints, comparisons)."""
        numbers = self.numbers(case)
        moments = numbers.exact if numbers.exact is not None else numbers.look(0, look_sizes(tier.runs))
        return np.asarray(moments.mean)

    def bounds(self, case: Case, observed: bool) -> Vector:
        """What a case states, with what its run observed or without."""
        if id(case) not in self._bounds:  # the cases are kept, so that their ids stay theirs
            self._bounds[id(case)] = case.bounds(self.numbers(case).observed if observed else None)
        return self._bounds[id(case)]

    def results(self, tier: Tier) -> Iterator[CaseResult]:
        """The results one after the other; those of the attaining instances once more when all of them are known,
        with their floors judged.
        """
        if tier.name in self._judged:
            yield from self._judged[tier.name]
            return
        made: list[CaseResult] = []
        for result in self._results(tier):
            made.append(result)
            yield result
        self._judged[tier.name] = made

    def _results(self, tier: Tier) -> Iterator[CaseResult]:
        attained: list[CaseResult] = []
        cases = self.cases(tier)
        for number, case in enumerate(cases):
            result = judged(case, tier, self.numbers(case))
            yield result
            if case.role == "attained":
                attained.append(result)
                if number + 1 == len(cases) or cases[number + 1].role != "attained":
                    yield from attainment(attained)

    def first_red(self, tier: Tier) -> CaseResult | None:
        """The first case that turns the theorem red, if one does."""
        return next((result for result in self.results(tier) if result.verdict.status in RED), None)


def _cost(case: Case) -> tuple[bool, int]:
    dimension = case.problem.dimension if case.problem is not None else 1
    return is_sampled_case(case), case.checkpoints[-1] * dimension
