"""Incremental gradient methods: the compiled rules step by step against NumPy, and wrong rules that must be told
apart.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.coins import term_and_coin
from problems.least_squares import least_squares
from problems.losses import huber_loss
from problems.sampling import single_term
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix
from simlab.optimizers import incremental as methods
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import incremental
from tests.references.test_twins import mutated

TOLERANCE = 1e-12
STEP, STEPS, AVERAGING = 0.1, 40, 0.3
SUMS = [least_squares(terms=6, dimension=3, residual=1.0), huber_loss(terms=5)]
NAMES = ("saga", "sag", "sarah", "storm", "loopless_svrg")


def terms(problem: Problem) -> int:
    return int(np.asarray(problem.table).shape[0])


def draws(problem: Problem) -> Matrix:
    """The terms and coins of all steps, shape (steps, 2)."""
    random = np.random.default_rng(2)
    return np.column_stack([random.integers(terms(problem), size=STEPS), random.integers(2, size=STEPS)])


def compiled(name: str, problem: Problem) -> Matrix:
    more = (
        {"terms": terms(problem)}
        if name in ("sag", "saga")
        else {"averaging": AVERAGING}
        if name == "storm"
        else {}
    )
    method: Method = getattr(methods, name)(step_size=STEP, **more)
    samples = draws(problem)[None].astype(np.float64)
    run = states(method, problem, np.asarray(problem.start)[None], samples, single_term)
    return np.asarray(run[0, :, 0])


def twin(rule: Callable[..., Any], problem: Problem, name: str) -> Any:
    indices, shown = draws(problem).T.astype(int)
    start = np.asarray(problem.start)
    more: list[Any] = [list(shown)] if name == "loopless_svrg" else [AVERAGING] if name == "storm" else []
    return rule(lambda i, x: problem.component(int(i), x), terms(problem), start, STEP, list(indices), *more)


@pytest.mark.parametrize("problem", SUMS, ids=lambda problem: problem.label)
@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_follows_its_twin(name: str, problem: Problem) -> None:
    found = twin(getattr(incremental, name), problem, name)
    assert distance(compiled(name, problem), found) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("saga", "- gradient(i, points[i]) + table", "+ table"),
        ("saga", "- gradient(i, points[i]) + table", "- gradient(i, points[i])"),
        ("saga", "xs[-2]", "xs[-1]"),
        ("saga", "[start] * n", "[np.zeros(len(start))] * n"),
        ("sag", "step_size / n", "step_size"),
        ("sag", "table[i] = gradient(i, xs[-1])", "table[i] += gradient(i, xs[-1])"),
        ("sarah", "- gradient(i, xs[-2]) + v", "- gradient(i, start) + v"),
        ("sarah", "gradient(i, xs[-1]) - gradient(i, xs[-2]) + v", "gradient(i, xs[-1])"),
        ("storm", "(v - gradient(i, xs[-2]))", "v"),
        ("storm", "(1 - averaging)", "averaging"),
        ("storm", "v = gradient(indices[0], start)", "v = mean_gradient(gradient, n, start)"),
        ("loopless_svrg", "snapshot = x if", "snapshot = xs[-1] if"),
        ("loopless_svrg", "if coin else snapshot", "if not coin else snapshot"),
        ("loopless_svrg", "+ mean_gradient(gradient, n, snapshot)", "+ mean_gradient(gradient, n, start)"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    rule = mutated(name, right, wrong, incremental)
    found = twin(rule, SUMS[0], name)
    assert not distance(compiled(name, SUMS[0]), found) <= 10 * TOLERANCE


def test_the_outcomes_of_terms_and_coins_have_probability_1() -> None:
    for probability in (0.3, 1.0):
        support = term_and_coin(probability=probability).resolve(SUMS[0], {}).support
        assert support is not None
        assert sum(p for p, _ in support) == pytest.approx(1.0)
        shown = sum(p * sample[1] for p, sample in support)
        assert shown == pytest.approx(probability)
    with pytest.raises(InputError, match="probability"):
        term_and_coin(probability=0.0).resolve(SUMS[0], {})
