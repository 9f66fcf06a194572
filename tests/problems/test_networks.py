"""Objectives on networks: their constants at the workers and at the mean, and noise that is independent there."""

from typing import Any

import numpy as np
import pytest

from problems.networks import (
    asymmetric_parabolas,
    heterogeneous_quadratics,
    tilted_quadratics,
    tilted_wells,
)
from problems.noise import gaussian, heavy_tailed, shared_gaussian, signs, sphere
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.vocabulary.assumptions import (
    BoundedHeterogeneity,
    BoundedVariance,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Smooth,
    StronglyConvex,
    Workers,
)
from simlab.vocabulary.problem import Problem, ProblemFamily
from tests.problems.test_noise import drawn, z_scores

FAMILIES: list[ProblemFamily] = [
    tilted_quadratics,
    asymmetric_parabolas,
    tilted_wells,
    heterogeneous_quadratics,
]
INSTANCES = [instance for family in FAMILIES for instance in family.instances()]
TILTED = [p for p in INSTANCES if BoundedHeterogeneity in p.known]
named = pytest.mark.parametrize("problem", INSTANCES, ids=[p.label for p in INSTANCES])
RANDOM = np.random.default_rng(11)


def workers(problem: Problem) -> int:
    found = problem.known[Workers]
    assert isinstance(found, Workers)
    return found.workers


def constant(problem: Problem, assumption: Any) -> float:
    found = problem.known[assumption]
    return float(getattr(found, next(iter(assumption.symbols.values()))))


def everywhere(problem: Problem, x: Vector) -> Vector:
    """The same point at every worker."""
    return np.tile(x, workers(problem))


def local_gradients(problem: Problem, x: Vector) -> Matrix:
    """grad f_i(x) of every worker at one point, shape (m, d)."""
    return problem.gradient(everywhere(problem, x)).reshape(workers(problem), -1)


def points(problem: Problem, count: int = 50) -> Matrix:
    size = problem.dimension // workers(problem)
    return RANDOM.standard_normal((count, size)) * RANDOM.choice([0.1, 1.0, 10.0], (count, 1))


@named
def test_the_gradient_is_m_times_the_derivative_of_the_value(problem: Problem) -> None:
    x, step = RANDOM.standard_normal(problem.dimension), 1e-6
    slopes = [
        (problem.value(x + step * e) - problem.value(x - step * e)) / (2 * step)
        for e in np.eye(problem.dimension)
    ]
    gradient = problem.gradient(x)
    assert np.abs(workers(problem) * np.array(slopes) - gradient).max() < 1e-7 * (1 + np.abs(gradient).max())


@named
def test_the_mean_gradient_vanishes_at_the_minimizer_and_the_minimum_is_there(problem: Problem) -> None:
    assert problem.minimizer is not None
    size = problem.dimension // workers(problem)
    best = problem.minimizer[:size]
    assert np.array_equal(problem.minimizer, everywhere(problem, np.asarray(best)))
    assert np.abs(local_gradients(problem, np.asarray(best)).mean(axis=0)).max() < 1e-14
    around = [problem.value(everywhere(problem, x)) for x in points(problem)]
    assert min(around) > problem.minimum == pytest.approx(problem.value(problem.minimizer), abs=1e-15)


