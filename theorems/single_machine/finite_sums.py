"""Stochastic gradient descent on finite sums of convex terms, with a gradient variance that is bounded at the
minimizer only.
"""

import math
from typing import Any

import numpy as np

from problems.least_squares import least_squares, mean_estimation, orthogonal_least_squares
from problems.sampling import Order, epochs, minibatch, minibatch_variance
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.first_order import sgd
from simlab.vocabulary.assumptions import (
    ComponentsConvex,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    FiniteSum,
    Interpolation,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, only, theorem

CONVEX_TERMS = FiniteSum & ComponentsConvex & ComponentsSmooth & StronglyConvex
two_targets = mean_estimation(targets=(-1.0, 1.0))
at_one = mean_estimation(targets=(1.0, 1.0), start=2.0)
# L = mu = 2, and the mean of two gradients at the minimizer has the variance 4.
four_targets = mean_estimation(targets=(-(3**0.5), -(3**0.5), 3**0.5, 3**0.5), smoothness=2.0, start=1.0)
uneven_rows = least_squares(terms=6, dimension=2, residual=0.1, spread=10.0)


@theorem(
    method=sgd(step_size=lambda h, Lmax: h / Lmax),
    assumes=CONVEX_TERMS & Smooth,
    noise=minibatch(batch=1),
    measures=distance_squared.last,
    domain=grid(h=(0.01, 0.1, 0.5, 0.9), k=(1, 2, 3, 10, 100)),
    attained_by=two_targets,
    at_least=0.49,
    attained_at=grid(h=0.01, k=1000),
    source="Needell, Srebro & Ward 2016, Theorem 2.1",
)
def sgd_needell(k, h, Lmax, mu, R, sigma2_star):
    """SGD on one random convex term a step, with a step size below 1/Lmax: linear convergence to a floor that the
    gradients at the minimizer make. No variance need be bounded elsewhere.

    Two opposite parabolas reach (1 - h)/(2 - h) of the floor: one half, with short steps.
    """
    return (1 - 2 * h * (1 - h) * mu / Lmax) ** k * R**2 + h / Lmax * sigma2_star / (mu * (1 - h))


@sgd_needell.refuted(
    method=sgd(step_size=lambda h, L: h / L),
    on=uneven_rows,
    domain=grid(h=(0.5, 0.9), k=(1, 10, 100)),
    source="Needell, Srebro & Ward's theorem, quoted with the smoothness of f, as for noise of bounded variance",
)
def sgd_needell_with_mean_smoothness(k, h, L, mu, R, sigma2_star):
    """SGD on one random convex term a step, with a step size below 1/L, L the smoothness of the mean of the
    terms: on rows of unequal lengths it diverges. Where the gradient variance is bounded at the minimizer only,
    the steepest term decides.
    """
    return (1 - 2 * h * (1 - h) * mu / L) ** k * R**2 + h / L * sigma2_star / (mu * (1 - h))


# The floor of two opposite parabolas; and (1 - h)^2 in place of 1 - 2h (1 - h) without one.
sgd_needell.reaches(lambda h: (1 - h) / (2 - h), by=two_targets, at=grid(h=(0.1, 0.5), k=300))
sgd_needell.reaches(lambda k: 2.0**-k, by=at_one, at=grid(h=0.5, k=(1, 3)))
sgd_needell.control(
    "the smoothness of the mean in place of that of the terms",
    on=uneven_rows,
    declare={"Lmax": lambda L: L},
    domain=grid(h=0.9, k=(10, 100)),
)


@sgd_needell.control("0.49 of the variance at the minimizer", domain=grid(h=0.01, k=1000))
def _(k, h, Lmax, mu, R, sigma2_star):
    return (1 - 2 * h * (1 - h) * mu / Lmax) ** k * R**2 + 0.49 * h / Lmax * sigma2_star / (mu * (1 - h))


# --- subsets of tau terms: between one term and the whole sum ---------------------------------------------------


def expected_smoothness(tau, n, L, Lmax):
    """The constant of the expected smoothness of tau of n terms, drawn without replacement."""
    return n * (tau - 1) / (tau * (n - 1)) * L + (n - tau) / (tau * (n - 1)) * Lmax


def subset_variance(tau, n, sigma2_star):
    """The variance at the minimizer of the mean of tau of n terms, drawn without replacement."""
    return (n - tau) / (tau * (n - 1)) * sigma2_star


subsets: dict[str, Any] = {
    "assumes": CONVEX_TERMS & Smooth,
    "noise": minibatch(batch=lambda tau, n: min(tau, int(n)), replacement=False),
    "where": lambda tau, n: tau <= n > 1,
}


@theorem(
    **subsets,
    method=sgd(step_size=lambda c, tau, n, L, Lmax: c / (2 * expected_smoothness(tau, n, L, Lmax))),
    measures=distance_squared.last,
    domain=grid(tau=(1, 2, 3, 6), c=(0.1, 1.0), k=(1, 2, 3, 10, 50)),
    attained_by=two_targets,
    at_least=0.32,
    attained_at=grid(tau=1, c=1.0, k=50),
    source="Gower, Loizou, Qian, Sailanbayev, Shulgin & Richtarik 2019, Theorem 3.1 and Proposition 3.8",
)
def sgd_expected_smoothness(k, c, tau, n, L, Lmax, mu, R, sigma2_star):
    """SGD on tau random terms a step without replacement, with a step size up to half the inverse of the expected
    smoothness, which falls from that of the terms, tau = 1, to that of their mean, tau = n.
    """
    step = c / (2 * expected_smoothness(tau, n, L, Lmax))
    return (1 - step * mu) ** k * R**2 + 2 * step * subset_variance(tau, n, sigma2_star) / mu


# The floor of a step size a = 1/2 is a/(2 - a) times the variance, not 2 a; and 1/4 is left a step, not 1/2.
sgd_expected_smoothness.reaches(1 / 3, by=four_targets, at=grid(tau=(1, 2, 3), c=1.0, k=60))
sgd_expected_smoothness.reaches(lambda k: 2.0**-k, by=at_one, at=grid(tau=1, c=1.0, k=(1, 3)))
sgd_expected_smoothness.control(
    "the smoothness of the mean in place of that of the terms",
    on=least_squares(terms=12, dimension=6, residual=0.1, spread=10.0),
    declare={"Lmax": lambda L: L},
    domain=grid(tau=1, c=1.0, k=50),
)


@sgd_expected_smoothness.control("0.3 of the variance at the minimizer", domain=grid(tau=1, c=1.0, k=50))
def _(k, c, tau, n, L, Lmax, mu, R, sigma2_star):
    step = c / (2 * expected_smoothness(tau, n, L, Lmax))
    return (1 - step * mu) ** k * R**2 + 0.6 * step * subset_variance(tau, n, sigma2_star) / mu


def switching_step(k, tau, n, L, Lmax, mu):
    """Half the inverse of the expected smoothness for the first 4 ceil(Lc/mu) steps, then of order 1/k."""
    smoothness = expected_smoothness(tau, n, L, Lmax)
    if k <= 4 * math.ceil(smoothness / mu):
        return 1 / (2 * smoothness)
    return (2 * k + 1) / ((k + 1) ** 2 * mu)


def switching_bound(k, tau, n, L, Lmax, mu, R, sigma2):
    """Before the switch that of the constant step size, and then one of order 1/k."""
    smoothness = expected_smoothness(tau, n, L, Lmax)
    kappa = math.ceil(smoothness / mu)
    if k < 4 * kappa:
        return (1 - mu / (2 * smoothness)) ** k * R**2 + sigma2 / (smoothness * mu)
    return 8 * sigma2 / (mu**2 * k) + 16 * kappa**2 * R**2 / (math.e**2 * k**2)


@theorem(
    **subsets,
    method=sgd(step_size=switching_step),
    measures=distance_squared.last,
    domain=grid(tau=(1, 2), k=(1, 2, 3, 4, 5, 40)),
    source="Gower, Loizou, Qian, Sailanbayev, Shulgin & Richtarik 2019, Theorem 3.2",
)
def sgd_gower_switch(k, tau, n, L, Lmax, mu, R, sigma2_star):
    """SGD on tau random terms a step, with a constant step size for the first 4 ceil(Lc/mu) steps, Lc the expected
    smoothness, and step sizes (2k + 1)/((k + 1)^2 mu) from then on: the floor is left behind at the rate 1/k.

    After the switch the bound is about 12 times what is reached.
    """
    return switching_bound(k, tau, n, L, Lmax, mu, R, subset_variance(tau, n, sigma2_star))


@sgd_gower_switch.control("a variance that is 20 times smaller", on=two_targets, domain=grid(tau=1, k=400))
def _(k, tau, n, L, Lmax, mu, R, sigma2_star):
    return switching_bound(k, tau, n, L, Lmax, mu, R, subset_variance(tau, n, sigma2_star) / 20)


# E x^2 = 1/3 + (2/3)/4^k in steps of half the way, before the switch and at it.
sgd_gower_switch.reaches(1 / 3, by=four_targets, at=grid(tau=2, k=1))
sgd_gower_switch.reaches(3 / 10, by=four_targets, at=grid(tau=2, k=2))
sgd_gower_switch.reaches(43 / 128 / (2 + math.exp(-2)), by=four_targets, at=grid(tau=2, k=4))
sgd_gower_switch.control(
    "a constant step size forever",
    method=sgd(step_size=lambda tau, n, L, Lmax: 1 / (2 * expected_smoothness(tau, n, L, Lmax))),
    on=two_targets,
    domain=grid(tau=1, k=400),
)


def subset_spread(terms, batch, seed):
    """E|G - grad f|^2 at the start of a least-squares problem, over all subsets of ``batch`` terms."""
    problem = least_squares(terms=terms, dimension=3, residual=0.5, seed=seed)
    gradients = np.array([problem.component(i, problem.start) for i in range(terms)])
    support = minibatch.build(problem, batch=batch, replacement=False).support or ()
    means = np.array([gradients[sample.astype(int)].mean(axis=0) for _, sample in support])
    chances = np.array([chance for chance, _ in support])
    return float(chances @ np.sum((means - gradients.mean(axis=0)) ** 2, axis=1))


@theorem(
    experiment=subset_spread,
    claim=law(),
    domain=grid(terms=(4, 9), batch=(1, 2, 3, 4), seed=(1, 2)),
    source="Cochran 1977, Theorem 2.2",
)
def sgd_minibatch_variance(terms, batch, seed):
    """The variance of the mean gradient of b of n terms, drawn without replacement, is v/b (n - b)/(n - 1), with v
    that of one term: less by (n - b)/(n - 1) than with replacement, and 0 for b = n. All subsets are listed.
    """
    problem = least_squares(terms=terms, dimension=3, residual=0.5, seed=seed)
    return minibatch_variance(problem, problem.start, batch, replacement=False)


@sgd_minibatch_variance.control("the variance with replacement", domain=grid(terms=9, batch=(2, 4), seed=1))
def _(terms, batch, seed):
    problem = least_squares(terms=terms, dimension=3, residual=0.5, seed=seed)
    return minibatch_variance(problem, problem.start, batch, replacement=True)


# --- how far larger batches help ---------------------------------------------------------------------------------


def critical_step(batch, L, Lmax):
    """The batch over Lmax + (batch - 1) L."""
    return batch / (Lmax + (batch - 1) * L)


@theorem(
    method=sgd(step_size=critical_step),
    assumes=CONVEX_TERMS & Smooth & Interpolation & Quadratic,
    noise=minibatch(batch=lambda batch: batch),
    measures=distance_squared.last,
    domain=grid(batch=(1, 2, 3), k=(1, 2, 3, 10, 50)),
    attained_by=orthogonal_least_squares(terms=5),
    at_least=0.999,
    attained_at=grid(batch=(1, 2, 3), k=(1, 2, 10)),
    source="Ma, Bassily & Belkin 2018, Theorem 1",
)
def sgd_critical_batch(k, batch, L, Lmax, mu, R):
    """SGD on b random terms of a least-squares problem that fits exactly: the best step size, and so the speed,
    grows with b up to about Lmax/L + 1 terms, and hardly beyond. Equality on orthogonal rows.
    """
    return (1 - critical_step(batch, L, Lmax) * mu) ** k * R**2


sgd_critical_batch.control(
    "a step size that grows linearly with the batch",
    method=sgd(step_size=lambda batch, Lmax: batch / Lmax),
    on=orthogonal_least_squares(terms=2),
    domain=grid(batch=8, k=(10, 100)),
)


@sgd_critical_batch.control("linear speed-up: L taken to be 0", domain=grid(batch=(2, 3), k=(1, 10)))
def _(k, batch, L, Lmax, mu, R):
    return (1 - batch / Lmax * mu) ** k * R**2


# --- one step, and where the variance is bounded -----------------------------------------------------------------

apart = least_squares(terms=2, dimension=1, residual=1.0, spread=3.0, seed=1)


@theorem(
    method=sgd(step_size=lambda c, Lmax, mu: 2 * c / (Lmax + mu)),
    assumes=FiniteSum & ComponentsStronglyConvex & ComponentsSmooth,
    noise=minibatch(batch=1),
    measures=distance_squared.last,
    domain=grid(c=(0.1, 0.5, 1.0, 1.2), k=1),
    on=two_targets,
    attained_by=[least_squares(terms=2, dimension=1, residual=1.0, spread=3.0, seed=s) for s in (1, 2, 3)],
    at_least=0.999,
    attained_at=grid(c=1.0, k=1),
    source="Taylor & Bach 2019, with the closed form of the PEPit example for one step of SGD",
)
def sgd_one_step_variance_at_optimum(c, Lmax, mu, R, sigma2_star):
    """One step of SGD on strongly convex terms, whose gradients vary at the minimizer as stated, and elsewhere as
    they will. The terms' curvatures differ, which adds a*(Lmax - mu)/2 to the deviation that the noise makes.

    Two parabolas of the curvatures mu and Lmax attain it at the step size a = 2/(Lmax + mu).
    """
    step = 2 * c / (Lmax + mu)
    mean = (1 - step * (Lmax + mu) / 2) ** 2 * R**2
    return (step * (Lmax - mu) / 2 * R + math.sqrt(mean + step**2 * sigma2_star)) ** 2


@sgd_one_step_variance_at_optimum.control("0.99 of the variance at the minimizer")
def _(c, Lmax, mu, R, sigma2_star):
    step = 2 * c / (Lmax + mu)
    mean = (1 - step * (Lmax + mu) / 2) ** 2 * R**2
    return (step * (Lmax - mu) / 2 * R + math.sqrt(mean + 0.99 * step**2 * sigma2_star)) ** 2


@sgd_one_step_variance_at_optimum.refuted(
    on=[least_squares(terms=2, dimension=1, residual=1.0, spread=3.0, seed=s) for s in (1, 2, 3)],
    domain=grid(c=(0.5, 1.0), k=1),
    source="the recursion for noise of bounded variance, as it is often used for finite sums",
)
def sgd_one_step_additive_noise(c, Lmax, mu, R, sigma2_star):
    """One step of SGD on strongly convex terms, with the gradient variance at the minimizer taken for that
    everywhere: the contraction of gradient descent plus a^2 sigma*^2. The variance elsewhere is larger.
    """
    step = 2 * c / (Lmax + mu)
    return max((1 - step * mu) ** 2, (1 - step * Lmax) ** 2) * R**2 + step**2 * sigma2_star


# --- reshuffling -------------------------------------------------------------------------------------------------


@theorem(
    method=sgd(step_size=lambda h, Lmax, n: h / (math.sqrt(2) * Lmax * n)),
    assumes=CONVEX_TERMS,
    noise=epochs(order=Order.RESHUFFLED),
    measures=distance_squared.last,
    domain=grid(h=(0.1, 1.0), k=only(60, 120, 600)),
    where=lambda n: 60 % n == 0,
    on=least_squares(terms=3, dimension=2, residual=3.0),
    source="Mishchenko, Khaled & Richtarik 2020, Theorem 2",
)
def rr_convex_components(k, h, n, Lmax, mu, R, sigma2_star):
    """SGD through a new random permutation of the convex terms each epoch, when only their mean is strongly convex,
    with a step size up to 1/(sqrt(2) Lmax n): at the end of an epoch, k = n, 2n, ..., the squared distance has a
    floor of the order of the step size squared.

    The steps in the domain end epochs of every n that divides 60; problems with other n are left out. The floor is
    far above what is reached, about 1e4 times; the transient is not.
    """
    step = h / (math.sqrt(2) * Lmax * n)
    return (1 - step * mu * n / 2) ** (k // n) * R**2 + step**2 * Lmax / mu * n * sigma2_star


# With the step size s = 1/sqrt(8) an epoch from the minimizer ends at s^2 or -s^2; and (1 - s)^2 is left a step
# without a floor, not the root of 1 - s.
rr_convex_components.reaches(1 / 16, by=mean_estimation(start=0.0), at=grid(h=1.0, k=2))
rr_convex_components.reaches(lambda k: (1 - 8**-0.5) ** (1.5 * k), by=at_one, at=grid(h=1.0, k=(2, 4)))
rr_convex_components.control(
    "indices drawn with replacement",
    noise=epochs(order=Order.WITH_REPLACEMENT),
    on=mean_estimation(targets=(-5.0, 5.0)),
    domain=grid(h=0.006, k=6000),
)


@rr_convex_components.control(
    "three times the rate", on=mean_estimation(targets=(-1.0, 1.0)), domain=grid(h=0.1, k=60)
)
def _(k, h, n, Lmax, mu, R, sigma2_star):
    step = h / (math.sqrt(2) * Lmax * n)
    return (1 - step * mu * n / 2) ** (5 * k // n) * R**2 + step**2 * Lmax / mu * n * sigma2_star
