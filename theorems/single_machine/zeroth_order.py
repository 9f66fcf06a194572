"""Zeroth-order methods: descent along random directions, by differences of values."""

from problems.quadratic import quadratic
from problems.standard_normal import standard_normal
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.zeroth_order import random_gradient_free as random_gradient_free_method
from simlab.vocabulary.assumptions import Convex, Smooth
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=random_gradient_free_method(step_size=lambda d, L: 1 / (4 * (d + 4) * L), smoothing=lambda s: s),
    assumes=Convex & Smooth,
    noise=standard_normal(),
    measures=suboptimality.mean(lag=0),
    domain=grid(s=(1e-3, 0.1), k=(1, 2, 3, 10)),
    attained_by=quadratic(spectrum=(1.0,)),
    at_least=0.26,
    attained_at=grid(s=1e-3, k=200),
    source="Nesterov & Spokoiny 2017, Theorem 8",
)
def random_gradient_free(k, s, d, L, R):
    """Descent along a random normal direction a step, with the slope from two values at distance s and the step
    size 1/(4 (d + 4) L), on smooth convex functions: the mean of the expected suboptimality over x_0, ..., x_k.
    Not seeing gradients costs a factor of the dimension.

    On quadratics in up to four dimensions expectations are exact, by quadrature. A parabola reaches a quarter.
    """
    return 4 * (d + 4) * L * R**2 / (k + 1) + 9 * s**2 * (d + 4) ** 2 * L / 25


# E x_1^2 = 1 - 2/20 + 3/400 + 15/1600 on x^2/2 from 1, of the bound 10 + 9.
random_gradient_free.reaches(1.916875 / 76, by=quadratic(spectrum=(1.0,), start=(1.0,)), at=grid(s=1.0, k=1))
random_gradient_free.control(
    "the step size 1/L of gradient descent",
    method=random_gradient_free_method(step_size=lambda L: 1 / L, smoothing=lambda s: s),
    on=quadratic(spectrum=(1.0, 1.0)),
    domain=grid(s=1e-3, k=30),
)


@random_gradient_free.control("a quarter of the first term", domain=grid(s=1e-3, k=200))
def _(k, s, d, L, R):
    return (d + 4) * L * R**2 / (k + 1) + 9 * s**2 * (d + 4) ** 2 * L / 25
