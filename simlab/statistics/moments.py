"""Means and variances over runs, merged batch by batch."""

from dataclasses import dataclass, replace

import numpy as np

from simlab.kernels.arrays import Matrix

# Relative size of what float64 arithmetic leaves of numbers that are equal.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and sum of squared deviations of each measured number, shape (checkpoints, comparisons).

    ``kurtosis`` is the largest of any batch, ``least`` and ``most`` are the extreme values. Not-finite runs are
    kept: they make the mean not finite. A ``count`` of 0 marks numbers that were computed, not sampled.
    """

    count: int
    mean: Matrix
    squares: Matrix
    kurtosis: Matrix
    least: Matrix
    most: Matrix

    @classmethod
    def of(cls, records: Matrix) -> "Moments":
        """Moments over the first axis of ``records`` (runs, checkpoints, comparisons)."""
        with np.errstate(all="ignore"):
            mean = records.mean(axis=0)
            deviations = (records - mean) ** 2
            squares = deviations.sum(axis=0)
            # Divided first, since fourth powers overflow before squares do. Deviations that are no more than
            # rounding have no tails.
            rounding = len(records) * (ROUNDING * mean) ** 2
            relative = np.where(squares > rounding, deviations * (len(records) / squares), 1.0)
            kurtosis = (relative**2).mean(axis=0)
        return cls(len(records), mean, squares, kurtosis, records.min(axis=0), records.max(axis=0))

    def merge(self, other: "Moments") -> "Moments":
        """Moments of both batches together (Chan, Golub and LeVeque's update)."""
        count = self.count + other.count
        with np.errstate(all="ignore"):
            gap = other.mean - self.mean
            mean = self.mean + gap * (other.count / count)
            squares = self.squares + other.squares + gap**2 * (self.count * other.count / count)
        return Moments(
            count, mean, squares,
            np.maximum(self.kurtosis, other.kurtosis),
            np.minimum(self.least, other.least),
            np.maximum(self.most, other.most),
        )  # fmt: skip

    def scaled(self, factor: float) -> "Moments":
        """Moments of the numbers times a factor of at least 0."""
        return replace(
            self,
            mean=self.mean * factor,
            squares=self.squares * factor**2,
            least=self.least * factor,
            most=self.most * factor,
        )


def exactly(values: Matrix) -> Moments:
    """Numbers that were computed, not sampled."""
    none = np.zeros_like(values)
    return Moments(0, values, none, none, values, values)
