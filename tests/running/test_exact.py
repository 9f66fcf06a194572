"""Exact expectations against sampled ones, and what must not be taken for linear."""

from typing import Any

import numpy as np
import pytest

from problems.least_squares import least_squares, orthogonal_least_squares
from problems.networks import heterogeneous_quadratics
from problems.noise import gaussian, multiplicative
from problems.quadratic import quadratic
from problems.sampling import minibatch
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Oracle, Reference, stochastic_gradient
from simlab.kernels.quantities import distance_squared, gradient_norm_squared, suboptimality
from simlab.optimizers.centralized import fedavg
from simlab.optimizers.first_order import sgd, sgd_momentum
from simlab.optimizers.variance_reduced import svrg_stage
from simlab.planning.cases import Case
from simlab.running import exact
from simlab.running.measure import sampled_moments
from simlab.running.simulate import case_of
from simlab.statistics.errors import Level
from simlab.statistics.intervals import limits
from simlab.vocabulary.method import method
from simlab.vocabulary.quantity import quantity

RUNS = 32_768


def agrees_with_sampling(case: Case) -> None:
    """The exact expectations lie within limits of an error rate of 1e-6, which are a few per cent wide."""
    assert exact.applies(case)
    found = exact.expectations(case)
    moments = sampled_moments(case, 0, 0, RUNS, None)
    low, high = limits(moments, Level(1e-6, 100.0), signed=True)
    assert np.all(low[:, 0] <= found * (1 + 1e-12))
    assert np.all(found * (1 - 1e-12) <= high[:, 0])
    assert np.all(high - low < 0.25 * moments.mean)


def case(rule: Any, problem: Any, measures: Any, noise: Any, checkpoints=(1, 2, 7, 20), **more: Any) -> Case:
    return case_of("exact", rule, problem, measures, checkpoints, noise, **more)


@pytest.mark.parametrize(
    "measures",
    [
        distance_squared.last,
        suboptimality.mean(),
        suboptimality.mean(first=1, lag=0),
        gradient_norm_squared.sum(),
        distance_squared.at_average(),
        distance_squared.at_average(first=1, lag=0),
    ],
    ids=str,
)
def test_every_selection(measures: Any) -> None:
    problem = quadratic(spectrum=(0.2, 1.0), start=(1.0, -2.0), rotation=3)
    agrees_with_sampling(case(sgd(step_size=0.5), problem, measures, gaussian(variance=0.5)))


@pytest.mark.parametrize(
    ("problem", "noise"),
    [
        (quadratic(spectrum=(0.5, 1.0)), multiplicative(strength=0.3)),
        (orthogonal_least_squares(terms=4), minibatch(batch=1)),
        (least_squares(terms=5, dimension=2, residual=1.0), minibatch(batch=1)),
    ],
    ids=["multiplicative", "orthogonal", "least squares"],
)
def test_noise_that_depends_on_the_iterate(problem: Any, noise: Any) -> None:
    agrees_with_sampling(case(sgd(step_size=0.3), problem, distance_squared.last, noise, (1, 2, 5)))


def test_memory_and_a_schedule() -> None:
    momentum = sgd_momentum(step_size=lambda k: 0.5 / (k + 2), momentum=0.7)
    problem = quadratic(spectrum=(0.3, 1.0))
    agrees_with_sampling(case(momentum, problem, suboptimality.last, gaussian(variance=0.5)))


def test_a_rule_that_acts_differently_now_and_then() -> None:
    """Seven local steps and then an average: steps 1, 2, 10 and 19 of 20 show nothing of it."""
    problem = heterogeneous_quadratics(workers=2)
    local = fedavg(step_size=0.2, local_steps=7)
    agrees_with_sampling(case(local, problem, distance_squared.last, gaussian(variance=1.0), (1, 6, 7, 20)))


@pytest.mark.usefixtures("registry")
def test_what_no_step_reads_of_a_large_state_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    @method(parameters=("step_size",), linear=True)
    @kernel
    def looking_back(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
        """Step 40, and none before it, reads the gradient of the step before."""
        for i in range(x.size):
            x[i] -= 0.5 * memory[0, i] if k == 40 else 0.0
        stochastic_gradient(oracle, k, x, memory[0])
        for i in range(x.size):
            x[i] -= parameters[0] * memory[0, i]

    steps, sums = (1, 2, 40, 41, 43), least_squares(terms=5, dimension=2, residual=1.0)
    workers = heterogeneous_quadratics(workers=2)
    cases = [
        case(looking_back(step_size=0.1), sums, distance_squared.last, minibatch(batch=1), steps),
        case(looking_back(step_size=0.1), sums, distance_squared.at_average(), gaussian(), steps),
        case(svrg_stage(step_size=0.1), sums, suboptimality.mean(), minibatch(batch=1), steps),
        case(fedavg(step_size=0.2, local_steps=7), workers, distance_squared.last, gaussian(), steps),
    ]
    found = [exact.expectations(one) for one in cases]
    monkeypatch.setattr(exact, "LARGEST_STATE", 0)
    for one, whole in zip(cases, found, strict=True):
        np.testing.assert_allclose(exact.expectations(one), whole, rtol=1e-12)


@quantity(quadratic=True)
@kernel
def fourth_power(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """Declared quadratic, though it is not."""
    return x[0] ** 4


@pytest.mark.usefixtures("registry")
def test_what_is_not_linear_is_refused() -> None:
    @method(parameters=("step_size",), linear=True)
    @kernel
    def bent_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
        """Declared linear, though it is not."""
        stochastic_gradient(oracle, k, x, memory[0])
        for i in range(x.size):
            x[i] -= parameters[0] * min(max(memory[0, i], -1.0), 1.0)

    problem = quadratic(spectrum=(1.0,))
    with pytest.raises(InputError, match="method bent-sgd is declared linear, but its step 0"):
        exact.expectations(case(bent_sgd(step_size=0.1), problem, suboptimality.last, gaussian()))
    with pytest.raises(InputError, match="fourth power is declared quadratic"):
        exact.expectations(case(sgd(step_size=0.1), problem, fourth_power.last, gaussian()))
