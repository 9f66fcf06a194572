"""Noise models: unbiased, with exactly the variance that they declare, and epochs that visit every term once.

Samples are drawn by the compiled kernels with fixed seeds. Every comparison is a z-score against ``LIMIT``, chosen
such that a fresh choice of the seeds would fail a correct file with probability at most ``ERROR_RATE``.
"""

import functools
import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from problems.least_squares import least_squares, mean_estimation
from problems.noise import gaussian, heavy_tailed, multiplicative, signs, sphere
from problems.quadratic import quadratic
from problems.sampling import Order, epochs, minibatch, minibatch_variance
from simlab.errors import InputError
from simlab.kernels import oracle as roles
from simlab.kernels.arrays import Integers, Matrix, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data, Objective
from simlab.kernels.random import streams
from simlab.vocabulary.assumptions import BoundedVariance
from simlab.vocabulary.noise import Noise
from simlab.vocabulary.problem import Problem

ERROR_RATE = 1e-6
COMPARISONS = 1000  # more than this file makes
LIMIT = float(stats.norm.isf(ERROR_RATE / COMPARISONS / 2))
DRAWS = 1_000 if jit_disabled() else 200_000
compiled_only = pytest.mark.skipif(jit_disabled(), reason="needs more draws than plain Python can make")


@kernel
def draw_many(
    value: Any,
    gradient: Any,
    component: Any,
    hessian: Any,
    prox: Any,
    draw: Any,
    disturb: Any,
    scalars: Vector,
    table: Matrix,
    noise: Vector,
    order: Integers,
    sample: Vector,
    rng: Any,
    x: Vector,
    samples: Matrix,
    gradients: Matrix,
) -> None:
    """Row k: the sample of step k and the stochastic gradient at ``x`` for it."""
    objective = Objective(value, gradient, component, hessian, prox, Data(scalars, table))
    for k in range(samples.shape[0]):
        draw(k, noise, order, rng, sample)
        disturb(objective, noise, sample, x, gradients[k])
        samples[k, :] = sample


@functools.cache
def compiled_driver() -> Any:
    if jit_disabled():
        return draw_many.compiled()
    from numba import types

    vector, matrix, integers = types.float64[::1], types.float64[:, ::1], types.int64[::1]
    pointers = roles.pointer_types("value", "gradient", "component", "hessian", "prox", "draw", "disturb")
    signature = types.void(
        *pointers, vector, matrix, vector, integers, vector, types.uint64[:, ::1], vector, matrix, matrix
    )  # fmt: skip
    return draw_many.compiled(signature)


def drawn(problem: Problem, noise: Noise, x: Vector, count: int, seed: int = 1) -> tuple[Matrix, Matrix]:
    """Samples (count, s) and stochastic gradients (count, d) at ``x`` of the steps 0, 1, ..., count - 1."""
    samples, gradients = np.empty((count, noise.sample)), np.empty((count, problem.dimension))
    functions = [
        roles.compiled_role(getattr(problem.kernels, name), name)
        for name in ("value", "gradient", "component", "hessian", "prox")
    ]
    compiled_driver()(
        *functions, roles.compiled_role(noise.draw, "draw"), roles.compiled_role(noise.disturb, "disturb"),
        problem.data.scalars, problem.data.table, noise.vector, np.zeros(noise.order, np.int64),
        np.zeros(noise.sample), streams([seed], 0, 1)[0], np.asarray(x), samples, gradients,
    )  # fmt: skip
    return samples, gradients


def z_scores(records: Matrix, expected: Any) -> Vector:
    """(mean - expected) / standard error for each column; what does not vary must agree to rounding."""
    mean, error = records.mean(axis=0), records.std(axis=0, ddof=1) / math.sqrt(len(records))
    rounding = 1e-12 * (np.abs(mean) + np.abs(expected))
    return np.abs(mean - expected) / (error + rounding)


BOWL = quadratic(spectrum=(0.5, 1.0, 2.0), rotation=1)
SUM = least_squares(terms=7, dimension=3, residual=1.0, spread=2.0)
POINT = np.array([1.5, -0.5, 2.0])

ADDITIVE = [gaussian(variance=0.7), signs(variance=0.7), sphere(variance=0.7), heavy_tailed(variance=0.7)]
MODELS: list[tuple[Problem, Any, float]] = [
    *((BOWL, model, 0.7) for model in ADDITIVE[:3]),
    (BOWL, heavy_tailed(variance=0.7, degrees=9), 0.7),
    (BOWL, multiplicative(strength=0.8), 0.8**2 * float(POINT @ POINT)),
    (SUM, minibatch(batch=1), minibatch_variance(SUM, POINT)),
    (SUM, minibatch(batch=4), minibatch_variance(SUM, POINT, 4)),
    (SUM, minibatch(batch=4, replacement=False), minibatch_variance(SUM, POINT, 4, replacement=False)),
    (SUM, epochs(order=Order.WITH_REPLACEMENT), minibatch_variance(SUM, POINT)),
]
named = pytest.mark.parametrize(
    ("problem", "model", "variance"),
    MODELS,
    ids=[f"{model.name}-{i}" for i, (_, model, _) in enumerate(MODELS)],
)


