"""Stochastic gradient descent on smooth functions that need not be convex, with noise of bounded variance."""

import math

from problems.noise import gaussian
from problems.pl import double_well
from problems.quadratic import quadratic
from simlab.kernels.quantities import gradient_norm_squared, suboptimality
from simlab.optimizers.first_order import sgd
from simlab.optimizers.incremental import storm
from simlab.vocabulary.assumptions import BoundedVariance, PolyakLojasiewicz, Smooth
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))


def tuned_step(c, L, D, sigma2, K):
    """min(1/L, c Dt / (sigma sqrt K)), with Dt = sqrt(2 D / L)."""
    return min(1 / L, c * math.sqrt(2 * D / L) / math.sqrt(sigma2 * K))


@theorem(
    method=sgd(step_size=tuned_step),
    assumes=Smooth & BoundedVariance,
    measures=gradient_norm_squared.mean(),
    domain=grid(c=(0.3, 5.0), k=(1, 2, 3, 30)),
    attained_by=scalar,
    at_least=0.95,
    attained_at=grid(c=10.0, k=100),
    source="Ghadimi & Lan 2013, Corollary 2.2",
)
def sgd_nonconvex_tuned(k, c, L, D, sigma2):
    """SGD with the step size min(1/L, c Dt/(sigma sqrt k)), Dt = sqrt(2D/L), which is tuned to the number of steps,
    on any smooth function that is bounded below: the mean squared gradient norm falls as 1/sqrt(k). A parabola
    attains it where the step size is just 1/L.
    """
    return 2 * L * D / k + (c + 1 / c) * math.sqrt(2 * L * D * sigma2 / k)


sgd_nonconvex_tuned.control(
    "a step size that is not capped at 1/L, with little noise",
    method=sgd(step_size=lambda L, D, sigma2, K: math.sqrt(2 * D / L) / math.sqrt(sigma2 * K)),
    noise=gaussian(variance=1e-4),
    domain=grid(c=1.0, k=(10, 100)),
)


@sgd_nonconvex_tuned.control("0.95 of the noise term", domain=grid(c=10.0, k=100))
def _(k, c, L, D, sigma2):
    return 2 * L * D / k + 0.95 * (c + 1 / c) * math.sqrt(2 * L * D * sigma2 / k)


def decaying_step(k, h, p, L):
    """h/L (k + 1)^-p."""
    return h / L / (k + 1) ** p


def decaying_step_weight(j, h, p, L):
    """The weight of x_j is the step size with which it is left."""
    return decaying_step(j, h, p, L)


@theorem(
    method=sgd(step_size=decaying_step),
    assumes=Smooth & BoundedVariance,
    measures=gradient_norm_squared.mean().weighted(decaying_step_weight),
    domain=grid(h=(0.5, 1.0), p=(0.25, 1.0), k=(1, 30)),
    attained_by=quadratic(spectrum=(1.0,), start=(1e-3,)),
    at_least=0.49,
    attained_at=grid(h=1.0, p=0.1, k=(2, 3, 10, 100)),
    source="Bottou, Curtis & Nocedal 2018, Theorem 4.10",
)
def sgd_nonconvex_decay(k, h, p, L, D, sigma2):
    """SGD with step sizes a_j of at most 1/L, here (h/L)(j + 1)^-p, on any smooth function that is bounded below:
    the mean squared gradient norm before step k, weighted with the step sizes. It tends to 0 when the step sizes
    have an infinite sum and their squares a finite one.
    """
    steps = [decaying_step(j, h, p, L) for j in range(k)]
    return (2 * D + L * sigma2 * sum(a**2 for a in steps)) / sum(steps)


sgd_nonconvex_decay.control(
    "step sizes that begin at 6/L",
    method=sgd(step_size=lambda k, L: 6 / L / (k + 1) ** 0.5),
    domain=grid(h=1.0, p=0.5, k=(10, 100)),
)


@sgd_nonconvex_decay.control("0.7 of the noise term", domain=grid(h=1.0, p=0.1, k=100))
def _(k, h, p, L, D, sigma2):
    steps = [decaying_step(j, h, p, L) for j in range(k)]
    return (2 * D + 0.7 * L * sigma2 * sum(a**2 for a in steps)) / sum(steps)


