"""The unadjusted Langevin algorithm on Gaussian targets, whose law after k steps is Gaussian and known."""

import math

import numpy as np

from problems.quadratic import quadratic
from problems.standard_normal import standard_normal
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.langevin import unadjusted_langevin
from simlab.running.given import states
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=unadjusted_langevin(step_size=lambda h, spectrum: h / max(spectrum)),
    measures=distance_squared.last,
    claim=law(),
    domain=grid(
        spectrum=((1.0,), (0.1, 0.5, 1.0)), h=(0.01, 1.0, 1.9), start=(0.0, 5.0), k=(1, 2, 3, 10, 100)
    ),
    on=quadratic.at(
        spectrum=lambda spectrum: spectrum, start=lambda spectrum, start: (start,) * len(spectrum)
    ),
    noise=standard_normal(),
    matched=False,
    source="Dalalyan 2017, section 3 (the recursion solved for a Gaussian target)",
)
def langevin_ula_variance(k, h, spectrum, start):
    """The unadjusted Langevin algorithm for a Gaussian target with the precisions lam: the mean squared distance
    from its mode, exactly. A coordinate ends with the variance 1/(lam (1 - step lam/2)) in place of 1/lam.

    The law needs the whole spectrum, so it is checked on given quadratics only.
    """
    lam = np.array(spectrum)
    step = h / lam.max()
    kept = (1 - step * lam) ** (2 * k)
    return np.sum(kept * start**2 + (1 - kept) / (lam * (1 - step * lam / 2)))


@langevin_ula_variance.control(
    "the variance of the target", domain=grid(spectrum=((1.0,),), h=0.5, start=0.0, k=100)
)
def _(spectrum):
    return sum(1 / lam for lam in spectrum)


def wasserstein(kappa, h, start, k):
    """W2 between the law of x_k and the Gaussian target with precisions 1 and kappa, h = step_size (1 + kappa)/2.

    x_k is affine in the draws. Its mean is where the method goes without them, and the variance of a coordinate is
    the sum of the squares of what each draw alone, of size 1, adds to it.
    """
    target = quadratic(spectrum=(1.0, kappa), start=(start, start))
    method = unadjusted_langevin(step_size=2 * h / (1 + kappa))
    samples = np.zeros((k + 1, k, 2))
    samples[np.arange(1, k + 1), np.arange(k)] = 1.0
    ends = states(method, target, np.full((k + 1, 2), start), samples)[:, -1, 0]
    deviation = np.sqrt(np.sum((ends[1:] - ends[0]) ** 2, axis=0))
    return math.sqrt(np.sum(ends[0] ** 2) + np.sum((deviation - 1 / np.sqrt([1.0, kappa])) ** 2))


@theorem(
    experiment=wasserstein,
    domain=grid(kappa=(1.0, 1000.0), h=(0.01, 1.0), start=(0.0, 10.0), k=(1, 2, 3, 100)),
    attained_at=grid(kappa=1.0, h=1e-4, start=10.0, k=(1, 10)),
    at_least=0.99,
    source="Dalalyan & Karagulyan 2019, Theorem 1",
)
def langevin_ula(k, kappa, h, start):
    """The unadjusted Langevin algorithm with step sizes up to 2/(m + M), for a target exp(-f) with an m-strongly
    convex and M-smooth f: the Wasserstein distance W2 from the target after k steps from one point.

    On Gaussian targets, here with the precisions m = 1 and M = kappa, the distance is known in closed form, and the
    means and variances are read off the method itself. The first term is reached; the second is loose there.
    """
    step = 2 * h / (1 + kappa)
    first = math.sqrt(2 * start**2 + 1 + 1 / kappa)
    return (1 - step) ** k * first + 1.65 * kappa * math.sqrt(2 * step)


langevin_ula.control("a step size of 2.1/M", domain=grid(kappa=10.0, h=1.05 * 1.1, start=10.0, k=100))


@langevin_ula.control("0.98 of the first term", domain=grid(kappa=1.0, h=1e-4, start=10.0, k=1))
def _(k, kappa, h, start):
    step = 2 * h / (1 + kappa)
    first = math.sqrt(2 * start**2 + 1 + 1 / kappa)
    return 0.98 * (1 - step) ** k * first + 1.65 * kappa * math.sqrt(2 * step)


@langevin_ula.control("a floor of order step", domain=grid(kappa=1.0, h=0.01, start=10.0, k=1000))
def _(k, kappa, h, start):
    step = 2 * h / (1 + kappa)
    return (1 - step) ** k * start + kappa * step**2 / 4
