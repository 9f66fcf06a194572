"""Coupled runs against running both data sets one after the other, and against plain NumPy."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from problems.logistic import logistic_regression
from problems.losses import linear_loss
from problems.sampling import Order, epochs, minibatch
from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.quantities import argument_stability, distance, loss_stability
from simlab.kernels.random import integer_below
from simlab.optimizers.adaptive import adam
from simlab.optimizers.first_order import gradient_descent, nesterov, sgd
from simlab.planning.cases import Case
from simlab.running.simulate import case_of
from simlab.running.streams import run_states
from simlab.running.trajectories import sample_runs

PROBLEM = logistic_regression(terms=7, dimension=3, ridge=0.1)
ROWS = np.asarray(PROBLEM.table)
STEPS, RUNS = 20, 3


def recorded(case: Case, runs: int = RUNS, seed: int = 2) -> NDArray[np.float64]:
    """Records (runs, checkpoints, comparisons)."""
    return sample_runs(case, seed, 0, runs, None)


def indices(case: Case, runs: int = RUNS, seed: int = 2) -> NDArray[np.int64]:
    """The examples that each run draws, shape (runs, STEPS)."""
    with np.errstate(all="ignore"):
        return np.array(
            [
                [integer_below(state, len(ROWS)) for _ in range(STEPS)]
                for state in run_states(seed, case.key, 0, runs)
            ]
        )


def sgd_iterates(
    rows: NDArray[np.float64], drawn: NDArray[np.int64], step_size: float
) -> NDArray[np.float64]:
    """x_0, ..., x_K of SGD on the logistic loss with ridge 0.1, shape (runs, K + 1, d)."""
    x = np.tile(np.asarray(PROBLEM.start), (len(drawn), 1))
    path = [x]
    for k in range(drawn.shape[1]):
        a = rows[drawn[:, k]]
        slope = -1 / (1 + np.exp(np.sum(a * x, axis=1)))
        x = x - step_size * (slope[:, None] * a + 0.1 * x)
        path.append(x)
    return np.stack(path, axis=1)


@pytest.mark.parametrize("averaged", [None, (0, 1), (0, 0), (2, 1)], ids=str)
def test_stability_of_sgd_against_numpy(averaged: tuple[int, int] | None) -> None:
    measures = argument_stability.last if averaged is None else argument_stability.at_average(*averaged)
    checkpoints = (4, 11, STEPS)
    case = case_of("coupled", sgd(step_size=0.5), PROBLEM, measures, checkpoints, minibatch())
    drawn, found = indices(case), recorded(case)
    assert found.shape == (RUNS, 3, 2)
    base = sgd_iterates(ROWS, drawn, 0.5)
    for j, table in enumerate(PROBLEM.neighbours):
        gap = base - sgd_iterates(np.asarray(table), drawn, 0.5)
        for c, k in enumerate(checkpoints):
            window = slice(k, k + 1) if averaged is None else slice(averaged[0], k + 1 - averaged[1])
            mean = gap[:, window].mean(axis=1)
            assert found[:, c, j] == pytest.approx(np.linalg.norm(mean, axis=1), rel=1e-10, abs=1e-14)


def alone(case: Case, table: Any, measured: Any) -> NDArray[np.float64]:
    """What a single quantity says of runs on one data set, with the random streams of the coupled case."""
    assert case.problem is not None
    problem = replace(case.problem, table=table, neighbours=())
    object.__setattr__(problem, "family", case.problem.family)
    object.__setattr__(problem, "parameters", case.problem.parameters)
    single = replace(case, problem=problem, setting=replace(case.setting, measures=measured))
    assert single.key == case.key
    return sample_runs(single, 2, 0, RUNS, None)[:, :, 0]


@pytest.mark.parametrize(
    "method",
    [sgd(step_size=0.3), nesterov(step_size=0.3), gradient_descent(step_size=0.3), adam(step_size=0.1)],
    ids=lambda m: m.name,
)
@pytest.mark.parametrize("noise", [minibatch(batch=2), epochs(order=Order.RESHUFFLED)], ids=lambda n: n.name)
def test_both_runs_are_those_of_the_single_driver(method: Any, noise: Any) -> None:
    """On a line |w - w'| is known from the distances of both to a point that is left of all."""
    problem = linear_loss(terms=5 + 1, curvature=0.2, start=50.0)
    case = case_of("line", method, problem, argument_stability.last, (1, 5, STEPS), noise)
    coupled = recorded(case)
    base = alone(case, problem.table, distance.last)
    for j, table in enumerate(problem.neighbours):
        gap = np.abs(base - alone(case, table, distance.last))
        assert np.array_equal(coupled[:, :, j], gap)  # both are on the same side: rounding is the same


