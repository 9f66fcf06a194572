"""FISTA and the proximal point method: step by step against NumPy, wrong rules, and singular-value
thresholding.
"""

from typing import Any

import numpy as np
import pytest

from problems.lasso import lasso
from problems.norms import euclidean_norm
from problems.nuclear_norm import nuclear_norm
from simlab.optimizers.accelerated_proximal import fista, fista_recursive
from simlab.optimizers.proximal import proximal_point
from tests.optimizers.test_first_order import distance
from tests.optimizers.test_line_search import compiled
from tests.references import step_rules, twins
from tests.references.test_twins import mutated

STEP, PENALTY = 0.2, 0.2
LASSO = lasso(terms=12, dimension=4, nonzeros=2, penalty=PENALTY, start=(2.0, -1.0, 0.5, 0.0))
METHODS = {"fista": fista(step_size=STEP), "fista_recursive": fista_recursive(step_size=STEP)}


def twin(rule: Any) -> Any:
    start = np.asarray(LASSO.start)
    return rule(
        lambda k, x: LASSO.gradient(x), lambda x: twins.soft_threshold(x, STEP * PENALTY), start, 30, STEP
    )


@pytest.mark.parametrize("name", METHODS)
def test_fista_follows_its_twin(name: str) -> None:
    assert distance(compiled(METHODS[name], LASSO), twin(getattr(step_rules, name))) <= 1e-12


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("fista", "k / (k + 3)", "(k + 1) / (k + 4)"),
        ("fista", "k / (k + 3)", "k / (k + 2)"),
        ("fista", "gradient(k, y)", "gradient(k, iterates[-1])"),
        ("fista_recursive", "(t - 1) / following", "(following - 1) / following"),
        ("fista_recursive", "4 * t**2", "4 * t"),
        ("fista_recursive", "(iterates[-1] - iterates[-2])", "0"),
    ],
)
def test_a_wrong_fista_is_caught(name: str, right: str, wrong: str) -> None:
    assert not distance(compiled(METHODS[name], LASSO), twin(mutated(name, right, wrong, step_rules))) <= 1e-6


def test_the_proximal_point_method_walks_straight_to_the_minimizer_of_a_norm() -> None:
    problem = euclidean_norm(dimension=4, slope=2.0, radius=3.0)
    lengths = np.linalg.norm(compiled(proximal_point(step_size=0.25), problem, 8), axis=1)
    assert lengths == pytest.approx(np.maximum(3.0 - 0.5 * np.arange(9), 0.0), abs=1e-14)


@pytest.mark.parametrize("problem", nuclear_norm.instances(), ids=lambda problem: problem.label)
def test_the_nuclear_norm_and_its_proximal_map_are_those_of_the_singular_values(problem: Any) -> None:
    rows, columns = problem.parameters["rows"], problem.parameters["columns"]
    penalty, out = problem.parameters["penalty"], np.empty(problem.dimension)
    for x in np.random.default_rng(1).standard_normal((20, problem.dimension)):
        left, sizes, right = np.linalg.svd(x.reshape(rows, columns), full_matrices=False)
        problem.kernels.prox(problem.data, 2.0, x, out)
        wanted = (left * np.maximum(sizes - 2.0 * penalty, 0)) @ right
        assert out.reshape(rows, columns) == pytest.approx(wanted, abs=1e-12)
        table, targets = problem.data.table[:, :-1], problem.data.table[:, -1]
        fit = np.mean((table @ x - targets) ** 2) / 2
        assert problem.value(x) == pytest.approx(fit + penalty * sizes.sum(), rel=1e-12)


@pytest.mark.parametrize("problem", nuclear_norm.instances(), ids=lambda problem: problem.label)
def test_the_declared_minimizer_is_a_fixed_point_of_low_rank(problem: Any) -> None:
    x, out = np.asarray(problem.minimizer), np.empty(problem.dimension)
    problem.kernels.prox(problem.data, 0.7, x - 0.7 * problem.gradient(x), out)
    assert out == pytest.approx(x, abs=1e-12)
    assert problem.value(x) == pytest.approx(problem.minimum, rel=1e-12)
    shape = problem.parameters["rows"], problem.parameters["columns"]
    assert np.linalg.matrix_rank(x.reshape(shape)) == problem.parameters["rank"]
