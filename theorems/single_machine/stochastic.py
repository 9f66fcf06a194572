"""Stochastic gradient descent with noise of bounded variance, and under interpolation."""

import math

import numpy as np

from problems.huber import huber
from problems.least_squares import least_squares, orthogonal_least_squares
from problems.noise import gaussian, signs, sphere
from problems.quadratic import quadratic
from problems.sampling import minibatch
from simlab.kernels.quantities import distance_squared, gradient_norm_squared, suboptimality
from simlab.optimizers.first_order import sgd
from simlab.vocabulary.assumptions import (
    BoundedVariance,
    ComponentsConvex,
    ComponentsSmooth,
    FiniteSum,
    Interpolation,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))


@theorem(
    method=sgd(step_size=lambda h, spectrum: h / max(spectrum)),
    measures=suboptimality.last,
    claim=law(),
    domain=grid(spectrum=((1.0,), (0.05, 0.5, 1.0)), sigma2=0.3, h=(0.1, 1.0, 1.9), k=(1, 2, 3, 10, 60)),
    on=(
        quadratic.at(spectrum=lambda spectrum: spectrum),
        huber.at(smoothness=lambda spectrum: spectrum[0], threshold=1e6),
    ),
    where=lambda spectrum, d: len(spectrum) == d,
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    source="Bottou, Curtis & Nocedal 2018, section 4 (the recursion solved for a diagonal quadratic)",
)
def sgd_quadratic_exact(k, h, spectrum, sigma2):
    """SGD on a diagonal quadratic with additive noise spread evenly over the coordinates: the expected
    suboptimality at every step, exactly. The law needs the whole spectrum, so it is checked on given quadratics
    only: by exact moments on the quadratic, and by sampling on a Huber function that never leaves its parabola,
    which calibrates the sampling itself.
    """
    lam = np.array(spectrum)
    step = h / lam.max()
    kept = (1 - step * lam) ** (2 * k)
    return 0.5 * np.sum(lam * kept + step * sigma2 / len(lam) * (1 - kept) / (2 - step * lam))


@sgd_quadratic_exact.control(
    "2 in place of 2 - step * lam", domain=grid(spectrum=((1.0,),), sigma2=0.3, h=1.9, k=60)
)
def _(k, h, spectrum, sigma2):
    lam = np.array(spectrum)
    step = h / lam.max()
    kept = (1 - step * lam) ** (2 * k)
    return 0.5 * np.sum(lam * kept + step * sigma2 / len(lam) * (1 - kept) / 2)


sgd_quadratic_exact.control(
    "a variance that is 1% larger", noise=gaussian(variance=lambda sigma2: 1.01 * sigma2)
)


@theorem(
    method=sgd(step_size=lambda h, L: h / L),
    assumes=Smooth & StronglyConvex & BoundedVariance,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
    attained_by=scalar,
    at_least=0.999,
    attained_at=grid(h=1.0, k=(1, 10, 100)),
    source="Bottou, Curtis & Nocedal 2018, Theorem 4.6",
)
def sgd_sc_constant(k, h, L, mu, sigma2, D):
    """SGD with a constant step size up to 1/L on smooth strongly convex functions: linear convergence to a floor
    that is proportional to the step size.
    """
    floor = h * sigma2 / (2 * mu)
    return floor + (1 - h * mu / L) ** k * (D - floor)


@sgd_sc_constant.control("0.99 of the variance", domain=grid(h=1.0, k=(10, 100)))
def _(k, h, L, mu, sigma2, D):
    floor = 0.99 * h * sigma2 / (2 * mu)
    return floor + (1 - h * mu / L) ** k * (D - floor)


sgd_sc_constant.control(
    "a step size of 2.05/L", method=sgd(step_size=lambda L: 2.05 / L), domain=grid(h=1.0, k=(10, 100))
)


@theorem(
    method=sgd(step_size=lambda k, b, mu, L: b / mu / (b * L / mu + k)),
    assumes=Smooth & StronglyConvex & BoundedVariance,
    measures=suboptimality.last,
    domain=grid(b=(1.1, 2.0, 8.0), k=(1, 2, 3, 10, 30)),
    attained_by=scalar,
    at_least=0.46,
    attained_at=grid(b=8.0, k=100),
    source="Bottou, Curtis & Nocedal 2018, Theorem 4.7",
)
def sgd_sc_decay(k, b, L, mu, sigma2, D):
    """SGD with the step sizes (b/mu) / (b L/mu + k), b > 1, which begin at 1/L: suboptimality of order 1/k.

    Steps are counted from 0 here and from 1 in the source. On an isotropic quadratic the ratio tends to
    (b - 1) / (2b - 1), which is below 1/2: the bound is not tight, and 7/15 is what b = 8 can reach.
    """
    return max((b / mu) ** 2 * L * sigma2 / (2 * (b - 1)), b * L / mu * D) / (b * L / mu + k)


# In the limit, as the docstring says; and where the start counts, x^(2b - 1) with x = b kappa/(b kappa + k).
sgd_sc_decay.reaches(lambda b: (b - 1) / (2 * b - 1), by=scalar, at=grid(b=(2.0, 8.0), k=600), within=0.02)
sgd_sc_decay.reaches(
    lambda k, b: (b * 100 / (b * 100 + k)) ** (2 * b - 1),
    by=quadratic(spectrum=(1e-2, 1.0), start=(1e6, 0.0)),
    at=grid(b=(1.5, 2.0), k=(1, 100)),
    within=0.02,
)


