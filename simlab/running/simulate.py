"""Runs outside any theorem: what a method does on a problem, with its confidence band."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.kernels.arrays import Vector
from simlab.vocabulary.assumptions import Assumption, Requirement, closure
from simlab.vocabulary.claim import UPPER
from simlab.vocabulary.method import Method
from simlab.vocabulary.network import Network
from simlab.vocabulary.noise import EXACT, NoiseSpec
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import Measure, PairMeasure
from simlab.vocabulary.theorem import Setting, Theorem, grid

if TYPE_CHECKING:  # entries import this module when they are listed, and the engine only when they are run
    from concurrent.futures import Executor

    from simlab.planning.cases import Case
    from simlab.statistics.moments import Moments


CONFIDENCE = 0.99  # that no limit of a curve is wrong


@dataclass(frozen=True, eq=False)
class Curve:
    """A measured curve: ``mean`` at the steps ``k``, between confidence limits.

    All of shape (checkpoints,). The limits hold at all steps together with a chance of at least ``CONFIDENCE``;
    they are the mean itself unless it was sampled. ``how`` is "deterministic", "exact moments" or "sampled". Of
    several comparisons (neighbours, test examples) the largest mean is given.
    """

    k: Vector
    mean: Vector
    low: Vector
    high: Vector
    how: str


def constants(problem: Problem, network: Network | None = None, **more: Any) -> dict[str, Any]:
    """Every constant that an instance and its network have: what hyper-parameters may be functions of."""
    known: dict[str, Any] = dict(problem.universal)
    for cls, assumption in problem.known.items():
        for symbol, name in cls.symbols.items():
            known.setdefault(symbol, float(getattr(assumption, name)))
    if network is not None:
        known |= {**network.constants, **_symbols(network.assumptions)}
    return {**known, **more}


def _symbols(assumptions: Iterable[Assumption]) -> dict[str, float]:
    """The constants of assumptions and of what they imply."""
    return {
        symbol: float(getattr(assumption, field))
        for cls, assumption in closure(assumptions).items()
        for symbol, field in cls.symbols.items()
    }


def case_of(
    name: str,
    method: Method,
    problem: Problem,
    measures: Measure | PairMeasure,
    checkpoints: Iterable[int],
    noise: NoiseSpec | None = None,
    network: Network | None = None,
    **parameters: Any,
) -> "Case":
    """A case that belongs to no theorem. ``name`` enters the seeds; ``parameters`` may be used by the method."""
    from simlab.planning.cases import Case

    steps = tuple(sorted({int(k) for k in checkpoints}))
    known = constants(problem, network, **parameters, K=steps[-1])
    model = EXACT if noise is None else noise.resolve(problem, known)
    known |= _symbols(model.assumptions)
    setting = Setting(method, measures, grid(k=steps), (), (), None, None, None)
    return Case(_unstated(name, setting), setting, parameters, steps, known, problem, model, network)


def _unstated(name: str, setting: Setting) -> Theorem:
    """A theorem that states nothing: only its name is used."""
    return Theorem(
        id=name, bound=lambda: np.nan, setting=setting, claim=UPPER, assumes=Requirement(), source="", statement="",
        chapter="", module=__name__, attained=(), observes=(), matched=False, slack=0.1, labels=(),
    )  # fmt: skip


def curve(case: "Case", runs: int = 1024, seed: int = 0, pool: "Executor | None" = None) -> Curve:
    """Measure a case: computed where that is possible, else from ``runs`` runs."""
    return banded(case, *_moments(case, runs, seed, pool))


def banded(case: "Case", moments: "Moments", how: str) -> Curve:
    """The curve of given moments, between their confidence limits."""
    from simlab.statistics.errors import GRANTED_KURTOSIS, Level
    from simlab.statistics.intervals import limits

    level = Level((1 - CONFIDENCE) / (2 * moments.mean.size), GRANTED_KURTOSIS)  # both sides of every number
    with np.errstate(all="ignore"):
        width = limits(moments, level, signed=True)[1] - moments.mean
        width = np.where(np.isfinite(moments.mean), width, 0.0)
        worst = np.argmax(np.where(np.isnan(moments.mean), np.inf, moments.mean), axis=1)
    rows = np.arange(len(case.checkpoints))
    mean, half = moments.mean[rows, worst], width[rows, worst]
    return Curve(np.array(case.checkpoints, dtype=np.float64), mean, mean - half, mean + half, how)


def _moments(case: "Case", runs: int, seed: int, pool: "Executor | None") -> tuple["Moments", str]:
    from simlab.running import exact
    from simlab.running.measure import sampled_moments
    from simlab.running.trajectories import is_random, sample_runs
    from simlab.statistics.moments import exactly

    if not is_random(case):
        return exactly(sample_runs(case, seed, 0, 1, None)[0]), "deterministic"
    if exact.applies(case):
        return exactly(exact.expectations(case)[:, None]), "exact moments"
    return sampled_moments(case, seed, 0, runs, pool), "sampled"
