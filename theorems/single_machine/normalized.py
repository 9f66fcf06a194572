"""Normalized SGD with momentum: steps of one length, along an average of gradients."""

import math

from problems.noise import signs
from problems.quadratic import quadratic
from problems.skewed import skewed
from simlab.kernels.quantities import gradient_norm
from simlab.optimizers.sign import normalized_momentum
from simlab.vocabulary.assumptions import BoundedVariance, Smooth
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=normalized_momentum(step_size=lambda h: h, averaging=lambda a: a),
    assumes=Smooth & BoundedVariance,
    noise=[model(variance=lambda v: v) for model in (signs, skewed)],
    measures=gradient_norm.mean(),
    domain=grid(h=0.03, a=(0.05, 0.8), v=1.0, k=(1, 2, 3, 30)),
    attained_by=quadratic.at(spectrum=(1.0,), start=lambda h: (h / 2,)),
    at_least=0.99,
    attained_at=grid(h=0.5, a=1.0, v=0.0, k=1000),
    source="Cutkosky & Mehta 2020, Theorem 1 (with constants derived anew)",
)
def nsgd_momentum(k, h, a, L, D, sigma2):
    """Normalized SGD with steps of length h along the average m+ = (1 - a) m + a G, on smooth functions, convex or
    not, with noise of any law: the mean gradient norm before step k. Averaging is what normalization needs, since
    the direction of one gradient is biased.

    Without noise and averaging a parabola started at h/2 stays in the band of width h/2.
    """
    sigma = math.sqrt(sigma2)
    error = sigma / (a * k) + sigma * math.sqrt(a / (2 - a)) + (1 - a) * h * L / a
    return D / (h * k) + L * h / 2 + 2 * error


nsgd_momentum.control(
    "no averaging, in the bound for a long average, and skewed noise",
    method=normalized_momentum(step_size=lambda h: h, averaging=1.0),
    noise=skewed(variance=lambda v: v),
    on=quadratic(spectrum=(1.0,), start=(0.5,)),
    domain=grid(h=1e-4, a=0.003, v=12.0, k=60_000),
)


@nsgd_momentum.control("half of the term with the step size", domain=grid(h=0.5, a=1.0, v=0.0, k=1000))
def _(k, h, L, D):
    return D / (h * k) + L * h / 4
