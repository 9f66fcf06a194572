"""Running a case's registered kernels in plain Python, on symbols or on floats.

The method is executed as it is registered, and so is the measured quantity: there is no second copy of an update
rule that could differ from the first.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from simlab.estimation.symbols import MATHEMATICS, refuse
from simlab.kernels.oracle import Objective, Oracle, Reference, no_draw
from simlab.kernels.trajectory import Selection
from simlab.planning.cases import Case
from simlab.running.trajectories import iterate_weights, layout
from simlab.vocabulary.quantity import Measure

MOST_BRANCHES = 64  # outcomes of the noise, over all steps

# A run: its probability and the points that may be measured, x_0, ..., x_k or an output in their place.
Run = tuple[float, list[Any]]


class Answers(Protocol):
    """What answers the questions of kernels: the kernels of a problem, and what measurements compare with."""

    @property
    def kernels(self) -> Objective: ...  # noqa: D102

    @property
    def reference(self) -> Reference: ...  # noqa: D102


def runs(case: Case, problem: Answers) -> list[Run]:
    """Every run of a case: one, or one for each outcome of the noise."""
    return [(weight, _run(case, problem, samples)) for weight, samples in _branches(case)]


def _branches(case: Case) -> Sequence[tuple[float, Any]]:
    """Every outcome of the noise in all steps, with its probability."""
    noise, k = case.noise, case.checkpoints[-1]
    assert case.setting.method is not None
    if "rng" in case.setting.method.family.needs:
        refuse("its method draws randomness of its own")
    if not noise.random:
        return [(1.0, None)]
    if noise.support is None:
        refuse("the outcomes of its noise are not listed")
    count = len(noise.support) ** k
    if count > MOST_BRANCHES:
        refuse(f"its noise has {count} outcomes in {k} steps, more than {MOST_BRANCHES}")
    outcomes = itertools.product(noise.support, repeat=k)
    return [(math.prod(p for p, _ in path), [sample for _, sample in path]) for path in outcomes]


def _run(case: Case, problem: Answers, samples: Any) -> list[Any]:
    method, k_last = case.setting.method, case.checkpoints[-1]
    assert method is not None
    sizes, oracle = layout(case), _oracle(case, problem, samples)
    step = method.family.step.interpreted(math=MATHEMATICS)
    table = method.schedule(case.known, max(k_last, 1))
    x = np.array(problem.reference.start)
    memory, seen = np.zeros((sizes.memory, x.size), x.dtype), []
    for k in range(k_last + 1):
        if k > 0:
            step(k - 1, x, memory, table[min(k - 1, len(table) - 1)], oracle)
        seen.append((x if sizes.output < 0 else memory[sizes.output]).copy())
    return seen


def _oracle(case: Case, problem: Answers, samples: Any) -> Oracle:
    """All that a step asks; ``samples`` gives the draw of each step where the noise is random."""
    noise = case.noise

    def given(k: int, parameters: Any, order: Any, rng: Any, sample: Any) -> None:
        sample[:] = samples[k]

    draw = noise.draw.interpreted() if noise.draw is no_draw or noise.fixed else given
    disturb = noise.disturb.interpreted(math=MATHEMATICS)
    order, sample = np.zeros(noise.order, np.int64), np.zeros(noise.sample)
    nothing = np.zeros((0, 0), np.uint64)
    return Oracle(
        problem.kernels, draw, disturb, noise.vector, order, sample, np.zeros((0, 0)), nothing
    )  # fmt: skip


def measured(case: Case, problem: Answers, made: list[Run]) -> list[list[tuple[float, Any]]]:
    """What is measured: the smallest of these weighted sums of quantities."""
    measures, k = case.setting.measures, case.checkpoints[-1]
    assert isinstance(measures, Measure)
    kernel = measures.quantity.kernel.interpreted(math=MATHEMATICS)

    def quantity(point: Any) -> Any:
        return kernel(problem.kernels, problem.reference, point, np.zeros((4, point.size), point.dtype))

    if measures.selection is Selection.LAST:
        return [[(p, quantity(seen[k])) for p, seen in made]]
    window, weights = range(measures.first, k - measures.lag + 1), iterate_weights(case)
    if not window:
        refuse(f"it measures no iterate at k={k}")
    shares = [float(weights[min(j, len(weights) - 1)]) for j in window]
    match measures.selection:
        case Selection.AVERAGE:
            means = [(p, sum(w / sum(shares) * seen[j] for w, j in zip(shares, window, strict=True)))
                     for p, seen in made]  # fmt: skip
            return [[(p, quantity(point)) for p, point in means]]
        case Selection.BEST if len(made) == 1:
            return [[(1.0, quantity(made[0][1][j]))] for j in window]
        case Selection.MEAN | Selection.SUM:
            total = sum(shares) if measures.selection is Selection.MEAN else 1.0
            return [[(p * w / total, quantity(seen[j])) for p, seen in made
                     for w, j in zip(shares, window, strict=True)]]  # fmt: skip
    return refuse(f"it measures the {measures}")
