"""The floor of SGD with constant steps."""

import numpy as np

from problems.noise import gaussian
from problems.quadratic import quadratic
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.drawing.style import series_colour
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import sgd
from simlab.planning.cases import case_on
from simlab.running.simulate import Curve, case_of, curve
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem
from theorems.single_machine.stochastic import sgd_quadratic_exact, sgd_sc_constant

SPECTRUM = (0.05, 0.5, 1.0)
STEPS = 4000


@figure(width="page", aspect=0.42)
def noise_ball(sheet: Sheet) -> None:
    """SGD on a quadratic with eigenvalues 0.05, 0.5 and 1 and noise of variance 0.3. (a) Expected
    suboptimality for three step sizes h/L: the larger the step, the sooner and the higher the floor. (b) The
    floor against the step size: measured by sampling (markers with confidence intervals), by the exact law
    (line), and the bound of Bottou, Curtis & Nocedal's Theorem 4.6 (dotted), which is proved for h up to 1.
    """
    time, floor = sheet.panels(1, 2)
    problem, noise = quadratic(spectrum=SPECTRUM), gaussian(variance=0.3)
    ks = np.unique(np.geomspace(1, STEPS, 40).astype(int))
    for number, h in enumerate((0.03, 0.3, 1.5)):
        case = case_of("noise-ball", sgd(step_size=h), problem, suboptimality.last, ks, noise)
        measured = curve(case)
        sheet.line(time, f"$h = {h}$", measured.k, measured.mean, number=number, markevery=4)
    time.set(xscale="log", yscale="log", xlabel="step $k$", ylabel=r"$\mathbb{E}\, f(x_k) - f^*$")
    time.legend()

    hs = np.append(np.geomspace(0.03, 1.6, 30), 2 - np.geomspace(0.38, 0.06, 15))
    laws = [sgd_quadratic_exact.bound(10**7, h, SPECTRUM, 0.3) for h in hs]
    sheet.line(floor, "exact law", hs, laws, number=0, marker=False)
    sampled = (0.1, 0.2, 0.4, 0.8, 1.4, 1.9)
    curves = [_sampled(sheet, h, problem, noise) for h in sampled]
    means = np.array([c.mean[-1] for c in curves])
    widths = np.array([[c.mean[-1] - c.low[-1], c.high[-1] - c.mean[-1]] for c in curves]).T
    floor.errorbar(sampled, means, yerr=widths, fmt="s", color=series_colour(1), label="sampled")
    sheet.record(floor, "sampled", sampled, means, means - widths[0], means + widths[1])
    legal = np.append(hs[hs < 1], 1.0)
    bounds = [case_on(sgd_sc_constant, problem, (10**6,), noise, h=h).bounds()[0] for h in legal]
    sheet.bound(floor, r"bound, $h \leq 1$", legal, bounds, number=6, linewidth=1.2)
    floor.set(
        xscale="log",
        yscale="log",
        xlabel="step size times $L$, $h$",
        ylabel=r"floor of $\mathbb{E}\, f(x_k) - f^*$",
    )
    floor.legend()


def _sampled(sheet: Sheet, h: float, problem: Problem, noise: NoiseSpec) -> Curve:
    from simlab.running.measure import sampled_moments
    from simlab.running.simulate import banded

    case = case_of(f"noise-ball-{h:.6f}", sgd(step_size=h), problem, suboptimality.last, (2000,), noise)
    return banded(case, sampled_moments(case, sheet.seed, 0, 4096, sheet.pool), "sampled")
