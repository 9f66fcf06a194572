"""Rates: how often something happens, counted or weighted, between confidence limits, beside what was promised."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simlab.calibration.claims import drawn
from simlab.calibration.laws import Law, Tilt
from simlab.planning.cases import Case
from simlab.planning.tiers import Tier
from simlab.running.measure import measure
from simlab.running.results import CaseResult
from simlab.statistics.errors import look_sizes
from simlab.statistics.moments import Moments
from simlab.statistics.verdicts import Rule, Status
from simlab.vocabulary.claim import Claim, Side

# The chance that the limits of a measured rate are wrong, both sides together.
DOUBT = 1e-3


@dataclass(frozen=True)
class Rate:
    """A measured rate between its limits. ``looks`` counts at which look of the rule it happened."""

    trials: int
    value: float
    low: float
    high: float
    looks: tuple[int, ...] = ()


def clopper_pearson(hits: int, trials: int, doubt: float = DOUBT) -> tuple[float, float]:
    """Exact limits of a rate of which ``hits`` of ``trials`` were seen, wrong with a chance of ``doubt``."""
    from scipy.special import betaincinv

    low = 0.0 if hits == 0 else float(betaincinv(hits, trials - hits + 1, doubt / 2))
    high = 1.0 if hits == trials else float(betaincinv(hits + 1, trials - hits, 1 - doubt / 2))
    return low, high


def results(case: Case, tier: Tier, rule: Rule, trials: int, seed: int) -> list[CaseResult]:
    """The whole judging path, once for each trial, each with a seed of its own."""
    seeds = ((seed * 1_000_003 + trial) % 2**63 for trial in range(trials))
    return [measure(case, tier, one, None, rule) for one in seeds]


def counted(
    case: Case,
    tier: Tier,
    rule: Rule,
    status: Status,
    trials: int,
    seed: int,
) -> Rate:
    """How often a claim is given this status, with Clopper and Pearson's limits."""
    found = [r.verdict for r in results(case, tier, rule, trials, seed)]
    hits = [verdict.runs for verdict in found if verdict.status is status]
    looks = tuple(hits.count(size) for size in look_sizes(tier.runs))
    return Rate(trials, len(hits) / trials, *clopper_pearson(len(hits), trials), looks)


def weighted(law: Law, claim: Claim, tier: Tier, rule: Rule, trials: int, seed: int) -> Rate:
    """How often a true claim about a law of mean 1 is called violated, however rare that is.

    The runs are drawn from the law with another mean, at which violations are frequent, and each violation counts
    with the ratio of the two laws' densities at the runs that were used (importance sampling; the rule stops at a
    time that depends on these runs only, so the weight is unbiased). For each look there is a mean at which it is
    the one that is likely to stop; the trials are divided among these, and weighted with their mixture. The limits
    are those of the normal approximation over many trials: weights are bounded, since all that count lie beyond
    the limit.
    """
    assert law.tilt is not None
    if not _frequent(law, claim, tier, rule):
        return Rate(0, 0.0, 0.0, 0.0)  # no look of so few runs can call anything violated
    tilts = [law.tilt(mean) for mean in _frequent(law, claim, tier, rule)]
    each, logs = -(-trials // len(tilts)), []
    for number, tilt in enumerate(tilts):
        case = drawn(f"tilted {number}", tilt.draw, claim, 1.0, tier, signed=law.signed)
        for result in results(case, tier, rule, each, seed):
            violated = result.verdict.status is Status.VIOLATED
            logs.append(_log_weight(tilts, result) if violated else -math.inf)
    weights = np.exp(np.array(logs)).reshape(len(tilts), each)
    value = float(weights.mean())
    error = math.sqrt(float((weights.var(axis=1, ddof=1) / each).sum())) / len(tilts)
    return Rate(weights.size, value, max(value - 3.3 * error, 0.0), value + 3.3 * error)


def _frequent(law: Law, claim: Claim, tier: Tier, rule: Rule) -> list[float]:
    """For each look that can find a violation at all, the mean at which it is likely to."""
    means, one = [], np.ones((1, 1))
    for size in look_sizes(tier.runs):
        moments = Moments(size, one, size * law.variance * one, law.kurtosis * one, one, one)
        low, high = rule.limits(moments, rule.promise.violating(1), law.signed, math.inf)
        limit = float((low if claim.side is Side.UPPER else high).item())
        if 0 < limit < math.inf:
            means.append(1 / limit)
    return means


def _log_weight(tilts: Sequence[Tilt], result: CaseResult) -> float:
    """-log of the mixture's density over that of the law, at the runs of this result."""
    runs, total = result.verdict.runs, result.verdict.runs * result.measured[0]
    exponents = np.array([tilt.slope * total - tilt.offset * runs for tilt in tilts])
    largest = float(exponents.max())
    return math.log(len(tilts)) - largest - math.log(float(np.exp(exponents - largest).sum()))
