"""Gradient descent on smooth functions: the descent lemma, gradients, averages, potentials, and textbook rates."""

from typing import Any

import numpy as np

from problems.huber import huber
from problems.power import power
from problems.quadratic import quadratic
from simlab.kernels.quantities import (
    distance_squared,
    gradient_norm,
    gradient_norm_squared,
    suboptimality,
)
from simlab.optimizers.first_order import gradient_descent
from simlab.running.given import states
from simlab.vocabulary.assumptions import Convex, Smooth, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))
descent = gradient_descent(step_size=lambda h, L: h / L)


@theorem(
    method=descent,
    assumes=Smooth,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=1),
    where=lambda h, L, D, g0: (
        D - h * (1 - h / 2) * g0**2 / L > 1e-9 * D
    ),  # else the step ends at the minimizer
    attained_by=quadratic(spectrum=(3.0,)),
    at_least=0.999,
    attained_at=grid(h=(0.1, 0.5, 1.5, 2.0, 4.0), k=1),
    source="Nesterov 2004, Lemma 1.2.3 and (1.2.12)",
)
def gd_descent_lemma(h, L, D, g0):
    """The descent lemma: one gradient step of any length on a smooth function, f(x_1) - f* in terms of f(x_0) -
    f* and |grad f(x_0)|. Equality on isotropic quadratics.
    """
    return D - h * (1 - h / 2) * g0**2 / L


gd_descent_lemma.control("half of the smoothness", declare={"L": lambda L: L / 2}, domain=grid(h=0.2, k=1))


@gd_descent_lemma.control("1.01 of the decrease", domain=grid(h=(0.5, 1.5), k=1))
def _(h, L, D, g0):
    return D - 1.01 * h * (1 - h / 2) * g0**2 / L


# --- rates of textbooks ----------------------------------------------------------------------------------------


@theorem(
    method=descent,
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100, 1000)),
    attained_by=huber.at(threshold=lambda k, h: 1 / (2 * k * h + 1)),
    at_least=0.476,
    attained_at=grid(h=1.0, k=(10, 100, 1000)),
    source="Bubeck 2015, section 3.2; Beck & Teboulle 2009, Theorem 3.1",
)
def gd_convex_textbook(k, h, L, R):
    """Gradient descent on smooth convex functions with a step size up to 1/L: twice the exact constant."""
    return L * R**2 / (2 * h * k)


# The exact constant is that of gd-convex-tight, on the same functions.
gd_convex_textbook.reaches(
    lambda k, h: h * k / (2 * h * k + 1),
    by=huber.at(threshold=lambda k, h: 1 / (2 * k * h + 1)),
    at=grid(h=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
)
gd_convex_textbook.control("a step size of 1.8/L, first step", on=scalar, domain=grid(h=1.8, k=1))


@gd_convex_textbook.control("0.47 of the bound", domain=grid(h=1.0, k=(10, 100)))
def _(k, h, L, R):
    return 0.47 * L * R**2 / (2 * h * k)


@theorem(
    method=descent,
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(h=1.0, k=(1, 2, 3, 10, 100)),
    attained_by=huber.at(threshold=lambda k: 1 / (2 * k + 1)),
    at_least=0.4166,
    attained_at=grid(h=1.0, k=1),
    source="Nesterov 2004, Corollary 2.1.2",
)
def gd_convex_nesterov(k, L, R):
    """Gradient descent with the step size 1/L on smooth convex functions: one to eight times the exact
    constant.
    """
    return 2 * L * R**2 / (k + 4)


# The exact constant is that of gd-convex-tight.
gd_convex_nesterov.reaches(
    lambda k: (k + 4) / (8 * k + 4),
    by=huber.at(threshold=lambda k: 1 / (2 * k + 1)),
    at=grid(h=1.0, k=(1, 2, 3, 10, 100)),
)


@gd_convex_nesterov.control("0.41 of the bound", domain=grid(h=1.0, k=1))
def _(k, L, R):
    return 0.41 * 2 * L * R**2 / (k + 4)


gd_convex_nesterov.control("a step size of 2.1/L", on=scalar, domain=grid(h=2.1, k=(10, 100)))


@theorem(
    method=gradient_descent(step_size=lambda h, L, mu: 2 * h / (L + mu)),
    assumes=Smooth & StronglyConvex,
    measures=distance_squared.last,
    domain=grid(h=(0.01, 0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
    where=lambda h, L, mu: h < 1 or mu < L,
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0)),
    at_least=0.999,
    attained_at=grid(mu=(0.3, 1e-2, 1e-6), h=1.0, k=(1, 2, 3, 10)),
    source="Nesterov 2004, Theorem 2.1.15",
)
def gd_sc_textbook(k, h, L, mu, R):
    """Gradient descent on smooth strongly convex functions with the step size 2h/(L + mu), h <= 1: exact for h
    = 1.

    For the step size 1/L it gives a factor (L - mu)/(L + mu), which is below the 1 - mu/L of other textbooks.
    """
    return (1 - 4 * h * mu * L / (L + mu) ** 2) ** k * R**2


gd_sc_textbook.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})
gd_sc_textbook.control(
    "a step size of 2.2/(L + mu)", on=quadratic(spectrum=(0.1, 1.0)), domain=grid(h=1.1, k=10)
)


