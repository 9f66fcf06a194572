"""Verdicts: from measured numbers and stated bounds to *holds*, *violated*, *unresolved* or *diverged*."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.statistics.errors import PROMISE, Level, Promise
from simlab.statistics.intervals import limits
from simlab.statistics.moments import Moments
from simlab.vocabulary.claim import Claim, Side

# Below this fraction of its initial value a bound is beneath float64 rounding of the quantities it bounds.
ROUNDING_FLOOR = 1e-11
# Rounding errors up to this part of a bound leave its floor something to say.
SMALL = 1e-6

Ratios = tuple[Matrix, Matrix, Matrix]
Limits = Callable[[Moments, Level, bool, float], tuple[Matrix, Matrix]]


@dataclass(frozen=True)
class Rule:
    """How measured means are judged: the promise about errors, and the confidence limits that keep it."""

    promise: Promise = PROMISE
    limits: Limits = limits


RULE = Rule()


class Status(StrEnum):
    """What is said of a claim."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNRESOLVED = "unresolved"
    DIVERGED = "diverged"
    ERROR = "error"
    UNCHECKED = "unchecked"  # of an entry that passes, though what it was checked with shows nothing
    REFUTED = "refuted"  # of a statement that is known to be false: a counterexample violates it


@dataclass(frozen=True)
class Verdict:
    """The judgement of one case.

    ``ratio`` is measured / bound where it is worst (bound / measured for a lower bound), ``low`` and ``high`` the
    confidence limits that decided it, ``k`` the step where it was reached and ``comparison`` which of the numbers
    that are measured at that step. ``runs`` is 0 when the number was computed instead of sampled. ``attained``
    says whether an attaining instance reaches its floor: *holds*, *violated* or *unresolved*; None without a floor.
    """

    status: Status
    ratio: float
    low: float
    high: float
    k: int
    runs: int
    message: str = ""
    comparison: int = 0
    attained: Status | None = None

    @property
    def decided(self) -> bool:
        """Whether more runs could not change what is said."""
        open_ = Status.UNRESOLVED in (self.status, self.attained)
        return not open_ or self.status in (Status.VIOLATED, Status.DIVERGED)


def judge(
    claim: Claim,
    moments: Moments,
    bounds: Vector,
    checkpoints: tuple[int, ...],
    slack: float,
    scale: float,
    signed: bool = False,
    floor: float | None = None,
    rule: Rule = RULE,
    errors: Matrix | None = None,
) -> Verdict:
    """Judge measured means (checkpoints, comparisons) against the bounds (checkpoints,).

    An upper bound is violated when the lower confidence limit exceeds it at some checkpoint, holds when every
    upper limit is below bound * (1 + slack), and is unresolved else; the two limits have the error rates of the
    rule's promise. A number that is not finite is a divergence, never a pass.

    Parameters
    ----------
    slack
        How far beyond the bound the confidence limit of a sampled number may lie for it to hold.
    scale
        The initial size of the bound. Where the bound has sunk below ``ROUNDING_FLOOR * scale``, which rounding
        errors reach, an inequality is judged with that in place of the bound.
    signed
        Whether the measured numbers may be negative.
    floor
        The ratio that an attaining instance must reach, within the slack when it is sampled.
    errors
        By how much each computed number may be off: it is judged as the one that favours the claim most.
    """
    if not np.isfinite(moments.mean).all():
        c = int(np.argmin(np.isfinite(moments.mean).all(axis=1)))
        return Verdict(Status.DIVERGED, np.inf, np.inf, np.inf, checkpoints[c], moments.count, "not finite")
    allowed = slack if moments.count else 0.0
    refuting, settling = (
        _ratios(claim, moments.mean, *rule.limits(moments, level, signed, claim.ceiling), bounds, scale)
        for level in (rule.promise.violating(moments.mean.size), rule.promise.holding)
    )
    attained = None if floor is None else _attained(floor, allowed, settling, refuting)
    hidden = claim.side is not Side.EQUAL and bool((np.abs(bounds) <= ROUNDING_FLOOR * scale).all())
    if errors is not None:
        favourable = _favoured(claim, moments.mean, bounds[:, None], errors)
        refuting = settling = _ratios(claim, *(favourable,) * 3, bounds, scale)
        hidden = bool((np.abs(bounds) <= np.maximum(errors.max(axis=1), ROUNDING_FLOOR * scale)).all())
        if floor is not None and attained is not Status.HOLDS:
            attained = _attained_but_for(floor, claim, moments.mean, bounds, scale, errors)
    broken, open_ = _broken(claim, *refuting), _open(claim, allowed, *settling)
    if broken.any():
        status, chosen, where = Status.VIOLATED, refuting, broken
    else:
        status = Status.UNRESOLVED if open_.any() or (hidden and scale > 0) else Status.HOLDS
        chosen, where = settling, open_ if open_.any() else np.ones_like(open_)
    low, ratio, high = chosen
    c, s = _worst(claim, ratio, where)
    message = "below rounding" if status is Status.UNRESOLVED and not open_.any() else ""
    if errors is not None and status is Status.HOLDS:
        message = f"but for rounding, of {float(errors[c, s]):.1e} here"
    return Verdict(
        status, float(ratio[c, s]), float(low[c, s]), float(high[c, s]), checkpoints[c], moments.count, message, s,
        attained,
    )  # fmt: skip


