"""Where the heavy-ball method converges."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from figures.flat_minima import first_coordinate
from problems.lessard import lessard
from problems.quadratic import quadratic
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, sized
from simlab.drawing.style import series_colour
from simlab.kernels.quantities import distance
from simlab.optimizers.first_order import heavy_ball
from simlab.running.simulate import case_of, curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMOOTHNESS, STRONG_CONVEXITY = 25.0, 1.0
BEST = (25 / 9, 4 / 9)  # h and b: Polyak's choice for quadratics
DIVERGED = "0.85"
ARROW: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.6}


@figure(width="page", aspect=0.36)
def momentum_region(sheet: Sheet) -> None:
    """The heavy-ball method with step size h/L and momentum b at condition number 25; light grey: it diverges
    on quadratics. (a) Its rate on quadratics, the larger spectral radius of the two extreme eigenvalues,
    which is below 1 where h < 2 (1 + b) (line), and best at the star. (b) On the function of Lessard, Recht &
    Packard, which has the same curvatures, from 3.3: at the dark pairs the iterates do not converge, though
    those of quadratics do. The star is one of them. (c) The iterates at the star: a cycle of three points,
    and convergence on a quadratic.
    """
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    rate, cycles, iterates = sheet.panels(1, 3, width_ratios=(1.25, 1, 1))
    hs, bs = np.linspace(0.05, 4.0, 80), np.linspace(0.0, 0.98, 60)
    radii = np.array([[_radius(h, b) for h in hs] for b in bs])
    shades = colormaps["cividis"].with_extremes(over=DIVERGED)
    image = sheet.map(rate, "rate", hs, bs, radii, cmap=shades, vmin=0.6, vmax=1.0)
    sheet.canvas.colorbar(image, ax=rate, label="rate on quadratics", pad=0.03)
    coarse_h, coarse_b = np.linspace(0.1, 4.0, 60), np.linspace(0.0, 0.98, 45)
    caught = np.array([[_outcome(h, b) for h in coarse_h] for b in coarse_b])
    three = ListedColormap(["white", DIVERGED, "0.35"])
    sheet.map(cycles, "converges 0, diverges on quadratics 1, cycles 2", coarse_h, coarse_b, caught,
              cmap=three, vmin=-0.5, vmax=2.5)  # fmt: skip
    limit = series_colour(1)
    for axes in (rate, cycles):
        axes.plot(2 * (1 + bs), bs, color=limit, **sized(linewidth=1.2))
        sheet.record(axes, "stability limit of quadratics", 2 * (1 + bs), bs)
        sheet.record(axes, "best on quadratics", [BEST[0]], [BEST[1]])
        axes.plot(
            BEST[0], BEST[1], "*", color=limit, markeredgecolor="black",
            **sized(markersize=9, markeredgewidth=0.5),
        )  # fmt: skip
        axes.set(xlabel="step size times $L$, $h$", ylabel="momentum $b$", xlim=(hs[0], hs[-1]))
    for x, y, words, shade in ((1.0, 0.3, "converges", "black"), (3.2, 0.15, "diverges", "black")):
        cycles.text(x, y, words, ha="center", color=shade)
    cycles.annotate("stays\naway", (3.25, 0.72), (2.2, 0.6), ha="center", va="center", arrowprops=ARROW)
    _draw_iterates(sheet, iterates)


def _draw_iterates(sheet: Sheet, axes: "Axes") -> None:
    """The first iterates of the method that is best on quadratics."""
    method, steps = heavy_ball(step_size=BEST[0] / SMOOTHNESS, momentum=BEST[1]), range(31)
    bowl = quadratic(spectrum=(STRONG_CONVEXITY, SMOOTHNESS), start=(3.3, 0.0))
    for number, (label, problem) in enumerate((("Lessard et al.", lessard(start=3.3)), ("quadratic", bowl))):
        found = curve(case_of("iterates", method, problem, first_coordinate.last, steps))
        look: dict[str, Any] = {"linewidth": 0.7, "marker": ("o", "s")[number]}
        sheet.line(axes, label, found.k, found.mean, number=number, **look)
    axes.set(xlabel="step $k$", ylabel="first coordinate of $x_k$")
    axes.set_ylim(top=6.5)
    axes.legend(loc="upper right")


def _radius(h: float, b: float) -> float:
    """The larger spectral radius of [[1 + b - a l, -b], [1, 0]] over l = mu and L."""
    return max(
        float(np.abs(np.roots([1.0, -(1 + b - h * curvature / SMOOTHNESS), b])).max())
        for curvature in (STRONG_CONVEXITY, SMOOTHNESS)
    )


def _outcome(h: float, b: float) -> float:
    """0 where both converge, 1 where quadratics diverge, 2 where only this function's iterates stay away."""
    radius = _radius(h, b)
    if not radius < 1:
        return 1.0
    steps = max(3000, math.ceil(math.log(1e-5) / math.log(radius)))  # what converges at this rate is there
    method = heavy_ball(step_size=h / SMOOTHNESS, momentum=b)
    last = curve(case_of("cycles", method, lessard(start=3.3), distance.last, (steps,))).mean[0]
    return 0.0 if last < 1e-3 else 2.0