# --- gradients -------------------------------------------------------------------------------------------------

short_and_long = grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 100))


@theorem(
    method=descent,
    assumes=Convex & Smooth,
    measures=gradient_norm.last,
    domain=short_and_long,
    attained_by=(huber.at(threshold=lambda k, h: 1 / (k * h + 1)), scalar),
    at_least=0.999,
    source="Teboulle & Vaisbourd 2023; Taylor, Hendrickx & Glineur 2017",
)
def gd_convex_gradnorm_tight(k, h, L, R):
    """Gradient descent on smooth convex functions: the gradient of the last iterate, for any step below 2/L."""
    return L * R * max(1 / (k * h + 1), abs(1 - h) ** k)


@gd_convex_gradnorm_tight.control("kh + 2 in place of kh + 1", domain=grid(h=1.0, k=10))
def _(k, h, L, R):
    return L * R / (k * h + 2)


@gd_convex_gradnorm_tight.control("without the long-step branch", domain=grid(h=1.9, k=3))
def _(k, h, L, R):
    return L * R / (k * h + 1)


@theorem(
    method=descent,
    assumes=Convex & Smooth,
    measures=gradient_norm_squared.last,
    domain=short_and_long,
    attained_by=(huber.at(threshold=lambda k, h: 1 / (k * h + 1)), scalar),
    at_least=0.999,
    source="Taylor, Hendrickx & Glineur 2017; Rotaru, Glineur & Patrinos 2024",
)
def gd_convex_gradnorm_from_gap(k, h, L, D):
    """Gradient descent on smooth convex functions: the gradient of the last iterate from the initial
    suboptimality, for any step size below 2/L.
    """
    return 2 * L * D * max(1 / (2 * k * h + 1), (1 - h) ** (2 * k))


@gd_convex_gradnorm_from_gap.control("2kh + 2 in place of 2kh + 1", domain=grid(h=1.0, k=10))
def _(k, h, L, D):
    return 2 * L * D / (2 * k * h + 2)


@gd_convex_gradnorm_from_gap.control("without the long-step branch", domain=grid(h=1.9, k=3))
def _(k, h, L, D):
    return 2 * L * D / (2 * k * h + 1)


# --- averages and potentials -----------------------------------------------------------------------------------


@theorem(
    method=descent,
    assumes=Convex & Smooth,
    measures=suboptimality.at_average(),
    domain=grid(h=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100, 500)),
    attained_by=huber.at(threshold=lambda k, h: 1 / ((k - 1) * h + 1)),
    at_least=0.999,
    attained_at=grid(h=1.0, k=(1, 2, 3, 10, 100, 500)),
    source="from 2 step (f(x) - f*) <= |x - x*|^2 - |x+ - x*|^2 for a step up to 1/L, summed, and convexity",
)
def gd_average_tight(k, h, L, R):
    """Gradient descent on smooth convex functions with a step size up to 1/L: the mean of x_0, ..., x_(k-1).
    The last iterate is better by a factor of 2.

    Exact for h = 1. For h < 1 the Huber function reaches kh / (kh + 1 - h) of it, and no function more for k <=
    8 and h = 1/2 (by performance estimation).
    """
    return L * R**2 / (2 * h * k)


