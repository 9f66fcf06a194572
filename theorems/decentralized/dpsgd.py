"""Decentralized SGD (D-PSGD): exact laws on equal quadratics, and convergence on non-convex objectives."""

import math

import numpy as np

from problems.networks import asymmetric_parabolas, tilted_quadratics, tilted_wells
from problems.noise import gaussian, shared_gaussian, signs, sphere
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import consensus_error, mean_distance_squared, mean_iterate, spread_mean
from simlab.optimizers.decentralized import dpsgd_adapt_then_combine, dpsgd_combine_then_adapt
from simlab.topologies.graphs import graph
from simlab.topologies.mixing import row_stochastic
from simlab.topologies.networks import named_mixing, named_network, weighted_network
from simlab.topologies.spectra import slowest_mode, symmetric_eigenvalues
from simlab.vocabulary.assumptions import (
    BoundedHeterogeneity,
    BoundedVariance,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    DoublyStochastic,
    Workers,
)
from simlab.vocabulary.claim import law
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem

# --- exact laws --------------------------------------------------------------------------------------------------

additive = [model(variance=1.0) for model in (gaussian, signs, sphere)]
combine_then_adapt = dpsgd_combine_then_adapt(step_size=lambda h, Lmax: h / Lmax)
adapt_then_combine = dpsgd_adapt_then_combine(step_size=lambda h, Lmax: h / Lmax)


@theorem(
    method=combine_then_adapt,
    assumes=Workers & ComponentsSmooth & ComponentsStronglyConvex & DoublyStochastic & BoundedVariance,
    measures=mean_distance_squared.last,
    claim=law(),
    network=lambda topology, m: named_network(topology, m),
    noise=additive,
    domain=grid(topology=("ring", "star", "complete"), h=(0.1, 0.6), k=(1, 2, 10, 100)),
    on=(
        tilted_quadratics(workers=16, dimension=1),
        asymmetric_parabolas(workers=4, dimension=8, smoothness=2.0, strong_convexity=2.0),
    ),
    where=lambda mu, Lmax: mu == Lmax,
    source="the recursion of the mean iterate, solved; Lian et al. 2017, section 3 (the speed-up in words)",
)
def dsgd_quadratic_exact(k, h, m, Lmax, sigma2, R):
    """Decentralized SGD on quadratics of the same curvature at all workers: the expected squared distance of the
    mean iterate from the minimizer, exactly, whatever the network and however different the workers' minimizers.
    The noise floor is that of one machine divided by m, the linear speed-up.

    By exact moments, and by sampling on parabolas that do not declare that they are quadratic.
    """
    kept = (1 - h) ** (2 * k)
    return kept * R**2 + h * sigma2 / (m * Lmax**2) * (1 - kept) / (2 - h)


dsgd_quadratic_exact.control(
    "the same noise at all workers",
    noise=shared_gaussian(variance=1.0),
    on=tilted_quadratics(workers=16, dimension=1),
    domain=grid(topology="ring", h=0.1, k=100),
)
dsgd_quadratic_exact.control(
    "a star whose weights do not sum to one over each column",
    network=lambda m: weighted_network(row_stochastic(graph("star", int(m))), "row-stochastic star"),
    on=tilted_quadratics(workers=8, heterogeneity=0.0),
    domain=grid(topology="star", h=0.1, k=100),
)


def modes(topology: str, workers: float) -> Vector:
    """The eigenvalues w_2, ..., w_m of the Metropolis matrix: its modes besides the mean."""
    return symmetric_eigenvalues(named_mixing(topology, workers).matrix)[:-1]


alike = [tilted_quadratics(workers=m, dimension=d, heterogeneity=0.0) for m, d in ((4, 2), (16, 1))]


