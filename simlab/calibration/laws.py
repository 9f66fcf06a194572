"""Laws of mean 1 in closed form: what the runs of a synthetic claim are drawn from."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Draw = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]


@dataclass(frozen=True)
class Tilt:
    """The same law with another mean: its density is exp(slope x - offset) times that of the law of mean 1."""

    draw: Draw
    slope: float
    offset: float


@dataclass(frozen=True)
class Law:
    """How to draw from a law of mean 1, and its moments.

    ``tilt`` gives the exponential family through it by the mean, where that is known in closed form: with it an
    event that is far too rare to be counted can be measured, by drawing where it is frequent.
    """

    draw: Draw
    kurtosis: float
    variance: float
    signed: bool = False
    tilt: Callable[[float], Tilt] | None = None


def bernoulli(p: float) -> Law:
    """1/p with probability p, else 0. Its mean is tilted only as far as the other value keeps a sixteenth."""
    centred = 1 - 3 * p * (1 - p)

    def tilt(mean: float) -> Tilt:
        hit = min(mean * p, 1 - (1 - p) / 16)
        miss = (1 - hit) / (1 - p)
        return Tilt(
            lambda rng, size: (rng.random(size) < hit) / p, p * math.log(hit / p / miss), -math.log(miss)
        )

    return Law(tilt(1.0).draw, centred / (p * (1 - p)), (1 - p) / p, tilt=tilt)


def gamma(shape: float) -> Law:
    """The gamma law of this shape: exponential for 1, chi-square with one degree of freedom for 1/2."""

    def tilt(mean: float) -> Tilt:
        return Tilt(
            lambda rng, size: mean / shape * rng.standard_gamma(shape, size),
            shape * (1 - 1 / mean),
            shape * math.log(mean),
        )

    return Law(tilt(1.0).draw, 3 + 6 / shape, 1 / shape, tilt=tilt)


def normal(sigma: float) -> Law:
    """A normal law: of both signs, however rarely."""

    def tilt(mean: float) -> Tilt:
        return Tilt(
            lambda rng, size: mean + sigma * rng.standard_normal(size),
            (mean - 1) / sigma**2,
            (mean**2 - 1) / (2 * sigma**2),
        )

    return Law(tilt(1.0).draw, 3.0, sigma**2, signed=True, tilt=tilt)


def lognormal(sigma: float) -> Law:
    """exp(sigma Z - sigma^2/2)."""
    square = math.exp(sigma**2)
    return Law(
        lambda rng, size: np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2),
        square**4 + 2 * square**3 + 3 * square**2 - 3,
        square - 1,
    )


def pareto(index: float) -> Law:
    """A Pareto law: moments of this order and beyond do not exist. Given for indices up to 4."""
    variance = 1 / (index * (index - 2)) if index > 2 else math.inf
    return Law(lambda rng, size: rng.random(size) ** (-1 / index) * (index - 1) / index, math.inf, variance)


# Laws that the promise about false violations covers on both sides: kurtosis of at most 100.
MODERATE: dict[str, Law] = {
    "constant": Law(lambda rng, size: np.ones(size), 1.0, 0.0),
    "normal": normal(0.3),
    "exponential": gamma(1.0),
    "chi-square": gamma(0.5),
    "lognormal, sigma 0.9": lognormal(0.9),
    "rare 1/90": bernoulli(1 / 90),
}

# Laws that cannot be negative, which is all that the promise needs where too large a value is a violation.
HEAVY: dict[str, Law] = {
    **MODERATE,
    "lognormal, sigma 2": lognormal(2.0),
    "rare 1/1000": bernoulli(1 / 1000),
    "rare drop": bernoulli(1 - 1 / 1000),
    "Pareto, finite variance": pareto(2.5),
    "Pareto, infinite variance": pareto(1.5),
}
del HEAVY["normal"]
