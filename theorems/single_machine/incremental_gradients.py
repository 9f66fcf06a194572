"""Incremental gradient methods on finite sums: SAG, SAGA, SARAH and loopless SVRG converge linearly in expectation,
with one or two gradients of a term a step, where SGD with the same step size stops at a floor.

On least squares all expectations are computed exactly, over all choices of terms.
"""

from typing import Any

from problems.coins import term_and_coin
from problems.least_squares import least_squares, mean_estimation, orthogonal_least_squares
from problems.sampling import minibatch
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import distance_squared, gradient_norm_squared, suboptimality
from simlab.optimizers import incremental
from simlab.optimizers.first_order import sgd
from simlab.vocabulary.assumptions import (
    ComponentsConvex,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    FiniteSum,
    StronglyConvex,
)
from simlab.vocabulary.claim import LOWER
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem

CONVEX_TERMS = FiniteSum & ComponentsConvex & ComponentsSmooth & StronglyConvex
CURVED_TERMS = FiniteSum & ComponentsSmooth & ComponentsStronglyConvex
uniform_term = minibatch(batch=1)
one_term = mean_estimation(targets=(1.0,), start=2.0)
four_alike = mean_estimation(targets=(1.0,) * 4, start=2.0)
one_valley = least_squares(terms=1, dimension=2, ridge=0.5)
unequal_rows = least_squares(terms=6, dimension=2, residual=1.0, ridge=0.2)

# SAGA from a table of the gradients at the start.
linear: dict[str, Any] = {
    "noise": uniform_term,
    "measures": distance_squared.last,
    "domain": grid(k=(1, 2, 3, 10, 30)),
    "attained_by": one_term,
    "attained_at": grid(k=1),
}


@theorem(
    **linear,
    method=incremental.saga(step_size=lambda Lmax: 1 / (3 * Lmax), terms=lambda n: n),
    assumes=CURVED_TERMS,
    at_least=0.44,
    source="Defazio, Bach & Lacoste-Julien 2014, Corollary 1 (the step size 1/(3 L))",
)
def saga(k, n, Lmax, mu, R, D):
    """SAGA with the step size 1/(3 Lmax), from a table of the gradients at the start: linear convergence in
    expectation, without a floor and without knowing the strong convexity mu of the terms.

    With the same step size SGD has a floor: that is a control.
    """
    return (1 - min(1 / (4 * n), mu / (3 * Lmax))) ** k * (R**2 + 2 * n / (3 * Lmax) * D)


# With one term it is gradient descent, and with four alike in the first step.
saga.reaches(lambda k: (16 / 27) ** k * 3 / 4, by=one_term, at=grid(k=(1, 2, 3)))
saga.reaches(64 / 315, by=four_alike, at=grid(k=1))
saga.control(
    "SGD with the same step size, which has a floor",
    method=sgd(step_size=lambda Lmax: 1 / (3 * Lmax)),
    on=unequal_rows,
    domain=grid(k=300),
)
saga.control(
    "a step size of 4/Lmax",
    method=incremental.saga(step_size=lambda Lmax: 4 / Lmax, terms=lambda n: n),
    domain=grid(k=30),
)


@theorem(
    **linear,
    method=incremental.saga(step_size=lambda n, mu, Lmax: 1 / (2 * (mu * n + Lmax)), terms=lambda n: n),
    assumes=CURVED_TERMS,
    at_least=0.599,
    source="Defazio, Bach & Lacoste-Julien 2014, Theorem 1 and Corollary 1",
)
def saga_tuned(k, n, Lmax, mu, R, D):
    """SAGA with the step size 1/(2 (mu n + Lmax)): linear convergence at the rate 1 - mu/(2 (mu n + Lmax))."""
    rate = mu / (2 * (mu * n + Lmax))
    return (1 - rate) ** k * (R**2 + n / (mu * n + Lmax) * D)


