"""The heavy-ball method beyond its optimal constants: where it is stable, and on functions that are only convex."""

import math
from typing import Any

import numpy as np

from problems.huber import huber
from problems.lessard import lessard
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import heavy_ball
from simlab.running.given import states
from simlab.vocabulary.assumptions import Convex, Smooth, StronglyConvex
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

# --- stability on quadratics -------------------------------------------------------------------------------------


def longest_stable_step(L, b, condition_number, steps):
    """The largest step size with which ``steps`` steps do not lead away from the minimizer, by bisection."""
    problem = quadratic(spectrum=(L / condition_number, L))
    low, high = 0.0, 8 / L
    while high - low > 1e-5 / L:
        middle = (low + high) / 2
        run = states(
            heavy_ball(step_size=middle, momentum=b), problem, np.ones((1, 2)), np.zeros((1, steps, 2))
        )
        end = np.abs(run[0, -1, 0]).max()
        low, high = (middle, high) if end <= 1 else (low, middle)
    return low


@theorem(
    experiment=longest_stable_step,
    claim=law(2e-3),
    domain=grid(L=(1.0, 50.0), b=(0.0, 0.3, 0.9, 0.99), condition_number=(1.0, 1e6), steps=4000),
    source="Polyak 1964; Polyak 1987, section 3.2.1",
)
def hb_quadratic_stability(L, b):
    """The heavy-ball method with momentum b converges on a quadratic with largest eigenvalue L for step sizes below
    2 (1 + b)/L, and diverges beyond: the threshold, to 0.2%, found by bisection from where it has led after 4000
    steps.
    """
    return 2 * (1 + b) / L


@hb_quadratic_stability.control("the threshold of gradient descent")
def _(L):
    return 2 / L


@hb_quadratic_stability.control("0.99 of the threshold")
def _(L, b):
    return 0.99 * 2 * (1 + b) / L


# --- convex functions: the average of the iterates ---------------------------------------------------------------


def worst_threshold(k, b, c):
    """The threshold of the Huber function that is hardest for the average of x_0, ..., x_k, by calculus: the
    iterates stay where it is linear, and lie reach * threshold below the start on average.
    """
    step, velocity, place, places = c * (1 - b), 0.0, 0.0, [0.0]
    for _ in range(k):
        velocity = b * velocity + 1
        place += velocity
        places.append(place)
    reach = step * sum(places) / len(places)
    gap, length = 2 * b / (1 - b), (1 - b) / step
    half = (reach + 1 / 2) * length
    return length / (half + math.sqrt(half**2 + gap * reach * length))


averaged: dict[str, Any] = {
    "method": heavy_ball(step_size=lambda b, c, L: c * (1 - b) / L, momentum=lambda b: b),
    "assumes": Convex & Smooth,
    "measures": suboptimality.at_average(lag=0),
    "where": lambda c: c <= 1,
}


