"""Noise whose mean is 0 but whose median is not: what signs and directions of gradients do not survive."""

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import add_sample
from simlab.kernels.random import uniform
from simlab.vocabulary.assumptions import BoundedVariance, Workers
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem


@kernel
def draw_skewed(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Independent coordinates: 3 noise[0] with probability 1/4, else -noise[0]."""
    for i in range(sample.size):
        sample[i] = 3.0 * noise[0] if uniform(rng) < 0.25 else -noise[0]


@noise()
def skewed(problem: Problem, variance: float = 1.0) -> Noise:
    """Independent coordinates, 3 s with probability 1/4 and -s else, with E|xi|^2 = variance = 3 d s^2.

    Three of four draws are negative, so that theorems about bounded variance do not choose it by themselves:
    sampled means need many runs.
    """
    if not variance >= 0 or Workers in problem.known:
        raise InputError(f"noise skewed: needs one machine and a variance of at least 0, not {variance!r}.")
    d = problem.dimension
    return Noise(
        name="skewed",
        draw=draw_skewed,
        disturb=add_sample,
        parameters=[np.sqrt(variance / (3 * d))],
        sample=d,
        assumptions=(BoundedVariance(variance),),
        covariance=np.eye(d) * variance / d,
        label=f"skewed(variance={variance:g})",
    )
