"""Drivers that apply one step, or one quantity, to many given states: how exact moments read off the kernels."""

import functools
from typing import Any

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective, Oracle, Reference, pointer_types


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
    memory: int,
    states: Matrix,
    samples: Matrix,
    stream: Any,
) -> None:
    """Replace each row (x, memory rows) of ``states`` by the state after step k with that row's sample."""
    objective = Objective(value, gradient, component, hessian, prox, Data(scalars, table))
    d = states.shape[1] // (1 + memory)
    order = np.zeros(1, np.int64)
    x, rows = np.empty(d), np.empty((memory, d))
    for s in range(states.shape[0]):
        oracle = Oracle(objective, draw, disturb, noise, order, samples[s], network, stream)
        x[:] = states[s, :d]
        for i in range(memory):
            rows[i, :] = states[s, (1 + i) * d : (2 + i) * d]
        step(k, x, rows, parameters, oracle)
        states[s, :d] = x
        for i in range(memory):
            states[s, (1 + i) * d : (2 + i) * d] = rows[i]


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
) -> None:
    """The quantity at each row of ``points``."""
    objective = Objective(value, gradient, component, hessian, prox, Data(scalars, table))
    reference = Reference(minimizer, minimum, start)
    work = np.zeros((4, start.size))
    for s in range(points.shape[0]):
        out[s] = quantity(objective, reference, points[s], work)


@functools.cache
def step_prober() -> Any:
    """``probe_steps`` compiled once for all methods and problems."""
    if jit_disabled():
        return probe_steps.compiled()
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    pointers = pointer_types("step", "value", "gradient", "component", "hessian", "prox", "draw", "disturb")
    signature = types.void(
        *pointers, vector, matrix, vector, matrix, types.int64, vector, types.int64, matrix, matrix,
        types.uint64[:, ::1],
    )  # fmt: skip
    return probe_steps.compiled(signature)


@functools.cache
def quantity_prober() -> Any:
    """``probe_quantity`` compiled once for all quantities and problems."""
    if jit_disabled():
        return probe_quantity.compiled()
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    pointers = pointer_types("quantity", "value", "gradient", "component", "hessian", "prox")
    signature = types.void(
        *pointers, vector, matrix, vector, vector, types.float64, matrix, vector
    )  # fmt: skip
    return probe_quantity.compiled(signature)
