"""Kinds of claim: what a theorem says of its quantity, and when it counts as checked."""

import math
from dataclasses import dataclass
from enum import Enum

from simlab.errors import InputError


class Side(Enum):
    """On which side of the measured quantity the stated value lies."""

    UPPER = "upper bound"
    LOWER = "lower bound"
    EQUAL = "equality"


@dataclass(frozen=True)
class Claim:
    """An upper bound, a lower bound or an exact law.

    Parameters
    ----------
    side
        Upper bound, lower bound or equality.
    tolerance
        Relative deviation that the statement itself allows: 1e-9 for exact arithmetic in float64, and for a
        limit or an exponent the declared distance from it. For bounds it only covers rounding.
    name
        What tables call it; the side's name when empty.
    ceiling
        What no measured number can exceed, such as 1 for a rate of failures, and none is below 0: then their
        mean has limits without any further assumption.
    as_computed
        Whether it is about the numbers that float64 arithmetic gives: then rounding excuses nothing.
    """

    side: Side = Side.UPPER
    tolerance: float = 1e-9
    name: str = ""
    ceiling: float = math.inf
    as_computed: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance < 1:
            raise InputError(f"a claim's tolerance must lie in [0, 1), not {self.tolerance!r}.")
        if not self.ceiling > 0:
            raise InputError(f"a claim's ceiling must be above 0, not {self.ceiling!r}.")

    def __str__(self) -> str:
        return self.name or self.side.value


UPPER = Claim()
LOWER = Claim(Side.LOWER)
UPPER_AS_COMPUTED = Claim(as_computed=True)
IDENTITY = Claim(Side.EQUAL, 1e-9, "identity")


def law(tolerance: float = 1e-9) -> Claim:
    """An exact law."""
    return Claim(Side.EQUAL, tolerance, "law")


def limit(tolerance: float) -> Claim:
    """An asymptotic constant, reached within the stated relative tolerance in the stated regime."""
    return Claim(Side.EQUAL, tolerance, "limit")


def exponent(tolerance: float) -> Claim:
    """A slope in a stated regime, within the stated relative tolerance."""
    return Claim(Side.EQUAL, tolerance, "exponent")


def probability() -> Claim:
    """Holds with probability 1 - delta: the experiment returns 1 for a failure, the bound is delta."""
    return Claim(Side.UPPER, 1e-9, "probability", ceiling=1.0)
