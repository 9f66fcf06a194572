"""Proximal methods for composite objectives F = f + g."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, proximal_map, stochastic_gradient
from simlab.vocabulary.method import method


@method(parameters=("step_size",), memory=2, needs=("prox",))
@kernel
def proximal_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = prox_(step_size * g)(x - step_size * grad f(x)), for F = f + g with f smooth and g proximable"""
    gradient, forward = memory[0], memory[1]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        forward[i] = x[i] - parameters[0] * gradient[i]
    proximal_map(oracle, parameters[0], forward, x)


@method(parameters=("step_size",), memory=2, needs=("prox",))
@kernel
def proximal_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = prox_(step_size * g)(x - step_size * G(x)), with one stochastic gradient G of f a step

    Projected SGD where g is the indicator function of a convex set.
    """
    gradient, forward = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        forward[i] = x[i] - parameters[0] * gradient[i]
    proximal_map(oracle, parameters[0], forward, x)


@method(parameters=("step_size",), memory=1, needs=("prox",))
@kernel
def proximal_point(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = prox_(step_size * f)(x), for an f whose proximal map is known: the implicit gradient step

    Martinet 1970; Rockafellar 1976.
    """
    for i in range(x.size):
        memory[0, i] = x[i]
    proximal_map(oracle, parameters[0], memory[0], x)
