"""Gradient descent with constant step size."""

from typing import Any

from problems.huber import huber
from problems.pl import double_well
from problems.quadratic import quadratic
from problems.zigzag import zigzag
from simlab.kernels.quantities import distance, gradient_norm, gradient_norm_squared, suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import Convex, PolyakLojasiewicz, Smooth, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))
descent = gradient_descent(step_size=lambda h, L: h / L)
too_long = gradient_descent(step_size=lambda L: 2.05 / L)

# --- convex functions ------------------------------------------------------------------------------------------


@theorem(
    method=descent,
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 100)),
    attained_by=(huber.at(threshold=lambda k, h: 1 / (2 * k * h + 1)), scalar),
    at_least=0.999,
    source="Drori & Teboulle 2014, Theorem 3.1; Taylor, Hendrickx & Glineur 2017",
)
def gd_convex_tight(k, h, L, R):
    """Gradient descent on smooth convex functions: the last iterate, for any step size below 2/L."""
    return L * R**2 / 2 * max(1 / (2 * k * h + 1), (1 - h) ** (2 * k))


@gd_convex_tight.control("4kh + 3 in place of 4kh + 2", domain=grid(h=1.0, k=10))
def _(k, h, L, R):
    return L * R**2 / (4 * k * h + 3)


@gd_convex_tight.control("without the long-step branch", domain=grid(h=1.9, k=3))
def _(k, h, L, R):
    return L * R**2 / (4 * k * h + 2)


# --- strongly convex functions: one contraction, seen in three quantities -------------------------------------

contraction: dict[str, Any] = {
    "method": descent,
    "assumes": Smooth & StronglyConvex,
    "domain": grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 50)),
    # One step of 1/L solves an isotropic quadratic: nothing is left to measure.
    "where": lambda h, L, mu: max(abs(1 - h * mu / L), abs(1 - h)) > 0,
    # The slowest direction is the flattest one up to the step size 2/(L + mu), and the steepest one beyond.
    "attained_by": [
        quadratic.at(spectrum=lambda mu: (mu, 1.0), start=start) for start in ((1.0, 0.0), (0.0, 1.0))
    ],
    "at_least": 0.999,
    "attained_at": grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), mu=(0.6, 0.1, 1e-6), k=(1, 2, 3, 10)),
    "source": "Polyak 1987; Taylor, Hendrickx & Glineur 2018 (all three quantities, exactly)",
}


@theorem(**contraction, measures=distance.last)
def gd_sc_contraction(k, h, L, mu, R):
    """Gradient descent on smooth strongly convex functions contracts the distance to the minimizer by
    max(|1 - step mu|, |1 - step L|) a step, for any step size below 2/L.
    """
    return max(abs(1 - h * mu / L), abs(1 - h)) ** k * R


gd_sc_contraction.control("twice the strong convexity", declare={"mu": lambda mu: 2 * mu})
gd_sc_contraction.control(
    "a step size of 2.05/L in the bound for 1.9/L", method=too_long, domain=grid(h=1.9, mu=0.1, k=(1, 10))
)


@gd_sc_contraction.control("without the long-step branch", domain=grid(h=1.9, mu=0.1, k=3))
def _(k, h, L, mu, R):
    return abs(1 - h * mu / L) ** k * R


@theorem(**contraction, measures=suboptimality.last)
def gd_sc_contraction_value(k, h, L, mu, D):
    """Gradient descent on smooth strongly convex functions contracts the suboptimality by the square of
    max(|1 - step mu|, |1 - step L|) a step, for any step size below 2/L.
    """
    return max(abs(1 - h * mu / L), abs(1 - h)) ** (2 * k) * D


gd_sc_contraction_value.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})


@gd_sc_contraction_value.control("without the long-step branch", domain=grid(h=1.9, mu=0.1, k=3))
def _(k, h, L, mu, D):
    return abs(1 - h * mu / L) ** (2 * k) * D


@theorem(**contraction, measures=gradient_norm.last)
def gd_sc_contraction_gradient(k, h, L, mu, g0):
    """Gradient descent on smooth strongly convex functions contracts the gradient norm by
    max(|1 - step mu|, |1 - step L|) a step, for any step size below 2/L.
    """
    return max(abs(1 - h * mu / L), abs(1 - h)) ** k * g0


