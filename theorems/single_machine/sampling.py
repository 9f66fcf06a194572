"""In which order the terms of a finite sum are visited."""

from typing import Any

from problems.least_squares import mean_estimation
from problems.sampling import Order, epochs
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.first_order import sgd
from simlab.vocabulary.assumptions import ComponentsSmooth, ComponentsStronglyConvex, FiniteSum
from simlab.vocabulary.theorem import grid, only, theorem

half_and_half = mean_estimation(targets=(-1.0,) * 30 + (1.0,) * 30)


def epochs_end(n, h, mu, Lmax, sigma2_star):
    """Whether 60 steps end an epoch, and leave more than rounding errors."""
    return 60 % n == 0 and (sigma2_star > 0 or (1 - h * mu / Lmax) ** 60 > 1e-9)


# Whole passes through strongly convex terms, in an order that each theorem names.
passes: dict[str, Any] = {
    "method": sgd(step_size=lambda h, Lmax: h / Lmax),
    "assumes": FiniteSum & ComponentsStronglyConvex & ComponentsSmooth,
    "measures": distance_squared.last,
    "domain": grid(h=(0.01, 0.1, 1.0), k=only(60, 120, 600)),
    "on": half_and_half,
    "where": epochs_end,
    "attained_by": mean_estimation(targets=(-1.0, 1.0)),
    "at_least": 0.999,
    "attained_at": grid(h=1.0, k=(60, 600)),
}


def random_order_floor(step, Lmax, n, sigma2_star, mu):
    """The floor of reshuffling, by the mean over random orders of what a partial sum of gradients can be."""
    return step**2 * Lmax * n * sigma2_star / (2 * mu)


@theorem(
    noise=epochs(order=Order.RESHUFFLED),
    **passes,
    source="Mishchenko, Khaled & Richtarik 2020, Theorem 1 with Proposition 1",
)
def sgd_random_reshuffling(k, h, n, Lmax, mu, R, sigma2_star):
    """SGD through a new random permutation of the strongly convex terms each epoch, with a step size up to
    1/Lmax: at the end of an epoch, k = n, 2n, ..., the squared distance has a floor of the order of the step size
    squared. Equality for two opposite terms and the longest step.

    The steps in the domain end epochs of every n that divides 60; problems with other n are left out.
    """
    step = h / Lmax
    return (1 - step * mu) ** k * R**2 + random_order_floor(step, Lmax, n, sigma2_star, mu)


sgd_random_reshuffling.control(
    "indices drawn with replacement",
    noise=epochs(order=Order.WITH_REPLACEMENT),
    on=mean_estimation(targets=(-1.0, 1.0)),
    domain=grid(h=0.01, k=1200),
)
sgd_random_reshuffling.control(
    "one fixed order, sorted by target",
    noise=epochs(order=Order.CYCLIC),
    on=half_and_half,
    domain=grid(h=0.01, k=600),
)


@sgd_random_reshuffling.control("0.8 of the floor", domain=grid(h=1.0, k=60))
def _(k, h, n, Lmax, mu, R, sigma2_star):
    step = h / Lmax
    return (1 - step * mu) ** k * R**2 + 0.8 * random_order_floor(step, Lmax, n, sigma2_star, mu)


@theorem(
    noise=epochs(order=Order.CYCLIC),
    **passes,
    source="Mishchenko, Khaled & Richtarik 2020, Theorem 1; the partial sums of any order by Cauchy and Schwarz",
)
def ig_any_order(k, h, n, Lmax, mu, R, sigma2_star):
    """The incremental gradient method, which visits the strongly convex terms in one fixed order, with a step
    size up to 1/Lmax: at the end of an epoch, k = n, 2n, ..., its floor is n/2 times that of random orders at
    most.

    The first i of n gradients at the minimizer and the others sum to 0, so |sum|^2 <= i (n - i) sigma*^2 <= n^2
    sigma*^2/4; for a random order its mean is n sigma*^2/2 at most. Equality for two opposite terms and the
    longest step.
    """
    step = h / Lmax
    return (1 - step * mu) ** k * R**2 + n / 2 * random_order_floor(step, Lmax, n, sigma2_star, mu)


@ig_any_order.refuted(
    on=half_and_half,
    domain=grid(h=0.01, k=(600, 1200)),
    source="the bound of reshuffling, quoted for any pass through the data",
)
def rr_floor_in_any_order(k, h, n, Lmax, mu, R, sigma2_star):
    """The bound of random reshuffling without its randomness: for one fixed order of the terms. Half of the
    targets first, and then their opposites, leads to 2.5 times as much after 600 steps, and
    to 7.4 times after 1200.
    """
    step = h / Lmax
    return (1 - step * mu) ** k * R**2 + random_order_floor(step, Lmax, n, sigma2_star, mu)


ig_any_order.control(
    "indices drawn with replacement",
    noise=epochs(order=Order.WITH_REPLACEMENT),
    on=mean_estimation(targets=(-1.0, 1.0)),
    domain=grid(h=0.01, k=1200),
)


@ig_any_order.control("0.9 of the floor", domain=grid(h=1.0, k=60))
def _(k, h, n, Lmax, mu, R, sigma2_star):
    step = h / Lmax
    return (1 - step * mu) ** k * R**2 + 0.9 * n / 2 * random_order_floor(step, Lmax, n, sigma2_star, mu)
