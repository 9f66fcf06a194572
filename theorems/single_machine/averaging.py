"""Averages of the iterates of stochastic gradient descent."""

import functools
import math

import numpy as np

from problems.huber import huber
from problems.least_squares import least_squares
from problems.noise import gaussian, signs, sphere
from problems.quadratic import quadratic
from problems.sampling import minibatch
from simlab.kernels.quantities import distance_squared, suboptimality
from simlab.optimizers.first_order import sgd
from simlab.vocabulary.assumptions import (
    BoundedVariance,
    ComponentsSmooth,
    Convex,
    FiniteSum,
    Quadratic,
    Smooth,
)
from simlab.vocabulary.claim import law, limit
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=sgd(step_size=lambda h, spectrum: h / max(spectrum)),
    measures=distance_squared.at_average(),
    claim=limit(0.01),
    domain=grid(spectrum=((1.0,), (0.5, 0.7, 1.0)), sigma2=2.0, h=(1.0, 1.8), k=1000),
    on=quadratic.at(spectrum=lambda spectrum: spectrum),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    labels=("asymptotic",),
    source="Polyak & Juditsky 1992, Theorem 1",
)
def polyak_ruppert_asymptotic(k, spectrum, sigma2):
    """The mean of the iterates of constant-step SGD on a quadratic with additive noise of covariance S: its
    mean squared error is asymptotically trace(H^-1 S H^-1) / k, whatever the step size. Checked on given spectra
    with S = sigma2/d times the identity, because the limit needs the whole spectrum, and in the regime
    step * mu * k >= 500, where the remaining terms of order 1/k^2 are below one percent.
    """
    return sigma2 / len(spectrum) * np.sum(1 / np.array(spectrum) ** 2) / k


polyak_ruppert_asymptotic.control("the last iterate in place of the mean", measures=distance_squared.last)


@polyak_ruppert_asymptotic.control("the iterates taken to be independent")
def _(k, h, spectrum, sigma2):
    lam = np.array(spectrum)
    step = h / lam.max()
    return sigma2 / len(lam) * np.sum(step / (lam * (2 - step * lam))) / k


polyak_ruppert_asymptotic.control(
    "a variance that is 3% larger", noise=gaussian(variance=lambda sigma2: 1.03 * sigma2)
)


@theorem(
    method=sgd(step_size=lambda h, L: h / L),
    assumes=Convex & Smooth & BoundedVariance,
    measures=suboptimality.mean(),
    domain=grid(h=(0.1, 1.0), k=(1, 2, 3, 30)),
    on=[huber(threshold=0.01), quadratic(spectrum=(1e-6, 1e-3, 1.0))],
    attained_by=quadratic(spectrum=(1.0,)),
    at_least=0.99,
    attained_at=grid(h=1.0, k=(100, 1000)),
    source="Nemirovski, Juditsky, Lan & Shapiro 2009, section 2.2, with a smooth f; Bubeck 2015, Theorem 6.3",
)
def sgd_convex_average(k, h, L, R, sigma2):
    """SGD with a constant step size up to 1/L on smooth convex functions: the mean suboptimality of the iterates
    before step k, and so that of their mean.
    """
    return L * R**2 / (2 * h * k) + h * sigma2 / (2 * L)


@sgd_convex_average.control("0.97 of the variance", domain=grid(h=1.0, k=1000))
def _(k, h, L, R, sigma2):
    return L * R**2 / (2 * h * k) + 0.97 * h * sigma2 / (2 * L)


sgd_convex_average.control("a step size of 1.5/L", domain=grid(h=1.5, k=(10, 100)))


# --- quadratics with additive noise ------------------------------------------------------------------------------


@theorem(
    method=sgd(step_size=lambda h, spectrum: h / max(spectrum)),
    measures=suboptimality.at_average(),
    domain=grid(
        spectrum=((1.0,), (0.01, 0.5, 1.0)), scale=(0.0, 1.0), sigma2=(0.0, 1.0), h=(0.1, 1.0),
        k=(1, 2, 3, 10, 100),
    ),
    where=lambda scale, sigma2: scale > 0 or sigma2 > 0,
    on=quadratic.at(
        spectrum=lambda spectrum: spectrum, start=lambda spectrum, scale: (scale,) * len(spectrum)
    ),
    noise=gaussian(variance=lambda sigma2: sigma2),
    matched=False,
    attained_by=quadratic.at(spectrum=lambda spectrum: spectrum, start=lambda scale: (scale,)),
    at_least=0.99,
    attained_at=grid(spectrum=((1.0,),), scale=(0.0, 1.0), sigma2=1.0, h=1.0, k=(100, 1000)),
    source="Bach & Moulines 2013, section 2; Defossez & Bach 2015",
)  # fmt: skip
def averaged_sgd_additive(k, spectrum, scale, sigma2, h):
    """The mean of the iterates of SGD with a constant step size a up to 1/L on a quadratic with additive noise of
    covariance S: a variance of at most trace(S H^-1)/(2k), whatever the step size, and a bias of at most
    min(R^2/(2 a k), x_0' H^-1 x_0/(2 a^2 k^2)). Either part is attained by a parabola.

    The bound needs the whole spectrum, so it is checked on given quadratics, started at scale (1, ..., 1).
    """
    lam, step = np.array(spectrum), h / max(spectrum)
    start = scale**2 * np.ones(len(lam))
    bias = min(start.sum() / (2 * step * k), (start / lam).sum() / (2 * step**2 * k**2))
    return sigma2 / len(lam) * (1 / lam).sum() / (2 * k) + bias


