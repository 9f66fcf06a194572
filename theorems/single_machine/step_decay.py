"""Stochastic gradient descent with step sizes of order 1/k and a bounded second moment of its gradients."""

import itertools
import math
from typing import Any

import numpy as np

from problems.losses import linear_loss
from problems.online import linear_game
from problems.pl import double_well, wavy_parabola
from problems.polyhedral import polyhedral
from problems.quadratic import quadratic
from problems.sampling import minibatch
from simlab.kernels.quantities import distance_squared, suboptimality
from simlab.optimizers.first_order import gradient_descent, sgd
from simlab.optimizers.proximal import proximal_sgd
from simlab.running.given import states
from simlab.vocabulary.assumptions import ComponentsConvex, ComponentsLipschitz, FiniteSum, StronglyConvex
from simlab.vocabulary.claim import LOWER
from simlab.vocabulary.theorem import grid, theorem

# Projected SGD on one random term a step, all of which are G-Lipschitz on the set: E|G_k|^2 <= G^2.
projected: dict[str, Any] = {
    "method": proximal_sgd(step_size=lambda k, mu: 1 / (mu * (k + 1))),
    "assumes": FiniteSum & ComponentsLipschitz & StronglyConvex,
    "noise": minibatch(batch=1),
    "on": [
        linear_loss(terms=2, curvature=1.0, radius=0.5, start=0.5),
        linear_loss(terms=6, vertices=3, curvature=0.5, radius=3.0, start=-2.0),
        linear_loss.at(terms=101, vertices=101, curvature=0.5, radius=3.0),
    ],
}
steep = linear_loss(terms=2, curvature=1.0, radius=0.1)
nearly_exact = linear_loss(terms=2, slope=1e-3, curvature=1.0, radius=1.0, start=1.0)
misjudged: dict[str, Any] = {"declare": {"mu": lambda mu: 33 * mu}, "on": nearly_exact}


@theorem(
    **projected,
    measures=distance_squared.last,
    domain=grid(k=(1, 2, 3, 10, 100, 1000)),
    attained_by=steep,
    at_least=0.16,
    attained_at=grid(k=1000),
    source="Rakhlin, Shamir & Sridharan 2012, Lemma 1",
)
def sgd_sc_rakhlin(k, mu, G):
    """Projected SGD with the step sizes 1/(mu t), t = 1, 2, ..., on strongly convex functions, E|G_t|^2 <= G^2: the
    squared distance of the last iterate. It reaches a quarter of the bound at most where the noise is all of G.
    """
    return 4 * G**2 / (mu**2 * (k + 1))


# x_k is the mean of k fair signs, and G = 2.
sgd_sc_rakhlin.reaches(
    lambda k: (k + 1) / (16 * k), by=linear_loss(terms=2, curvature=1.0, radius=1.0), at=grid(k=(1, 2, 10))
)
sgd_sc_rakhlin.control(
    "a strong convexity that is overstated 33 times", **misjudged, domain=grid(k=(100, 1000))
)


@sgd_sc_rakhlin.control("an eighth of the bound", domain=grid(k=1000))
def _(k, mu, G):
    return G**2 / (2 * mu**2 * (k + 1))


@theorem(
    **projected,
    measures=suboptimality.at_average(),
    domain=grid(k=(1, 2, 3, 10, 100, 1000)),
    attained_by=nearly_exact,
    at_least=0.99,
    attained_at=grid(k=1),
    source="Hazan, Agarwal & Kale 2007, Theorem 1, with Jensen's inequality",
)
def sgd_sc_average_log(k, mu, G):
    """Projected SGD with the step sizes 1/(mu t), t = 1, 2, ..., on strongly convex functions, E|G_t|^2 <= G^2: the
    mean of the iterates before step k is worse than the best rate by a logarithm.
    """
    return G**2 * (1 + math.log(k)) / (2 * mu * k)


sgd_sc_average_log.control(
    "a strong convexity that is overstated 33 times", **misjudged, domain=grid(k=(100, 1000))
)


@theorem(
    **projected,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100, 1000)),
    labels=("loose",),
    source="Shamir & Zhang 2013, Theorem 1",
)
def sgd_last_iterate(k, mu, G):
    """Projected SGD with the step sizes 1/(mu t), t = 1, 2, ..., on strongly convex functions, E|G_t|^2 <= G^2: the
    suboptimality of the last iterate. The logarithm is needed, see sgd-last-iterate-log, but not the constant 17.
    """
    return 17 * G**2 * (1 + math.log(k + 1)) / (mu * (k + 1))


