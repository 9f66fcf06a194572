"""Leader SGD: workers that are pulled towards the best of them."""

from problems.networks import asymmetric_parabolas, tilted_quadratics
from problems.workers import prescribed_quadratics
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.centralized import lsgd
from simlab.vocabulary.assumptions import (
    BoundedHeterogeneity,
    BoundedVariance,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Workers,
)
from simlab.vocabulary.theorem import grid, theorem

# Workers with one and the same objective, that start at different points.
apart = (
    prescribed_quadratics(
        curvatures=((0.2, 1.0),) * 4, rotation=1, start=((3, 0), (0, 2), (-1, 1), (0.1, -0.3))
    ),
    asymmetric_parabolas(
        workers=3,
        dimension=2,
        smoothness=2.0,
        strong_convexity=0.5,
        heterogeneity=0.0,
        start=((2, -1), (-1, -1), (1, 0)),
    ),
    tilted_quadratics(workers=2, dimension=1, heterogeneity=0.0, start=((2.0,), (-1.0,))),
)
settled = tilted_quadratics(workers=4, dimension=1, heterogeneity=0.0, start=0.0)


@theorem(
    method=lsgd(step_size=lambda h, Lmax: h / (2 * Lmax), pull=lambda c, h, mu: c * mu / h),
    assumes=Workers & ComponentsSmooth & ComponentsStronglyConvex & BoundedHeterogeneity & BoundedVariance,
    where=lambda zeta2: zeta2 == 0,
    measures=suboptimality.last,
    domain=grid(h=(0.2, 1.0), c=(0.0, 0.5, 1.0), k=1),
    on=apart,
    attained_by=settled,
    at_least=0.999,
    source="Teng et al. 2019, Theorem 1, without its condition on step_size * sqrt(pull), which is not needed",
)
def lsgd_one_step(h, c, Lmax, mu, sigma2, D_mean, D_best):
    """One step of leader SGD on a strongly convex objective that all workers share: the mean suboptimality of the
    workers. The step size is h/(2L) with h <= 1, and step size times pull is c mu/(2L) with c <= 1. Workers gain by
    how much better the leader is. Equality for workers that start at the minimum of a parabola.
    """
    step = h / (2 * Lmax)
    return (1 - mu * step) * D_mean - c * mu / (2 * Lmax) * (D_mean - D_best) + step**2 * Lmax * sigma2 / 2


lsgd_one_step.control(
    "40 times the pull",
    method=lsgd(step_size=lambda h, Lmax: h / (2 * Lmax), pull=lambda c, h, mu: 40 * c * mu / h),
    on=apart,
    domain=grid(h=1.0, c=1.0, k=1),
)
lsgd_one_step.control(
    "workers that are pushed away from the leader",
    method=lsgd(step_size=lambda h, Lmax: h / (2 * Lmax), pull=lambda c, h, mu: -20 * c * mu / h),
    on=apart,
    domain=grid(h=0.2, c=1.0, k=1),
)


@lsgd_one_step.control("0.8 of the variance")
def _(h, c, Lmax, mu, sigma2, D_mean, D_best):
    step = h / (2 * Lmax)
    return (
        (1 - mu * step) * D_mean - c * mu / (2 * Lmax) * (D_mean - D_best) + 0.8 * step**2 * Lmax * sigma2 / 2
    )


@theorem(
    method=lsgd(step_size=lambda h, Lmax: h / (2 * Lmax), pull=lambda c, h, mu: c * mu / h),
    assumes=Workers & ComponentsSmooth & ComponentsStronglyConvex & BoundedHeterogeneity & BoundedVariance,
    where=lambda zeta2: zeta2 == 0,
    measures=suboptimality.last,
    domain=grid(h=(0.2, 1.0), c=(0.0, 1.0), k=(1, 2, 10, 100)),
    on=apart,
    attained_by=settled,
    at_least=0.999,
    attained_at=grid(h=(0.2, 1.0), c=(0.0, 1.0), k=1),
    source="Teng et al. 2019, section 3: the one-step bound, iterated",
)
def lsgd_rates(k, h, Lmax, mu, sigma2, D_mean):
    """Leader SGD with a constant step size h/(2L), h <= 1, and a pull of at most mu/h on a strongly convex
    objective that all workers share: the mean suboptimality of the workers converges linearly to a floor, as
    without a leader.
    """
    floor = h * sigma2 / (4 * mu)
    return floor + (1 - h * mu / (2 * Lmax)) ** k * (D_mean - floor)


lsgd_rates.control(
    "a step size of 2.2/L",
    method=lsgd(step_size=lambda Lmax: 2.2 / Lmax, pull=lambda c, h, mu: c * mu / h),
    domain=grid(h=1.0, c=0.0, k=(10, 100)),
)


@lsgd_rates.control("0.8 of the variance")
def _(k, h, Lmax, mu, sigma2, D_mean):
    floor = 0.8 * h * sigma2 / (4 * mu)
    return floor + (1 - h * mu / (2 * Lmax)) ** k * (D_mean - floor)
