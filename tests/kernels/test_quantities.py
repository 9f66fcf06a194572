"""Quantities against their formulas, on one machine and on networks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.networks import tilted_quadratics
from problems.quadratic import quadratic
from simlab.kernels import quantities
from simlab.kernels.arrays import Vector
from simlab.kernels.oracle import Objective, Reference
from simlab.running.simulate import case_of
from simlab.running.trajectories import sample_runs
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import PairQuantity, Quantity
from tests.kernels import standing_still

START = np.array([3.0, -4.0, 12.0])


def measured(quantity: Quantity, problem: Problem) -> float:
    """The quantity at the start, through the driver."""
    return float(
        sample_runs(case_of("q", standing_still(), problem, quantity.last, (0,)), 0, 0, 1, None)[0, 0, 0]
    )


BOWL = quadratic(spectrum=(0.5, 1.0, 2.0), rotation=4, start=tuple(START))
H = np.asarray(BOWL.table)

ONE_MACHINE: dict[str, Callable[[Vector], float]] = {
    "suboptimality": lambda x: x @ H @ x / 2,
    "distance": lambda x: float(np.linalg.norm(x)),
    "distance_squared": lambda x: x @ x,
    "gradient_norm": lambda x: float(np.linalg.norm(H @ x)),
    "gradient_norm_squared": lambda x: x @ H @ H @ x,
    "max_norm": lambda x: np.abs(x).max(),
}

M, D = 4, 3
NETWORK = tilted_quadratics(
    workers=M, dimension=D, curvature=0.5, start=np.random.default_rng(1).standard_normal((M, D)) * 3
)
TILTS, X = np.reshape(NETWORK.table, (M, D)), np.reshape(NETWORK.start, (M, D))
ON_NETWORK: dict[str, Callable[[Vector], float]] = {
    "consensus_error": lambda mean: float(((X - mean) ** 2).sum()),
    "mean_distance_squared": lambda mean: mean @ mean,
    "mean_gradient_norm_squared": lambda mean: float(((0.5 * mean + TILTS).mean(axis=0) ** 2).sum()),
    "mean_suboptimality": lambda mean: float((0.25 * mean**2 + TILTS * mean).sum(axis=1).mean()),
    "suboptimality": lambda mean: float((0.25 * X**2 + TILTS * X).sum(axis=1).mean()),
}


@pytest.mark.parametrize("name", ONE_MACHINE)
def test_on_one_machine(name: str) -> None:
    assert measured(getattr(quantities, name), BOWL) == pytest.approx(ONE_MACHINE[name](START), rel=1e-13)


@pytest.mark.parametrize("name", ON_NETWORK)
def test_on_a_network(name: str) -> None:
    expected = ON_NETWORK[name](X.mean(axis=0))
    assert measured(getattr(quantities, name), NETWORK) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", [*ONE_MACHINE])
def test_what_is_not_finite_is_not_hidden(name: str, bad: float, place: int) -> None:
    x = START.copy()
    x[place] = bad
    kernel = getattr(quantities, name).kernel
    objective: Any = Objective(BOWL.kernels.value, BOWL.kernels.gradient, None, None, None, BOWL.data)
    reference = Reference(np.zeros(3), 0.0, START)
    with np.errstate(all="ignore"):
        value = plain(kernel)(objective, reference, x, np.zeros((4, 3)))
    assert not np.isfinite(value)


def plain(kernel: Any) -> Callable[..., float]:
    """The Python function of a kernel: it calls the objective's kernels as Python does."""
    function: Callable[..., float] = kernel.function
    return function


def test_every_quantity_is_tested() -> None:
    declared = {name for name, value in vars(quantities).items() if isinstance(value, Quantity)}
    pairs = {name for name, value in vars(quantities).items() if isinstance(value, PairQuantity)}
    assert declared == {*ONE_MACHINE, *ON_NETWORK}
    assert pairs == {"argument_stability", "loss_stability"}  # in test_coupled
