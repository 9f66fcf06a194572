"""Ranges: where a search for the worst case may look for numbers, arrays and choices."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simlab.errors import InputError

# A positive range whose ends are this far apart is searched by orders of magnitude.
WIDE = 8.0
# The share of the unit interval that stands for each end itself: worst cases often lie there.
END = 0.04


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``; whole ones if ``whole``."""

    low: float
    high: float
    whole: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise InputError(
                f"a range goes from a finite number to a larger one, not {self.low}, {self.high}."
            )

    @property
    def wide(self) -> bool:
        """Whether its orders of magnitude count, not its lengths."""
        return self.low > 0 and self.high >= WIDE * self.low

    def at(self, u: float) -> float | int:
        """The number for u in [0, 1]; both ends have a share of the interval to themselves, and small
        numbers of both signs have one.
        """
        t = min(max((u - END) / (1 - 2 * END), 0.0), 1.0)
        if t in (0.0, 1.0):
            value = self.high if t else self.low
        elif self.wide:
            value = self.low * (self.high / self.low) ** t
        elif self.low < 0 < self.high:
            value = (2 * t - 1) ** 3 * (self.high if t > 0.5 else -self.low)
        else:
            value = self.low + t * (self.high - self.low)
        return round(value) if self.whole else float(value)


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    def at(self, u: float) -> Any:
        """The value for u in [0, 1]."""
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]


@dataclass(frozen=True)
class Array:
    """An array of numbers, one axis or two; each size is a number or the name of a range of sizes."""

    of: Range
    sizes: tuple[str | int, ...]


AnyRange = Range | Choice | Array


def real(low: float, high: float) -> Range:
    """Numbers between two others, by orders of magnitude when both are positive and far apart."""
    return Range(low, high)


def whole(low: int, high: int) -> Range:
    """Whole numbers, ends included."""
    return Range(low, high, whole=True)


def choice(*values: Any) -> Choice:
    """One of these."""
    return Choice(values)


def array(of: Range, *sizes: str | int) -> Array:
    """An array whose sizes are numbers or names of ranges: ``array(real(-1, 1), "d")`` beside ``d=whole(1, 4)``."""
    return Array(of, sizes)


def check_ranges(name: str, ranges: Mapping[str, AnyRange], parameters: Mapping[str, Any]) -> None:
    """Refuse ranges of what a problem does not have: neither a parameter nor the size of an array."""
    sizes = {
        size for r in ranges.values() if isinstance(r, Array) for size in r.sizes if isinstance(size, str)
    }
    for key in ranges:
        if key not in parameters and key not in sizes:
            raise InputError(
                f"problem {name}: search= names {key}, which is no parameter and no array's size."
            )
    for size in sizes:
        if not (isinstance(ranges.get(size), Range) and ranges[size].whole):  # type: ignore[union-attr]
            raise InputError(
                f"problem {name}: search= has an array of size {size}; give {size}=whole(...) too."
            )
