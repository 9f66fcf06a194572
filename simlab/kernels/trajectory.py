"""The driver: runs one method on one problem, a block of independent runs at a time.

Every run owns its random stream and writes its own row, so results do not depend on how the runs are divided
among threads or batches. Reductions over runs happen outside, in NumPy.
"""

import functools
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Stream, Vector, copy_into
from simlab.kernels.compilation import Kernel, jit_disabled, kernel
from simlab.kernels.oracle import (
    Data,
    Objective,
    Oracle,
    Reference,
    by_handle,
    callees,
    compiled_role,
    entrances,
)


class Selection(IntEnum):
    """Which iterates a measurement at step k looks at; the window is x_first .. x_(k - lag)."""

    LAST = 0  # q(x_k)
    BEST = 1  # min of q over the window
    MEAN = 2  # weighted mean of q over the window
    AVERAGE = 3  # q at the weighted mean of the iterates in the window
    SUM = 4  # weighted sum of q over the window
    WORST = 5  # max of q over the window


LAST, BEST, MEAN, AVERAGE, SUM, WORST = (int(choice) for choice in Selection)


class Layout(NamedTuple):
    """The sizes and choices of a run, as whole numbers."""

    selection: int
    first: int  # first iterate of the window
    lag: int  # 1 when the window ends at x_(k-1), 0 when it ends at x_k
    output: int  # which memory row holds the measured iterate; -1 for x itself
    memory: int  # rows of memory of the method
    sample: int  # numbers in one draw of the noise
    order: int  # whole numbers that the noise remembers


class Space(NamedTuple):
    """The arrays that a block of runs works in, one run after the other: kernels do not allocate."""

    x: Vector
    memory: Matrix
    average: Vector
    work: Matrix
    sample: Vector
    order: Integers


def space(layout: Layout, dimension: int) -> Space:
    """Room for runs in this dimension."""
    return Space(
        x=np.zeros(dimension),
        memory=np.zeros((layout.memory, dimension)),
        average=np.zeros(dimension),
        work=np.zeros((4, dimension)),
        sample=np.zeros(layout.sample),
        order=np.zeros(layout.order, np.int64),
    )


@kernel
def of_nothing(selection: int) -> float:
    """The statistic before any iterate has joined its window; it is finite for a sum only."""
    if selection == BEST:
        return np.inf
    return -np.inf if selection == WORST else 0.0


@kernel
def aggregate(selection: int, weight: float, total: float, value: float) -> float:
    """The running statistic after one more iterate; once it is not a number it stays so."""
    if selection == BEST:
        return total if total != total or value >= total else value
    if selection == WORST:
        return total if total != total or value <= total else value
    return total + weight * value


@kernel
def run_one(
    step: Any,
    quantity: Any,
    oracle: Oracle,
    reference: Reference,
    parameters: Matrix,
    weights: Vector,
    checkpoints: Integers,
    layout: Layout,
    x: Vector,
    memory: Matrix,
    average: Vector,
    work: Matrix,
    records: Vector,
) -> None:
    """One run from ``x`` (overwritten); ``records[c]`` is the measurement at step ``checkpoints[c]``."""
    total, seen, c = of_nothing(layout.selection), np.float64(0.0), 0  # NumPy's 0 / 0 raises nothing
    average[:] = 0.0
    for k in range(checkpoints[-1] + 1):
        if k > 0:
            row = min(k - 1, parameters.shape[0] - 1)
            step(k - 1, x, memory, parameters[row], oracle)
        point = x if layout.output < 0 else memory[layout.output]
        due = c < checkpoints.size and checkpoints[c] == k
        if not due and (layout.selection == LAST or k < layout.first):
            continue
        for moment in range(2):  # before (lag 1) or after (lag 0) this iterate joins the window
            if moment == 1 and layout.selection != LAST and k >= layout.first:
                weight = weights[min(k, weights.size - 1)]
                if layout.selection == AVERAGE:
                    for i in range(x.size):
                        average[i] += weight * point[i]
                else:
                    value = quantity(oracle.objective, reference, point, work)
                    total = aggregate(layout.selection, weight, total, value)
                seen += weight
            if due and moment == 1 - layout.lag:
                if layout.selection == LAST:
                    records[c] = quantity(oracle.objective, reference, point, work)
                elif layout.selection == AVERAGE:
                    for i in range(x.size):
                        work[0, i] = average[i] / seen
                    records[c] = quantity(oracle.objective, reference, work[0], work[1:])
                elif layout.selection == MEAN:
                    records[c] = total / seen
                else:
                    records[c] = total
        if due:
            c += 1


@kernel
def run_block(
    functions: Any,
    scalars: Vector,
    table: Matrix,
    noise: Vector,
    network: Matrix,
    start: Vector,
    minimizer: Vector,
    minimum: float,
    parameters: Matrix,
    weights: Vector,
    checkpoints: Integers,
    layout: Layout,
    states: Any,
    records: Matrix,
    space: Space,
) -> None:
    """Independent runs, one for each random stream ``states[r]`` and row ``records[r]``."""
    step, quantity, value, gradient, component, hessian, prox, draw, disturb = entrances(
        functions, "step quantity value gradient component hessian prox draw disturb"
    )
    objective = by_handle(Objective(value, gradient, component, hessian, prox, Data(scalars, table)))
    reference = Reference(minimizer, minimum, start)
    for r in range(records.shape[0]):
        oracle = by_handle(
            Oracle(objective, draw, disturb, noise, space.order, space.sample, network, states[r])
        )
        copy_into(space.x, start)
        space.memory[:, :], space.order[:], space.sample[:] = 0.0, 0, 0.0
        run_one(
            step, quantity, oracle, reference, parameters, weights,
            checkpoints, layout, space.x, space.memory, space.average, space.work, records[r],
        )  # fmt: skip


@functools.cache
def block_driver() -> Any:
    """``run_block`` compiled once for all methods and problems, called with the nine functions one by one; it makes
    the :class:`Space` itself.
    """
    compiled = run_block.compiled(None if jit_disabled() else _signature())

    def driver(*arguments: Any) -> None:
        functions, numbers = callees(arguments[:9]), arguments[9:]
        start, layout = numbers[4], numbers[-3]
        compiled(functions, *numbers, space(layout, start.size))

    return driver


def space_type() -> Any:
    """The numba type of a :class:`Space`."""
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    return types.NamedTuple([vector, matrix, vector, matrix, vector, types.int64[::1]], Space)


def _signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    layout = types.NamedUniTuple(types.int64, len(Layout._fields), Layout)
    return types.void(
        types.uint64[::1], vector, matrix, vector, matrix, vector, vector, types.float64, matrix, vector,
        types.int64[::1], layout, types.uint64[:, :, ::1], matrix, space_type(),
    )  # fmt: skip


__all__ = ["Kernel", "Layout", "Selection", "Space", "Stream", "block_driver", "compiled_role", "space"]
