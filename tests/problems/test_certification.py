"""Every problem family is what it declares: on its gallery, and on instances that theorems name.

Nothing is listed here: families and theorems are found by discovery, so a new one is certified as soon as it is
registered. An assumption for which certification.py has no check is a complaint.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from problems.bounded_losses import cosine_loss, sigmoid_loss
from problems.constrained import ball_quadratic
from problems.huber import huber
from problems.lasso import lasso
from problems.least_squares import least_squares
from problems.logistic import logistic_regression
from problems.losses import linear_loss
from problems.max_affine import max_affine
from problems.networks import tilted_quadratics
from problems.pl import double_well
from problems.poisson import poisson
from problems.quadratic import quadratic
from problems.saddles import factorization
from simlab.discovery import discover
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Kernel, jit_disabled, kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedLoss,
    ComponentsConvex,
    Convex,
    FiniteSum,
    Interpolation,
    Quadratic,
    QuadraticGrowth,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.problem import Problem, ProblemFamily, ProblemSpec
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import AnyProblem, Grid, Theorem
from tests.problems.certification import EXTREMES, certify, compare, extreme_of

pytestmark = pytest.mark.skipif(jit_disabled(), reason="searches evaluate kernels millions of times")

# Larger instances of theorems, and more of them, are left to the gallery of their family.
MOST_DIMENSIONS, MOST_TERMS, MOST_OF_A_FAMILY = 12, 64, 4


def named_by(theorem: Theorem) -> Iterator[Problem]:
    """The instances that a theorem names, at both ends of its domain where they depend on it."""
    named: list[tuple[AnyProblem | None, Grid]] = [
        (item, theorem.setting.domain) for item in theorem.setting.on
    ]
    for item, domain in named + [(attained.problem, attained.at) for attained in theorem.attained]:
        points, last = list(domain.points()), domain.checkpoints[-1]
        if isinstance(item, Problem):
            yield item
        elif isinstance(item, ProblemFamily):
            yield item()
        elif isinstance(item, ProblemSpec):
            for point in (points[0], points[-1]):
                try:
                    yield item.resolve({**point, "k": last, "K": last})
                except InputError:
                    continue  # it depends on a constant of the case, or the theorem leaves this point out


def small(problem: Problem) -> bool:
    """Whether it is quickly certified."""
    sums = problem.known.get(FiniteSum)
    terms = int(sums.terms) if isinstance(sums, FiniteSum) else 0
    return problem.dimension <= MOST_DIMENSIONS and terms <= MOST_TERMS


def instances() -> list[Problem]:
    """The galleries, and of each family a few of the instances that theorems name."""
    discover()
    families: dict[str, ProblemFamily] = REGISTRY.of("problem")
    found = {problem.label: problem for name in sorted(families) for problem in families[name].instances()}
    extra = dict.fromkeys(families, 0)
    for _, theorem in sorted(REGISTRY.of("theorem").items()):
        for problem in named_by(theorem):
            family = problem.family
            if family is not None and small(problem) and problem.label not in found:
                extra[family.name] = extra.get(family.name, 0) + 1
                if extra[family.name] <= MOST_OF_A_FAMILY:
                    found[problem.label] = problem
    return list(found.values())


each = pytest.mark.parametrize("problem", instances(), ids=lambda problem: problem.label[:90])


@each
def test_everything_declared_holds_and_is_reached(problem: Problem) -> None:
    assert certify(problem) == []


def numbers(problem: Problem) -> Iterator[tuple[Assumption, str, float]]:
    """The numeric constants that are declared to be reached: the assumption, the name and the number."""
    for item in problem.assumptions:
        if type(item) in EXTREMES and type(item) not in problem.loose:
            name, number = next(iter(vars(item).items()))
            if number != 0:
                yield item, name, number


@each
def test_a_constant_that_is_off_is_caught(problem: Problem) -> None:
    """Each of them, by 4% in either direction."""
    for item, name, number in numbers(problem):
        for factor in (0.96, 1.04):
            false = replace(item, **{name: factor * number})
            assert list(compare(false, extreme_of(problem, type(item)), loose=False)), false
            # A constant that is on the safe side passes when it is said to be loose, one on the other side never.
            safe = (factor > 1) == EXTREMES[type(item)].upper
            assert bool(list(compare(false, extreme_of(problem, type(item)), loose=True))) != safe, false


# --- controls: one thing of a sound instance is broken ----------------------------------------------------------


@kernel
def steeper_gradient(data: Data, x: Vector, out: Vector) -> None:
    """The quadratic's gradient, 1% too long."""
    for i in range(x.size):
        out[i] = 0.0
        for j in range(x.size):
            out[i] += 1.01 * data.table[i, j] * x[j]


