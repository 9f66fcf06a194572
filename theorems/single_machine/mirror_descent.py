"""Mirror descent: regret with the entropy, and relative smoothness with Burg's entropy."""

import math

import numpy as np

from problems.online import linear_game
from problems.poisson import poisson
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.mirror import burg_gradient, exponentiated_gradient
from simlab.running.given import sample_as_gradient, states
from simlab.vocabulary.assumptions import RelativelySmooth
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem


def losses(adversary, d, k):
    """The losses of d experts in k rounds, in [-1, 1]."""
    if adversary == "fair signs":
        return np.random.default_rng(d * k).choice((-1.0, 1.0), (k, d))
    if adversary == "one good expert":
        return np.hstack([-np.ones((k, 1)), np.ones((k, d - 1))])
    if adversary == "uniform":
        return np.random.default_rng(d * k).uniform(-1.0, 1.0, (k, d))
    leaders = np.where(np.arange(k) % 2 == 0, 1.0, -1.0)[:, None]  # alternating
    return np.hstack([leaders, -leaders, np.zeros((k, d - 2))])


def regret(adversary, d, k, factor=1.0, scale=1.0):
    """The loss of k rounds with the step size that is tuned to k, times ``factor``, over that of the best expert.
    The losses are multiplied with ``scale``.
    """
    table = scale * losses(adversary, d, k)
    method = exponentiated_gradient(step_size=factor * math.sqrt(2 * math.log(d) / k))
    game = linear_game(slopes=table, start=1 / d)
    weights = states(method, game, np.full((1, d), 1 / d), table[None], sample_as_gradient)[0, :-1, 0]
    return np.sum(weights * table) - np.min(np.sum(table, axis=0))


def game(adversary, d, k):
    """Hedge's regret."""
    return regret(adversary, d, k)


def hasty_game(adversary, d, k):
    """The regret of steps that are fifty times as long."""
    return regret(adversary, d, k, factor=50.0)


def deaf_game(adversary, d, k):
    """The regret of uniform weights."""
    return regret(adversary, d, k, factor=0.0)


@theorem(
    experiment=game,
    domain=grid(
        adversary=("fair signs", "one good expert", "uniform", "alternating"),
        d=(2, 10, 200),
        k=(1, 2, 3, 10, 1000),
    ),
    attained_at=grid(adversary="fair signs", d=200, k=1000),
    at_least=0.82,
    source="Cesa-Bianchi & Lugosi 2006, Theorem 2.2; Bubeck 2015, Theorem 4.2",
)
def mirror_descent_entropic(d, k):
    """Mirror descent with the entropy (Hedge) among d experts with losses in [-1, 1] and the step size
    sqrt(2 log(d) / k): its regret after k rounds. The dimension enters by its logarithm only.

    It is attained in the limit of many experts and rounds with random losses, against which no method can do
    better.
    """
    return math.sqrt(2 * k * math.log(d))


mirror_descent_entropic.control(
    "steps that are fifty times as long",
    experiment=hasty_game,
    domain=grid(adversary="alternating", d=2, k=1000),
)
mirror_descent_entropic.control(
    "no steps", experiment=deaf_game, domain=grid(adversary="one good expert", d=10, k=1000)
)


@mirror_descent_entropic.control("0.81 of the bound", domain=grid(adversary="fair signs", d=200, k=1000))
def _(d, k):
    return 0.81 * math.sqrt(2 * k * math.log(d))


@theorem(
    method=burg_gradient(step_size=lambda h, L_h: h / L_h),
    assumes=RelativelySmooth,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 1.0), k=(1, 2, 3, 10, 100, 1000)),
    attained_by=poisson(terms=30, dimension=10, start=3.0),
    at_least=0.18,
    attained_at=grid(h=1.0, k=3),
    labels=("loose",),
    source="Bauschke, Bolte & Teboulle 2017; tight for the worst h: Dragomir et al. 2021, Theorem 1",
)
def bregman_gradient(k, h, L_h, D_h):
    """The Bregman gradient method on a convex function that is smooth relative to -sum log x_i, with a step
    size up to 1/L_h: a rate where gradients have no Lipschitz constant.
    """
    return L_h * D_h / (h * k)


@bregman_gradient.control("0.17 of the bound", domain=grid(h=1.0, k=3))
def _(k, h, L_h, D_h):
    return 0.17 * L_h * D_h / (h * k)


bregman_gradient.control(
    "a step size of 200/L_h, which leaves the domain",
    method=burg_gradient(step_size=lambda L_h: 200 / L_h),
    on=poisson(start=3.0),
    domain=grid(h=1.0, k=(1, 10)),
)


@theorem(
    method=burg_gradient(step_size=lambda h, L_h: h / L_h),
    assumes=RelativelySmooth,
    measures=suboptimality.last,
    claim=law(1e-7),
    domain=grid(h=(0.01, 0.1, 0.5), start=(0.01, 0.3), k=(1, 2, 3, 10)),
    on=poisson.at(terms=1, dimension=1, start=lambda start: start),
    matched=False,
    source="by solving the recursion of 1/x",
)
def bregman_gradient_exact(k, h, start, L_h, R):
    """The Bregman gradient method on one Poisson intensity b = a x*, f(x) = b log(b/(a x)) + a x - b, at every
    step: with the step size h/b, 1/x is averaged with 1/x*, so x*/x - 1 falls by 1 - h, and f = b (log(x*/x) + x/x*
    - 1). It is about this function, started below x* = ``start`` + R.
    """
    ratio = 1 + (1 - h) ** k * R / start
    return L_h * (math.log(ratio) + 1 / ratio - 1)


bregman_gradient_exact.control(
    "gradient descent", method=gradient_descent(step_size=0.01), domain=grid(h=0.5, start=0.3, k=(1, 3))
)


@bregman_gradient_exact.control("the rate 1 - h/2", domain=grid(h=0.5, start=0.3, k=(1, 3)))
def _(k, h, start, L_h, R):
    ratio = 1 + (1 - h / 2) ** k * R / start
    return L_h * (math.log(ratio) + 1 / ratio - 1)