# A step of 1/4 and one of 1/10 of the way.
saga_tuned.reaches(lambda k: (3 / 4) ** k * 4 / 5, by=one_term, at=grid(k=(1, 2, 3)))
saga_tuned.reaches(9 / 14, by=four_alike, at=grid(k=1))
saga_tuned.control(
    "SGD with the same step size, which has a floor",
    method=sgd(step_size=lambda n, mu, Lmax: 1 / (2 * (mu * n + Lmax))),
    on=unequal_rows,
    domain=grid(k=300),
)


@theorem(
    **linear,
    method=incremental.saga(step_size=lambda Lmax: 1 / (6 * Lmax), terms=lambda n: n),
    assumes=CONVEX_TERMS,
    at_least=0.74,
    source="as Gorbunov, Hanzely & Richtarik 2020",
)
def saga_convex_terms(k, n, Lmax, mu, R, D):
    """SAGA with the step size a = 1/(6 Lmax) when only the mean of the convex terms is strongly convex, from a
    table of the gradients at the start: linear convergence in expectation.

    With s the mean of |g_j - grad f_j(x*)|^2 over the table: E|x+ - x*|^2 <= (1 - a mu) |x - x*|^2 - (2a - 4
    a^2 Lmax) (f - f*) + 2 a^2 s and E s+ <= (1 - 1/n) s + 2 Lmax/n (f - f*), so |x - x*|^2 + 4n a^2 s falls;
    s_0 <= 2 Lmax D.
    """
    return (1 - min(mu / (6 * Lmax), 1 / (2 * n))) ** k * (R**2 + 2 * n * D / (9 * Lmax))


saga_convex_terms.reaches(lambda k: (5 / 6) ** k * 9 / 10, by=one_term, at=grid(k=(1, 2, 3)))
saga_convex_terms.reaches(50 / 91, by=four_alike, at=grid(k=1))
saga_convex_terms.control(
    "SGD with the same step size, which has a floor",
    method=sgd(step_size=lambda Lmax: 1 / (6 * Lmax)),
    on=unequal_rows,
    domain=grid(k=600),
)
saga_convex_terms.control(
    "a step size of 4/Lmax",
    method=incremental.saga(step_size=lambda Lmax: 4 / Lmax, terms=lambda n: n),
    domain=grid(k=30),
)


@saga_convex_terms.control("0.73 of the bound", domain=grid(k=1))
def _(k, n, Lmax, mu, R, D):
    return 0.73 * (1 - min(mu / (6 * Lmax), 1 / (2 * n))) ** k * (R**2 + 2 * n * D / (9 * Lmax))


@theorem(
    method=incremental.sag(step_size=lambda Lmax: 1 / (16 * Lmax), terms=lambda n: n),
    assumes=CONVEX_TERMS,
    noise=uniform_term,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    attained_by=mean_estimation(targets=(1.0,) * 50, start=2.0),
    at_least=0.85,
    attained_at=grid(k=1),
    source="Schmidt, Le Roux & Bach 2017, Theorem 1 (from a table of zeros)",
)
def sag(k, n, Lmax, mu, R, D, sigma2_star):
    """SAG with the step size 1/(16 Lmax), from a table of zeros: linear convergence in expectation, although its
    steps are biased.
    """
    rate = min(mu / (16 * Lmax), 1 / (8 * n))
    return (1 - rate) ** k * (D + 4 * Lmax * R**2 / n + sigma2_star / (16 * Lmax))


# A step of 1/16 of the way, or of 1/64 from a table of four zeros; and of 1/16 from the minimizer of targets -2, 2.
sag.reaches(lambda k: (15 / 16) ** k / 9, by=one_term, at=grid(k=(1, 2, 3)))
sag.reaches((63 / 64) ** 2 / (3 * 31 / 32), by=four_alike, at=grid(k=1))
sag.reaches(1 / 120, by=mean_estimation(targets=(-2.0, 2.0), start=0.0), at=grid(k=1))
sag.control(
    "a step size of 5/Lmax",
    method=incremental.sag(step_size=lambda Lmax: 5 / Lmax, terms=lambda n: n),
    on=unequal_rows,
    domain=grid(k=100),
)
sag.control(
    "SGD, which has a floor",
    method=sgd(step_size=lambda Lmax: 1 / Lmax),
    on=unequal_rows,
    domain=grid(k=300),
)


