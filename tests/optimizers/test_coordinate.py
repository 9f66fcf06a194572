"""Coordinate descent: the compiled rules step by step against NumPy, and wrong rules that must be told apart."""

from typing import Any

import numpy as np
import pytest

from problems.coordinates import coordinates
from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from problems.sampling import Order
from simlab.errors import InputError
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.coordinate import coordinate_descent, greedy_coordinate_descent
from simlab.running.exact import _Maps
from simlab.running.simulate import case_of, curve
from simlab.vocabulary.assumptions import CoordinateSmooth
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_line_search import compiled
from tests.references import step_rules
from tests.references.test_twins import mutated

BOWL = quadratic(spectrum=(0.05, 0.5, 1.0, 2.0), rotation=1, start=(1.0, -2.0, 0.5, 3.0))
VISITED = np.random.default_rng(2).integers(4, size=30)


def visit(step_size: float) -> Any:
    """The compiled rule along given coordinates."""
    method = coordinate_descent(step_size=step_size)
    maps = _Maps(case_of("visit", method, BOWL, suboptimality.last, (1,), coordinates()))
    x = np.concatenate([np.asarray(BOWL.start), np.zeros(4)])[None]
    iterates = [x[0, :4].copy()]
    for k, i in enumerate(VISITED):
        x = maps.after(k, x, np.array([[float(i)]]))
        iterates.append(x[0, :4].copy())
    return iterates


def twin(step_size: float, rule: Any = step_rules.coordinate_descent) -> Any:
    return rule(BOWL.hessian(BOWL.start), np.asarray(BOWL.start), VISITED, step_size)


@pytest.mark.parametrize("step_size", [1.0, 0.4, 1.7])
def test_coordinate_descent_follows_its_twin(step_size: float) -> None:
    assert distance(visit(step_size), twin(step_size)) <= 1e-12


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("/ hessian[i, i]", "/ hessian.max()"), ("x[i] -=", "x[i - 1] -="), ("step_size * (", "(")],
)
def test_a_wrong_coordinate_descent_is_caught(right: str, wrong: str) -> None:
    assert (
        not distance(visit(0.4), twin(0.4, mutated("coordinate_descent", right, wrong, step_rules))) <= 1e-6
    )


def test_in_turn_it_visits_the_coordinates_one_after_the_other() -> None:
    noise = coordinates(order=Order.CYCLIC)
    case = case_of("turn", coordinate_descent(), BOWL, suboptimality.last, range(1, 9), noise)
    hessian = BOWL.hessian(BOWL.start)
    xs = step_rules.coordinate_descent(hessian, np.asarray(BOWL.start), np.arange(8) % 4, 1.0)
    assert curve(case).mean == pytest.approx([BOWL.value(x) for x in xs[1:]], rel=1e-12)


def test_the_expectation_is_that_over_all_sequences() -> None:
    case = case_of("mean", coordinate_descent(), BOWL, suboptimality.last, (2,), coordinates())
    hessian, start = BOWL.hessian(BOWL.start), np.asarray(BOWL.start)
    ends = [
        BOWL.value(step_rules.coordinate_descent(hessian, start, np.array([i, j]), 1.0)[-1])
        for i in range(4)
        for j in range(4)
    ]
    assert curve(case).mean[0] == pytest.approx(np.mean(ends), rel=1e-12)


def test_constants_in_the_weighted_norm() -> None:
    model = coordinates().resolve(BOWL, {})
    found = model.assumptions[0]
    assert isinstance(found, CoordinateSmooth)
    hessian, x = BOWL.hessian(BOWL.start), np.asarray(BOWL.start)
    weights = np.diag(np.diag(hessian))
    relative = np.linalg.eigvals(np.linalg.solve(weights, hessian)).real.min()
    assert found.weighted_convexity == pytest.approx(relative, rel=1e-10)
    assert found.weighted_distance == pytest.approx(np.sqrt(x @ weights @ x), rel=1e-12)


def test_only_quadratics_have_known_coordinates() -> None:
    with pytest.raises(InputError, match="not a quadratic"):
        coordinates().resolve(rippled_bowl(dimension=3), {})
    with pytest.raises(InputError, match="order"):
        coordinates(order=Order.RESHUFFLED).resolve(BOWL, {})


@pytest.mark.parametrize("problem", [BOWL, rippled_bowl(dimension=3)], ids=lambda problem: problem.label)
def test_greedy_coordinate_descent_follows_its_twin(problem: Any) -> None:
    found = compiled(greedy_coordinate_descent(step_size=0.3), problem)
    rule, start = step_rules.greedy_coordinate_descent, np.asarray(problem.start)
    assert distance(found, rule(lambda k, x: problem.gradient(x), start, 30, 0.3)) <= 1e-12


@pytest.mark.parametrize(
    ("right", "wrong"), [("np.argmax(np.abs(g))", "np.argmax(g)"), ("-= step_size", "+= step_size")]
)
def test_a_wrong_greedy_coordinate_descent_is_caught(right: str, wrong: str) -> None:
    rule = mutated("greedy_coordinate_descent", right, wrong, step_rules)
    found = compiled(greedy_coordinate_descent(step_size=0.3), BOWL)
    assert not distance(found, rule(lambda k, x: BOWL.gradient(x), np.asarray(BOWL.start), 30, 0.3)) <= 1e-6
