"""Measuring one case: computed where that is possible, else sampled until it is decided."""

import inspect
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.planning.cases import Case
from simlab.planning.tiers import Tier
from simlab.running import exact
from simlab.running.results import CaseResult
from simlab.running.streams import generator
from simlab.running.trajectories import is_random, sample_runs
from simlab.statistics.errors import look_sizes
from simlab.statistics.moments import Moments, exactly
from simlab.statistics.verdicts import Status, half_widths, judge
from simlab.vocabulary.quantity import PairMeasure

# Runs whose records are held in memory at once.
CHUNK = 16_384


def measure(case: Case, tier: Tier, seed: int, pool: Executor | None = None) -> CaseResult:
    """Run and judge one case."""
    if case.setting.experiment is not None:
        return _experiment(case, tier, seed)
    _check_region(case, seed)
    _check_weight(case)
    if not is_random(case):
        return _judged(case, exactly(sample_runs(case, seed, 0, 1, None)[0]), "deterministic")
    if exact.applies(case):
        return _judged(case, exactly(exact.expectations(case)[:, None]), "exact moments")
    return _sampled(case, tier, lambda first, count, look: sampled_moments(case, seed, first, count, pool))


def sampled_moments(case: Case, seed: int, first: int, count: int, pool: Executor | None) -> Moments:
    """Moments of some runs, chunk by chunk so that memory does not grow with their number."""
    total: Moments | None = None
    for start in range(first, first + count, CHUNK):
        part = Moments.of(sample_runs(case, seed, start, min(CHUNK, first + count - start), pool))
        total = part if total is None else total.merge(part)
    assert total is not None
    if case.noise.weight is not None:
        factors = np.array([case.noise.weight(case.checkpoints[-1])])
        total = Moments(total.count, total.mean * factors, total.squares * factors**2, total.broken)
    return total


def _sampled(case: Case, tier: Tier, batch: Any) -> CaseResult:
    """Add batches until the verdict is decided or the budget is spent."""
    total: Moments | None = None
    done, result = 0, None
    for look, size in enumerate(look_sizes(tier.runs)):
        part = batch(done, size - done, look)
        total, done = part if total is None else total.merge(part), size
        result = _judged(case, total, "sampled")
        if result.verdict.status is not Status.UNRESOLVED:
            break
    assert result is not None
    return result


def _judged(case: Case, moments: Moments, how: str, observed: Mapping[str, Any] | None = None) -> CaseResult:
    bounds = case.bounds(observed)
    verdict = judge(
        case.claim, moments, bounds, case.checkpoints, case.theorem.resolution, _scale(case, bounds, observed)
    )
    if case.floor is not None and verdict.status is Status.HOLDS and not verdict.high >= case.floor:
        verdict = replace(
            verdict,
            status=Status.VIOLATED,
            message=f"not attained: ratio {verdict.ratio:.6g} is below the stated {case.floor}",
        )
    widths = half_widths(moments)
    worst = np.argmax(moments.mean, axis=1) if np.isfinite(moments.mean).all() else np.zeros(len(bounds), int)
    rows = np.arange(len(bounds))
    return CaseResult(
        case, verdict, how,
        tuple(map(float, moments.mean[rows, worst])),
        tuple(map(float, widths[rows, worst])),
        tuple(map(float, bounds)),
    )  # fmt: skip


def _scale(case: Case, bounds: Vector, observed: Mapping[str, Any] | None) -> float:
    """The initial size of the bound: its largest value on the case and at the domain's first step."""
    first = case.setting.domain.checkpoints[0]
    if case.setting.experiment is not None or first == case.checkpoints[0]:
        return float(np.max(np.abs(bounds)))
    try:
        initial = abs(float(case.at(first).bounds(observed)[0]))
    except InputError:
        initial = 0.0
    return max(initial, float(np.max(np.abs(bounds))))


def _check_weight(case: Case) -> None:
    """Refuse a noise model that draws from a conditional law where what it leaves out does not count as 0."""
    measures = case.setting.measures
    if case.noise.weight is not None and not (isinstance(measures, PairMeasure) and measures.shared):
        raise InputError(
            f"{case.label}: {case.noise.name} leaves out the runs in which coupled iterates agree; it can only be "
            "used with stability measures of coupled runs."
        )


def _check_region(case: Case, seed: int) -> None:
    """Refuse a case whose iterates leave the region on which the problem's constants hold."""
    problem, measures = case.problem, case.setting.measures
    if problem is None or problem.region is None or case.role == "control" or measures is None:
        return
    from simlab.kernels.quantities import distance

    visited = replace(
        case, setting=replace(case.setting, measures=distance.worst()), checkpoints=case.checkpoints[-1:]
    )
    farthest = float(np.max(sample_runs(visited, seed, 0, 64 if is_random(case) else 1, None)))
    if not farthest <= problem.region:
        raise InputError(
            f"{case.label}: the iterates go {farthest:.3g} away from the minimizer, but the problem's constants "
            f"hold only within {problem.region:.3g}; start nearer or declare them for a larger region."
        )


def _experiment(case: Case, tier: Tier, seed: int) -> CaseResult:
    function = case.setting.experiment
    assert function is not None
    names = inspect.signature(function).parameters
    given = {name: case.known[name] for name in names if name in case.known}
    if "checkpoints" in names:
        given["checkpoints"] = case.checkpoints
    missing = [n for n in names if n not in given and n not in ("rng", "runs")]
    if missing:
        raise InputError(
            f"the experiment of {case.theorem.id} asks for {', '.join(missing)}; add them to its domain."
        )
    if "rng" not in names:
        with np.errstate(all="ignore"):
            outcome = function(**given)
        observed: Mapping[str, Any] = {}
        if isinstance(outcome, tuple):
            outcome, observed = outcome
        values = np.asarray(outcome, dtype=np.float64).reshape(len(case.checkpoints), -1)
        return _judged(case, exactly(values), "deterministic", observed)

    def batch(first: int, count: int, look: int) -> Moments:
        with np.errstate(all="ignore"):
            outcome = function(**given, rng=generator(seed, case.key, look), runs=count)
        return Moments.of(_records(outcome, count, len(case.checkpoints)))

    return _sampled(case, tier, batch)


def _records(outcome: Any, runs: int, checkpoints: int) -> Matrix:
    array = np.asarray(outcome, dtype=np.float64)
    if array.shape[:1] != (runs,):
        raise InputError(
            f"an experiment with runs={runs} must return one row a run, not an array of shape {array.shape}."
        )
    return array.reshape(runs, checkpoints, -1)
