"""Adam with its usual betas, any small epsilon and a constant step size, seen as descent along signs.

With weights w_j and w'_j of the gradients G_(t-j) in the moments m and v of a step t (corrected, so that both sum
to 1), |m|/sqrt(v) <= r by Cauchy's inequality, as in adam-update-magnitude. In each coordinate let E be |m - g| and
E' the root of sum w'_j (G_(t-j) - g)^2, with g that of the gradient. Then sqrt(v) <= |g| + E', so |g| - g
m/(sqrt(v) + eps) <= E + E' + eps where m g >= 0; and where m g < 0, |g| <= E, so it is (1 + r) E at most. Iterates
j steps apart differ by j r a in no coordinate more, which bounds E and E' by the first two moments of the weights.
"""

import math
from typing import Any

from problems.noise import gaussian, signs
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.adaptive import adam
from simlab.vocabulary.assumptions import BoundedVariance, PolyakLojasiewicz, Smooth
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.sign_methods import gradient_one_norm

usual: dict[str, Any] = {
    "method": adam(step_size=lambda a: a, beta1=lambda b1: b1, beta2=lambda b2: b2, epsilon=lambda eps: eps),
    "where": lambda b1, b2: b1**2 < b2,
}


def longest_update(b1, b2):
    """r, the limit of adam-update-magnitude for many steps."""
    return (1 - b1) / math.sqrt((1 - b2) * (1 - b1**2 / b2))


def drift(b1, b2):
    """(1 + r) sum w_j j + (sum w'_j j^2)^(1/2): how old the moments are."""
    return (1 + longest_update(b1, b2)) * b1 / (1 - b1) + math.sqrt(b2 + b2**2) / (1 - b2)


def floor(a, b1, b2, eps, d, L):
    """What keeps the 1-norm of the gradient from 0 without noise."""
    r = longest_update(b1, b2)
    return a * d * L * r * (r / 2 + drift(b1, b2)) + d * eps


def averaged_noise(k, b1):
    """The mean over t = 1, ..., k of the root of sum w_j^2."""
    return sum(math.sqrt((1 - b1) / (1 + b1) * (1 + b1**t) / (1 - b1**t)) for t in range(1, k + 1)) / k


far_slope = pseudo_huber.at(start=lambda a, k: a * k)
swept: dict[str, Any] = {
    **usual,
    "measures": gradient_one_norm.mean(),
    "domain": grid(a=(1e-3, 0.1), b1=(0.0, 0.9), b2=(0.9, 0.999), eps=1e-8, k=(1, 2, 3, 100)),
    "search_domain": grid(a=(1e-4, 1.0), b1=(0.0, 0.99), b2=(0.1, 0.999), eps=(1e-8, 1.0), k=(1, 300)),
    "attained_by": far_slope,
}
long_run = grid(a=1e-4, b1=0.9, b2=(0.9, 0.95), eps=(1e-8, 0.01), k=300_000)


@theorem(
    **swept,
    assumes=Smooth,
    at_least=0.9,
    attained_at=long_run,
    source="by the descent lemma along signs; for b1 = b2 = 0 it is signsgd-deterministic",
)
def adam_sign_descent(k, a, b1, b2, eps, d, L, D):
    """Adam with exact gradients, a constant step size a, b1^2 < b2 and any epsilon on smooth functions, convex or
    not: the mean 1-norm of the gradients before step k. Neither gradients nor the step size need be bounded; with
    b1 = 0 it is RMSProp with corrected moments.

    It ends in a band that is proportional to the step size and to the age of what the moments remember.
    """
    return D / (a * k) + floor(a, b1, b2, eps, d, L)


adam_sign_descent.control(
    "ascent",
    method=adam(step_size=lambda a: -a, beta1=0.9, beta2=0.9),
    on=pseudo_huber(start=1.0),
    domain=grid(a=1e-3, b1=0.9, b2=0.9, eps=1e-8, k=10_000),
)
adam_sign_descent.control(
    "a step size that is 300 times as long",
    method=adam(step_size=lambda a: 300 * a, beta1=0.0, beta2=0.9),
    on=quadratic(spectrum=(1.0,)),
    domain=grid(a=1e-3, b1=0.0, b2=0.9, eps=1e-8, k=10_000),
)


@adam_sign_descent.control("0.9 of the first term", domain=long_run)
def _(k, a, b1, b2, eps, d, L, D):
    return 0.9 * D / (a * k) + floor(a, b1, b2, eps, d, L)


def noise_floor(k, b1, b2, d, sigma2):
    """What noise of the variance sigma2 adds: averaged in E, but not in E'."""
    return math.sqrt(d * sigma2) * ((1 + longest_update(b1, b2)) * averaged_noise(k, b1) + 1)


