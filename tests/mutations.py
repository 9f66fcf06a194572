"""Mutations: a registered entry with one thing broken, built from its own objects."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from problems.sampling import minibatch
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Kernel, kernel
from simlab.kernels.oracle import Oracle
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import QUICK, Tier
from simlab.running import exact, experiments, trajectories
from simlab.running.attainment import attainment
from simlab.running.measure import measure
from simlab.running.results import CaseResult
from simlab.statistics.verdicts import Status
from simlab.vocabulary.claim import Side
from simlab.vocabulary.method import Method
from simlab.vocabulary.quantity import PairMeasure
from simlab.vocabulary.theorem import Theorem

RED = (Status.VIOLATED, Status.DIVERGED, Status.ERROR)


def first_red(theorem: Theorem, tier: Tier, seed: int = 0) -> str:
    """How an entry turns red without the help of its controls, or an empty string when it does not."""
    try:
        planned = plan(theorem, tier)
        for result in _results(planned.claims, planned.attained, tier, seed):
            if result.verdict.status in RED:
                return f"{result.verdict.status} {result.verdict.message}".strip()
    except InputError as error:
        return f"error: {error}"
    return ""


def _results(claims: list[Case], attained: list[Case], tier: Tier, seed: int) -> Iterator[CaseResult]:
    """The attaining instances first: they show most of what is wrong."""
    yield from attainment([measure(case, tier, seed) for case in attained])
    for case in claims:
        yield measure(case, tier, seed)


def scaled(theorem: Theorem, factor: float) -> Theorem:
    """The bound times a factor."""
    bound = theorem.bound

    @functools.wraps(bound)
    def changed(**known: Any) -> float:
        return factor * bound(**known)

    return replace(theorem, bound=changed)


def tightened(theorem: Theorem, factor: float) -> Theorem:
    """The bound moved past what its attaining instances reach."""
    reached = factor * max(attained.at_least for attained in theorem.attained)
    return scaled(theorem, 1 / reached if theorem.claim.side is Side.LOWER else reached)


def loosened(theorem: Theorem, factor: float) -> Theorem:
    """The bound moved away from its attaining instances."""
    return scaled(theorem, factor if theorem.claim.side is Side.LOWER else 1 / factor)


def mirrored(theorem: Theorem) -> Theorem:
    """Every step taken in the opposite direction: x+ becomes 2 x - x+."""
    method = theorem.setting.method
    assert method is not None
    family = method.family
    changed = replace(family, step=mirrored_step(family.step), memory=_one_more(family.memory))
    return replace(theorem, setting=replace(theorem.setting, method=Method(changed, method.parameters)))


def mirrored_step(step: Kernel) -> Kernel:
    """The kernel of the opposite step; the last row of the memory keeps the iterate meanwhile."""

    @kernel
    def opposite(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
        last = memory.shape[0] - 1
        for i in range(x.size):
            memory[last, i] = x[i]
        step(k, x, memory[:last], parameters, oracle)
        for i in range(x.size):
            x[i] = 2.0 * memory[last, i] - x[i]

    return opposite


def _one_more(rows: int | Callable[..., int]) -> int | Callable[..., int]:
    if not callable(rows):
        return rows + 1

    @functools.wraps(rows)
    def more(**known: Any) -> int:
        return rows(**known) + 1

    return more


def uncoupled(theorem: Theorem) -> Theorem:
    """Coupled runs without their shared indices and noise, in all runs and not only where they differ."""
    measures = theorem.setting.measures
    assert isinstance(measures, PairMeasure)
    setting = replace(theorem.setting, measures=measures.uncoupled(), noise=(minibatch(batch=1),))
    return replace(theorem, setting=setting)


# --- what an entry is measured by --------------------------------------------------------------------------------


def is_random(theorem: Theorem) -> bool:
    """Whether runs of the entry differ from one another."""
    return any(trajectories.is_random(case) for case in plan(theorem, QUICK).claims)


def is_sampled(theorem: Theorem) -> bool:
    """Whether nothing that shows the constants is computed: no attaining instance of a bound, no case of a law."""
    planned = plan(theorem, QUICK)
    shown = planned.claims if theorem.claim.side is Side.EQUAL else planned.attained
    return all(is_sampled_case(case) for case in shown)


def is_sampled_case(case: Case) -> bool:
    """Whether the numbers of a case are sampled."""
    if case.setting.experiment is not None:
        return experiments.is_sampled(case)
    return trajectories.is_random(case) and not exact.applies(case)
