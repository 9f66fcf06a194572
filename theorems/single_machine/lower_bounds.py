"""Lower bounds: a method that does better is too good to be true."""

import math

from problems.max_affine import max_affine
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent, heavy_ball
from simlab.vocabulary.assumptions import Convex, Lipschitz
from simlab.vocabulary.claim import LOWER
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=heavy_ball(
        step_size=lambda k, c, p, R, G: c * R / G / (k + 1) ** p, momentum=lambda momentum: momentum
    ),
    assumes=Convex & Lipschitz,
    measures=suboptimality.best(),
    claim=LOWER,
    domain=grid(c=(0.01, 0.3, 1.0, 10.0), p=(0.0, 0.5, 1.0), momentum=(0.0, 0.9), k=(1, 2, 3, 10, 100)),
    on=(max_affine.at(dimension=lambda k: k + 1), max_affine.at(dimension=lambda k: k + 5, lipschitz=2.0)),
    attained_by=max_affine.at(dimension=lambda k: k + 1),
    at_least=0.999,
    matched=False,
    source="Nemirovsky & Yudin 1983; Drori & Teboulle 2016 (this instance and constant)",
)
def lb_nonsmooth(d, G, R):
    """No subgradient method whose iterates stay in the span of the subgradients that it has seen gets below
    G R / sqrt(d) on the maximum of d coordinates within fewer than d steps. With d = k + 1 this is the rate
    1/sqrt(k + 1), which the subgradient method attains.

    Checked for the subgradient method with constant, square-root and harmonic step sizes c R / (G (k+1)^p), short
    and long, without momentum and with it. A lower bound is about its hard instance, so it is run on that alone.
    """
    return G * R / math.sqrt(d)


lb_nonsmooth.survives(
    "every step in the opposite direction",
    "a lower bound for every method; what ascends is no better",
)
lb_nonsmooth.control(
    "more steps than dimensions",
    on=max_affine(dimension=6),
    domain=grid(c=1.0, p=0.5, momentum=0.0, k=60),
)
lb_nonsmooth.control(
    "an oracle that names all largest coordinates",
    method=gradient_descent(step_size=lambda d, G, R: math.sqrt(d) * R / G),
    on=max_affine.at(dimension=lambda k: k + 1, resisting=False),
    domain=grid(k=(3, 10)),
)


@lb_nonsmooth.control("1.01 times the bound")
def _(d, G, R):
    return 1.01 * G * R / math.sqrt(d)
