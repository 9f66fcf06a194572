"""Elastic averaging: workers and a centre that are pulled towards each other."""

import math

from problems.networks import tilted_quadratics
from problems.noise import gaussian, shared_gaussian, signs, sphere
from simlab.kernels.quantities import mean_distance_squared
from simlab.optimizers.centralized import easgd
from simlab.vocabulary.assumptions import Smooth, Workers
from simlab.vocabulary.claim import law, limit
from simlab.vocabulary.theorem import grid, theorem


def is_stable(m: int, h: float, elasticity: float) -> float:
    """1 if the spectral radius of a step on parabolas, read off the kernel, is below 1, else 0."""
    from simlab.running.exact import growth
    from simlab.running.simulate import case_of

    problem = tilted_quadratics(workers=m, dimension=1, curvature=2.0, heterogeneity=0.0)
    method = easgd(step_size=h / 2, elasticity=elasticity)
    return float(growth(case_of("stability", method, problem, mean_distance_squared.last, (1,))) < 1)


@theorem(
    experiment=is_stable,
    claim=law(),
    domain=grid(m=(2, 5, 10), h=(0.1, 0.5, 1.0, 1.5, 1.9, 2.5), elasticity=(0.01, 0.07, 0.3, 0.55, 1.2, 2.0)),
    source="Zhang, Choromanska & LeCun 2015, section 3.1, with the second condition",
)
def easgd_stability(m, h, elasticity):
    """Elastic averaging SGD with step size h/L on a quadratic, m workers: it is stable (1) or not (0). Stability
    needs both conditions; the first is usually quoted alone, and certifies unstable runs.
    """
    a = h + (m + 1) * elasticity
    c2 = h * m * elasticity
    return 1.0 if 4 - 2 * a + c2 > 0 and a < 4 else 0.0


@easgd_stability.control("the first condition alone", domain=grid(m=10, h=2.5, elasticity=1.2))
def _(m, h, elasticity):
    return 1.0 if 4 - 2 * (h + (m + 1) * elasticity) + h * m * elasticity > 0 else 0.0


@easgd_stability.control("the second condition alone", domain=grid(m=2, h=1.9, elasticity=0.3))
def _(m, h, elasticity):
    return 1.0 if h + (m + 1) * elasticity < 4 else 0.0


@easgd_stability.control("the workers' own mode alone", domain=grid(m=10, h=1.9, elasticity=0.07))
def _(h, elasticity):
    return 1.0 if abs(1 - h - elasticity) < 1 else 0.0


@theorem(
    method=easgd(step_size=lambda h, L: h / L, elasticity=lambda elasticity: elasticity),
    assumes=Workers & Smooth,
    measures=mean_distance_squared.last.of("centre"),
    claim=law(),
    domain=grid(
        m=(2, 5, 12),
        curvature=(0.5, 3.0),
        h=(0.1, 1.0),
        elasticity=(0.02, 0.1),
        sigma2=0.7,
        k=(1, 2, 3, 10, 30),
    ),
    on=tilted_quadratics.at(workers=lambda m: m, curvature=lambda curvature: curvature, dimension=2),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    source="Zhang, Choromanska & LeCun 2015, Lemma 3.1",
)
def easgd_moments(k, m, h, elasticity, L, sigma2, R):
    """Elastic averaging SGD on parabolas of equal curvature and different minimizers: the mean squared distance of
    the centre from the minimizer of their mean, at every step, exactly. A law of these objectives only, so it is
    not run on others.
    """
    a, c2 = h + (m + 1) * elasticity, h * m * elasticity
    root = math.sqrt(a**2 - 4 * c2)
    slow, fast = 1 - (a - root) / 2, 1 - (a + root) / 2
    pushed = m * elasticity * (1 - elasticity / (1 - m * elasticity - fast))
    mean = slow**k + (slow**k - fast**k) / root * pushed
    spread = (
        (slow**2 - slow ** (2 * k)) / (1 - slow**2)
        + (fast**2 - fast ** (2 * k)) / (1 - fast**2)
        - 2 * (slow * fast - (slow * fast) ** k) / (1 - slow * fast)
    )
    return mean**2 * R**2 + (m * elasticity * h / (L * root)) ** 2 * spread * sigma2 / m


easgd_moments.control("the same noise at all workers", noise=shared_gaussian(variance=lambda sigma2: sigma2))
easgd_moments.control("a variance that is 1% larger", noise=gaussian(variance=lambda sigma2: 1.01 * sigma2))
easgd_moments.control("the mean of the workers in place of the centre", measures=mean_distance_squared.last)


@theorem(
    method=easgd(step_size=lambda h, L: h / L, elasticity=lambda beta, m: beta / m),
    assumes=Workers & Smooth,
    measures=mean_distance_squared.last.of("centre"),
    claim=limit(0.05),
    domain=grid(m=24, beta=(0.2, 0.9), h=(0.1, 1.0), sigma2=0.7, k=250),
    on=tilted_quadratics.at(workers=lambda m: m, dimension=1),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    labels=("asymptotic",),
    source="Zhang, Choromanska & LeCun 2015, Corollary 3.1",
)
def easgd_many_workers(m, beta, h, L, sigma2):
    """Elastic averaging SGD with elasticity beta/m on parabolas, as m tends to infinity: the stationary mean
    squared distance of the centre. Checked at m = 24, where the remaining terms of order 1/m are below the
    tolerance. A law of parabolas only, so it is not run on other objectives.
    """
    damping = (2 - beta - h + beta * h) / (beta + h - beta * h)
    return sigma2 / (m * L**2) * beta * h / ((2 - beta) * (2 - h)) * damping


easgd_many_workers.survives(
    "parameters[0] * gradient[i] + parameters[1] * (x[i] - old) -> "
    "parameters[0] * gradient[i] - parameters[1] * (x[i] - old)",
    "a worker's own pull is beta/m, which vanishes as m grows; easgd-moments tells its sign",
)


@easgd_many_workers.control("the variance of SGD on batches of m")
def _(m, h, L, sigma2):
    return sigma2 / (m * L**2) * h / (2 - h)


easgd_many_workers.control("two workers", domain=grid(m=2, beta=0.9, h=0.1, sigma2=0.7, k=250))
