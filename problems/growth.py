"""Gradient noise whose second moment is a multiple of the squared gradient."""

import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective
from simlab.kernels.random import uniform
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem


@kernel
def draw_rarely(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """noise[0] with probability 1 / noise[0], else 0."""
    sample[0] = noise[0] if uniform(rng) * noise[0] < 1.0 else 0.0


@kernel
def scale_gradient(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """sample[0] * grad f(x)."""
    objective.gradient(objective.data, x, out)
    for i in range(x.size):
        out[i] *= sample[0]


@noise()
def scaled_at_random(problem: Problem, growth: float = 2.0) -> Noise:
    """G = growth * grad f with probability 1/growth, else 0: unbiased, with E|G|^2 = growth |grad f|^2 everywhere.

    That is strong growth with the constant ``growth``, at least 1, exactly.
    """
    if not (math.isfinite(growth) and growth >= 1):
        raise InputError(
            f"noise scaled-at-random: growth must be a finite number of at least 1, not {growth!r}."
        )
    return Noise(
        name="scaled-at-random",
        draw=draw_rarely,
        disturb=scale_gradient,
        parameters=[growth],
        sample=1,
        support=[(1 / growth, np.array([growth])), (1 - 1 / growth, np.array([0.0]))],
        label=f"scaled-at-random(growth={growth:g})",
    )
