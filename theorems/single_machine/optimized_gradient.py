"""Accelerated gradient methods whose momentum follows a sequence: Nesterov's, the optimal one, triple momentum."""

import math

import numpy as np

from problems.chains import nesterov_worst_function
from problems.huber import huber
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.optimized import (
    accelerated_gradient,
    last_theta,
    nesterov_momentum,
    optimized_gradient,
    theta,
    triple_momentum,
)
from simlab.running.given import states
from simlab.running.simulate import constants
from simlab.vocabulary.assumptions import Convex, Smooth, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem

# --- Nesterov's sequence of momentum -----------------------------------------------------------------------------


def reach(k):
    """How far k steps of 1 lead along a slope of 1."""
    x, y = 0.0, 0.0
    for j in range(k):
        x, y = y + 1, y + 1 + nesterov_momentum(j) * (y + 1 - x)
    return x


@theorem(
    method=accelerated_gradient(step_size=lambda L: 1 / L),
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100, 300)),
    attained_by=huber.at(threshold=lambda k: 2 / (2 * reach(k) + 1), start=2.0),
    at_least=0.985,
    attained_at=grid(k=(100, 200)),
    source="Nesterov 1983; Beck & Teboulle 2009, Theorem 4.4",
)
def nag_convex(k, L, R):
    """Nesterov's method with the momentum (theta_k - 1)/theta_(k+1) on smooth convex functions: the points x_k
    after gradient steps. It is at most 2 L R^2 / (k + 1)^2, and attained in the limit of many steps.
    """
    return L * R**2 / (2 * theta(k - 1) ** 2)


nag_convex.control(
    "a smoothness that is understated by a third",
    on=quadratic(spectrum=(1.0, 10.0)),
    domain=grid(k=100),
    declare={"L": lambda L: L / 1.5},
)


@nag_convex.control("theta_k in place of theta_(k-1)", domain=grid(k=(5, 10, 100)))
def _(k, L, R):
    return L * R**2 / (2 * theta(k) ** 2)


@nag_convex.refuted(
    method=accelerated_gradient(step_size=lambda L: 1 / L, momentum=lambda k: (k - 1) / (k + 2)),
    on=huber.at(threshold=lambda k: 4 / ((k + 2) * (k + 3))),
    domain=grid(k=(1, 2, 10, 100)),
    source="the docstring of PEPit's example accelerated_gradient_convex; its code has k / (k + 3)",
)
def nag_convex_index_as_printed(k, L, R):
    """Nesterov's method with the momentum (k - 1)/(k + 2) in the step from x_k, counted from k = 0: the constant
    belongs to k / (k + 3). An index that is off by one starts with a step back, and stays behind.
    """
    return 2 * L * R**2 / (k**2 + 5 * k + 6)


# --- its potential -----------------------------------------------------------------------------------------------

SMOOTH = {
    "parabola that is nearly flat": quadratic.at(spectrum=(1e-6, 1.0), start=(1.0, 0.0)),
    "huber": huber.at(threshold=1e-4),
    "chain": nesterov_worst_function.at(dimension=60),
    "pseudo-huber": pseudo_huber.at(threshold=0.01, start=10.0),
}


def potentials_grow(name, checkpoints, trusted):
    """The largest V_j / V_(j-1) for j <= k, with V as in the theorem and ``trusted`` times the smoothness."""
    problem = SMOOTH[name].resolve({})
    L = trusted * constants(problem)["L"]
    run = states(
        accelerated_gradient(step_size=1 / L), problem, np.array([problem.start]),
        np.zeros((1, checkpoints[-1], problem.dimension)),
    )[0, :, 0]  # fmt: skip
    potentials = [np.sum((run[0] - problem.minimizer) ** 2)]
    for k in range(1, len(run)):
        z = run[k - 1] + theta(k - 1) * (run[k] - run[k - 1])
        gap = problem.value(run[k]) - problem.minimum
        potentials.append(2 / L * theta(k - 1) ** 2 * gap + np.sum((z - problem.minimizer) ** 2))
    growth = np.maximum.accumulate(np.divide(potentials[1:], potentials[:-1]))
    return growth[np.array(checkpoints) - 1]


def potential_growth(name, checkpoints):
    """The largest V_j / V_(j-1) for j <= k."""
    return potentials_grow(name, checkpoints, 1.0)


def potential_growth_of_long_steps(name, checkpoints):
    """With a smoothness that is understated by a third."""
    return potentials_grow(name, checkpoints, 1 / 1.5)


@theorem(
    experiment=potential_growth,
    domain=grid(name=tuple(SMOOTH), k=(1, 2, 3, 10, 100)),
    attained_at=grid(name="parabola that is nearly flat", k=(1, 2, 3, 10, 100)),
    at_least=0.999,
    source="Beck & Teboulle 2009, Lemma 4.1",
)
def agm_potential():
    """(2/L) theta_(k-1)^2 (f(x_k) - f*) + |z_k - x*|^2, z_k = x_(k-1) + theta_(k-1) (x_k - x_(k-1)), never grows
    along Nesterov's method with its own momentum, from V_0 = R^2 on: the largest V_j / V_(j-1) up to step k.

    The potential joins two points of the method, so it is computed from its steps on four functions.
    """
    return 1.0


agm_potential.control(
    "a smoothness that is understated by a third",
    experiment=potential_growth_of_long_steps,
    domain=grid(name="chain", k=(10, 100)),
)


@agm_potential.control("a potential that falls by 0.1% a step")
def _():
    return 0.999


