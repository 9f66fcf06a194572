"""Runs depend on the seed, the case and their number: not on threads, batches, blocks, or what else is run."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import simlab
from problems.logistic import logistic_regression
from problems.noise import gaussian, multiplicative, signs
from problems.quadratic import quadratic
from problems.sampling import Order, epochs, minibatch
from simlab.kernels.compilation import jit_disabled
from simlab.kernels.quantities import argument_stability, distance_squared, suboptimality
from simlab.optimizers.first_order import gradient_descent, sgd, sgd_momentum
from simlab.optimizers.perturbed import perturbed_gradient_descent
from simlab.planning.cases import Case
from simlab.running import exact, trajectories
from simlab.running.measure import sampled_moments
from simlab.running.simulate import case_of
from simlab.running.streams import entropy, generator, run_states
from simlab.running.trajectories import is_random, sample_runs

COUNT = 40 if jit_disabled() else 300
BOWL = quadratic(spectrum=(0.3, 1.0, 2.5), rotation=3)
LOGISTIC = logistic_regression(terms=7, dimension=3, ridge=0.1)

CASES = {
    "noise": case_of("noise", sgd(step_size=0.3), BOWL, suboptimality.mean(), (1, 5, 20), gaussian()),
    "epochs": case_of(
        "epochs", sgd(step_size=0.3), LOGISTIC, distance_squared.last, (20,), epochs(order=Order.RESHUFFLED)
    ),
    "own draws": case_of(
        "own draws", perturbed_gradient_descent(step_size=0.3, radius=0.1), BOWL,
        distance_squared.worst(first=1), (1, 20),
    ),
    "coupled": case_of(
        "coupled", sgd(step_size=0.3), LOGISTIC, argument_stability.last, (1, 20), minibatch(batch=2)
    ),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def runs(
    case: Case, first: int = 0, count: int = COUNT, pool: Any = None, seed: int = 9
) -> NDArray[np.float64]:
    return sample_runs(case, seed, first, count, pool)


def test_runs_do_not_depend_on_the_number_of_threads(case: Case) -> None:
    alone = runs(case)
    assert np.isfinite(alone).all()
    assert len(np.unique(alone[:, -1, 0])) > COUNT // 2
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert np.array_equal(runs(case, pool=pool), alone)


def test_runs_do_not_depend_on_how_they_are_divided(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    together = runs(case)
    borders = [0, 1, 8, COUNT // 2, COUNT]
    parts = [runs(case, a, b - a) for a, b in itertools.pairwise(borders)]
    assert np.array_equal(np.concatenate(parts), together)
    for block in (1, 7, 10_000):
        monkeypatch.setattr(trajectories, "BLOCK", block)
        assert np.array_equal(runs(case), together)


def test_more_runs_never_change_earlier_ones(case: Case) -> None:
    assert np.array_equal(runs(case, count=COUNT + 30)[:COUNT], runs(case))


def test_another_seed_or_another_case_makes_other_runs(case: Case) -> None:
    assert not np.isclose(runs(case, seed=10)[:, -1], runs(case)[:, -1]).all()


def test_moments_do_not_depend_on_threads(case: Case) -> None:
    with ThreadPoolExecutor(3) as pool:
        threaded = sampled_moments(case, 1, 0, COUNT, pool)
    alone = sampled_moments(case, 1, 0, COUNT, None)
    assert np.array_equal(threaded.mean, alone.mean)
    assert np.array_equal(threaded.squares, alone.squares)


def test_a_case_is_measured_the_same_whatever_is_measured_before() -> None:
    """Every order of three cases gives each the same numbers."""
    some = [CASES[name] for name in ("noise", "epochs", "own draws")]
    found = [
        {id(case): runs(case, count=20).tobytes() for case in order} for order in itertools.permutations(some)
    ]
    assert all(result == found[0] for result in found)


def records(*ids: str, jobs: int = 1) -> dict[str, Any]:
    """What verify says of the sampled claims on one problem, by theorem."""
    results = simlab.verify(*ids, tier="quick", case="lessard", seed=3, jobs=jobs)
    return {
        r.id: [(c.case.label, c.verdict.ratio, c.measured, c.verdict.runs) for c in (*r.claims, *r.attained)]
        for r in results
    }


@pytest.mark.skipif(jit_disabled(), reason="too many steps for plain Python")
def test_theorems_do_not_depend_on_one_another() -> None:
    one, other = "sgd-sc-constant", "sgd-nonconvex-constant"
    both = records(one, other)
    assert sum(len(found) for found in both.values()) >= 4
    assert any(runs > 0 for found in both.values() for *_, runs in found)
    assert records(other, one, jobs=2) == both
    assert {**records(one), **records(other, jobs=3)} == both


def test_without_randomness_all_runs_are_the_same() -> None:
    case = case_of("still", gradient_descent(step_size=0.3), BOWL, distance_squared.last, (1, 5))
    assert not is_random(case)
    assert len(np.unique(runs(case, count=3), axis=0)) == 1
    assert all(is_random(case) for case in CASES.values())


# --- streams -----------------------------------------------------------------------------------------------------


def test_streams_are_named_by_seed_and_case() -> None:
    states = run_states(1, "a case", 0, 4)
    assert np.array_equal(run_states(1, "a case", 2, 2), states[2:])
    for other in (run_states(2, "a case", 0, 4), run_states(1, "b case", 0, 4)):
        assert not (other[:, :4] == states[:, :4]).any()
    assert len(entropy(1, "a case")) == 5
    assert entropy(2**40, "a case")[0] == 2**40


def test_generators_of_batches_differ() -> None:
    drawn = [generator(seed, key, batch).random() for seed in (0, 1) for key in "ab" for batch in (0, 1)]
    assert len(set(drawn)) == 8
    assert generator(0, "a", 1).random() == drawn[1]


# --- exact expectations against brute force ----------------------------------------------------------------------


def test_the_second_moment_of_sgd_follows_its_recursion() -> None:
    h, d = np.asarray(BOWL.table), BOWL.dimension
    checkpoints = (0, 1, 7, 30)
    case = case_of("exact", sgd(step_size=0.4), BOWL, suboptimality.last, checkpoints, gaussian(variance=0.6))
    assert exact.applies(case)
    step, start = np.eye(d) - 0.4 * h, np.asarray(BOWL.start)
    second, expected = np.outer(start, start), []
    for k in range(31):
        if k in checkpoints:
            expected.append(np.trace(h @ second) / 2)
        second = step @ second @ step.T + 0.4**2 * 0.6 / d * np.eye(d)
    assert exact.expectations(case) == pytest.approx(np.array(expected), rel=1e-13)


@pytest.mark.parametrize(
    "measures",
    [suboptimality.last, suboptimality.mean(), suboptimality.sum(), suboptimality.at_average(first=1, lag=0)],
    ids=str,
)
def test_expectations_are_means_over_every_outcome(measures: Any) -> None:
    """All 2^6 sequences of signs, each run through the same rule in NumPy."""
    steps, h, start = 6, np.asarray(BOWL.table), np.asarray(BOWL.start)
    case = case_of(
        "all",
        sgd_momentum(step_size=0.3, momentum=0.5),
        BOWL,
        measures,
        (steps,),
        multiplicative(strength=0.7),
    )
    assert exact.applies(case)
    values = []
    for outcome in itertools.product((1.0, -1.0), repeat=steps):
        x, buffer, path = start, np.zeros(3), [start]
        for k, sign in enumerate(outcome):
            gradient = h @ x + 0.7 * sign * x
            buffer = gradient if k == 0 else 0.5 * buffer + gradient
            x = x - 0.3 * buffer
            path.append(x)
        points = np.array(path)
        heights = np.sum(points * (points @ h), axis=1) / 2
        mean = points[1:].mean(axis=0)
        values.append(
            {"LAST": heights[-1], "MEAN": heights[:-1].mean(), "SUM": heights[:-1].sum(),
             "AVERAGE": mean @ h @ mean / 2}[measures.selection.name]
        )  # fmt: skip
    assert exact.expectations(case)[0] == pytest.approx(np.mean(values), rel=1e-13)


@pytest.mark.skipif(jit_disabled(), reason="too many runs for plain Python")
def test_sampling_agrees_with_exact_expectations() -> None:
    for noise in (gaussian(variance=0.6), signs(variance=0.6)):
        case = case_of("both", sgd(step_size=0.4), BOWL, suboptimality.last, (1, 7, 30), noise)
        moments = sampled_moments(case, 0, 0, 20_000, None)
        gap = np.abs(moments.mean[:, 0] - exact.expectations(case))
        assert np.all(gap < 4.5 * np.sqrt(moments.squares[:, 0]) / moments.count)
