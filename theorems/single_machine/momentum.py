"""The heavy-ball method: optimal on quadratics, and no further."""

import math

from problems.lessard import lessard
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import distance
from simlab.optimizers.first_order import gradient_descent, heavy_ball
from simlab.vocabulary.assumptions import Quadratic, Smooth, StronglyConvex
from simlab.vocabulary.claim import limit
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=heavy_ball(
        step_size=lambda L, mu: 4 / (math.sqrt(L) + math.sqrt(mu)) ** 2,
        momentum=lambda L, mu: ((math.sqrt(L) - math.sqrt(mu)) / (math.sqrt(L) + math.sqrt(mu))) ** 2,
    ),
    assumes=Quadratic & Smooth & StronglyConvex,
    measures=distance.last,
    domain=grid(k=(1, 2, 3, 10, 60)),
    where=lambda L, mu: mu < L,
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0), start=(0.0, 1.0)),
    at_least=0.999,
    attained_at=grid(mu=(0.5, 1e-2, 1e-6), k=(1, 2, 3, 10)),
    source="Polyak 1964 (the rate); the factor 1 + k(1 + s) by solving the recursion of one eigenvector",
)
def hb_quadratic_optimal(k, L, mu, R):
    """The heavy-ball method with its optimal constants on a strongly convex quadratic: the distance falls as
    s^k up to a factor that grows with k, where s = (sqrt L - sqrt mu)/(sqrt L + sqrt mu).

    Along an eigenvector the iterates are s^k (U_k - s U_(k-1)) at the cosine of an angle, with the Chebyshev
    polynomials of the second kind, |U_k| <= k + 1. Equality for the largest eigenvalue.
    """
    s = (math.sqrt(L) - math.sqrt(mu)) / (math.sqrt(L) + math.sqrt(mu))
    return (1 + k * (1 + s)) * s**k * R


@hb_quadratic_optimal.refuted(
    on=quadratic(spectrum=(0.01, 1.0), start=(0.0, 1.0)),
    domain=grid(k=(1, 10, 60)),
    source="many textbooks and lecture notes, which give the asymptotic rate for a bound at every k",
)
def hb_quadratic_as_printed(k, L, mu, R):
    """The heavy-ball method with its optimal constants on a strongly convex quadratic, as usually printed: without
    the factor that grows with k. At condition number 100 the true distance is 110 times as large by k = 60.
    """
    s = (math.sqrt(L) - math.sqrt(mu)) / (math.sqrt(L) + math.sqrt(mu))
    return s**k * R


@hb_quadratic_optimal.control("k in place of 1 + k(1 + s)", domain=grid(mu=0.01, k=(1, 10)))
def _(k, L, mu, R):
    s = (math.sqrt(L) - math.sqrt(mu)) / (math.sqrt(L) + math.sqrt(mu))
    return k * s**k * R


hb_quadratic_optimal.control(
    "a largest eigenvalue that is understated", domain=grid(mu=0.01, k=60), declare={"L": lambda L: L / 1.2}
)
hb_quadratic_optimal.control(
    "smooth and strongly convex, but not quadratic", on=lessard(start=3.3), domain=grid(k=60)
)


@quantity(latex="x_1", signed=True)
@kernel
def position(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """The first coordinate, with its sign."""
    return float(x[0])


@theorem(
    method=heavy_ball(step_size=1 / 9, momentum=4 / 9),
    measures=position.last,
    claim=limit(1e-12),
    domain=grid(k=(300, 301, 302, 3000, 3001, 3002)),
    on=lessard(start=3.3),
    matched=False,
    source="Lessard, Recht & Packard 2016, section 4.6",
)
def hb_lessard_counterexample(k):
    """The heavy-ball method with the constants that are optimal for quadratics between curvatures 1 and 25 need not
    converge on other functions with these curvatures: on this one, from 3.3, it ends in a cycle of three points.

    They are the period-3 solution of x_(k+1) = (13 x_k - 4 x_(k-1) - f'(x_k))/9 with one point beyond 2. It
    attracts by 2/3 a step: all three lie where the curvature is 25. The claim is of this function and start.
    """
    return (792, -2208, 2592)[k % 3] / 1225


hb_lessard_counterexample.control(
    "gradient descent, which converges", method=gradient_descent(step_size=1 / 25)
)
hb_lessard_counterexample.control("another start, which converges", on=lessard(start=3.0))
hb_lessard_counterexample.control(
    "a quadratic with the same curvatures", on=quadratic(spectrum=(1.0, 25.0), start=(3.3, 3.3))
)
