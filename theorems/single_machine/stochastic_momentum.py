"""Momentum with stochastic gradients: what it is the same as, what it guarantees, and what it cannot do."""

import math

import numpy as np

from problems.huber import huber
from problems.least_squares import orthogonal_least_squares
from problems.noise import gaussian, signs, sphere
from problems.norms import euclidean_norm
from problems.quadratic import quadratic
from problems.sampling import minibatch
from simlab.kernels.quantities import distance_squared, gradient_norm_squared, suboptimality
from simlab.optimizers.first_order import sgd, sgd_momentum
from simlab.optimizers.stochastic_momentum import (
    averaged_momentum,
    iterate_averaging_momentum,
    stochastic_unified_momentum,
)
from simlab.running.given import states
from simlab.running.simulate import case_of, curve
from simlab.vocabulary.assumptions import BoundedVariance, Convex, Lipschitz, Smooth
from simlab.vocabulary.claim import IDENTITY, law
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))

# --- the stochastic unified form ---------------------------------------------------------------------------------

# The shift of the unified form, with the method that it is the same as.
SHIFTS = {"heavy ball": lambda b: 0.0, "nesterov": lambda b: 1.0, "sgd": lambda b: 1 / (1 - b)}
METHODS = {
    "heavy ball": lambda b: sgd_momentum(step_size=0.05, momentum=b),
    "nesterov": lambda b: sgd_momentum(step_size=0.05, momentum=b, nesterov=1.0),
    "sgd": lambda b: sgd(step_size=0.05 / (1 - b)),
}


def iterates(method, steps):
    """x_0, ..., x_steps on a quadratic, with noise that is the same for every method."""
    problem = quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1)
    noise = np.random.default_rng(0).standard_normal((1, steps, 3))
    return states(method, problem, np.asarray(problem.start)[None], noise)[0, :, 0]


def unified(name, momentum, checkpoints):
    """|x_k| of the unified form with the shift that belongs to the name."""
    method = stochastic_unified_momentum(step_size=0.05, momentum=momentum, shift=SHIFTS[name](momentum))
    return np.linalg.norm(iterates(method, checkpoints[-1]), axis=1)[list(checkpoints)]


@theorem(
    experiment=unified,
    claim=IDENTITY,
    domain=grid(name=tuple(SHIFTS), momentum=(0.0, 0.5, 0.9), k=(1, 2, 3, 30, 300)),
    source="Yang, Lin & Li 2016, section 3",
)
def sum_equivalences(k, name, momentum):
    """The stochastic unified form of momentum is, with the same noise, step by step the heavy-ball method (shift
    0), Nesterov's momentum (1, at the extrapolated point) and plain SGD with the step size a/(1 - b) (1/(1 - b)):
    the lengths of the iterates are compared.
    """
    return float(np.linalg.norm(iterates(METHODS[name](momentum), k)[-1]))


@sum_equivalences.control(
    "heavy ball taken for Nesterov's momentum", domain=grid(name="heavy ball", momentum=0.9, k=(3, 30))
)
def _(k, momentum):
    return float(np.linalg.norm(iterates(METHODS["nesterov"](momentum), k)[-1]))


@sum_equivalences.control(
    "SGD without the longer step size", domain=grid(name="sgd", momentum=0.5, k=(3, 30))
)
def _(k):
    return float(np.linalg.norm(iterates(sgd(step_size=0.05), k)[-1]))


