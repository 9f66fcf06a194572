"""Conjugate gradients and Chebyshev's iteration: what Krylov spaces hold for quadratics."""

import math
from typing import Any

from problems.chains import nesterov_worst_function
from problems.quadratic import quadratic
from problems.spectra import chebyshev_quadratic, clustered_quadratic
from simlab.kernels.quantities import distance, suboptimality
from simlab.optimizers.conjugate import chebyshev_iteration, conjugate_gradient
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import PolyakLojasiewicz, Quadratic, Smooth, StronglyConvex
from simlab.vocabulary.claim import UPPER_AS_COMPUTED
from simlab.vocabulary.theorem import grid, theorem


def chebyshev(k, x):
    """The Chebyshev polynomial T_k(x) for x >= 1."""
    return math.cosh(k * math.acosh(x))


# --- Chebyshev's iteration ---------------------------------------------------------------------------------------


@theorem(
    method=chebyshev_iteration(smallest=lambda mu: mu, largest=lambda L: L),
    assumes=Quadratic & Smooth & StronglyConvex,
    measures=distance.last,
    domain=grid(k=(1, 2, 3, 10, 50, 200)),
    where=lambda L, mu: mu < L,
    on=(quadratic(spectrum=(1.0, 1e3, 1e6)), quadratic.at(spectrum=tuple(range(1, 201)), rotation=2)),
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0), start=(1.0, 0.0)),
    at_least=0.999999,
    attained_at=grid(mu=(0.5, 1e-2, 1e-6), k=(1, 2, 3, 10)),
    source="Flanders & Shortley 1950; Golub & Varga 1961; Young 1954",
)
def chebyshev_semi_iteration(k, L, mu, R):
    """Chebyshev's iteration on a strongly convex quadratic: the distance to the minimizer. T_k is the Chebyshev
    polynomial, and the bound at most 2 ((sqrt L - sqrt mu)/(sqrt L + sqrt mu))^k R. Equality along the flattest
    direction.
    """
    return R / chebyshev(k, (L + mu) / (L - mu))


chebyshev_semi_iteration.control(
    "an eigenvalue that is a quarter of what is declared",
    on=quadratic(spectrum=(0.0025, 1.0)),
    domain=grid(k=30),
    declare={"mu": lambda mu: 4 * mu},
)
chebyshev_semi_iteration.control("gradient descent", method=gradient_descent(step_size=lambda L: 1 / L))


@chebyshev_semi_iteration.control("1.001 times T_k")
def _(k, L, mu, R):
    return R / (1.001 * chebyshev(k, (L + mu) / (L - mu)))


# --- conjugate gradients -----------------------------------------------------------------------------------------


def worst(kappa):
    """The worst quadratic of this condition number for k steps."""
    return chebyshev_quadratic.at(steps=lambda k: k, condition_number=kappa)


krylov: dict[str, Any] = {
    "assumes": Quadratic & Smooth & PolyakLojasiewicz,
    "measures": suboptimality.last,
    "where": lambda L, mu: mu < L,
    "attained_by": [worst(kappa) for kappa in (10.0, 1e3, 1e6)],
    "at_least": 0.999999,
    "attained_at": grid(k=(1, 2, 3, 10, 20)),
}


def krylov_bound(k, L, mu, D):
    """The square of 1/T_k, since the suboptimality is half of a squared norm."""
    return D / chebyshev(k, (L + mu) / (L - mu)) ** 2


@theorem(
    method=conjugate_gradient(),
    **krylov,
    domain=grid(k=(1, 2, 3, 5, 10, 20)),
    on=(quadratic(spectrum=(1.0, 1e3, 1e6)), nesterov_worst_function.at(dimension=100)),
    source="Kaniel 1966; Daniel 1967; equality: Greenbaum 1979",
)
def cg_chebyshev(k, L, mu, D):
    """Conjugate gradients on a quadratic whose positive eigenvalues lie between mu and L. Equality at any one step
    for the eigenvalues and the start at which the Chebyshev polynomial alternates.

    Singular Hessians are allowed: directions without curvature play no part.
    """
    return krylov_bound(k, L, mu, D)


