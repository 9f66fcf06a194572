"""Gradient descent with line searches."""

from problems.huber import huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.line_search import backtracking, exact_line_search
from simlab.vocabulary.assumptions import Convex, Smooth, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=exact_line_search(),
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    where=lambda L, mu: mu < L,
    # In both eigenvectors the gradient is the same, and stays so up to signs.
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0), start=lambda mu: (1 / mu, 1.0)),
    at_least=0.999,
    attained_at=grid(mu=(0.3, 0.1, 1e-3, 1e-6), k=(1, 2, 3, 10)),
    source="de Klerk, Glineur & Taylor 2017, Theorem 1.2; for quadratics Kantorovich 1948",
)
def gd_exact_linesearch(k, L, mu, D):
    """Gradient descent with exact line search on smooth strongly convex functions: no better in the worst case
    than the constant step size 2/(L + mu).
    """
    return ((L - mu) / (L + mu)) ** (2 * k) * D


gd_exact_linesearch.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})
gd_exact_linesearch.control(
    "the constant step size 1/L",
    method=gradient_descent(step_size=lambda L: 1 / L),
    on=quadratic(spectrum=(0.1, 1.0), start=(1.0, 0.0)),
    domain=grid(k=(2, 10)),
)


@theorem(
    method=backtracking(step_size=lambda s, L: s / L, factor=lambda factor: factor),
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(s=(0.1, 0.9, 1.1, 1e4), factor=(0.5, 0.9), k=(1, 2, 3, 10, 100)),
    attained_by=huber.at(threshold=lambda k, s: 1 / (2 * k * s + 1)),
    at_least=0.49,
    attained_at=grid(s=0.5, factor=0.9, k=100),
    source="Beck & Teboulle 2009, Theorem 3.1 without the non-smooth part, with the step size found by halving",
)
def gd_armijo(k, s, factor, L, R):
    """Gradient descent with backtracking on smooth convex functions: each step tries s/L, factor s/L, ... until
    f(x+) <= f(x) - step |grad f(x)|^2 / 2, which every step up to 1/L fulfils.

    It is twice the exact constant of short steps, as the bound for constant steps with this proof.
    """
    return L * R**2 / (2 * k * min(s, factor))


@gd_armijo.control("0.49 of the bound", domain=grid(s=0.5, factor=0.9, k=100))
def _(k, s, factor, L, R):
    return 0.49 * L * R**2 / (2 * k * min(s, factor))


# The exact constant is that of gd-convex-tight, whether the step is shorter than the shortest that is tried or not.
gd_armijo.reaches(
    lambda k, s: min(s, 0.9) * k / (2 * s * k + 1),
    by=huber.at(threshold=lambda k, s: 1 / (2 * k * s + 1)),
    at=grid(s=(0.1, 0.5, 0.95), factor=0.9, k=(1, 3, 10)),
)
gd_armijo.control(
    "the step size 2.5/L without backtracking",
    method=gradient_descent(step_size=lambda L: 2.5 / L),
    on=quadratic(spectrum=(1.0, 10.0)),
    domain=grid(s=2.5, factor=0.5, k=(10, 100)),
)
