"""Nesterov's accelerated gradient methods."""

import math
from typing import Any

from problems.huber import huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import nesterov, nesterov_strongly_convex
from simlab.vocabulary.assumptions import Convex, Smooth, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem

simplified: dict[str, Any] = {
    "method": nesterov(step_size=lambda L: 1 / L),
    "assumes": Convex & Smooth,
    "domain": grid(k=(1, 2, 3, 5, 10, 100)),
    "at_least": 0.999,
}


@theorem(
    **simplified,
    measures=suboptimality.last,
    attained_by=huber.at(threshold=lambda k: 8 / ((k + 2) * (k + 3)), start=2.0),
    source="Nesterov 1983 (the method); Taylor, Hendrickx & Glineur 2017 (the constant)",
)
def nag_convex_simplified_tight(k, L, R):
    """Nesterov's method with momentum k/(k + 3) on smooth convex functions: the points x_k after gradient steps."""
    return 2 * L * R**2 / ((k + 2) * (k + 3))


@nag_convex_simplified_tight.control("the constant of the extrapolated points", domain=grid(k=(2, 5, 10)))
def _(k, L, R):
    return 2 * L * R**2 / (k**2 + 7 * k + 4)


nag_convex_simplified_tight.control(
    "a smoothness that is understated by a third",
    on=quadratic(spectrum=(1.0, 10.0)),
    domain=grid(k=100),
    declare={"L": lambda L: L / 1.5},
)


@theorem(
    **simplified,
    measures=suboptimality.last.of("y"),
    attained_by=huber.at(threshold=lambda k: 8 / (k**2 + 7 * k + 4), start=2.0),
    source="Nesterov 1983 (the method); the constant is exact in performance estimation for k <= 20",
)
def nag_convex_simplified_tight_extrapolated(k, L, R):
    """Nesterov's method with momentum k/(k + 3) on smooth convex functions: the extrapolated points y_k.

    The constant is the optimal value of the performance estimation problem for k = 1, 2, 3, 5, 8, 12, 20 (to
    1e-7), read as a formula; no proof for all k is known to us.
    """
    return 2 * L * R**2 / (k**2 + 7 * k + 4)


@nag_convex_simplified_tight_extrapolated.control("one step ahead", domain=grid(k=(1, 10)))
def _(k, L, R):
    return 2 * L * R**2 / ((k + 1) ** 2 + 7 * (k + 1) + 4)


@theorem(
    method=nesterov_strongly_convex(step_size=lambda L: 1 / L, strong_convexity=lambda mu: mu),
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 30, 100)),
    where=lambda L, mu: mu < L,
    attained_by=quadratic(spectrum=(1e-8, 1e-4, 1.0), start=(0.0, 1.0, 0.0)),
    at_least=0.98,
    attained_at=grid(k=(1, 2, 3)),
    source="Nesterov 2004, Theorem 2.2.3; d'Aspremont, Scieur & Taylor 2021, Corollary 4.15",
)
def nag_strongly_convex(k, L, mu, D, R):
    """Nesterov's method with constant momentum on smooth strongly convex functions: linear convergence with the
    square root of the condition number.

    It is attained in the limit of bad conditioning, by a curvature far above mu and far below L. For a given
    condition number its rate is not: on quadratics it is nearly the square of that in the bound.
    """
    return (1 - math.sqrt(mu / L)) ** k * (D + mu * R**2 / 2)


# Along the flat direction, sqrt(mu/L) = 1/100, both roots are equal: x_k = 0.99^k (1 + k/100) x_0.
nag_strongly_convex.reaches(
    lambda k: 0.99**k * (1 + k / 100) ** 2 / 2,
    by=quadratic(spectrum=(1e-4, 1.0), start=(1.0, 0.0)),
    at=grid(k=(1, 10, 100, 300)),
)
nag_strongly_convex.control(
    "a strong convexity that is overstated tenfold",
    on=quadratic(spectrum=(0.001, 1.0)),
    domain=grid(k=100),
    declare={"mu": lambda mu: 10 * mu},
)
nag_strongly_convex.control(
    "a smoothness that is understated by a third",
    on=quadratic(spectrum=(0.001, 1.0)),
    domain=grid(k=100),
    declare={"L": lambda L: L / 1.5},
)


@nag_strongly_convex.control(
    "the square of the rate", on=quadratic(spectrum=(0.01, 1.0), start=(1.0, 0.0)), domain=grid(k=(10, 30))
)
def _(k, L, mu, D, R):
    return (1 - math.sqrt(mu / L)) ** (2 * k) * (D + mu * R**2 / 2)


@nag_strongly_convex.control("without mu R^2 / 2 and 0.98 of the rest", domain=grid(k=1))
def _(k, L, mu, D):
    return 0.98 * (1 - math.sqrt(mu / L)) ** k * D
