"""Gradient descent with Polyak's step size, and with that of Malitsky and Mishchenko."""

import math
from typing import Any

import numpy as np

from problems.huber import huber
from problems.max_affine import max_affine
from problems.norms import euclidean_norm
from problems.polyhedral import polyhedral
from problems.power import power
from problems.quadratic import quadratic
from simlab.kernels.quantities import distance_squared, suboptimality
from simlab.optimizers.adaptive_steps import adgd as adgd_method
from simlab.optimizers.adaptive_steps import polyak_step
from simlab.optimizers.first_order import gradient_descent
from simlab.running.given import states
from simlab.vocabulary.assumptions import Convex, Lipschitz, Smooth, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem

polyak = polyak_step(minimum=lambda f_star: f_star)
twice = polyak_step(minimum=lambda f_star: f_star, scale=2.0)


@theorem(
    method=polyak,
    assumes=Convex & Lipschitz,
    measures=suboptimality.best(lag=1),
    domain=grid(k=(1, 2, 3, 10, 100, 400)),
    attained_by=max_affine.at(dimension=lambda k: k),
    at_least=0.999,
    source="Polyak 1969; Hazan & Kakade 2019",
)
def polyak_step_lipschitz(k, G, R):
    """Polyak's step size (f(x) - f*)/|g|^2 on convex Lipschitz functions: the best of x_0, ..., x_(k-1)."""
    return G * R / math.sqrt(k)


polyak_step_lipschitz.control(
    "a minimum that is understated: |x| never gets below 0.3",
    method=polyak_step(minimum=lambda f_star: f_star - 0.3),
    on=euclidean_norm(),
    domain=grid(k=400),
)


@polyak_step_lipschitz.control("1.01 times the steps", domain=grid(k=(10, 100)))
def _(k, G, R):
    return G * R / math.sqrt(1.01 * k)


# Five short steps to the corners x_3 = 0, ..., x_7 = 0, then a long one down a gentle slope, into a steep one.
last_step_climbs = polyhedral.at(
    slopes=(
        *(tuple(float(i == j) for j in range(7)) for i in range(2, 7)),
        (0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (-math.sqrt(0.5), math.sqrt(0.5), 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ),
    start=(math.sqrt(0.5), math.sqrt(0.5), *(0.05 - 0.001 * j for j in range(5))),
)


@polyak_step_lipschitz.refuted(
    measures=suboptimality.last,
    on=last_step_climbs,
    domain=grid(k=6),
    source="lecture notes that state the rate of the best iterate for x_k itself",
)
def polyak_step_last_iterate(k, G, R):
    """Polyak's step size on convex Lipschitz functions, with the last iterate in place of the best one. The exact
    order of the last iterate is k^(-1/4) (Zamani & Glineur 2024).
    """
    return G * R / math.sqrt(k)


@theorem(
    method=polyak,
    assumes=Convex & Smooth,
    measures=suboptimality.best(lag=1),
    domain=grid(k=(1, 2, 3, 10, 100)),
    attained_by=quadratic(spectrum=(1.0,)),
    at_least=0.249,
    attained_at=grid(k=1),
    source="Hazan & Kakade 2019",
)
def polyak_step_smooth(k, L, R):
    """Polyak's step size on smooth convex functions: the best of x_0, ..., x_(k-1).

    It adds up what (f - f*)^2 / |g|^2 >= (f - f*) / (2L) leaves of R^2. One step reaches 1/4 of it at most.
    """
    return 2 * L * R**2 / k


# Every step halves x.
polyak_step_smooth.reaches(lambda k: k / 4**k, by=quadratic(spectrum=(1.0,)), at=grid(k=(1, 2, 3)))


@polyak_step_smooth.control("0.24 of the bound", domain=grid(k=1))
def _(k, L, R):
    return 0.24 * 2 * L * R**2 / k


polyak_step_smooth.control(
    "the constant step size 2.5/L",
    method=gradient_descent(step_size=lambda L: 2.5 / L),
    on=quadratic(spectrum=(1.0,)),
    domain=grid(k=(10, 100)),
)


@theorem(
    method=polyak,
    assumes=Smooth & StronglyConvex,
    measures=distance_squared.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    attained_by=quadratic(spectrum=(0.1, 1.0), start=(2.0, 2 * math.sqrt(0.1))),
    at_least=0.771,
    attained_at=grid(k=1),
    source="Hazan & Kakade 2019",
)
def polyak_step_strongly_convex(k, L, mu, R):
    """Polyak's step size on smooth strongly convex functions: linear convergence of the squared distance.

    On quadratics the slowest decrease is 3q / (1 + q)^2 for q = mu/L, so that no better factor than 3q is
    possible.
    """
    return (1 - mu / (4 * L)) ** k * R**2


# The slowest decrease for q = 1/10.
polyak_step_strongly_convex.reaches(
    (1 - 0.3 / 1.21) / 0.975,
    by=quadratic(spectrum=(0.1, 1.0), start=(2.0, 2 * math.sqrt(0.1))),
    at=grid(k=1),
)


@polyak_step_strongly_convex.control("3.1 mu/L in place of mu/(4L)", domain=grid(k=1))
def _(k, L, mu, R):
    return (1 - 3.1 * mu / L) ** k * R**2


polyak_step_strongly_convex.control(
    "gradient ascent", method=polyak_step(minimum=lambda f_star, D: f_star + 3 * D), domain=grid(k=(3, 10))
)


# --- twice Polyak's step size ----------------------------------------------------------------------------------


@theorem(
    method=twice,
    assumes=Smooth & StronglyConvex,
    measures=distance_squared.last,
    domain=grid(k=1),
    # From an eigenvector of L or mu one step ends at the minimizer; very near to one, 1 - t mu has few digits.
    where=lambda L, mu, D, g0: (1 + 1e-6) / L < 2 * D / g0**2 < (1 - 1e-6) / mu,
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0), start=lambda slope: (2.0, 2 * slope)),
    at_least=0.999,
    attained_at=grid(mu=(0.5, 0.1, 1e-3, 1e-6), slope=(0.01, 1.0), k=1),
    source="Barre, Taylor & d'Aspremont 2020, Proposition 1",
)
def polyak_step_barre(L, mu, D, g0, R):
    """One step with twice Polyak's step size, t = 2 (f - f*)/|g|^2, on smooth strongly convex functions.

    Equality on every quadratic in the plane, from any start.
    """
    t = 2 * D / g0**2
    return (t * L - 1) * (1 - t * mu) / (t * (L + mu) - 1) * R**2


