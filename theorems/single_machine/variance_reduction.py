"""Variance reduction on finite sums."""

import math

from problems.least_squares import mean_estimation, orthogonal_least_squares
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.variance_reduced import svrg as svrg_method
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
    domain=grid(h=(0.02, 0.1, 0.2), c=60, k=(1, 2, 5)),
    attained_by=mean_estimation(targets=(1.0,), start=2.0),
    at_least=0.41,
    attained_at=grid(h=0.02, c=200, k=1),
    source="Johnson & Zhang 2013, Theorem 1",
)
def svrg(k, h, c, D):
    """SVRG with step size h/Lmax, h < 1/4, whose next snapshot is a uniformly random one of its first
    m >= c Lmax/mu inner iterates: linear convergence in expectation, stage by stage, without a floor.

    With a single term it is gradient descent stopped at random; then one stage reaches
    (1 - 2h)(1 - (1-h)^(2m)) / ((2 - h)(1 + 2 h^2 m)) of the bound: 0.418 for h = 0.02 and m = 200.
    """
    return (1 / (h * (1 - 2 * h) * c) + 2 * h / (1 - 2 * h)) ** k * D


@svrg.control("without the term for the length of a stage", domain=grid(h=0.02, c=200, k=1))
def _(k, h, c, D):
    return (2 * h / (1 - 2 * h)) ** k * D


svrg.control(
    "the smoothness of the mean in place of that of the terms",
    on=orthogonal_least_squares(terms=20),
    domain=grid(h=0.2, c=60, k=(1, 5)),
    declare={"Lmax": lambda mu: mu},
)
