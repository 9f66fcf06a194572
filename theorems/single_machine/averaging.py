"""Averages of the iterates of stochastic gradient descent."""

import numpy as np

from problems.noise import gaussian, signs, sphere
from problems.quadratic import quadratic
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.first_order import sgd
from simlab.vocabulary.claim import limit
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