@theorem(
    method=combine_then_adapt,
    assumes=Workers
    & ComponentsSmooth
    & ComponentsStronglyConvex
    & BoundedHeterogeneity
    & DoublyStochastic
    & BoundedVariance,
    measures=consensus_error.last,
    claim=law(),
    network=lambda topology, m: named_network(topology, m),
    noise=additive,
    domain=grid(topology=("ring", "star", "path"), h=(0.1, 0.6), k=(1, 2, 10, 100)),
    on=alike,
    where=lambda mu, Lmax, zeta2: mu == Lmax and zeta2 == 0,
    source="the recursion of each eigenvector of W, solved for combine-then-adapt",
)
def dsgd_disagreement_combine_then_adapt(k, h, m, topology, Lmax, sigma2):
    """Decentralized SGD, combine-then-adapt, on the same quadratic at all workers: the expected squared
    disagreement of the workers at every step, exactly, from the spectrum of W.
    """
    q = (modes(topology, m) - h) ** 2
    return (h / Lmax) ** 2 * sigma2 * np.sum((1 - q**k) / (1 - q))


@theorem(
    method=adapt_then_combine,
    assumes=dsgd_disagreement_combine_then_adapt.assumes,
    measures=consensus_error.last,
    claim=law(),
    network=lambda topology, m: named_network(topology, m),
    noise=additive,
    domain=grid(topology=("ring", "star", "path"), h=(0.1, 0.6, 1.5), k=(1, 2, 10, 100)),
    on=alike,
    # A ring of 3 is a complete graph: only rounding is left after a step.
    where=lambda mu, Lmax, zeta2, m: mu == Lmax and zeta2 == 0 and m > 3,
    source="the recursion of each eigenvector of W, solved for adapt-then-combine",
)
def dsgd_disagreement_adapt_then_combine(k, h, m, topology, Lmax, sigma2):
    """Decentralized SGD, adapt-then-combine, on the same quadratic at all workers: the expected squared
    disagreement of the workers at every step, exactly, from the spectrum of W. Stable up to h = 2 whatever W.
    """
    w2 = modes(topology, m) ** 2
    q = w2 * (1 - h) ** 2
    return (h / Lmax) ** 2 * sigma2 * np.sum(w2 * (1 - q**k) / (1 - q))


dsgd_disagreement_combine_then_adapt.control(
    "run as adapt-then-combine",
    method=adapt_then_combine,
    on=alike,
    domain=grid(topology="ring", h=0.1, k=100),
)
dsgd_disagreement_adapt_then_combine.control(
    "run as combine-then-adapt",
    method=combine_then_adapt,
    on=alike,
    domain=grid(topology="ring", h=0.1, k=100),
)

for entry in (dsgd_disagreement_combine_then_adapt, dsgd_disagreement_adapt_then_combine):
    entry.control(
        "the same noise at all workers",
        noise=shared_gaussian(variance=1.0),
        on=alike,
        domain=grid(topology="ring", h=0.1, k=100),
    )


# --- convergence on smooth objectives ----------------------------------------------------------------------------


