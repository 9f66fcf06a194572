"""Adaptive methods with exact gradients, where epsilon or the first accumulator keeps every step below 1/L:
linear convergence under the Polyak-Lojasiewicz inequality, and stationarity without it.

All follow from one descent: f falls by at least p |grad f|^2 / 2 in each step, where p is the shortest step
size of a coordinate. Since f never rises above its start, |grad f|^2 <= 2 L (f - f*) <= 2 L D bounds what is
accumulated.
"""

import math
from typing import Any

from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import gradient_norm_squared, suboptimality
from simlab.optimizers.adaptive import adagrad, adam, rmsprop
from simlab.vocabulary.assumptions import PolyakLojasiewicz, Smooth
from simlab.vocabulary.theorem import grid, theorem

parabola = quadratic(spectrum=(1.0,))
far_parabola = quadratic(spectrum=(1.0,), start=(100.0,))
from_one = quadratic(spectrum=(1.0,), start=(1.0,))


@theorem(
    method=adagrad(step_size=lambda a: a, initial_accumulator=lambda a, c, L: (c * a * L) ** 2, epsilon=0.0),
    assumes=Smooth & PolyakLojasiewicz,
    measures=suboptimality.last,
    domain=grid(a=(0.1, 10.0), c=(1.0, 10.0), k=(1, 2, 3, 30, 300)),
    attained_by=parabola,
    at_least=0.97,
    attained_at=grid(a=1e3, c=100.0, k=(1, 2, 3)),
    source="by the descent lemma; cf. Xie, Wu & Ward 2020 (for AdaGrad-Norm)",
)
def adagrad_pl(k, a, c, L, mu, D):
    """AdaGrad from s_0 = (c a L)^2, c >= 1, on smooth functions with a Polyak-Lojasiewicz inequality, strongly
    convex or not: linear convergence without knowing mu, for any a.

    A root r of s grows by G^2/(r+ + r) <= G^2/r+ in each step, and f falls by a sum G_i^2/(2 r_i+) or more. So
    all roots together grow by 2 D/a at most, and no step size falls below a/(c a L + 2 D/a).
    """
    return (1 - a * mu / (c * a * L + 2 * D / a)) ** k * D


# One step to 1 - 1/sqrt(2), of the bound 1/4.
adagrad_pl.reaches((math.sqrt(2) - 1) ** 2, by=from_one, at=grid(a=1.0, c=1.0, k=1))
adagrad_pl.control(
    "the sign of every step flipped",
    method=adagrad(step_size=lambda a: -a, initial_accumulator=lambda a, c, L: (c * a * L) ** 2, epsilon=0.0),
    domain=grid(a=1.0, c=1.0, k=10),
)


@adagrad_pl.control("accumulators that do not grow", on=far_parabola, domain=grid(a=0.1, c=1.0, k=30))
def _(k, c, L, mu, D):
    return (1 - mu / (2 * c * L)) ** k * D


@adagrad_pl.control("the cube of the rate")
def _(k, a, c, L, mu, D):
    return (1 - a * mu / (c * a * L + 2 * D / a)) ** (3 * k) * D


@theorem(
    method=rmsprop(step_size=lambda h, eps, L: h * eps / L, decay=lambda b2: b2, epsilon=lambda eps: eps),
    assumes=Smooth & PolyakLojasiewicz,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 1.0), eps=(0.01, 100.0), b2=(0.0, 0.999), k=(1, 2, 3, 30, 300)),
    attained_by=parabola,
    at_least=0.97,
    attained_at=grid(h=0.01, eps=1e4, b2=0.9, k=(1, 2, 3)),
    source="by the descent lemma",
)
def rmsprop_pl(k, h, eps, L, mu, D):
    """RMSProp with exact gradients and a step size of h eps/L, h <= 1, on smooth functions with a
    Polyak-Lojasiewicz inequality, strongly convex or not: linear convergence, whatever the memory of the second
    moment.

    No coordinate steps farther than 1/L times its gradient, so f falls; and v <= 2 L D, an average of squared
    gradients. With a vanishing eps this is lost, see rmsprop-cycle.
    """
    return (1 - h * eps / L * mu / (eps + math.sqrt(2 * L * D))) ** k * D


# One step, with v = 1/4, to 1/3, of the bound 1/4.
rmsprop_pl.reaches(2 / 9, by=from_one, at=grid(h=1.0, eps=1.0, b2=0.75, k=1))
rmsprop_pl.control(
    "a step size that eps does not limit",
    method=rmsprop(step_size=0.1, decay=0.9, epsilon=1e-10),
    on=parabola,
    domain=grid(h=1.0, eps=1.0, b2=0.9, k=300),
)


@rmsprop_pl.control(
    "without the second moment", on=far_parabola, domain=grid(h=1.0, eps=1.0, b2=0.9, k=(3, 10))
)
def _(k, h, L, mu, D):
    return (1 - h * mu / L) ** (2 * k) * D


@rmsprop_pl.control("the cube of the rate")
def _(k, h, eps, L, mu, D):
    return (1 - h * eps / L * mu / (eps + math.sqrt(2 * L * D))) ** (3 * k) * D


def adam_step_size(h, b1, eps, L):
    """h (1 - b1)/2 of the longest step size eps/L for which descent is sure without momentum."""
    return h * (1 - b1) / 2 * eps / L


