"""The heavy-ball method does not accelerate on smooth strongly convex functions: it can run around a polygon."""

import cmath
import math

from problems.polygon import polygon_bowl
from problems.quadratic import quadratic
from simlab.kernels.quantities import distance
from simlab.optimizers.first_order import gradient_descent, heavy_ball, nesterov_strongly_convex
from simlab.vocabulary.assumptions import Smooth, StronglyConvex
from simlab.vocabulary.claim import limit
from simlab.vocabulary.theorem import grid, only, theorem


def optimal_step(kappa):
    """The step size that is optimal on quadratics with the curvatures 1 and kappa."""
    return 4 / (math.sqrt(kappa) + 1) ** 2


def optimal_momentum(kappa):
    """The momentum that is optimal with it."""
    return ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** 2


def vertex(kappa, sides):
    """Where the polygon needs a vertex, as a complex number, so that the step from 1 leads to exp(2 pi
    i/sides).
    """
    turn, b = cmath.exp(2j * math.pi / sides), optimal_momentum(kappa)
    gradient = (1 + b - turn - b / turn) / optimal_step(kappa)
    return (gradient - 1) / (kappa - 1)


bowl = polygon_bowl.at(
    sides=lambda sides: sides,
    condition_number=lambda kappa: kappa,
    radius=lambda kappa, sides: abs(vertex(kappa, sides)),
    turn=lambda kappa, sides: cmath.phase(vertex(kappa, sides)),
)


@theorem(
    method=heavy_ball(step_size=optimal_step, momentum=optimal_momentum),
    assumes=Smooth & StronglyConvex,
    measures=distance.last,
    claim=limit(1e-9),
    domain=grid(kappa=only(50.0, 100.0, 300.0), sides=3, k=(1000, 1001, 1002)),
    on=bowl,
    matched=False,
    source="Goujaud, Taylor & Dieuleveut 2023",
)
def hb_polygon_cycle():
    """The heavy-ball method with the constants that are optimal on quadratics does not converge on all smooth
    strongly convex functions, of any large condition number: on this one, started at 1, it ends in the triangle
    of the third roots of 1, for these condition numbers; for 150 this start is too far off the cycle, and it
    converges. With other constants that would accelerate it there are other polygons.

    While the nearest point of the polygon is a vertex y, the gradient is x + (kappa - 1) y, so a vertex y =
    (((1 + b) - t - b/t)/a - 1)/(kappa - 1) makes the step from 1 that leads to the root t. All three steps are
    of that kind, and the cycle attracts like a parabola of curvature 1. The claim is of this function and
    start.
    """
    return 1.0


hb_polygon_cycle.control("a condition number of 10", domain=grid(kappa=10.0, sides=3, k=1000))
hb_polygon_cycle.control("gradient descent", method=gradient_descent(step_size=lambda kappa: 1 / kappa))
hb_polygon_cycle.control(
    "Nesterov's method",
    method=nesterov_strongly_convex(step_size=lambda kappa: 1 / kappa, strong_convexity=1.0),
)
hb_polygon_cycle.control(
    "a quadratic with the same curvatures",
    on=quadratic.at(spectrum=lambda kappa: (1.0, kappa), start=(1.0, 0.0)),
)
