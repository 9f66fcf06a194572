"""Langevin dynamics, clipping and random directions: the compiled rules step by step against NumPy, and wrong rules
that must be told apart.
"""

from typing import Any

import numpy as np
import pytest

from problems.cosh import cosh_bowl
from problems.logistic import logistic_regression
from problems.quadratic import quadratic
from problems.standard_normal import standard_normal
from simlab.kernels.arrays import Matrix
from simlab.optimizers.clipped import clipped_sgd
from simlab.optimizers.langevin import unadjusted_langevin
from simlab.optimizers.zeroth_order import random_gradient_free
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import samplers
from tests.references.test_twins import mutated

TOLERANCE, STEPS = 1e-10, 30
PROBLEMS = [
    quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5)),
    logistic_regression(terms=20, dimension=3),
]
NORMALS = np.random.default_rng(3).standard_normal((STEPS, 3))
METHODS: dict[str, Method] = {
    "unadjusted_langevin": unadjusted_langevin(step_size=0.1),
    "random_gradient_free": random_gradient_free(step_size=0.1, smoothing=0.3),
    "clipped_sgd": clipped_sgd(step_size=0.7, longest=0.4),
}


def compiled(name: str, problem: Problem) -> Matrix:
    return np.asarray(states(METHODS[name], problem, np.asarray(problem.start)[None], NORMALS[None])[0, :, 0])


def twin(rule: Any, name: str, problem: Problem) -> Any:
    start = np.asarray(problem.start)
    if name == "unadjusted_langevin":
        return rule(lambda k, x: problem.gradient(x), start, NORMALS, 0.1)
    if name == "random_gradient_free":
        return rule(problem.value, start, NORMALS, 0.1, 0.3)
    return rule(lambda k, x: problem.gradient(x) + NORMALS[k], start, STEPS, 0.7, 0.4)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.label)
@pytest.mark.parametrize("name", METHODS)
def test_the_kernel_follows_its_twin(name: str, problem: Problem) -> None:
    assert distance(compiled(name, problem), twin(getattr(samplers, name), name, problem)) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("unadjusted_langevin", "np.sqrt(2 * step_size)", "np.sqrt(step_size)"),
        ("unadjusted_langevin", "np.sqrt(2 * step_size)", "2 * step_size"),
        ("random_gradient_free", "- value(xs[-1])", "- value(xs[-1] - smoothing * u)"),
        ("random_gradient_free", " / smoothing", ""),
        ("clipped_sgd", "min(step_size", "max(step_size"),
        ("clipped_sgd", "longest / np.linalg.norm(g)", "longest"),
        ("clipped_sgd", "np.linalg.norm(g)", "np.abs(g).max()"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    rule = mutated(name, right, wrong, samplers)
    assert not distance(compiled(name, PROBLEMS[0]), twin(rule, name, PROBLEMS[0])) <= 10 * TOLERANCE


def test_clipping_meets_both_of_its_branches_and_a_vanishing_gradient() -> None:
    start = np.asarray(PROBLEMS[0].start)
    gradients = [
        PROBLEMS[0].gradient(x) + NORMALS[k] for k, x in enumerate(compiled("clipped_sgd", PROBLEMS[0])[:-1])
    ]
    long = [0.7 * np.linalg.norm(g) > 0.4 for g in gradients]
    assert any(long)
    assert not all(long)
    stays = states(METHODS["clipped_sgd"], PROBLEMS[0], 0 * start[None], np.zeros((1, 1, 3)))
    assert (stays[0, 1, 0] == 0).all()


def test_the_quadrature_has_the_moments_of_normals_up_to_degree_seven() -> None:
    support = standard_normal().resolve(quadratic(spectrum=(1.0, 2.0)), {}).support
    assert support is not None
    weights, nodes = np.array([p for p, _ in support]), np.array([u for _, u in support])
    moments = [1, 0, 1, 0, 3, 0, 15, 0]
    for i, first in enumerate(moments):
        for j, second in enumerate(moments):
            assert np.sum(weights * nodes[:, 0] ** i * nodes[:, 1] ** j) == pytest.approx(
                first * second, abs=1e-10
            )
    assert standard_normal().resolve(quadratic(spectrum=(1.0,) * 5), {}).support is None


def test_the_cosh_bowl_has_the_curvature_that_it_says() -> None:
    bowl = cosh_bowl(curvature=2.0, growth=3.0)
    for x in (-2.0, -0.1, 0.0, 0.5, 3.0):
        step = 1e-5
        point = np.array([x])
        slope = (bowl.value(point + step) - bowl.value(point - step)) / (2 * step)
        assert slope == pytest.approx(bowl.gradient(point)[0], rel=1e-6, abs=1e-6)
        bend = (bowl.gradient(point + step) - bowl.gradient(point - step))[0] / (2 * step)
        curvature = bowl.hessian(point)[0, 0]
        assert bend == pytest.approx(curvature, rel=1e-6)
        assert 2.0 <= curvature <= 2.0 + 3.0 * abs(bowl.gradient(point)[0])