@compiled_only
@named
def test_the_stochastic_gradient_is_unbiased_and_has_the_stated_variance(
    problem: Problem, model: Any, variance: float
) -> None:
    noise = model.resolve(problem, {})
    _, gradients = drawn(problem, noise, POINT, DRAWS)
    error = gradients - problem.gradient(POINT)
    square = np.sum(error**2, axis=1)[:, None]
    assert z_scores(error, 0.0).max() < LIMIT
    assert z_scores(square, variance).max() < LIMIT
    # The controls: a variance that is 5% off, and a bias of 5% of the standard deviation.
    assert z_scores(square, 1.05 * variance).min() > LIMIT
    assert z_scores(error + 0.05 * math.sqrt(variance), 0.0).max() > LIMIT


@pytest.mark.parametrize("model", ADDITIVE, ids=lambda model: model.name)
def test_the_declared_variance_is_the_trace_of_the_declared_covariance(model: Any) -> None:
    noise = model.resolve(BOWL, {})
    assert noise.assumptions == (BoundedVariance(0.7),)
    assert np.trace(noise.covariance) == pytest.approx(0.7, rel=1e-14)


@compiled_only
@pytest.mark.parametrize("model", ADDITIVE[:3], ids=lambda model: model.name)
def test_the_covariance_is_the_declared_one(model: Any) -> None:
    noise = model.resolve(BOWL, {})
    error = drawn(BOWL, noise, POINT, DRAWS)[1] - BOWL.gradient(POINT)
    products = np.einsum("ki,kj->kij", error, error).reshape(DRAWS, -1)
    assert z_scores(products, np.asarray(noise.covariance).ravel()).max() < LIMIT
    assert z_scores(products, 1.05 * np.asarray(noise.covariance).ravel()).max() > LIMIT


@compiled_only
@pytest.mark.parametrize("degrees", [3, 4, 6])
def test_heavy_tails_follow_the_student_law(degrees: int) -> None:
    """The square of the noise has no variance for 3 or 4 degrees, so the law itself is compared."""
    noise = heavy_tailed(variance=0.7, degrees=degrees).resolve(BOWL, {})
    errors = (drawn(BOWL, noise, POINT, DRAWS)[1] - BOWL.gradient(POINT)).ravel()
    law = stats.t(degrees, scale=math.sqrt(0.7 / 3 * (degrees - 2) / degrees))
    assert law.var() == pytest.approx(0.7 / 3)
    assert stats.kstest(errors, law.cdf).pvalue > ERROR_RATE / COMPARISONS
    wider = stats.t(degrees, scale=law.kwds["scale"] * math.sqrt(1.05))
    assert stats.kstest(errors, wider.cdf).pvalue < ERROR_RATE / COMPARISONS
    assert z_scores(np.abs(errors)[:, None], law.expect(np.abs)).max() < LIMIT


@pytest.mark.parametrize(
    ("problem", "model"), [(p, m) for p, m, _ in MODELS if m.resolve(p, {}).support is not None], ids=str
)
def test_the_support_has_the_gradient_as_mean_and_the_stated_variance(problem: Problem, model: Any) -> None:
    noise = model.resolve(problem, {})
    stated = next(variance for p, m, variance in MODELS if m is model)
    outcomes = [(p, _at(problem, noise, sample)) for p, sample in noise.support]
    assert sum(p for p, _ in outcomes) == pytest.approx(1.0, rel=1e-13)
    assert sum(p * g for p, g in outcomes) == pytest.approx(problem.gradient(POINT), rel=1e-12)
    assert sum(p * np.sum((g - problem.gradient(POINT)) ** 2) for p, g in outcomes) == pytest.approx(
        stated, rel=1e-12
    )


def _at(problem: Problem, noise: Noise, sample: Vector) -> Vector:
    """The stochastic gradient for one listed sample."""
    if noise.name == "multiplicative":
        return problem.gradient(POINT) + 0.8 * sample[0] * (POINT - np.asarray(problem.minimizer))
    return np.mean([problem.component(int(i), POINT) for i in sample], axis=0)


