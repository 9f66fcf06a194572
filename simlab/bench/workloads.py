"""The workloads: what is run, on both sides, and how fast the kernels should be."""

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simlab.bench import twins
from simlab.discovery import discover
from simlab.kernels.quantities import argument_stability, consensus_error, suboptimality
from simlab.running.data_sets import coupled_records
from simlab.running.simulate import case_of
from simlab.running.trajectories import sample_runs
from simlab.topologies.networks import named_mixing, named_network
from simlab.vocabulary.registry import REGISTRY

Measured = NDArray[np.float64]


@dataclass(frozen=True)
class Workload:
    """One comparison: ``numpy()`` and ``kernels()`` measure the same quantity on ``units`` units of work.

    ``goal`` is by which factor the kernels should be faster; None where there is no goal.
    """

    name: str
    title: str
    unit: str
    units: int
    goal: float | None
    numpy: Callable[[], Measured]
    kernels: Callable[[], Measured]


@dataclass(frozen=True)
class Sizes:
    """How much is run: steps and runs of each workload, and how often each side is timed."""

    sgd: tuple[int, int] = (1000, 4096)
    stability: tuple[int, int] = (640, 64)
    dpsgd: tuple[int, int] = (500, 256)
    repetitions: int = 5


FULL = Sizes()
QUICK = Sizes(sgd=(100, 2048), stability=(64, 32), dpsgd=(50, 128), repetitions=3)


def workloads(sizes: Sizes, seed: int = 0, pool: Executor | None = None) -> list[Workload]:
    """All comparisons; kernels run on the threads of ``pool``."""
    discover()
    random = np.random.default_rng(seed)
    return [
        *sgd_workloads(sizes, seed, random, pool),
        *stability_workloads(sizes, seed, random, pool),
        *dpsgd_workloads(sizes, seed, random, pool),
    ]


def registered(kind: str, name: str) -> Any:
    """A registered problem, method or noise model."""
    return REGISTRY.of(kind)[name]


def sgd_workloads(
    sizes: Sizes, seed: int, random: np.random.Generator, pool: Executor | None
) -> Iterable[Workload]:
    """W1 and W1s: SGD on a quadratic of 32 coordinates."""
    (steps, runs), d, step_size = sizes.sgd, 32, 0.1
    spectrum, scale = np.linspace(0.1, 1.0, d), math.sqrt(1 / d)
    problem = registered("problem", "quadratic")(spectrum=tuple(spectrum))
    rule = registered("method", "sgd")(step_size=step_size)

    def one(name: str, title: str, kind: str, goal: float, draw: twins.Draw) -> Workload:
        case = case_of(
            name, rule, problem, suboptimality.last, (steps,), registered("noise", kind)(variance=1.0)
        )
        return Workload(
            name, title, "coordinate-step", d * steps * runs, goal,
            lambda: twins.sgd_on_quadratic(spectrum, np.ones(d), step_size, steps, runs, draw),
            lambda: sample_runs(case, seed, 0, runs, pool)[:, 0, 0],
        )  # fmt: skip

    yield one("W1", "SGD, Gaussian noise", "gaussian", 3, twins.normals(random, scale))
    yield one("W1s", "SGD, signs by choice", "signs", 8, twins.chosen_signs(random, scale))
    yield one("W1s", "SGD, signs by unpacked bits", "signs", 3, twins.unpacked_signs(random, scale))


def stability_workloads(
    sizes: Sizes, seed: int, random: np.random.Generator, pool: Executor | None
) -> Iterable[Workload]:
    """W2: uniform stability of SGD on the logistic loss, against every neighbour."""
    (steps, runs), n, d, step_size = sizes.stability, 64, 16, 0.5
    problem = registered("problem", "logistic-regression")(terms=n, dimension=d)
    rows, start = np.asarray(problem.table), np.asarray(problem.start)
    rule, model = registered("method", "sgd")(step_size=step_size), registered("noise", "minibatch")()
    tables = np.tile(rows, (1, 1 + n, 1, 1))
    tables[0, 1 + np.arange(n), np.arange(n)] *= -1.0

    def part(number: int) -> Measured:
        records = coupled_records(
            argument_stability, rule, problem, tables, (steps,), runs // parts, (seed, number), model
        )
        return records[:, 0, :, 0]

    parts = min(runs, 8)  # each on a thread

    def kernels() -> Measured:
        each = pool.map if pool is not None else map
        return np.concatenate(list(each(part, range(parts))))

    def numpy(twin: Callable[..., Measured]) -> Callable[[], Measured]:
        return lambda: twin(rows, start, step_size, random.integers(0, n, (runs, steps)))

    for title, goal, twin in (
        ("stability, pair by pair", 20, twins.stability_pair_by_pair),
        ("stability, shared base run", None, twins.stability_shared_base),
    ):
        yield Workload("W2", title, "pair-step", n * steps * runs, goal, numpy(twin), kernels)


def dpsgd_workloads(
    sizes: Sizes, seed: int, random: np.random.Generator, pool: Executor | None
) -> Iterable[Workload]:
    """W3: D-PSGD on a ring of 16 workers."""
    (steps, runs), m, d, step_size, curvature = sizes.dpsgd, 16, 16, 0.1, 1.0
    weights = named_mixing("ring", m).matrix
    problem = registered("problem", "tilted-quadratics")(workers=m, dimension=d, curvature=curvature)
    tilts, start = np.reshape(problem.table, (m, d)), np.reshape(problem.start, (m, d))
    rule, scale = registered("method", "dpsgd-combine-then-adapt")(step_size=step_size), math.sqrt(1 / d)

    def one(name: str, title: str, kind: str, goal: float, draw: twins.Draw) -> Workload:
        case = case_of(
            name, rule, problem, consensus_error.last, (steps,), registered("noise", kind)(variance=1.0),
            named_network("ring", m),
        )  # fmt: skip
        return Workload(
            name, title, "coordinate-step", m * d * steps * runs, goal,
            lambda: twins.dpsgd_on_parabolas(weights, curvature, tilts, start, step_size, steps, runs, draw),
            lambda: sample_runs(case, seed, 0, runs, pool)[:, 0, 0],
        )  # fmt: skip

    yield one("W3", "D-PSGD, Gaussian noise", "gaussian", 4, twins.normals(random, scale))
    yield one("W3s", "D-PSGD, signs by choice", "signs", 8, twins.chosen_signs(random, scale))
