"""Proximal gradient descent on composite objectives."""

from typing import Any

from problems.lasso import half_line, lasso
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.proximal import proximal_gradient
from simlab.vocabulary.assumptions import Composite
from simlab.vocabulary.theorem import grid, theorem

ista: dict[str, Any] = {
    "method": proximal_gradient(step_size=lambda h, L: h / L),
    "assumes": Composite,
    "measures": suboptimality.last,
    "domain": grid(h=(0.1, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
    # The slope at which k steps go half of the way to the boundary.
    "attained_by": half_line.at(slope=lambda k, h: 1 / (k * h), start=2.0),
}


@theorem(**ista, at_least=0.999, source="Taylor, Hendrickx & Glineur 2017 (composite convex optimization)")
def ista_lasso(k, h, L, R):
    """Proximal gradient descent (ISTA) on a smooth convex function plus a convex one with a proximal map, such as
    the lasso, with a step size up to 1/L: the exact constant.

    It is attained where the minimizer is kept from the start by a constraint. The lasso itself reaches less.
    """
    return L * R**2 / (4 * k * h)


@ista_lasso.control("4.2k in place of 4k", domain=grid(h=1.0, k=(1, 10)))
def _(k, h, L, R):
    return L * R**2 / (4.2 * k * h)


ista_lasso.control(
    "a step size of 2.5/L in the bound for 1/L",
    method=proximal_gradient(step_size=lambda L: 2.5 / L),
    on=lasso(),
    domain=grid(h=1.0, k=(10, 100)),
)
ista_lasso.control(
    "gradient descent, without the proximal map",
    method=gradient_descent(step_size=lambda h, L: h / L),
    on=lasso(),
    domain=grid(h=1.0, k=(10, 100)),
)


@theorem(**ista, at_least=0.499, source="Beck & Teboulle 2009, Theorem 3.1")
def ista_lasso_textbook(k, h, L, R):
    """Proximal gradient descent (ISTA) with a step size up to 1/L: twice the exact constant, from textbooks."""
    return L * R**2 / (2 * k * h)


ista_lasso_textbook.reaches(1 / 2, by=ista["attained_by"], at=grid(h=(0.1, 0.5, 1.0), k=(1, 3, 10)))


@ista_lasso_textbook.control("0.49 of the bound")
def _(k, h, L, R):
    return 0.49 * L * R**2 / (2 * k * h)


ista_lasso_textbook.control(
    "a step size of 2.5/L in the bound for 1/L",
    method=proximal_gradient(step_size=lambda L: 2.5 / L),
    on=lasso(),
    domain=grid(h=1.0, k=(10, 100)),
)
