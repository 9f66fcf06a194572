"""Lower bounds for smooth functions, and for convex ones with noisy gradients: what no method can beat."""

import functools
import itertools
import math

import numpy as np

from problems.chains import nesterov_worst_function, strongly_convex_chain
from problems.huber import huber
from problems.online import linear_game
from problems.quadratic import quadratic
from simlab.optimizers.conjugate import conjugate_gradient
from simlab.optimizers.first_order import gradient_descent, heavy_ball, nesterov, nesterov_strongly_convex
from simlab.optimizers.optimized import accelerated_gradient, last_theta, optimized_gradient, triple_momentum
from simlab.optimizers.proximal import proximal_sgd
from simlab.optimizers.quasi_newton import lbfgs
from simlab.optimizers.second_order import newton
from simlab.running.given import sample_as_gradient, states
from simlab.running.simulate import constants
from simlab.vocabulary.claim import LOWER
from simlab.vocabulary.theorem import grid, theorem

# --- methods whose iterates stay in the span of the gradients that they have seen --------------------------------

SPAN = {
    "gradient descent": gradient_descent(step_size=lambda L: 1 / L),
    "heavy ball": heavy_ball(step_size=lambda L: 1 / L, momentum=0.9),
    "nesterov": nesterov(step_size=lambda L: 1 / L),
    "nesterov's sequence": accelerated_gradient(step_size=lambda L: 1 / L),
    "optimized gradient": optimized_gradient(step_size=lambda L: 1 / L),
    "conjugate gradients": conjugate_gradient(),
    "l-bfgs": lbfgs(pairs=5, exact=1),
    "newton": newton(),  # does not stay in the span: for controls
}
STRONG = {
    "nesterov": nesterov_strongly_convex(step_size=lambda L: 1 / L, strong_convexity=lambda mu: mu),
    "triple momentum": triple_momentum(smoothness=lambda L: L, strong_convexity=lambda mu: mu),
}
HONEST = tuple(name for name in SPAN if name != "newton")


def path(method, problem, k, **known):
    """x_k, and what the method returns then, if that is another point."""
    given = {**constants(problem), **known}
    zeros = np.zeros((1, k, problem.dimension))
    run = states(method, problem, np.array([problem.start]), zeros, constants=given)[0, -1]
    outputs = method.family.outputs
    return [run[0], *(run[1 + row] for row in outputs.values())]


def gap_on_the_chain(name, k, L):
    """The least suboptimality of the points of a method after k steps on Nesterov's worst function for k steps."""
    problem = nesterov_worst_function(dimension=2 * k + 1, smoothness=L)
    return min(problem.value(x) for x in path(SPAN[name], problem, k)) - problem.minimum


@theorem(
    experiment=gap_on_the_chain,
    claim=LOWER,
    domain=grid(name=HONEST, k=(1, 2, 3, 5, 20, 60), L=(1.0, 7.0)),
    attained_at=grid(name="conjugate gradients", k=60, L=1.0),
    at_least=0.98,
    source="Nesterov 2004, Theorem 2.1.7",
)
def lb_nesterov_convex(k, L):
    """No method whose iterates stay in the span of the gradients gets below 3 L R^2 / (32 (k + 1)^2) within k steps
    on Nesterov's chain of 2k + 1 coordinates, where R^2 is the sum of (i/n)^2 for i < n = 2k + 2. Conjugate
    gradients, the best of them, come within 2% of it.
    """
    n = 2 * k + 2
    squares = (n - 1) * (2 * n - 1) / (6 * n)
    return 3 * L * squares / (32 * (k + 1) ** 2)


# What conjugate gradients leave is L/(16 (k + 1)).
lb_nesterov_convex.reaches(
    lambda k: (2 * k + 1) * (4 * k + 3) / (8 * (k + 1) ** 2),
    at=grid(name="conjugate gradients", k=(1, 2, 5, 20), L=(1.0, 7.0)),
)
lb_nesterov_convex.control(
    "Newton's method, which leaves the span", domain=grid(name="newton", k=(3, 20), L=1.0)
)


