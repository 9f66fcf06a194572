"""Accelerated methods with chosen sequences of momentum: Nesterov's own, the optimal one, and triple momentum."""

import functools
import math

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient
from simlab.optimizers.first_order import extrapolated_step
from simlab.vocabulary.method import REQUIRED, method


def theta(k: int) -> float:
    """theta_k, where theta_0 = 1 and theta_(k+1) = (1 + sqrt(1 + 4 theta_k^2)) / 2 (Nesterov 1983)."""
    t = 1.0
    for _ in range(k):
        t = (1 + math.sqrt(1 + 4 * t**2)) / 2
    return t


theta_of = functools.cache(theta)  # schedules ask for it in every step


def last_theta(k: int) -> float:
    """(1 + sqrt(1 + 8 theta_(k-1)^2)) / 2, which takes the place of theta_k in the last step; 1 for k = 0."""
    return (1 + math.sqrt(1 + 8 * theta_of(k - 1) ** 2)) / 2 if k > 0 else 1.0


def nesterov_momentum(k: int) -> float:
    """(theta_k - 1) / theta_(k+1)."""
    return (theta_of(k) - 1) / theta_of(k + 1)


@method(
    parameters={"step_size": REQUIRED, "momentum": nesterov_momentum},
    memory=2,
    outputs={"y": 1},
    linear=True,
)
@kernel
def accelerated_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = y_k - step_size * grad f(y_k), y_(k+1) = x_(k+1) + momentum * (x_(k+1) - x_k), with y_0 = x_0

    The momentum may depend on k; by default it is Nesterov's (theta_k - 1) / theta_(k+1) with theta_0 = 1 and
    theta_(k+1) = (1 + sqrt(1 + 4 theta_k^2)) / 2. The output "y" can be measured from k = 1 on.
    Nesterov 1983; Beck & Teboulle 2009.
    """
    if k == 0:
        copy_into(memory[1], x)
    extrapolated_step(x, memory, parameters[0], parameters[1], oracle)


@method(
    parameters={"step_size": REQUIRED, "theta": theta_of}, memory=3, outputs={"y": 1, "final": 2}, linear=True
)
@kernel
def optimized_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = y_k - step_size * grad f(y_k), y_(k+1) = x_(k+1) + (t_k - 1) / t_(k+1) * (x_(k+1) - x_k) + t_k / t_(k+1) * (x_(k+1) - y_k), with y_0 = x_0

    t_0 = 1 and t_(k+1) = (1 + sqrt(1 + 4 t_k^2)) / 2. The output "final" is y_(k+1) with
    t_(k+1) = (1 + sqrt(1 + 8 t_k^2)) / 2 instead: what the method returns when it stops there. It and "y" can be
    measured from k = 1 on. Kim & Fessler 2016 (OGM2).
    """  # noqa: E501
    gradient, y, final = memory[0], memory[1], memory[2]
    if k == 0:
        copy_into(y, x)
    now = parameters[1]
    later = (1.0 + math.sqrt(1.0 + 4.0 * now**2)) / 2.0
    last = (1.0 + math.sqrt(1.0 + 8.0 * now**2)) / 2.0
    full_gradient(oracle, y, gradient)
    for i in range(x.size):
        moved = y[i] - parameters[0] * gradient[i]
        ahead = (now - 1.0) * (moved - x[i]) + now * (moved - y[i])
        final[i] = moved + ahead / last
        y[i] = moved + ahead / later
        x[i] = moved


@method(parameters=("smoothness", "strong_convexity"), memory=4, outputs={"output": 3}, linear=True)
@kernel
def triple_momentum(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = (1 + b) * x_k - b * x_(k-1) - a * grad f(y_k), y_k = (1 + c) * x_k - c * x_(k-1), with x_(-1) = x_0

    With r = 1 - sqrt(strong_convexity / smoothness): a = (1 + r) / smoothness, b = r^2 / (2 - r),
    c = r^2 / ((1 + r)(2 - r)). The "output" at step k is (1 + e) x_k - e x_(k-1) with e = r^2 / (1 - r^2); it can
    be measured from k = 1 on. Van Scoy, Freeman & Lynch 2018.
    """
    gradient, previous, y, output = memory[0], memory[1], memory[2], memory[3]
    if k == 0:
        copy_into(previous, x)
    r = 1.0 - math.sqrt(parameters[1] / parameters[0])
    a, b, c = (1.0 + r) / parameters[0], r**2 / (2.0 - r), r**2 / ((1.0 + r) * (2.0 - r))
    e = r**2 / (1.0 - r**2)
    for i in range(x.size):
        y[i] = (1.0 + c) * x[i] - c * previous[i]
    full_gradient(oracle, y, gradient)
    for i in range(x.size):
        moved = (1.0 + b) * x[i] - b * previous[i] - a * gradient[i]
        previous[i] = x[i]
        x[i] = moved
        output[i] = (1.0 + e) * x[i] - e * previous[i]
