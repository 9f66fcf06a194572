r"""Confidence limits of means that hold for every number of runs: inequalities, not approximations.

A Student t interval is wrong where it matters here. Of a number that is 1.001 with probability 0.999 and else 0,
256 runs are all equal in three cases of four, and the interval then excludes the true mean 1; and at error rates
near 1e-9 the normal approximation is not to be trusted for skewed numbers at all.

**From below, for numbers that cannot be negative.** If X >= 0 and E X <= m, then y = X/m - 1 >= -1 has E y <= 0,
and for every l in (0, 1)

    exp(l y - p(l) y^2) <= 1 + l y,    p(l) = -log(1 - l) - l,

(Fan, Grama & Liu 2015, Lemma 4.1), so that the product over the runs is at least 1/error with a chance of at most
``error``. The inequality that results is quadratic in m and needs the mean and the variance of the runs only. As
1 + l (X/m - 1) decreases in m, a rejected m rejects every smaller one too. Nothing is granted but X >= 0: no
variance need exist.

**Both sides, for any number.** With s^2 = Var X, y = X - E X and the fourth moment E y^4 <= kurtosis s^4:

1. The mean square Q of the deviations is at least s^2 (1 - b), b^2 = 2 kurtosis L / n, except with probability
   exp(-L): a number that cannot be negative has a sub-Gaussian lower tail, since exp(-z) <= 1 - z + z^2/2.
2. exp(t y - t^2 (y^2 + 2 s^2)/6) has a mean of at most 1 for every t (Delyon 2009, Proposition 12). Mixed over
   t ~ N(0, 1/(r s^2)) with r = n/(2L), this gives, except with probability exp(-L),
   (sum y)^2 <= (V + r s^2) (2L + log(1 + V/(r s^2))),  V = n (Q + 2 s^2)/3.
   The right side is largest at the largest s^2 that 1. allows, unless Q/s^2 > exp(4L), which by Markov's
   inequality has a chance of exp(-4L): nothing beside exp(-L).

Where 2 kurtosis L >= n there is no limit: so few runs cannot exclude that what carries the mean was not seen yet.
"""

import math

import numpy as np

from simlab.kernels.arrays import Matrix
from simlab.statistics.errors import Level
from simlab.statistics.moments import Moments

# The l of the inequality for numbers that cannot be negative; which of them is best depends on the variance.
TILTS = 0.9 * 2.0 ** -np.arange(16.0)
PENALTIES = -np.log1p(-TILTS) - TILTS


def limits(
    moments: Moments, level: Level, signed: bool = False, ceiling: float = math.inf
) -> tuple[Matrix, Matrix]:
    """One-sided confidence limits of each mean, from below and from above; computed numbers are their own.

    ``signed`` numbers may be negative; none is above ``ceiling``.
    """
    if moments.count == 0:
        return moments.mean, moments.mean
    with np.errstate(all="ignore"):
        spread = moments.squares / moments.count
        low = high = np.empty(0)
        if signed or not math.isfinite(ceiling):
            width = kurtosis_width(moments.count, spread, moments.kurtosis, level)
            low, high = moments.mean - width, moments.mean + width
        if not signed:
            low = lower_limit(moments.count, moments.mean, spread, level.error)
        if math.isfinite(ceiling):
            high = ceiling - lower_limit(moments.count, ceiling - moments.mean, spread, level.error)
    # Overflow of a variance leaves no statement; it must not look like one.
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def lower_limit(count: int, mean: Matrix, spread: Matrix, error: float) -> Matrix:
    """The limit from below for numbers that cannot be negative; ``spread`` is the variance of the runs."""
    surprise = (math.log(len(TILTS)) - math.log(error)) / count
    l, p = (column.reshape(-1, *[1] * mean.ndim) for column in (TILTS, PENALTIES))
    a, b, c = l + p + surprise, mean * (l + 2 * p), p * (spread + mean**2)
    inside = b**2 - 4 * a * c
    roots = np.where(inside >= 0, (b + np.sqrt(np.maximum(inside, 0))) / (2 * a), 0.0)
    return np.asarray(np.maximum(roots.max(axis=0), 0.0))


def kurtosis_width(count: int, spread: Matrix, observed: Matrix, level: Level) -> Matrix:
    """The distance of either limit from the mean for numbers whose kurtosis is limited."""
    surprise = math.log(2.0 / level.error)  # half of the error for the variance, half for the mean
    lost = np.sqrt(2 * np.maximum(level.kurtosis, observed) * surprise / count)
    ratio = 1 / (1 - lost)  # the largest Var X / Q
    self_normalised = (1 + 2 * ratio) / 3 + ratio / (2 * surprise)
    mixture = 2 * surprise + np.log1p(2 * surprise * (1 + 2 * ratio) / (3 * ratio))
    r = self_normalised * mixture / count  # (mean - E X)^2 <= r Q, and Q = spread + (mean - E X)^2
    return np.where((lost < 1) & (r < 1), np.sqrt(spread * r / (1 - r)), np.inf)
