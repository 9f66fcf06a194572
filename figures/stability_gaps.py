"""Uniform stability under its bounds."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from problems.bounded_losses import sigmoid_loss
from problems.losses import linear_loss
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, named_curves, only_these
from simlab.kernels.arrays import Integers
from simlab.planning.cases import case_on
from simlab.running.simulate import curve
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.theorem import Theorem
from theorems.stability.hardt_recht_singer import (
    hrs_sgd_convex,
    hrs_sgd_nonconvex,
    hrs_sgd_strongly_convex_const,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SETTINGS: tuple[tuple[str, Theorem, Callable[[int], Problem], dict[str, Any]], ...] = (
    ("convex", hrs_sgd_convex, lambda n: linear_loss(terms=n), {"h": 1.0, "p": 0.0}),
    (
        "strongly convex",
        hrs_sgd_strongly_convex_const,
        lambda n: linear_loss(terms=n, curvature=1.0, radius=0.1),
        {"h": 0.02},
    ),
    ("non-convex", hrs_sgd_nonconvex, lambda n: sigmoid_loss(terms=n, positive=0.5, start=0.0), {"q": 0.3}),
)


@figure(width="page", aspect=0.42)
def stability_gaps(sheet: Sheet) -> None:
    """Measured stability of SGD (markers, with confidence bands) under the bounds of Hardt, Recht & Singer
    (dotted; for the convex losses the two are equal): the difference of expected losses for convex and
    non-convex losses, the distance of the iterates for strongly convex ones. (a) Against the steps, for 200
    examples: linear, saturating, and sublinear with the step sizes 0.3/(Lmax t). (b) Against the number of
    examples, after 200 steps: all fall as 1/n.
    """
    steps, sizes = sheet.panels(1, 2)
    ks = np.unique(np.geomspace(1, 1000, 12).astype(int))
    ns = (50, 100, 200, 400, 800)
    for number, (label, theorem, build, more) in enumerate(SETTINGS):
        found = [_point(sheet, theorem, build(200), int(k), more) for k in ks]
        _draw(sheet, steps, label, ks, found, number)
        found = [_point(sheet, theorem, build(n), 200, more) for n in ns]
        _draw(sheet, sizes, label, np.array(ns), found, number)
    steps.set(xscale="log", yscale="log", xlabel="steps $k$", ylabel="stability gap")
    sizes.set(xscale="log", yscale="log", xlabel="examples $n$", ylabel="stability gap")
    only_these(sizes, ns)
    named_curves(steps)


def _point(
    sheet: Sheet, theorem: Theorem, problem: Problem, k: int, more: dict[str, Any]
) -> tuple[float, ...]:
    case = case_on(theorem, problem, (k,), **more)
    measured = curve(case, 8192, sheet.seed, sheet.pool)
    return measured.mean[0], measured.low[0], measured.high[0], case.bounds()[0]


def _draw(
    sheet: Sheet, axes: "Axes", label: str, x: Integers, found: list[tuple[float, ...]], number: int
) -> None:
    mean, low, high, bound = np.array(found).T
    sheet.line(axes, label, x, mean, low=low, high=high, number=number, linestyle="none")
    sheet.bound(axes, f"bound of {label}", x, bound, number=number)