@compiled_only
@pytest.mark.parametrize("replacement", [True, False])
def test_the_listed_minibatches_have_the_probabilities_with_which_they_are_drawn(replacement: bool) -> None:
    noise = minibatch(batch=3, replacement=replacement).resolve(SUM, {})
    samples = np.sort(drawn(SUM, noise, POINT, DRAWS)[0], axis=1)
    assert noise.support is not None
    assert len(noise.support) == math.comb(9 if replacement else 7, 3)
    seen = np.array([(samples == outcome).all(axis=1).mean() for _, outcome in noise.support])
    stated = np.array([p for p, _ in noise.support])
    assert seen.sum() == pytest.approx(1.0)
    assert (np.abs(seen - stated) / np.sqrt(stated * (1 - stated) / DRAWS)).max() < LIMIT


@pytest.mark.parametrize("batch", [1, 2, 5, 6])
def test_without_replacement_the_variance_shrinks_by_the_finite_population_factor(batch: int) -> None:
    """v/b (n - b)/(n - 1), against the enumeration of all minibatches."""
    sums = least_squares(terms=6, dimension=2, residual=1.0)
    x = np.array([0.3, -2.0])
    subsets = itertools.combinations([sums.component(i, x) for i in range(6)], batch)
    exact = np.mean([np.sum((np.mean(subset, axis=0) - sums.gradient(x)) ** 2) for subset in subsets])
    stated = minibatch_variance(sums, x, batch, replacement=False)
    assert stated == pytest.approx(exact, rel=1e-12, abs=1e-25)
    with_replacement = minibatch_variance(sums, x, batch)
    assert stated == pytest.approx(with_replacement * (6 - batch) / 5, rel=1e-12)
    assert with_replacement == pytest.approx(minibatch_variance(sums, x) / batch)


@pytest.mark.parametrize("order", list(Order))
def test_epochs_visit_every_term_once(order: Order) -> None:
    """An epoch is n consecutive steps; with replacement some epoch must miss a term."""
    noise = epochs(order=order).resolve(SUM, {})
    samples = drawn(SUM, noise, POINT, 7 * 50)[0].reshape(50, 7).astype(int)
    complete = (np.sort(samples, axis=1) == np.arange(7)).all(axis=1)
    same = (samples == samples[0]).all()
    assert complete.all() == (order is not Order.WITH_REPLACEMENT)
    assert same == (order in (Order.SINGLE_SHUFFLE, Order.CYCLIC))
    if order is Order.CYCLIC:
        assert samples[0].tolist() == list(range(7))
    other = drawn(SUM, noise, POINT, 7 * 50, seed=2)[0].reshape(50, 7).astype(int)
    assert (samples == other).all() == (order is Order.CYCLIC)


@pytest.mark.parametrize("order", [Order.RESHUFFLED, Order.SINGLE_SHUFFLE])
def test_permutations_are_uniform(order: Order) -> None:
    """All 24 orders of 4 terms, from independent runs for the single shuffle."""
    sums = mean_estimation(targets=(0.0, 1.0, 2.0, 3.0))
    noise = epochs(order=order).resolve(sums, {})
    x, count = np.zeros(1), 500 if jit_disabled() else 5_000
    if order is Order.RESHUFFLED:
        rows = drawn(sums, noise, x, 4 * count)[0].reshape(count, 4)
    else:
        rows = np.array([drawn(sums, noise, x, 4, seed=seed)[0].ravel() for seed in range(count)])
    keys, tallies = np.unique(rows @ np.array([64, 16, 4, 1]), return_counts=True)
    assert len(keys) == 24
    assert stats.chisquare(tallies).pvalue > ERROR_RATE / COMPARISONS


def test_minibatches_without_replacement_have_distinct_terms() -> None:
    noise = minibatch(batch=5, replacement=False).resolve(SUM, {})
    samples = np.sort(drawn(SUM, noise, POINT, 200)[0], axis=1)
    assert (np.diff(samples, axis=1) > 0).all()
    whole = minibatch(batch=7, replacement=False).resolve(SUM, {})
    assert drawn(SUM, whole, POINT, 10)[1] == pytest.approx(np.tile(SUM.gradient(POINT), (10, 1)))


@pytest.mark.parametrize(
    ("model", "problem", "message"),
    [
        (heavy_tailed(degrees=2), BOWL, "at least 3"),
        (gaussian(variance=-1.0), BOWL, "variance"),
        (minibatch(batch=8, replacement=False), SUM, "between 1 and 7"),
        (minibatch(batch=0), SUM, "at least 1"),
        (minibatch(), BOWL, "no finite sum"),
        (epochs(), BOWL, "no finite sum"),
    ],
)
def test_what_cannot_be_is_refused(model: Any, problem: Problem, message: str) -> None:
    with pytest.raises(InputError, match=message):
        model.resolve(problem, {})
