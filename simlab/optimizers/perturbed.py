"""Perturbed methods, which leave saddles."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient
from simlab.kernels.random import fill_normals, uniform
from simlab.vocabulary.method import method


@method(parameters=("step_size", "radius"), needs=("rng",))
@kernel
def perturbed_gradient_descent(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = y - step_size * grad f(y), where y = x + radius * u at step 0 and y = x later

    u is uniform in the unit ball: one perturbation, before the first step.
    """
    gradient = memory[0]
    if k == 0:
        # A uniform direction, and a radius whose d-th power is uniform; the scratch row holds the direction.
        square = 0.0
        while not square > 0.0:
            fill_normals(oracle.rng, gradient)
            for i in range(x.size):
                square += gradient[i] ** 2
        length = parameters[1] * uniform(oracle.rng) ** (1.0 / x.size) / math.sqrt(square)
        for i in range(x.size):
            x[i] += length * gradient[i]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]
