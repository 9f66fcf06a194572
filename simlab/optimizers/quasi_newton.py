"""Quasi-Newton methods that need little memory: L-BFGS and the Barzilai-Borwein method."""

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, hessian
from simlab.optimizers.conjugate import dot
from simlab.optimizers.second_order import bfgs_step
from simlab.vocabulary.method import REQUIRED, method


@kernel
def two_loop(v: Vector, s: Matrix, y: Matrix, oldest: int, count: int, scale: float, weights: Matrix) -> None:
    """``v = P v`` for the inverse Hessian approximation P of L-BFGS, from ``count`` pairs (s, y) and P_0 = scale I.

    Pairs are rows in a ring that starts with row ``oldest``; ``weights`` (rows with room for ``count``) is scratch.
    Nocedal 1980; Nocedal & Wright 2006, Algorithm 7.4.
    """
    for back in range(count):
        j = (oldest + count - 1 - back) % s.shape[0]
        weight = dot(s[j], v) / dot(y[j], s[j])
        weights[back // v.size, back % v.size] = weight
        for i in range(v.size):
            v[i] -= weight * y[j, i]
    for i in range(v.size):
        v[i] *= scale
    for forth in range(count):
        j = (oldest + forth) % s.shape[0]
        back = count - 1 - forth
        weight = weights[back // v.size, back % v.size] - dot(y[j], v) / dot(y[j], s[j])
        for i in range(v.size):
            v[i] += weight * s[j, i]


@kernel
def secant_length(x: Vector, direction: Vector, gradient: Vector, work: Matrix, oracle: Oracle) -> float:
    """The minimizer over a of f(x + a direction) for a quadratic f, from the gradient at x + direction.

    0 where f does not curve up.
    """
    for i in range(x.size):
        work[0, i] = x[i] + direction[i]
    full_gradient(oracle, work[0], work[1])
    curvature = 0.0
    for i in range(x.size):
        curvature += direction[i] * (work[1, i] - gradient[i])
    return -dot(gradient, direction) / curvature if curvature > 0.0 else 0.0


@method(
    parameters={"pairs": 10.0, "step_size": 1.0, "exact": 0.0, "initial_curvature": 0.0},
    memory=lambda d, pairs: 6 + 2 * int(pairs) + -(-int(pairs) // d),
)
@kernel
def lbfgs(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + a * p, p = -P grad f(x): BFGS with the last ``pairs`` pairs s = x+ - x, y = grad f(x+) - grad f(x)

    P is applied by the two-loop recursion, from P_0 = s'y / y'y * I with the last pair (at first from I), or from
    I / initial_curvature where that is above 0. a = step_size; with ``exact`` 1 it is the exact minimizer
    along p for quadratics, found from one more gradient. Pairs with y's <= 0 are left out, and ones so short that
    y'y underflows.
    Nocedal 1980; Liu & Nocedal 1989.
    """
    capacity = int(parameters[0])
    gradient, direction, moved, work, counts = memory[0], memory[1], memory[2], memory[3:5], memory[5]
    s, y = memory[6 : 6 + capacity], memory[6 + capacity : 6 + 2 * capacity]
    weights = memory[6 + 2 * capacity :]
    # The pairs that have been stored fill the ring in turn; their number is counts[0].
    stored = int(counts[0])
    count, oldest = min(stored, capacity), stored % capacity if stored > capacity else 0
    full_gradient(oracle, x, gradient)
    scale = 1.0 / parameters[3] if parameters[3] > 0.0 else 1.0
    if count > 0 and parameters[3] == 0.0:
        last = (stored - 1) % capacity
        scale = dot(s[last], y[last]) / dot(y[last], y[last])
    for i in range(x.size):
        direction[i] = -gradient[i]
    two_loop(direction, s, y, oldest, count, scale, weights)
    if dot(direction, direction) == 0.0:
        return
    length = parameters[1]
    if parameters[2] != 0.0:
        length = secant_length(x, direction, gradient, work, oracle)
    for i in range(x.size):
        direction[i] *= length
        x[i] += direction[i]
    full_gradient(oracle, x, moved)
    for i in range(x.size):
        moved[i] -= gradient[i]
    if dot(moved, direction) > 0.0 and dot(moved, moved) > 0.0:
        copy_into(s[stored % capacity], direction)
        copy_into(y[stored % capacity], moved)
        counts[0] = stored + 1.0


@kernel
def invert_in_place(matrix: Matrix) -> None:
    """``matrix = matrix^(-1)`` by Gauss-Jordan elimination without pivoting, for positive definite matrices."""
    for c in range(matrix.shape[0]):
        pivot = matrix[c, c]
        matrix[c, c] = 1.0
        for j in range(matrix.shape[0]):
            matrix[c, j] /= pivot
        for i in range(matrix.shape[0]):
            if i != c:
                factor = matrix[i, c]
                matrix[i, c] = 0.0
                for j in range(matrix.shape[0]):
                    matrix[i, j] -= factor * matrix[c, j]


@method(memory=lambda d: d + 4, needs=("hessian",))
@kernel
def bfgs_from_hessian(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + s with s = -P grad f(x), and P+ = (I - s y'/y's) P (I - y s'/y's) + s s'/y's, with P_0 = H(x_0)^(-1)

    BFGS with unit steps, started from the true Hessian, which must be positive definite. Jin & Mokhtari 2023.
    """
    if k == 0:
        hessian(oracle, x, memory[4:])
        invert_in_place(memory[4:])
    bfgs_step(x, memory, oracle)


@method(parameters={"first_step": REQUIRED, "short": 0.0}, memory=3)
@kernel
def barzilai_borwein(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - a * grad f(x) with a = s's / s'y, s = x_k - x_(k-1), y = grad f(x_k) - grad f(x_(k-1))

    The first step size is ``first_step``. With ``short`` 1, a = s'y / y'y. Where s'y is not positive the step
    size is ``first_step`` again. Barzilai & Borwein 1988, (5) and (6).
    """
    gradient, before, slope = memory[0], memory[1], memory[2]
    full_gradient(oracle, x, gradient)
    size, cross, change = 0.0, 0.0, 0.0
    for i in range(x.size):
        s, y = x[i] - before[i], gradient[i] - slope[i]
        size += s * s
        cross += s * y
        change += y * y
    step = parameters[0]
    if k > 0 and cross > 0.0:
        step = cross / change if parameters[1] != 0.0 else size / cross
    for i in range(x.size):
        before[i], slope[i] = x[i], gradient[i]
        x[i] -= step * gradient[i]
