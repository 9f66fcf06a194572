"""Quadratics with prescribed workers: the checks of all network problems, and what is prescribed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.workers import prescribed_quadratics
from simlab.errors import InputError
from simlab.vocabulary.assumptions import BoundedHeterogeneity
from simlab.vocabulary.problem import Problem
from tests.problems import test_networks as networks

INSTANCES = [
    *prescribed_quadratics.instances(),
    prescribed_quadratics(curvatures=(1.0, 3.0, 0.5), minimizers=(0.0, 1.0, -2.0), start=2.0),
    prescribed_quadratics(curvatures=((1.0, 2.0),) * 3, minimizers=((0, 1), (2, 0), (1, -3)), rotation=2),
]
CHECKS = [
    networks.test_the_gradient_is_m_times_the_derivative_of_the_value,
    networks.test_the_mean_gradient_vanishes_at_the_minimizer_and_the_minimum_is_there,
    networks.test_constants_belong_to_the_mean_of_the_starts,
]


@pytest.mark.parametrize("problem", INSTANCES, ids=lambda problem: problem.label)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_network_problem(check: Callable[[Problem], None], problem: Problem) -> None:
    check(problem)


@pytest.mark.parametrize("problem", INSTANCES, ids=lambda problem: problem.label)
def test_heterogeneity_is_declared_where_it_is_the_same_everywhere(problem: Problem) -> None:
    curvatures = np.asarray(problem.parameters["curvatures"])
    assert (BoundedHeterogeneity in problem.known) == bool(np.all(curvatures == curvatures[0]))
    if BoundedHeterogeneity in problem.known:
        networks.test_the_heterogeneity_is_exact_at_every_point(problem)


def test_workers_have_their_own_curvature_and_minimizer() -> None:
    problem = prescribed_quadratics(curvatures=(1.0, 3.0), minimizers=(0.0, 1.0))
    assert problem.gradient([2.0, 5.0]).tolist() == [2.0, 12.0]
    assert problem.minimizer == pytest.approx([0.75, 0.75])


def test_the_starts_of_the_workers_are_compared_on_the_whole_objective() -> None:
    problem = prescribed_quadratics(curvatures=(1.0, 3.0), minimizers=(0.0, 1.0), start=(2.0, 5.0))
    gaps = [np.mean([0.5 * x**2, 1.5 * (x - 1) ** 2]) - problem.minimum for x in (2.0, 5.0)]
    assert problem.universal["D_mean"] == pytest.approx(np.mean(gaps), rel=1e-14)
    assert problem.universal["D_best"] == pytest.approx(min(gaps), rel=1e-14)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"curvatures": (1.0, 0.0)}, "above 0"),
        ({"curvatures": ()}, "above 0"),
        ({"curvatures": (1.0,)}, "at least 2 workers"),
        ({"minimizers": (1.0, 2.0, 3.0)}, "of 2 workers"),
    ],
)
def test_bad_parameters_get_one_sentence(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        prescribed_quadratics(**parameters)
