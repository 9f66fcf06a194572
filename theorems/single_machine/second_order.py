"""Newton's method near a minimizer, and BFGS on quadratics."""

import math
from typing import Any

from problems.curvature import peaked_curvature
from problems.nonconvex_sums import rippled_bowl
from problems.pl import wavy_parabola
from problems.quadratic import quadratic
from problems.spectra import graded_quadratic
from simlab.kernels.quantities import distance, suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.second_order import bfgs, newton
from simlab.vocabulary.assumptions import (
    LipschitzHessian,
    NondegenerateMinimizer,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=newton(),
    assumes=LipschitzHessian & NondegenerateMinimizer,
    measures=distance.last,
    domain=grid(k=(1, 2, 3, 4)),
    where=lambda M, mu, R: 0 < 3 * M * R < 2 * mu,
    on=(
        peaked_curvature(strong_convexity=0.1, start=-0.6),
        wavy_parabola.at(amplitude=3.0, start=0.4),  # these two are made when they are run: they need SciPy
        rippled_bowl.at(dimension=3, start=2.3),
        rippled_bowl.at(dimension=100, start=2.56),
    ),
    attained_by=peaked_curvature(),
    at_least=0.999,
    source="Nesterov 2004, Theorem 1.2.5",
)
def newton_local_quadratic(k, M, mu, R):
    """Newton's method, started within 2 mu/(3M) of a minimizer with a Hessian of at least mu: the distance r to it
    falls to at most M r^2 / (2 (mu - M r)) in each step. Equality where the curvature peaks at the minimizer.

    Instances that start farther away, and quadratics (M = 0, one step), are left out.
    """
    r = R
    for _ in range(k):
        r = M * r**2 / (2 * (mu - M * r))
    return r


newton_local_quadratic.control("half of the Hessian's Lipschitz constant", declare={"M": lambda M: M / 2})
newton_local_quadratic.control("1.01 times the curvature", declare={"mu": lambda mu: 1.01 * mu})
newton_local_quadratic.control("half steps", method=newton(step_size=0.5), domain=grid(k=(2, 3)))
newton_local_quadratic.control(
    "a start that is farther away than claimed",
    on=peaked_curvature(strong_convexity=0.01, start=3.0),
    domain=grid(k=(1, 2)),
    declare={"R": 0.5},
)

quasi_newton: dict[str, Any] = {
    "method": bfgs(initial_curvature=lambda L: L),
    "assumes": Quadratic & Smooth & StronglyConvex,
    "measures": suboptimality.last,
    "where": lambda L, mu: mu < L,
}


@theorem(
    **quasi_newton,
    domain=grid(k=(1, 2, 3, 5, 10)),
    attained_by=quadratic(spectrum=(0.1, 1.0), start=(1.0, 0.0)),
    at_least=0.999,
    attained_at=grid(k=1),
    source="Rodomanov & Nesterov 2021",
)
def bfgs_quadratic_linear(k, L, mu, D):
    """BFGS with unit steps from B_0 = L I on a strongly convex quadratic: it is never slower than gradient descent,
    (1 - mu/L)^k in the norm of the Newton decrement, whose square is twice the suboptimality.

    Equality for the first step along the flattest direction; from then on BFGS knows that direction.
    """
    return (1 - mu / L) ** (2 * k) * D


bfgs_quadratic_linear.control("1.01 times the strong convexity", declare={"mu": lambda mu: 1.01 * mu})
bfgs_quadratic_linear.control(
    "B_0 below the Hessian", method=bfgs(initial_curvature=lambda mu: 0.02 * mu), domain=grid(k=(1, 2))
)


@theorem(
    **{**quasi_newton, "where": lambda d, L, mu: mu < L and d * math.log(L / mu) < 600},
    domain=grid(k=(1, 2, 3, 5, 10, 30)),
    on=graded_quadratic(dimension=100, condition_number=10.0),
    labels=("loose",),
    source="Rodomanov & Nesterov 2021 (whose first version has no factor 2; the proof given here needs it)",
)
def bfgs_quadratic_superlinear(k, L, mu, d, D):
    """BFGS with unit steps from B_0 = L I on a strongly convex quadratic with Hessian A: superlinear convergence,
    (2 (exp((d/k) log(L/mu)) - 1))^(k/2) sqrt(L/mu) in the norm of the Newton decrement.

    Step i multiplies det B by 1/t_i with t_i = s'Bs / s'As >= 1, so sum log t_i <= d log(L/mu); it multiplies
    g'B^-1 g by at most (t_i - 1)(2 t_i - 1)/t_i; and log(e^y - 1) is concave. The bound says little before it
    falls below 1, and by then BFGS has long converged: it is loose. Beyond d log(L/mu) = 600 it is no
    double any more.
    """
    return (2 * (math.exp(d / k * math.log(L / mu)) - 1)) ** k * L / mu * D


bfgs_quadratic_superlinear.control(
    "gradient descent, whose rate is linear",
    method=gradient_descent(step_size=lambda L: 1 / L),
    on=quadratic(spectrum=(1.0, 10.0), start=(1.0, 0.0)),
    domain=grid(k=(10, 20)),
)
bfgs_quadratic_superlinear.control(
    "B_0 below the Hessian",
    method=bfgs(initial_curvature=lambda mu: 0.02 * mu),
    on=quadratic(spectrum=(1.0, 1.1)),
    domain=grid(k=(1, 2)),
)