gd_average_tight.control("a step size of 1.95/L", on=scalar, domain=grid(h=1.95, k=1))


@gd_average_tight.control("the exact constant of the last iterate", domain=grid(h=1.0, k=(1, 10)))
def _(k, h, L, R):
    return L * R**2 / (4 * k * h + 2)


INSTANCES: dict[str, Any] = {
    "quadratic": quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1),
    "scalar": quadratic(spectrum=(2.0,)),
    "Huber": huber(threshold=1 / 60),
    "wide Huber": huber(threshold=0.3, smoothness=3.0),
    "fourth power": power(power=4.0),
}


def along(instance, h, k, potential):
    """The largest potential after one of the steps 1, ..., k relative to that before it, with differences in
    units of the first one: 1 + max (V_(j+1) - V_j) / V_0.
    """
    problem = INSTANCES[instance]
    L = next(item.smoothness for item in problem.assumptions if isinstance(item, Smooth))
    run = states(
        gradient_descent(step_size=h / L),
        problem,
        np.array([problem.start]),
        np.zeros((1, k, problem.dimension)),
    )[0, :, 0]
    gaps = np.array([problem.value(x) - problem.minimum for x in run])
    slopes = np.array([np.sum(problem.gradient(x) ** 2) for x in run])
    distances = np.sum((run - problem.minimizer) ** 2, axis=1)
    values = potential(np.arange(k + 1), gaps, slopes, distances, L)
    return 1 + np.max(np.diff(values)) / values[0]


def plain_potential(instance, h, k):
    """Along V_k."""
    return along(instance, h, k, lambda j, gap, slope, distance, L: j * gap + L * distance / 2)


def full_potential(instance, h, k):
    """Along W_k."""
    return along(
        instance, h, k,
        lambda j, gap, slope, distance, L: (2 * j + 1) * gap + j * (j + 2) * slope / L + L * distance,
    )  # fmt: skip


def hasty_potential(instance, h, k):
    """W_k with a faster growth of its first coefficient."""
    return along(
        instance, h, k,
        lambda j, gap, slope, distance, L: (2.05 * j + 1) * gap + j * (j + 2) * slope / L + L * distance,
    )  # fmt: skip


@theorem(
    experiment=plain_potential,
    domain=grid(instance=tuple(INSTANCES), h=1.0, k=(1, 2, 3, 10, 50)),
    source="Bansal & Gupta 2019, Theorem 3.3",
)
def gd_potential():
    """Gradient descent with the step size 1/L on smooth convex functions: the potential V_k = k (f(x_k) - f*) +
    L |x_k - x*|^2 / 2 never grows. It implies the rate L R^2 / (2k).

    A relation between the iterates of one run, it is measured step by step on named functions.
    """
    return 1.0


gd_potential.control("a step size of 1.9/L", domain=grid(instance=("scalar", "quadratic"), h=1.9, k=(1, 10)))


@theorem(
    experiment=full_potential,
    domain=grid(instance=tuple(INSTANCES), h=1.0, k=(1, 2, 3, 10, 50)),
    attained_at=grid(instance="Huber", h=1.0, k=(1, 2, 3, 10, 50)),
    at_least=0.999,
    source="Taylor & Bach 2019, Theorem 3",
)
def gd_potential_tight():
    """Gradient descent with the step size 1/L on smooth convex functions: the potential W_k = (2k + 1) (f(x_k)
    - f*) + k (k + 2) |grad f(x_k)|^2 / L + L |x_k - x*|^2 never grows. It stays the same on the linear part of
    a Huber function, whatever its slope, and implies the exact rate L R^2 / (4k + 2).
    """
    return 1.0


gd_potential_tight.control("2.05 k + 1 in place of 2k + 1", experiment=hasty_potential)
gd_potential_tight.control(
    "a step size of 1.9/L", domain=grid(instance=("scalar", "quadratic"), h=1.9, k=(1, 10))
)
