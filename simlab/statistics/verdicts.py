"""Verdicts: from measured numbers and stated bounds to *holds*, *violated*, *unresolved* or *diverged*."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.statistics.errors import error_share
from simlab.statistics.moments import Moments
from simlab.vocabulary.claim import Claim, Side

# Below this fraction of its initial value a bound is beneath float64 rounding of the quantities it bounds.
ROUNDING_FLOOR = 1e-11


class Status(StrEnum):
    """What is said of a claim."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNRESOLVED = "unresolved"
    DIVERGED = "diverged"
    ERROR = "error"


@dataclass(frozen=True)
class Verdict:
    """The judgement of one case.

    ``ratio`` is measured / bound where it is worst (bound / measured for a lower bound), ``low`` and ``high`` its
    simultaneous confidence limits, ``k`` the step where it was reached. ``runs`` is 0 when the number was
    computed instead of sampled.
    """

    status: Status
    ratio: float
    low: float
    high: float
    k: int
    runs: int
    message: str = ""


def half_widths(moments: Moments) -> Matrix:
    """Half widths of simultaneous confidence intervals of the means (Student's t); 0 for computed numbers."""
    if moments.count == 0:
        return np.zeros_like(moments.mean)
    from scipy.stats import t

    return np.asarray(t.isf(error_share(moments.mean.size) / 2, moments.count - 1) * moments.standard_error())


def judge(
    claim: Claim,
    moments: Moments,
    bounds: Vector,
    checkpoints: tuple[int, ...],
    resolution: float,
    scale: float,
) -> Verdict:
    """Judge measured means (checkpoints, comparisons) against the bounds (checkpoints,).

    An upper bound is violated when the lower confidence limit exceeds it at some checkpoint, holds when every
    upper limit is below bound * (1 + resolution), and is unresolved else. A number that is not finite is a
    divergence, never a pass. ``scale`` is the initial size of the bound: computed numbers are not compared where
    the bound has sunk below ``ROUNDING_FLOOR * scale``.
    """
    if not np.isfinite(moments.mean).all():
        c = int(np.argmin(np.isfinite(moments.mean).all(axis=1)))
        return Verdict(Status.DIVERGED, np.inf, np.inf, np.inf, checkpoints[c], moments.count, "not finite")
    width = half_widths(moments)
    low, ratio, high = (
        _ratios(claim, moments.mean + shift, bounds[:, None])
        for shift in (-width, np.zeros_like(width), width)
    )
    if claim.side is Side.LOWER:
        low, high = high, low
    low, high = np.minimum(low, high), np.maximum(low, high)
    if moments.count == 0 and claim.side is not Side.EQUAL:
        visible = np.abs(bounds) > ROUNDING_FLOOR * scale
        if not visible.any():
            return Verdict(Status.UNRESOLVED, np.nan, np.nan, np.nan, checkpoints[-1], 0, "below rounding")
        low, ratio, high = (np.where(visible[:, None], r, -np.inf) for r in (low, ratio, high))
    worst = np.abs(ratio - 1) if claim.side is Side.EQUAL else ratio
    c, s = map(int, np.unravel_index(int(np.argmax(worst)), worst.shape))
    slack = resolution if moments.count else 0.0
    top, bottom = 1 + claim.tolerance, 1 - claim.tolerance
    if claim.side is Side.EQUAL:
        broken = bool((low > top).any() or (high < bottom).any())
        settled = bool((high <= top + slack).all() and (low >= bottom - slack).all())
    else:
        broken = not bool((low <= top).all())
        settled = bool((high <= top + slack).all())
    if broken:
        excess = np.maximum(low - top, bottom - high) if claim.side is Side.EQUAL else low
        c, s = map(int, np.unravel_index(int(np.argmax(excess)), worst.shape))
    status = Status.VIOLATED if broken else Status.HOLDS if settled else Status.UNRESOLVED
    return Verdict(
        status, float(ratio[c, s]), float(low[c, s]), float(high[c, s]), checkpoints[int(c)], moments.count
    )


def _ratios(claim: Claim, measured: Matrix, bounds: Matrix) -> Matrix:
    """measured / bound, upside down for lower bounds; 0 / 0 is 1 for a law and 0 for a bound."""
    if claim.side is not Side.EQUAL and (bounds < 0).any():
        raise InputError("a bound is negative on its domain; bounds must be at least 0.")
    above, below = (bounds, measured) if claim.side is Side.LOWER else (measured, bounds)
    above, below = np.broadcast_arrays(above, below)
    with np.errstate(all="ignore"):
        ratios = np.asarray(above / below)
    nothing = 1.0 if claim.side is Side.EQUAL else 0.0
    ratios = np.where((above == 0) & (below == 0), nothing, ratios)
    if claim.side is Side.LOWER:  # a measured value of 0 or less is infinitely far below a positive bound
        ratios = np.where((below <= 0) & (above > 0), np.inf, ratios)
    return ratios
