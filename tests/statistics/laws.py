"""Laws of mean 1 in closed form, for measuring error rates: name to (draw, kurtosis)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Draw = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]


def rare(p: float) -> Draw:
    """1/p with probability p, else 0."""
    return lambda rng, size: (rng.random(size) < p) / p


# Laws that the promise about false violations covers on both sides: kurtosis of at most 100.
MODERATE: dict[str, tuple[Draw, float]] = {
    "constant": (lambda rng, size: np.ones(size), 1.0),
    "normal": (lambda rng, size: 1 + 0.3 * rng.standard_normal(size), 3.0),
    "exponential": (lambda rng, size: rng.standard_exponential(size), 9.0),
    "chi-square": (lambda rng, size: rng.standard_normal(size) ** 2, 15.0),
    "lognormal, sigma 0.9": (lambda rng, size: np.exp(0.9 * rng.standard_normal(size) - 0.405), 60.0),
    "rare 1/90": (rare(1 / 90), 88.0),
}

# Laws that cannot be negative, which is all that the promise needs where too large a value is a violation.
HEAVY: dict[str, tuple[Draw, float]] = {
    **MODERATE,
    "lognormal, sigma 2": (lambda rng, size: np.exp(2 * rng.standard_normal(size) - 2), 3e7),
    "rare 1/1000": (rare(1 / 1000), 997.0),
    "rare drop": (lambda rng, size: (rng.random(size) >= 0.001) / 0.999, 997.0),
    "infinite variance": (lambda rng, size: rng.random(size) ** (-1 / 1.5) / 3, np.inf),
    "squared Student t": (lambda rng, size: rng.standard_t(3, size) ** 2 / 3, np.inf),
}
del HEAVY["normal"]
