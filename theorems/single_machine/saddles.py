"""Escape from strict saddles."""

import math

from problems.saddles import strict_saddle
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.perturbed import perturbed_gradient_descent
from simlab.vocabulary.claim import law
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem


@quantity(latex=r"\mathbf 1[|x_1| \le w]")
@kernel
def inside(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """1 while the first coordinate is within the saddle's width, else 0: summed, it is the escape time."""
    # Outside, the product is 0 unless the iterate is not a number or infinite, which must show.
    return 1.0 if abs(x[0]) <= objective.data.scalars[2] else 0.0 * x[0]


@theorem(
    method=perturbed_gradient_descent(step_size=lambda h: h / 0.5, radius=lambda spread: 1 / spread),
    measures=inside.sum(),
    claim=law(1e-3),
    domain=grid(dimension=(10, 100, 1000), h=(0.5, 1.0), spread=10.0, k=40),
    on=strict_saddle.at(
        dimension=lambda dimension: dimension, curvature=0.5, stiffness=0.25, width=1.0, start=0.0, offset=0.0
    ),
    matched=False,
    slack=0.03,
    source="Jin, Ge, Netrapalli, Kakade & Jordan 2017 (the law is exact here, for the quadratic saddle)",
)
def pgd_escape_logd(d, h, spread):
    """Gradient descent that starts in a quadratic saddle and is perturbed once, uniformly in a ball: the mean
    number of steps until it has left the saddle's width grows by log(10) / (2 log(1 + h)) with each decade of the
    dimension. Here h is the step size times the negative curvature, and the width is ``spread`` times the radius.

    The first coordinate u_1 of the perturbation has E log(1/|u_1|) = (psi(d/2) - psi(1/2))/2 + 1/d with the digamma
    function psi, and grows by 1 + h a step; rounding up to whole steps adds 1/2, up to an error below 1e-3 of the
    mean for d >= 10 and h <= 1. The law is of this saddle only, so it is not run on other problems.
    """
    from scipy.special import digamma

    return (math.log(spread) + (digamma(d / 2) - digamma(1 / 2)) / 2 + 1 / d) / math.log(1 + h) + 1 / 2


@pgd_escape_logd.control("free of the dimension", domain=grid(dimension=1000, h=0.5, spread=10.0, k=40))
def _(h, spread):
    from scipy.special import digamma

    return (math.log(spread) + (digamma(5) - digamma(1 / 2)) / 2 + 1 / 10) / math.log(1 + h) + 1 / 2


@pgd_escape_logd.control(
    "without the rounding up to whole steps", domain=grid(dimension=10, h=1.0, spread=10.0, k=40)
)
def _(d, h, spread):
    from scipy.special import digamma

    return (math.log(spread) + (digamma(d / 2) - digamma(1 / 2)) / 2 + 1 / d) / math.log(1 + h)


pgd_escape_logd.control("no perturbation", method=gradient_descent(step_size=lambda h: h / 0.5))
