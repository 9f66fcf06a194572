"""Coordinate descent on quadratics: random, greedy, and in turn.

The smoothness L_i along a coordinate is read off the Hessian's diagonal, so these theorems, which hold for smooth
convex functions, are checked on quadratics, where expectations over the random coordinates are computed exactly.
"""

from typing import Any

import numpy as np

from problems.chains import nesterov_worst_function
from problems.coordinates import coordinates
from problems.quadratic import quadratic
from problems.sampling import Order
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.coordinate import coordinate_descent, greedy_coordinate_descent
from simlab.running.simulate import case_of, curve
from simlab.vocabulary.assumptions import (
    Convex,
    CoordinateSmooth,
    OneNormStronglyConvex,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

diagonal = quadratic(spectrum=(1.0, 4.0, 0.1, 1e-6))
coupled = quadratic(spectrum=(0.01, 1.99), rotation=3, start=(1.0, -1.0))
random: dict[str, Any] = {
    "method": coordinate_descent(),
    "noise": coordinates(),
    "measures": suboptimality.last,
    "domain": grid(k=(1, 2, 3, 10, 100)),
    "on": (
        quadratic(spectrum=(3.0,)),
        coupled,
        diagonal,
        quadratic(spectrum=(1e-4,) + (0.1,) * 10 + (1.0,) * 9, rotation=5),
    ),
}
tripled = coordinate_descent(step_size=3.0)


@theorem(
    **random,
    assumes=Quadratic & StronglyConvex & CoordinateSmooth,
    where=lambda d: d > 1,  # the only coordinate is solved in one step
    attained_by=diagonal,
    at_least=0.999,
    attained_at=grid(k=(1, 2, 3, 10)),
    source="Nesterov 2012, Theorem 2; Wright 2015, Theorem 1",
)
def rcd_strongly_convex(k, d, mu_L, D):
    """Coordinate descent along a uniformly random coordinate i with the step size 1/L_i: linear convergence in
    expectation, at the strong convexity mu_L in the norm |v|_L^2 = sum L_i v_i^2. Equality without coupling.
    """
    return (1 - mu_L / d) ** k * D


rcd_strongly_convex.control(
    "1.01 times the strong convexity", domain=grid(k=(1, 10)), declare={"mu_L": lambda mu_L: 1.01 * mu_L}
)
rcd_strongly_convex.control("a step size of 3/L_i", method=tripled, domain=grid(k=(10, 100)))


@theorem(
    **random,
    assumes=Quadratic & StronglyConvex & CoordinateSmooth,
    attained_by=diagonal,
    at_least=0.49,
    attained_at=grid(k=1),
    source="Lu & Xiao 2015, Theorem 1",
)
def rcd_strongly_convex_lu_xiao(k, d, mu_L, R_L, D):
    """Coordinate descent along a uniformly random coordinate i with the step size 1/L_i: a better rate for a
    larger initial quantity. For small mu_L it is nearly twice the rate in f alone.
    """
    return (1 - 2 * mu_L / (d * (1 + mu_L))) ** k * (R_L**2 / 2 + D)


rcd_strongly_convex_lu_xiao.reaches(1 / 2, by=quadratic(spectrum=(1.0,) * 20), at=grid(k=(1, 10, 30)))
rcd_strongly_convex_lu_xiao.control(
    "a step size of 3/L_i", method=tripled, on=diagonal, domain=grid(k=(10, 100))
)


@rcd_strongly_convex_lu_xiao.control("f alone", domain=grid(k=100), on=coupled)
def _(k, d, mu_L, D):
    return (1 - 8 * mu_L / (d * (1 + mu_L))) ** k * D


@theorem(
    **random,
    assumes=Quadratic & Convex & CoordinateSmooth,
    attained_by=quadratic(spectrum=(1.0,) * 20),
    at_least=0.498,
    attained_at=grid(k=1),
    source="Lu & Xiao 2015, Theorem 1",
)
def rcd_convex(k, d, R_L, D):
    """Coordinate descent along a uniformly random coordinate i with the step size 1/L_i on convex functions."""
    return d / (d + k) * (R_L**2 / 2 + D)


# A coordinate of equal ones is solved in a step: (1 - 1/d)^k is left of D, which is R_L^2/2 here.
rcd_convex.reaches(
    lambda k, d: (1 - 1 / d) ** k * (1 + k / d) / 2,
    by=quadratic(spectrum=(1.0,) * 20),
    at=grid(k=(1, 10, 30)),
)
rcd_convex.control("a step size of 3/L_i", method=tripled, on=diagonal, domain=grid(k=(10, 100)))


@rcd_convex.control("0.48 of the bound", domain=grid(k=1))
def _(k, d, R_L, D):
    return 0.48 * d / (d + k) * (R_L**2 / 2 + D)


# --- the steepest coordinate -----------------------------------------------------------------------------------


@theorem(
    method=greedy_coordinate_descent(step_size=lambda L: 1 / L),
    assumes=Smooth & OneNormStronglyConvex,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100)),
    where=lambda L, mu1: mu1 < (1 - 1e-9) * L,
    on=quadratic(spectrum=(1.0,) * 100 + (1e-4,) * 100),
    # All partial derivatives are equal, and the first coordinate is the steepest.
    attained_by=quadratic.at(
        spectrum=lambda spectrum: spectrum, start=lambda spectrum: tuple(1 / h for h in spectrum)
    ),
    at_least=0.999,
    attained_at=grid(spectrum=((1.0, 0.5, 0.25), (1.0, 1e-3), (1.0,) * 100), k=1),
    source="Nutini et al. 2015, section 4",
)
def gs_greedy(k, L, mu1, D):
    """Coordinate descent along the coordinate with the largest partial derivative, with the step size 1/L: linear
    convergence at the strong convexity in the 1-norm, which for a diagonal quadratic is 1 / sum(1/h_i).
    """
    return (1 - mu1 / L) ** k * D


