"""Runs of a case: single trajectories and coupled pairs, block by block."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels import oracle as roles
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Kernel
from simlab.kernels.coupled import coupled_driver
from simlab.kernels.trajectory import Layout, block_driver
from simlab.planning.cases import Case
from simlab.running import precise
from simlab.running.streams import run_states
from simlab.vocabulary.constants import argument_names, evaluate
from simlab.vocabulary.quantity import Measure, PairMeasure

# Trajectories that one thread takes at a time: a coupled run has one for each data set. No result depends on it.
BLOCK = 64


def parts(case: Case) -> list[tuple[Kernel, str]]:
    """The kernels of a case with their roles in the order of the drivers' arguments, the measured one second."""
    assert case.problem is not None
    assert case.setting.method is not None
    assert case.setting.measures is not None
    measures = case.setting.measures
    kernels = case.problem.kernels
    return [
        (case.setting.method.family.step, "step"),
        (measures.quantity.kernel, "pair" if isinstance(measures, PairMeasure) else "quantity"),
        *((getattr(kernels, name), name) for name in ("value", "gradient", "component", "hessian", "prox")),
        (case.noise.draw, "draw"),
        (case.noise.disturb, "disturb"),
    ]


def as_called(kernels: Sequence[tuple[Kernel, str]], extended: bool) -> list[Any]:
    """Kernels as drivers take them: compiled for their roles, or themselves where the driver is ``precise``."""
    return [kernel if extended else roles.compiled_role(kernel, role) for kernel, role in kernels]


def layout(case: Case) -> Layout:
    """The sizes and choices of a case's runs."""
    method, measures = case.setting.method, case.setting.measures
    assert method is not None
    assert measures is not None
    if measures.output is not None and measures.output not in method.family.outputs:
        raise InputError(
            f"method {method.name} has no output {measures.output}; "
            f"it has {', '.join(method.family.outputs) or 'none besides x'}."
        )
    return Layout(
        selection=int(measures.selection),
        first=measures.first,
        lag=measures.lag,
        output=-1 if measures.output is None else method.family.outputs[measures.output],
        memory=method.memory_rows(case.known),
        sample=case.noise.sample,
        order=case.noise.order,
    )


def iterate_weights(case: Case) -> Vector:
    """Weights of the iterates x_0, ..., x_K; one number when they are uniform."""
    measures = case.setting.measures
    if measures is None or measures.weights is None:
        return np.ones(1)
    js = range(case.checkpoints[-1] + 1)
    name = argument_names(measures.weights)[0]
    return np.array([float(evaluate(measures.weights, {**case.known, name: j}, "the weights")) for j in js])


def is_random(case: Case) -> bool:
    """Whether runs of the case differ from one another."""
    assert case.setting.method is not None
    return case.noise.random or "rng" in case.setting.method.family.needs


def _common(case: Case) -> dict[str, Any]:
    problem, method = case.problem, case.setting.method
    assert problem is not None
    assert method is not None
    minimizer = problem.minimizer
    return {
        "network": case.network.array if case.network is not None else np.zeros((0, 0)),
        "start": np.asarray(problem.start),
        "minimizer": np.full(problem.dimension, np.nan) if minimizer is None else np.asarray(minimizer),
        "parameters": method.schedule(case.known, max(case.checkpoints[-1], 1)),
        "weights": iterate_weights(case),
        "checkpoints": np.array(case.checkpoints, dtype=np.int64),
    }


def single_runs(case: Case, extended: bool = False) -> Callable[[Any, Matrix], None]:
    """A function that runs trajectories for given stream states into rows of records (runs, checkpoints), compiled
    or in ``extended`` precision.
    """
    problem, common = case.problem, _common(case)
    assert problem is not None
    sizes = layout(case)
    driver, functions = precise.single if extended else block_driver(), as_called(parts(case), extended)

    def run(states: Any, records: Matrix) -> None:
        driver(
            *functions, problem.data.scalars, problem.data.table, case.noise.vector, common["network"],
            common["start"], common["minimizer"], problem.minimum, common["parameters"], common["weights"],
            common["checkpoints"], sizes, states, records,
        )  # fmt: skip

    return run


def coupled_runs(case: Case, extended: bool = False) -> tuple[Callable[[Any, Any], None], int]:
    """The same for coupled runs, and how many comparisons a run has: neighbours times measured numbers."""
    problem, common = case.problem, _common(case)
    assert problem is not None
    measures = case.setting.measures
    assert isinstance(measures, PairMeasure)
    if not len(problem.neighbours):
        raise InputError(f"{problem.label} has no neighbouring data sets; stability needs neighbours=.")
    tables = np.ascontiguousarray(np.stack([problem.data.table, *map(np.asarray, problem.neighbours)])[None])
    test = np.asarray(problem.test)
    outputs = measures.quantity.outputs(len(test))
    sizes = layout(case)
    driver, functions = precise.coupled if extended else coupled_driver(), as_called(parts(case), extended)

    def run(states: Any, records: Any) -> None:
        shaped = records.reshape(len(records), len(case.checkpoints), tables.shape[1] - 1, outputs)
        driver(
            *functions, problem.data.scalars, tables, test, case.noise.vector, common["network"],
            common["start"], common["parameters"], common["weights"], common["checkpoints"], sizes,
            int(measures.shared), states, shaped,
        )  # fmt: skip

    return run, outputs * (tables.shape[1] - 1)


def sample_runs(
    case: Case, seed: int, first: int, count: int, pool: Executor | None, extended: bool = False
) -> Matrix:
    """Records (count, checkpoints, comparisons) of the runs ``first``, ... of a case; with ``extended`` they are
    computed in extended precision, in plain Python.

    Rows depend on the seed, the case and the run's number only.
    """
    comparisons, size = 1, BLOCK
    if isinstance(case.setting.measures, PairMeasure):
        assert case.problem is not None
        run, comparisons = coupled_runs(case, extended)
        size = max(1, BLOCK // (1 + len(case.problem.neighbours)))
    else:
        assert isinstance(case.setting.measures, Measure)
        run = single_runs(case, extended)
    records = np.full(
        (count, len(case.checkpoints), comparisons), np.nan, precise.EXTENDED if extended else None
    )
    states = run_states(seed, case.key, first, count)

    def block(start: int) -> None:
        rows = records[start : start + size]
        view = rows if isinstance(case.setting.measures, PairMeasure) else rows[:, :, 0]
        contiguous = np.ascontiguousarray(view)
        with np.errstate(all="ignore"):
            run(states[start : start + size], contiguous)
        rows[...] = contiguous.reshape(rows.shape)

    starts = range(0, count, size)
    if pool is None or count <= size:
        for start in starts:
            block(start)
    else:
        list(pool.map(block, starts))
    return records
