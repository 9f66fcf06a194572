"""Means and variances over runs, merged batch by batch."""

from dataclasses import dataclass

import numpy as np

from simlab.kernels.arrays import Matrix


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and sum of squared deviations of each measured number, shape (checkpoints, comparisons).

    Not-finite runs are kept: they make the mean not finite, and ``broken`` counts them.
    """

    count: int
    mean: Matrix
    squares: Matrix
    broken: int

    @classmethod
    def of(cls, records: Matrix) -> "Moments":
        """Moments over the first axis of ``records`` (runs, checkpoints, comparisons)."""
        with np.errstate(all="ignore"):
            mean = records.mean(axis=0)
            squares = ((records - mean) ** 2).sum(axis=0)
        broken = int((~np.isfinite(records).all(axis=(1, 2))).sum())
        return cls(len(records), mean, squares, broken)

    def merge(self, other: "Moments") -> "Moments":
        """Moments of both batches together (Chan, Golub and LeVeque's update)."""
        count = self.count + other.count
        with np.errstate(all="ignore"):
            gap = other.mean - self.mean
            mean = self.mean + gap * (other.count / count)
            squares = self.squares + other.squares + gap**2 * (self.count * other.count / count)
        return Moments(count, mean, squares, self.broken + other.broken)

    def standard_error(self) -> Matrix:
        """Standard error of each mean."""
        with np.errstate(all="ignore"):
            return np.sqrt(self.squares / (self.count - 1) / self.count)


def exactly(values: Matrix) -> Moments:
    """Numbers that were computed, not sampled."""
    return Moments(0, values, np.zeros_like(values), int((~np.isfinite(values)).any()))
