"""What can be measured on an iterate, and on a pair of coupled iterates."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data, Objective, Reference
from simlab.vocabulary.quantity import pair_quantity, quantity


@quantity(latex=r"f(x) - f^\star", quadratic=True)
@kernel
def suboptimality(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """f(x) - f*, in units of f."""
    return objective.value(objective.data, x) - reference.minimum


@quantity(latex=r"\|x - x^\star\|^2", quadratic=True)
@kernel
def distance_squared(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|x - x*|^2."""
    total = 0.0
    for i in range(x.size):
        total += (x[i] - reference.minimizer[i]) ** 2
    return total


@quantity(latex=r"\|x - x^\star\|")
@kernel
def distance(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|x - x*|."""
    total = 0.0
    for i in range(x.size):
        total += (x[i] - reference.minimizer[i]) ** 2
    return math.sqrt(total)


@quantity(latex=r"\|\nabla f(x)\|^2", quadratic=True)
@kernel
def gradient_norm_squared(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|grad f(x)|^2."""
    objective.gradient(objective.data, x, work[1])
    total = 0.0
    for i in range(x.size):
        total += work[1, i] ** 2
    return total


@quantity(latex=r"\|\nabla f(x)\|")
@kernel
def gradient_norm(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|grad f(x)|."""
    objective.gradient(objective.data, x, work[1])
    total = 0.0
    for i in range(x.size):
        total += work[1, i] ** 2
    return math.sqrt(total)


@quantity(latex=r"\|x\|_\infty")
@kernel
def max_norm(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """The largest coordinate in magnitude."""
    largest = 0.0
    for i in range(x.size):
        if not (abs(x[i]) <= largest):
            largest = abs(x[i])
        if largest != largest:
            break
    return largest


# --- networks: x holds the workers' iterates one after the other; scalars[0] is their number --------------------


@kernel
def mean_iterate(objective: Objective, x: Vector, out: Vector) -> int:
    """Write the workers' mean into ``out[:d]`` and return the local dimension d."""
    workers = int(objective.data.scalars[0])
    size = x.size // workers
    for j in range(size):
        total = 0.0
        for i in range(workers):
            total += x[i * size + j]
        out[j] = total / workers
    return size


@kernel
def spread_mean(objective: Objective, x: Vector, out: Vector) -> None:
    """Every worker's place in ``out`` filled with the workers' mean."""
    size = mean_iterate(objective, x, out)
    for i in range(size, x.size):
        out[i] = out[i - size]


@quantity(latex=r"f(\bar x) - f^\star", quadratic=True)
@kernel
def mean_suboptimality(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """f(mean of the workers) - f*, with f the mean of the local objectives."""
    spread_mean(objective, x, work[1])
    return objective.value(objective.data, work[1]) - reference.minimum


@quantity(latex=r"\|X - \bar X\|_F^2", quadratic=True)
@kernel
def consensus_error(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """sum over workers of |x_i - mean|^2."""
    size = mean_iterate(objective, x, work[1])
    total = 0.0
    for i in range(x.size):
        total += (x[i] - work[1, i % size]) ** 2
    return total


@quantity(latex=r"\|\nabla f(\bar x)\|^2", quadratic=True)
@kernel
def mean_gradient_norm_squared(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|grad f(mean of the workers)|^2, with f the mean of the local objectives."""
    spread_mean(objective, x, work[1])
    objective.gradient(objective.data, work[1], work[2])
    size = mean_iterate(objective, work[2], work[1])
    total = 0.0
    for j in range(size):
        total += work[1, j] ** 2
    return total


@quantity(latex=r"\|\bar x - x^\star\|^2", quadratic=True)
@kernel
def mean_distance_squared(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|mean of the workers - x*|^2."""
    size = mean_iterate(objective, x, work[1])
    total = 0.0
    for j in range(size):
        total += (work[1, j] - reference.minimizer[j]) ** 2
    return total


# --- pairs of coupled runs -----------------------------------------------------------------------------------


@pair_quantity(latex=r"\|w_T - w'_T\|")
@kernel
def argument_stability(
    objective: Objective, base: Data, test: Matrix, x: Vector, other: Vector, out: Vector
) -> None:
    """The distance between the coupled iterates."""
    total = 0.0
    for i in range(x.size):
        total += (x[i] - other[i]) ** 2
    out[0] = math.sqrt(total)


def _both_signs(tests: int) -> int:
    return 2 * tests


@pair_quantity(latex=r"\sup_z |f(w_T; z) - f(w'_T; z)|", outputs=_both_signs, signed=True)
@kernel
def loss_stability(
    objective: Objective, base: Data, test: Matrix, x: Vector, other: Vector, out: Vector
) -> None:
    """f(w; z) - f(w'; z) and its negative for each test example z.

    The expectation is taken of each before the largest is chosen, as uniform stability is defined.
    """
    for z in range(test.shape[0]):
        example = Data(base.scalars, test[z : z + 1])
        gap = objective.value(example, x) - objective.value(example, other)
        out[2 * z], out[2 * z + 1] = gap, -gap