def _broken(claim: Claim, low: Matrix, ratio: Matrix, high: Matrix) -> NDArray[np.bool_]:
    """Where the whole interval lies beyond what is claimed."""
    above = ~(low <= 1 + claim.tolerance)
    return above | ~(high >= 1 - claim.tolerance) if claim.side is Side.EQUAL else above


def _open(claim: Claim, slack: float, low: Matrix, ratio: Matrix, high: Matrix) -> NDArray[np.bool_]:
    """Where the interval reaches farther than the claim and the slack allow."""
    above = ~(high <= 1 + claim.tolerance + slack)
    return above | ~(low >= 1 - claim.tolerance - slack) if claim.side is Side.EQUAL else above


def _attained(floor: float, slack: float, settling: Ratios, refuting: Ratios) -> Status:
    """Whether the best comparison at each checkpoint reaches the floor."""
    if (refuting[2].max(axis=1) < floor * (1 - 1e-9)).any():
        return Status.VIOLATED
    reached = (settling[0].max(axis=1) >= floor * (1 - 1e-9 - slack)).all()
    return Status.HOLDS if reached else Status.UNRESOLVED


def _favoured(claim: Claim, mean: Matrix, stated: Matrix, errors: Matrix) -> Matrix:
    """What favours the claim most among the numbers that computed ones may stand for, where these break it."""
    if claim.side is Side.UPPER:
        return np.where(mean > stated, np.maximum(mean - errors, np.minimum(mean, 0.0)), mean)
    if claim.side is Side.LOWER:
        return np.where(mean < stated, mean + errors, mean)
    return mean + np.clip(stated - mean, -errors, errors)


def _attained_but_for(
    floor: float, claim: Claim, mean: Matrix, bounds: Vector, scale: float, errors: Matrix
) -> Status:
    """Whether the floor is reached but for rounding, which says something where that is small beside the bound."""
    small = np.where(errors <= SMALL * np.abs(bounds)[:, None], errors, 0.0)
    reached = mean - small if claim.side is Side.LOWER else mean + small
    ratios = _ratios(claim, *(reached,) * 3, bounds, scale)
    return _attained(floor, 0.0, ratios, ratios)


def _worst(claim: Claim, ratio: Matrix, where: NDArray[np.bool_]) -> tuple[int, int]:
    distance = np.abs(ratio - 1) if claim.side is Side.EQUAL else ratio
    place = int(np.argmax(np.where(where, distance, -np.inf)))
    c, s = np.unravel_index(place, ratio.shape)
    return int(c), int(s)


def _ratios(claim: Claim, mean: Matrix, low: Matrix, high: Matrix, bounds: Vector, scale: float) -> Ratios:
    """Lower limit, estimate and upper limit of measured / bound (upside down for lower bounds)."""
    if claim.side is not Side.EQUAL and (bounds < 0).any():
        raise InputError("a bound is negative on its domain; bounds must be at least 0.")
    quotient = {Side.UPPER: _over_bound, Side.LOWER: _under_bound, Side.EQUAL: _beside}[claim.side]
    with np.errstate(all="ignore"):
        one, ratio, two = (
            quotient(value, bounds[:, None], ROUNDING_FLOOR * scale) for value in (low, mean, high)
        )
    return np.minimum(one, two), ratio, np.maximum(one, two)


def _over_bound(measured: Matrix, bound: Matrix, least: float) -> Matrix:
    """measured / bound; nothing measured under a bound of 0 counts as 0."""
    stated = np.maximum(bound, least)
    return np.where((measured == 0) & (stated == 0), 0.0, measured / stated)


def _under_bound(measured: Matrix, bound: Matrix, least: float) -> Matrix:
    """bound / measured; what is below 0 is infinitely far below any bound."""
    found = measured + np.where(bound <= least, least, 0.0)
    return np.where(found > 0, bound / found, np.where((found == 0) & (bound == 0), 0.0, np.inf))


def _beside(measured: Matrix, law: Matrix, least: float) -> Matrix:
    """measured / law; about 0 there is no ratio, and what is equal up to rounding counts as 1."""
    gap = measured - law
    about_zero = np.where(np.abs(gap) <= least, 1.0, np.copysign(np.inf, gap))
    return np.where(np.abs(law) <= least, about_zero, measured / law)


def half_widths(moments: Moments) -> Matrix:
    """Distance from each mean of the limits by which a claim holds; 0 for computed or infinite numbers."""
    with np.errstate(all="ignore"):
        widths = limits(moments, PROMISE.holding, signed=True)[1] - moments.mean
    return np.where(np.isfinite(moments.mean), widths, 0.0)