# x_k is the mean of k fair signs, and G = 2.
signs_averaged = linear_loss(terms=2, curvature=1.0, radius=1.0)
sgd_last_iterate.reaches(
    lambda k: (k + 1) / (136 * k * (1 + math.log(k + 1))), by=signs_averaged, at=grid(k=(1, 2, 10))
)
sgd_last_iterate.control(
    "a strong convexity that is overstated 330 times",
    declare={"mu": lambda mu: 330 * mu},
    on=nearly_exact,
    domain=grid(k=1000),
)


uneven_game = linear_game.at(
    slopes=((1.0,), (-0.2,)), radius=lambda radius: radius, start=lambda radius: radius
)


def decaying(k, c, G, radius, scale=1.0):
    """c times the diameter of the set over G sqrt(t), t = k + 1."""
    return scale * c * 2 * radius / (G * math.sqrt(k + 1))


@theorem(
    method=proximal_sgd(step_size=lambda k, c, G, radius: decaying(k, c, G, radius)),
    assumes=FiniteSum & ComponentsLipschitz & ComponentsConvex,
    noise=minibatch(batch=1),
    measures=suboptimality.last,
    domain=grid(radius=(0.5, 3.0), c=(0.2, 1.0, 5.0), k=(1, 2, 3, 10, 100, 1000)),
    on=(
        uneven_game,
        linear_loss.at(terms=2, curvature=0.1, radius=lambda radius: radius, start=lambda radius: radius),
    ),
    matched=False,
    labels=("loose",),
    source="Shamir & Zhang 2013, Theorem 2",
)
def sgd_last_iterate_convex(k, c, G, radius):
    """Projected SGD with the step sizes c Dm/(G sqrt(t)), t = 1, 2, ..., on convex Lipschitz functions over a
    set of the diameter Dm, E|G_t|^2 <= G^2: the suboptimality of the last iterate, worse by a logarithm at most
    than that of the mean.

    The set is the instance's, an interval of this ``radius``, so registered problems are left out.
    """
    return 2 * radius * G * (1 / c + c) * (2 + math.log(k + 1)) / math.sqrt(k + 1)


sgd_last_iterate_convex.control(
    "steps that are 1000 times shorter",
    method=proximal_sgd(step_size=lambda k, c, G, radius: decaying(k, c, G, radius, scale=1e-3)),
    on=uneven_game,
    domain=grid(radius=1.0, c=1.0, k=10_000),
)


@sgd_last_iterate_convex.control(
    "a thirtieth of the bound", on=uneven_game, domain=grid(radius=1.0, c=1.0, k=1)
)
def _(k, c, G, radius):
    return 2 * radius * G * (1 / c + c) * (2 + math.log(k + 1)) / math.sqrt(k + 1) / 30


def staircase(k):
    """k + 1 slopes in R^k: h_i is 1/(2 (k + 1 - j)) in the coordinates j < i, -1 in j = i, and 0 beyond."""
    rows = np.tril(np.tile(1 / (2 * (k + 1 - np.arange(1.0, k + 1))), (k + 1, 1)), -1)
    return rows - np.eye(k + 1, k)


@theorem(
    method=gradient_descent(step_size=lambda k, mu: 1 / (mu * (k + 1))),
    assumes=StronglyConvex,
    measures=suboptimality.last,
    claim=LOWER,
    domain=grid(k=(2, 3, 10, 100, 300)),
    on=polyhedral.at(slopes=staircase, curvature=1.0, start=lambda k: np.zeros(k)),
    matched=False,
    attained_by=polyhedral.at(slopes=staircase, curvature=1.0, start=lambda k: np.zeros(k)),
    at_least=0.6,
    attained_at=grid(k=(100, 300)),
    source="Harvey, Liaw, Plan & Randhawa 2019, Theorem 3.1",
)
def sgd_last_iterate_log(k, mu):
    """The logarithm of the last iterate is real: a strongly convex function, Lipschitz with constant 3 where the
    iterates go, on which the subgradient method with the step sizes 1/(mu t), even started at the minimizer and
    without noise, ends at least log(k)/(4k) above it. It is about this function, which depends on k.

    Each step is taken along the next slope, all of which are largest at once; the last iterate has left them all.
    """
    return math.log(k) / (4 * k)


