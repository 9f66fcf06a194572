"""Variance reduction on finite sums."""

import math

from problems.least_squares import mean_estimation, orthogonal_least_squares
from problems.sampling import minibatch
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.variance_reduced import svrg as svrg_method
from simlab.optimizers.variance_reduced import svrg_stage as svrg_stage_method
from simlab.vocabulary.assumptions import ComponentsConvex, ComponentsSmooth, FiniteSum, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=svrg_method(
        step_size=lambda h, Lmax: h / Lmax,
        inner_steps=lambda c, Lmax, mu: math.ceil(c * Lmax / mu),
        terms=lambda n: n,
    ),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.15), c=20, k=(1, 2)),
    where=lambda Lmax, mu: Lmax <= 20 * mu,
    attained_by=mean_estimation(targets=(1.0,), start=2.0),
    at_least=0.41,
    attained_at=grid(h=0.02, c=200, k=1),
    source="Johnson & Zhang 2013, Theorem 1",
)
def svrg(k, h, c, D):
    """SVRG with step size h/Lmax, h < 1/4, whose next snapshot is a uniformly random one of its first
    m >= c Lmax/mu inner iterates: linear convergence in expectation, stage by stage, without a floor.

    With a single term it is gradient descent stopped at random; then one stage reaches
    (1 - 2h)(1 - (1-h)^(2m)) / ((2 - h)(1 + 2 h^2 m)) of the bound: 0.418 for h = 0.02 and m = 200. After many or
    long stages the mean is carried by the few runs that stopped early every time, and cannot be sampled: so there
    are two short ones here, for condition numbers up to 20. One stage of any length is svrg-stage, computed.
    """
    return (1 / (h * (1 - 2 * h) * c) + 2 * h / (1 - 2 * h)) ** k * D


@svrg.control("without the term for the length of a stage", domain=grid(h=0.02, c=200, k=1))
def _(k, h, c, D):
    return (2 * h / (1 - 2 * h)) ** k * D


# Three times the claimed gap after one stage. A far longer step diverges so fast that the mean is carried by runs
# too rare to be drawn, and sampling could not refuse it.
alone = mean_estimation(targets=(1.0,), start=2.0)
svrg.reaches(
    lambda h, c: (1 - 2 * h) * (1 - (1 - h) ** (2 * c)) / ((2 - h) * (1 + 2 * h**2 * c)),
    by=alone,
    at=grid(h=(0.1, 0.15), c=20, k=1),
)
svrg.control(
    "the smoothness of the mean in place of that of the terms",
    on=orthogonal_least_squares(terms=16),
    domain=grid(h=0.1, c=60, k=1),
    declare={"Lmax": lambda mu: mu},
)


@theorem(
    method=svrg_stage_method(step_size=lambda h, Lmax: h / Lmax),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & StronglyConvex,
    noise=minibatch(batch=1),
    measures=suboptimality.mean(),
    domain=grid(h=(0.02, 0.1, 0.24), k=(1, 2, 3, 30, 100)),
    attained_by=mean_estimation(targets=(1.0,), start=2.0),
    at_least=0.41,
    attained_at=grid(h=0.02, k=200),
    source="Johnson & Zhang 2013, Theorem 1 (a stage of any length)",
)
def svrg_stage(k, h, Lmax, mu, D):
    """One stage of SVRG with step size h/Lmax, h < 1/2: the mean of the expected suboptimality over its first k
    inner iterates, x_0 to x_(k-1), which is the expectation at a uniformly random one of them.

    On least squares the expectation is computed exactly, over all choices of terms.
    """
    return (Lmax / mu / (h * (1 - 2 * h) * k) + 2 * h / (1 - 2 * h)) * D


@svrg_stage.control("without the term for the length of a stage", domain=grid(h=0.02, k=200))
def _(h, D):
    return 2 * h / (1 - 2 * h) * D


svrg_stage.reaches(
    lambda k, h: (1 - 2 * h) * (1 - (1 - h) ** (2 * k)) / ((2 - h) * (1 + 2 * h**2 * k)),
    by=alone,
    at=grid(h=(0.02, 0.1, 0.24), k=(1, 10, 100)),
)
svrg_stage.control(
    "the smoothness of the mean in place of that of the terms",
    on=orthogonal_least_squares(terms=12),
    domain=grid(h=0.2, k=30),
    declare={"Lmax": lambda mu: mu},
)