@theorem(
    method=stochastic_unified_momentum(
        step_size=lambda c, b, R, G: c * (1 - b) * R / G, momentum=lambda b: b, shift=lambda s: s
    ),
    assumes=Convex & Lipschitz & BoundedVariance,
    measures=suboptimality.at_average(lag=0),
    domain=grid(c=(0.01, 0.3), b=(0.0, 0.9), s=(0.0, 10.0), k=(1, 2, 3, 30)),
    where=lambda b, s: b > 0 or s == 0,
    attained_by=euclidean_norm(),
    at_least=0.95,
    attained_at=grid(c=0.01, b=0.0, s=0.0, k=100),
    source="Yang, Lin & Li 2016, before the step size is chosen",
)
def sum_convex(k, c, b, s, G, R, D, sigma2):
    """The unified form of stochastic momentum with any constant step size a, on convex functions with subgradients
    bounded by G: the mean of x_0, ..., x_k. Heavy ball for s = 0, Nesterov's momentum for s = 1, SGD for
    s = 1/(1 - b).

    z = x + b/(1 - b) (x_k - x_(k-1) + s a G_(k-1)) moves like SGD with the step size a/(1 - b). With b = 0 short
    steps towards a kink attain it.
    """
    step = c * R / G  # a / (1 - b)
    momentum = b * D / ((1 - b) * (k + 1))
    return momentum + R**2 / (2 * step * (k + 1)) + step * (1 + 2 * s * b) * (G**2 + sigma2) / 2


# One step down a slope of 1, of (1 - b)(1 + b s)/10, of the bound 1/2 + 5/2 + 3/10 with noise of the variance 1.
sum_convex.reaches(19 / 66, by=euclidean_norm(), at=grid(c=0.1, b=0.5, s=2.0, k=1), within=0.001)
sum_convex.control(
    "a step size that is not scaled by 1 - b",
    method=stochastic_unified_momentum(
        step_size=lambda c, R, G: 8 * c * R / G, momentum=lambda b: b, shift=lambda s: s
    ),
    on=huber(threshold=0.01),
    noise=gaussian(variance=0.0),
    domain=grid(c=0.3, b=0.9, s=0.0, k=100),
)


@theorem(
    method=stochastic_unified_momentum(
        step_size=lambda c, b, L: c * (1 - b) / L, momentum=lambda b: b, shift=lambda s: s
    ),
    assumes=Smooth & Lipschitz & BoundedVariance,
    measures=gradient_norm_squared.mean(lag=0),
    domain=grid(c=(0.2, 0.5), b=(0.0, 0.9), s=(0.0, 1.0, 10.0), k=(1, 30)),
    where=lambda b, s: b > 0 or s == 0,
    attained_by=huber(threshold=1e6),
    at_least=0.6,
    attained_at=grid(c=0.5, b=0.9, s=10.0, k=100),
    source="Yang, Lin & Li 2016, before the step size is chosen",
)
def sum_nonconvex(k, c, b, s, L, G, D, sigma2):
    """The unified form of stochastic momentum with a step size up to (1 - b)/(2L), on smooth functions with bounded
    gradients: the mean squared gradient norm of x_0, ..., x_k. Heavy ball for s = 0, Nesterov's momentum for
    s = 1, SGD for s = 1/(1 - b), where nothing depends on G.
    """
    spread = b**2 * ((1 - b) * s - 1) ** 2 * (G**2 + sigma2) + sigma2 * (1 - b) ** 2
    return 2 * L * D / (c * (k + 1)) + c * spread / (1 - b) ** 2


# One step from 1 on a parabola, of SGD and of heavy ball, with noise of the variance 1; no slope reaches 2.
sum_nonconvex.reaches(1 / 2, by=huber(threshold=2.0), at=grid(c=0.5, b=0.5, s=2.0, k=1), within=0.001)
sum_nonconvex.reaches(13 / 64, by=huber(threshold=2.0), at=grid(c=0.5, b=0.5, s=0.0, k=1), within=0.001)
sum_nonconvex.control(
    "a step size of 3 (1 - b)/L",
    method=stochastic_unified_momentum(
        step_size=lambda b, L: 3 * (1 - b) / L, momentum=lambda b: b, shift=lambda s: s
    ),
    domain=grid(c=0.5, b=0.9, s=10.0, k=100),
)


@sum_nonconvex.control("0.6 of the noise term", domain=grid(c=0.5, b=0.9, s=10.0, k=300))
def _(k, c, b, s, L, G, D, sigma2):
    spread = b**2 * ((1 - b) * s - 1) ** 2 * (G**2 + sigma2) + sigma2 * (1 - b) ** 2
    return 2 * L * D / (c * (k + 1)) + 0.6 * c * spread / (1 - b) ** 2