gd_sc_contraction_gradient.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})


@gd_sc_contraction_gradient.control("without the long-step branch", domain=grid(h=1.9, mu=0.1, k=3))
def _(k, h, L, mu, g0):
    return abs(1 - h * mu / L) ** k * g0


# --- gradients that dominate the suboptimality --------------------------------------------------------------------


@theorem(
    method=descent,
    assumes=Smooth & PolyakLojasiewicz,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 50)),
    where=lambda h, L, mu: h * mu / L * (2 - h) < 1,
    attained_by=scalar,
    at_least=0.999,
    attained_at=grid(h=(0.1, 0.5, 1.5, 1.9), k=(1, 2, 3, 10)),
    source="Polyak 1963; Karimi, Nutini & Schmidt 2016, Theorem 1",
)
def gd_pl(k, h, L, mu, D):
    """Gradient descent where |grad f|^2 >= 2 mu (f - f*), convex or not: linear convergence of the suboptimality
    for any step size below 2/L. Equality on isotropic quadratics; one step of 1/L solves those, and is left out.
    """
    return (1 - h * mu / L * (2 - h)) ** k * D


gd_pl.control(
    "no PL inequality: stuck in the higher of two wells",
    on=double_well(start=1.4),
    domain=grid(h=1.0, k=(100, 1000)),
    declare={"mu": lambda L: 0.01 * L},
)


@gd_pl.control("1.01 of the decrease", domain=grid(h=0.5, k=3))
def _(k, h, L, mu, D):
    return (1 - 1.01 * h * mu / L * (2 - h)) ** k * D


# --- any smooth function ------------------------------------------------------------------------------------------


@theorem(
    method=descent,
    assumes=Smooth,
    measures=gradient_norm_squared.best(),
    domain=grid(h=(0.25, 0.5, 1.0, 1.15, 1.5, 1.7), k=(1, 2, 3, 10, 100)),
    attained_by=zigzag.at(dips=lambda k: k, step=lambda h: h),
    at_least=0.999,
    attained_at=grid(h=(0.25, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
    source="Abbaszadehpeivasti, de Klerk & Zamani 2022",
)
def gd_nonconvex_stationarity(k, h, L, D):
    """Gradient descent on any smooth function that is bounded below: the smallest squared gradient norm among
    x_0, ..., x_k, for any step size below sqrt(3)/L.

    The zigzag attains it up to 1/L. Beyond, performance estimation finds the bound exact too (k <= 3), but the
    worst functions then need two coordinates.
    """
    return 4 * L * D / (k * min(4 * h - h**2, 4 * h - h**3) + 2)


gd_nonconvex_stationarity.control("half of the smoothness", declare={"L": lambda L: L / 2})
gd_nonconvex_stationarity.control(
    "a step size of 2.05/L in the bound for 1.7/L", method=too_long, on=scalar, domain=grid(h=1.7, k=(3, 10))
)


@gd_nonconvex_stationarity.control("3k + 3 in place of 3k + 2", domain=grid(h=1.0, k=10))
def _(k, L, D):
    return 4 * L * D / (3 * k + 3)


@theorem(
    method=descent,
    assumes=Smooth,
    measures=gradient_norm_squared.best(lag=1),
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 100)),
    attained_by=zigzag.at(dips=lambda k: k - 1, step=lambda h: h),
    at_least=0.666,
    attained_at=grid(h=1.0, k=(1, 2, 3, 10, 100)),
    source="Nesterov 2004, section 1.2.3",
)
def gd_nonconvex_stationarity_textbook(k, h, L, D):
    """Gradient descent on any smooth function that is bounded below: the smallest squared gradient norm among
    x_0, ..., x_(k-1), by the descent lemma alone, for any step size below 2/L.

    With the step size 1/L the zigzag reaches 2k/(3k - 1) of it, which is 1 for k = 1 and tends to 2/3.
    """
    return 2 * L * D / (k * h * (2 - h))


gd_nonconvex_stationarity_textbook.control(
    "a step size of 2.05/L in the bound for 1.9/L",
    method=too_long,
    on=scalar,
    domain=grid(h=1.9, k=(10, 100)),
)


@gd_nonconvex_stationarity_textbook.control("0.66 of the bound")
def _(k, h, L, D):
    return 0.66 * 2 * L * D / (k * h * (2 - h))
