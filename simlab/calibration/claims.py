"""Synthetic claims of known truth, as theorems like those that are registered: they take the whole judging path."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from simlab.calibration.laws import Draw
from simlab.kernels.arrays import Matrix
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import Tier
from simlab.vocabulary.assumptions import Requirement
from simlab.vocabulary.claim import Claim
from simlab.vocabulary.theorem import Setting, Theorem, grid


def synthetic(
    name: str,
    claim: Claim,
    setting: Setting,
    bound: Callable[..., float],
    slack: float,
    tier: Tier,
) -> Case:
    """The case of a theorem that is registered nowhere."""
    theorem = Theorem(
        id=name, bound=bound, setting=setting, claim=claim, assumes=Requirement(), source="calibration",
        statement="A claim of known truth.", chapter="calibration", module=__name__, attained=(), observes=(),
        matched=False, slack=slack, labels=(),
    )  # fmt: skip
    (case,) = plan(theorem, tier).claims
    return case


def drawn(
    name: str,
    draw: Draw,
    claim: Claim,
    stated: float,
    tier: Tier,
    slack: float = 1e-6,
    signed: bool = False,
    checkpoints: int = 1,
    correlated: bool = True,
) -> Case:
    """A claim about the mean of runs that are drawn from a law: that it is at most (at least, equal to) ``stated``.

    With several checkpoints, what is measured at step k is the mean of the first k of a run's draws, or, without
    correlation, its k-th draw. Unless it is ``signed``, it is declared like a quantity that is never negative.
    """
    from simlab.kernels.quantities import suboptimality

    def several(rng: np.random.Generator, runs: int, checkpoints: Any) -> Matrix:
        draws = draw(rng, (runs, len(checkpoints)))
        return draws.cumsum(axis=1) / np.arange(1, len(checkpoints) + 1) if correlated else draws

    domain = grid(k=tuple(range(1, checkpoints + 1)))
    measures = None if signed else suboptimality.last
    setting = Setting(None, measures, domain, (), (), None, several, None, claim=claim)
    return synthetic(name, claim, setting, lambda: stated, slack, tier)


def iterated(claim: Claim, factor: float, tier: Tier, slack: float = 1e-6) -> Case:
    """A claim about the iterates of SGD on a parabola, through the compiled kernels and their random streams: the
    mean squared distance at three steps is exactly ``factor`` times what is stated.

    The truth comes from the exact moments; the method is then declared not to be linear, so that it is sampled.
    """
    from simlab.discovery import discover
    from simlab.kernels.quantities import distance_squared
    from simlab.optimizers.first_order import sgd
    from simlab.running import exact
    from simlab.vocabulary.registry import REGISTRY

    discover()
    parabola = REGISTRY.of("problem")["quadratic"](spectrum=(1.0,))
    noise = REGISTRY.of("noise")["gaussian"](variance=1.0)
    method, domain = sgd(step_size=0.5), grid(k=(1, 4, 16))
    setting = Setting(
        method, distance_squared.last, domain, (parabola,), (noise,), None, None, None, claim=claim
    )
    name = f"sgd on a parabola, {claim}, {factor}"
    linear = synthetic(name, claim, setting, lambda: 1.0, slack, tier)
    truth = dict(zip(domain.checkpoints, exact.expectations(linear), strict=True))
    sampled = replace(method, family=replace(method.family, linear=False))
    return synthetic(
        name, claim, replace(setting, method=sampled), lambda k: float(truth[k]) / factor, slack, tier
    )