@lb_nesterov_convex.control("1.1 times the bound", domain=grid(name="conjugate gradients", k=(20, 60), L=1.0))
def _(k, L):
    n = 2 * k + 2
    return 1.1 * 3 * L * (n - 1) * (2 * n - 1) / (6 * n) / (32 * (k + 1) ** 2)


@functools.cache
def long_chain(kappa):
    """The strongly convex chain, of which k steps see k of the 200 coordinates."""
    return strongly_convex_chain(dimension=200, condition_number=kappa)


def nearest_of_the_span(problem, k):
    """What a method could at best return that knows the minimizer, but stays in the span of k gradients."""
    minimizer, x = np.asarray(problem.minimizer), np.asarray(problem.start, dtype=float)
    gradients = []
    for _ in range(k):
        gradients.append(problem.gradient(x))
        basis = np.linalg.qr(np.transpose(gradients))[0]
        x = basis @ (basis.T @ minimizer)
    return x


def distance_on_the_chain(name, kappa, k):
    """The squared distance of a method from the minimizer after k steps on the strongly convex chain, over R^2."""
    problem = long_chain(kappa)
    minimizer = np.asarray(problem.minimizer)
    if name == "the nearest point":
        return np.sum((nearest_of_the_span(problem, k) - minimizer) ** 2) / np.sum(minimizer**2)
    method = STRONG.get(name) or SPAN[name]
    points = path(method, problem, k, L=kappa, mu=1.0)
    return min(np.sum((x - minimizer) ** 2) for x in points) / np.sum(minimizer**2)


@theorem(
    experiment=distance_on_the_chain,
    claim=LOWER,
    domain=grid(
        name=(
            "gradient descent", "nesterov", "triple momentum", "conjugate gradients", "l-bfgs", "heavy ball",
            "the nearest point",
        ),
        kappa=(2.0, 10.0, 100.0, 1e4), k=(1, 2, 3, 10, 40),
    ),
    where=lambda kappa, k: ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** (2 * k) > 1e-20,
    attained_at=grid(name="the nearest point", kappa=(2.0, 10.0, 100.0, 1e4), k=(1, 2, 3, 10)),
    at_least=0.999999,
    source="Nesterov 2004, Theorem 2.1.13",
)  # fmt: skip
def lb_strongly_convex(kappa, k):
    """No method whose iterates stay in the span of the gradients comes nearer than q^k R within k steps on the
    strongly convex chain, q = (sqrt(kappa) - 1)/(sqrt(kappa) + 1): in k steps it sees k of d = 200 coordinates.

    The squared distance over R^2, where both sums end with the last coordinate of the chain. The point of the span
    that is nearest to the minimizer attains it.
    """
    q = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
    return q ** (2 * k) * (1 - q ** (400 - 2 * k)) / (1 - q**400)


lb_strongly_convex.control(
    "Newton's method, which leaves the span", domain=grid(name="newton", kappa=10.0, k=(1, 3))
)


@lb_strongly_convex.control(
    "twice the condition number", domain=grid(name="conjugate gradients", kappa=(10.0, 100.0), k=(3, 10))
)
def _(kappa, k):
    q = (math.sqrt(2 * kappa) - 1) / (math.sqrt(2 * kappa) + 1)
    return q ** (2 * k)


# --- the best constant -------------------------------------------------------------------------------------------


def worst_gap(name, k):
    """The largest suboptimality over R^2 of what a method returns after k steps: of Huber functions and a parabola,
    all of smoothness 1.
    """
    method, radii = SPAN[name], np.geomspace(1, 4 * (k + 2) ** 2, 300)
    cone, parabola = huber(threshold=1.0), quadratic(spectrum=(1.0,))
    worst = 0.0
    for problem, starts in ((cone, radii), (parabola, np.ones(1))):
        run = states(method, problem, starts[:, None], np.zeros((len(starts), k, 1)), constants={"L": 1.0})[
            :, -1
        ]
        row = 1 + method.family.outputs["final"] if "final" in method.family.outputs else 0
        gaps = [problem.value(x) / r**2 for x, r in zip(run[:, row], starts, strict=True)]
        worst = max(worst, *gaps)
    return worst


