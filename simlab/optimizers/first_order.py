"""First-order methods: gradient descent, stochastic gradient descent, momentum and acceleration."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, stochastic_gradient
from simlab.vocabulary.method import REQUIRED, method


@method(parameters=("step_size",), linear=True)
@kernel
def gradient_descent(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * grad f(x)"""
    gradient = memory[0]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]


@method(parameters=("step_size",), linear=True)
@kernel
def sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * G(x), with one stochastic gradient G a step"""
    gradient, step_size = memory[0], parameters[0]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        x[i] -= step_size * gradient[i]


@method(parameters=("step_size", "momentum"), memory=2, linear=True)
@kernel
def heavy_ball(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_k - step_size * grad f(x_k) + momentum * (x_k - x_(k-1)), with x_(-1) = x_0

    Polyak 1964.
    """
    gradient, previous = memory[0], memory[1]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        if k == 0:
            previous[i] = x[i]
        moved = x[i] - parameters[0] * gradient[i] + parameters[1] * (x[i] - previous[i])
        previous[i] = x[i]
        x[i] = moved


@kernel
def extrapolated_step(x: Vector, memory: Matrix, step_size: float, momentum: float, oracle: Oracle) -> None:
    """x+ = y - step_size * grad f(y), y+ = x+ + momentum * (x+ - x), with y in the second row of memory."""
    gradient, y = memory[0], memory[1]
    full_gradient(oracle, y, gradient)
    for i in range(x.size):
        moved = y[i] - step_size * gradient[i]
        y[i] = moved + momentum * (moved - x[i])
        x[i] = moved


@method(parameters=("step_size",), memory=2, outputs={"y": 1}, linear=True)
@kernel
def nesterov(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = y_k - step_size * grad f(y_k), y_(k+1) = x_(k+1) + k / (k + 3) * (x_(k+1) - x_k), with y_0 = x_0

    For convex functions. The output "y" is the extrapolated point; it can be measured from k = 1 on.
    Nesterov 1983, with the momentum k / (k + 3) in place of the recursion for it.
    """
    if k == 0:
        for i in range(x.size):
            memory[1, i] = x[i]
    extrapolated_step(x, memory, parameters[0], k / (k + 3.0), oracle)


@method(parameters=("step_size", "strong_convexity"), memory=2, outputs={"y": 1}, linear=True)
@kernel
def nesterov_strongly_convex(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = y_k - step_size * grad f(y_k), y_(k+1) = x_(k+1) + b * (x_(k+1) - x_k), with y_0 = x_0

    b = (1 - sqrt q) / (1 + sqrt q), where q = step_size * strong_convexity. The output "y" is the extrapolated
    point; it can be measured from k = 1 on. Nesterov 2004, scheme (2.2.9) (constant step).
    """
    if k == 0:
        for i in range(x.size):
            memory[1, i] = x[i]
    root = math.sqrt(parameters[0] * parameters[1])
    extrapolated_step(x, memory, parameters[0], (1.0 - root) / (1.0 + root), oracle)


@method(
    parameters={
        "step_size": REQUIRED,
        "momentum": REQUIRED,
        "dampening": 0.0,
        "nesterov": 0.0,
        "weight_decay": 0.0,
    },
    memory=2,
    linear=True,
)
@kernel
def sgd_momentum(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """b+ = momentum * b + (1 - dampening) * G, x+ = x - step_size * b+, where G = G(x) + weight_decay * x

    The first b+ is G itself, without dampening. With ``nesterov`` 1, x+ = x - step_size * (G + momentum * b+).
    This is PyTorch's convention: G is not scaled by 1 - momentum, and the step size multiplies the whole buffer.
    """
    step_size, momentum, dampening = parameters[0], parameters[1], parameters[2]
    gradient, buffer = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        g = gradient[i] + parameters[4] * x[i]
        buffer[i] = g if k == 0 else momentum * buffer[i] + (1.0 - dampening) * g
        x[i] -= step_size * (g + momentum * buffer[i] if parameters[3] != 0.0 else buffer[i])
