"""How first-order methods leave strict saddles: from random starts, by noise, and by one perturbation.

All laws are of the quadratic saddle, so they are checked on it alone; ``h`` is the step size times the negative
curvature.
"""

import math

import numpy as np

from problems.saddles import strict_saddle
from simlab.optimizers.first_order import gradient_descent, sgd
from simlab.running.given import states
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

CURVATURE, FLAT = 0.5, 1e100  # in a saddle of this width no iterate gets out


def first_coordinates(method, starts, samples, width):
    """The first coordinates of all runs after all steps, in a saddle of this width; the others start at 1."""
    saddle = strict_saddle(curvature=CURVATURE, width=width)
    begin = np.column_stack([starts, np.ones(len(starts))])
    noise = np.stack([samples, np.zeros_like(samples)], axis=-1)
    return states(method, saddle, begin, noise)[:, -1, 0, 0]


def still_inside(h, spread, k):
    """The part of the starts, uniform in +-spread, from which k steps do not leave +-1: by bisection, since later
    iterates grow with the start.
    """
    method, low, high = gradient_descent(step_size=h / CURVATURE), 0.0, spread
    for _ in range(22):
        starts = np.linspace(low, high, 21)
        inside = np.abs(first_coordinates(method, starts, np.zeros((21, k)), 1.0)) <= 1.0
        last = int(np.max(np.flatnonzero(inside)))
        low, high = starts[last], starts[min(last + 1, 20)]
    return low / spread


@theorem(
    experiment=still_inside,
    claim=law(1e-9),
    domain=grid(h=(0.1, 1.0), spread=(1.0, 2.0), k=(1, 2, 3, 60)),
    source="Lee, Simchowitz, Jordan & Recht 2016, Theorem 4 (with the rate of the quadratic saddle)",
)
def strict_saddle_random_init(k, h, spread):
    """Gradient descent from a uniformly random start leaves a strict saddle almost surely: the probability that it
    is still within the width 1 of it after k steps is exactly (1 + h)^-k, divided by the range of the starts.
    """
    return (1 + h) ** -k / spread


@strict_saddle_random_init.control(
    "starts on the stable manifold, which never leave", domain=grid(h=0.5, spread=2.0, k=10)
)
def _():
    return 0.5


@strict_saddle_random_init.control(
    "growth by 1/(1 - h) a step, of the implicit method", domain=grid(h=0.1, spread=1.0, k=10)
)
def _(k, h):
    return (1 - h) ** k


def noisy_variance(h, sigma2, k):
    """The variance of the first coordinate after k steps from the saddle: the sum of the squares of what each
    gradient noise alone adds, since inside the saddle steps are affine.
    """
    method = sgd(step_size=h / CURVATURE)
    samples = math.sqrt(sigma2) * np.eye(k)
    return np.sum(first_coordinates(method, np.zeros(k), samples, FLAT) ** 2)


@theorem(
    experiment=noisy_variance,
    claim=law(1e-9),
    domain=grid(h=(0.01, 0.1, 1.0), sigma2=(0.01, 4.0), k=(1, 2, 3, 10, 100)),
    source="Ge, Huang, Jin & Yuan 2015, section 4 (the recursion solved for the quadratic saddle)",
)
def noisy_gd_saddle_escape(k, h, sigma2):
    """Gradient descent with noise of variance sigma2, started in a strict saddle: the variance of the unstable
    coordinate grows exponentially, as (1 + h)^(2k), and not like that of a random walk.
    """
    return (h / CURVATURE) ** 2 * sigma2 * ((1 + h) ** (2 * k) - 1) / ((1 + h) ** 2 - 1)


@noisy_gd_saddle_escape.control("the variance of a random walk", domain=grid(h=0.1, sigma2=1.0, k=100))
def _(k, h, sigma2):
    return (h / CURVATURE) ** 2 * sigma2 * k


def noisy_stuck(h, width, k):
    """The probability of still being within the width after k steps with Gaussian noise of variance 1."""
    return math.erf(width / math.sqrt(2 * noisy_variance(h, 1.0, k)))


@theorem(
    experiment=noisy_stuck,
    domain=grid(h=(0.1, 1.0), width=(0.3, 3.0), k=(1, 2, 3, 30)),
    attained_at=grid(h=(0.1, 1.0), width=0.01, k=30),
    at_least=0.999,
    source="Ge, Huang, Jin & Yuan 2015, section 4 (the density of a normal law is largest at its mean)",
)
def noisy_gd_stuck_probability(k, h, width):
    """Gradient descent with Gaussian noise of variance 1 from a strict saddle: the probability that it is still
    within a width of it, which falls as (1 + h)^-k: a normal law puts at most its density at the mean times the
    length on an interval.
    """
    deviation = h / CURVATURE * math.sqrt(((1 + h) ** (2 * k) - 1) / ((1 + h) ** 2 - 1))
    return min(1.0, 2 * width / (math.sqrt(2 * math.pi) * deviation))


@noisy_gd_stuck_probability.control("0.99 of it", domain=grid(h=1.0, width=0.01, k=30))
def _(k, h, width):
    deviation = h / CURVATURE * math.sqrt(((1 + h) ** (2 * k) - 1) / ((1 + h) ** 2 - 1))
    return 0.99 * 2 * width / (math.sqrt(2 * math.pi) * deviation)


def stuck(dimension, h, radius, k):
    """The probability that k steps of gradient descent from a uniform point of the ball stay within the width 1.

    The first coordinate of such a point, squared and divided by radius^2, has the beta law with the parameters 1/2
    and (d + 1)/2; the growth is read off the method.
    """
    from scipy.special import betainc

    growth = first_coordinates(gradient_descent(step_size=h / CURVATURE), np.ones(1), np.zeros((1, k)), FLAT)[
        0
    ]
    return betainc(0.5, (dimension + 1) / 2, min(1.0, (1 / (growth * radius)) ** 2))


@theorem(
    experiment=stuck,
    domain=grid(dimension=(1, 2, 10, 200), h=(0.1, 1.0), radius=(0.1, 10.0), k=(1, 2, 3, 10, 60)),
    attained_at=grid(dimension=(1, 2, 50, 200), h=1.0, radius=0.1, k=(15, 40)),
    at_least=0.999,
    source="Jin, Ge, Netrapalli, Kakade & Jordan 2017 (the density at 0 of a coordinate in a ball)",
)
def pgd_stuck_probability(k, dimension, h, radius):
    """Gradient descent after one perturbation, uniform in a ball around a strict saddle: the probability that k
    steps do not leave the width 1, which grows with the square root of the dimension d only.

    A coordinate of a uniform point of the unit ball has at 0 its largest density, Gamma(d/2 + 1) / (sqrt(pi)
    Gamma((d + 1)/2)). Equality in the limit of thin slices.
    """
    slice_volume = math.exp(math.lgamma(dimension / 2 + 1) - math.lgamma((dimension + 1) / 2)) / math.sqrt(
        math.pi
    )
    return 2 * slice_volume / (radius * (1 + h) ** k)


@pgd_stuck_probability.control("free of the dimension", domain=grid(dimension=50, h=1.0, radius=0.1, k=15))
def _(k, h, radius):
    return 2 / (radius * (1 + h) ** k)
