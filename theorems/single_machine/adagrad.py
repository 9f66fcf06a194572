"""AdaGrad with one step size for all coordinates (AdaGrad-Norm) or one for each: stationarity and regret."""

import math
from typing import Any

import numpy as np

from problems.adversarial import flipped
from problems.noise import signs
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import gradient_norm_squared
from simlab.optimizers.adagrad_norm import adagrad_norm, projected_adagrad, projected_adagrad_norm
from simlab.running.given import states
from simlab.vocabulary.assumptions import Lipschitz, Smooth
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.adaptive import gradients, play

from_start: dict[str, Any] = {
    "method": adagrad_norm(step_size=lambda a: a, initial=lambda a, c, L: c * a * L),
    "assumes": Smooth,
    "measures": gradient_norm_squared.best(lag=1),
}


@theorem(
    **from_start,
    domain=grid(a=(0.1, 100.0), c=(1.0, 10.0), k=(1, 2, 3, 100)),
    attained_by=(quadratic(spectrum=(1.0,)),),
    at_least=0.999,
    attained_at=grid(a=100.0, c=1.0, k=1),
    source="Ward, Wu & Bottou 2020, Theorem 2.2, case 1",
)
def adagrad_norm_deterministic(k, a, c, L, D):
    """AdaGrad-Norm from b_0 = c a L, c >= 1, so that no step is longer than 1/L, on smooth functions: the least
    squared gradient norm before step k. Every step lowers f by at least a |grad f|^2 / (2 b).
    """
    return 2 * D / (a * k) * (c * a * L + 2 * D / a)


# The gradient 1 at the start, of the bound c + 1/a^2.
adagrad_norm_deterministic.reaches(
    lambda a, c: 1 / (c + 1 / a**2),
    by=quadratic(spectrum=(1.0,), start=(1.0,)),
    at=grid(a=(0.5, 1.0), c=(1.0, 3.0), k=1),
)
adagrad_norm_deterministic.control(
    "a short b_0, in the bound for a long one",
    method=adagrad_norm(step_size=lambda a: a, initial=1e-3),
    on=quadratic(spectrum=(1.0,), start=(0.01,)),
    declare={"c": 1e-3},
    domain=grid(a=1.0, c=1.0, k=(2, 3, 10)),
)


@adagrad_norm_deterministic.control(
    "without the growth of b", domain=grid(a=0.1, c=1.0, k=100), on=pseudo_huber(start=20.0)
)
def _(k, a, c, L, D):
    return 2 * D / (a * k) * (c * a * L)


@theorem(
    **from_start,
    domain=grid(a=(1e-3, 0.1), c=(1e-3, 0.5), k=(2, 3, 100)),
    labels=("loose",),
    source="Ward, Wu & Bottou 2020, Theorem 2.2, case 2 (solved for the gradient)",
)
def adagrad_norm_short(k, a, c, L, D):
    """AdaGrad-Norm from b_0 = c a L, c < 1, whose first steps may be too long, on smooth functions: the least
    squared gradient norm before step k. Whatever a and b_0 are, the rate is 1/k.
    """
    last = 2 * (D / a + (3 / 4 - math.log(c)) * a * L)
    return ((a * L) ** 2 * (1 - c**2) + last**2) / (k - 1)


# One step on x^2, where c is such that 3/4 - log(c) = 1: the bound is 1 - c^2 + 6^2.
adagrad_norm_short.reaches(
    4 * (1 - 1 / math.sqrt(4 + math.exp(-1 / 2))) ** 2 / (37 - math.exp(-1 / 2)),
    by=quadratic(spectrum=(2.0,), start=(1.0,)),
    at=grid(a=0.5, c=math.exp(-1 / 4), k=2),
)
adagrad_norm_short.control(
    "the sign of the gradient flipped",
    noise=flipped(),
    on=pseudo_huber(start=1.0),
    domain=grid(a=0.1, c=0.5, k=1000),
)


def longest_gradient(G, sigma2):
    """What bounds every stochastic gradient: noise of fair signs has the length sigma."""
    return G + math.sqrt(sigma2)


