"""Drivers that apply one step, or one quantity, to many given states: how exact moments read off the kernels."""

import functools
from typing import Any

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective, Oracle, Reference, by_handle, callees, entrances


@kernel
def probe_steps(
    functions: Any,
    scalars: Vector,
    table: Matrix,
    noise: Vector,
    network: Matrix,
    steps: Integers,
    parameters: Vector,
    states: Matrix,
    samples: Matrix,
    stream: Any,
    order: Integers,
    x: Vector,
    rows: Matrix,
) -> None:
    """Replace each row (x, memory rows) of ``states`` by the state after the step of that row's number with its
    sample."""
    step, value, gradient, component, hessian, prox, draw, disturb = entrances(
        functions, "step value gradient component hessian prox draw disturb"
    )
    objective = by_handle(Objective(value, gradient, component, hessian, prox, Data(scalars, table)))
    d = x.size
    for s in range(states.shape[0]):
        oracle = by_handle(Oracle(objective, draw, disturb, noise, order, samples[s], network, stream))
        for i in range(d):
            x[i] = states[s, i]
            for j in range(rows.shape[0]):
                rows[j, i] = states[s, (1 + j) * d + i]
        step(steps[s], x, rows, parameters, oracle)
        for i in range(d):
            states[s, i] = x[i]
            for j in range(rows.shape[0]):
                states[s, (1 + j) * d + i] = rows[j, i]


@kernel
def probe_quantity(
    functions: Any,
    scalars: Vector,
    table: Matrix,
    start: Vector,
    minimizer: Vector,
    minimum: float,
    points: Matrix,
    out: Vector,
    work: Matrix,
) -> None:
    """The quantity at each row of ``points``."""
    quantity, value, gradient, component, hessian, prox = entrances(
        functions, "quantity value gradient component hessian prox"
    )
    objective = by_handle(Objective(value, gradient, component, hessian, prox, Data(scalars, table)))
    reference = Reference(minimizer, minimum, start)
    for s in range(points.shape[0]):
        out[s] = quantity(objective, reference, points[s], work)


@functools.cache
def step_prober() -> Any:
    """``probe_steps`` compiled once for all methods and problems, called with the number of memory rows after
    ``parameters``; the arrays that it works in are made here.
    """
    compiled = probe_steps.compiled(None if jit_disabled() else _steps_signature())

    def prober(*arguments: Any) -> None:
        functions, (*given, memory, states, samples, stream) = callees(arguments[:8]), arguments[8:]
        d = states.shape[1] // (1 + memory)
        compiled(
            functions,
            *given,
            states,
            samples,
            stream,
            np.zeros(1, np.int64),
            np.empty(d),
            np.empty((memory, d)),
        )

    return prober


def _steps_signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    return types.void(
        types.uint64[::1], vector, matrix, vector, matrix, types.int64[::1], vector, matrix, matrix,
        types.uint64[:, ::1], types.int64[::1], vector, matrix,
    )  # fmt: skip


@functools.cache
def quantity_prober() -> Any:
    """``probe_quantity`` compiled once for all quantities and problems; its work space is made here."""
    compiled = probe_quantity.compiled(None if jit_disabled() else _quantity_signature())

    def prober(*arguments: Any) -> None:
        points = arguments[-2]
        compiled(callees(arguments[:6]), *arguments[6:], np.zeros((4, points.shape[1])))

    return prober


def _quantity_signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    return types.void(
        types.uint64[::1], vector, matrix, vector, vector, types.float64, matrix, vector, matrix
    )  # fmt: skip
