"""Variance-reduced methods for finite sums."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import (
    Oracle,
    component_gradient,
    draw_sample,
    full_gradient,
    sampled_gradient,
)
from simlab.kernels.random import integer_below
from simlab.vocabulary.method import method


@kernel
def corrected_step(x: Vector, step_size: float, here: Vector, there: Vector, mean: Vector) -> None:
    """x - step_size * (here - there + mean): the term's gradient less its error at the snapshot."""
    for j in range(x.size):
        x[j] -= step_size * (here[j] - there[j] + mean[j])


@method(
    parameters=("step_size", "inner_steps", "terms"),
    memory=4,
    needs=("component", "rng"),
)
@kernel
def svrg(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = w_t with t uniform in 0, ..., inner_steps - 1, where w_0 = x and, with a uniform term i each time,
    w_{j+1} = w_j - step_size * (grad f_i(w_j) - grad f_i(x) + grad f(x))

    One step is a whole stage. The iterates after w_t are never used, so they are not computed.
    """
    inner_steps, terms = int(parameters[1]), int(parameters[2])
    snapshot, mean, here, there = memory[0], memory[1], memory[2], memory[3]
    for j in range(x.size):
        snapshot[j] = x[j]
    full_gradient(oracle, snapshot, mean)
    for _ in range(integer_below(oracle.rng, inner_steps)):
        i = integer_below(oracle.rng, terms)
        component_gradient(oracle, i, x, here)
        component_gradient(oracle, i, snapshot, there)
        corrected_step(x, parameters[0], here, there, mean)


@method(parameters=("step_size",), memory=4, linear=True)
@kernel
def svrg_stage(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_k - step_size * (G(x_k) - G(x_0) + grad f(x_0)), with the same sample in both G

    One stage of SVRG, an inner iteration a step: the snapshot is x_0.
    """
    snapshot, mean, here, there = memory[0], memory[1], memory[2], memory[3]
    if k == 0:
        for j in range(x.size):
            snapshot[j] = x[j]
        full_gradient(oracle, snapshot, mean)
    draw_sample(oracle, k)
    sampled_gradient(oracle, x, here)
    sampled_gradient(oracle, snapshot, there)
    corrected_step(x, parameters[0], here, there, mean)
