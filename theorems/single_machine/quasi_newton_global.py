"""L-BFGS far from a minimizer: short steps on strongly convex, convex and non-convex functions, and unit steps that
never arrive.
"""

import math

import numpy as np

from problems.logistic import logistic_regression
from problems.nonconvex_sums import rippled_bowl, waves
from problems.piecewise_quadratic import piecewise_quadratic
from problems.pl import double_well, wavy_parabola
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.quasi_newton import lbfgs
from simlab.running.given import states
from simlab.running.simulate import constants
from simlab.vocabulary.assumptions import Smooth, StronglyConvex
from simlab.vocabulary.claim import limit
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.momentum import position
from theorems.single_machine.quasi_newton import largest_inverse

# --- steps that L, mu and the number of pairs decide -------------------------------------------------------------


def short_step(k, h, L, mu, pairs):
    """h/(L c2); the first step is along the gradient over L."""
    return h / (L * largest_inverse(L, mu, pairs)) / (L if k == 0 else 1)


@theorem(
    method=lbfgs(pairs=lambda pairs: pairs, step_size=short_step),
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(pairs=(1, 2, 5), h=(0.1, 1.0, 1.9), k=(1, 2, 3, 30, 300)),
    attained_by=quadratic(spectrum=(1.0,)),
    at_least=0.6,
    attained_at=grid(pairs=(1, 2), h=0.5, k=1),
    labels=("loose",),
    source="by the descent lemma; in the manner of Liu & Nocedal 1989 and Mokhtari & Ribeiro 2015",
)
def lbfgs_global_linear(k, h, L, mu, D, pairs):
    """L-BFGS with a constant step size on smooth strongly convex functions, from any start: linear convergence at a
    rate that L, mu and the number of pairs m decide, but not the dimension.

    P lies between c1 = 1/((m + 1) L) and c2, see lbfgs-eigenvalue-bounds and lbfgs-smallest-eigenvalue. A step
    h/(L c2) lowers f by h (1 - h/2) c1 |grad f|^2/(L c2) or more. It is loose, as c2 is, and says nothing for many
    pairs and a large L/mu.
    """
    return (1 - h * (2 - h) * mu / (L**2 * (pairs + 1) * largest_inverse(L, mu, pairs))) ** k * D


lbfgs_global_linear.control(
    "a step size that is fifty times as long",
    method=lbfgs(
        pairs=lambda pairs: pairs,
        step_size=lambda k, L, mu, pairs: short_step(k, 50.0, L, mu, pairs),
    ),
    on=quadratic(spectrum=(0.5, 1.0)),
    domain=grid(pairs=1, h=1.0, k=(3, 30)),
)


@lbfgs_global_linear.control(
    "as if the condition number were 1",
    on=quadratic(spectrum=(0.001, 1.0)),
    domain=grid(pairs=1, h=1.0, k=30),
)
def _(k, h, D, pairs):
    return (1 - h * (2 - h) / (pairs + 1) ** 2) ** k * D


# --- steps of a constant length along the direction of L-BFGS ----------------------------------------------------

CONVEX = {
    "parabola": quadratic.at(spectrum=(1.0,)),
    "quadratic": quadratic.at(spectrum=(0.001, 0.03, 1.0), rotation=1),
    "logistic": logistic_regression.at(terms=30, dimension=3, ridge=0.0),
    "bowl": pseudo_huber.at(dimension=3, threshold=0.5, start=2.0, center=1.0),
}
ANY = {
    **CONVEX,
    "ripples": rippled_bowl.at(dimension=3),
    "steep ripples": rippled_bowl.at(dimension=1, curvature=0.5, frequency=2.0, start=3.0),
    "waves": waves.at(dimension=2),
    "wavy parabola": wavy_parabola.at(),
    "two wells": double_well.at(),
    "far slope": pseudo_huber.at(start=20.0),
}


def path(name, pairs, t, k):
    """The gradients g before step k and the directions P g; the problem, x_k and how far from x* the path gets."""
    problem = ANY[name].resolve({})
    start = np.asarray(problem.start)
    points = states(lbfgs(pairs=pairs, step_size=t), problem, start[None], np.zeros((1, k, start.size)))[
        0, :, 0
    ]
    slopes = np.array([problem.gradient(x) for x in points[:-1]])
    radius = np.linalg.norm(points - np.asarray(problem.minimizer), axis=1).max()
    return slopes, np.diff(points, axis=0) / -t, problem, points[-1], radius


def seen(slopes, directions, problem, radius):
    """The least g'Pg/|g|^2, the largest |Pg|^2/g'Pg, and the constants of the problem."""
    products = np.sum(slopes * directions, axis=1)
    c1 = np.min(products / np.sum(slopes**2, axis=1))
    c2 = np.max(np.sum(directions**2, axis=1) / products)
    return {"c1": c1, "c2": c2, "radius": radius, "L": constants(problem)["L"], "D": problem.universal["D"]}


def last_gap(name, pairs, t, k):
    """f(x_k) - f*."""
    slopes, directions, problem, last, radius = path(name, pairs, t, k)
    return problem.value(last) - problem.minimum, seen(slopes, directions, problem, radius)


def mean_square(name, pairs, t, k):
    """The mean squared gradient norm before step k."""
    slopes, directions, problem, _, radius = path(name, pairs, t, k)
    return np.mean(np.sum(slopes**2, axis=1)), seen(slopes, directions, problem, radius)


OBSERVED = ("c1", "c2", "radius", "L", "D")