@kernel
def rounder_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """The quadratic's Hessian, 1% too large."""
    for i in range(x.size):
        for j in range(x.size):
            out[i, j] = 1.01 * data.table[i, j]


@kernel
def broken_gradient(data: Data, x: Vector, out: Vector) -> None:
    """Not a number for negative coordinates."""
    for i in range(x.size):
        out[i] = data.table[i, i] * np.sqrt(x[i]) ** 2


@kernel
def next_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """The term after the i-th: their mean is right."""
    following = (i + 1) % data.table.shape[0]
    margin = 0.0
    for j in range(x.size):
        margin += data.table[following, j] * x[j]
    for j in range(x.size):
        out[j] = -data.table[following, j] / (1.0 + np.exp(margin)) + data.scalars[0] * x[j]


@kernel
def no_ridge_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """The term without its ridge."""
    margin = 0.0
    for j in range(x.size):
        margin += data.table[i, j] * x[j]
    for j in range(x.size):
        out[j] = -data.table[i, j] / (1.0 + np.exp(margin))


@kernel
def shy_threshold(data: Data, step: float, x: Vector, out: Vector) -> None:
    """Soft thresholding by 99% of the penalty."""
    threshold = 0.99 * step * data.scalars[1]
    for j in range(x.size):
        out[j] = np.sign(x[j]) * max(abs(x[j]) - threshold, 0.0)


@kernel
def towards_zero(data: Data, step: float, x: Vector, out: Vector) -> None:
    """No projection: every point is halved."""
    for j in range(x.size):
        out[j] = 0.5 * x[j]


@kernel
def finite_ball(data: Data, step: float, x: Vector, out: Vector) -> None:
    """The projection onto the ball, also for an infinite step."""
    length = 0.0
    for j in range(x.size):
        length += x[j] ** 2
    for j in range(x.size):
        out[j] = x[j] * min(1.0, data.scalars[1] / max(np.sqrt(length), 1e-300))


@kernel
def coupled_gradient(data: Data, x: Vector, out: Vector) -> None:
    """The first worker's gradient looks at the last worker's point."""
    for i in range(x.size):
        out[i] = data.scalars[1] * x[i] + data.table[0, i]
    out[0] += 0.01 * x[x.size - 1] - 0.01 * x[1]


def with_kernels(problem: Problem, **kernels: Kernel) -> Problem:
    """The instance with other kernels, in a family that is not registered."""
    family = problem.family
    assert family is not None
    return replace(problem, family=replace(family, kernels=replace(family.kernels, **kernels)))


def declaring(problem: Problem, *more: Assumption) -> Problem:
    """The instance with further assumptions."""
    return replace(problem, assumptions=[*problem.assumptions, *more])


@dataclass(frozen=True)
class Unheard(Assumption):
    """An assumption that certification knows nothing of."""

    number: float = 1.0


BOWL = quadratic(spectrum=(0.5, 2.0), rotation=1)
CLASSES = logistic_regression(terms=8, dimension=2, ridge=0.1)
NETWORK = tilted_quadratics(workers=3)
SUM = least_squares(terms=6, dimension=2, residual=1.0, ridge=0.2)
WELLS, SIGMOIDS, COSINES, CUBE = double_well(), sigmoid_loss(terms=8), cosine_loss(terms=4), lasso()
INTERVAL = linear_loss(terms=4, slope=1.0, curvature=0.5, radius=2.0)

