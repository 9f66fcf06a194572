"""Losses smoothed with a Gaussian kernel: how smooth they are, and how stable SGD on them is."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from problems.losses import huber_loss, linear_loss
from problems.sampling import first_hit
from problems.smoothed_losses import pinball_loss
from simlab.kernels.arrays import Vector
from simlab.kernels.quantities import argument_stability
from simlab.optimizers.first_order import gradient_descent, sgd
from simlab.optimizers.landscape import lpf_sgd
from simlab.vocabulary.assumptions import ComponentsConvex, ComponentsLipschitz, ComponentsSmooth, FiniteSum
from simlab.vocabulary.theorem import grid, theorem


class Function(NamedTuple):
    """A derivative f', the points where it is not smooth, and the constants G and L that are claimed of f."""

    derivative: Callable[[Vector], Vector]
    kinks: tuple[float, ...]
    G: float
    L: float


FUNCTIONS = {
    "absolute value": Function(np.sign, (0.0,), 1.0, math.inf),
    "Huber": Function(lambda x: np.clip(x, -1, 1), (-1.0, 1.0), 1.0, 1.0),
    "hinge": Function(lambda x: np.where(x > 0, 1.0, 0.0), (0.0,), 1.0, math.inf),
    "bump": Function(lambda x: np.maximum(1 - np.abs(x), 0), (-1.0, 0.0, 1.0), 1.0, 1.0),
    "cosine": Function(lambda x: -np.sin(x), (), 1.0, 1.0),
    "parabola, G = 1 claimed": Function(lambda x: x, (), 1.0, math.inf),
}


def normal_expectation(function, breaks):
    """E function(u) for a standard normal u, with Gauss-Legendre quadrature between the breaks."""
    ends = np.union1d(np.arange(-12.0, 12.5, 0.5), np.clip(breaks, -12, 12))
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = np.diff(ends)[:, None] / 2
    u = ends[:-1, None] + half * (1 + nodes)
    return np.sum(half * weights * function(u) * np.exp(-(u**2) / 2)) / math.sqrt(2 * math.pi)


def smoothed_constant(name, s, constant):
    """The largest |f_s'| or |f_s''| at points of a grid: f_s' = E f'(x + s u), and s f_s'' = E u f'(x + s u)."""
    slope, kinks, G, L = FUNCTIONS[name]
    power = 0 if constant == "Lipschitz" else 1
    largest = max(
        abs(normal_expectation(lambda u, x=x: (u / s) ** power * slope(x + s * u), (np.array(kinks) - x) / s))
        for x in np.linspace(-8, 8, 65)
    )
    return largest, {"G": G, "L": L}


@theorem(
    experiment=smoothed_constant,
    observes=("G", "L"),
    domain=grid(
        name=tuple(name for name in FUNCTIONS if "claimed" not in name),
        s=(0.1, 0.5, 1.0, 4.0),
        constant=("Lipschitz", "smoothness"),
    ),
    at_least=1 - 1e-9,
    attained_at=grid(name="absolute value", s=(0.1, 1.0, 4.0), constant="smoothness"),
    source="Bisla, Wang & Choromanska 2022 claim min(G/s, L); the factor sqrt(2/pi) is E|u|, see the statement",
)
def gaussian_smoothing_smoothness(constant, s, G, L):
    """A G-Lipschitz and L-smooth function stays G-Lipschitz under Gaussian smoothing, f_s(x) = E f(x + s u) with a
    standard normal u, and becomes min(sqrt(2/pi) G/s, L)-smooth: a direction v has v'H v = E[(f'.v)(u.v)]/s, and
    E|u.v| = sqrt(2/pi). Equality for the absolute value. So smoothing lowers the smoothness only when s > 0.8 G/L.
    """
    return G if constant == "Lipschitz" else min(math.sqrt(2 / math.pi) * G / s, L)


@gaussian_smoothing_smoothness.control(
    "0.99 of the smoothness", domain=grid(name="absolute value", s=1.0, constant="smoothness")
)
def _(s, G, L):
    return 0.99 * min(math.sqrt(2 / math.pi) * G / s, L)


gaussian_smoothing_smoothness.control(
    "a parabola, which is not Lipschitz",
    domain=grid(name="parabola, G = 1 claimed", s=4.0, constant="smoothness"),
)


def longest_step(h, s, G):
    """h divided by the smoothness of G-Lipschitz losses that are smoothed by s."""
    return h * s / (math.sqrt(2 / math.pi) * G)