# --- restarts ----------------------------------------------------------------------------------------------------


def restart_length(L, mu):
    """Steps between restarts."""
    return math.ceil(math.sqrt(4 * math.e * L / mu) - 1)


def restarted_momentum(k, L, mu):
    """Nesterov's momentum, counted anew from each restart, where there is none."""
    n = restart_length(L, mu)
    return 0.0 if k % n == n - 1 else nesterov_momentum(k % n)


@theorem(
    method=accelerated_gradient(step_size=lambda L: 1 / L, momentum=restarted_momentum),
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100, 1000)),
    on=quadratic(spectrum=(1e-4, 1e-2, 1.0)),
    labels=("loose",),
    source="O'Donoghue & Candes 2015, section 3.1; from nag-convex and R^2 <= 2 (f - f*)/mu",
)
def nag_restart(k, L, mu, D):
    """Nesterov's method on smooth strongly convex functions, restarted every n >= sqrt(4 e L/mu) - 1 steps: the
    suboptimality falls by e from restart to restart, with 4 (L/mu)/(j + 1)^2 for the j steps since the last one.
    """
    n = restart_length(L, mu)
    j = k % n
    return math.exp(-(k // n)) * D * (4 * L / mu / (j + 1) ** 2 if j > 0 else 1)


# The first step leaves (1 - q)^2 along the flat direction, q = 1/4, of the bound 1/q.
nag_restart.reaches(9 / 64, by=quadratic(spectrum=(0.25, 1.0), start=(1.0, 0.0)), at=grid(k=1))
nag_restart.control(
    "a condition number that is understated a hundredfold",
    on=quadratic(spectrum=(1e-4, 1.0), start=(1.0, 0.0)),
    domain=grid(k=(100, 300)),
    declare={"mu": lambda mu: 100 * mu},
)
nag_restart.control(
    "a step size of 2.1/L",
    method=accelerated_gradient(step_size=lambda L: 2.1 / L, momentum=restarted_momentum),
    on=quadratic(spectrum=(0.01, 1.0)),
)


# --- the optimized gradient method -------------------------------------------------------------------------------


@theorem(
    method=optimized_gradient(step_size=lambda L: 1 / L),
    assumes=Convex & Smooth,
    measures=suboptimality.last.of("final"),
    domain=grid(k=(1, 2, 3, 10, 100)),
    attained_by=huber.at(threshold=lambda k: 1 / last_theta(k) ** 2),
    at_least=0.999999,
    source="Kim & Fessler 2016, Theorem 2; optimal: Drori 2017, Theorem 3",
)
def ogm(k, L, R):
    """The optimized gradient method on smooth convex functions: the point that it returns after k steps.

    A parabola of curvature L attains it too. No first-order method has a smaller worst case.
    """
    return L * R**2 / (2 * last_theta(k) ** 2)


ogm.control(
    "0.999 of the distance, on a parabola",
    on=quadratic(spectrum=(1.0,)),
    domain=grid(k=(1, 10)),
    declare={"R": lambda R: 0.999 * R},
)
ogm.control(
    "a smoothness that is understated by a quarter",
    on=quadratic(spectrum=(1.0, 10.0)),
    domain=grid(k=100),
    declare={"L": lambda L: L / 1.3},
)
ogm.control(
    "without the longer last step",
    measures=suboptimality.last.of("y"),
    on=quadratic(spectrum=(1.0,)),
    domain=grid(k=(1, 10)),
)


@ogm.control("1.001 times theta^2")
def _(k, L, R):
    return L * R**2 / (2.002 * last_theta(k) ** 2)


# --- triple momentum ---------------------------------------------------------------------------------------------

triple = triple_momentum(smoothness=lambda L: L, strong_convexity=lambda mu: mu)


@theorem(
    method=triple,
    assumes=Smooth & StronglyConvex,
    measures=suboptimality.last.of("output"),
    domain=grid(k=(1, 2, 3, 10, 30, 100)),
    where=lambda L, mu: mu < L,
    on=quadratic(spectrum=(1e-6, 1e-3, 1.0)),
    attained_by=quadratic.at(spectrum=lambda mu: (mu, 1.0), start=(0.0, 2.0)),
    at_least=0.999999,
    attained_at=grid(mu=(0.5, 1e-2, 1e-6), k=(1, 2, 3, 10)),
    source="Van Scoy, Freeman & Lynch 2018, Theorem 1; Taylor & Drori 2023 (the constant)",
)
def triple_momentum_sc(k, L, mu, R):
    """The triple momentum method on smooth strongly convex functions: its output after k gradients. Equality along
    the steepest direction of a quadratic, in every step.
    """
    return (1 - math.sqrt(mu / L)) ** (2 * k) * L / mu * L * R**2 / 2


triple_momentum_sc.control(
    "a strong convexity that is overstated tenfold",
    on=quadratic(spectrum=(0.001, 1.0)),
    domain=grid(k=100),
    declare={"mu": lambda mu: 10 * mu},
)
triple_momentum_sc.control(
    "gradient descent", method=gradient_descent(step_size=lambda L: 1 / L), measures=suboptimality.last,
    on=quadratic(spectrum=(0.001, 1.0)), domain=grid(k=(300, 600)),
)  # fmt: skip


@triple_momentum_sc.control("one step ahead")
def _(k, L, mu, R):
    return (1 - math.sqrt(mu / L)) ** (2 * k + 2) * L / mu * L * R**2 / 2
