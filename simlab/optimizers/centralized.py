"""Workers that share one centre: parallel, delayed, federated, elastic and leader stochastic gradient descent.

x of shape (m d,) holds the iterates of the m workers one after the other (the objective knows m), and G_i is
worker i's stochastic gradient; only ``delayed_sgd`` is about one iterate. A centre is a memory row, copied to every
worker's place so that it can be measured as x can; it starts at the mean of the workers' starts, and is measured
from k = 1 on.
"""

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, stochastic_gradient
from simlab.kernels.quantities import spread_mean
from simlab.vocabulary.method import method


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def parallel_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * (1/m) sum_i G_i(x), the same x at all workers

    They start from the mean of their starts.
    """
    gradient, mean = memory[0], memory[1]
    if k == 0:
        spread_mean(oracle.objective, x, mean)
        copy_into(x, mean)
    stochastic_gradient(oracle, k, x, gradient)
    spread_mean(oracle.objective, gradient, mean)
    for i in range(x.size):
        x[i] -= parameters[0] * mean[i]


# --- stale gradients ---------------------------------------------------------------------------------------------


@method(parameters=("step_size", "delay"), memory=lambda delay: int(delay) + 2, linear=True)
@kernel
def delayed_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_k - step_size * G(x_(k - delay)), with x_j = x_0 for j < 0

    One iterate; the memory after the first row holds x_k, x_(k-1), ..., x_(k - delay).
    """
    gradient, past = memory[0], memory[1:]
    if k == 0:
        for age in range(past.shape[0]):
            copy_into(past[age], x)
    for age in range(int(parameters[1]), 0, -1):
        copy_into(past[age], past[age - 1])
    copy_into(past[0], x)
    stochastic_gradient(oracle, k, past[int(parameters[1])], gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]


@method(parameters=("step_size",), memory=2, outputs={"server": 1}, linear=True)
@kernel
def downpour(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """s+ = s - step_size * G_i(x_i), then x_i = s+, for the worker i = k mod m; the other copies stay

    Downpour SGD in turn: a worker pushes the gradient at its stale copy of the server's s, then fetches s. With
    equal objectives s is delayed SGD of delay m - 1. Dean et al. 2012, with a push and a fetch for each gradient.
    """
    gradient, server = memory[0], memory[1]
    if k == 0:
        spread_mean(oracle.objective, x, server)
        copy_into(x, server)
    stochastic_gradient(oracle, k, x, gradient)
    workers = int(oracle.objective.data.scalars[0])
    size = x.size // workers
    first = (k % workers) * size
    for j in range(size):
        x[first + j] = server[j] - parameters[0] * gradient[first + j]
    for i in range(x.size):
        server[i] = x[first + i % size]


# --- local steps -------------------------------------------------------------------------------------------------


@method(parameters=("step_size", "local_steps"), memory=2, linear=True)
@kernel
def fedavg(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i - step_size * G_i(x_i), and x_i+ = mean of these over the workers when local_steps divides k + 1

    k counts local steps; a round ends, and all workers agree, at the multiples of local_steps. Also known as local
    SGD. McMahan et al. 2017, with full participation and workers of equal weight.
    """
    gradient, mean = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]
    if (k + 1) % int(parameters[1]) == 0:
        spread_mean(oracle.objective, x, mean)
        copy_into(x, mean)


# --- workers that are pulled towards each other -----------------------------------------------------------------


@method(parameters=("step_size", "elasticity"), memory=2, outputs={"centre": 1}, linear=True)
@kernel
def easgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i - step_size * G_i(x_i) - elasticity * (x_i - c), c+ = c + elasticity * sum_i (x_i - c)

    Both from the old x_i and c; the output "centre" is c. Zhang, Choromanska & LeCun 2015, (3)-(4): synchronous,
    with communication at every step.
    """
    gradient, centre = memory[0], memory[1]
    if k == 0:
        spread_mean(oracle.objective, x, centre)
    stochastic_gradient(oracle, k, x, gradient)
    workers = int(oracle.objective.data.scalars[0])
    size = x.size // workers
    for j in range(size):
        old, pull = centre[j], 0.0
        for i in range(j, x.size, size):
            pull += x[i] - old
            x[i] -= parameters[0] * gradient[i] + parameters[1] * (x[i] - old)
        for i in range(j, x.size, size):
            centre[i] = old + parameters[1] * pull


@method(parameters=("step_size", "pull"), memory=3, outputs={"leader": 2}, needs=("value",))
@kernel
def lsgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i - step_size * (G_i(x_i) + pull * (x_i - z)), with z the x_j of least f(x_j), the first of equals

    The leader z is chosen anew before every step, by the exact values of f; the output "leader" is the z of the
    step before. Teng et al. 2019, with one leader.
    """
    gradient, candidate, leader = memory[0], memory[1], memory[2]
    workers = int(oracle.objective.data.scalars[0])
    size = x.size // workers
    least = 0.0
    for i in range(workers):
        for j in range(x.size):
            candidate[j] = x[i * size + j % size]
        value = oracle.objective.value(oracle.objective.data, candidate)
        if i == 0 or value < least:
            least = value
            copy_into(leader, candidate)
    stochastic_gradient(oracle, k, x, gradient)
    for j in range(x.size):
        x[j] -= parameters[0] * (gradient[j] + parameters[1] * (x[j] - leader[j]))
