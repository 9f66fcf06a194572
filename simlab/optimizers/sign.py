"""Methods that use the signs of gradients only, or their direction: signSGD, signSGD with error feedback, Lion, and
normalized SGD with momentum.

The sign of 0 is 1 here, so that no step is empty: PyTorch's sign(0) = 0 lets ties decide whether signSGD is stuck.
"""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, stochastic_gradient
from simlab.vocabulary.method import REQUIRED, method


@kernel
def sign(number: float) -> float:
    """1 for numbers of at least 0, -1 below; not a number stays what it is."""
    if number >= 0.0:
        return 1.0
    return -1.0 if number < 0.0 else number


@kernel
def mean_magnitude(x: Vector) -> float:
    """|x|_1 / d"""
    total = 0.0
    for i in range(x.size):
        total += abs(x[i])
    return total / x.size


@method(parameters=("step_size",))
@kernel
def signsgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * sign(G(x)), coordinate by coordinate

    Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Algorithm 1.
    """
    gradient = memory[0]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * sign(gradient[i])


@method(parameters=("step_size",))
@kernel
def scaled_signsgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * |G(x)|_1 / d * sign(G(x)): signs with the mean magnitude, and no error feedback

    Karimireddy, Rebjock, Stich & Jaggi 2019, section 3.
    """
    gradient = memory[0]
    stochastic_gradient(oracle, k, x, gradient)
    scale = mean_magnitude(gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * scale * sign(gradient[i])


@method(parameters=("step_size",), memory=2, outputs={"error": 1})
@kernel
def ef_signsgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """p = step_size * G(x) + e, c = |p|_1 / d * sign(p), x+ = x - c, e+ = p - c, with e_0 = 0

    SignSGD with error feedback: Karimireddy, Rebjock, Stich & Jaggi 2019, Algorithm 1. The output "error" is e.
    """
    p, error = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, p)
    for i in range(x.size):
        p[i] = parameters[0] * p[i] + error[i]
    scale = mean_magnitude(p)
    for i in range(x.size):
        step = scale * sign(p[i])
        x[i] -= step
        error[i] = p[i] - step


@method(parameters=("step_size", "averaging"), memory=2)
@kernel
def normalized_momentum(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """m+ = (1 - averaging) * m + averaging * G(x), x+ = x - step_size * m+ / |m+|, with m+ = G(x_0) in step 0

    Cutkosky & Mehta 2020, Algorithm 1 without the extrapolation. With averaging 1 it is normalized SGD. Where m+ is
    0 there is no step.
    """
    gradient, m = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    weight = parameters[1] if k > 0 else 1.0
    square = 0.0
    for i in range(x.size):
        m[i] = (1.0 - weight) * m[i] + weight * gradient[i]
        square += m[i] ** 2
    if square != 0.0:
        for i in range(x.size):
            x[i] -= parameters[0] * m[i] / math.sqrt(square)


@method(parameters={"step_size": REQUIRED, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}, memory=2)
@kernel
def lion(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = (1 - step_size * weight_decay) * x - step_size * sign(beta1 * m + (1 - beta1) * G(x)), then
    m+ = beta2 * m + (1 - beta2) * G(x), with m_0 = 0

    Chen et al. 2023, Algorithm 2.
    """
    gradient, m = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        direction = sign(parameters[1] * m[i] + (1.0 - parameters[1]) * gradient[i])
        x[i] -= parameters[0] * (parameters[3] * x[i] + direction)
        m[i] = parameters[2] * m[i] + (1.0 - parameters[2]) * gradient[i]
