"""Gradient descent whose step size comes from what it has seen: Polyak's, and that of Malitsky and Mishchenko."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient
from simlab.optimizers.line_search import square
from simlab.vocabulary.method import REQUIRED, method

# Differences of function values below this part of them are rounding.
LAST_DIGITS = 1e-15


@method(parameters={"minimum": REQUIRED, "scale": 1.0}, needs=("value",))
@kernel
def polyak_step(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - scale * (f(x) - minimum) / |g|^2 * g, with g = grad f(x), or a subgradient

    It stays where g = 0, and where f(x) is the minimum but for the last digits: their quotient would be anything.
    Polyak 1969 has the scale 1; on smooth strongly convex functions 2 is better.
    """
    gradient = memory[0]
    full_gradient(oracle, x, gradient)
    slope = square(gradient)
    if slope == 0.0:
        return
    value = oracle.objective.value(oracle.objective.data, x)
    if abs(value - parameters[0]) <= LAST_DIGITS * abs(value):
        return
    step = parameters[1] * (value - parameters[0]) / slope
    for i in range(x.size):
        x[i] -= step * gradient[i]


@kernel
def root_distance(left: Vector, right: Vector) -> float:
    """|left - right|."""
    total = 0.0
    for i in range(left.size):
        total += (left[i] - right[i]) ** 2
    return math.sqrt(total)


@method(parameters=("step_size",), memory=8, outputs={"average": 4})
@kernel
def adgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_k - t_k * grad f(x_k), with t_0 = step_size, t_k = min(sqrt(1 + r_(k-1)) * t_(k-1),
    |x_k - x_(k-1)| / (2 |grad f(x_k) - grad f(x_(k-1))|)) and r_k = t_k / t_(k-1)

    Adaptive gradient descent without descent, Malitsky & Mishchenko 2020, Algorithm 1, with r_0 = 0, so that a
    flat start cannot make t_1 infinite. After the step from x_k, k >= 1, the output "average" is the mean of
    x_1, ..., x_k with the weights t_i (1 + r_i) - t_(i+1) r_(i+1), of which the last is t_k (1 + r_k). The first
    entries of the last three rows of memory are t_k, r_k and the sum of the weights.
    """
    gradient, old_x, old_gradient, weighted, average = memory[0], memory[1], memory[2], memory[3], memory[4]
    length, ratio, total = memory[5], memory[6], memory[7]
    full_gradient(oracle, x, gradient)
    if k == 0:
        length[0], ratio[0] = parameters[0], 0.0
    else:
        step = math.sqrt(1.0 + ratio[0]) * length[0]
        change = root_distance(gradient, old_gradient)
        if change > 0.0:
            step = min(step, 0.5 * root_distance(x, old_x) / change)
        ratio[0], length[0] = step / length[0], step
        total[0] += step * (1.0 + ratio[0]) if k == 1 else step
        for i in range(x.size):
            weighted[i] += step * (1.0 + ratio[0]) * x[i]
            if k > 1:
                weighted[i] -= step * ratio[0] * old_x[i]
            average[i] = weighted[i] / total[0]
    for i in range(x.size):
        old_x[i], old_gradient[i] = x[i], gradient[i]
        x[i] -= length[0] * gradient[i]
