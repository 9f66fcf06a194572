"""Gradient descent with step sizes that repeat in a fractal pattern, and where it has to be slow."""

import math
from typing import Any

from problems.huber import huber
from problems.power import power as power_problem
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.running.simulate import case_of, curve
from simlab.vocabulary.assumptions import Convex, Smooth
from simlab.vocabulary.claim import exponent
from simlab.vocabulary.theorem import grid, only, theorem

RHO = 1 + math.sqrt(2)  # the silver ratio


def silver(k):
    """The silver step size of step k = 0, 1, ..., in units of 1/L: 1 + rho^(v - 1), where 2^v divides k + 1."""
    twos = ((k + 1) & -(k + 1)).bit_length() - 1
    return 1 + RHO ** (twos - 1)


silver_steps: dict[str, Any] = {
    "method": gradient_descent(step_size=lambda k, L: silver(k) / L),
    "assumes": Convex & Smooth,
    "measures": suboptimality.last,
}
# The Huber function on which the last iterate just reaches the parabola; the steps add up to rho^m - 1.
last_reaches = huber.at(threshold=lambda k: 2 / (2 * RHO ** math.log2(k + 1) - 1), start=2.0)


@theorem(
    **silver_steps,
    domain=grid(k=only(1, 3, 7, 31, 127, 1023)),
    attained_by=last_reaches,
    at_least=0.5,
    source="Altschuler & Parrilo 2024 (Acceleration by stepsize hedging II), Theorem 1.1",
)
def gd_silver_stepsize(k, L, R):
    """Gradient descent with the silver step sizes on smooth convex functions, after k = 2^m - 1 steps: a rate of
    k^-1.2716 without momentum, with some steps far above 2/L.

    The published constant is loose by a factor that tends to 2: see the sharper one.
    """
    return L * R**2 / (1 + math.sqrt(4 * RHO ** (2 * math.log2(k + 1)) - 3))


# The exact worst case is that of gd-silver-stepsize-sharp, 1/(4 rho - 2) at k = 1, and rho^2 = 3 + sqrt(8).
gd_silver_stepsize.reaches(
    (1 + math.sqrt(9 + 8 * math.sqrt(2))) / (2 + 4 * math.sqrt(2)), by=last_reaches, at=grid(k=1)
)
gd_silver_stepsize.control(
    "right after the longest step", on=quadratic(spectrum=(0.05, 1.0)), domain=grid(k=(8, 32))
)
gd_silver_stepsize.control(
    "constant step sizes of 1/L",
    method=gradient_descent(step_size=lambda L: 1 / L),
    on=huber.at(threshold=lambda k: 1 / (2 * k + 1)),
    domain=grid(k=(127, 1023)),
)


@gd_silver_stepsize.control("0.49 of the bound", domain=grid(k=(31, 127)))
def _(k, L, R):
    return 0.49 * L * R**2 / (1 + math.sqrt(4 * RHO ** (2 * math.log2(k + 1)) - 3))


@theorem(
    **silver_steps,
    domain=grid(k=only(1, 3, 7, 15)),
    attained_by=last_reaches,
    at_least=0.999,
    source="the optimal value of the performance estimation problem for m <= 4; no proof is known to us",
)
def gd_silver_stepsize_sharp(k, L, R):
    """Gradient descent with the silver step sizes on smooth convex functions, after k = 2^m - 1 steps: the exact
    constant for m <= 4, up to which performance estimation has confirmed it.
    """
    return L * R**2 / (4 * RHO ** math.log2(k + 1) - 2)


@gd_silver_stepsize_sharp.control("1.01 times the denominator")
def _(k, L, R):
    return L * R**2 / (1.01 * (4 * RHO ** math.log2(k + 1) - 2))


gd_silver_stepsize_sharp.control(
    "right after the longest step", on=quadratic(spectrum=(0.05, 1.0)), domain=grid(k=(4, 8))
)


def slope(power, ridge, step, first, last):
    """d log(f - f*) / d log k between two steps, of gradient descent on |x|^power + ridge x^2 / 2 from 1."""
    problem = power_problem(power=power, ridge=ridge)
    case = case_of("slope", gradient_descent(step_size=step), problem, suboptimality.last, (first, last))
    early, late = curve(case).mean
    return math.log(late / early) / math.log(last / first)


@theorem(
    experiment=slope,
    domain=grid(power=(2.5, 3.0, 4.0, 6.0), ridge=0.0, step=0.01, first=10_000, last=200_000),
    claim=exponent(0.01),
    source="the flow x' = -p x^(p-1), solved: x^(2-p) = x_0^(2-p) + p (p - 2) t",
)
def gd_flat_exponent(power):
    """Gradient descent on |x|^p, p > 2, whose minimizer is flat: the suboptimality falls as k^(-p/(p-2)), as
    long as the steps are short, whatever their length.
    """
    return -power / (power - 2)


gd_flat_exponent.control(
    "a ridge that makes it strongly convex",
    domain=grid(power=4.0, ridge=0.02, step=0.01, first=1000, last=20_000),
)


@gd_flat_exponent.control(
    "the exponent of the worst convex function, -1",
    domain=grid(power=(3.0, 6.0), ridge=0.0, step=0.01, first=10_000, last=200_000),
)
def _(power):
    return -1.0
