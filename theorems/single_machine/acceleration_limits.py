"""Nesterov's method outside convex functions, and what its growing momentum makes of strong convexity."""

import math

from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import gradient_norm_squared, suboptimality
from simlab.optimizers.first_order import gradient_descent, nesterov, nesterov_strongly_convex, sgd_momentum
from simlab.vocabulary.assumptions import Smooth
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem


def momentum(c, h):
    """c times the largest momentum for which the energy falls."""
    return c / math.sqrt(1 + h)


@theorem(
    method=sgd_momentum(step_size=lambda h, L: h / L, momentum=momentum, nesterov=1.0),
    assumes=Smooth,
    measures=gradient_norm_squared.mean(),
    domain=grid(h=(0.01, 0.5), c=(0.1, 1.0), k=(1, 2, 3, 30, 300)),
    attained_by=pseudo_huber.at(start=lambda h, c, k: h * k / (1 - momentum(c, h))),
    at_least=0.44,
    attained_at=grid(h=0.001, c=0.1, k=10_000),
    source="by the energy f(x) + |x+ - x|^2/(2 a)",
)
def nag_nonconvex(k, h, L, D):
    """Nesterov's method with constant momentum b <= 1/sqrt(1 + h) and the step size a = h/L, h < 1, on any
    smooth function that is bounded below: the mean squared gradient norm at the extrapolated points y_j before
    step k. It is PyTorch's form, whose iterates are these points.

    With v = x_j - x_(j-1) and v+ = b v - a g, g = grad f(y_j): f(y_j) <= f(x_j) + b g'v + L b^2 |v|^2/2 and
    f(x_(j+1)) <= f(y_j) - a (1 - h/2) |g|^2; and 2a b g'v = b^2 |v|^2 + a^2 |g|^2 - |v+|^2. So f(x_j) +
    |v|^2/(2a) falls by a (1 - h) |g|^2/2. A constant slope reaches (1 - b)/2 of it.
    """
    return 2 * L * D / (h * (1 - h) * k)


# The gradient 1 at the start of a parabola.
nag_nonconvex.reaches(
    lambda h: h * (1 - h), by=quadratic(spectrum=(1.0,), start=(1.0,)), at=grid(h=(0.25, 0.5), c=1.0, k=1)
)
nag_nonconvex.control(
    "a smoothness that is understated by a factor of 6",
    declare={"L": lambda L: L / 6},
    on=quadratic(spectrum=(1.0,)),
    domain=grid(h=0.5, c=0.9, k=300),
)
nag_nonconvex.control(
    "a momentum above 1",
    method=sgd_momentum(step_size=lambda h, L: h / L, momentum=1.05, nesterov=1.0),
    on=quadratic(spectrum=(1.0,)),
    domain=grid(h=0.01, c=1.0, k=300),
)


@nag_nonconvex.control("0.4 of the bound")
def _(k, h, L, D):
    return 0.8 * L * D / (h * (1 - h) * k)


flat_direction = quadratic.at(spectrum=lambda q: (q, 1.0), start=(1.0, 0.0))


def legendre_formula(k, q, D):
    """The law by the derivative of a Legendre polynomial."""
    from scipy.special import eval_gegenbauer

    derivative = float(eval_gegenbauer(k - 1, 1.5, math.sqrt(1 - q)))
    return D * (1 - q) ** (k + 1) * (2 * derivative / (k * (k + 1))) ** 2


@theorem(
    method=nesterov(step_size=lambda L: 1 / L),
    assumes=Smooth,
    measures=suboptimality.last,
    claim=law(1e-7),
    domain=grid(q=(0.5, 0.1, 0.01, 1e-4), k=(1, 2, 3, 10, 100, 1000)),
    on=flat_direction,
    matched=False,
    source="by the recursion of the Legendre polynomials",
)
def nag_quadratic_exact(k, q, D):
    """Nesterov's method with momentum k/(k + 3) and the step size 1/L on a quadratic, from a start along an
    eigenvector of the eigenvalue q L: x_k = x_0 (1 - q)^((k+1)/2) 2 P_k'(sqrt(1 - q))/(k (k + 1)), with the
    Legendre polynomial P_k.

    It is of order (1 - q)^k k^-3: what is gained early, for k < 1/sqrt(q), is lost later. Gradient descent
    reaches (1 - q)^(2k), and Nesterov's method that knows q nearly (1 - sqrt(q))^(2k). The momentum that suits
    all convex functions is the wrong one for strongly convex ones. It is about this one direction, so
    registered problems are left out.
    """
    return legendre_formula(k, q, D)


nag_quadratic_exact.control(
    "gradient descent", method=gradient_descent(step_size=lambda L: 1 / L), domain=grid(q=0.1, k=(10, 100))
)
nag_quadratic_exact.control(
    "a momentum that knows q",
    method=nesterov_strongly_convex(step_size=lambda L: 1 / L, strong_convexity=lambda q: q),
    domain=grid(q=0.01, k=100),
)


@nag_quadratic_exact.control("the rate of the method that knows q", domain=grid(q=0.01, k=(10, 100)))
def _(k, q, D):
    return (1 - math.sqrt(q)) ** k * D
