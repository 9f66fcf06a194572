"""Gradient descent with line searches: exact, and by backtracking."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient
from simlab.vocabulary.method import method

# Halvings after which a bracket of step sizes has shrunk to two neighbouring floats, or nearly so.
HALVINGS = 200


@kernel
def square(vector: Vector) -> float:
    """|vector|^2."""
    total = 0.0
    for i in range(vector.size):
        total += vector[i] ** 2
    return total


@kernel
def slope_along(oracle: Oracle, x: Vector, direction: Vector, step: float, work: Matrix) -> float:
    """The derivative of f(x - step * direction) by the step; ``work`` has two rows of scratch."""
    for i in range(x.size):
        work[0, i] = x[i] - step * direction[i]
    full_gradient(oracle, work[0], work[1])
    total = 0.0
    for i in range(x.size):
        total -= work[1, i] * direction[i]
    return total


@method(memory=3)
@kernel
def exact_line_search(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - t * grad f(x), with the t >= 0 that minimizes f(x - t * grad f(x))

    For convex f: t is where the slope along the line changes its sign, bracketed by doubling and found by
    halving, as exactly as floating point allows. Cauchy 1847.
    """
    direction, work = memory[0], memory[1:]
    full_gradient(oracle, x, direction)
    if square(direction) == 0.0:
        return
    low, high = 0.0, 1.0
    while slope_along(oracle, x, direction, high, work) < 0.0 and high < 1e100:
        low, high = high, 2.0 * high
    for _ in range(HALVINGS):
        middle = low + 0.5 * (high - low)
        if middle in (low, high):
            break
        if slope_along(oracle, x, direction, middle, work) < 0.0:
            low = middle
        else:
            high = middle
    for i in range(x.size):
        x[i] -= high * direction[i]


@method(parameters=("step_size", "factor"), memory=2, needs=("value",))
@kernel
def backtracking(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - t * grad f(x), with t the first of step_size, factor * step_size, factor^2 * step_size, ... for
    which f(x+) <= f(x) - t / 2 * |grad f(x)|^2

    Every step starts again from ``step_size``. Armijo 1966, with 1/2 for the fraction of the decrease.
    """
    gradient, trial = memory[0], memory[1]
    full_gradient(oracle, x, gradient)
    value, slope, step = oracle.objective.value(oracle.objective.data, x), square(gradient), parameters[0]
    while True:
        for i in range(x.size):
            trial[i] = x[i] - step * gradient[i]
        found = oracle.objective.value(oracle.objective.data, trial)
        # Not even a step of 0 passes when f is not a number.
        if found <= value - 0.5 * step * slope or step == 0.0:
            break
        step *= parameters[1]
    for i in range(x.size):
        x[i] = trial[i]
