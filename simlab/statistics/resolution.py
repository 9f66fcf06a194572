r"""Resolution: how far what is measured could exceed a bound without being noticed.

The resolution of a case is the smallest factor c such that, were the measured quantity c times what is stated at
any one checkpoint and comparison (1/c times for a lower bound, either for a law), it would be missed with a
chance of at most ``MISSED``. *Missed* means not called violated: a case that stays unresolved does not stop
anybody, so it does not count as noticed.

**Computed numbers** are noticed beyond the tolerance of the claim, 1e-9 but for limits and exponents, and beyond
the rounding error that was measured where they exceeded that (``running.rounding``). Where a bound has sunk
beneath the rounding floor it is not compared as it stands, and the resolution does not speak of these
checkpoints; a case that has no others resolves nothing (infinity).

**Sampled numbers.** The rule adds runs until it is decided. As long as the quantity is beyond the slack it can be
said to hold with a chance of ``FALSE_HOLDS`` at most, so that the resolution is no better than that, and what is
left of ``MISSED`` is for the budget to end before the confidence limit has passed the bound. With n runs, the
whole budget, that limit lies at (1 - w) times the sample mean, and the sample mean itself falls short of its
expectation by a factor 1 - f at most, except with the rest of ``MISSED``: noticed when c (1 - w) (1 - f) exceeds
1.

- w is that of ``intervals`` for the error of a violation, at the relative variance v of the runs that were seen:
  runs that exceed the bound are taken to be those that were seen, times a factor (numbers of both signs: plus a
  shift). v is estimated, from few runs where these decided, and so it is taken larger by ``CAUTION`` times its
  standard error sqrt((kurtosis - 1)/n + 4 v/n). Numbers with a ceiling C and mean m have v <= C/m - 1, and this
  is taken in place of what was seen, since failures that were never seen have no variance. Where nothing but 0
  was seen and there is no ceiling, whatever carries a mean is taken to be as rare as is granted for a claim that
  holds: one in ``GRANTED_KURTOSIS``.
- f is Bennett's inequality for numbers that cannot be negative (1 - X/m <= 1), and else the interval of limited
  kurtosis.
"""

import math

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.statistics.errors import GRANTED_KURTOSIS, PROMISE, Level, Promise
from simlab.statistics.intervals import kurtosis_width, lower_limit
from simlab.statistics.moments import Moments
from simlab.statistics.verdicts import ROUNDING_FLOOR
from simlab.vocabulary.claim import Claim, Side

# The chance with which what exceeds the resolution may be missed.
MISSED = 0.01
# One-sided normal quantile of 1 % for the estimated variance.
CAUTION = 2.33


def resolution(
    claim: Claim,
    moments: Moments,
    bounds: Vector,
    slack: float,
    scale: float,
    budget: int,
    signed: bool = False,
    promise: Promise = PROMISE,
    errors: Matrix | None = None,
) -> float:
    """The resolution of a case: the arguments are those of ``judge``, and the runs that it may spend."""
    hidden = (
        ROUNDING_FLOOR * scale if errors is None else np.maximum(errors.max(axis=1), ROUNDING_FLOOR * scale)
    )
    seen = np.abs(bounds) > hidden
    if not seen.any():
        return 1.0 if scale == 0 else math.inf
    off = 0.0 if errors is None else float((errors.max(axis=1) / np.abs(bounds))[seen].max())
    best = (
        1 + claim.tolerance + off if claim.side is Side.UPPER else 1 / max(1 - claim.tolerance - off, 1e-300)
    )
    if moments.count == 0:
        return best
    if not np.isfinite(moments.mean).all() or promise.false_holds >= MISSED:
        return math.inf
    best += slack if claim.side is not Side.EQUAL else 1 / (1 - claim.tolerance - slack) - best
    with np.errstate(all="ignore"):
        found = _sampled(claim, moments, bounds, budget, signed, promise)[seen]
    return max(best, float(np.max(np.where(np.isnan(found), np.inf, found))))


def _sampled(
    claim: Claim, moments: Moments, bounds: Vector, budget: int, signed: bool, promise: Promise
) -> Matrix:
    """The factor for each checkpoint and comparison."""
    level, rest = promise.violating(moments.mean.size), MISSED - promise.false_holds
    stated = np.broadcast_to(np.abs(bounds)[:, None], moments.mean.shape)
    spread, kurtosis = moments.squares / moments.count, moments.kurtosis
    shifted = signed and float(moments.least.min()) < 0
    unseen = moments.mean == 0
    variance = np.where(unseen, GRANTED_KURTOSIS - 1, spread / np.where(unseen, 1.0, moments.mean) ** 2)
    doubt = np.sqrt((kurtosis - 1 + (0.0 if shifted else 4 * variance)) / moments.count)
    variance = np.where(shifted, spread / stated**2, variance) * (1 + CAUTION * doubt)
    either = _width(budget, variance, kurtosis, level)
    short = _width(budget, variance, kurtosis, Level(rest, GRANTED_KURTOSIS))
    up = down = np.ones_like(variance)
    if claim.side is not Side.LOWER:
        seen = claim.ceiling / stated - 1 if math.isfinite(claim.ceiling) else variance
        width = either if signed else 1 - lower_limit(budget, np.ones_like(seen), seen, level.error)
        less = short if shifted else _shortfall(budget, seen, rest)
        factor = 1 / ((1 - width) * (1 - less)) if not shifted else 1 + width + less
        up = np.where((width < 1) & (less < 1), factor, np.inf) * (1 + claim.tolerance)
    if claim.side is not Side.UPPER:
        down = _from_below(claim, stated, either, short, shifted, budget, level, rest)
    return np.maximum(up, down)


def _from_below(
    claim: Claim,
    stated: Matrix,
    width: Matrix,
    short: Matrix,
    shifted: bool,
    budget: int,
    level: Level,
    rest: float,
) -> Matrix:
    """The factor by which what is measured must fall below what is stated for its upper limit to do so too."""
    if math.isfinite(claim.ceiling):
        mean = stated
        for _ in range(30):  # the room above the mean depends on the factor that is sought
            room = claim.ceiling - mean
            spread = mean * room
            above = claim.ceiling - lower_limit(budget, room, spread, level.error)
            more = above - mean + room * _shortfall(budget, mean / room, rest)
            mean = np.maximum(stated * (1 - claim.tolerance) - more, 0.0)
        return np.where(mean > 0, stated / mean, np.inf)
    if shifted:
        left = 1 - claim.tolerance - width - short
        return np.where(left > 0, 1 / left, np.inf)
    return (1 + width) * (1 + short) / (1 - claim.tolerance)


def _width(count: int, variance: Matrix, kurtosis: Matrix, level: Level) -> Matrix:
    return np.where(variance > 0, kurtosis_width(count, variance, kurtosis, level), 0.0)


def _shortfall(count: int, variance: Matrix, chance: float) -> Matrix:
    """By how much a sample mean falls short of 1 with this chance, of numbers >= 0 (Bennett's inequality)."""
    surprise = math.log(1 / chance) / count
    return np.asarray(surprise / 3 + np.sqrt((surprise / 3) ** 2 + 2 * surprise * variance))
