"""Stochastic momentum: the compiled rules against other forms of the same methods, and wrong rules told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import stochastic_momentum as rules
from simlab.running.given import states
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import stochastic_momentum as twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-11
STEPS, STEP, MOMENTUM, STRONG_CONVEXITY = 60, 0.2, 0.8, 0.05
NOISE = 0.1 * np.random.default_rng(6).standard_normal((STEPS, 3))
PROBLEMS = {
    "quadratic": quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5)),
    "rippled bowl": rippled_bowl(dimension=3),
}
NAMES = {
    "stochastic_unified_momentum": {"step_size": STEP, "momentum": MOMENTUM, "shift": 0.3},
    "averaged_momentum": {"step_size": STEP, "momentum": MOMENTUM},
    "iterate_averaging_momentum": {"step_size": STEP},
    "strong_growth_nesterov": {
        "step_size": STEP, "coupling": 0.1, "strong_convexity": STRONG_CONVEXITY,
    },
}  # fmt: skip


def both(name: str, problem: Problem, twin: Callable[..., Any]) -> list[tuple[Matrix, Any]]:
    """Compiled sequences with those of the twin, under the same noise."""
    start = np.asarray(problem.start)
    method = getattr(rules, name)(**NAMES[name])
    found = states(method, problem, start[None], NOISE[None])[0]

    def noisy(k: int, x: Vector) -> Vector:
        return problem.gradient(x) + NOISE[k]

    wanted = twin(noisy, start, STEPS, **NAMES[name])
    if name != "strong_growth_nesterov":
        return [(found[:, 0], wanted)]
    row = 1 + method.family.outputs["v"]
    return [(found[:, 0], wanted[0]), (found[1:, row], wanted[1][1:])]


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_follows_its_twin(name: str, problem: Problem) -> None:
    for found, wanted in both(name, problem, getattr(twins, name)):
        assert distance(found, wanted) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("stochastic_unified_momentum", "(g - old)", "g"),
        ("stochastic_unified_momentum", "moved - shift", "moved + shift"),
        ("stochastic_unified_momentum", "momentum * change", "momentum * moved"),
        ("stochastic_unified_momentum", "- step_size * g +", "- (1 - momentum) * step_size * g +"),
        ("averaged_momentum", "(1 - momentum) * weights", "weights"),
        ("averaged_momentum", "np.arange(k, -1, -1.0)", "np.arange(k + 1, 0, -1.0)"),
        ("iterate_averaging_momentum", "np.mean(zs, axis=0)", "np.mean(zs[1:], axis=0)"),
        ("iterate_averaging_momentum", "gradient(k, iterates[-1])", "gradient(k, zs[-1])"),
        ("strong_growth_nesterov", "coupling / (1 + coupling)", "coupling"),
        ("strong_growth_nesterov", "y - vs[-1] - g", "y - vs[-1] + g"),
        ("strong_growth_nesterov", "xs.append(y - step_size * g)", "xs.append(xs[-1] - step_size * g)"),
        ("strong_growth_nesterov", "gradient(k, y)", "gradient(k, xs[-1])"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    pairs = both(name, PROBLEMS["quadratic"], mutated(name, right, wrong, twins))
    assert any(not distance(found, wanted) <= 10 * TOLERANCE for found, wanted in pairs)


def test_the_last_iterate_is_the_mean_of_what_it_says() -> None:
    """z_k = x_k + k (x_k - x_(k-1)) moves by the step size times the gradient at x_k."""
    problem = PROBLEMS["quadratic"]
    ((found, _),) = both("iterate_averaging_momentum", problem, twins.iterate_averaging_momentum)
    ks = np.arange(1, STEPS + 1)[:, None]
    z = np.vstack([found[:1], found[1:] + ks * np.diff(found, axis=0)])
    slopes = np.array([problem.gradient(x) for x in found[:-1]]) + NOISE
    assert np.diff(z, axis=0) == pytest.approx(-STEP * slopes, abs=1e-11)
