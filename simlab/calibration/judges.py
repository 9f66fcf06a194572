"""Judges that are wrong on purpose: the suite must find out each of them, or it shows nothing.

Each is wrong in one way only: the same judge without that fault keeps the promise on the same law.
"""

import math
from dataclasses import replace

import numpy as np

from simlab.kernels.arrays import Matrix
from simlab.statistics.errors import Level, Promise
from simlab.statistics.moments import Moments
from simlab.statistics.verdicts import Rule


def student_limits(
    moments: Moments, level: Level, signed: bool = False, ceiling: float = math.inf
) -> tuple[Matrix, Matrix]:
    """Student's t, which is exact for normal laws and for nothing else."""
    from scipy.special import stdtrit

    with np.errstate(all="ignore"):
        error = np.sqrt(moments.squares / (moments.count - 1) / moments.count)
    width = -stdtrit(moments.count - 1, level.error) * error
    return moments.mean - width, moments.mean + width


def uncorrected_limits(
    moments: Moments, level: Level, signed: bool = False, ceiling: float = math.inf
) -> tuple[Matrix, Matrix]:
    """Student's t that forgets that there are several checkpoints, each of which may be wrong."""
    return student_limits(moments, replace(level, error=level.error * moments.mean.size))


def point_estimate(
    moments: Moments, level: Level, signed: bool = False, ceiling: float = math.inf
) -> tuple[Matrix, Matrix]:
    """The sample mean itself, in place of limits."""
    return moments.mean, moments.mean


def student(promise: Promise) -> Rule:
    """Student's t at every look, each with its share of the error."""
    return Rule(promise, student_limits)


def without_looks(promise: Promise) -> Rule:
    """Student's t that spends the whole error at every look."""
    return Rule(replace(promise, looks=1), student_limits)


def without_checkpoints(promise: Promise) -> Rule:
    """Student's t that spends the whole error at every checkpoint."""
    return Rule(promise, uncorrected_limits)


def without_limits(promise: Promise) -> Rule:
    """A comparison of sample means with the bound."""
    return Rule(promise, point_estimate)