polyak_step_barre.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})
polyak_step_barre.control("Polyak's step size itself", method=polyak)


@theorem(
    method=twice,
    assumes=Smooth & StronglyConvex,
    measures=distance_squared.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    where=lambda L, mu: mu < L,
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0), start=lambda mu: (2.0, 2 * math.sqrt(mu))),
    at_least=0.999,
    attained_at=grid(mu=(0.5, 0.1, 1e-3, 1e-6), k=(1, 2, 3, 10)),
    source="Barre, Taylor & d'Aspremont 2020, Proposition 1 at its worst step size, 2/(L + mu)",
)
def polyak_step_barre_rate(k, L, mu, R):
    """Twice Polyak's step size on smooth strongly convex functions is as good as the best constant step size,
    without knowing L and mu.
    """
    return ((L - mu) / (L + mu)) ** (2 * k) * R**2


polyak_step_barre_rate.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})
polyak_step_barre_rate.control(
    "a minimum that is understated",
    method=polyak_step(minimum=lambda f_star: f_star - 0.01, scale=2.0),
    on=quadratic(spectrum=(0.1, 1.0)),
    domain=grid(k=(10, 100)),
)


# --- adaptive gradient descent without descent -----------------------------------------------------------------

INSTANCES: dict[str, Any] = {
    "quadratic": quadratic(spectrum=(0.01, 1.0, 10.0), rotation=1),
    "Huber": huber(threshold=0.02),
    "flat Huber": huber(threshold=0.00494578905312),
    "fourth power": power(power=4.0, start=2.0),
    "steep and flat": quadratic(spectrum=(1e-4, 1.0), start=(1.0, 1.0)),
}


def adgd_run(instance, step, k):
    """f - f* at the weighted mean of x_1, ..., x_k, with the constant C and the sum S of the weights."""
    problem = INSTANCES[instance]
    run = run_of(adgd_method(step_size=step), problem, k)
    return weighted(problem, run[:, 0], run[1:, 6, 0], run[1:, 7, 0])


