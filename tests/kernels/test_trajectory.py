"""The driver against plain NumPy: every choice of iterates, schedules, noise, networks, what is not a number."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from problems.networks import tilted_quadratics
from problems.noise import gaussian, multiplicative, signs
from problems.quadratic import quadratic
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import (
    Oracle,
    component_gradient,
    draw_sample,
    full_gradient,
    hessian,
    proximal_map,
    sampled_gradient,
    stochastic_gradient,
)
from simlab.kernels.quantities import distance, distance_squared, max_norm, suboptimality
from simlab.kernels.random import fill_normals, fill_signs, uniform
from simlab.kernels.trajectory import Selection
from simlab.optimizers.decentralized import dpsgd_combine_then_adapt
from simlab.optimizers.first_order import gradient_descent, nesterov, sgd
from simlab.planning.cases import Case
from simlab.running.simulate import case_of
from simlab.running.streams import run_states
from simlab.running.trajectories import sample_runs
from simlab.topologies.networks import named_mixing, named_network
from simlab.vocabulary.method import method
from simlab.vocabulary.quantity import Measure

STEPS = 12
RUNS = 3
BOWL = quadratic(spectrum=(0.3, 1.0, 2.5), rotation=3)
HESSIAN = np.asarray(BOWL.table)


def recorded(case: Case, runs: int = RUNS, seed: int = 5) -> Matrix:
    """Records (runs, checkpoints)."""
    return sample_runs(case, seed, 0, runs, None)[:, :, 0]


def drawn(case: Case, fill: Any, count: int, runs: int = RUNS, seed: int = 5) -> NDArray[np.float64]:
    """The first ``count`` numbers that each run draws, shape (runs, count)."""
    out = np.empty((runs, count))
    with np.errstate(all="ignore"):
        for state, row in zip(run_states(seed, case.key, 0, runs), out, strict=True):
            fill(state, row)
    return out


def sgd_iterates(noise: NDArray[np.float64], step_sizes: Vector) -> NDArray[np.float64]:
    """x_0, ..., x_K of SGD on the bowl for given noise (runs, K, d), shape (runs, K + 1, d)."""
    x = np.tile(np.asarray(BOWL.start), (len(noise), 1))
    path = [x]
    for k in range(noise.shape[1]):
        x = x - step_sizes[k] * (x @ HESSIAN + noise[:, k])
        path.append(x)
    return np.stack(path, axis=1)


def chosen(
    iterates: NDArray[np.float64],
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    measures: Measure,
    k: int,
    weights: Vector,
) -> Vector:
    """What a measurement at step k says, as its definition reads."""
    window = range(measures.first, k - measures.lag + 1)
    at = {j: value(iterates[:, j]) for j in window}
    match measures.selection:
        case Selection.LAST:
            return np.asarray(value(iterates[:, k]))
        case Selection.BEST:
            return np.min(list(at.values()), axis=0)
        case Selection.WORST:
            return np.max(list(at.values()), axis=0)
        case Selection.SUM:
            return np.sum([weights[j] * at[j] for j in window], axis=0)
        case Selection.MEAN:
            return np.sum([weights[j] * at[j] for j in window], axis=0) / sum(weights[j] for j in window)
    mean = sum(weights[j] * iterates[:, j] for j in window) / sum(weights[j] for j in window)
    return np.asarray(value(mean))


def squared(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sum(x**2, axis=-1)


def half_form(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sum(x * (x @ HESSIAN), axis=-1) / 2


@pytest.mark.parametrize(
    ("first", "lag", "checkpoints"),
    [(0, 0, (0, 1, 5, STEPS)), (0, 1, (1, 2, STEPS)), (3, 0, (3, 4, STEPS)), (3, 1, (4, 9, STEPS))],
    ids=str,
)
@pytest.mark.parametrize("weighted", [False, True], ids=["uniform", "weighted"])
@pytest.mark.parametrize("selection", list(Selection), ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("quantity", "value"),
    [(distance_squared, squared), (suboptimality, half_form)],
    ids=["distance", "value"],
)
def test_every_choice_of_iterates(
    quantity: Any, value: Any, selection: Selection, weighted: bool, first: int, lag: int, checkpoints: Any
) -> None:
    measures = Measure(quantity, selection, first, lag, (lambda j: j - 2.2) if weighted else None)
    case = case_of("windows", sgd(step_size=0.3), BOWL, measures, checkpoints, gaussian(variance=0.5))
    d = BOWL.dimension
    noise = math.sqrt(0.5 / d) * drawn(case, fill_normals, STEPS * d).reshape(RUNS, STEPS, d)
    iterates = sgd_iterates(noise, np.full(STEPS, 0.3))
    weights = np.arange(STEPS + 1) - 2.2 if weighted else np.ones(STEPS + 1)
    expected = np.stack([chosen(iterates, value, measures, k, weights) for k in checkpoints], axis=1)
    assert recorded(case) == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_an_empty_window_has_no_finite_statistic() -> None:
    """x_5, ..., x_2 is no iterate at all: only its sum is a number."""
    found = {}
    for selection in Selection:
        measures = Measure(distance_squared, selection, first=5, lag=0)
        case = case_of("empty", gradient_descent(step_size=0.1), BOWL, measures, (2, 6))
        found[selection] = recorded(case, 1)[0]
    assert found.pop(Selection.SUM)[0] == 0.0
    assert np.isfinite(found.pop(Selection.LAST)).all()
    for values in found.values():
        assert np.isfinite(values).tolist() == [False, True]


@pytest.mark.parametrize("selection", list(Selection), ids=lambda s: s.name)
def test_what_is_not_a_number_stays_so(selection: Selection) -> None:
    """The noise of step 2 is not a number: every choice that has seen it says so, also later."""

    @method(parameters={})
    @kernel
    def breaks_down(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
        """x+ = NaN in step 2, (2, 1, 1) before and (1, 1, 1) after"""
        for i in range(x.size):
            x[i] = np.nan if k == 2 else 1.0
        if k < 2:
            x[0] = 2.0

    case = case_of("nan", breaks_down(), BOWL, Measure(distance, selection), (1, 2, 3, 4, 8))
    finite = np.isfinite(recorded(case, 1)[0]).tolist()
    assert finite == [True, True, False, selection is Selection.LAST, selection is Selection.LAST]


def test_a_schedule_gives_each_step_its_own_parameters() -> None:
    case = case_of(
        "schedule",
        sgd(step_size=lambda k: 1 / (k + 2)),
        BOWL,
        distance_squared.last,
        (0, 1, 2, STEPS),
        signs(),
    )
    d = BOWL.dimension
    with np.errstate(all="ignore"):
        noise = np.empty((RUNS, STEPS, d))
        for state, rows in zip(run_states(5, case.key, 0, RUNS), noise, strict=True):
            for row in rows:
                fill_signs(state, row, math.sqrt(1 / d))
    iterates = sgd_iterates(noise, 1 / (np.arange(STEPS) + 2.0))
    assert recorded(case) == pytest.approx(squared(iterates)[:, [0, 1, 2, STEPS]], rel=1e-12)


def test_an_output_of_the_method_is_measured_in_place_of_x() -> None:
    case = case_of("output", nesterov(step_size=0.2), BOWL, distance_squared.last.of("y"), (1, 2, 7))
    x = y = np.asarray(BOWL.start)
    squares = []
    for k in range(7):
        moved = y - 0.2 * HESSIAN @ y
        y, x = moved + k / (k + 3) * (moved - x), moved
        squares.append(float(y @ y))
    assert recorded(case, 1)[0] == pytest.approx([squares[0], squares[1], squares[6]], rel=1e-12)
    with pytest.raises(InputError, match="has no output z; it has y"):
        recorded(replace(case, setting=replace(case.setting, measures=distance_squared.last.of("z"))))


def test_decentralized_sgd_on_a_ring() -> None:
    m, d = 5, 3
    problem = tilted_quadratics(workers=m, dimension=d, curvature=0.7, heterogeneity=2.0)
    case = case_of(
        "ring", dpsgd_combine_then_adapt(step_size=0.2), problem, max_norm.last, (1, 3, STEPS),
        gaussian(variance=0.3), named_network("ring", m),
    )  # fmt: skip
    noise = math.sqrt(0.3 / d) * drawn(case, fill_normals, STEPS * m * d).reshape(RUNS, STEPS, m, d)
    weights, tilts = named_mixing("ring", m).matrix, np.reshape(problem.table, (m, d))
    x = np.tile(np.reshape(problem.start, (m, d)), (RUNS, 1, 1))
    largest = []
    for k in range(STEPS):
        x = weights @ x - 0.2 * (0.7 * x + tilts + noise[:, k])
        largest.append(np.abs(x).max(axis=(1, 2)))
    assert recorded(case) == pytest.approx(np.stack([largest[0], largest[2], largest[-1]], axis=1), rel=1e-12)


def test_noise_that_depends_on_the_iterate() -> None:
    case = case_of(
        "multiplicative", sgd(step_size=0.3), BOWL, distance_squared.last, (STEPS,), multiplicative()
    )
    factors = drawn(
        case, lambda state, row: [fill_signs(state, row[k : k + 1]) for k in range(row.size)], STEPS
    )
    x = np.tile(np.asarray(BOWL.start), (RUNS, 1))
    for k in range(STEPS):
        x = x - 0.3 * (x @ HESSIAN + factors[:, k, None] * x)
    assert recorded(case)[:, 0] == pytest.approx(squared(x), rel=1e-12)


# --- all that an oracle offers ----------------------------------------------------------------------------------


@method(parameters=("a", "b"), memory=3, needs=("hessian", "rng"))
@kernel
def asks_everything(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """Adds up whatever an oracle can answer"""
    objective, scratch, square = oracle.objective, memory[0], memory[:2]
    total = objective.value(objective.data, x) + parameters[0] + 10.0 * parameters[1] + 0.1 * k
    full_gradient(oracle, x, scratch)
    total += scratch[0]
    hessian(oracle, x, square)
    total += 3.0 * square[0, 1] + objective.data.table[1, 1] + oracle.noise[0] + oracle.network[0, 1]
    draw_sample(oracle, k)
    sampled_gradient(oracle, x, scratch)
    total += scratch[1] + oracle.sample[0]
    stochastic_gradient(oracle, k, x, scratch)
    total += scratch[1] + uniform(oracle.rng)
    component_gradient(oracle, 0, x, scratch)  # this problem has none of the two
    total += 1.0 if math.isnan(scratch[0]) else 0.0
    proximal_map(oracle, 1.0, x, scratch)
    total += 1.0 if math.isnan(scratch[0]) else 0.0
    x[0] = 0.01 * total
    memory[2, 0] += 1.0
    x[1] = memory[2, 0]


def test_an_oracle_answers_everything() -> None:
    problem = quadratic(spectrum=(0.5, 2.0), rotation=1)
    network = replace(named_network("ring", 4), matrix=[[1.0, 7.0]])
    case = case_of(
        "everything", asks_everything(a=0.5, b=lambda k: k), problem, max_norm.last, (1, 2, 4), gaussian(),
        network,
    )  # fmt: skip
    h, scale = np.asarray(problem.table), math.sqrt(1 / 2)
    expected = []
    with np.errstate(all="ignore"):
        (state,) = run_states(5, case.key, 0, 1)
        x, noise = np.asarray(problem.start).copy(), np.empty(2)
        for k in range(4):
            total = x @ h @ x / 2 + 0.5 + 10 * k + 0.1 * k + (h @ x)[0]
            total += 3 * h[0, 1] + h[1, 1] + scale + 7
            fill_normals(state, noise, scale)
            total += (h @ x + noise)[1] + noise[0]
            fill_normals(state, noise, scale)
            total += (h @ x + noise)[1] + uniform(state)
            x = np.array([0.01 * (total + 2), k + 1.0])
            expected.append(np.abs(x).max())
    assert recorded(case, 1)[0] == pytest.approx([expected[0], expected[1], expected[3]], rel=1e-13)


@method(parameters=("step_size",))
@kernel
def allocating_descent(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * grad f(x), in arrays of its own"""
    gradient = np.zeros(x.size)
    full_gradient(oracle, x, gradient)
    x[:] = x - parameters[0] * gradient


def test_a_rule_that_allocates_does_the_same() -> None:
    problem = quadratic(spectrum=(0.3, 1.0, 2.5), rotation=3)
    cases = [
        case_of("allocating", rule, problem, suboptimality.last, (1, 50, 2000))
        for rule in (allocating_descent(step_size=0.1), gradient_descent(step_size=0.1))
    ]
    steps = 3 if jit_disabled() else 30
    found = [np.concatenate([recorded(case, 1) for _ in range(steps)]) for case in cases]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(np.asarray(problem.table), HESSIAN)


# --- several runs -----------------------------------------------------------------------------------------------


def test_runs_do_not_leave_traces_in_one_another() -> None:
    """The last of several runs in a block is the same when it runs alone."""
    case = case_of(
        "traces", nesterov(step_size=0.2), BOWL, distance_squared.at_average(), (1, 5, STEPS), signs()
    )
    noisy = case_of(
        "traces", sgd(step_size=0.2), BOWL, distance_squared.at_average(), (1, 5, STEPS), multiplicative()
    )
    for each, start in itertools.product((case, noisy), (1, 2, 6)):
        together = sample_runs(each, 3, 0, start + 1, None)[start]
        assert np.array_equal(sample_runs(each, 3, start, 1, None)[0], together)
