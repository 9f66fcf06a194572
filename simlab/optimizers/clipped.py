"""Gradient clipping."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, stochastic_gradient
from simlab.vocabulary.method import method


@method(parameters=("step_size", "longest"))
@kernel
def clipped_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - min(step_size, longest / |G(x)|) * G(x): no step is longer than ``longest``

    Zhang, He, Sra & Jadbabaie 2020, Algorithm 1, with longest = step_size * their clipping threshold.
    """
    gradient = memory[0]
    stochastic_gradient(oracle, k, x, gradient)
    square = 0.0
    for i in range(x.size):
        square += gradient[i] ** 2
    step, length = parameters[0], math.sqrt(square)
    if step * length > parameters[1]:
        step = parameters[1] / length
    for i in range(x.size):
        x[i] -= step * gradient[i]
