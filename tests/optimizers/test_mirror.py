"""Mirror descent: the compiled rules step by step against NumPy, and wrong rules that must be told apart."""

from typing import Any

import numpy as np
import pytest

from problems.online import linear_game
from problems.poisson import poisson
from simlab.optimizers.mirror import burg_gradient, exponentiated_gradient
from simlab.running.given import sample_as_gradient, states
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_line_search import compiled
from tests.references import step_rules
from tests.references.test_twins import mutated

LOSSES = np.random.default_rng(6).standard_normal((30, 5))
COUNTS = poisson(terms=8, dimension=4, start=0.3)


def hedge(losses: Any = LOSSES) -> Any:
    start = np.arange(1.0, 6.0)[None] / 15
    method = exponentiated_gradient(step_size=0.4)
    return states(method, linear_game(slopes=losses), start, losses[None], sample_as_gradient)[0, :, 0]


def hedge_twin(rule: Any = step_rules.exponentiated_gradient) -> Any:
    return rule(lambda k, x: LOSSES[k], np.arange(1.0, 6.0) / 15, 30, 0.4)


def test_exponentiated_gradient_follows_its_twin() -> None:
    assert distance(hedge(), hedge_twin()) <= 1e-13


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("np.exp(-", "np.exp("),
        ("np.exp(-step_size * gradient(k, iterates[-1]))", "(1 - step_size * gradient(k, iterates[-1]))"),
    ],
)
def test_a_wrong_exponentiated_gradient_is_caught(right: str, wrong: str) -> None:
    assert (
        not distance(hedge(), hedge_twin(mutated("exponentiated_gradient", right, wrong, step_rules))) <= 1e-6
    )


def test_huge_losses_do_not_overflow() -> None:
    assert hedge(1e5 * LOSSES)[-1].sum() == pytest.approx(1)


def burg_twin(rule: Any = step_rules.burg_gradient) -> Any:
    return rule(lambda k, x: COUNTS.gradient(x), np.asarray(COUNTS.start), 30, 0.02)


def test_burg_gradient_follows_its_twin() -> None:
    assert distance(compiled(burg_gradient(step_size=0.02), COUNTS), burg_twin()) <= 1e-12


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("1 / x + step", "1 / x - step"),
        ("1 / (1 / x + step_size * gradient(k, x))", "x - step_size * gradient(k, x)"),
    ],
)
def test_a_wrong_burg_gradient_is_caught(right: str, wrong: str) -> None:
    found = compiled(burg_gradient(step_size=0.02), COUNTS)
    assert not distance(found, burg_twin(mutated("burg_gradient", right, wrong, step_rules))) <= 1e-6
