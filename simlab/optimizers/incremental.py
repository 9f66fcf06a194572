"""Incremental gradient methods for finite sums, which remember gradients of the terms: SAG, SAGA, SARAH, STORM
and loopless SVRG.

The term of a step is the first number of its sample, as the noise models ``minibatch(batch=1)`` and
``term_and_coin`` draw it. On least squares every rule is affine in its state, so that expectations over all
choices of terms are computed and not sampled.
"""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, component_gradient, draw_sample, full_gradient, sampled_gradient
from simlab.vocabulary.method import method


def _one_row_a_term(terms: float) -> int:
    return 2 + int(terms)


@kernel
def replace_row(k: int, x: Vector, memory: Matrix, oracle: Oracle) -> int:
    """Row 0 becomes grad f_i(x) for a fresh term i, row 1 the mean of the table of n rows from row 2 on, before row
    2 + i is to be replaced. Returns i.
    """
    draw_sample(oracle, k)
    i, terms = int(oracle.sample[0]), memory.shape[0] - 2
    component_gradient(oracle, i, x, memory[0])
    for j in range(x.size):
        total = 0.0
        for row in range(terms):
            total += memory[2 + row, j]
        memory[1, j] = total / terms
    return i


@method(parameters=("step_size", "terms"), memory=_one_row_a_term, needs=("component",), linear=True)
@kernel
def saga(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * (grad f_i(x) - g_i + mean of all g), then g_i+ = grad f_i(x), with g_j = grad f_j(x_0)
    at first

    Defazio, Bach & Lacoste-Julien 2014.
    """
    if k == 0:
        for row in range(memory.shape[0] - 2):
            component_gradient(oracle, row, x, memory[2 + row])
    i = replace_row(k, x, memory, oracle)
    for j in range(x.size):
        x[j] -= parameters[0] * (memory[0, j] - memory[2 + i, j] + memory[1, j])
        memory[2 + i, j] = memory[0, j]


@method(parameters=("step_size", "terms"), memory=_one_row_a_term, needs=("component",), linear=True)
@kernel
def sag(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """g_i+ = grad f_i(x), then x+ = x - step_size * mean of all g+, with g_j = 0 at first

    Schmidt, Le Roux & Bach 2017.
    """
    i = replace_row(k, x, memory, oracle)
    terms = memory.shape[0] - 2
    for j in range(x.size):
        x[j] -= parameters[0] * (memory[1, j] + (memory[0, j] - memory[2 + i, j]) / terms)
        memory[2 + i, j] = memory[0, j]


@method(parameters=("step_size",), memory=4, outputs={"v": 0}, linear=True)
@kernel
def sarah(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """v_k = G(x_k) - G(x_(k-1)) + v_(k-1) with the same sample in both G, x_(k+1) = x_k - step_size * v_k, with
    v_0 = grad f(x_0)

    The inner loop of SARAH, Nguyen, Liu, Scheinberg & Takac 2017; a loop of m steps uses v_1, ..., v_(m-1). The
    output "v" after step k is v_k; it can be measured from k = 1 on.
    """
    v, previous, here, there = memory[0], memory[1], memory[2], memory[3]
    if k == 0:
        full_gradient(oracle, x, v)
    else:
        draw_sample(oracle, k)
        sampled_gradient(oracle, x, here)
        sampled_gradient(oracle, previous, there)
        for j in range(x.size):
            v[j] += here[j] - there[j]
    for j in range(x.size):
        previous[j] = x[j]
        x[j] -= parameters[0] * v[j]


@method(parameters=("step_size", "averaging"), memory=4, outputs={"v": 0}, linear=True)
@kernel
def storm(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """v_k = G(x_k) + (1 - averaging) * (v_(k-1) - G(x_(k-1))) with the same sample in both G, x_(k+1) = x_k -
    step_size * v_k, with v_0 = G(x_0)

    Recursive momentum, Cutkosky & Orabona 2019; with ``averaging`` 1 it is SGD. The output "v" after step k is v_k;
    it can be measured from k = 1 on.
    """
    v, previous, here, there = memory[0], memory[1], memory[2], memory[3]
    draw_sample(oracle, k)
    sampled_gradient(oracle, x, here)
    if k == 0:
        for j in range(x.size):
            v[j] = here[j]
    else:
        sampled_gradient(oracle, previous, there)
        for j in range(x.size):
            v[j] = here[j] + (1.0 - parameters[1]) * (v[j] - there[j])
    for j in range(x.size):
        previous[j] = x[j]
        x[j] -= parameters[0] * v[j]


@method(parameters=("step_size",), memory=4, outputs={"snapshot": 0}, needs=("component",), linear=True)
@kernel
def loopless_svrg(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * (grad f_i(x) - grad f_i(w) + grad f(w)), then w+ = x if a coin shows 1, else w, with
    w_0 = x_0

    Kovalev, Horvath & Richtarik 2020, Algorithm 1. The coin is the second number of the sample, which the noise
    model ``term_and_coin`` draws; the new snapshot is x before the step. The output "snapshot" is w; it can be
    measured from k = 1 on.
    """
    snapshot, mean, here, there = memory[0], memory[1], memory[2], memory[3]
    if k == 0:
        for j in range(x.size):
            snapshot[j] = x[j]
    draw_sample(oracle, k)
    i, refresh = int(oracle.sample[0]), oracle.sample[1] == 1.0
    full_gradient(oracle, snapshot, mean)
    component_gradient(oracle, i, x, here)
    component_gradient(oracle, i, snapshot, there)
    for j in range(x.size):
        if refresh:
            snapshot[j] = x[j]
        x[j] -= parameters[0] * (here[j] - there[j] + mean[j])
