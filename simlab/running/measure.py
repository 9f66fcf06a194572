"""Measuring one case: computed where that is possible, else sampled until it is decided."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.planning.cases import Case
from simlab.planning.tiers import Tier
from simlab.running import exact
from simlab.running.checks import check_case, check_numbers
from simlab.running.experiments import computed, is_sampled, sampled_records
from simlab.running.results import CaseResult
from simlab.running.rounding import CREDIBLE, errors, sizes
from simlab.running.trajectories import is_random, sample_runs
from simlab.statistics.errors import look_sizes
from simlab.statistics.moments import Moments, exactly
from simlab.statistics.resolution import resolution
from simlab.statistics.verdicts import RULE, Rule, Status, Verdict, judge
from simlab.vocabulary.claim import Side

# Runs whose records are held in memory at once.
CHUNK = 16_384

Batch = Callable[[int, int], Moments]


def measure(case: Case, tier: Tier, seed: int, pool: Executor | None = None, rule: Rule = RULE) -> CaseResult:
    """Run and judge one case."""
    return judged(case, tier, numbers_of(case, seed, pool), rule)


@dataclass(eq=False)
class Numbers:
    """What a case measures, whatever is stated of it: judged again, it is not run again.

    ``exact`` holds numbers that are computed; sampled ones are drawn by ``batch`` when they are asked for.
    ``initial`` is the size of the measured quantity at the start.
    """

    how: str  # "deterministic", "exact moments" or "sampled"
    exact: Moments | None = None
    seed: int = 0
    batch: Batch | None = None
    initial: float = np.inf
    observed: Mapping[str, Any] | None = None
    looks: list[Moments] = field(default_factory=list)

    def look(self, index: int, sizes: Sequence[int]) -> Moments:
        """The moments of the first ``sizes[index]`` runs."""
        assert self.batch is not None
        while len(self.looks) <= index:
            begun = len(self.looks)
            done = sizes[begun - 1] if begun else 0
            part = _in_chunks(self.batch, done, sizes[begun] - done)
            self.looks.append(self.looks[-1].merge(part) if begun else part)
        return self.looks[index]


def numbers_of(case: Case, seed: int, pool: Executor | None = None) -> Numbers:
    """What a case measures: computed where that is possible, else sampled when it is asked for."""
    if case.setting.experiment is not None:
        if is_sampled(case):
            return Numbers(
                "sampled", batch=lambda first, count: Moments.of(sampled_records(case, seed, first, count))
            )
        values, observed = computed(case)
        return Numbers("deterministic", exactly(values), observed=observed)
    initial = check_case(case, seed)
    if not is_random(case):
        return Numbers(
            "deterministic", exactly(sample_runs(case, seed, 0, 1, None)[0]), seed, initial=initial
        )
    if exact.applies(case):
        return Numbers("exact moments", exactly(exact.expectations(case)[:, None]), seed, initial=initial)
    return Numbers(
        "sampled",
        batch=lambda first, count: _sampled_moments(case, seed, first, count, pool),
        initial=initial,
    )


def judged(case: Case, tier: Tier, numbers: Numbers, rule: Rule = RULE) -> CaseResult:
    """The result of a case for these numbers; sampled ones are added until it is decided or the budget is spent."""
    slack = slack_of(case, tier)
    stated = _Stated.of(case, slack, rule, numbers.observed, numbers.initial, numbers.seed)
    budgets = look_sizes(tier.runs)
    moments = numbers.exact
    if moments is not None:
        verdict, wrong = stated.verdict(moments), None
        if stated.suspicious(moments, verdict):
            wrong = errors(case, moments.mean, numbers.seed)
            verdict = stated.verdict(moments, wrong)
        return stated.result(moments, verdict, numbers.how, budgets[-1], wrong)
    for index in range(len(budgets)):
        moments = numbers.look(index, budgets)
        verdict = stated.verdict(moments)
        if verdict.decided:
            break
    assert moments is not None
    return stated.result(moments, verdict, numbers.how, budgets[-1])


def verdict_of(case: Case, moments: Moments) -> Verdict:
    """The verdict on numbers that were computed, without the rest of a result: for searches."""
    return _Stated.of(case, 0.0, RULE).verdict(moments)


def slack_of(case: Case, tier: Tier) -> float:
    """How far beyond what a case states a confidence limit may lie for it to hold when it is sampled."""
    exactly_stated = case.role == "attained" or case.claim.side is Side.EQUAL
    return case.theorem.slack * (tier.sharpness if exactly_stated else 1.0)


def sampled_moments(case: Case, seed: int, first: int, count: int, pool: Executor | None) -> Moments:
    """Moments of some runs, chunk by chunk so that memory does not grow with their number."""
    return _in_chunks(lambda start, size: _sampled_moments(case, seed, start, size, pool), first, count)


def _sampled_moments(case: Case, seed: int, first: int, count: int, pool: Executor | None) -> Moments:
    moments = Moments.of(sample_runs(case, seed, first, count, pool))
    weight = case.noise.weight
    return moments if weight is None else moments.scaled(weight(case.checkpoints[-1]))


def _in_chunks(batch: Batch, first: int, count: int) -> Moments:
    total: Moments | None = None
    for start in range(first, first + count, CHUNK):
        part = batch(start, min(CHUNK, first + count - start))
        total = part if total is None else total.merge(part)
    assert total is not None
    return total


@dataclass(frozen=True, eq=False)
class _Stated:
    """What a case states at its checkpoints, and what it is judged with."""

    case: Case
    bounds: Vector
    scale: float
    slack: float
    rule: Rule
    seed: int

    @classmethod
    def of(
        cls,
        case: Case,
        slack: float,
        rule: Rule,
        observed: Mapping[str, Any] | None = None,
        initial: float = np.inf,
        seed: int = 0,
    ) -> "_Stated":
        """The bounds of a case and their scale: the largest of them and of the bound at the domain's first step,
        but no more than what is measured at the start, since rounding errors are relative to that.
        """
        bounds = case.bounds(observed)
        scale = float(np.max(np.abs(bounds)))
        first = case.setting.domain.checkpoints[0]
        if case.setting.experiment is None and first != case.checkpoints[0]:
            with suppress(InputError):  # a bound may be stated from a later step on only
                scale = max(scale, abs(float(case.at(first).bounds(observed)[0])))
        return cls(case, bounds, min(scale, initial), slack, rule, seed)

    def signed(self, moments: Moments) -> bool:
        """Whether these numbers may be negative."""
        return check_numbers(self.case, moments, float(np.max(np.abs(self.bounds))), self.seed)

    def verdict(self, moments: Moments, errors: Matrix | None = None) -> Verdict:
        """What is said of the case for these moments, which may be off by ``errors``."""
        case = self.case
        return judge(
            case.claim, moments, self.bounds, case.checkpoints, self.slack, self.scale, self.signed(moments),
            case.floor, self.rule, errors,
        )  # fmt: skip

    def suspicious(self, moments: Moments, verdict: Verdict) -> bool:
        """Whether computed numbers break what is stated by so little that it may be rounding."""
        case = self.case
        broken = Status.VIOLATED in (verdict.status, verdict.attained)
        if not broken or case.claim.as_computed or case.setting.experiment is not None:
            return False
        mean, stated = moments.mean, self.bounds[:, None]
        gaps = {Side.UPPER: mean - stated, Side.LOWER: stated - mean, Side.EQUAL: np.abs(mean - stated)}
        beyond = gaps[case.claim.side].max(axis=1)
        if verdict.attained is Status.VIOLATED and case.floor is not None:
            lower = case.claim.side is Side.LOWER
            missing = mean - stated / case.floor if lower else case.floor * stated - mean
            beyond = np.maximum(beyond, missing.min(axis=1))
        large = np.maximum(
            case.claim.tolerance * np.abs(self.bounds), CREDIBLE * sizes(case, mean, self.bounds)
        )
        return bool((beyond <= large).all())

    def result(
        self, moments: Moments, verdict: Verdict, how: str, budget: int, errors: Matrix | None = None
    ) -> CaseResult:
        """The result of the case for these moments; ``budget`` is the number of runs that could be spent."""
        case, rule, signed = self.case, self.rule, self.signed(moments)
        low, high = rule.limits(moments, rule.promise.holding, signed, case.claim.ceiling)
        rows, worst = np.arange(len(self.bounds)), _worst_comparison(case, moments, self.bounds)
        return CaseResult(
            case, verdict, how,
            tuple(map(float, moments.mean[rows, worst])),
            tuple(map(float, low[rows, worst])),
            tuple(map(float, high[rows, worst])),
            tuple(map(float, self.bounds)),
            self.slack,
            resolution(
                case.claim, moments, self.bounds, self.slack, self.scale, budget, signed, rule.promise, errors
            ),
        )  # fmt: skip


def _worst_comparison(case: Case, moments: Moments, bounds: Vector) -> Any:
    """The comparison that comes nearest to breaking the claim at each checkpoint."""
    with np.errstate(all="ignore"):
        distance = {
            Side.UPPER: moments.mean,
            Side.LOWER: -moments.mean,
            Side.EQUAL: np.abs(moments.mean - bounds[:, None]),
        }[case.claim.side]
    return np.argmax(np.where(np.isnan(distance), np.inf, distance), axis=1)
