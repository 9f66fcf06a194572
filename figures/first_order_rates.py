"""Measured rates of first-order methods under their bounds."""

from typing import TYPE_CHECKING

import numpy as np

from problems.chains import nesterov_worst_function
from problems.noise import gaussian
from problems.quadratic import quadratic
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.kernels.arrays import Integers
from simlab.planning.cases import case_on
from simlab.running.simulate import curve
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.theorem import Theorem
from theorems.single_machine.acceleration import nag_convex_simplified_tight
from theorems.single_machine.gradient_descent import gd_convex_tight
from theorems.single_machine.stochastic import sgd_sc_constant, sgd_sc_decay

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@figure(width="page", aspect=0.45)
def first_order_rates(sheet: Sheet) -> None:
    """Measured suboptimality (markers) under the stated bounds (dotted). (a) Gradient descent and Nesterov's method
    on Nesterov's worst function in 200 dimensions: the slopes -1 and -2 of the bounds. (b) SGD on a quadratic of
    condition number 10 with noise: constant steps reach a floor, steps b/(k + k0) follow the slope -1.
    """
    steps = np.unique(np.geomspace(1, 400, 25).astype(int))
    convex, noisy = sheet.panels(1, 2)
    worst = nesterov_worst_function(dimension=200)
    for number, (label, theorem, more) in enumerate(
        (
            ("GD, slope $-1$", gd_convex_tight, {"h": 1.0}),
            ("Nesterov, slope $-2$", nag_convex_simplified_tight, {}),
        )
    ):
        _draw(sheet, convex, label, theorem, worst, steps, number, more)
    bowl = quadratic(spectrum=(0.1, 1.0), start=(3.0, 3.0))
    noise = gaussian(variance=1.0)
    longer = np.unique(np.geomspace(1, 10_000, 25).astype(int))
    for number, (label, theorem, more) in enumerate(
        (
            ("constant steps", sgd_sc_constant, {"h": 1.0}),
            ("decaying steps, slope $-1$", sgd_sc_decay, {"b": 2.0}),
        )
    ):
        _draw(sheet, noisy, label, theorem, bowl, longer, number, more, noise=noise)
    for axes in (convex, noisy):
        axes.set(xscale="log", yscale="log", xlabel="step $k$")
        axes.legend()
    convex.set_ylabel(r"$f(x_k) - f^\star$")
    noisy.set_ylabel(r"$\mathbb{E}\, f(x_k) - f^\star$")


def _draw(
    sheet: Sheet,
    axes: "Axes",
    label: str,
    theorem: Theorem,
    problem: Problem,
    steps: Integers,
    number: int,
    more: dict[str, float],
    noise: NoiseSpec | None = None,
) -> None:
    case = case_on(theorem, problem, steps, noise, **more)
    measured = curve(case, seed=sheet.seed, pool=sheet.pool)
    sheet.line(axes, label, measured.k, measured.mean, low=measured.low, high=measured.high, number=number)
    sheet.bound(axes, f"bound of {label.split(',')[0]}", measured.k, case.bounds(), number=number)
