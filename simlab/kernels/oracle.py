"""What an update rule may ask of a problem: the oracle, its parts, and their compiled signatures.

A step kernel receives one ``Oracle`` and asks it for gradients, samples and network weights through the small
kernels below. All problems share these signatures, so a driver is compiled once, not once for each pair of
method and problem.
"""

import functools
import types as python_types
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Stream, Vector
from simlab.kernels.compilation import Intrinsic, Kernel, jit_disabled, kernel


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


def _by_handle(record: Any) -> Any:
    """The record as kernels pass it on: compiled, by its address; in plain Python, itself."""
    return record


def _entrances(functions: Any, roles: str) -> Any:
    """What :func:`callees` made, as functions again: one for each role in the literal text ``roles``."""
    return functions


by_handle = Intrinsic(_by_handle, "simlab.kernels.handles", "by_handle")
widen = Intrinsic(_by_handle, "simlab.kernels.handles", "widen")
entrances = Intrinsic(_entrances, "simlab.kernels.entrances", "entrances")


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


@kernel
def add_sample(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """The gradient plus the drawn vector."""
    objective.gradient(objective.data, x, out)
    for i in range(x.size):
        out[i] += sample[i]


@functools.cache
def signatures() -> dict[str, Any]:
    """The compiled signature of each role that a kernel can play, by role."""
    from numba import types

    from simlab.kernels.handles import RECORDS, Handle, Slim

    vector, matrix = types.float64[::1], types.float64[:, ::1]
    integers, stream = types.int64[::1], types.uint64[:, ::1]
    x, table, whole, rng = Slim(vector), Slim(matrix), Slim(integers), Slim(stream)
    data, reference, objective, oracle = map(Handle, (Data, Reference, Objective, Oracle))
    roles: dict[str, Any] = {
        "value": types.float64(data, x),
        "gradient": types.void(data, x, x),
        "component": types.void(data, types.int64, x, x),
        "hessian": types.void(data, x, table),
        "prox": types.void(data, types.float64, x, x),
        "draw": types.void(types.int64, x, whole, rng, x),
        "disturb": types.void(objective, x, x, x, x),
        "step": types.void(types.int64, x, table, x, oracle),
        "quantity": types.float64(objective, reference, x, table),
        "pair": types.void(objective, data, table, x, x, x),
    }
    pointers = {role: types.FunctionType(signature) for role, signature in roles.items()}
    parts = [pointers[role] for role in ("value", "gradient", "component", "hessian", "prox")]
    RECORDS[Data] = types.NamedTuple([vector, matrix], Data)
    RECORDS[Reference] = types.NamedTuple([vector, types.float64, vector], Reference)
    RECORDS[Objective] = types.NamedTuple([*parts, data], Objective)
    RECORDS[Oracle] = types.NamedTuple(
        [objective, pointers["draw"], pointers["disturb"], vector, integers, vector, matrix, stream], Oracle
    )
    return roles


@functools.cache
def compiled_role(function: Kernel, role: str) -> Any:
    """The kernel compiled for a role: a pointer that any driver takes."""
    if jit_disabled():
        return function.compiled()
    signature = signatures()[role]
    compiled: Any = _entrance(function, len(signature.args)).pointer(signature)
    if not hasattr(compiled, "address"):
        machine_code = compiled.get_compile_result(signature)
        name = machine_code.fndesc.llvm_func_name
        compiled.address = machine_code.library.get_pointer_to_function(name)
    return compiled


def callees(functions: Sequence[Any]) -> Any:
    """Kernels compiled for roles as a driver takes them: their addresses, in plain Python themselves.

    numba takes functions as arguments too, but it needs 50 microseconds for each.
    """
    if jit_disabled():
        return tuple(functions)
    return np.array([function.address for function in functions], dtype=np.uint64)


@functools.cache
def _entrance(function: Kernel, arguments: int) -> Kernel:
    """The kernel behind an entrance that restores the arguments that came as addresses."""
    template = (_entrance_2, _entrance_3, _entrance_4, _entrance_5, _entrance_6)[arguments - 2]
    names = {"inner": Kernel(function.function, inline=True), "widen": widen, "__name__": __name__}
    entrance = python_types.FunctionType(template.__code__, names, function.function.__name__)
    entrance.__qualname__, entrance.__module__ = function.function.__qualname__, function.function.__module__
    return Kernel(entrance)


inner: Any = None  # in its place comes the kernel


def _entrance_2(a: Any, b: Any) -> Any:
    return inner(widen(a), widen(b))


def _entrance_3(a: Any, b: Any, c: Any) -> Any:
    return inner(widen(a), widen(b), widen(c))


def _entrance_4(a: Any, b: Any, c: Any, d: Any) -> Any:
    return inner(widen(a), widen(b), widen(c), widen(d))


def _entrance_5(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    return inner(widen(a), widen(b), widen(c), widen(d), widen(e))


def _entrance_6(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    return inner(widen(a), widen(b), widen(c), widen(d), widen(e), widen(f))


def pointer_types(*roles: str) -> list[Any]:
    """The numba types of function arguments that play these roles."""
    from numba import types

    return [types.FunctionType(signatures()[role]) for role in roles]
