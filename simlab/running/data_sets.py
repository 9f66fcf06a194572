"""Coupled runs on given data sets, one a run if need be: for expectations over data sets, and for comparisons."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simlab.errors import InputError
from simlab.kernels import oracle as roles
from simlab.kernels.coupled import coupled_driver
from simlab.kernels.random import streams
from simlab.kernels.trajectory import Layout
from simlab.vocabulary.method import Method
from simlab.vocabulary.noise import EXACT, NoiseSpec
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import PairQuantity


def coupled_records(
    quantity: PairQuantity,
    method: Method,
    problem: Problem,
    tables: NDArray[np.float64],
    checkpoints: Sequence[int],
    runs: int,
    entropy: Sequence[int],
    noise: NoiseSpec | None = None,
    constants: Mapping[str, Any] | None = None,
    shared: bool = True,
) -> NDArray[np.float64]:
    """What ``quantity`` measures on the last iterates of coupled runs on neighbouring data sets.

    Parameters
    ----------
    problem
        Gives kernels, scalars, start and test examples; its table is not used.
    tables
        Data sets, shape (runs or 1, 1 + neighbours, rows, columns): ``tables[r, 0]`` is that of run r and the
        others are its neighbours; with a first axis of 1 all runs have the same.
    checkpoints
        The steps at which to measure, in order.
    entropy
        Whole numbers from which the random streams of all runs are derived.
    noise, constants
        The noise model, and what its and the method's parameters are functions of.
    shared
        Whether neighbouring runs share their randomness.

    Returns
    -------
    array of shape (runs, checkpoints, neighbours, outputs)

    Raises
    ------
    InputError
        When the tables do not fit.
    """
    tables = np.array(tables, dtype=np.float64, order="C")
    if tables.ndim != 4 or len(tables) not in (1, runs) or tables.shape[1] < 2:
        raise InputError(
            f"tables must have the shape (runs or 1, 1 + neighbours, rows, columns) with {runs} runs, "
            f"not {tables.shape}."
        )
    known = {**problem.universal, **(constants or {}), "K": checkpoints[-1]}
    model = EXACT if noise is None else noise.resolve(problem, known)
    kernels, test = problem.kernels, np.asarray(problem.test)
    functions = [
        roles.compiled_role(method.family.step, "step"),
        roles.compiled_role(quantity.kernel, "pair"),
        *(
            roles.compiled_role(getattr(kernels, name), name)
            for name in ("value", "gradient", "component", "hessian", "prox")
        ),
        roles.compiled_role(model.draw, "draw"),
        roles.compiled_role(model.disturb, "disturb"),
    ]
    sizes = Layout(0, 0, 0, -1, method.memory_rows(known), model.sample, model.order)
    records = np.full((runs, len(checkpoints), tables.shape[1] - 1, quantity.outputs(len(test))), np.nan)
    with np.errstate(all="ignore"):
        coupled_driver()(
            *functions, problem.data.scalars, tables, test, model.vector, np.zeros((0, 0)),
            np.asarray(problem.start), method.schedule(known, max(checkpoints[-1], 1)), np.ones(1),
            np.array(checkpoints, dtype=np.int64), sizes, int(shared), streams(entropy, 0, runs), records,
        )  # fmt: skip
    return records
