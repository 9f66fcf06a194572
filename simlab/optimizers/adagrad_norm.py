"""AdaGrad-Norm: one step size for all coordinates, made from the lengths of past gradients; and AdaGrad projected
onto a feasible set.
"""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, stochastic_gradient
from simlab.optimizers.adaptive import project
from simlab.vocabulary.method import REQUIRED, method

NORM = {"step_size": REQUIRED, "initial": 0.0}


@kernel
def norm_step(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """One step of AdaGrad-Norm; memory: the gradient, and b^2 in the first coordinate of the second row."""
    gradient, square = memory[0], memory[1]
    if k == 0:
        square[0] = parameters[1] ** 2
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        square[0] += gradient[i] ** 2
    if square[0] != 0.0:  # else the gradient is 0, and so is the step
        step = parameters[0] / math.sqrt(square[0])
        for i in range(x.size):
            x[i] -= step * gradient[i]


@method(parameters=NORM, memory=2)
@kernel
def adagrad_norm(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """b+^2 = b^2 + |G|^2, x+ = x - step_size * G / b+, with b_0 = initial

    Streeter & McMahan 2010; Ward, Wu & Bottou 2020, Algorithm 1.
    """
    norm_step(k, x, memory, parameters, oracle)


@method(parameters=NORM, memory=2, needs=("prox",))
@kernel
def projected_adagrad_norm(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """b+^2 = b^2 + |G|^2, x+ = P(x - step_size * G / b+), with b_0 = initial: projected onto the feasible set"""
    norm_step(k, x, memory, parameters, oracle)
    project(oracle, memory[0], x)


@method(parameters=("step_size",), memory=2, needs=("prox",))
@kernel
def projected_adagrad(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """s+ = s + G^2, x+ = P(x - step_size * G / sqrt(s+)), with s_0 = 0, coordinate by coordinate

    Duchi, Hazan & Singer 2011, with delta = 0; a coordinate whose gradients were all 0 stays. In a box the
    Euclidean projection P is also the projection in the norms that s defines.
    """
    gradient, total = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        total[i] += gradient[i] ** 2
        if total[i] != 0.0:
            x[i] -= parameters[0] * gradient[i] / math.sqrt(total[i])
    project(oracle, memory[0], x)