# --- momentum as a moving average --------------------------------------------------------------------------------


def longest_step(b, L):
    """The longest step size of the theorem, (1 - b)/L over the larger of two roots."""
    return (1 - b) / (L * max(math.sqrt(4 - b + b**2), 2 * math.sqrt(2 * (b + b**2))))


@theorem(
    method=averaged_momentum(step_size=lambda c, b, L: c * longest_step(b, L), momentum=lambda b: b),
    assumes=Smooth & BoundedVariance,
    measures=gradient_norm_squared.mean(),
    domain=grid(c=(0.1, 1.0), b=(0.0, 0.9, 0.99), k=(1, 2, 3, 30)),
    attained_by=scalar,
    at_least=0.6,
    attained_at=grid(c=1.0, b=0.0, k=300),
    source="Liu, Gao & Yin 2020, Theorem 1",
)
def sgdm_liu_gao_yin(k, c, b, L, D, sigma2):
    """Momentum SGD, with the momentum a moving average of gradients, on any smooth function that is bounded below:
    the mean squared gradient norm before step k is bounded as that of SGD, for momentum up to 1.

    On a parabola without momentum the ratio tends to 2/3 with the longest step size, 1/(2L).
    """
    step = c * longest_step(b, L)
    return 2 * D / (k * step) + ((b + 3 * b**2) / (2 * (1 + b)) + 1) * L * step * sigma2


# The gradient 1/2 at the start on x^2, and noise of the variance 1: the bound is 1/2 + 1/2 without momentum.
low = quadratic(spectrum=(2.0,), start=(0.25,))
sgdm_liu_gao_yin.reaches(1 / 4, by=low, at=grid(c=1.0, b=0.0, k=1))
sgdm_liu_gao_yin.reaches(
    1 / 4 / (math.sqrt(6) / 2 + 17 / (24 * math.sqrt(6))), by=low, at=grid(c=1.0, b=0.5, k=1)
)
sgdm_liu_gao_yin.control(
    "gradients that are not scaled by 1 - b",
    method=sgd_momentum(step_size=lambda b, L: longest_step(b, L), momentum=lambda b: b),
    domain=grid(c=1.0, b=0.9, k=1000),
)


@sgdm_liu_gao_yin.control("0.6 of the noise term", domain=grid(c=1.0, b=0.0, k=300))
def _(k, c, b, L, D, sigma2):
    step = c * longest_step(b, L)
    return 2 * D / (k * step) + 0.6 * ((b + 3 * b**2) / (2 * (1 + b)) + 1) * L * step * sigma2


# --- the last iterate --------------------------------------------------------------------------------------------


@theorem(
    method=iterate_averaging_momentum(step_size=lambda h, L: h / L),
    assumes=Convex & Smooth & BoundedVariance,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 1.0), k=(1, 2, 3, 10, 100)),
    noise=[gaussian(variance=0.0), gaussian(variance=1.0), signs(variance=1.0), sphere(variance=1.0)],
    attained_by=huber.at(threshold=lambda k: 2 / (k + 1), start=2.0),
    at_least=0.999,
    attained_at=grid(h=1.0, k=(1, 2, 3, 10, 100)),
    source="Sebbouh, Gower & Defazio 2021, section 3, with noise of bounded variance",
)
def shb_last_iterate(k, h, L, R, sigma2):
    """The heavy-ball method with momentum k/(k + 2) and the step size a/(k + 2), a <= 1/L, on smooth convex
    functions: its last iterate is as good as the mean of the iterates of SGD with the step size a.

    z_(k+1) = z_k - a G_k for z_k = x_k + k (x_k - x_(k-1)). Attained without noise.
    """
    return L * R**2 / (2 * h * (k + 1)) + h * sigma2 / (2 * L)


