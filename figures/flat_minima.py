"""Landscape-aware methods drift along a valley to its flat end."""

from typing import Any

import numpy as np

from problems.noise import draw_gaussian, gaussian
from problems.saddles import factorization
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, sized
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.optimizers.first_order import gradient_descent, sgd
from simlab.optimizers.landscape import entropy_sgd, lpf_sgd, sam
from simlab.running.simulate import case_of
from simlab.running.trajectories import sample_runs
from simlab.vocabulary.noise import Noise, NoiseSpec
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import quantity

STEPS = 5000


@quantity(latex="x", signed=True)
@kernel
def first_coordinate(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """x."""
    return float(x[0])


@quantity(latex="y", signed=True)
@kernel
def second_coordinate(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """y."""
    return float(x[1])


@kernel
def with_noisy_label(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """(x y - 1 - e) (y, x): the gradient for the label 1 + e."""
    objective.gradient(objective.data, x, out)
    out[0] -= sample[0] * x[1]
    out[1] -= sample[0] * x[0]


def label_noise(problem: Problem, deviation: float) -> Noise:
    """Gaussian noise on the label of the factorization."""
    return Noise("label-noise", draw_gaussian, with_noisy_label, [deviation], 1)


@figure(width="page", aspect=0.5)
def flat_minima(sheet: Sheet) -> None:
    """Paths on f(x, y) = (xy - 1)^2 / 2, whose minimizers are the curve xy = 1 (thin line), of curvature x^2
    + y^2 there: flattest at (1, 1). All start at the circle. Gradient descent stops where it first meets the
    curve; SAM, LPF-SGD, Entropy-SGD and SGD with label noise go on along it towards the flat minimum (star).
    (a) The paths: markers at every 500th step, the lines through every 25th. (b) Curvature of the landscape
    at the iterate, against the step; 2 is that of the flat minimum.
    """
    landscape, curvature = sheet.panels(1, 2)
    xs, ys = np.linspace(0.5, 3.0, 100), np.linspace(0.1, 1.5, 80)
    heights = np.log10(0.5 * (np.outer(ys, xs) - 1) ** 2 + 1e-3)
    sheet.levels(landscape, "log10(f + 0.001)", xs, ys, heights, levels=12, cmap="Greys", alpha=0.5)
    valley = xs[xs > 1 / ys[-1]]
    landscape.plot(valley, 1 / valley, color="0.2", **sized(linewidth=0.6))
    sheet.record(landscape, "minimizers", valley, 1 / valley)
    problem = factorization(start=(2.6, 0.65), region=0.3)
    for number, (label, path) in enumerate(_paths(problem, sheet).items()):
        thin = np.arange(0, STEPS + 1, 25)
        look: dict[str, Any] = {"number": number, "markevery": 20, "linewidth": 0.7}
        noisy = {"alpha": 0.7, "zorder": 1.5} if label == "label noise" else {}  # it covers all others else
        sheet.line(landscape, label, *path[thin].T, **{**look, **noisy})
        sheet.line(curvature, label, thin, np.sum(path[thin] ** 2, axis=1), **look)
    landscape.plot(*np.asarray(problem.start), "o", color="black", fillstyle="none", **sized(markersize=6))
    landscape.plot(1, 1, "*", color="black", zorder=3, **sized(markersize=8))
    landscape.set(xlabel="$x$", ylabel="$y$", xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
    curvature.axhline(2.0, color="0.5", linewidth=0.7)
    curvature.set(xlabel="step $k$", ylabel=r"$x^2 + y^2$")
    handles, labels = curvature.get_legend_handles_labels()
    sheet.canvas.legend(handles, labels, loc="outside lower center", ncols=len(labels), columnspacing=1.2)


def _paths(problem: Problem, sheet: Sheet) -> dict[str, Matrix]:
    """One path (steps, 2) of each method."""
    methods = {
        "gradient descent": (gradient_descent(step_size=0.05), None),
        "SAM": (sam(step_size=0.05, radius=0.2), None),
        "LPF-SGD": (lpf_sgd(step_size=0.05, smoothing=0.2, perturbations=16), None),
        "Entropy-SGD": (
            entropy_sgd(
                step_size=0.2, scope=1.0, inner_steps=20, inner_step_size=0.05, averaging=0.25, noise=0.1
            ),
            gaussian(variance=0.0),
        ),
        "label noise": (sgd(step_size=0.05), NoiseSpec(label_noise, "label-noise", {"deviation": 0.3})),
    }
    found = {}
    for label, (method, noise) in methods.items():
        coordinates = []
        for measured in (first_coordinate, second_coordinate):
            case = case_of(f"flat-minima {label}", method, problem, measured.last, range(STEPS + 1), noise)
            coordinates.append(sample_runs(case, sheet.seed, 0, 1, None)[0, :, 0])
        found[label] = np.column_stack(coordinates)
    return found