@named
def test_constants_belong_to_the_mean_of_the_starts(problem: Problem) -> None:
    made = problem.family(**{**problem.parameters, "start": points(problem, workers(problem))})  # type: ignore[misc]
    starts = np.asarray(made.start).reshape(workers(made), -1)
    mean = starts.mean(axis=0)
    assert made.minimizer is not None
    expected = {
        "d": starts.shape[1],
        "D": made.value(everywhere(made, mean)) - made.minimum,
        "R": np.linalg.norm(mean - made.minimizer[: len(mean)]),
        "g0": np.linalg.norm(local_gradients(made, mean).mean(axis=0)),
        "disagreement": np.linalg.norm(starts - mean),
    }
    assert {name: made.universal[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    assert made.universal["disagreement"] > 0 == problem.universal["disagreement"]


@pytest.mark.parametrize("problem", TILTED, ids=[p.label for p in TILTED])
def test_the_heterogeneity_is_exact_at_every_point(problem: Problem) -> None:
    for x in points(problem):
        gradients = local_gradients(problem, x)
        spread = np.mean(np.sum((gradients - gradients.mean(axis=0)) ** 2, axis=1))
        assert spread == pytest.approx(constant(problem, BoundedHeterogeneity), rel=1e-9, abs=1e-24)


@named
def test_local_smoothness_and_strong_convexity_are_approached_and_never_exceeded(problem: Problem) -> None:
    """Curvatures along short segments, at many points and at the place of the largest one."""
    size = problem.dimension // workers(problem)
    places = [*points(problem, 300), np.asarray(problem.minimizer)[:size]]
    found = []
    for x in places:
        for e in np.eye(size):
            change = local_gradients(problem, x + 5e-6 * e) - local_gradients(problem, x - 5e-6 * e)
            found.append(np.linalg.norm(change, axis=1).max() / 1e-5)
            if ComponentsStronglyConvex in problem.known:
                assert (change @ e / 1e-5).min() >= constant(problem, ComponentsStronglyConvex) - 1e-6
    largest = constant(problem, ComponentsSmooth)
    assert max(found) <= largest * (1 + 1e-6)
    if "heterogeneous" not in problem.label:  # there the largest curvature lies along no axis: next test
        assert max(found) >= largest * (1 - 1e-6)


@pytest.mark.parametrize("problem", heterogeneous_quadratics.instances(), ids=lambda p: p.label)
def test_spectra_of_the_heterogeneous_hessians(problem: Problem) -> None:
    size, m = problem.dimension // workers(problem), workers(problem)
    columns = [local_gradients(problem, e) - local_gradients(problem, np.zeros(size)) for e in np.eye(size)]
    hessians = np.array(columns).transpose(1, 2, 0)
    spectra = np.linalg.eigvalsh(hessians)
    assert hessians.shape == (m, size, size)
    assert spectra[:, 0] == pytest.approx(constant(problem, ComponentsStronglyConvex), rel=1e-12)
    assert spectra[:, -1] == pytest.approx(constant(problem, ComponentsSmooth), rel=1e-12)
    mean = np.linalg.eigvalsh(hessians.mean(axis=0))
    assert mean[[0, -1]] == pytest.approx(
        [constant(problem, StronglyConvex), constant(problem, Smooth)], rel=1e-12
    )
    assert BoundedHeterogeneity not in problem.known


def test_a_pattern_shapes_the_tilts() -> None:
    problem = tilted_quadratics(workers=4, dimension=2, heterogeneity=2.0, pattern=(1.0, 1.0, 1.0, 5.0))
    tilts = local_gradients(problem, np.zeros(2))
    assert tilts == pytest.approx(np.sqrt(2.0 / 3.0) * np.array([[-1, 0], [-1, 0], [-1, 0], [3, 0]]))


@pytest.mark.parametrize(
    ("family", "parameters", "message"),
    [
        (tilted_quadratics, {"workers": 1}, "at least 2 workers"),
        (tilted_quadratics, {"heterogeneity": -1.0}, "heterogeneity"),
        (tilted_quadratics, {"start": [1.0, 2.0, 3.0]}, "start of 4 workers"),
        (tilted_quadratics, {"pattern": (1.0, 2.0)}, "for each of 4 workers"),
        (tilted_quadratics, {"pattern": (1.0,) * 4}, "let it vary"),
        (asymmetric_parabolas, {"strong_convexity": 3.0}, "strong_convexity <= smoothness"),
        (tilted_wells, {"depth": 0.0}, "depth"),
        (heterogeneous_quadratics, {"dimension": 1}, "at least 2 dimensions"),
    ],
)
def test_bad_parameters_get_one_sentence(
    family: ProblemFamily, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        family(**parameters)


# --- noise -------------------------------------------------------------------------------------------------------

MODELS = [gaussian, signs, sphere]


@pytest.mark.parametrize("model", [*MODELS, heavy_tailed], ids=lambda model: model.name)
def test_the_variance_is_that_of_each_worker(model: Any) -> None:
    problem = tilted_quadratics(workers=4, dimension=3)
    noise = model(variance=0.7).resolve(problem, {})
    assert noise.assumptions == (BoundedVariance(0.7),)
    assert np.trace(noise.covariance) == pytest.approx(4 * 0.7, rel=1e-14)
    assert np.array_equal(noise.covariance, np.diag(np.diag(noise.covariance)))


@pytest.mark.parametrize("model", [*MODELS, shared_gaussian], ids=lambda model: model.name)
def test_samples_have_the_declared_covariance(model: Any) -> None:
    problem = tilted_quadratics(workers=3, dimension=2)
    noise = model(variance=0.7).resolve(problem, {})
    samples, _ = drawn(problem, noise, np.zeros(problem.dimension), 50_000)
    products = (samples[:, :, None] * samples[:, None, :]).reshape(len(samples), -1)
    assert z_scores(products, np.asarray(noise.covariance).ravel()).max() < 6
    assert z_scores(products, 1.05 * np.asarray(noise.covariance).ravel()).max() > 6


def test_each_worker_has_a_sphere_of_its_own() -> None:
    problem = tilted_quadratics(workers=3, dimension=2)
    samples, _ = drawn(problem, sphere(variance=0.7).resolve(problem, {}), np.zeros(6), 1000)
    squares = np.sum(samples.reshape(1000, 3, 2) ** 2, axis=2)
    assert squares == pytest.approx(0.7, rel=1e-12)


def test_shared_noise_is_the_same_at_all_workers() -> None:
    problem = tilted_quadratics(workers=3, dimension=2)
    samples, _ = drawn(problem, shared_gaussian(variance=0.7).resolve(problem, {}), np.zeros(6), 1000)
    assert np.array_equal(samples[:, :2], samples[:, 2:4])
    assert np.array_equal(samples[:, :2], samples[:, 4:])
