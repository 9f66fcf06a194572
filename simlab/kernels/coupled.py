"""The driver of coupled runs: one method on neighbouring data sets, with the same randomness.

Uniform stability compares two runs whose data differ in one example and which share the start, the order of
the examples and every draw of noise. Here sharing is literal: the neighbour's run starts from a copy of the
random stream of the base run. Draws never depend on the data, so both runs see the same indices and noise.
"""

import functools
from typing import Any, NamedTuple

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Stream, Vector, copy_into
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective, Oracle, by_handle, callees, entrances
from simlab.kernels.random import LANES, STATE_ROWS
from simlab.kernels.trajectory import AVERAGE, Layout, Space, space, space_type


class Pair(NamedTuple):
    """The arrays that coupled runs work in besides a :class:`Space`: kernels do not allocate."""

    base: Matrix  # the points of the base run at the checkpoints
    other: Matrix  # those of a neighbour's run
    state: Stream


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
            step(k - 1, x, memory, parameters[min(k - 1, parameters.shape[0] - 1)], oracle)
        point = x if layout.output < 0 else memory[layout.output]
        due = c < checkpoints.size and checkpoints[c] == k
        for moment in range(2):  # before (lag 1) or after (lag 0) this iterate joins the window
            if moment == 1 and layout.selection == AVERAGE and k >= layout.first:
                weight = weights[min(k, weights.size - 1)]
                for i in range(x.size):
                    average[i] += weight * point[i]
                seen += weight
            if due and moment == 1 - layout.lag:
                for i in range(x.size):
                    points[c, i] = average[i] / seen if layout.selection == AVERAGE else point[i]
        if due:
            c += 1


@kernel
def run_coupled_block(
    functions: Any,
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
    space: Space,
    both: Pair,
) -> None:
    """Coupled runs: ``tables[r, 0]`` is the data set of run r (or of all runs when there is one only),
    ``tables[r, j]`` its j-th neighbour; ``records[r, c, j - 1]`` receives what ``pair`` measures at step
    ``checkpoints[c]`` between the base run and the neighbour's run. ``shared`` 0 drops the coupling.
    """
    step, pair, value, gradient, component, hessian, prox, draw, disturb = entrances(
        functions, "step pair value gradient component hessian prox draw disturb"
    )
    for r in range(records.shape[0]):
        own = min(r, tables.shape[0] - 1)
        for j in range(tables.shape[1]):
            if shared == 1 or j == 0:
                for row in range(both.state.shape[0]):
                    copy_into(both.state[row], states[r, row])
            data = Data(scalars, tables[own, j])
            objective = by_handle(Objective(value, gradient, component, hessian, prox, data))
            oracle = by_handle(
                Oracle(objective, draw, disturb, noise, space.order, space.sample, network, both.state)
            )
            copy_into(space.x, start)
            space.memory[:, :], space.order[:], space.sample[:] = 0.0, 0, 0.0
            snapshots(
                step, oracle, parameters, weights, checkpoints, layout, space.x, space.memory, space.average,
                both.base if j == 0 else both.other,
            )  # fmt: skip
            if j > 0:
                first = Data(scalars, tables[own, 0])
                for c in range(checkpoints.size):
                    pair(objective, first, test, both.base[c], both.other[c], records[r, c, j - 1])


@functools.cache
def coupled_driver() -> Any:
    """``run_coupled_block`` compiled once for all methods and problems, called with the nine functions one by one;
    it makes the work space itself.
    """
    compiled = run_coupled_block.compiled(None if jit_disabled() else _signature())

    def driver(*arguments: Any) -> None:
        functions, numbers = callees(arguments[:9]), arguments[9:]
        start, checkpoints, layout = numbers[5], numbers[8], numbers[9]
        points = np.zeros((2, checkpoints.size, start.size))
        both = Pair(points[0], points[1], np.zeros((STATE_ROWS, LANES), np.uint64))
        compiled(functions, *numbers, space(layout, start.size), both)

    return driver


def _signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    layout = types.NamedUniTuple(types.int64, len(Layout._fields), Layout)
    stack = types.float64[:, :, :, ::1]
    both = types.NamedTuple([matrix, matrix, types.uint64[:, ::1]], Pair)
    return types.void(
        types.uint64[::1], vector, stack, matrix, vector, matrix, vector, matrix, vector, types.int64[::1], layout,
        types.int64, types.uint64[:, :, ::1], stack, space_type(), both,
    )  # fmt: skip


__all__ = ["Stream", "coupled_driver"]
