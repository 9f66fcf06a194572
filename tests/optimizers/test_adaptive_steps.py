"""Polyak's step size and AdGD: the compiled rules step by step against NumPy, and wrong rules told apart."""

from typing import Any

import numpy as np
import pytest

from problems.logistic import logistic_regression
from problems.norms import euclidean_norm
from problems.quadratic import quadratic
from simlab.optimizers.adaptive_steps import adgd, polyak_step
from simlab.running.given import states
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_line_search import compiled
from tests.references import step_rules
from tests.references.test_twins import mutated

STEPS = 30
BOWL = quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5))
CURVED = logistic_regression(terms=20, dimension=3)


def polyak_twin(rule: Any = step_rules.polyak_step, minimum: float = -0.1, scale: float = 1.5) -> Any:
    return rule(lambda k, x: BOWL.gradient(x), BOWL.value, np.asarray(BOWL.start), STEPS, minimum, scale)


@pytest.mark.parametrize(("minimum", "scale"), [(-0.1, 1.5), (-1.0, 1.0)])
def test_polyak_step_follows_its_twin(minimum: float, scale: float) -> None:
    found = compiled(polyak_step(minimum=minimum, scale=scale), BOWL)
    assert distance(found, polyak_twin(minimum=minimum, scale=scale)) <= 1e-10


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("value(x) - minimum", "value(x)"), ("(g @ g) * g", "np.sqrt(g @ g) * g"), ("scale *", "")],
)
def test_a_wrong_polyak_step_is_caught(right: str, wrong: str) -> None:
    found = compiled(polyak_step(minimum=-0.1, scale=1.5), BOWL)
    assert not distance(found, polyak_twin(mutated("polyak_step", right, wrong, step_rules))) <= 1e-6


def test_polyak_step_solves_the_absolute_value_in_one_step_and_stays() -> None:
    problem = euclidean_norm(slope=3.0)
    assert compiled(polyak_step(minimum=0.0), problem, 2)[:, 0].tolist() == [1.0, 0.0, 0.0]


def run_adgd(step_size: float) -> Any:
    start = np.asarray(CURVED.start)
    return states(adgd(step_size=step_size), CURVED, start[None], np.zeros((1, STEPS, start.size)))[0]


def adgd_twin(step_size: float, rule: Any = step_rules.adgd) -> Any:
    return rule(lambda k, x: CURVED.gradient(x), np.asarray(CURVED.start), STEPS, step_size)


@pytest.mark.parametrize("step_size", [1e-3, 0.5, 20.0])
def test_adgd_and_its_average_follow_their_twin(step_size: float) -> None:
    run, (xs, averages) = run_adgd(step_size), adgd_twin(step_size)
    assert distance(run[:, 0], xs) <= 1e-9
    assert distance(run[2:, 1 + adgd.outputs["average"]], averages) <= 1e-9


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("np.sqrt(1 + ratios[k - 1]) * lengths[k - 1]", "(1 + ratios[k - 1]) * lengths[k - 1]"),
        ("(2 * np.linalg.norm(gs[k] - gs[k - 1]))", "np.linalg.norm(gs[k] - gs[k - 1])"),
        ("[step_size], [0.0]", "[step_size], [1.0]"),
        ("lengths[k] / lengths[k - 1])\n", "lengths[k - 1] / lengths[k])\n"),
    ],
)
def test_a_wrong_adgd_is_caught(right: str, wrong: str) -> None:
    xs, _ = adgd_twin(1e-3, mutated("adgd", right, wrong, step_rules))
    assert not distance(run_adgd(1e-3)[:, 0], xs) <= 1e-6


def test_a_wrong_average_is_caught() -> None:
    wrong = mutated(
        "adgd", "weights.append(lengths[k] * (1 + ratios[k]))", "weights.append(lengths[k])", step_rules
    )
    assert not distance(run_adgd(1e-3)[2:, 5], adgd_twin(1e-3, wrong)[1]) <= 1e-6