def reckless_run(instance, step, k):
    """The same with step sizes that grow as fast as they may, whatever the curvature."""
    problem, lengths, ratios = INSTANCES[instance], [step], [0.0]
    for _ in range(k):
        lengths.append(math.sqrt(1 + ratios[-1]) * lengths[-1])
        ratios.append(lengths[-1] / lengths[-2])
    run = run_of(gradient_descent(step_size=lambda k: lengths[k]), problem, k)
    return weighted(problem, run[:, 0], np.array(lengths), np.array(ratios))


def run_of(method, problem, k):
    """x_0, ..., x_(k+1), each with the memory."""
    return states(method, problem, np.array([problem.start]), np.zeros((1, k + 1, problem.dimension)))[0]


def weighted(problem, x, lengths, ratios):
    """f - f* at the mean of x_1, ..., x_k with the weights that belong to these step sizes and their ratios."""
    weights = lengths[1:] * (1 + ratios[1:])
    weights[:-1] -= lengths[2:] * ratios[2:]
    total = weights.sum()
    gap = problem.value(weights @ x[1 : len(weights) + 1] / total) - problem.minimum
    C = np.sum((x[1] - problem.minimizer) ** 2) + np.sum((x[1] - x[0]) ** 2) / 2
    C += 2 * lengths[1] * ratios[1] * (problem.value(x[0]) - problem.minimum)
    return gap, {"C": C, "S": total}


@theorem(
    experiment=adgd_run,
    observes=("C", "S"),
    domain=grid(instance=tuple(INSTANCES), step=(1e-3, 0.1, 1.0), k=(1, 2, 3, 10, 100)),
    attained_at=grid(instance="flat Huber", step=1.0, k=10),
    at_least=0.8,
    source="Malitsky & Mishchenko 2020, Theorem 1",
)
def adgd(C, S):
    """Gradient descent that estimates the local curvature from its last two gradients, on convex functions: the
    weighted mean of x_1, ..., x_k, in terms of the sum S of the weights and
    C = |x_1 - x*|^2 + |x_1 - x_0|^2 / 2 + 2 t_1 r_1 (f(x_0) - f*), for any first step size t_0.
    """
    return C / (2 * S)


adgd.control(
    "step sizes that do not look at the curvature",
    experiment=reckless_run,
    domain=grid(instance="quadratic", step=1e-3, k=30),
)


@adgd.control("0.8 of the bound")
def _(C, S):
    return 0.8 * C / (2 * S)


@theorem(
    method=adgd_method(step_size=lambda h, L: h / (2 * L)),
    assumes=Convex & Smooth,
    measures=suboptimality.last.of("average"),
    domain=grid(h=(0.1, 1.0), k=(2, 3, 10, 100)),
    attained_by=huber.at(threshold=0.5),
    at_least=0.3,
    attained_at=grid(h=1.0, k=2),
    labels=("loose",),
    source="Malitsky & Mishchenko 2020, Theorem 1, with t_i >= t_0 when t_0 = h/(2L) and h <= 1",
)
def adgd_rate(k, h, L, R, D, g0):
    """Adaptive gradient descent on smooth convex functions from a first step size t = h/(2L), h <= 1: it is never
    shorter later. The weighted mean of x_1, ..., x_(k-1).
    """
    t = h / (2 * L)
    return (R**2 + t**2 * g0**2 / 2 + 2 * t * D) / (2 * k * t)


# On a parabola all steps are 1/(2L) for h = 1: x_j = 2^-j, and the weighted mean is 1/k.
adgd_rate.reaches(lambda k: 4 / (13 * k), by=quadratic(spectrum=(1.0,)), at=grid(h=1.0, k=(2, 3, 10)))
adgd_rate.control(
    "a first step size of 30/L",
    method=adgd_method(step_size=lambda L: 30 / L),
    on=quadratic(spectrum=(1.0, 10.0)),
)


@adgd_rate.control("0.3 of the bound", domain=grid(h=1.0, k=2))
def _(k, h, L, R, D, g0):
    t = h / (2 * L)
    return 0.3 * (R**2 + t**2 * g0**2 / 2 + 2 * t * D) / (2 * k * t)
