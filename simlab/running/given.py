"""Runs with given randomness: the states of a method step by step, for free experiments and for comparisons."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simlab.errors import InputError
from simlab.kernels import oracle as roles
from simlab.kernels.arrays import Integers, Matrix, Stream, Vector
from simlab.kernels.compilation import Kernel, jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective, Oracle, add_sample, callees, entrances
from simlab.kernels.random import STATE_ROWS
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem


@kernel
def given_draw(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Leaves the sample as it is: it is given."""


@kernel
def sample_as_gradient(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """The sample itself, wherever x is: an oblivious adversary."""
    out[:] = sample


@kernel
def follow(
    functions: Any,
    scalars: Vector,
    table: Matrix,
    network: Matrix,
    parameters: Matrix,
    samples: Any,
    stream: Any,
    states: Any,
) -> None:
    """Fill ``states[r, k + 1]`` with x and the memory rows of run r after step k, from ``states[r, 0]`` on."""
    step, value, gradient, component, hessian, prox, draw, disturb = entrances(
        functions, "step value gradient component hessian prox draw disturb"
    )
    objective = Objective(value, gradient, component, hessian, prox, Data(scalars, table))
    nothing, order = np.zeros(0), np.zeros(1, np.int64)
    for r in range(states.shape[0]):
        for k in range(samples.shape[1]):
            oracle = Oracle(objective, draw, disturb, nothing, order, samples[r, k], network, stream)
            states[r, k + 1] = states[r, k]
            row = min(k, parameters.shape[0] - 1)
            step(k, states[r, k + 1, 0], states[r, k + 1, 1:], parameters[row], oracle)


@functools.cache
def follower() -> Any:
    """``follow`` compiled once for all methods and problems, called with the eight functions one by one."""
    compiled = follow.compiled(None if jit_disabled() else _signature())

    def driver(*arguments: Any) -> None:
        compiled(callees(arguments[:8]), *arguments[8:])

    return driver


def _signature() -> Any:
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    return types.void(
        types.uint64[::1], vector, matrix, matrix, matrix, types.float64[:, :, ::1], types.uint64[:, ::1],
        types.float64[:, :, :, ::1],
    )  # fmt: skip


def states(
    method: Method,
    problem: Problem,
    starts: Matrix,
    samples: NDArray[np.float64],
    disturb: Kernel = add_sample,
    constants: Mapping[str, Any] | None = None,
    network: Matrix | None = None,
) -> NDArray[np.float64]:
    """The states of several runs whose randomness is given, before and after every step.

    Parameters
    ----------
    starts
        x_0 of every run, shape (runs, d).
    samples
        The noise's draws, shape (runs, steps, s): what ``disturb`` reads. By default a draw is added to the
        gradient; with :func:`sample_as_gradient` it is the stochastic gradient.
    constants
        What the method's hyper-parameters are functions of, by name, besides the problem's own constants.
    network
        The mixing matrix, or whatever table the method reads.

    Returns
    -------
    array of shape (runs, steps + 1, 1 + memory rows, d)
        ``[r, k, 0]`` is x_k of run r, ``[r, k, 1 + j]`` its memory row j before step k.

    Raises
    ------
    InputError
        When the method draws randomness of its own, which cannot be given, or when shapes disagree.
    """
    if "rng" in method.family.needs:
        raise InputError(f"method {method.name} draws randomness of its own, which cannot be given.")
    runs, steps = samples.shape[:2]
    if np.shape(starts) != (runs, problem.dimension):
        raise InputError(f"starts must have the shape {(runs, problem.dimension)}, not {np.shape(starts)}.")
    known = {**problem.universal, **(constants or {})}
    functions = [
        roles.compiled_role(method.family.step, "step"),
        *(
            roles.compiled_role(getattr(problem.kernels, name), name)
            for name in ("value", "gradient", "component", "hessian", "prox")
        ),
        roles.compiled_role(given_draw, "draw"),
        roles.compiled_role(disturb, "disturb"),
    ]
    out = np.zeros((runs, steps + 1, 1 + method.memory_rows(known), problem.dimension))
    out[:, 0, 0] = starts
    with np.errstate(all="ignore"):
        follower()(
            *functions, problem.data.scalars, problem.data.table,
            np.zeros((0, 0)) if network is None else np.array(network, dtype=np.float64, order="C"),
            method.schedule(known, max(steps, 1)),
            np.array(samples, dtype=np.float64, order="C"),  # a copy: kernels refuse read-only arrays
            np.zeros((STATE_ROWS, 8), np.uint64), out,
        )  # fmt: skip
    return out