@theorem(
    **{**swept, "domain": grid(a=0.01, b1=(0.0, 0.9), b2=0.999, eps=1e-8, k=(1, 2, 3, 100))},
    assumes=Smooth & BoundedVariance,
    noise=[signs(variance=1e-6), gaussian(variance=1.0)],
    at_least=0.9,
    attained_at=grid(a=0.01, b1=0.0, b2=0.5, eps=1e-8, k=1000),
    source="as adam-sign-descent, with the noise in E and in E'",
)
def adam_sign_descent_stochastic(k, a, b1, b2, eps, d, L, D, sigma2):
    """Adam with stochastic gradients of bounded variance, a constant step size a, b1^2 < b2 and any epsilon on
    smooth functions, convex or not: the mean 1-norm of the true gradients before step k. No gradients need be
    bounded.

    The noise leaves a floor: where it is above the gradient, m/sqrt(v) is not a sign any more.
    """
    return D / (a * k) + floor(a, b1, b2, eps, d, L) + noise_floor(k, b1, b2, d, sigma2)


adam_sign_descent_stochastic.control(
    "a standard deviation that is a thousand times what is declared",
    noise=gaussian(variance=1.0),
    on=quadratic(spectrum=(1.0,), start=(1e-3,)),
    declare={"sigma2": 1e-6},
    domain=grid(a=1e-3, b1=0.0, b2=0.5, eps=1e-8, k=10_000),
)


@adam_sign_descent_stochastic.control(
    "0.9 of the first term", domain=grid(a=0.01, b1=0.0, b2=0.5, eps=1e-8, k=1000)
)
def _(k, a, b1, b2, eps, d, L, D, sigma2):
    return 0.9 * D / (a * k) + floor(a, b1, b2, eps, d, L) + noise_floor(k, b1, b2, d, sigma2)


@theorem(
    **usual,
    assumes=Smooth & PolyakLojasiewicz,
    measures=suboptimality.last,
    domain=grid(a=(1e-4, 0.01), b1=(0.0, 0.9), b2=(0.9, 0.999), eps=1e-8, k=(1, 2, 3, 30, 300)),
    search_domain=grid(a=(1e-5, 1.0), b1=(0.0, 0.99), b2=(0.1, 0.999), eps=(1e-8, 1.0), k=(1, 300)),
    attained_by=quadratic.at(spectrum=(1.0,), start=lambda a: (1e4 * a,)),
    at_least=0.99,
    attained_at=grid(a=(1e-4, 1.0), b1=(0.0, 0.9), b2=0.95, eps=(1e-8, 1e-4), k=(1, 3, 30)),
    source="as adam-sign-descent, with |g|_1 >= |g| >= sqrt(2 mu (f - f*))",
)
def adam_sign_descent_pl(k, a, b1, b2, eps, d, L, mu, D):
    """Adam with exact gradients, a constant step size a, b1^2 < b2 and any epsilon on smooth functions with a
    Polyak-Lojasiewicz inequality, strongly convex or not: the root of f - f* falls by a sqrt(mu/8) a step until f -
    f* reaches a floor of the order a^2, where it stays. How far the start is away and how steep f is there do not
    matter otherwise. RMSProp, b1 = 0, really ends in a cycle: see rmsprop-cycle.

    f - f* falls by a sqrt(2 mu (f - f*)) - a E, E the floor of adam-sign-descent, and half of the first is left
    where f - f* > 2 E^2/mu.
    """
    E = floor(a, b1, b2, eps, d, L)
    return max(max(math.sqrt(D) - k * a * math.sqrt(mu / 8), 0) ** 2, 2 * E**2 / mu + a * E)


adam_sign_descent_pl.control(
    "ascent", method=adam(step_size=lambda a: -a, beta1=0.9, beta2=0.9), on=quadratic(spectrum=(1.0,)),
    domain=grid(a=1e-4, b1=0.9, b2=0.9, eps=1e-8, k=(30, 300)),
)  # fmt: skip


@adam_sign_descent_pl.control(
    "the floor of signs, without the age of the moments",
    on=quadratic.at(spectrum=(1.0,), start=lambda a: (100 * a,)),
    domain=grid(a=0.01, b1=0.9, b2=0.999, eps=1e-8, k=tuple(range(90, 150, 5))),
)
def _(a, d, L, mu):
    E = a * d * L / 2
    return 2 * E**2 / mu + a * E


@adam_sign_descent_pl.control(
    "2.1 times the speed",
    on=quadratic.at(spectrum=(1.0,), start=lambda a: (1e4 * a,)),
    domain=grid(a=1e-4, b1=0.0, b2=0.95, eps=1e-8, k=3000),
)
def _(k, a, b1, b2, eps, d, L, mu, D):
    return max(math.sqrt(D) - 2.1 * k * a * math.sqrt(mu / 8), 0) ** 2