@theorem(
    experiment=worst_gap,
    claim=LOWER,
    domain=grid(name=HONEST[:5], k=(1, 2, 3, 10, 50)),
    attained_at=grid(name="optimized gradient", k=(1, 2, 3, 10, 50)),
    at_least=0.9999,
    source="Drori 2017, Theorem 3",
)
def lb_minimax_smooth(k):
    """No first-order method has a smaller worst case than L R^2/(2 t^2) after k steps on smooth convex functions of
    more than k coordinates, t = last_theta(k). Here: the worst of Huber functions and parabolas, L = R = 1, of
    methods with fixed steps; the optimized gradient method attains it.
    """
    return 1 / (2 * last_theta(k) ** 2)


lb_minimax_smooth.control("Newton's method on what is quadratic", domain=grid(name="newton", k=1))


@lb_minimax_smooth.control("1.001 times the bound", domain=grid(name="optimized gradient", k=(1, 10)))
def _(k):
    return 1.001 / (2 * last_theta(k) ** 2)


# --- noisy gradients on an interval ------------------------------------------------------------------------------


def bayes_error(T):
    """How often the majority of T signs that are right with probability (1 + delta)/2 is wrong, a tie by half."""
    from scipy.stats import binom

    law = binom(T, (1 + 1 / (2 * math.sqrt(T))) / 2)
    wrong = float(law.cdf((T - 1) // 2))
    return wrong + float(law.pmf(T // 2)) / 2 if T % 2 == 0 else wrong


def sgd_error(name, T, c):
    """(1 - E[v x]/(diameter/2))/2 for projected SGD with the step size c diameter/(G sqrt T), started at 0: over
    all 2^T sequences of signs. The point is the last one or the mean of the last T.
    """
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=T)))
    delta = 1 / (2 * math.sqrt(T))
    weights = np.prod((1 + delta * signs) / 2, axis=1)
    problem = linear_game(radius=0.5)
    run = states(
        proximal_sgd(step_size=c / math.sqrt(T)), problem, np.zeros((len(signs), 1)), -signs[:, :, None],
        disturb=sample_as_gradient,
    )[:, 1:, 0, 0]  # fmt: skip
    points = run[:, -1] if name == "sgd, last" else run.mean(axis=1)
    return (1 - 2 * float(weights @ points)) / 2


def gap_on_the_interval(name, T, c, G, diameter):
    """The expected suboptimality of a method that has seen T signs, on -G delta v x with delta = 1/(2 sqrt T)."""
    error = bayes_error(T) if name == "bayes" else sgd_error(name, T, c)
    return G / (2 * math.sqrt(T)) * diameter * error


def gap_without_noise(name, T, c, G, diameter):
    """The same when every sign is right."""
    return 0.0


@theorem(
    experiment=gap_on_the_interval,
    claim=LOWER,
    domain=grid(
        name=("bayes", "sgd, last", "sgd, mean"), T=(1, 2, 3, 10), c=(0.1, 0.5, 2.0), G=2.0, diameter=3.0
    ),
    attained_at=grid(name="bayes", T=(1, 10, 1000, 100_000), c=1.0, G=2.0, diameter=3.0),
    at_least=0.65,
    source="Agarwal, Bartlett, Ravikumar & Wainwright 2012, Theorem 1; this constant by Pinsker's inequality",
)
def lb_stochastic_convex(T, G, diameter):
    """No method that sees T gradients of length G of a convex function on an interval has an expected suboptimality
    below (1 - 1/sqrt(3))/4 G diameter/sqrt(T), for -G delta v x with an unknown sign v and delta = 1/(2 sqrt T):
    the gradients have the right sign with probability (1 + delta)/2; T (8/3) delta^2 = 2/3 bounds what they tell.

    The majority of the signs is the best method; projected SGD is computed over all sequences of signs.
    """
    return (1 - 1 / math.sqrt(3)) / 4 * G * diameter / math.sqrt(T)


lb_stochastic_convex.control("an oracle without noise", experiment=gap_without_noise)


@lb_stochastic_convex.control(
    "twice the constant", domain=grid(name="bayes", T=(10, 1000), c=1.0, G=1.0, diameter=1.0)
)
def _(T, G, diameter):
    return (1 - 1 / math.sqrt(3)) / 2 * G * diameter / math.sqrt(T)