cautious: dict[str, Any] = {
    "method": adam(
        step_size=adam_step_size, beta1=lambda b1: b1, beta2=lambda b2: b2, epsilon=lambda eps: eps
    ),
    "domain": grid(h=(0.1, 1.0), eps=(0.01, 100.0), b1=(0.0, 0.9), b2=(0.0, 0.999), k=(1, 2, 3, 30, 300)),
    "attained_by": parabola,
}


@theorem(
    **cautious,
    assumes=Smooth & PolyakLojasiewicz,
    measures=suboptimality.last,
    at_least=0.97,
    attained_at=grid(h=0.01, eps=1e4, b1=(0.0, 0.5, 0.9), b2=0.999, k=(1, 2, 3)),
    source="by a potential of the error of the momentum",
)
def adam_pl(k, h, b1, eps, L, mu, D):
    """Adam with exact gradients and a step size of h (1 - b1) eps/(2 L), h <= 1, on smooth functions with a
    Polyak-Lojasiewicz inequality, strongly convex or not: linear convergence for any betas below 1.

    Let P be the diagonal of step sizes, between p = a/(eps + sqrt(2 L D)) and q = a/eps, and e = m - grad f the
    error of the corrected momentum, 0 in the first step. Then |e+|^2 <= b1 |e|^2 + b1^2/(1 - b1) L^2 q m'Pm,
    and f+ <= f - grad f'P grad f/2 - (1 - q L) m'Pm/2 + e'Pe/2. So f - f* + q/(1 - b1) |e|^2 falls by 1 - mu p
    a step: q L <= (1 - b1)/2 leaves enough of m'Pm, and (1 + b1)/2 <= 1 - mu p.
    """
    return (1 - mu * adam_step_size(h, b1, eps, L) / (eps + math.sqrt(2 * L * D))) ** k * D


# One step of corrected moments, of the half or the quarter of 1/(1 + eps): the bound is its first power.
adam_pl.reaches(3 / 4, by=from_one, at=grid(h=1.0, eps=1.0, b1=0.0, b2=0.999, k=1))
adam_pl.reaches(7 / 8, by=from_one, at=grid(h=1.0, eps=1.0, b1=0.5, b2=0.999, k=1))
adam_pl.control(
    "a step size that eps does not limit",
    method=adam(step_size=0.1, beta1=0.0, beta2=0.0),
    on=parabola,
    domain=grid(h=1.0, eps=1.0, b1=0.0, b2=0.0, k=300),
)


@adam_pl.control(
    "without the second moment", on=far_parabola, domain=grid(h=1.0, eps=1.0, b1=0.0, b2=0.999, k=30)
)
def _(k, h, b1, L, mu, D):
    return (1 - h * (1 - b1) / 2 * mu / L) ** k * D


@adam_pl.control("the cube of the rate", domain=grid(h=0.01, eps=1e4, b1=0.0, b2=0.999, k=(1, 10)))
def _(k, h, b1, eps, L, mu, D):
    return (1 - mu * adam_step_size(h, b1, eps, L) / (eps + math.sqrt(2 * L * D))) ** (3 * k) * D


@theorem(
    **cautious,
    assumes=Smooth,
    measures=gradient_norm_squared.mean(),
    at_least=0.49,
    attained_at=grid(h=1.0, eps=1e4, b1=0.0, b2=0.999, k=1),
    source="by the potential of adam-pl",
)
def adam_nonconvex(k, h, b1, eps, L, D):
    """Adam with exact gradients and a step size of h (1 - b1) eps/(2 L), h <= 1, on any smooth function that is
    bounded below: the mean squared gradient norm before step k, without a bound on gradients. With b1 = 0 it is
    RMSProp, up to the correction of v.

    The first step without momentum on a parabola reaches h/2 of it, as gradient descent with the step size h/(2
    L).
    """
    return 2 * D * (eps + math.sqrt(2 * L * D)) / (adam_step_size(h, b1, eps, L) * k)


# The gradient 1 at the start, of the bound 4 or 8.
adam_nonconvex.reaches(1 / 4, by=from_one, at=grid(h=1.0, eps=1.0, b1=0.0, b2=0.999, k=1))
adam_nonconvex.reaches(1 / 8, by=from_one, at=grid(h=1.0, eps=1.0, b1=0.5, b2=0.999, k=1))
adam_nonconvex.control(
    "the sign of every step flipped",
    method=adam(
        step_size=lambda h, b1, eps, L: -adam_step_size(h, b1, eps, L),
        beta1=lambda b1: b1, beta2=lambda b2: b2, epsilon=lambda eps: eps,
    ),
    on=quadratic(spectrum=(1.0,), start=(1.0,)),
    domain=grid(h=1.0, eps=100.0, b1=0.5, b2=0.9, k=300),
)  # fmt: skip
adam_nonconvex.control(
    "a step size that eps does not limit",
    method=adam(step_size=1.0),
    on=quadratic(spectrum=(1.0,), start=(0.1,)),
    domain=grid(h=1.0, eps=1.0, b1=0.9, b2=0.999, k=300),
)


@adam_nonconvex.control(
    "without the second moment",
    on=pseudo_huber(start=50.0),
    domain=grid(h=1.0, eps=0.01, b1=0.0, b2=0.999, k=300),
)
def _(k, h, b1, L, D):
    return 2 * D / (h * (1 - b1) / 2 / L * k)


@adam_nonconvex.control("0.48 of the bound")
def _(k, h, b1, eps, L, D):
    return 0.96 * D * (eps + math.sqrt(2 * L * D)) / (adam_step_size(h, b1, eps, L) * k)