@theorem(
    method=adagrad_norm(step_size=lambda a: a, initial=lambda b0: b0),
    assumes=Smooth & Lipschitz,
    noise=signs(variance=lambda sigma2: sigma2),
    measures=gradient_norm_squared.mean(),
    domain=grid(a=(0.1, 1.0), b0=(1e-3, 1.0), sigma2=(0.0, 1.0), k=(1, 2, 3, 10, 100)),
    attained_by=pseudo_huber.at(start=lambda a, k: 2 * a * math.sqrt(k)),
    at_least=0.22,
    attained_at=grid(a=1.0, b0=0.1, sigma2=0.0, k=100_000),
    source="Ward, Wu & Bottou 2020, Theorem 2.1, for bounded gradients, by the proof of Défossez et al. 2022",
)
def adagrad_norm_stochastic(k, a, b0, sigma2, L, D, G):
    """AdaGrad-Norm on smooth functions with stochastic gradients of the length B at most: the mean squared
    gradient norm before step k, of order log(k)/sqrt(k) for any step size a and any b_0.

    With v = b^2 + E|G|^2 in place of b+^2, which depends on G, E[grad f'G/b+] >= |grad f|^2/(2 sqrt v) - 2B
    E|G|^2/b+^2. The descent lemma adds a L/2 |G|^2/b+^2, and the sum of |G|^2/b+^2 is log(b_k^2/b_0^2) at most.
    On a slope that stays at 1 until step k the leading term is four times what is measured.
    """
    B = longest_gradient(G, sigma2)
    return (
        2 / k * math.sqrt(b0**2 + k * B**2) * (D / a + (2 * B + a * L / 2) * math.log(1 + k * B**2 / b0**2))
    )


# At the start, where L = 2, D = 1, |grad f|^2 = 3/2 and B = 2 sqrt(2): what stands beside the leading term counts.
adagrad_norm_stochastic.reaches(
    1 / (4 * (4 + (4 * math.sqrt(2) + 1 / 4) * math.log(9))),
    by=pseudo_huber(dimension=2, threshold=0.5, start=math.sqrt(3) / 2),
    at=grid(a=0.25, b0=1.0, sigma2=2.0, k=1),
)
adagrad_norm_stochastic.control(
    "the sign of the oracle flipped",
    noise=flipped(),
    on=pseudo_huber(start=1.0),
    domain=grid(a=1.0, b0=1.0, sigma2=0.0, k=30_000),
)


@adagrad_norm_stochastic.control("without the initial suboptimality")
def _(k, a, b0, sigma2, L, G):
    B = longest_gradient(G, sigma2)
    return 2 / k * math.sqrt(b0**2 + k * B**2) * (2 * B + a * L / 2) * math.log(1 + k * B**2 / b0**2)


BOWLS = {
    "one parabola": quadratic(spectrum=(1.0,)),
    "unequal curvatures": quadratic(spectrum=(0.01, 1.0)),
    "far slope": pseudo_huber(start=20.0),
    "dimension 3": pseudo_huber(dimension=3, threshold=0.5, start=2.0, center=1.0),
}


def gaps(bowl, a, k):
    """The mean suboptimality of AdaGrad-Norm before step k, from b_0 = 0, and how far from the minimizer it got."""
    problem = BOWLS[bowl]
    start, minimizer = np.asarray(problem.start), np.asarray(problem.minimizer)
    method = adagrad_norm(step_size=a)
    iterates = states(method, problem, start[None], np.zeros((1, k, start.size)))[0, :, 0]
    smooth = problem.known[Smooth]
    assert isinstance(smooth, Smooth)
    farthest = np.max(np.linalg.norm(iterates - minimizer, axis=1))
    mean = np.mean([problem.value(x) - problem.minimum for x in iterates[:-1]])
    return mean, {"L": smooth.smoothness, "farthest": farthest}


@theorem(
    experiment=gaps,
    observes=("L", "farthest"),
    domain=grid(bowl=tuple(BOWLS), a=(0.1, 1.0, 30.0), k=(1, 2, 3, 30, 300)),
    attained_at=grid(bowl="one parabola", a=2**-0.5, k=1),
    at_least=0.124,
    source="Streeter & McMahan 2010, with |grad f|^2 <= 2 L (f - f*)",
)
def adagrad_norm_smooth_convex(k, a, L, farthest):
    """AdaGrad-Norm with any constant step size a and b_0 = 0 on smooth convex functions, exact gradients: the mean
    suboptimality before step k, of order 1/k, in terms of the farthest that the iterates got from the minimizer.

    The rate of gradient descent without knowing L. The floor is that of the first step, an eighth.
    """
    return 2 * L * (farthest**2 / (2 * a) + a) ** 2 / k


