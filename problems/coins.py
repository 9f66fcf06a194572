"""Randomness of methods that draw a term of a finite sum and toss a coin in every step."""

import numpy as np

from problems.sampling import single_term, terms_of
from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.random import integer_below, uniform
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem


@kernel
def draw_term_and_coin(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """A uniform index below noise[0], and 1 with probability noise[1], else 0."""
    sample[0] = integer_below(rng, int(noise[0]))
    sample[1] = 1.0 if uniform(rng) < noise[1] else 0.0


@noise()
def term_and_coin(problem: Problem, probability: float = 0.5) -> Noise:
    """One uniformly random term of a finite sum a step, and a coin that shows 1 with this probability."""
    if not 0 < probability <= 1:
        raise InputError(f"noise term-and-coin: the probability must lie in (0, 1], not {probability!r}.")
    n = terms_of(problem)
    coin = ((1.0, probability), (0.0, 1 - probability))
    return Noise(
        name="term-and-coin",
        draw=draw_term_and_coin,
        disturb=single_term,
        parameters=[n, probability],
        sample=2,
        support=[(p / n, np.array([float(i), shown])) for i in range(n) for shown, p in coin if p > 0],
        label=f"term-and-coin(probability={probability:g})",
    )