@quantity(latex=r"\|v\|^2", quadratic=True)
@kernel
def length_squared(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """The squared length of a vector, such as a method's estimate of the gradient."""
    total = 0.0
    for i in range(x.size):
        total += x[i] ** 2
    return total


sarah_steps = incremental.sarah(step_size=lambda h, Lmax: h / Lmax)


@theorem(
    method=sarah_steps,
    assumes=CONVEX_TERMS,
    noise=uniform_term,
    measures=length_squared.last.of("v"),
    domain=grid(h=(0.1, 0.5, 1.0, 1.9), k=(1, 2, 3, 10, 30)),
    attained_by=one_term,
    at_least=0.999999,
    attained_at=grid(h=(0.1, 0.5, 1.9), k=(1, 2, 3, 10)),
    source="Nguyen, Liu, Scheinberg & Takac 2017, Theorem 1a",
)
def sarah_inner(k, h, Lmax, mu, g0):
    """SARAH's estimate v_(k-1) of the gradient after k - 1 stochastic steps of size h/Lmax, h < 2: it vanishes
    linearly within one loop, where that of SVRG does not. Equality for a single parabola.
    """
    return (1 - (2 / h - 1) * (h * mu / Lmax) ** 2) ** (k - 1) * g0**2


sarah_inner.control(
    "a step size of 2.6/Lmax",
    method=incremental.sarah(step_size=lambda Lmax: 2.6 / Lmax),
    domain=grid(h=1.9, k=30),
)


@sarah_inner.control("one step later")
def _(k, h, Lmax, mu, g0):
    return (1 - (2 / h - 1) * (h * mu / Lmax) ** 2) ** k * g0**2


@theorem(
    method=incremental.sarah(step_size=lambda c, Lmax, mu: 2 * c / (mu + Lmax)),
    assumes=CURVED_TERMS,
    noise=uniform_term,
    measures=length_squared.last.of("v"),
    domain=grid(c=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 20, 40)),
    where=lambda mu, Lmax: mu < Lmax,
    attained_by=one_valley,
    at_least=0.8,
    attained_at=grid(c=1.0, k=(1, 2, 3)),
    source="Nguyen, Liu, Scheinberg & Takac 2017, Theorem 1b",
)
def sarah_inner_curved_terms(k, c, Lmax, mu, g0):
    """SARAH on strongly convex terms with step sizes up to 2/(mu + Lmax): its estimate v_(k-1) of the gradient
    falls by a factor that is linear in mu and not quadratic. Equality where all terms are one quadratic with
    eigenvalues mu and Lmax, for the longest step.
    """
    return (1 - 4 * c * mu * Lmax / (mu + Lmax) ** 2) ** (k - 1) * g0**2


sarah_inner_curved_terms.control(
    "a step size of 1.2 * 2/(mu + Lmax)",
    method=incremental.sarah(step_size=lambda Lmax, mu: 2.4 / (mu + Lmax)),
    domain=grid(c=1.0, k=10),
)


@theorem(
    method=sarah_steps,
    assumes=CONVEX_TERMS,
    noise=uniform_term,
    measures=gradient_norm_squared.mean(lag=0),
    domain=grid(h=(0.1, 0.9), k=(1, 2, 3, 30)),
    attained_by=orthogonal_least_squares(terms=5),
    at_least=0.68,
    attained_at=grid(h=0.9, k=100),
    source="Nguyen, Liu, Scheinberg & Takac 2017, Theorem 4",
)
def sarah(k, h, Lmax, mu, g0):
    """One loop of SARAH with k steps of size h/Lmax, h <= 1: the squared gradient norm at a uniformly random one of
    x_0, ..., x_k, which is where the next loop starts.
    """
    return (Lmax / (h * mu * (k + 1)) + h / (2 - h)) * g0**2


