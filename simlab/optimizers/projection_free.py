"""Methods that never project: each step asks for a support point of the feasible set."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Oracle, full_gradient
from simlab.vocabulary.method import method


@kernel
def lowest_point(objective: Objective, gradient: Vector, scratch: Vector, out: Vector) -> None:
    """A point u of the feasible set that minimizes gradient . u: the prox kernel's answer to an infinite step."""
    for i in range(gradient.size):
        scratch[i] = -gradient[i]
    objective.prox(objective.data, math.inf, scratch, out)


@method(parameters={"step_size": lambda k: 2 / (k + 2)}, memory=3, needs=("prox",))
@kernel
def frank_wolfe(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + step_size * (s - x), with s the point of the feasible set that minimizes grad f(x) . s

    The step size 2 / (k + 2) is the default. Frank & Wolfe 1956.
    """
    gradient, scratch, s = memory[0], memory[1], memory[2]
    full_gradient(oracle, x, gradient)
    lowest_point(oracle.objective, gradient, scratch, s)
    for i in range(x.size):
        x[i] += parameters[0] * (s[i] - x[i])