adagrad_norm_smooth_convex.reaches(1 / 8, at=grid(bowl="one parabola", a=2**-0.5, k=1))


@adagrad_norm_smooth_convex.control("of order 1/k^2", domain=grid(bowl="far slope", a=1.0, k=300))
def _(k, a, L, farthest):
    return 2 * L * (farthest**2 / (2 * a) + a) ** 2 / k**2


@adagrad_norm_smooth_convex.control("a ninth of it", domain=grid(bowl="one parabola", a=2**-0.5, k=1))
def _(k, a, L, farthest):
    return 2 * L * (farthest**2 / (2 * a) + a) ** 2 / (9 * k)


# --- Regret on boxes. Linear losses are the worst convex ones. ----------------------------------------------------


def lost(method, adversary, radius, k):
    """The regret of k rounds from a corner of the box of this radius, and the slopes of the losses."""
    slopes = gradients(adversary, k)
    run = play(method, slopes, radius, start=radius)
    best = -radius * np.sum(np.abs(np.sum(slopes, axis=0)))
    return np.sum(slopes * run[:-1, 0]) - best, slopes


def norm_game(adversary, radius, scale, k):
    """The regret of AdaGrad-Norm with ``scale`` times the step size of its bound."""
    diameter = 2 * radius * math.sqrt(gradients(adversary, 1).shape[1])
    regret, slopes = lost(
        projected_adagrad_norm(step_size=scale * diameter / math.sqrt(2)), adversary, radius, k
    )
    return regret, {"diameter": diameter, "norm": np.linalg.norm(slopes)}


games = grid(
    adversary=("constant", "rarely large", "fair signs", "sparse"),
    radius=2.0,
    scale=1.0,
    k=(1, 2, 3, 30, 1000),
)
first_round = grid(adversary="constant", radius=1.0, scale=1.0, k=1)


@theorem(
    experiment=norm_game,
    observes=("diameter", "norm"),
    domain=games,
    attained_at=first_round,
    at_least=0.707,
    source="Streeter & McMahan 2010; Orabona 2019, A modern introduction to online learning",
)
def adagrad_norm_convex(diameter, norm):
    """AdaGrad-Norm with the step size Dm/sqrt(2) and b_0 = 0 on convex losses over a set of the diameter Dm, here a
    box: a bound on its regret by the norm of all gradients, without knowing it or the number of rounds beforehand.

    In the first round, from a corner, it is sqrt(2) too large.
    """
    return math.sqrt(2) * diameter * norm


adagrad_norm_convex.reaches(2**-0.5, at=first_round)
adagrad_norm_convex.control(
    "a step size that is 140 times too small",
    domain=grid(adversary="constant", radius=1.0, scale=1 / 140, k=3000),
)


@adagrad_norm_convex.control(
    "0.7 of the diameter", domain=grid(adversary="constant", radius=1.0, scale=1.0, k=1)
)
def _(diameter, norm):
    return 0.7 * diameter * norm


def diagonal_game(adversary, radius, scale, k):
    """The regret of AdaGrad with ``scale`` times the step size of its bound."""
    regret, slopes = lost(
        projected_adagrad(step_size=scale * 2 * radius / math.sqrt(2)), adversary, radius, k
    )
    return regret, {"norms": np.sum(np.linalg.norm(slopes, axis=0))}


@theorem(
    experiment=diagonal_game,
    observes=("norms",),
    domain=games,
    attained_at=first_round,
    at_least=0.707,
    source="Duchi, Hazan & Singer 2011, Theorem 5; McMahan & Streeter 2010",
)
def adagrad_diag_regret(radius, norms):
    """AdaGrad with a step size for each coordinate, side/sqrt(2), on convex losses over a box: a bound on its
    regret by the sum over coordinates of the norm of that coordinate of all gradients, which is small where
    gradients are sparse.
    """
    return math.sqrt(2) * 2 * radius * norms


adagrad_diag_regret.reaches(2**-0.5, at=first_round)
adagrad_diag_regret.control(
    "a step size that is 140 times too small",
    domain=grid(adversary="constant", radius=1.0, scale=1 / 140, k=3000),
)


@adagrad_diag_regret.control("0.7 of the side", domain=grid(adversary="constant", radius=1.0, scale=1.0, k=1))
def _(radius, norms):
    return 0.7 * 2 * radius * norms