@sarah.control("0.6 of the term for the step size", domain=grid(h=0.9, k=100))
def _(k, h, Lmax, mu, g0):
    return (Lmax / (h * mu * (k + 1)) + 0.6 * h / (2 - h)) * g0**2


sarah.control(
    "a step size of 2.6/Lmax",
    method=incremental.sarah(step_size=lambda Lmax: 2.6 / Lmax),
    domain=grid(h=0.9, k=100),
)


@theorem(
    method=incremental.loopless_svrg(step_size=lambda Lmax: 1 / (6 * Lmax)),
    assumes=CONVEX_TERMS,
    noise=term_and_coin(probability=lambda p: p),
    measures=distance_squared.last,
    domain=grid(p=(0.05, 1.0), k=(1, 2, 3, 10, 30)),
    attained_by=one_term,
    at_least=0.749,
    attained_at=grid(p=1.0, k=1),
    source="Kovalev, Horvath & Richtarik 2020, Theorem 5 (its potential, bounded at the start by smoothness)",
)
def l_svrg(k, p, Lmax, mu, R, D):
    """Loopless SVRG with the step size 1/(6 Lmax) and a new snapshot with probability p in each step: linear
    convergence in expectation.
    """
    return max(1 - mu / (6 * Lmax), 1 - p / 2) ** k * (R**2 + 2 * D / (9 * Lmax * p))


l_svrg.reaches(lambda k: (5 / 6) ** k * 9 / 10, by=one_term, at=grid(p=1.0, k=(1, 3)))
l_svrg.reaches(lambda k: (50 / 63) ** k * 9 / 13, by=one_term, at=grid(p=0.25, k=(1, 3)))
l_svrg.control(
    "a step size of 4/Lmax",
    method=incremental.loopless_svrg(step_size=lambda Lmax: 4 / Lmax),
    domain=grid(p=0.3, k=30),
)
l_svrg.control(
    "SGD with the same step size, which has a floor",
    method=sgd(step_size=lambda Lmax: 1 / (6 * Lmax)),
    on=unequal_rows,
    domain=grid(p=0.3, k=300),
)


# --- what all of these avoid -------------------------------------------------------------------------------------

two_targets = mean_estimation(targets=(-1.0, 1.0))


@theorem(
    method=sgd(step_size=lambda h, Lmax: h / Lmax),
    noise=uniform_term,
    assumes=FiniteSum & ComponentsSmooth,
    measures=suboptimality.last,
    claim=LOWER,
    domain=grid(h=(0.1, 1 / 3, 1.0), k=(1, 2, 3, 10, 100)),
    on=two_targets,
    matched=False,
    attained_by=two_targets,
    at_least=0.999,
    attained_at=grid(h=(0.1, 1 / 3, 1.0), k=100),
    source="Bottou, Curtis & Nocedal 2018, section 4 (the recursion solved for one coordinate)",
)
def vr_vs_sgd_floor(h, Lmax, sigma2_star):
    """SGD with the step size h/Lmax never gets below a floor, where variance reduction goes on with the same step
    size: on parabolas with two targets, from one of them. On most other finite sums the floor is another number.
    """
    return h / (2 - h) * sigma2_star / (2 * Lmax)


vr_vs_sgd_floor.control(
    "SAGA with the same step size",
    method=incremental.saga(step_size=lambda h, Lmax: h / Lmax, terms=lambda n: n),
    domain=grid(h=1 / 3, k=100),
)
vr_vs_sgd_floor.control(
    "loopless SVRG with the same step size",
    method=incremental.loopless_svrg(step_size=lambda h, Lmax: h / Lmax),
    noise=term_and_coin(probability=0.5),
    domain=grid(h=1 / 3, k=100),
)


@vr_vs_sgd_floor.control("a floor that is 1% higher", domain=grid(h=1 / 3, k=100))
def _(h, Lmax, sigma2_star):
    return 1.01 * h / (2 - h) * sigma2_star / (2 * Lmax)
