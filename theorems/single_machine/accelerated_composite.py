"""Proximal methods: the proximal point method, accelerated proximal gradients, and strongly convex smooth parts.

The composite problems are the lasso, nuclear-norm penalties, and quadratics over a ball, a box and the simplex,
on which a proximal gradient step is a projected gradient step.
"""

import math
from typing import Any

from problems.constrained import ball_quadratic
from problems.lasso import half_line, lasso
from problems.norms import euclidean_norm
from simlab.kernels.quantities import distance, suboptimality
from simlab.optimizers.accelerated_proximal import fista, fista_recursive
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.proximal import proximal_gradient, proximal_point
from simlab.vocabulary.assumptions import Composite, Convex, Proximable, SmoothPartStronglyConvex
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=proximal_point(step_size=lambda step: step),
    assumes=Convex & Proximable,
    measures=suboptimality.last,
    domain=grid(step=(0.01, 1.0, 100.0), k=(1, 2, 3, 10, 100)),
    attained_by=euclidean_norm.at(slope=lambda k, step: 1 / (2 * step * k)),
    at_least=0.999,
    source="Taylor, Hendrickx & Glineur 2017, Theorem 4.1; Guler 1991 (twice the constant)",
)
def prox_point(k, step, R):
    """The proximal point method on convex functions, smooth or not, with any step size."""
    return R**2 / (4 * step * k)


@prox_point.control("4.2 in place of 4", domain=grid(step=1.0, k=(1, 10)))
def _(k, step, R):
    return R**2 / (4.2 * step * k)


prox_point.control(
    "explicit steps in place of implicit ones",
    method=gradient_descent(step_size=lambda step: step),
    on=euclidean_norm(slope=3.0),
    domain=grid(step=1.0, k=(3, 100)),
)


# --- acceleration ----------------------------------------------------------------------------------------------

accelerated: dict[str, Any] = {"assumes": Composite, "measures": suboptimality.last}
too_long = {"on": lasso(), "domain": grid(k=(30, 100))}


@theorem(
    **accelerated,
    method=fista(step_size=lambda L: 1 / L),
    domain=grid(k=(1, 2, 3, 10, 50, 200)),
    attained_by=half_line.at(slope=lambda k: 8 / (k**2 + 5 * k + 2), start=2.0),
    at_least=0.999,
    source="Taylor, Hendrickx & Glineur 2017 (composite convex optimization), FISTA with momentum k/(k + 3)",
)
def fista_lasso(k, L, R):
    """FISTA with momentum k/(k + 3) on a smooth convex function plus a convex one with a proximal map: the
    points x_k after proximal steps.

    It is attained by a slope that would lead from the start twice as far as the boundary.
    """
    return 2 * L * R**2 / (k**2 + 5 * k + 2)


@fista_lasso.refuted(
    on=half_line.at(slope=lambda k: 4 / (k**2 + 5 * k + 2)),
    domain=grid(k=(1, 3, 10)),
    source="carried over from functions without a non-smooth part, where this is the exact constant",
)
def fista_unconstrained_constant(k, L, R):
    """FISTA with momentum k/(k + 3), with the constant that its smooth counterpart, Nesterov's method, has."""
    return 2 * L * R**2 / (k**2 + 5 * k + 6)


fista_lasso.control("a step size of 1.9/L", method=fista(step_size=lambda L: 1.9 / L), **too_long)
fista_lasso.control(
    "without acceleration",
    method=proximal_gradient(step_size=lambda L: 1 / L),
    on=half_line.at(slope=lambda k: 1 / (2 * k)),
    domain=grid(k=(3, 50)),
)


@theorem(
    **accelerated,
    method=fista_recursive(step_size=lambda L: 1 / L),
    domain=grid(k=(1, 2, 3, 10, 50, 200)),
    attained_by=half_line.at(slope=lambda k: 1 / (2 * travelled(k))),
    at_least=0.5,
    source="Beck & Teboulle 2009, Theorem 4.4",
)
def fista_beck_teboulle(k, L, R):
    """FISTA with the recursion t+ = (1 + sqrt(1 + 4 t^2))/2 on a smooth convex function plus a convex one with a
    proximal map. Twice the exact constant after the first step, and less than that later.
    """
    return 2 * L * R**2 / (k + 1) ** 2


def travelled(k):
    """How far FISTA comes in k steps of unit gradients: the sum of the x_(j+1) - x_j = 1 + momentum (x_j -
    x_(j-1)).
    """
    t, move, total = 1.0, 0.0, 0.0
    momentum = 0.0
    for _ in range(k):
        move = 1.0 + momentum * move
        total += move
        following = (1 + math.sqrt(1 + 4 * t * t)) / 2
        momentum, t = (t - 1) / following, following
    return total


fista_beck_teboulle.control(
    "a step size of 1.9/L", method=fista_recursive(step_size=lambda L: 1.9 / L), **too_long
)


@fista_beck_teboulle.control("0.49 of the bound", domain=grid(k=(1, 10)))
def _(k, L, R):
    return 0.49 * 2 * L * R**2 / (k + 1) ** 2


# --- strong convexity ------------------------------------------------------------------------------------------


@theorem(
    method=proximal_gradient(step_size=lambda h, L: h / L),
    assumes=Composite & SmoothPartStronglyConvex,
    measures=distance.last,
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 100)),
    where=lambda h, L, mu: max(abs(1 - h * mu / L), abs(1 - h)) > 0,
    # In a ball around the minimizer projections change nothing.
    attained_by=[
        ball_quadratic.at(spectrum=lambda mu: (mu, 1.0), pressure=0.0, start=(1.0, 0.0)),
        ball_quadratic.at(spectrum=lambda mu: (1.0, mu), pressure=0.0, start=(1.0, 0.0)),
    ],
    at_least=0.999,
    attained_at=grid(mu=(0.1, 1e-6), h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10)),
    source="Taylor, Hendrickx & Glineur 2018, Theorem 3.1",
)
def prox_gradient_sc(k, h, L, mu, R):
    """Proximal gradient descent with a strongly convex smooth part, for any step size below 2/L: the distance
    shrinks as without the non-smooth part.
    """
    return max(abs(1 - h * mu / L), abs(1 - h)) ** k * R


prox_gradient_sc.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})


@prox_gradient_sc.control("without the long-step branch", domain=grid(mu=0.1, h=1.9, k=3))
def _(k, h, L, mu, R):
    return abs(1 - h * mu / L) ** k * R