def test_loss_stability_has_both_signs_of_every_test_example() -> None:
    case = case_of("losses", sgd(step_size=0.5), PROBLEM, loss_stability.last, (STEPS,), minibatch())
    found, drawn = recorded(case)[:, 0], indices(case)
    base, test = sgd_iterates(ROWS, drawn, 0.5)[:, -1], np.asarray(PROBLEM.test)

    def loss(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.logaddexp(0, -x @ test.T) + 0.05 * np.sum(x**2, axis=1)[:, None]

    expected = []
    for table in PROBLEM.neighbours:
        gap = loss(base) - loss(sgd_iterates(np.asarray(table), drawn, 0.5)[:, -1])
        expected.append(np.stack([gap, -gap], axis=2).reshape(RUNS, -1))
    assert found == pytest.approx(np.concatenate(expected, axis=1), rel=1e-9, abs=1e-13)


def test_uncoupled_runs_draw_on_their_own() -> None:
    """The base run is the same, but a neighbour goes on in the stream where the run before has ended."""
    case = case_of(
        "free", sgd(step_size=0.5), PROBLEM, argument_stability.last.uncoupled(), (STEPS,), minibatch()
    )
    found = recorded(case)[:, 0]
    assert not np.isclose(found, recorded(replace_measure(case, argument_stability.last))[:, 0]).any()
    with np.errstate(all="ignore"):
        drawn = np.array(
            [
                [[integer_below(state, len(ROWS)) for _ in range(STEPS)] for _ in range(3)]
                for state in run_states(2, case.key, 0, RUNS)
            ]
        )
    base = sgd_iterates(ROWS, drawn[:, 0], 0.5)[:, -1]
    for j, table in enumerate(PROBLEM.neighbours):
        other = sgd_iterates(np.asarray(table), drawn[:, 1 + j], 0.5)[:, -1]
        assert found[:, j] == pytest.approx(np.linalg.norm(base - other, axis=1), rel=1e-10)


def replace_measure(case: Case, measures: Any) -> Case:
    return replace(case, setting=replace(case.setting, measures=measures))


def test_equal_data_sets_stay_together() -> None:
    problem = logistic_regression(terms=7, dimension=3, ridge=0.1)
    object.__setattr__(problem, "neighbours", (ROWS.copy(),))
    for method in (sgd(step_size=0.5), adam(step_size=0.1)):
        case = case_of("same", method, problem, argument_stability.last, (1, STEPS), minibatch())
        assert np.array_equal(recorded(case), np.zeros((RUNS, 2, 1)))


def test_a_problem_without_neighbours_is_refused() -> None:
    problem = logistic_regression(terms=7, dimension=3)
    object.__setattr__(problem, "neighbours", ())
    case = case_of("none", sgd(step_size=0.5), problem, argument_stability.last, (3,), minibatch())
    with pytest.raises(InputError, match="no neighbouring data sets"):
        recorded(case)


def test_divergence_is_not_hidden() -> None:
    problem = linear_loss(terms=6, curvature=1.0, start=1.0)
    case = case_of("far", gradient_descent(step_size=1e60), problem, argument_stability.last, (1, 4, 9))
    found: Vector = recorded(case, 1)[0, :, 0]
    assert np.isfinite(found).tolist() == [True, False, False]
