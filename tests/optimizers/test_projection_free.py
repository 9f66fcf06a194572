"""The Frank-Wolfe method: the compiled rule step by step against NumPy, wrong rules, and support points."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.constrained import ball_quadratic, box_quadratic, simplex_quadratic
from simlab.kernels.arrays import Vector
from simlab.optimizers.projection_free import frank_wolfe
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_line_search import compiled
from tests.references import step_rules
from tests.references.test_twins import mutated

SIMPLEX = simplex_quadratic(dimension=6, support=3)
BOX = box_quadratic(spectrum=(1.0, 10.0), center=(0.3217, -0.2871), radius=0.5)
BALL = ball_quadratic(spectrum=(1.0, 2.0, 20.0), pressure=5.0, radius=2.0)


def vertex(g: Vector) -> Vector:
    return np.asarray(np.eye(g.size)[np.argmin(g)])


SETS: list[tuple[Problem, Callable[[Vector], Vector]]] = [
    (SIMPLEX, vertex),
    (BOX, lambda g: -0.5 * np.sign(g)),
    (BALL, lambda g: -2.0 * g / np.linalg.norm(g)),
]


def twin(problem: Problem, lowest: Any, rule: Any = step_rules.frank_wolfe) -> Any:
    return rule(lambda k, x: problem.gradient(x), lowest, np.asarray(problem.start), 30)


@pytest.mark.parametrize(("problem", "lowest"), SETS, ids=["simplex", "box", "ball"])
def test_frank_wolfe_follows_its_twin(problem: Problem, lowest: Any) -> None:
    assert distance(compiled(frank_wolfe(), problem), twin(problem, lowest)) <= 1e-10


@pytest.mark.parametrize(
    ("right", "wrong"), [("2 / (k + 2)", "2 / (k + 3)"), ("gradient(k, x))", "-gradient(k, x))")]
)
def test_a_wrong_frank_wolfe_is_caught(right: str, wrong: str) -> None:
    rule = mutated("frank_wolfe", right, wrong, step_rules)
    assert not distance(compiled(frank_wolfe(), SIMPLEX), twin(SIMPLEX, vertex, rule)) <= 1e-6


@pytest.mark.parametrize("problem", [SIMPLEX, BOX, BALL], ids=["simplex", "box", "ball"])
def test_projections_and_support_points_are_what_they_say(problem: Problem) -> None:
    """The projection p of y has (y - p).(u - p) <= 0, and the support point s in direction y has y.(u - s) <=
    0, for all points u of the set.
    """
    random, d = np.random.default_rng(4), problem.dimension
    points = []
    for y in 3 * random.standard_normal((50, d)):
        p, s = np.empty(d), np.empty(d)
        problem.kernels.prox(problem.data, 0.7, y, p)
        problem.kernels.prox(problem.data, np.inf, y, s)
        assert np.isfinite([problem.value(p), problem.value(s)]).all(), "outside of the set"
        points += [(y, p, s)]
    members = np.array([p for _, p, _ in points] + [s for _, _, s in points])
    for y, p, s in points:
        assert ((members - p) @ (y - p)).max() <= 1e-9
        assert ((members - s) @ y).max() <= 1e-9