shb_last_iterate.control(
    "a step size of 6/L",
    method=iterate_averaging_momentum(step_size=lambda L: 6 / L),
    on=quadratic(spectrum=(0.1, 1.0)),
    domain=grid(h=1.0, k=(1, 2)),
)


@shb_last_iterate.control("k + 2 in place of k + 1", domain=grid(h=1.0, k=(1, 10)))
def _(k, h, L, R, sigma2):
    return L * R**2 / (2 * h * (k + 2)) + h * sigma2 / (2 * L)


# --- laws on quadratics ------------------------------------------------------------------------------------------


@theorem(
    method=sgd_momentum(step_size=lambda h, lam: h / lam, momentum=lambda b: b),
    measures=distance_squared.last,
    claim=law(),
    domain=grid(b=(0.0, 0.5, 0.9), h=(0.1, 1.9, 3.5), lam=2.0, sigma2=0.7, k=600),
    where=lambda b, h: h < 1.9 * (1 + b) + 0.1,
    on=quadratic.at(spectrum=lambda lam: (lam,)),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    source="the stationary second moments of the recursion; cf. Mandt, Hoffman & Blei 2017, section 4.4",
)
def hb_stochastic_stationary(b, h, lam, sigma2):
    """The heavy-ball method with constant step size a and additive noise on a parabola: the stationary variance,
    reached to rounding by step 600. At equal a/(1 - b) it tends to that of SGD for short steps.

    The law is about a given curvature, so it is checked on parabolas made of it.
    """
    return h * sigma2 * (1 + b) / (lam**2 * (1 - b) * (2 * (1 + b) - h))


@hb_stochastic_stationary.control(
    "SGD's variance at the same step size", domain=grid(b=0.9, h=0.1, lam=2.0, sigma2=0.7, k=600)
)
def _(h, lam, sigma2):
    return h * sigma2 / (lam**2 * (2 - h))


def second_moment_growth(step, momentum, terms, nesterov):
    """The factor a step by which E|x_k|^2 of momentum SGD on orthogonal rows changes, between steps 300 and 600."""
    method = sgd_momentum(step_size=step, momentum=momentum, nesterov=nesterov)
    problem = orthogonal_least_squares(terms=terms)
    case = case_of("growth", method, problem, distance_squared.last, (300, 600), minibatch(batch=1))
    early, late = curve(case).mean
    return (late / early) ** (1 / 300)


@theorem(
    experiment=second_moment_growth,
    claim=law(1e-6),
    domain=grid(step=(0.1, 0.5, 1.0), momentum=(0.0, 0.9), terms=(3, 10), nesterov=1.0),
    source="Liu & Belkin 2020, section 3 (divergence of SGD with Nesterov's momentum)",
)
def nag_stochastic_divergence(step, momentum, terms):
    """SGD with Nesterov's momentum on orthogonal rows, which one point fits: E|x_k|^2 changes by the spectral
    radius of the second moments of one coordinate. With the momentum 0.9 it grows at the step sizes 1 and 1/2,
    though without momentum it falls by 1 - 1/10 a step at 1.

    A coordinate with its buffer, (x, b), moves by (x - step b', momentum b + x) when its row is drawn, with the
    look-ahead b' = g + momentum (momentum b + g), and with g = 0 else.
    """
    hit = np.array([[1 - step * (1 + momentum), -step * momentum**2], [1, momentum]])
    miss = np.array([[1, -step * momentum**2], [0, momentum]])
    moments = np.kron(hit, hit) / terms + (1 - 1 / terms) * np.kron(miss, miss)
    return float(np.abs(np.linalg.eigvals(moments)).max())


@nag_stochastic_divergence.control(
    "convergence at the rate of SGD, 1 - 1/n", domain=grid(step=1.0, momentum=0.9, terms=10, nesterov=1.0)
)
def _(terms):
    return 1 - 1 / terms


nag_stochastic_divergence.control(
    "heavy ball in place of Nesterov's momentum",
    domain=grid(step=1.0, momentum=0.9, terms=10, nesterov=0.0),
)