@theorem(
    **averaged,
    domain=grid(b=(0.0, 0.3, 0.9), c=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
    attained_by=huber.at(threshold=worst_threshold),
    at_least=0.99,
    attained_at=grid(b=(0.0, 0.3, 0.9), c=1.0, k=(100, 200)),
    source="Ghadimi, Feyzmahdavian & Johansson 2015, Theorem 1",
)
def hb_ghadimi_average(k, b, c, L, D, R):
    """The heavy-ball method with momentum b and step size c (1 - b)/L, c <= 1, on smooth convex functions: the mean
    of x_0, ..., x_k. Attained as k grows, and for b = 0 (gradient descent) at every k.
    """
    return (2 * b / (1 - b) * D + L / c * R**2) / (2 * (k + 1))


hb_ghadimi_average.control(
    "a step size of 2.7/L",
    on=quadratic(spectrum=(1.0,)),
    domain=grid(b=0.3, c=1.0, k=(10, 100)),
    method=heavy_ball(step_size=lambda L: 2.7 / L, momentum=lambda b: b),
)


@hb_ghadimi_average.control("2% less", domain=grid(b=(0.0, 0.3), c=1.0, k=100))
def _(k, b, c, L, D, R):
    return 0.98 * (2 * b / (1 - b) * D + L / c * R**2) / (2 * (k + 1))


@hb_ghadimi_average.refuted(
    on=huber.at(threshold=worst_threshold),
    domain=grid(b=0.3, c=(1.5, 1.9, 1.99), k=(1, 2, 3, 10)),
    where=lambda c: c < 2,
    source="extended from c <= 1 to the step sizes with which the method is known to converge",
)
def hb_average_of_long_steps(k, b, c, L, D, R):
    """The bound on the average of the heavy-ball method for step sizes up to 2 (1 - b)/L, with which it still
    converges: the same right side fails there by up to 9%.
    """
    return (2 * b / (1 - b) * D + L / c * R**2) / (2 * (k + 1))


# --- convex functions: growing momentum --------------------------------------------------------------------------


@theorem(
    method=heavy_ball(step_size=lambda k, c, L: c / (L * (k + 2)), momentum=lambda k: k / (k + 2)),
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(c=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100, 1000)),
    attained_by=huber.at(threshold=lambda k, c: 1 / (c * k + 1)),
    at_least=0.999999,
    attained_at=grid(c=1.0, k=(1, 2, 3, 10, 100, 1000)),
    source="Ghadimi, Feyzmahdavian & Johansson 2015, Theorem 2; exact: Taylor & Bach 2019",
)
def hb_ghadimi_timevarying(k, c, L, R):
    """The heavy-ball method with step sizes c/(L (k + 2)), c <= 1, and momentum k/(k + 2) on smooth convex
    functions: the last iterate. Attained for c = 1.
    """
    return L * R**2 / (2 * c * (k + 1))


hb_ghadimi_timevarying.control(
    "a step that is 1.8 times as long as allowed", on=huber.at(threshold=lambda k, c: 1 / (c * k + 1)),
    domain=grid(c=1.8, k=(1, 2, 10)),
)  # fmt: skip
hb_ghadimi_timevarying.control(
    "momentum k/(k + 3)",
    method=heavy_ball(step_size=lambda k, c, L: c / (L * (k + 2)), momentum=lambda k: k / (k + 3)),
    domain=grid(c=1.0, k=(10, 100)),
)


# --- strongly convex functions -----------------------------------------------------------------------------------


@theorem(
    method=heavy_ball(
        step_size=lambda h, L: h / L, momentum=lambda h, L, mu: math.sqrt((1 - h * mu / L) * (1 - h))
    ),
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(h=(0.01, 0.1, 0.5, 0.9, 1.0), k=(1, 2, 3, 10, 60)),
    where=lambda h, L, mu: h * mu < L,
    on=lessard(start=3.3),
    attained_by=quadratic(spectrum=(1e-6, 1.0), start=(1.0, 0.0)),
    at_least=0.99,
    attained_at=grid(h=(0.1, 0.5, 1.0), k=(1, 3, 10)),
    source="Danilova, Kulakova & Polyak 2020; Ghadimi, Feyzmahdavian & Johansson 2015, Theorem 4",
)
def hb_strongly_convex_global(k, h, L, mu, D):
    """The heavy-ball method with step size h/L, h <= 1, and momentum sqrt((1 - h mu/L)(1 - h)) on smooth strongly
    convex functions, quadratic or not: the rate of gradient descent with this step size, in every step.
    """
    return (1 - h * mu / L) ** k * D


hb_strongly_convex_global.control(
    "the constants that are optimal on quadratics",
    method=heavy_ball(step_size=1 / 9, momentum=4 / 9),
    on=lessard(start=3.3),
    domain=grid(h=1.0, k=(60, 150)),
)
hb_strongly_convex_global.control(
    "momentum 0.99", method=heavy_ball(step_size=lambda h, L: h / L, momentum=0.99),
    on=quadratic(spectrum=(0.1, 1.0)), domain=grid(h=0.5, k=(10, 60)),
)  # fmt: skip


@hb_strongly_convex_global.control(
    "the cube of the rate", on=quadratic(spectrum=(0.1, 1.0), start=(1.0, 0.0))
)
def _(k, h, L, mu, D):
    return (1 - h * mu / L) ** (3 * k) * D
