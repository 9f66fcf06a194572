"""AdaGrad-Norm and projected AdaGrad: the compiled rules step by step against NumPy, and wrong rules that must be
told apart.
"""

from typing import Any

import numpy as np
import pytest

from problems.online import linear_game
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix
from simlab.optimizers.adagrad_norm import adagrad_norm, projected_adagrad, projected_adagrad_norm
from simlab.running.given import sample_as_gradient, states
from simlab.vocabulary.method import Method
from tests.optimizers.test_first_order import distance
from tests.references import adagrad_norm as rules
from tests.references.test_twins import mutated

TOLERANCE, STEPS, RADIUS = 1e-12, 40, 0.7
BOWL = quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5))
SLOPES = np.random.default_rng(3).standard_normal((STEPS, 3))
GAME = linear_game(slopes=SLOPES, radius=RADIUS, start=0.5)


def free() -> Matrix:
    method = adagrad_norm(step_size=0.5, initial=0.2)
    return np.asarray(states(method, BOWL, np.asarray(BOWL.start)[None], SLOPES[None])[0, :, 0])


def played(method: Method) -> Matrix:
    start = np.asarray(GAME.start)[None]
    return np.asarray(states(method, GAME, start, SLOPES[None], sample_as_gradient)[0, :, 0])


def twin_free(rule: Any) -> Any:
    return rule(lambda k, x: BOWL.gradient(x) + SLOPES[k], np.asarray(BOWL.start), STEPS, 0.5, 0.2)


def twin_played(rule: Any, *more: float) -> Any:
    return rule(lambda k, x: SLOPES[k], np.asarray(GAME.start), STEPS, 0.5, *more, RADIUS)


def test_the_kernels_follow_their_twins() -> None:
    assert distance(free(), twin_free(rules.adagrad_norm)) <= TOLERANCE
    norm = played(projected_adagrad_norm(step_size=0.5, initial=0.2))
    assert distance(norm, twin_played(rules.adagrad_norm, 0.2)) <= TOLERANCE
    diagonal = played(projected_adagrad(step_size=0.5))
    assert distance(diagonal, twin_played(rules.projected_adagrad)) <= TOLERANCE
    assert np.abs(diagonal).max() == RADIUS


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("np.linalg.norm(g)", "np.abs(g).max()"),
        ("np.hypot(b, np.linalg.norm(g))", "b + np.linalg.norm(g)"),
        ("xs, b = [start], initial", "xs, b = [start], 0.0"),
    ],
)
def test_a_wrong_norm_is_caught(right: str, wrong: str) -> None:
    wrong_rule = mutated("adagrad_norm", right, wrong, rules)
    assert not distance(free(), twin_free(wrong_rule)) <= 10 * TOLERANCE


@pytest.mark.parametrize(
    ("right", "wrong"), [("s + g**2", "g**2"), ("np.sqrt(s)", "s"), ("-radius, radius", "-9.0, 9.0")]
)
def test_a_wrong_projected_adagrad_is_caught(right: str, wrong: str) -> None:
    wrong_rule = mutated("projected_adagrad", right, wrong, rules)
    found = played(projected_adagrad(step_size=0.5))
    assert not distance(found, twin_played(wrong_rule)) <= 10 * TOLERANCE


def test_gradients_of_zero_move_nothing() -> None:
    game = linear_game(slopes=[[0.0, 1.0]], start=0.5)
    for method in (projected_adagrad_norm(step_size=1.0), projected_adagrad(step_size=1.0)):
        run = states(method, game, np.array([[0.5, 0.5]]), np.zeros((1, 2, 2)), sample_as_gradient)
        assert (run[0, :, 0] == 0.5).all()
