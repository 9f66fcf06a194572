"""Measuring one case: computed where that is possible, else sampled until it is decided."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.planning.cases import Case
from simlab.planning.tiers import Tier
from simlab.running import exact
from simlab.running.checks import check_case, check_numbers
from simlab.running.experiments import computed, is_sampled, sampled_records
from simlab.running.results import CaseResult
from simlab.running.trajectories import is_random, sample_runs
from simlab.statistics.errors import HOLDING, look_sizes
from simlab.statistics.intervals import limits
from simlab.statistics.moments import Moments, exactly
from simlab.statistics.verdicts import judge
from simlab.vocabulary.claim import Side

# Runs whose records are held in memory at once.
CHUNK = 16_384

Batch = Callable[[int, int], Moments]


def measure(case: Case, tier: Tier, seed: int, pool: Executor | None = None) -> CaseResult:
    """Run and judge one case."""
    resolution = resolution_of(case, tier)
    if case.setting.experiment is not None:
        if is_sampled(case):
            stated = _Stated.of(case, resolution)
            return _sampled(
                stated, tier, lambda first, count: Moments.of(sampled_records(case, seed, first, count))
            )
        values, observed = computed(case)
        return _Stated.of(case, resolution, observed).judged(exactly(values), "deterministic")
    stated = _Stated.of(case, resolution, initial=check_case(case, seed))
    if not is_random(case):
        return stated.judged(exactly(sample_runs(case, seed, 0, 1, None)[0]), "deterministic")
    if exact.applies(case):
        return stated.judged(exactly(exact.expectations(case)[:, None]), "exact moments")
    return _sampled(stated, tier, lambda first, count: _sampled_moments(case, seed, first, count, pool))


def resolution_of(case: Case, tier: Tier) -> float:
    """How far beyond what a case states a confidence limit may lie for it to hold when it is sampled."""
    exactly_stated = case.role == "attained" or case.claim.side is Side.EQUAL
    return case.theorem.resolution * (tier.sharpness if exactly_stated else 1.0)


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


def _sampled(stated: "_Stated", tier: Tier, batch: Batch) -> CaseResult:
    """Add batches until the verdict is decided or the budget is spent."""
    total: Moments | None = None
    result, done = None, 0
    for size in look_sizes(tier.runs):
        part = _in_chunks(batch, done, size - done)
        total, done = part if total is None else total.merge(part), size
        result = stated.judged(total, "sampled")
        if result.verdict.decided:
            break
    assert result is not None
    return result


@dataclass(frozen=True, eq=False)
class _Stated:
    """What a case states at its checkpoints, and what it is judged with."""

    case: Case
    bounds: Vector
    scale: float
    resolution: float

    @classmethod
    def of(
        cls, case: Case, resolution: float, observed: Mapping[str, Any] | None = None, initial: float = np.inf
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
        return cls(case, bounds, min(scale, initial), resolution)

    def judged(self, moments: Moments, how: str) -> CaseResult:
        """The result of the case for these moments."""
        case = self.case
        signed = check_numbers(case, moments, float(np.max(np.abs(self.bounds))))
        verdict = judge(
            case.claim,
            moments,
            self.bounds,
            case.checkpoints,
            self.resolution,
            self.scale,
            signed,
            case.floor,
        )
        low, high = limits(moments, HOLDING, signed, case.claim.ceiling)
        rows, worst = np.arange(len(self.bounds)), _worst_comparison(case, moments, self.bounds)
        return CaseResult(
            case, verdict, how,
            tuple(map(float, moments.mean[rows, worst])),
            tuple(map(float, low[rows, worst])),
            tuple(map(float, high[rows, worst])),
            tuple(map(float, self.bounds)),
            self.resolution,
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
