"""Newton's method made global: damped on self-concordant functions, cubic, inexact, and without the Hessian."""

import math

import numpy as np

from problems.barriers import logarithmic_barrier, slabs_barrier
from problems.curvature import peaked_curvature
from problems.logistic import logistic_regression
from problems.nonconvex_sums import rippled_bowl
from problems.power import power
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from problems.spectra import clustered_quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import distance, gradient_norm, suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.newton_type import cubic_newton, damped_newton, inexact_newton, newton_cg
from simlab.optimizers.second_order import newton, solve_in_place
from simlab.running.given import states
from simlab.running.simulate import constants
from simlab.vocabulary.assumptions import (
    Convex,
    LipschitzHessian,
    Quadratic,
    SelfConcordant,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.claim import LOWER, exponent, law
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem

# --- self-concordant functions: everything in terms of the Newton decrement at the start -------------------------


@quantity(latex=r"\lambda(x)")
@kernel
def newton_decrement(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """sqrt(grad f' H^(-1) grad f)."""
    matrix = np.empty((x.size, x.size))
    objective.gradient(objective.data, x, work[1])
    objective.gradient(objective.data, x, work[2])
    objective.hessian(objective.data, x, matrix)
    solve_in_place(matrix, work[2])
    total = 0.0
    for i in range(x.size):
        total += work[1, i] * work[2, i]
    return math.sqrt(total)


@quantity(latex=r"f(x_0) - f(x)", signed=True)
@kernel
def decrease(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """f(x_0) - f(x)."""
    return float(objective.value(objective.data, reference.start) - objective.value(objective.data, x))


logarithmic = logarithmic_barrier.at(decrement=lambda decrement: decrement)
heavier = logarithmic_barrier.at(decrement=lambda decrement: decrement, weight=3.0)
slabs = slabs_barrier.at(decrement=lambda decrement: decrement)
many_slabs = slabs_barrier.at(terms=150, dimension=100, decrement=lambda decrement: decrement)
too_light = logarithmic_barrier.at(decrement=lambda decrement: decrement, weight=0.01)


@theorem(
    method=newton(),
    assumes=SelfConcordant,
    measures=newton_decrement.last,
    domain=grid(decrement=(0.003, 0.03, 0.1, 0.3, 0.6, 0.9), k=(1, 2, 3)),
    where=lambda decrement, K: decrement < 0.35 or K == 1,
    on=(heavier, slabs, many_slabs),
    attained_by=logarithmic,
    at_least=0.99,
    attained_at=grid(decrement=0.003, k=1),
    matched=False,
    source="Nesterov & Nemirovskii 1994, Theorem 2.2.2; Nesterov 2004, Theorem 4.1.14",
)
def newton_self_concordant(k, decrement):
    """Newton's method on a self-concordant function: the Newton decrement falls from r to at most (r/(1 - r))^2 in
    each step. Attained near the minimizer. It speaks of the decrement at the start, a parameter of the instance, so
    registered problems are left out.
    """
    r = decrement
    for _ in range(k):
        r = (r / (1 - r)) ** 2
    return r


newton_self_concordant.control(
    "a function that is not self-concordant", on=too_light, domain=grid(decrement=0.03, k=1)
)


@newton_self_concordant.control("r^2 / 2")
def _(decrement):
    return decrement**2 / 2


@theorem(
    method=damped_newton(),
    assumes=SelfConcordant,
    measures=decrease.last,
    claim=LOWER,
    domain=grid(decrement=(0.01, 0.1, 0.5, 1.0, 1.5, 10.0, 1000.0), k=1),
    where=lambda decrement, d: decrement < 1.6 or d == 1,
    on=(heavier, slabs_barrier.at(terms=150, dimension=100, decrement=lambda decrement: min(decrement, 1.5))),
    attained_by=logarithmic,
    at_least=0.999,
    matched=False,
    source="Nesterov 2004, Theorem 4.1.12",
)
def newton_self_concordant_decrease(decrement):
    """Newton's method with steps 1/(1 + r) on a self-concordant function: a step from where the Newton decrement is
    r lowers f by at least r - log(1 + r). Equality on x - ln x. Registered problems are left out as above.
    """
    return decrement - math.log1p(decrement)


newton_self_concordant_decrease.control("full steps", method=newton(), domain=grid(decrement=(0.5, 1.5), k=1))
newton_self_concordant_decrease.control("a function that is not self-concordant", on=too_light)


@newton_self_concordant_decrease.control("r^2 / 2, as for a quadratic")
def _(decrement):
    return decrement**2 / 2


@theorem(
    method=damped_newton(),
    assumes=SelfConcordant,
    measures=newton_decrement.last,
    domain=grid(decrement=(0.01, 0.1, 0.3, 0.45), k=(1, 2, 3)),
    on=(logarithmic, heavier, slabs, many_slabs),
    attained_by=[
        slabs_barrier.at(terms=1, dimension=1, decrement=lambda decrement: decrement),
        logarithmic_barrier.at(decrement=lambda decrement: decrement, weight=1e4),
    ],
    at_least=0.4,
    attained_at=grid(decrement=0.01, k=1),
    matched=False,
    source="Nesterov 2004, section 4.1.5",
)
def newton_self_concordant_damped(k, decrement):
    """Newton's method with steps 1/(1 + r) on a self-concordant function: the Newton decrement falls from r < 1/2
    to at most 2 r^2 in each step. Registered problems are left out as above.
    """
    r = decrement
    for _ in range(k):
        r = 2 * r**2
    return r


@newton_self_concordant_damped.control("r^2 / 2")
def _(decrement):
    return decrement**2 / 2


newton_self_concordant_damped.control(
    "half of these steps", method=newton(step_size=0.5), domain=grid(decrement=0.1, k=(1, 2))
)


# --- damped by the condition number ------------------------------------------------------------------------------


@theorem(
    method=newton(step_size=lambda L, mu: mu / L),
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    where=lambda L, mu: mu < L,
    on=quadratic(spectrum=(1e-6, 1.0)),
    attained_by=quadratic(spectrum=(0.01, 1.0)),
    at_least=0.98,
    attained_at=grid(k=1),
    source="Boyd & Vandenberghe 2004, section 9.5.3 (damped phase); by the descent lemma",
)
def newton_damped_linear(k, L, mu, D):
    """Newton's method with the step size mu/L on smooth strongly convex functions: linear convergence, whatever the
    Hessian does. On quadratics, which need no such care, a step leaves (1 - mu/L)^2.
    """
    return (1 - (mu / L) ** 2) ** k * D


# (1 - q)^2 in place of 1 - q^2.
newton_damped_linear.reaches(lambda k: 3.0**-k, by=quadratic(spectrum=(0.5, 1.0)), at=grid(k=(1, 2, 3)))
newton_damped_linear.control(
    "full steps far from the minimizer, where they diverge",
    method=newton(),
    on=peaked_curvature(strong_convexity=0.05),
    domain=grid(k=(1, 2)),
)
newton_damped_linear.control(
    "a step size of mu/(100 L)", method=newton(step_size=lambda L, mu: mu / (100 * L)), domain=grid(k=100),
    on=quadratic(spectrum=(0.5, 1.0)),
)  # fmt: skip


# --- cubic regularization ----------------------------------------------------------------------------------------

cubic = cubic_newton(hessian_lipschitz=lambda M: M)


@theorem(
    method=cubic,
    assumes=Convex & LipschitzHessian,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 30)),
    where=lambda d, M: d == 1 and M > 0,
    on=[pseudo_huber(threshold=t, start=s) for t, s in ((1.0, 10.0), (0.1, 1.0), (1.0, 0.3))]
    + [peaked_curvature(strong_convexity=1e-4, start=1.0)],
    matched=False,
    labels=("loose",),
    source="Nesterov 2008, Theorem 1; Nesterov & Polyak 2006, Theorem 4",
)
def newton_cubic_convex(k, M, R):
    """Newton's method with cubic regularization on convex functions whose Hessian is M-Lipschitz. R stands for the
    radius of the level set of the start: they agree for even functions of one coordinate, on which it is run.
    """
    return 9 * M * R**3 / (k + 4) ** 2


# On |x|^3, M = 6, a step is the root of t^2 + 2 x t = x^2: it leaves 2 - sqrt(2) of x.
cube = power(power=3.0)
newton_cubic_convex.reaches(
    lambda k: (2 - math.sqrt(2)) ** (3 * k) * (k + 4) ** 2 / 54, by=cube, at=grid(k=(1, 2, 3))
)
newton_cubic_convex.control(
    "a Lipschitz constant that is far too small: pure Newton steps diverge",
    method=cubic_newton(hessian_lipschitz=1e-4),
    on=pseudo_huber(start=2.0),
)


@newton_cubic_convex.control("the order k^-6", domain=grid(k=(3, 10)), on=pseudo_huber(start=10.0))
def _(k, M, R):
    return 9 * M * R**3 / (k + 4) ** 6


@theorem(
    method=cubic,
    assumes=LipschitzHessian,
    measures=gradient_norm.best(first=1),
    domain=grid(k=(1, 2, 3, 5)),
    where=lambda M: M > 0,
    on=(rippled_bowl.at(dimension=3, start=0.01), peaked_curvature(start=0.5)),
    labels=("loose",),
    source="Nesterov & Polyak 2006, Theorem 1, without its second-order part",
)
def newton_cubic_nonconvex(k, M, D):
    """Newton's method with cubic regularization on any function that is bounded below and has an M-Lipschitz
    Hessian: the smallest gradient norm among x_1, ..., x_k.

    A step of length r lowers f by M r^3/12 or more and ends where the gradient is at most M r^2.
    """
    return M * (12 * D / (M * k)) ** (2 / 3)


# As above: the gradient is 3 x^2.
newton_cubic_nonconvex.reaches(
    lambda k: (2 - math.sqrt(2)) ** (2 * k) / 2 * (k / 2) ** (2 / 3), by=cube, at=grid(k=(1, 2, 3))
)
newton_cubic_nonconvex.control(
    "gradient descent with tiny steps", method=gradient_descent(step_size=0.001),
    on=rippled_bowl.at(dimension=1, start=2.0), domain=grid(k=30),
)  # fmt: skip
newton_cubic_nonconvex.control(
    "a Lipschitz constant that is understated", on=pseudo_huber(start=2.0), domain=grid(k=(1, 3)),
    declare={"M": lambda M: M / 1e4},
)  # fmt: skip


@theorem(
    method=cubic,
    assumes=LipschitzHessian,
    measures=distance.last,
    claim=law(),
    domain=grid(start=(1e-3, 0.1, -1.0), k=(1, 2, 3, 10, 30)),
    on=power.at(power=3.0, start=lambda start: start),
    matched=False,
    source="by solving for the step",
)
def newton_cubic_flat(k, R):
    """Newton's method with cubic regularization on |x|^3, whose curvature vanishes at the minimizer: it converges
    linearly, at the rate 2 - sqrt(2), where Newton's method has 1/2. Faster convergence needs curvature. It is
    about this function: with M = 6 a step t from x > 0 back solves 3 t^2 + 6 x t = 3 x^2.
    """
    return (2 - math.sqrt(2)) ** k * R


newton_cubic_flat.control("Newton's method itself", method=newton())
newton_cubic_flat.control(
    "half of the Lipschitz constant", method=cubic_newton(hessian_lipschitz=lambda M: M / 2)
)


# --- inexact steps -----------------------------------------------------------------------------------------------


@theorem(
    method=inexact_newton(forcing=lambda eta: eta),
    assumes=Quadratic,
    measures=gradient_norm.last,
    claim=law(),
    domain=grid(eta=(0.01, 0.3, 0.9), k=(1, 2, 3)),
    on=(quadratic(spectrum=(1.0, 1e6)), clustered_quadratic.at(clusters=100, copies=1, largest=100.0)),
    where=lambda eta, g0: g0 > 0,
    matched=False,
    source="Dembo, Eisenstat & Steihaug 1982, Theorem 2.3",
)
def newton_inexact_des(k, eta, g0):
    """Inexact Newton steps whose residual is eta times the gradient, on quadratics: the gradient norm falls by
    exactly eta in each step, whatever the condition number. Registered quadratics are left out: rounding of a
    singular Hessian is no law.
    """
    return eta**k * g0


@newton_inexact_des.control("half of the forcing term")
def _(k, eta, g0):
    return (eta / 2) ** k * g0


def order_of_convergence(power):
    """log(|g_3| / |g_2|) / log(|g_2| / |g_1|) on logistic regression, where g_k are the gradients."""
    problem = logistic_regression(terms=30, dimension=3, ridge=0.1)
    method = inexact_newton(forcing=0.5, power=power)
    path = states(method, problem, np.array([problem.start]), np.zeros((1, 6, 3)))[0, :, 0]
    logs = [math.log(size) for x in path if (size := float(np.linalg.norm(problem.gradient(x)))) > 1e-13]
    return (logs[-1] - logs[-2]) / (logs[-2] - logs[-3])


@theorem(
    experiment=order_of_convergence,
    claim=exponent(0.07),
    domain=grid(power=(0.25, 0.5, 1.0)),
    source="Dembo, Eisenstat & Steihaug 1982, Corollary 3.5",
)
def newton_inexact_order(power):
    """Inexact Newton steps with the forcing term |grad f|^power: the order of convergence, seen in the last three
    steps before rounding, to 7%.
    """
    return 1 + power


@newton_inexact_order.control("the order of Newton's method", domain=grid(power=(0.25, 0.5)))
def _():
    return 2.0


HESSIAN_FREE = {
    "quadratic": clustered_quadratic.at(clusters=30, copies=1, largest=100.0),
    "logistic": logistic_regression.at(terms=60, dimension=40, ridge=0.001),
    "peaked": peaked_curvature.at(strong_convexity=1.0, hessian_lipschitz=0.01),
    "bowl": rippled_bowl.at(dimension=5, start=2.0),
}


def hessian_free(name, eta, k):
    """|grad f(x_(k+1))| of Hessian-free Newton; |grad f(x_k)| is ``before`` and |x_(k+1) - x_k| is ``length``."""
    problem = HESSIAN_FREE[name].resolve({})
    method = newton_cg(forcing=eta)
    zeros = np.zeros((1, k + 1, problem.dimension))
    x, after = states(method, problem, np.array([problem.start]), zeros)[0, -2:, 0]
    before, now = (float(np.linalg.norm(problem.gradient(point))) for point in (x, after))
    length = float(np.linalg.norm(after - x))
    return now, {"before": before, "length": length, "M": constants(problem)["M"]}


@theorem(
    experiment=hessian_free,
    observes=("before", "length", "M"),
    domain=grid(name=tuple(HESSIAN_FREE), eta=(1e-12, 0.01, 0.3, 0.9), k=(0, 1, 2, 3)),
    attained_at=grid(name="peaked", eta=1e-12, k=0),
    at_least=0.97,
    source="Dembo, Eisenstat & Steihaug 1982; by Taylor's theorem",
)
def newton_cg_residual(eta, M, before, length):
    """Hessian-free Newton: conjugate gradients until |H s + g| <= eta |g|. The gradient after the step s is at most
    eta |g| + M |s|^2 / 2, wherever it starts and whether f is convex or not. |g| and |s| are measured, in step k.
    """
    return eta * before + M * length**2 / 2


@newton_cg_residual.control("half of the Lipschitz constant", domain=grid(name="peaked", eta=1e-12, k=0))
def _(M, length):
    return M * length**2 / 4


@newton_cg_residual.control(
    "a tenth of the residual", domain=grid(name="quadratic", eta=(0.3, 0.9), k=(0, 1))
)
def _(eta, before):
    return eta * before / 10