averaged_sgd_additive.control("the last iterate", measures=suboptimality.last)


@averaged_sgd_additive.control(
    "0.98 of the bias", domain=grid(spectrum=((1.0,),), scale=1.0, sigma2=0.0, h=1.0, k=(10, 100))
)
def _(k, spectrum, scale, h):
    lam, step = np.array(spectrum), h / max(spectrum)
    return 0.98 * scale**2 * (1 / lam).sum() / (2 * step**2 * k**2)


@averaged_sgd_additive.control("0.98 of the variance")
def _(k, spectrum, scale, sigma2):
    return 0.98 * sigma2 * np.mean(1 / np.array(spectrum)) / (2 * k) + scale**2 / k**2


@theorem(
    method=sgd(step_size=lambda h, spectrum: h / max(spectrum)),
    measures=distance_squared.at_average(first=400),
    claim=law(),
    domain=grid(spectrum=((1.0,), (2.0, 2.0)), sigma2=0.7, h=(0.1, 1.0, 1.8), k=(401, 402, 403, 410, 500)),
    on=quadratic.at(spectrum=lambda spectrum: spectrum),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    source="the autocovariance r^j v of the stationary iterates, summed; cf. Izmailov et al. 2018, section 3.4",
)
def swa_constant_lr(k, spectrum, sigma2, h):
    """The mean of N iterates of constant-step SGD on an isotropic quadratic, once they are stationary: with the
    correlation r = 1 - h between neighbours its variance is (1 + r)/(1 - r) times that of N independent ones, less
    a term of order 1/N^2. With short steps most of the iterates are wasted; with h > 1 they are better than
    independent. The first 400 steps are left out: by then the start is forgotten to rounding.
    """
    n, r = k - 400, 1 - h
    stationary = h * sigma2 / (max(spectrum) ** 2 * (2 - h))
    return stationary * ((1 + r) / (n * (1 - r)) - 2 * r * (1 - r**n) / (n**2 * (1 - r) ** 2))


@swa_constant_lr.control("the iterates taken to be independent")
def _(k, spectrum, sigma2, h):
    return h * sigma2 / (max(spectrum) ** 2 * (2 - h)) / (k - 400)


# --- least squares, without any dependence on the smallest eigenvalue --------------------------------------------


@functools.cache
def largest_error(seed, residual):
    """max_i (a_i . x* - y_i)^2: the mean of (a_i . x* - y_i)^2 a_i a_i' is at most that times the Hessian."""
    problem = least_squares(terms=12, dimension=3, residual=residual, spread=3.0, seed=seed)
    table = np.asarray(problem.table)
    return float(np.max((table[:, :-1] @ problem.minimizer - table[:, -1]) ** 2))


noisy_rows = least_squares.at(
    terms=12, dimension=3, residual=lambda residual: residual, spread=3.0, seed=lambda seed: seed
)


@theorem(
    method=sgd(step_size=lambda c, Lmax: c / Lmax),
    assumes=Quadratic & FiniteSum & ComponentsSmooth,
    noise=minibatch(batch=1),
    measures=suboptimality.at_average(),
    domain=grid(seed=(1, 2), residual=(0.5, 20.0), c=(0.1, 0.25, 0.9), k=(1, 2, 3, 10, 100, 300)),
    on=noisy_rows,
    matched=False,
    attained_by=noisy_rows,
    at_least=0.28,
    attained_at=grid(seed=2, residual=0.5, c=0.1, k=100),
    source="Bach & Moulines 2013, Theorem 1",
)
def bach_moulines_ls(k, c, seed, residual, Lmax, d, R):
    """The mean of the iterates of SGD with a constant step size below 1/Lmax on one random row a step of a
    least-squares problem: a rate of 1/k that does not depend on the smallest eigenvalue.

    Here sigma^2, with the mean of e_i^2 a_i a_i' at most sigma^2 H for the errors e_i at the minimizer, is their
    largest square, so that given instances are used. The variance part alone reaches 1/4 of the bound at most
    where c = 1/4.
    """
    variance = math.sqrt(largest_error(seed, residual) * d) / (1 - math.sqrt(c))
    return (variance + R * math.sqrt(Lmax / c)) ** 2 / (2 * k)


bach_moulines_ls.control(
    "the last iterate", measures=suboptimality.last, domain=grid(seed=1, residual=20.0, c=0.25, k=3000)
)
bach_moulines_ls.control(
    "rows that are taken to be shorter than they are",
    declare={"Lmax": lambda Lmax: 0.05 * Lmax},
    domain=grid(seed=1, residual=0.5, c=0.9, k=(100, 300)),
)