cg_chebyshev.control(
    "half of the condition number", declare={"mu": lambda mu: 1.5 * mu}, domain=grid(k=(3, 10))
)
cg_chebyshev.control("gradient descent", method=gradient_descent(step_size=lambda L: 1 / L))


@cg_chebyshev.control("1.001 times T_k")
def _(k, L, mu, D):
    return krylov_bound(k, L, mu, D) / 1.001


@theorem(
    method=conjugate_gradient(),
    assumes=Quadratic,
    measures=suboptimality.last,
    domain=grid(m=(1, 2, 3, 4, 6), copies=(1, 5, 30), k=(0, 1, 2, 3, 4, 5, 6)),
    on=clustered_quadratic.at(clusters=lambda m: m, copies=lambda copies: copies),
    matched=False,
    source="Hestenes & Stiefel 1952",
)
def cg_termination(k, m, D):
    """Conjugate gradients find the minimizer of a quadratic with m different eigenvalues in m steps (and until then
    never go up). Zero is meant up to rounding: 1e-11 of the initial suboptimality.

    The number of different eigenvalues is a parameter of the instance, so registered problems are left out.
    """
    return D if k < m else 0.0


cg_termination.control(
    "one eigenvalue more than is counted",
    on=clustered_quadratic.at(clusters=lambda m: m + 1),
    domain=grid(m=(2, 4), k=(0, 2, 4)),
)
cg_termination.control(
    "the best constant step", method=gradient_descent(step_size=2 / 11), domain=grid(m=2, copies=1, k=(0, 2))
)


# --- outliers ----------------------------------------------------------------------------------------------------


@theorem(
    method=conjugate_gradient(reorthogonalize=1),
    assumes=Quadratic,
    measures=suboptimality.last,
    domain=grid(m=(1, 2, 5), k=(1, 2, 3, 5, 6, 8, 10, 12)),
    on=clustered_quadratic.at(clusters=20, copies=5, largest=2.0, outliers=lambda m: m),
    searches=clustered_quadratic.at(largest=2.0, outliers=lambda m: m),
    attained_by=chebyshev_quadratic.at(steps=lambda k, m: k - m, condition_number=2.0, outliers=lambda m: m),
    at_least=0.99,
    attained_at=grid(m=(1, 2), k=(3, 4, 6)),
    matched=False,
    source="Axelsson 1976; van der Sluis & van der Vorst 1986",
)
def cg_outliers(k, m, D):
    """Conjugate gradients on a quadratic with m eigenvalues far above the others, which lie within a factor of 2:
    it spends m steps on them, then goes on as if they were not there. T_(k-m) is at (2 + 1)/(2 - 1).

    True in exact arithmetic, so residuals are made orthogonal again. It is about a kind of spectrum, so registered
    problems are left out. Attained in the limit of outliers that are infinitely far.
    """
    return D / chebyshev(max(k - m, 0), 3.0) ** 2


cg_outliers.control(
    "one outlier more than is counted",
    on=chebyshev_quadratic.at(
        steps=lambda k, m: k - m, condition_number=2.0, outliers=lambda m: m + 1, distance=1e3
    ),
    domain=grid(m=(1, 2), k=(3, 4, 6)),
)


@cg_outliers.control("as if the outliers cost nothing")
def _(k, D):
    return D / chebyshev(k, 3.0) ** 2


@cg_outliers.refuted(
    method=conjugate_gradient(),
    on=clustered_quadratic.at(clusters=20, copies=1, largest=2.0, outliers=lambda m: m),
    domain=grid(m=5, k=(6, 8, 10, 12, 15)),
    claim=UPPER_AS_COMPUTED,
    source="textbooks, as what the conjugate gradient method does on a computer",
)
def cg_outliers_as_computed(k, m, D):
    """The same of the conjugate gradient method as it runs in floating point: rounding brings the outliers back
    long before the suboptimality is as small as rounding, and each time they cost a step again.
    """
    return D / chebyshev(max(k - m, 0), 3.0) ** 2
