"""Stale gradients: how long a delay stochastic gradient descent stands, and what noise does to it."""

import math

import numpy as np

from problems.networks import tilted_quadratics
from problems.noise import gaussian, signs, sphere
from problems.quadratic import quadratic
from simlab.kernels.quantities import distance_squared, gradient_norm_squared
from simlab.optimizers.centralized import delayed_sgd, downpour
from simlab.vocabulary.assumptions import BoundedVariance, Smooth
from simlab.vocabulary.claim import law
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.theorem import grid, theorem

parabola = quadratic(spectrum=(2.0,))


def rule_with(rule: str, delay: int, h: float) -> tuple[Method, Problem]:
    """The rule with step size h / curvature and a parabola for it, for one worker more than the delay has steps."""
    if rule == "downpour":
        problem = tilted_quadratics(workers=delay + 1, dimension=1, curvature=2.0, heterogeneity=0.0)
        return downpour(step_size=h / 2), problem
    return delayed_sgd(step_size=h / 2, delay=delay), parabola


def critical_step(rule: str, delay: int) -> float:
    """The step size, in units of 1/L, from which on the rule diverges: where the spectral radius of its steps on a
    parabola, read off the kernel, is 1.
    """
    from scipy.optimize import brentq

    from simlab.running.exact import growth
    from simlab.running.simulate import case_of

    def excess(h: float) -> float:
        method, problem = rule_with(rule, delay, h)
        return growth(case_of("critical step", method, problem, distance_squared.last, (1,)), delay + 1) - 1

    return float(brentq(excess, 0.1 / (delay + 1), 3.0, xtol=1e-14))


@theorem(
    experiment=critical_step,
    claim=law(),
    domain=grid(rule=("delayed-sgd", "downpour"), delay=(1, 2, 5, 10, 40)),
    where=lambda rule, delay: rule == "delayed-sgd" or delay <= 10,
    source="Levin & May 1976 (the delayed difference equation); the delay of Downpour SGD in turn is m - 1",
)
def delayed_gd_stability(delay):
    """Gradient descent with gradients of a fixed delay on a quadratic: it converges exactly for step sizes below
    this multiple of 1/L. Downpour SGD, with m = delay + 1 workers that push and fetch in turn, has the same limit.
    """
    return 2 * math.sin(math.pi / (2 * (2 * delay + 1)))


@delayed_gd_stability.control("one step of delay more")
def _(delay):
    return 2 * math.sin(math.pi / (2 * (2 * delay + 3)))


@delayed_gd_stability.control(
    "the limit pi/2 of the delay differential equation", domain=grid(rule="delayed-sgd", delay=40)
)
def _(delay):
    return math.pi / (2 * delay)


delayed_gd_stability.control(
    "gradients that are one step fresher",
    experiment=lambda delay: critical_step("delayed-sgd", delay - 1),
    where=None,
    domain=grid(delay=(1, 5)),
)

longest = delayed_gd_stability.bound


@theorem(
    method=delayed_sgd(
        step_size=lambda h, delay, spectrum: h * longest(delay) / max(spectrum), delay=lambda delay: delay
    ),
    measures=distance_squared.last,
    claim=law(),
    domain=grid(spectrum=((2.0,), (1.0, 2.0)), delay=(0, 1, 4, 12), h=(0.3, 0.8), sigma2=0.7, k=1000),
    on=quadratic.at(spectrum=lambda spectrum: spectrum),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    source="the stationary solution of the delayed linear recursion, in closed form; Arjevani, Shamir & Srebro "
    "2020 bound the effect of delays on noisy quadratics",
)
def delayed_sgd_variance(delay, h, spectrum, sigma2):
    """SGD with gradients of a fixed delay on a diagonal quadratic, with additive noise spread evenly over the
    coordinates: the stationary mean squared distance, exactly. It tends to infinity at the limit of stability, of
    which h is the fraction; after 1000 steps the transient is below 1e-11 of it. The law needs the whole spectrum,
    so it is checked on given quadratics only.
    """
    lam = np.array(spectrum)
    a = h * longest(delay) * lam / lam.max()
    theta = 2 * np.arcsin(a / 2)
    inflation = np.tan(np.pi / 4 + (delay + 1 / 2) * theta / 2) / np.cos(theta / 2)
    return sigma2 / len(lam) * np.sum(a / 2 * inflation / lam**2)


@delayed_sgd_variance.control(
    "the variance without a delay", domain=grid(spectrum=((2.0,),), delay=1, h=0.3, sigma2=0.7, k=1000)
)
def _(delay, h, spectrum, sigma2):
    a = h * longest(delay)
    return sigma2 * a / (2 - a) / spectrum[0] ** 2


delayed_sgd_variance.control(
    "a variance that is 1% larger", noise=gaussian(variance=lambda sigma2: 1.01 * sigma2)
)
delayed_sgd_variance.control(
    "2% beyond the limit of stability",
    method=delayed_sgd(step_size=lambda delay: 1.02 * longest(delay) / 2, delay=lambda delay: delay),
    domain=grid(spectrum=((2.0,),), delay=4, h=0.8, sigma2=0.7, k=1000),
)


@theorem(
    method=delayed_sgd(step_size=lambda h, delay, L: h / (4 * (delay + 1) * L), delay=lambda delay: delay),
    assumes=Smooth & BoundedVariance,
    measures=gradient_norm_squared.mean(),
    domain=grid(delay=4, h=1.0, k=(1, 10, 100)),
    attained_by=parabola,
    at_least=0.28,
    attained_at=grid(delay=0, h=1.0, k=1000),
    source="perturbed iterates, as in Mania et al. 2017 and Stich & Karimireddy 2020; the constants are those of "
    "two applications of Young's inequality",
)
def delayed_sgd_nonconvex(k, delay, h, L, sigma2, D):
    """SGD with gradients of a fixed delay on any smooth function that is bounded below, for step sizes up to
    1 / (4 L (delay + 1)): the mean squared gradient norm of the iterates before step k. Without a delay, a parabola
    comes within a factor of 7/2.
    """
    step = h / (4 * (delay + 1) * L)
    return 4 * D / (step * k) + 2 * step * L * sigma2 * (1 + 2 * L * step * delay)


# The gradient 1/8 at the start on x^2, with the step size 1/16: the bound is 1/4 + 5/16.
delayed_sgd_nonconvex.reaches(
    1 / 36, by=quadratic(spectrum=(2.0,), start=(1 / 16,)), at=grid(delay=1, h=1.0, k=1)
)
delayed_sgd_nonconvex.control(
    "a step size of 1/L with a delay of 4",
    method=delayed_sgd(step_size=lambda L: 1 / L, delay=lambda delay: delay),
    domain=grid(delay=4, h=1.0, k=100),
)


@delayed_sgd_nonconvex.control("a fifth of the noise term")
def _(k, delay, h, L, sigma2, D):
    step = h / (4 * (delay + 1) * L)
    return 4 * D / (step * k) + step * L * sigma2 * 2 / 5 * (1 + 2 * L * step * delay)
