"""Parallel stochastic gradient descent: the mean of the workers' gradients at one common iterate."""

from problems.networks import tilted_quadratics
from problems.noise import gaussian, shared_gaussian, signs, sphere
from simlab.kernels.quantities import mean_distance_squared, mean_gradient_norm_squared
from simlab.optimizers.centralized import parallel_sgd
from simlab.vocabulary.assumptions import BoundedVariance, Smooth, Workers
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

scalar = tilted_quadratics(workers=4, dimension=1)


@theorem(
    method=parallel_sgd(step_size=lambda h, L: h / L),
    assumes=Workers & Smooth & BoundedVariance,
    measures=mean_gradient_norm_squared.mean(),
    domain=grid(h=(0.2, 1.0, 1.8), k=(1, 2, 10, 100)),
    attained_by=scalar,
    at_least=0.99,
    attained_at=grid(h=(0.2, 1.0, 1.5), k=1000),
    source="Ghadimi & Lan 2013, Theorem 2.1, with the variance sigma^2/m of the mean of m gradients",
)
def parallel_sgd_nonconvex(k, h, L, m, sigma2, D):
    """Parallel SGD with a constant step size below 2/L on any smooth function that is bounded below: the mean
    squared gradient norm of the iterates before step k. m workers divide the variance by m.
    """
    return (2 * D * L / (k * h) + h * sigma2 / m) / (2 - h)


parallel_sgd_nonconvex.control(
    "the same noise at all workers", noise=shared_gaussian(variance=1.0), domain=grid(h=1.0, k=1000)
)


@parallel_sgd_nonconvex.control("0.98 of the variance", domain=grid(h=1.5, k=1000))
def _(k, h, L, m, sigma2, D):
    return (2 * D * L / (k * h) + 0.98 * h * sigma2 / m) / (2 - h)


parallel_sgd_nonconvex.control(
    "a step size of 2.05/L in the bound for 1.8/L",
    method=parallel_sgd(step_size=lambda L: 2.05 / L),
    domain=grid(h=1.8, k=1000),
)


@theorem(
    method=parallel_sgd(step_size=lambda h, L: h / L),
    assumes=Workers & Smooth,
    measures=mean_distance_squared.last,
    claim=law(),
    domain=grid(m=(2, 8), curvature=(0.5, 3.0), sigma2=0.7, h=(0.1, 1.0, 1.9), k=(1, 2, 3, 10, 60)),
    on=tilted_quadratics.at(workers=lambda m: m, curvature=lambda curvature: curvature, dimension=2),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    matched=False,
    source="the recursion of the mean iterate, solved; as for SGD with the variance sigma^2/m",
)
def parallel_sgd_quadratic_variance(k, h, L, m, sigma2, R):
    """Parallel SGD on parabolas of equal curvature and different minimizers: the mean squared distance from the
    minimizer of their mean, at every step, exactly. The floor is inversely proportional to the number of workers.
    It is a law of these objectives only, so it is not run on others.
    """
    kept = (1 - h) ** (2 * k)
    return kept * R**2 + h * sigma2 / (m * L**2) * (1 - kept) / (2 - h)


parallel_sgd_quadratic_variance.control(
    "the same noise at all workers", noise=shared_gaussian(variance=lambda sigma2: sigma2)
)
parallel_sgd_quadratic_variance.control(
    "a variance that is 1% larger", noise=gaussian(variance=lambda sigma2: 1.01 * sigma2)
)