@sgd_last_iterate_log.control("1.5 times the bound", domain=grid(k=(100, 300)))
def _(k, mu):
    return 1.5 * math.log(k) / (4 * k)


sgd_last_iterate_log.control(
    "the mean of the second half",
    measures=suboptimality.at_average(first=150),
    domain=grid(k=300),
)

# --- under the Polyak-Lojasiewicz inequality ---------------------------------------------------------------------

SPREAD = {  # instance, its L and mu, and the size of the noise
    "parabola, started at its minimizer": (quadratic.at(spectrum=(1.0,), start=(0.0,)), 1.0, 1.0, 1.0),
    "wavy parabola": (wavy_parabola.at(amplitude=1.5, start=0.1), 5.0, None, 0.3),
    "steeper wavy parabola": (wavy_parabola.at(amplitude=3.0, start=-1.0), 8.0, None, 1.0),
}


def every_path(problem, mu, size, steps):
    """x_0, ..., x_steps of SGD with the step sizes (2k + 1)/(2 mu (k + 1)^2) for every sequence of signs."""
    signs = size * np.array(list(itertools.product((-1.0, 1.0), repeat=steps)))
    method = sgd(step_size=lambda k: (2 * k + 1) / (2 * mu * (k + 1) ** 2))
    return states(method, problem, np.tile(problem.start, (len(signs), 1)), signs[:, :, None])[:, :, 0]


def expected_gaps(problem, mu, size, checkpoints):
    """The expected suboptimality over all paths, with the largest second moment of a gradient before the end."""
    paths = every_path(problem, mu, size, checkpoints[-1])
    gaps = [np.mean([problem.value(x) for x in paths[:, k]]) - problem.minimum for k in checkpoints]
    slopes = [np.mean([problem.gradient(x) ** 2 for x in paths[:, k]]) for k in range(checkpoints[-1])]
    return gaps, max(slopes) + size**2


def decay_under_pl(name, checkpoints):
    """The expected gaps on the instance of that name."""
    spec, smoothness, mu, size = SPREAD[name]
    problem = spec.resolve({})
    mu = mu or float(
        next(a.gradient_dominance for a in problem.assumptions if hasattr(a, "gradient_dominance"))
    )
    gaps, second = expected_gaps(problem, mu, size, checkpoints)
    return gaps, {"L_f": smoothness, "mu_f": mu, "second": second}


def decay_in_a_well(name, checkpoints):
    """On two wells, where no Polyak-Lojasiewicz inequality holds, with a claimed mu of 1."""
    gaps, second = expected_gaps(double_well(start=1.0), 1.0, 1e-3, checkpoints)
    return gaps, {"L_f": 5.75, "mu_f": 1.0, "second": second}


@theorem(
    experiment=decay_under_pl,
    observes=("L_f", "mu_f", "second"),
    domain=grid(name=tuple(SPREAD), k=(1, 2, 3, 5, 10)),
    attained_at=grid(name="parabola, started at its minimizer", k=(1, 2, 3, 5, 10)),
    at_least=0.2,
    source="Karimi, Nutini & Schmidt 2016, Theorem 4",
)
def sgd_pl_decay(k, L_f, mu_f, second):
    """SGD with the step sizes (2j + 1)/(2 mu (j + 1)^2) under the Polyak-Lojasiewicz inequality, without convexity:
    the suboptimality falls as 1/k, where C^2 bounds the second moments of the gradients.

    No smooth function with that inequality has bounded gradients, so C^2 is the largest second moment of the run.
    All 2^10 paths with sign noise are followed, so that nothing is sampled.
    """
    return L_f * second / (2 * k * mu_f**2)


sgd_pl_decay.control(
    "two wells, where no such inequality holds",
    experiment=decay_in_a_well,
    domain=grid(name="double well", k=(5, 10)),
)


@sgd_pl_decay.control("half of the bound", domain=grid(name="parabola, started at its minimizer", k=(1, 10)))
def _(k, L_f, mu_f, second):
    return L_f * second / (4 * k * mu_f**2)
