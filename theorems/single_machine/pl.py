"""Gradient descent under the Polyak-Lojasiewicz inequality: the exact constants of one step."""

import math

from problems.pl import double_well, wavy_parabola
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import PolyakLojasiewicz, Smooth
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))


@theorem(
    method=gradient_descent(step_size=lambda h, L: h / L),
    assumes=Smooth & PolyakLojasiewicz,
    measures=suboptimality.last,
    domain=grid(h=(0.1, 0.5, 0.9, 1.0, 1.1, 1.15, 1.5, 1.9), k=1),
    where=lambda h, L, mu: h != 1 or mu < L,
    on=[wavy_parabola.at(amplitude=3.0, start=start) for start in (1.9, 2.1, 2.3, 2.5)],
    # One step of 1/L solves the parabola; there the wavy one is near the bound.
    attained_by=(scalar, wavy_parabola.at(amplitude=3.0, start=2.248)),
    at_least=0.987,
    attained_at=grid(h=(0.1, 0.5, 0.9, 1.0, 1.1, 1.5, 1.9), k=1),
    source="Abbaszadehpeivasti, de Klerk & Zamani 2023, Theorem 3",
)
def gd_pl_tight(h, L, mu, D):
    """One step of gradient descent where |grad f|^2 >= 2 mu (f - f*), convex or not, for any step size below
    2/L: the exact constants, which performance estimation confirms for mu/L = 0.1 and 0.4.

    For steps below 1/L a widely used library of worst cases has the square of the first branch in another
    place: its values, called tight there, are upper bounds too, but larger (0.9516 in place of 0.9453 for
    mu/L = 0.1 and h = 0.3).
    """
    step = h / L
    if h < 1:
        root = math.sqrt(4 * L**2 - 2 * L * (L + mu) * (2 - h) * mu * step)
        return ((mu * (1 - h) + root) / (2 * L + mu)) ** 2 * D
    if h <= math.sqrt(3):
        return (1 - (4 - h**2) * mu * step / (2 + mu * step)) * D
    return (h - 1) ** 2 / ((h - 1) ** 2 + mu * step * (2 - h)) * D


# On a parabola, mu = L, all three branches are (1 - h)^2: both instances attain the bound, not only the better one.
gd_pl_tight.reaches(1.0, by=scalar, at=grid(h=(0.1, 0.5, 0.9, 1.1, 1.5, 1.9), k=1))
# The worst start of a wavy parabola between sqrt(2) and sqrt(3), found by scanning them.
gd_pl_tight.reaches(0.96, by=wavy_parabola.at(amplitude=3.0, start=2.26), at=grid(h=1.42, k=1), within=0.01)
gd_pl_tight.control(
    "no PL inequality: stuck in the higher of two wells",
    on=double_well(start=1.152),
    domain=grid(h=1.0, k=1),
    declare={"mu": lambda L: 0.1 * L},
)
gd_pl_tight.control(
    "1.01 times the gradient dominance", declare={"mu": lambda mu: 1.01 * mu}, domain=grid(h=0.5, k=1)
)