@theorem(
    method=sgd(step_size=longest_step),
    assumes=FiniteSum & ComponentsConvex & ComponentsLipschitz,
    noise=first_hit(steps=lambda k: k),
    measures=argument_stability.last,
    domain=grid(s=(0.05, 0.5, 2.0), h=(0.5, 2.0), k=(10, 100)),
    on=(
        pinball_loss.at(terms=20, smoothing=lambda s: s),
        pinball_loss.at(terms=10, smoothing=lambda s: s, steepest=3.0),
    ),
    attained_by=pinball_loss.at(terms=100, far=1e4, smoothing=lambda s: s),
    at_least=0.999,
    matched=False,
    source="Bisla, Wang & Choromanska 2022, with the smoothness of gaussian-smoothing-smoothness",
)
def lpf_sgd_convex_stability(k, s, h, n, G):
    """LPF-SGD with infinitely many perturbations a step, which is SGD on losses smoothed by a Gaussian of standard
    deviation s, on convex G-Lipschitz losses that need not be smooth: for step sizes up to 2 s / (sqrt(2/pi) G),
    replacing one example moves the k-th iterate by at most 2 G / n times the sum of the step sizes in expectation.
    Equality for opposite slopes. With finitely many perturbations it is false.

    The losses must be smoothed by s exactly, so only families that bring their smoothed form can be run.
    """
    return 2 * G / n * k * h * s / (math.sqrt(2 / math.pi) * G)


@lpf_sgd_convex_stability.control("half of the bound", domain=grid(s=0.5, h=2.0, k=10))
def _(k, s, h, n, G):
    return G / n * k * h * s / (math.sqrt(2 / math.pi) * G)


lpf_sgd_convex_stability.control(
    "4 perturbations a step of a loss that is not smooth, on the full batch",
    method=lpf_sgd(step_size=longest_step, smoothing=lambda s: s, perturbations=4),
    noise=(),
    on=pinball_loss.at(terms=200, smoothing=0.0, spread=0.0, start=0.3),
    domain=grid(s=0.5, h=2.0, k=10),
)
lpf_sgd_convex_stability.control(
    "a step size of 6/L, for which full batches are chaotic",
    method=gradient_descent(step_size=longest_step),
    noise=(),
    on=pinball_loss.at(terms=10_000, steepest=3.0, smoothing=0.5, spread=0.0, start=0.3),
    domain=grid(s=0.5, h=9.0, k=(20, 30)),  # L = (1 + 3)/(sqrt(2 pi) s) is two thirds of sqrt(2/pi) G/s
)


@theorem(
    method=lpf_sgd(
        step_size=lambda h, Lmax: h / Lmax,
        smoothing=lambda s: s,
        perturbations=lambda perturbations: perturbations,
    ),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & ComponentsLipschitz,
    noise=first_hit(steps=lambda k: k),
    measures=argument_stability.last,
    domain=grid(s=0.5, h=2.0, perturbations=(1, 4), k=(10, 50)),
    attained_by=(huber_loss(terms=100, far=1e4), linear_loss(terms=100)),
    at_least=0.999,
    source="derived: the growth recursion of Hardt, Recht & Singer 2016 for the mean over the perturbations",
)
def lpf_sgd_smooth_stability(k, h, n, Lmax, G):
    """LPF-SGD with any number of perturbations a step on convex, smooth, Lipschitz losses, with a step size up to
    2/Lmax: as stable as SGD. Coupled runs share the perturbations, and the mean of the perturbed gradients is the
    gradient of a convex Lmax-smooth function, so that a step on a common example brings no two points farther
    apart. Equality for opposite slopes.
    """
    return 2 * G * h / Lmax * k / n


@lpf_sgd_smooth_stability.control("half of the bound", domain=grid(s=0.5, h=2.0, perturbations=1, k=10))
def _(k, h, n, Lmax, G):
    return G * h / Lmax * k / n


lpf_sgd_smooth_stability.control(
    "the step size 2 s / (sqrt(2/pi) G) of infinitely many perturbations",
    method=lpf_sgd(step_size=longest_step, smoothing=lambda s: s, perturbations=4),
    declare={"Lmax": lambda s, G: math.sqrt(2 / math.pi) * G / s},
    noise=(),
    on=pinball_loss.at(terms=200, smoothing=0.005, spread=0.0, start=0.3),
    domain=grid(s=0.5, h=2.0, perturbations=4, k=10),
)
