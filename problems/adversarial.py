"""Oracles that break what theorems assume, for their controls."""

from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem


@kernel
def negative_gradient(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """-grad f(x)."""
    objective.gradient(objective.data, x, out)
    for i in range(x.size):
        out[i] = -out[i]


@noise()
def flipped(problem: Problem) -> Noise:
    """The gradient with its sign flipped, so that methods ascend: as large as the gradient, but far from unbiased.

    The bounds of adaptive methods contain the step size and hold for steps of any length; this is what they do
    not survive.
    """
    return Noise(name="flipped", disturb=negative_gradient, label="flipped sign")
