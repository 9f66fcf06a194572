"""Measured rates of first-order methods under their bounds."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from problems.huber import huber
from problems.logistic import logistic_regression
from problems.max_affine import max_affine
from problems.noise import gaussian
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, named_curves
from simlab.planning.cases import case_on
from simlab.running.simulate import curve
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.theorem import Theorem
from theorems.single_machine.acceleration import nag_convex_simplified_tight
from theorems.single_machine.gradient_descent import gd_convex_tight
from theorems.single_machine.stochastic import sgd_sc_constant, sgd_sc_decay
from theorems.single_machine.subgradient import subgrad_best_iterate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# On which function each bound is attained in k steps; all start at the distance 1 from the minimizer.
ATTAINED: tuple[tuple[str, Theorem, Callable[[int], Problem]], ...] = (
    ("subgradient method", subgrad_best_iterate, lambda k: max_affine(dimension=k + 1)),
    ("gradient descent", gd_convex_tight, lambda k: huber(threshold=1 / (2 * k + 1))),
    ("Nesterov", nag_convex_simplified_tight, lambda k: huber(threshold=4 / ((k + 2) * (k + 3)))),
)
PARAMETERS: dict[str, dict[str, Any]] = {"gradient descent": {"h": 1.0}}
STOCHASTIC: tuple[tuple[str, Theorem, dict[str, Any]], ...] = (
    ("constant steps", sgd_sc_constant, {"h": 1.0}),
    ("decaying steps", sgd_sc_decay, {"b": 2.0}),
)


@figure(width="page", aspect=0.45)
def first_order_rates(sheet: Sheet) -> None:
    """Measured suboptimality (markers) under the stated bounds (dotted). (a) The subgradient method (its best
    iterate), gradient descent and Nesterov's method, each on the function that attains its bound: another one
    for each k. (b) SGD on a regularized logistic regression (40 examples, 2 coordinates) with Gaussian noise,
    the mean of 4096 runs in a confidence band that holds with a chance of 99 % at all steps together: constant
    steps 1/L reach a floor, steps b/(k + k0) converge. Slopes are fitted to what was measured, by least squares
    on the last decade; the bounds tend to -1/2, -1 and -2 in (a) and -1 in (b).
    """
    convex, noisy = sheet.panels(1, 2)
    draw_attained(sheet, convex)
    regression, noise = logistic_regression(terms=40, dimension=2, ridge=0.1), gaussian(variance=0.02)
    longer = np.unique(np.geomspace(1, 3000, 18).astype(int))
    for number, (label, theorem, more) in enumerate(STOCHASTIC):
        case = case_on(theorem, regression, longer, noise, **more)
        made = curve(case, 4096, sheet.seed, sheet.pool)
        drawn = sheet.line if label == "constant steps" else partial(_sloped, sheet)
        drawn(noisy, label, made.k, made.mean, low=made.low, high=made.high, number=number)
        sheet.bound(noisy, f"bound of {label}", made.k, case.bounds(), number=number, linewidth=1.2)
    for axes in (convex, noisy):
        axes.set(xscale="log", yscale="log", xlabel="step $k$")
        named_curves(axes, loc="lower left")
    convex.set_ylim(bottom=1e-5)
    convex.set_ylabel(r"$f(x_k) - f^\star$")
    noisy.set_ylabel(r"$\mathbb{E}\, f(x_k) - f^\star$")


def draw_attained(sheet: Sheet, axes: "Axes") -> None:
    """Each method where its bound is attained: a run of its own for each k."""
    steps = np.unique(np.geomspace(1, 100, 16).astype(int))
    for number, (label, theorem, attaining) in enumerate(ATTAINED):
        cases = [case_on(theorem, attaining(int(k)), (int(k),), **PARAMETERS.get(label, {})) for k in steps]
        found = np.array([curve(case).mean[0] for case in cases])
        bounds = np.array([case.bounds()[0] for case in cases])
        _sloped(sheet, axes, label, steps, found, number=number, linestyle="none")
        sheet.bound(axes, f"bound of {label}", steps, bounds, number=number, linewidth=1.2)


def _sloped(sheet: Sheet, axes: "Axes", label: str, k: Any, measured: Any, **options: Any) -> None:
    """A curve with its slope on the last decade in the legend."""
    last = k >= k[-1] / 10
    slope = float(np.polyfit(np.log(k[last]), np.log(measured[last]), 1)[0])
    sheet.line(axes, f"{label}, slope ${slope:.2f}$", k, measured, **options)
    sheet.record(axes, f"slope of {label}", [k[last][0]], [slope], labels=["least squares from x on"])
