"""Accelerated methods: the compiled rules against other forms of the same methods, and wrong ones told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import optimized
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import krylov
from tests.references.test_twins import mutated

TOLERANCE = 1e-11
STEPS = 40
SMOOTHNESS, STRONG_CONVEXITY = 1.3, 0.05
PROBLEMS = {
    "quadratic": quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5)),
    "rippled bowl": rippled_bowl(dimension=3),
}
METHODS = {
    "accelerated_gradient": optimized.accelerated_gradient(step_size=1 / SMOOTHNESS),
    "optimized_gradient": optimized.optimized_gradient(step_size=1 / SMOOTHNESS),
    "triple_momentum": optimized.triple_momentum(smoothness=SMOOTHNESS, strong_convexity=STRONG_CONVEXITY),
}


def rows(method: Method, problem: Problem) -> Any:
    samples = np.zeros((1, STEPS, problem.dimension))
    return states(method, problem, np.array([problem.start]), samples)[0]


def both(name: str, problem: Problem, twin: Callable[..., Any]) -> list[tuple[Matrix, Any]]:
    """Compiled sequences with those of the twin."""
    found, start = rows(METHODS[name], problem), np.asarray(problem.start)

    def gradient(k: int, x: Vector) -> Vector:
        return problem.gradient(x)

    if name == "accelerated_gradient":
        return [(found[:, 0], twin(gradient, start, STEPS, SMOOTHNESS))]
    outputs = METHODS[name].family.outputs
    if name == "optimized_gradient":
        ys, finals = twin(gradient, start, STEPS, SMOOTHNESS)
        pairs = [(outputs["y"], ys), (outputs["final"], finals)]
        return [(found[1:, 1 + row], wanted[1:]) for row, wanted in pairs]
    xis, xs = twin(gradient, start, STEPS, SMOOTHNESS, STRONG_CONVEXITY)
    return [(found[:, 0], xis), (found[1:, 1 + outputs["output"]], xs[1:])]


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
@pytest.mark.parametrize("name", METHODS)
def test_the_kernel_follows_its_twin(name: str, problem: Problem) -> None:
    for found, wanted in both(name, problem, getattr(krylov, name)):
        assert distance(found, wanted) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("accelerated_gradient", "z - theta[k] * g", "z - theta[k + 1] * g"),
        ("accelerated_gradient", "iterates.append(y - g)", "iterates.append(y)"),
        ("accelerated_gradient", "gradient(k, y)", "gradient(k, iterates[-1])"),
        ("optimized_gradient", "2 * theta[k] * g", "theta[k] * g"),
        ("optimized_gradient", "1 + 8 * theta[k] ** 2", "1 + 4 * theta[k] ** 2"),
        ("triple_momentum", "rho**2 / (2 - rho)", "rho**2 / (1 + rho)"),
        ("triple_momentum", "(1 + rho) / smoothness", "1 / smoothness"),
        ("triple_momentum", "rho**2 / (1 - rho**2)", "rho / (1 - rho**2)"),
        ("triple_momentum", "gradient(k, y)", "gradient(k, now)"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    pairs = both(name, PROBLEMS["quadratic"], mutated(name, right, wrong, krylov))
    assert any(not distance(found, wanted) <= 10 * TOLERANCE for found, wanted in pairs)


def test_the_sequence_solves_its_equation() -> None:
    assert [optimized.theta(k) for k in range(30)] == pytest.approx(krylov.thetas(29), rel=1e-12)
    assert optimized.last_theta(0) == 1.0
    for k in range(1, 9):
        last = optimized.last_theta(k)
        assert last**2 - last == pytest.approx(2 * optimized.theta(k - 1) ** 2)