@quantity(latex=r"\|\tfrac1m \sum_i \nabla f_i(x_i)\|^2 + \|\nabla f(\bar x)\|^2", quadratic=True)
@kernel
def both_gradients_squared(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|mean of the local gradients|^2 + |grad f(mean of the workers)|^2."""
    objective.gradient(objective.data, x, work[2])
    size = mean_iterate(objective, work[2], work[1])
    total = 0.0
    for j in range(size):
        total += work[1, j] ** 2
    spread_mean(objective, x, work[1])
    objective.gradient(objective.data, work[1], work[2])
    mean_iterate(objective, work[2], work[1])
    for j in range(size):
        total += work[1, j] ** 2
    return total


def lian_step(c: float, m: float, Lmax: float, rho: float) -> float:
    """The fraction c of the longest step for which the theorem says anything (D1 > 0)."""
    return c * (1 - rho) / (6 * Lmax * math.sqrt(m))


def worst_tilt(topology: str) -> Vector:
    """Tilts that follow the slowest mode of eight workers."""
    return slowest_mode(named_mixing(topology, 8).matrix)


@theorem(
    method=dpsgd_combine_then_adapt(step_size=lian_step),
    assumes=Workers & ComponentsSmooth & BoundedHeterogeneity & DoublyStochastic & BoundedVariance,
    measures=both_gradients_squared.mean(),
    network=lambda topology, m: named_network(topology, m),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    domain=grid(topology=("complete", "ring", "star"), c=(0.3, 0.9), sigma2=1.0, k=(1, 10, 100)),
    on=tilted_wells.at(workers=8, well=3.0, pattern=worst_tilt),
    where=lambda topology, disagreement: disagreement == 0,
    attained_by=tilted_quadratics(workers=4, dimension=1, heterogeneity=0.0, start=0.05),
    at_least=0.9,
    attained_at=grid(topology="complete", c=0.03, sigma2=(0.0, 1.0), k=4000),
    source="Lian, Zhang, Zhang, Hsieh, Zhang & Liu 2017, Theorem 1 (their rho is rho^2 here)",
)
def dpsgd_lian_thm1(k, c, m, Lmax, rho, sigma2, zeta2, D):
    """Decentralized SGD (combine-then-adapt) on smooth, possibly non-convex objectives, from a common start: the
    squared gradients of the iterates before step k, both the mean of the local gradients and the gradient at the
    mean iterate.

    The source weighs the first by (1 - step L) / 2 and the second by D1. Here both have the smaller of these
    weights, which its inequality implies; for short steps the two are almost equal.
    """
    step = lian_step(c, m, Lmax, rho)
    drift = step**2 * Lmax**2 * m
    D2 = 1 - 18 * drift / (1 - rho) ** 2
    D1 = 1 / 2 - 9 * drift / ((1 - rho) ** 2 * D2)
    bias = drift * (sigma2 / (1 - rho**2) + 9 * zeta2 / (1 - rho) ** 2) / D2
    return (D / (step * k) + step * Lmax * sigma2 / (2 * m) + bias) / min(D1, (1 - step * Lmax) / 2)


# Without noise, in the limit of short steps and many.
dpsgd_lian_thm1.reaches(
    1.0,
    by=tilted_quadratics(workers=4, dimension=1, heterogeneity=0.0, start=0.05),
    at=grid(topology="complete", c=0.03, sigma2=0.0, k=4000),
    within=0.002,
)
# The gradients 2 at the start, on a ring with rho = 1/3: the step size is 1/72, the drift 1/324, D2 = 7/8 and
# D1 = 3/7, and the bound 7/3 (72 + 25 + 2000/7).
dpsgd_lian_thm1.reaches(
    8 / 893,
    by=tilted_quadratics(workers=4, dimension=1, curvature=2.0, heterogeneity=3600.0, start=1.0),
    at=grid(topology="ring", c=0.5, sigma2=7200.0, k=1),
)
dpsgd_lian_thm1.control(
    "two rings without a link, with the rate of one ring",
    network=lambda: named_network("disconnected", 8),
    declare={"rho": lambda: named_mixing("ring", 4).consensus_rate},
    on=asymmetric_parabolas(workers=8, strong_convexity=0.5, pattern=(1.0,) * 4 + (-1.0,) * 4, start=0.0),
    domain=grid(topology="disconnected", c=0.3, sigma2=0.0, k=2000),
)
dpsgd_lian_thm1.control(
    "a step size of 2.1/L",
    method=dpsgd_combine_then_adapt(step_size=lambda Lmax: 2.1 / Lmax),
    domain=grid(topology="complete", c=0.9, sigma2=1.0, k=100),
)


@dpsgd_lian_thm1.control("0.9 of the bound")
def _(k, c, m, Lmax, rho, sigma2, zeta2, D):
    return 0.9 * dpsgd_lian_thm1.bound(k, c, m, Lmax, rho, sigma2, zeta2, D)
