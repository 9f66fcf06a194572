"""What an update rule may ask of a problem: the oracle, its parts, and their compiled signatures.

A step kernel receives one ``Oracle`` and asks it for gradients, samples and network weights through the small
kernels below. All problems share these signatures, so a driver is compiled once, not once for each pair of
method and problem.
"""

import functools
from typing import Any, NamedTuple

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Stream, Vector
from simlab.kernels.compilation import Kernel, jit_disabled, kernel


class Data(NamedTuple):
    """The numbers of one problem instance: ``scalars[i]`` and ``table[row, column]``."""

    scalars: Vector
    table: Matrix


class Objective(NamedTuple):
    """A problem's kernels with its data; a kernel that the problem lacks fills its result with NaN."""

    value: Any  # (data, x) -> f(x)
    gradient: Any  # (data, x, out)
    component: Any  # (data, i, x, out): gradient of the i-th term of a finite sum
    hessian: Any  # (data, x, out matrix)
    prox: Any  # (data, step, x, out): proximal map of the non-smooth part
    data: Data


class Oracle(NamedTuple):
    """All that a step may use besides its own state."""

    objective: Objective
    draw: Any  # (k, noise, order, rng, sample): draws the randomness of one stochastic gradient
    disturb: Any  # (objective, noise, sample, x, out): the stochastic gradient for a drawn sample
    noise: Vector  # the noise model's parameters
    order: Integers  # the noise model's memory, such as the permutation of an epoch
    sample: Vector  # the latest draw
    network: Matrix  # what the network contributes: a mixing matrix, or matchings
    rng: Stream


class Reference(NamedTuple):
    """What a measured quantity may compare with."""

    minimizer: Vector
    minimum: float
    start: Vector


@kernel
def full_gradient(oracle: Oracle, x: Vector, out: Vector) -> None:
    """``out = grad f(x)``."""
    oracle.objective.gradient(oracle.objective.data, x, out)


@kernel
def draw_sample(oracle: Oracle, k: int) -> None:
    """Draw fresh randomness for step ``k``; ``sampled_gradient`` then uses it until the next draw."""
    oracle.draw(k, oracle.noise, oracle.order, oracle.rng, oracle.sample)


@kernel
def sampled_gradient(oracle: Oracle, x: Vector, out: Vector) -> None:
    """``out = G(x; xi)`` for the sample drawn last: the same sample can be used at several points."""
    oracle.disturb(oracle.objective, oracle.noise, oracle.sample, x, out)


@kernel
def stochastic_gradient(oracle: Oracle, k: int, x: Vector, out: Vector) -> None:
    """``out = G(x; xi)`` with a fresh sample."""
    oracle.draw(k, oracle.noise, oracle.order, oracle.rng, oracle.sample)
    oracle.disturb(oracle.objective, oracle.noise, oracle.sample, x, out)


@kernel
def component_gradient(oracle: Oracle, i: int, x: Vector, out: Vector) -> None:
    """``out = grad f_i(x)`` for one term of a finite sum."""
    oracle.objective.component(oracle.objective.data, i, x, out)


@kernel
def hessian(oracle: Oracle, x: Vector, out: Matrix) -> None:
    """``out = Hessian of f at x`` (d x d)."""
    oracle.objective.hessian(oracle.objective.data, x, out)


@kernel
def proximal_map(oracle: Oracle, step: float, x: Vector, out: Vector) -> None:
    """``out = argmin_u g(u) + |u - x|^2 / (2 step)`` for the non-smooth part g."""
    oracle.objective.prox(oracle.objective.data, step, x, out)


@kernel
def no_value(data: Data, x: Vector) -> float:
    """For an objective without a value."""
    return np.nan


@kernel
def no_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """For an objective that is no finite sum."""
    out[:] = np.nan


@kernel
def no_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """For an objective without a Hessian."""
    out[:, :] = np.nan


@kernel
def no_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """For an objective without a non-smooth part."""
    out[:] = np.nan


@kernel
def no_draw(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """The full gradient draws nothing."""


@kernel
def no_disturbance(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """The full gradient as its own stochastic gradient."""
    objective.gradient(objective.data, x, out)


@functools.cache
def signatures() -> dict[str, Any]:
    """The compiled signature of each role that a kernel can play, by role."""
    from numba import types

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    integers, stream = types.int64[::1], types.uint64[:, ::1]
    data = types.NamedTuple([vector, matrix], Data)
    roles: dict[str, Any] = {
        "value": types.float64(data, vector),
        "gradient": types.void(data, vector, vector),
        "component": types.void(data, types.int64, vector, vector),
        "hessian": types.void(data, vector, matrix),
        "prox": types.void(data, types.float64, vector, vector),
        "draw": types.void(types.int64, vector, integers, stream, vector),
    }
    pointers = {role: types.FunctionType(signature) for role, signature in roles.items()}
    objective = types.NamedTuple(
        [pointers[role] for role in ("value", "gradient", "component", "hessian", "prox")] + [data], Objective
    )
    roles["disturb"] = types.void(objective, vector, vector, vector, vector)
    pointers["disturb"] = types.FunctionType(roles["disturb"])
    oracle = types.NamedTuple(
        [objective, pointers["draw"], pointers["disturb"], vector, integers, vector, matrix, stream], Oracle
    )
    reference = types.NamedTuple([vector, types.float64, vector], Reference)
    roles["step"] = types.void(types.int64, vector, matrix, vector, oracle)
    roles["quantity"] = types.float64(objective, reference, vector, matrix)
    roles["pair"] = types.void(objective, data, matrix, vector, vector, vector)
    return roles


def compiled_role(function: Kernel, role: str) -> Any:
    """The kernel compiled for a role: a pointer that any driver takes."""
    return function.compiled(None if jit_disabled() else signatures()[role])


def pointer_types(*roles: str) -> list[Any]:
    """The numba types of function arguments that play these roles."""
    from numba import types

    return [types.FunctionType(signatures()[role]) for role in roles]