@sgd_sc_decay.control("a noise term that is 2.5 times smaller", domain=grid(b=8.0, k=100), on=scalar)
def _(k, b, L, mu, sigma2, D):
    return (b / mu) ** 2 * L * sigma2 / (2.5 * 2 * (b - 1)) / (b * L / mu + k)


sgd_sc_decay.control("b = 0.3: the rate is k^-0.6 and not 1/k", domain=grid(b=0.3, k=(10, 100)), on=scalar)


def phases(K):
    """How many times K steps halve the step size, plus one."""
    return math.ceil(math.log2(K)) + 1


@theorem(
    method=sgd(step_size=lambda k, K, L: 0.5 ** (k * phases(K) // K) / L),
    assumes=Quadratic & Smooth & StronglyConvex & BoundedVariance,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    attained_by=scalar,
    at_least=0.2,
    attained_at=grid(k=(100, 1000)),
    source="as Ge, Kakade, Kidambi & Netrapalli 2019, Theorem 2 (for least squares), with these constants",
)
def sgd_step_decay(k, L, mu, D, sigma2):
    """SGD on strongly convex quadratics with additive noise, with a step size that is halved n - 1 times, after
    equal numbers N of steps, n = ceil(log2(k)) + 1: the last of k iterates is worse than the best mean of iterates
    by a factor of order log(k), and no strong convexity need be known.

    Along the eigenvalue l the noise of the phase with the step size a leaves a/(2 l (1 - a l/2)) <= a/l times its
    variance, which what follows shrinks by exp(-2 N l (a - 2^(1-n)/L)) at least. With y = 2 N l a the sum over all
    phases is one of y exp(-y) over powers of 2, which is 1.4428 at most; 2^(1-n) 2 N <= 2/n.
    """
    n = phases(k)
    N = k // n
    return math.exp(-2 * N * mu / L) * D + 1.4428 / 4 * math.exp(2 / n) * sigma2 / (mu * N)


sgd_step_decay.control(
    "a constant step size", method=sgd(step_size=lambda L: 1 / L), on=scalar, domain=grid(k=(100, 1000))
)
sgd_step_decay.control(
    "step sizes that fall off too early",
    method=sgd(step_size=lambda k, L: 0.5**k / L),
    on=quadratic(spectrum=(0.1, 1.0)),
    domain=grid(k=1000),
)


@sgd_step_decay.control("without the logarithm", on=scalar, domain=grid(k=(100, 1000)))
def _(k, L, mu, D, sigma2):
    return math.exp(-2 * k * mu / L) * D + 1.4428 / 4 * sigma2 / (mu * k)


@theorem(
    method=sgd(step_size=lambda h, L: h / L),
    assumes=Smooth & BoundedVariance,
    measures=gradient_norm_squared.mean(),
    domain=grid(h=(0.2, 1.0, 1.8), k=(1, 2, 3, 10, 30)),
    attained_by=scalar,
    at_least=0.99,
    attained_at=grid(h=(0.2, 1.0, 1.5), k=1000),
    source="Ghadimi & Lan 2013, Theorem 2.1; Bottou, Curtis & Nocedal 2018, Theorem 4.8",
)
def sgd_nonconvex_constant(k, h, L, sigma2, D):
    """SGD with a constant step size below 2/L on any smooth function that is bounded below: the mean squared
    gradient norm of the iterates before step k.
    """
    return (2 * D * L / (k * h) + h * sigma2) / (2 - h)


@sgd_nonconvex_constant.control("0.98 of the variance", domain=grid(h=1.5, k=1000))
def _(k, h, L, sigma2, D):
    return (2 * D * L / (k * h) + 0.98 * h * sigma2) / (2 - h)


sgd_nonconvex_constant.control(
    "a step size of 2.05/L in the bound for 1.8/L",
    method=sgd(step_size=lambda L: 2.05 / L),
    domain=grid(h=1.8, k=(100, 1000)),
)


@theorem(
    method=sgd(step_size=lambda h, Lmax: h / Lmax),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & Interpolation & StronglyConvex,
    noise=minibatch(batch=1),
    measures=distance_squared.last,
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 100)),
    attained_by=orthogonal_least_squares(terms=5),
    at_least=0.999,
    source="Needell, Srebro & Ward 2016, Theorem 2.1 with zero residual; Vaswani, Bach & Schmidt 2019, section 3",
)
def sgd_interpolation_linear(k, h, Lmax, mu, R):
    """SGD on one random term a step, when one point minimizes all terms: linear convergence without a floor,
    for any step size below 2/Lmax. Equality on orthogonal rows, whatever the step size.
    """
    return (1 - h * mu / Lmax * (2 - h)) ** k * R**2


@sgd_interpolation_linear.control(
    "the smoothness of the mean in place of that of the terms", domain=grid(h=1.0, k=1)
)
def _(k, h, Lmax, mu, R):
    return (1 - h * mu / Lmax * (2 - h * mu / Lmax)) ** k * R**2


sgd_interpolation_linear.control(
    "an inconsistent system", on=least_squares(terms=6, dimension=2, residual=1.0), domain=grid(h=0.5, k=100)
)
sgd_interpolation_linear.control(
    "the step size 1/L of the mean on orthogonal rows",
    method=sgd(step_size=lambda Lmax, mu: 1 / mu),
    domain=grid(h=1.0, k=(1, 10)),
)
