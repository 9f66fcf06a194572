"""Measured rates of first-order methods under their bounds."""

from typing import TYPE_CHECKING, Any

import numpy as np

from problems.chains import nesterov_worst_function
from problems.logistic import logistic_regression
from problems.max_affine import max_affine
from problems.noise import gaussian
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, named_curves
from simlab.kernels.arrays import Integers
from simlab.planning.cases import Case, case_on
from simlab.running.simulate import curve
from simlab.vocabulary.theorem import Theorem
from theorems.single_machine.acceleration import nag_convex_simplified_tight
from theorems.single_machine.gradient_descent import gd_convex_tight
from theorems.single_machine.stochastic import sgd_sc_constant, sgd_sc_decay
from theorems.single_machine.subgradient import subgrad_best_iterate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Entry = tuple[str, Theorem, dict[str, Any]]


@figure(width="page", aspect=0.45)
def first_order_rates(sheet: Sheet) -> None:
    """Measured suboptimality (markers) under the stated bounds (dotted), with the slopes of the bounds. (a)
    The best iterate of the subgradient method on the maximum of k + 1 coordinates, a run for each k, which
    attains its bound; gradient descent and Nesterov's method on Nesterov's worst function in 201 dimensions.
    (b) SGD on a regularized logistic regression (40 examples, 2 coordinates) with Gaussian noise, the mean of
    512 runs with its simultaneous confidence band: constant steps 1/L reach a floor, steps b/(k + k0) follow
    the slope -1.
    """
    convex, noisy = sheet.panels(1, 2)
    steps = np.unique(np.geomspace(1, 100, 16).astype(int))
    _draw_subgradient(sheet, convex, steps)
    worst = nesterov_worst_function(dimension=201)
    smooth: tuple[Entry, ...] = (
        ("gradient descent, slope $-1$", gd_convex_tight, {"h": 1.0}),
        ("Nesterov, slope $-2$", nag_convex_simplified_tight, {}),
    )
    for number, (label, theorem, more) in enumerate(smooth):
        _draw(sheet, convex, label, case_on(theorem, worst, steps, **more), number)
    regression, noise = logistic_regression(terms=40, dimension=2, ridge=0.1), gaussian(variance=0.02)
    longer = np.unique(np.geomspace(1, 3000, 18).astype(int))
    stochastic: tuple[Entry, ...] = (
        ("constant steps", sgd_sc_constant, {"h": 1.0}),
        ("decaying steps, slope $-1$", sgd_sc_decay, {"b": 2.0}),
    )
    for number, (label, theorem, more) in enumerate(stochastic):
        _draw(sheet, noisy, label, case_on(theorem, regression, longer, noise, **more), number)
    for axes in (convex, noisy):
        axes.set(xscale="log", yscale="log", xlabel="step $k$")
        named_curves(axes, loc="lower left")
    convex.set_ylim(bottom=2e-4)
    convex.set_ylabel(r"$f(x_k) - f^*$")
    noisy.set_ylabel(r"$\mathbb{E}\, f(x_k) - f^*$")


def _draw_subgradient(sheet: Sheet, axes: "Axes", steps: Integers) -> None:
    """A run of K = k steps for each k, on the instance that resists them."""
    cases = [case_on(subgrad_best_iterate, max_affine(dimension=int(k) + 1), (int(k),)) for k in steps]
    found = [curve(case).mean[0] for case in cases]
    bounds = [case.bounds()[0] for case in cases]
    sheet.line(axes, r"subgradient method, slope $-1/2$", steps, found, number=2, linestyle="none")
    sheet.bound(axes, "bound of the subgradient method", steps, bounds, number=2, linewidth=1.2)


def _draw(sheet: Sheet, axes: "Axes", label: str, case: Case, number: int) -> None:
    measured = curve(case, 512, sheet.seed, sheet.pool)
    sheet.line(axes, label, measured.k, measured.mean, low=measured.low, high=measured.high, number=number)
    bound = f"bound of {label.split(',')[0]}"
    sheet.bound(axes, bound, measured.k, case.bounds(), number=number, linewidth=1.2)