@theorem(
    experiment=last_gap,
    observes=OBSERVED,
    domain=grid(name=tuple(CONVEX), pairs=(1, 5), t=(0.005, 0.02), k=(1, 2, 3, 30, 100)),
    attained_at=grid(name="parabola", pairs=5, t=0.005, k=(1, 2, 3)),
    at_least=0.97,
    source="by the descent lemma; directions as in Zoutendijk's theorem, Nocedal & Wright 2006, section 3.2",
)
def lbfgs_convex(k, t, c1, c2, L, D, radius):
    """L-BFGS with a constant step size t < 2/(L c2) on smooth convex functions, strongly or not: of order 1/k,
    where c1 and c2 are the least g'Pg/|g|^2 and the largest |Pg|^2/g'Pg on its way, which lie between the
    smallest and the largest eigenvalue of P, and ``radius`` is the largest distance from the minimizer.

    A step lowers f by at least p |g|^2, p = t c1 (1 - t c2 L/2), and f - f* <= |g| radius.
    """
    return 1 / (1 / D + k * t * c1 * (1 - t * c2 * L / 2) / radius**2)


@lbfgs_convex.control("of order 1/k^4", domain=grid(name="quadratic", pairs=5, t=0.02, k=(30, 100)))
def _(k, t, c1, c2, L, D, radius):
    return 1 / (1 / D + k**4 * t * c1 * (1 - t * c2 * L / 2) / radius**2)


@lbfgs_convex.control("5 times the decrease", domain=grid(name="parabola", pairs=5, t=0.005, k=(1, 2, 3)))
def _(k, t, c1, c2, L, D, radius):
    return 1 / (1 / D + 5 * k * t * c1 * (1 - t * c2 * L / 2) / radius**2)


@theorem(
    experiment=mean_square,
    observes=OBSERVED,
    domain=grid(name=tuple(ANY), pairs=(1, 5), t=(0.002, 0.02), k=(1, 2, 3, 30, 100)),
    where=lambda name, k: name != "far slope",
    attained_at=grid(name="parabola", pairs=1, t=1.0, k=1),
    at_least=0.999999,
    source="by the descent lemma; directions as in Zoutendijk's theorem, Nocedal & Wright 2006, section 3.2",
)
def lbfgs_nonconvex(k, t, c1, c2, L, D):
    """L-BFGS with a constant step size t < 2/(L c2) on any smooth function that is bounded below: the mean
    squared gradient norm before step k, where c1 and c2 are the least g'Pg/|g|^2 and the largest |Pg|^2/g'Pg on
    its way. Pairs with y's <= 0 are left out, so that P stays positive definite.

    Nothing bounds c2 beforehand: where f is nearly linear, y's is tiny and a step is too long for any t, as
    from a far slope of a convex function. So that start is left out, and a control.
    """
    return D / (t * c1 * (1 - t * c2 * L / 2) * k)


@lbfgs_nonconvex.control(
    "curvatures on the way that are not looked at",
    where=lambda name: True,
    domain=grid(name="far slope", pairs=(1, 5), t=0.02, k=2000),
)
def _(k, t, L, D):
    return D / (t * (1 - t * L / 2) * k)


@lbfgs_nonconvex.control("0.99 of the bound", domain=grid(name="parabola", pairs=1, t=1.0, k=1))
def _(k, t, c1, c2, L, D):
    return 0.99 * D / (t * c1 * (1 - t * c2 * L / 2) * k)


# --- unit steps --------------------------------------------------------------------------------------------------

overshooting = piecewise_quadratic.at(
    widths=lambda kappa: (1 / (kappa - 1),),
    left=lambda kappa, mu: (kappa * mu,),
    right=lambda kappa, mu: (kappa * mu,),
    beyond=lambda mu: (mu, mu),
    start=2.0,
)


@theorem(
    method=lbfgs(pairs=lambda pairs: pairs, initial_curvature=lambda mu: 2 * mu),
    measures=position.last,
    claim=limit(1e-9),
    domain=grid(pairs=(1, 10), mu=(0.01, 1.0), kappa=(7.0, 100.0), k=(200, 201, 202, 203)),
    on=overshooting,
    matched=False,
    source="by solving for a cycle of the secant method",
)
def lbfgs_unit_steps_cycle(k):
    """L-BFGS and BFGS with unit steps need not converge on smooth strongly convex functions: on this one, of
    any condition number above 3 + sqrt(5), they end in the cycle 1, r, -1, -r with r = sqrt(5) - 2. A line
    search is no luxury.

    In one dimension both are the secant method. Outside |x| < 1/(kappa - 1) the slope is mu (x + sign x), so
    two points on one side lead to -1 or 1, and then 1 and -r to r, since (1 - r)/(3 + r) = r. The cycle
    attracts by the derivative 4/(3 + r)^2 = 0.38 in two steps. Below that condition number r lies where the
    slope is steep.
    """
    r = math.sqrt(5) - 2
    return (1, r, -1, -r)[k % 4]


lbfgs_unit_steps_cycle.control(
    "a condition number of 4", domain=grid(pairs=1, mu=1.0, kappa=4.0, k=(200, 201, 202, 203))
)
lbfgs_unit_steps_cycle.control(
    "half steps", method=lbfgs(pairs=5, step_size=0.5, initial_curvature=lambda mu: 2 * mu)
)
lbfgs_unit_steps_cycle.control(
    "gradient descent", method=gradient_descent(step_size=lambda mu, kappa: 1 / (mu * kappa))
)
lbfgs_unit_steps_cycle.control(
    "a quadratic with the same curvatures",
    on=quadratic.at(spectrum=lambda mu, kappa: (mu, mu * kappa), start=(2.0, 2.0)),
)
