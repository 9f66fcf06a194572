"""Mirror descent: gradient steps in the geometry of an entropy."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, stochastic_gradient
from simlab.vocabulary.method import method


@method(parameters=("step_size",))
@kernel
def exponentiated_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i exp(-step_size * G_i) / sum_j x_j exp(-step_size * G_j): mirror descent with the negative
    entropy

    The iterates stay on the simplex. With losses G of experts it is the algorithm Hedge. Kivinen & Warmuth 1997.
    """
    gradient = memory[0]
    stochastic_gradient(oracle, k, x, gradient)
    least = math.inf
    for i in range(x.size):
        if x[i] > 0.0:
            least = min(least, gradient[i])
    total = 0.0
    for i in range(x.size):  # relative to the least loss that counts, so that not all weights vanish
        if x[i] > 0.0:
            x[i] *= math.exp(-parameters[0] * (gradient[i] - least))
        total += x[i]
    for i in range(x.size):
        x[i] /= total


@method(parameters=("step_size",))
@kernel
def burg_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i / (1 + step_size * x_i * df/dx_i): mirror descent with Burg's entropy h(x) = -sum log x_i

    1/x_i+ = 1/x_i + step_size * df/dx_i; positive x stay positive while the denominators do. Also called Bregman
    gradient, or NoLips: Bauschke, Bolte & Teboulle 2017.
    """
    gradient = memory[0]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        x[i] /= 1.0 + parameters[0] * x[i] * gradient[i]
