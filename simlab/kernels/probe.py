"""Drivers that apply one step, or one quantity, to many given states: how exact moments read off the kernels."""

import functools
from typing import Any

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective, Oracle, Reference, by_handle, pointer_types


@kernel
def probe_steps(
    step: Any,
    value: Any,
    gradient: Any,
    component: Any,
    hessian: Any,
    prox: Any,
    draw: Any,
    disturb: Any,
    scalars: Vector,
    table: Matrix,
    noise: Vector,
    network: Matrix,
    k: int,
    parameters: Vector,
    states: Matrix,
    samples: Matrix,
    stream: Any,
    order: Integers,
    x: Vector,
    rows: Matrix,
) -> None:
    """Replace each row (x, memory rows) of ``states`` by the state after step k with that row's sample."""
    objective = by_handle(Objective(value, gradient, component, hessian, prox, Data(scalars, table)))
    d = x.size
    for s in range(states.shape[0]):
        oracle = by_handle(Oracle(objective, draw, disturb, noise, order, samples[s], network, stream))
        for i in range(d):
            x[i] = states[s, i]
            for j in range(rows.shape[0]):
                rows[j, i] = states[s, (1 + j) * d + i]
        step(k, x, rows, parameters, oracle)
        for i in range(d):
            states[s, i] = x[i]
            for j in range(rows.shape[0]):
                states[s, (1 + j) * d + i] = rows[j, i]


@kernel
def probe_quantity(
    quantity: Any,
    value: Any,
    gradient: Any,
    component: Any,
    hessian: Any,
    prox: Any,
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
        *given, memory, states, samples, stream = arguments
        d = states.shape[1] // (1 + memory)
        compiled(*given, states, samples, stream, np.zeros(1, np.int64), np.empty(d), np.empty((memory, d)))

    return prober


def _steps_signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    pointers = pointer_types("step", "value", "gradient", "component", "hessian", "prox", "draw", "disturb")
    return types.void(
        *pointers, vector, matrix, vector, matrix, types.int64, vector, matrix, matrix,
        types.uint64[:, ::1], types.int64[::1], vector, matrix,
    )  # fmt: skip


@functools.cache
def quantity_prober() -> Any:
    """``probe_quantity`` compiled once for all quantities and problems; its work space is made here."""
    compiled = probe_quantity.compiled(None if jit_disabled() else _quantity_signature())

    def prober(*arguments: Any) -> None:
        points = arguments[-2]
        compiled(*arguments, np.zeros((4, points.shape[1])))

    return prober


def _quantity_signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    pointers = pointer_types("quantity", "value", "gradient", "component", "hessian", "prox")
    return types.void(
        *pointers, vector, matrix, vector, vector, types.float64, matrix, vector, matrix
    )  # fmt: skip