def averaging_of(h):
    """The shortest memory of recursive momentum for the step size h/L."""
    return 2 * h**2 / (1 - h)


@theorem(
    method=storm(step_size=lambda h, L: h / L, averaging=averaging_of),
    assumes=Smooth & BoundedVariance,
    measures=gradient_norm_squared.mean(),
    domain=grid(h=(0.05, 0.3, 0.5), k=(1, 2, 3, 30)),
    attained_by=quadratic.at(spectrum=(1.0,), start=lambda h: (1e3,)),
    at_least=0.49,
    attained_at=grid(h=0.01, k=1000),
    source="by the potential of Cutkosky & Orabona 2019, with constant step sizes and no bound on gradients",
)
def storm_nonconvex(k, h, L, sigma2, D):
    """Recursive momentum (STORM) with the step size h/L, h <= 1/2, and the averaging a = 2 h^2/(1 - h) on smooth
    functions, convex or not, whose stochastic gradients are L-Lipschitz for each sample, here with noise that is
    added: the mean squared gradient norm before step k. The floor is of order h^2, where that of SGD is of order h,
    so with h of order k^(-1/3) it falls as k^(-2/3).

    With e = v - grad f: E|e+|^2 <= (1 - a)^2 |e|^2 + 2 a^2 sigma^2 + 2 (1 - a)^2 h^2 |v|^2, and f+ <= f - h/(2L)
    (|grad f|^2 + (1 - h) |v|^2 - |e|^2). So f + h/(2 a L) |e|^2 falls by h/(2L) |grad f|^2 up to a h sigma^2/L.
    """
    a = averaging_of(h)
    return 2 * L * D / (h * k) + sigma2 / (a * k) + 2 * a * sigma2


storm_nonconvex.control(
    "SGD with the same step size",
    method=sgd(step_size=lambda h, L: h / L),
    on=scalar,
    noise=gaussian(variance=1.0),
    domain=grid(h=0.1, k=20_000),
)
storm_nonconvex.control(
    "a step size of 2.5/L in the bound for 1/(2L)",
    method=storm(step_size=lambda L: 2.5 / L, averaging=1.0),
    on=scalar,
    domain=grid(h=0.5, k=(30, 100)),
)


@storm_nonconvex.control("0.48 of the bound", domain=grid(h=0.01, k=1000))
def _(k, h, L, sigma2, D):
    a = averaging_of(h)
    return 0.48 * (2 * L * D / (h * k) + sigma2 / (a * k) + 2 * a * sigma2)


@theorem(
    method=sgd(step_size=lambda h, L: h / L),
    assumes=Smooth & PolyakLojasiewicz & BoundedVariance,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 1.0, 1.8), k=(1, 2, 3, 10, 100)),
    on=quadratic(spectrum=(1e-6, 1e-3, 1.0)),
    attained_by=scalar,
    at_least=0.999,
    attained_at=grid(h=(0.1, 1.0, 1.8), k=(1, 2, 3, 10, 100)),
    source="Karimi, Nutini & Schmidt 2016, section 3 with the variance in place of the second moment",
)
def sgd_pl_constant(k, h, L, mu, D, sigma2):
    """SGD with a constant step size below 2/L under the Polyak-Lojasiewicz inequality, without convexity: linear
    convergence to a floor. Equality on a parabola with mu = L, for every step size.

    From E f(x+) - f <= -a (1 - h/2) |grad f|^2 + L a^2 sigma^2/2. The bound with 1 - h mu/L and L a sigma^2/(2 mu),
    as it is usually printed for h <= 1, is weaker.
    """
    floor = h * sigma2 / (2 * mu * (2 - h))
    return floor + (1 - h * (2 - h) * mu / L) ** k * (D - floor)


sgd_pl_constant.control(
    "two wells, where no such inequality holds",
    on=double_well(),
    noise=gaussian(variance=1e-4),
    declare={"mu": 0.1},
    domain=grid(h=0.1, k=1000),
)


@sgd_pl_constant.control("0.99 of the variance", domain=grid(h=(0.1, 1.8), k=100))
def _(k, h, L, mu, D, sigma2):
    floor = 0.99 * h * sigma2 / (2 * mu * (2 - h))
    return floor + (1 - h * (2 - h) * mu / L) ** k * (D - floor)
