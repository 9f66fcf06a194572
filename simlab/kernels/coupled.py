"""The driver of coupled runs: one method on neighbouring data sets, with the same randomness.

Uniform stability compares two runs whose data differ in one example and which share the start, the order of
the examples and every draw of noise. Here sharing is literal: the neighbour's run starts from a copy of the
random stream of the base run. Draws never depend on the data, so both runs see the same indices and noise.
"""

import functools
from typing import Any

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Stream, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective, Oracle, pointer_types
from simlab.kernels.trajectory import AVERAGE, Layout


@kernel
def snapshots(
    step: Any,
    oracle: Oracle,
    parameters: Matrix,
    weights: Vector,
    checkpoints: Integers,
    layout: Layout,
    x: Vector,
    memory: Matrix,
    average: Vector,
    points: Matrix,
) -> None:
    """One run from ``x`` (overwritten); ``points[c]`` is the iterate, or the average, at ``checkpoints[c]``."""
    seen, c = 0.0, 0
    average[:] = 0.0
    for k in range(checkpoints[-1] + 1):
        if k > 0:
            row = min(k - 1, parameters.shape[0] - 1)
            step(k - 1, x, memory, parameters[row], oracle)
        point = x if layout.output < 0 else memory[layout.output]
        due = c < checkpoints.size and checkpoints[c] == k
        if due and layout.lag == 1 and layout.selection == AVERAGE:
            points[c, :] = average / seen
        if k >= layout.first:
            weight = weights[min(k, weights.size - 1)]
            for i in range(x.size):
                average[i] += weight * point[i]
            seen += weight
        if due and not (layout.lag == 1 and layout.selection == AVERAGE):
            if layout.selection == AVERAGE:
                points[c, :] = average / seen
            else:
                points[c, :] = point
        if due:
            c += 1


@kernel
def run_coupled_block(
    step: Any,
    pair: Any,
    value: Any,
    gradient: Any,
    component: Any,
    hessian: Any,
    prox: Any,
    draw: Any,
    disturb: Any,
    scalars: Vector,
    tables: Any,
    test: Matrix,
    noise: Vector,
    network: Matrix,
    start: Vector,
    parameters: Matrix,
    weights: Vector,
    checkpoints: Integers,
    layout: Layout,
    shared: int,
    states: Any,
    records: Any,
) -> None:
    """Coupled runs: ``tables[r, 0]`` is the data set of run r (or of all runs when there is one only),
    ``tables[r, j]`` its j-th neighbour; ``records[r, c, j - 1]`` receives what ``pair`` measures at step
    ``checkpoints[c]`` between the base run and the neighbour's run. ``shared`` 0 drops the coupling.
    """
    sample, order = np.zeros(layout.sample), np.zeros(layout.order, np.int64)
    x, average, memory = start.copy(), np.zeros(start.size), np.zeros((layout.memory, start.size))
    base, other = np.empty((checkpoints.size, start.size)), np.empty((checkpoints.size, start.size))
    for r in range(records.shape[0]):
        own = min(r, tables.shape[0] - 1)
        state = states[r].copy()
        for j in range(tables.shape[1]):
            if shared == 1:
                state[:, :] = states[r]
            objective = Objective(value, gradient, component, hessian, prox, Data(scalars, tables[own, j]))
            oracle = Oracle(objective, draw, disturb, noise, order, sample, network, state)
            x[:], memory[:, :], order[:], sample[:] = start, 0.0, 0, 0.0
            snapshots(
                step, oracle, parameters, weights, checkpoints, layout, x, memory, average,
                base if j == 0 else other,
            )  # fmt: skip
            if j > 0:
                first = Data(scalars, tables[own, 0])
                for c in range(checkpoints.size):
                    pair(objective, first, test, base[c], other[c], records[r, c, j - 1])


@functools.cache
def coupled_driver() -> Any:
    """``run_coupled_block`` compiled once for all methods and problems."""
    if jit_disabled():
        return run_coupled_block.compiled()
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    pointers = pointer_types(
        "step", "pair", "value", "gradient", "component", "hessian", "prox", "draw", "disturb"
    )
    layout = types.NamedUniTuple(types.int64, len(Layout._fields), Layout)
    stack = types.float64[:, :, :, ::1]
    signature = types.void(
        *pointers, vector, stack, matrix, vector, matrix, vector, matrix, vector, types.int64[::1], layout,
        types.int64, types.uint64[:, :, ::1], stack,
    )  # fmt: skip
    return run_coupled_block.compiled(signature)


__all__ = ["Stream", "coupled_driver"]
