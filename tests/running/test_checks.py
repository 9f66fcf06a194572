"""What is refused before its numbers are judged: each in one sentence, as an error and never as a verdict."""

from typing import Any

import numpy as np
import pytest

from problems.losses import linear_loss
from problems.noise import gaussian, signs, sphere
from problems.quadratic import quadratic
from problems.sampling import minibatch
from simlab.entry import verify_one
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import argument_stability, distance, suboptimality
from simlab.optimizers.first_order import gradient_descent, nesterov, sgd
from simlab.planning.tiers import QUICK
from simlab.running.results import TheoremResult
from simlab.statistics.verdicts import Status
from simlab.vocabulary.assumptions import FiniteSum, Quadratic, Smooth
from simlab.vocabulary.claim import UPPER, probability
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem

pytestmark = pytest.mark.usefixtures("registry")


def verified(control: dict[str, Any] | None = None, **arguments: Any) -> TheoremResult:
    if "experiment" not in arguments:
        arguments = {"measures": distance.last, "matched": False, **arguments}

    @theorem(**{"domain": grid(k=(1, 3)), "source": "a test", **arguments})
    def declared_in_a_test():  # type: ignore[no-untyped-def]
        """A bound."""
        return 10.0

    declared_in_a_test.control("nothing is allowed", **{"domain": grid(k=1), **(control or {})})(lambda: 0.0)
    return verify_one(declared_in_a_test, QUICK, 0)


@kernel
def parabola_gradient(objective_data: Any, x: Vector, out: Vector) -> None:
    """x."""
    for i in range(x.size):
        out[i] = x[i]


def small_region(radius: float, start: float = 1.0, **more: Any) -> Any:
    @problem(gradient=parabola_gradient)
    def made_in_a_test() -> Problem:
        """A parabola whose constants are declared near its minimizer only."""
        return Problem([], [start], [0.0], 0.0, [Smooth(1.0)], region=radius, **more)

    return made_in_a_test()


# --- the region ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "noise", "radius", "held"),
    [
        (gradient_descent(step_size=0.5), (), 1.0, True),
        (gradient_descent(step_size=2.5), (), 2.0, False),
        (nesterov(step_size=0.9), (), 0.99, False),
        (sgd(step_size=0.5), signs(variance=1.0), 1.0, True),
        (sgd(step_size=0.5), gaussian(variance=1.0), 1.0, False),
    ],
)
def test_iterates_stay_where_the_constants_hold(method: Any, noise: Any, radius: float, held: bool) -> None:
    result = verified(method=method, noise=noise, assumes=Smooth, on=small_region(radius))
    assert (result.status is Status.HOLDS) == held, result.message
    if not held:
        assert "the problem's constants hold only within" in result.message


def test_the_runs_on_neighbouring_data_stay_there_too() -> None:
    result = verified(
        method=sgd(step_size=1.0), noise=minibatch(batch=1), measures=argument_stability.last,
        assumes=FiniteSum, domain=grid(k=3), on=linear_loss(terms=2, radius=2.0),
    )  # fmt: skip
    assert result.status is Status.ERROR
    assert "the iterates go 3 away" in result.message


# --- quantities ------------------------------------------------------------------------------------------------


def test_a_quantity_without_a_value_at_the_start_is_no_divergence() -> None:
    """The problem has no value: a control must not count as caught for that."""
    result = verified(
        method=gradient_descent(step_size=0.5), on=small_region(5.0), measures=suboptimality.last
    )
    assert result.status is Status.ERROR
    assert "suboptimality is nan at the start" in result.message
    wrong = verified(
        method=gradient_descent(step_size=0.5), on=small_region(5.0), control={"measures": suboptimality.last}
    )
    assert wrong.status is Status.ERROR


@quantity()
@kernel
def first_coordinate(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """x_1, declared never to be negative."""
    return x[0]


@quantity(signed=True)
@kernel
def signed_coordinate(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """x_1."""
    return x[0]


def test_a_number_that_must_not_be_negative() -> None:
    start = quadratic(spectrum=(1.0,), start=(-1.0,))
    result = verified(method=gradient_descent(step_size=0.5), on=start, measures=first_coordinate.last)
    assert result.status is Status.ERROR
    assert "first coordinate was -0.5" in result.message
    assert "signed=True" in result.message
    declared = verified(method=gradient_descent(step_size=0.5), on=start, measures=signed_coordinate.last)
    assert declared.status is Status.HOLDS


def test_noise_of_variance_zero_is_not_sampled() -> None:
    for model in (gaussian, signs, sphere):
        result = verified(
            method=sgd(step_size=0.5),
            noise=model(variance=0.0),
            on=quadratic(spectrum=(1.0,)),
            assumes=Quadratic,
        )
        assert [r.how for r in result.claims] == ["deterministic"]


# --- experiments -----------------------------------------------------------------------------------------------


def test_the_numbers_of_an_experiment_may_be_negative() -> None:
    """-1990 with probability 1/1000, else 12: the mean is below 10, though most of the first looks see only 12."""

    def rare_drop(rng: np.random.Generator, runs: int) -> Vector:
        return np.where(rng.random(runs) < 0.001, -1990.0, 12.0)

    result = verified(experiment=rare_drop, domain=grid(k=0), control={"domain": grid(k=0)})
    assert result.status is not Status.VIOLATED


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (lambda checkpoints: np.zeros(5), "returned an array of shape"),
        (lambda checkpoints: np.zeros(0), "returned an array of shape"),
        (lambda rng, runs: 0.0, "must return one row a run"),
        (lambda rng, runs: np.zeros((runs, 0)), "returned an array of shape"),
        (lambda steps: 1.0, "asks for steps"),
    ],
    ids=["five for two", "nothing", "one number", "empty rows", "unknown"],
)
def test_shapes_of_experiments(experiment: Any, words: str) -> None:
    result = verified(experiment=experiment)
    assert result.status is Status.ERROR
    assert words in result.message


def test_rates_stay_below_their_ceiling() -> None:
    result = verified(experiment=lambda rng, runs: np.full(runs, 2.0), claim=probability())
    assert result.status is Status.ERROR
    assert "2 was measured for k=1, but a probability is about numbers from 0 to 1" in result.message


def test_runs_do_not_depend_on_how_far_one_looks() -> None:
    """The first runs of an experiment are the same in every tier and for every verdict."""
    seen: list[float] = []

    def remembered(rng: np.random.Generator, runs: int) -> Vector:
        numbers = rng.standard_exponential(runs)
        seen.append(float(numbers[0]))
        return numbers

    verified(experiment=remembered, domain=grid(k=0), claim=UPPER, control={"domain": grid(k=0)})
    first = list(seen)
    seen.clear()
    verified(experiment=remembered, domain=grid(k=0), claim=UPPER, control={"domain": grid(k=0)})
    assert seen == first
    assert len(set(first)) == len(first), "every batch has a stream of its own"
