"""Sampling by discretized Langevin dynamics."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, draw_sample, full_gradient
from simlab.vocabulary.method import method


@method(parameters=("step_size",), linear=True)
@kernel
def unadjusted_langevin(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * grad f(x) + sqrt(2 * step_size) * u, with u the sample of the noise

    With independent standard normals u, noise ``standard_normal``, it samples the density exp(-f) nearly.
    """
    gradient = memory[0]
    draw_sample(oracle, k)
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        x[i] += math.sqrt(2.0 * parameters[0]) * oracle.sample[i] - parameters[0] * gradient[i]
