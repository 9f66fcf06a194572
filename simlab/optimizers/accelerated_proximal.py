"""Accelerated proximal gradient methods (FISTA)."""

import math

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, proximal_map
from simlab.vocabulary.method import method


@kernel
def extrapolated_proximal_step(
    x: Vector, memory: Matrix, step_size: float, momentum: float, oracle: Oracle
) -> None:
    """x+ = prox_(step_size * g)(y - step_size * grad f(y)), y+ = x+ + momentum * (x+ - x), with y in memory[1]."""
    gradient, y, moved = memory[0], memory[1], memory[2]
    full_gradient(oracle, y, gradient)
    for i in range(x.size):
        gradient[i] = y[i] - step_size * gradient[i]
    proximal_map(oracle, step_size, gradient, moved)
    for i in range(x.size):
        y[i] = moved[i] + momentum * (moved[i] - x[i])
        x[i] = moved[i]


@method(parameters=("step_size",), memory=3, outputs={"y": 1}, needs=("prox",))
@kernel
def fista(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = prox_(step_size * g)(y_k - step_size * grad f(y_k)), y_(k+1) = x_(k+1) + k / (k + 3) * (x_(k+1)
    - x_k)

    With y_0 = x_0, for F = f + g. The output "y" can be measured from k = 1 on. FISTA with the momentum k / (k
    + 3) in place of the recursion for it.
    """
    if k == 0:
        for i in range(x.size):
            memory[1, i] = x[i]
    extrapolated_proximal_step(x, memory, parameters[0], k / (k + 3.0), oracle)


@method(parameters=("step_size",), memory=4, outputs={"y": 1}, needs=("prox",))
@kernel
def fista_recursive(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = prox_(step_size * g)(y_k - step_size * grad f(y_k)), y_(k+1) = x_(k+1) + (t_k - 1) / t_(k+1) *
    (x_(k+1) - x_k), where t_(k+1) = (1 + sqrt(1 + 4 t_k^2)) / 2

    With y_0 = x_0 and t_0 = 1, for F = f + g. The output "y" can be measured from k = 1 on. Beck & Teboulle 2009,
    FISTA with constant step size (who count from 1).
    """
    if k == 0:
        memory[3, 0] = 1.0
        for i in range(x.size):
            memory[1, i] = x[i]
    t = memory[3, 0]
    memory[3, 0] = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * t * t))
    extrapolated_proximal_step(x, memory, parameters[0], (t - 1.0) / memory[3, 0], oracle)
