"""Gradient descent with constant step size."""

from problems.huber import huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import Convex, Smooth
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=gradient_descent(step_size=lambda h, L: h / L),
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 1.0, 1.5, 1.9), k=(1, 2, 3, 10, 100)),
    attained_by=(huber.at(threshold=lambda k, h: 1 / (2 * k * h + 1)), quadratic(spectrum=(1.0,))),
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