gs_greedy.control(
    "the strong convexity in the 2-norm",
    on=quadratic(spectrum=(1.0,) * 5),
    declare={"mu1": lambda L: 0.9 * L},
    domain=grid(k=(1, 3)),
)
gs_greedy.control("1.01 times the strong convexity", declare={"mu1": lambda mu1: 1.01 * mu1})


# --- in turn ---------------------------------------------------------------------------------------------------


INSTANCES: dict[str, Any] = {
    "coupled": coupled,
    "ill-conditioned": quadratic(spectrum=(1e-3, 0.1, 0.5, 1.0), rotation=2),
    "chain": nesterov_worst_function(dimension=9),
    "large": quadratic(spectrum=tuple(np.linspace(0.1, 1.0, 40).tolist()), rotation=4),
}


def sweeps_of(instance, method, order, sweeps):
    """f - f* after whole sweeps over the coordinates."""
    problem, k = INSTANCES[instance], sweeps * INSTANCES[instance].dimension
    case = case_of("sweeps", method, problem, suboptimality.last, (k,), coordinates(order=order))
    return float(curve(case).mean[0])


def in_turn(instance, step, sweeps):
    """The coordinates one after the other, with the step sizes step/L_i."""
    return sweeps_of(instance, coordinate_descent(step_size=step), Order.CYCLIC, sweeps)


def at_random(instance, step, sweeps):
    """Random coordinates, in expectation."""
    return sweeps_of(instance, coordinate_descent(step_size=step), Order.WITH_REPLACEMENT, sweeps)


def gauss_seidel(instance, step, sweeps):
    """The same from the splitting of the Hessian."""
    problem = INSTANCES[instance]
    H, error = problem.hessian(problem.start), np.asarray(problem.start) - problem.minimizer
    splitting = np.diag(np.diag(H)) / step + np.tril(H, -1)
    for _ in range(sweeps):
        error = error - np.linalg.solve(splitting, H @ error)
    return error @ H @ error / 2


@theorem(
    experiment=in_turn,
    domain=grid(instance=tuple(INSTANCES), step=(0.3, 1.0, 1.9), sweeps=(1, 2, 3, 20)),
    claim=law(1e-8),
    where=lambda instance, step, sweeps: (
        gauss_seidel(instance, step, sweeps) > 1e-7
    ),  # the rest of f - f* cancels
    source="Young 1971; Golub & Van Loan 2013, section 11.2",
)
def cyclic_cd_gauss_seidel(instance, step, sweeps):
    """Coordinate descent in turn on a quadratic is the Gauss-Seidel method, or successive over-relaxation when
    the step is not 1/L_i: f - f* after whole sweeps, exactly, from the splitting of the Hessian.

    The worst-case bounds for cyclic order on all convex functions are too loose (by a factor of hundreds here)
    to tell a right rule from a wrong one; this law is not.
    """
    return gauss_seidel(instance, step, sweeps)


cyclic_cd_gauss_seidel.control("random coordinates, in expectation", experiment=at_random)


@cyclic_cd_gauss_seidel.control("Jacobi's method, which uses old values")
def _(instance, step, sweeps):
    problem = INSTANCES[instance]
    H, error = problem.hessian(problem.start), np.asarray(problem.start) - problem.minimizer
    for _ in range(sweeps):
        error = error - step * (H @ error) / np.diag(H)
    return error @ H @ error / 2