CONTROLS = {
    "gradient: it is not the derivative of the value": with_kernels(BOWL, gradient=steeper_gradient),
    "hessian: it is not the derivative": with_kernels(BOWL, hessian=rounder_hessian),
    "value or gradient: not finite": with_kernels(BOWL, gradient=broken_gradient),
    "component: the gradient of term": with_kernels(CLASSES, component=next_component),
    "component: the mean of the terms": with_kernels(CLASSES, component=no_ridge_component),
    "minimum: -0.001 is declared, but the minimizer has 0": replace(BOWL, minimum=-0.001),
    "minimum: 0.001 is declared, but": replace(BOWL, minimum=0.001),
    "minimum: 0.2 is declared, but nothing below 0.25": replace(SIGMOIDS, minimum=0.2),
    "minimizer: the gradient there": replace(BOWL, minimizer=[1e-6, 0.0]),
    "minimizer: a proximal step moves it": replace(CUBE, minimizer=np.asarray(CUBE.minimizer) + 1e-6),
    "Convex: a tangent lies above": declaring(WELLS, Convex()),
    "Convex: the curvature is negative": declaring(WELLS, Convex()),
    "ComponentsConvex: a term has negative curvature": declaring(SIGMOIDS, ComponentsConvex()),
    "StronglyConvex: 0.01 is declared, but": declaring(max_affine(), StronglyConvex(0.01)),
    "Quadratic: the Hessian changes": declaring(huber(), Quadratic()),
    "Interpolation: a term has the gradient": declaring(SUM, Interpolation()),
    "BoundedLoss: an example has a negative loss": declaring(
        replace(CUBE, neighbours=(), table=np.eye(4, 5), scalars=[0.0, -1.0]), FiniteSum(4), BoundedLoss(1e9)
    ),
    "region: the start lies outside": replace(factorization(), region=0.1),
    "region: it is a ball around the minimizer, but there is none": replace(SIGMOIDS, region=1.0),
    "prox: with the step": with_kernels(CUBE, prox=shy_threshold),
    "prox: it is no projection": with_kernels(INTERVAL, prox=towards_zero),
    "prox: it moves points of the region": replace(INTERVAL, region=2.5),
    "prox: with an infinite step": with_kernels(ball_quadratic(), prox=finite_ball),
    "neighbours or test: ComponentsLipschitz": replace(SIGMOIDS, test=[[2.0]]),
    "neighbours or test: ComponentsSmooth": replace(SIGMOIDS, test=[[2.0]]),
    "neighbours: a data set is the original one": replace(SIGMOIDS, neighbours=[SIGMOIDS.table]),
    "Workers: the first scalar": replace(NETWORK, scalars=[2.0, 1.0]),
    "gradient: a worker's gradient depends": with_kernels(NETWORK, gradient=coupled_gradient),
    "D: ": replace(NETWORK, constants={**NETWORK.constants, "D": 7.0}),
    "sigma2_star: ": replace(SUM, constants={"sigma2_star": 7.0}),
    "RelativelySmooth: the divergence": replace(poisson(), start=np.full(4, 0.6)),
    "Unheard: certification has no check": declaring(BOWL, Unheard()),
    "QuadraticGrowth: certification has no check": declaring(BOWL, QuadraticGrowth(0.1)),
    "Smooth: 1.9 is declared, but 2 occurs": declaring(BOWL, Smooth(1.9)),
    "Smooth: 2.1 is declared, but only 2 is reached": declaring(BOWL, Smooth(2.1)),
}


@pytest.mark.parametrize("complaint", CONTROLS)
def test_what_is_broken_is_caught(complaint: str) -> None:
    assert any(found.startswith(complaint) for found in certify(CONTROLS[complaint])), certify(
        CONTROLS[complaint]
    )


@pytest.mark.parametrize(
    "sound",
    [BOWL, CLASSES, NETWORK, SUM, WELLS, SIGMOIDS, COSINES, CUBE, INTERVAL],
    ids=lambda p: p.label[:40],
)
def test_the_instances_of_the_controls_are_sound(sound: Problem) -> None:
    assert certify(sound) == []


def test_neighbours_that_differ_elsewhere_are_refused_at_once() -> None:
    table = np.asarray(SIGMOIDS.table).copy()
    table[1] *= -1
    with pytest.raises(InputError, match="row 0 only"):
        replace(SIGMOIDS, neighbours=[table])
