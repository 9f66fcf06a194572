"""Runs in extended precision: the registered kernels in plain Python on ``np.longdouble``.

No kernel is written twice, and nothing but the arithmetic differs from the compiled run: the instance, the start
and the step sizes are the same float64 numbers.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from simlab.kernels import probe
from simlab.kernels.arrays import Matrix
from simlab.kernels.compilation import Kernel
from simlab.kernels.coupled import Pair, run_coupled_block
from simlab.kernels.random import LANES, STATE_ROWS
from simlab.kernels.trajectory import Layout, Space, run_block, space

EXTENDED = np.longdouble


class _Arrays:
    """NumPy for kernels: new arrays are of extended precision, decompositions take and give float64."""

    float64 = EXTENDED

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if name in ("array", "empty", "full", "ones", "zeros", "eye"):
            return lambda *given, dtype=EXTENDED: found(*given, dtype=dtype)
        return found

    class linalg:
        """Decompositions."""

        @staticmethod
        def eigh(matrix: Matrix) -> tuple[Any, Any]:
            values, vectors = np.linalg.eigh(np.asarray(matrix, dtype=np.float64))
            return values.astype(EXTENDED), vectors.astype(EXTENDED)


class _Mathematics:
    """``math`` for kernels."""

    pi, e, inf, nan = 4 * np.arctan(EXTENDED(1)), np.exp(EXTENDED(1)), math.inf, math.nan
    NAMES = {"acos": "arccos", "asin": "arcsin", "atan": "arctan", "atan2": "arctan2", "pow": "power"}  # noqa: RUF012

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(np, self.NAMES.get(name, name), None)
        if function is None:  # such as math.erf, which NumPy does not have
            return getattr(math, name)  # type: ignore[no-any-return]
        return lambda *given: function(*(EXTENDED(x) for x in given))


ARRAYS, MATHEMATICS = _Arrays(), _Mathematics()


def interpreted(kernel: Kernel) -> Callable[..., Any]:
    """The kernel in plain Python, in extended precision wherever its arguments are."""
    return kernel.interpreted(math=MATHEMATICS, np=ARRAYS)


def extended(value: Any) -> Any:
    """An argument of a driver in extended precision; whole numbers and choices as they are."""
    if isinstance(value, float):
        return EXTENDED(value)
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(EXTENDED)
    return value


def _room(layout: Layout, dimension: int) -> Space:
    return Space(*map(extended, space(layout, dimension)))


def single(*arguments: Any) -> None:
    """What ``block_driver`` does, with kernels in place of pointers."""
    *numbers, layout, states, records = arguments[9:]
    functions = [interpreted(kernel) for kernel in arguments[:9]]
    room = _room(layout, numbers[4].size)
    interpreted(run_block)(functions, *map(extended, numbers), layout, states, records, room)


def coupled(*arguments: Any) -> None:
    """What ``coupled_driver`` does, with kernels in place of pointers."""
    *numbers, layout, shared, states, records = arguments[9:]
    functions, start, checkpoints = [interpreted(kernel) for kernel in arguments[:9]], numbers[5], numbers[8]
    points = np.zeros((2, checkpoints.size, start.size), EXTENDED)
    both = Pair(points[0], points[1], np.zeros((STATE_ROWS, LANES), np.uint64))
    room = _room(layout, start.size)
    run = interpreted(run_coupled_block)
    run(functions, *map(extended, numbers), layout, shared, states, records, room, both)


def probe_steps(*arguments: Any) -> None:
    """What ``step_prober`` does, with kernels in place of pointers and ``states`` of extended precision."""
    *numbers, steps, parameters, memory, states, samples, stream = arguments[8:]
    functions, d = [interpreted(kernel) for kernel in arguments[:8]], states.shape[1] // (1 + memory)
    given = [*map(extended, numbers), steps, extended(parameters), states, extended(samples), stream]
    room = (np.zeros(1, np.int64), np.empty(d, EXTENDED), np.empty((memory, d), EXTENDED))
    interpreted(probe.probe_steps)(functions, *given, *room)


def probe_quantity(*arguments: Any) -> None:
    """What ``quantity_prober`` does, with kernels in place of pointers and ``out`` of extended precision."""
    *numbers, out = arguments[6:]
    functions, work = (
        [interpreted(kernel) for kernel in arguments[:6]],
        np.zeros((4, numbers[3].size), EXTENDED),
    )
    interpreted(probe.probe_quantity)(functions, *map(extended, numbers), out, work)
