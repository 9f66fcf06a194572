"""Sign methods: the compiled rules step by step against NumPy, and wrong rules that must be told apart."""

from typing import Any

import numpy as np
import pytest

from problems.logistic import logistic_regression
from problems.quadratic import quadratic
from problems.skewed import skewed
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix
from simlab.optimizers import sign as methods
from simlab.running.given import states
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import signs
from tests.references.test_twins import mutated

TOLERANCE, STEPS = 1e-12, 30
PROBLEMS = [
    quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5)),
    logistic_regression(terms=20, dimension=3),
]
PARAMETERS: dict[str, dict[str, float]] = {
    "signsgd": {"step_size": 0.1},
    "scaled_signsgd": {"step_size": 0.1},
    "ef_signsgd": {"step_size": 0.1},
    "normalized_momentum": {"step_size": 0.1, "averaging": 0.3},
    "lion": {"step_size": 0.1, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.3},
}
NOISE = np.random.default_rng(3).standard_normal((STEPS, 3))


def compiled(name: str, problem: Problem) -> Matrix:
    method = getattr(methods, name)(**PARAMETERS[name])
    return np.asarray(states(method, problem, np.asarray(problem.start)[None], NOISE[None])[0, :, 0])


def twin(rule: Any, name: str, problem: Problem) -> Any:
    def gradient(k: int, x: Matrix) -> Matrix:
        return np.asarray(problem.gradient(x) + NOISE[k])

    return rule(gradient, np.asarray(problem.start), STEPS, **PARAMETERS[name])


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.label)
@pytest.mark.parametrize("name", PARAMETERS)
def test_the_kernel_follows_its_twin(name: str, problem: Problem) -> None:
    assert distance(compiled(name, problem), twin(getattr(signs, name), name, problem)) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("signsgd", "np.where(gradient(k, xs[-1]) >= 0, 1.0, -1.0)", "gradient(k, xs[-1])"),
        ("scaled_signsgd", "np.mean(np.abs(g))", "np.sum(np.abs(g))"),
        ("ef_signsgd", "+ error", ""),
        ("ef_signsgd", "error = p - c", "error = c - p"),
        ("ef_signsgd", "np.mean(np.abs(p))", "np.max(np.abs(p))"),
        ("normalized_momentum", "gradient(0, start)", "0 * start"),
        ("normalized_momentum", "np.linalg.norm(m)", "np.abs(m).sum()"),
        ("normalized_momentum", "averaging * gradient", "gradient"),
        ("lion", "beta1 * m + (1 - beta1) * g >= 0", "m >= 0"),
        ("lion", "m = beta2 * m + (1 - beta2) * g", "m = beta1 * m + (1 - beta1) * g"),
        ("lion", "- step_size * weight_decay * xs[-1]", "- weight_decay * xs[-1]"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    caught = [
        not distance(compiled(name, problem), twin(mutated(name, right, wrong, signs), name, problem))
        <= 10 * TOLERANCE
        for problem in PROBLEMS
    ]
    assert any(caught)


@pytest.mark.parametrize("name", ["signsgd", "scaled_signsgd", "ef_signsgd", "normalized_momentum"])
def test_not_a_number_shows(name: str) -> None:
    method = getattr(methods, name)(**PARAMETERS[name])
    run = states(method, PROBLEMS[0], np.array([[np.nan, 1.0, 1.0]]), np.zeros((1, 1, 3)))
    assert np.isnan(run[0, 1, 0]).any()


def test_skewed_noise_has_mean_zero_and_its_variance() -> None:
    made = skewed(variance=24.0).resolve(quadratic(spectrum=(1.0, 2.0)), {})
    size = float(np.asarray(made.parameters)[0])
    assert size == pytest.approx(2.0)
    assert (3 * size) / 4 - size * 3 / 4 == 0
    assert 2 * (9 * size**2 / 4 + size**2 * 3 / 4) == pytest.approx(24.0)
    with pytest.raises(InputError, match="variance"):
        skewed(variance=-1.0).resolve(PROBLEMS[0], {})
