"""Where the heavy-ball method converges."""

import numpy as np

from problems.lessard import lessard
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.kernels.quantities import distance
from simlab.optimizers.first_order import heavy_ball
from simlab.running.simulate import case_of, curve

SMOOTHNESS, STRONG_CONVEXITY = 25.0, 1.0


@figure(width="page", aspect=0.42)
def momentum_region(sheet: Sheet) -> None:
    """The heavy-ball method with step size h/L and momentum b at condition number 25. (a) The rate on quadratics:
    the larger spectral radius of the two extreme eigenvalues: it is stable below the line h = 2 (1 + b), best at
    the star. (b) On the function of Lessard, Recht & Packard, which has the same curvatures, from 3.3:
    dark pairs end in a cycle though quadratics converge. The star, optimal for quadratics, is one of them.
    """
    rate, cycles = sheet.panels(1, 2, sharey=True)
    hs, bs = np.linspace(0.05, 4.0, 80), np.linspace(0.0, 0.98, 60)
    radii = np.array([[_radius(h, b) for h in hs] for b in bs])
    image = sheet.map(rate, "rate", hs, bs, np.minimum(radii, 1.2), cmap="cividis", vmin=0.5, vmax=1.2)
    sheet.canvas.colorbar(image, ax=rate, label="rate on quadratics", extend="max")
    coarse_h, coarse_b = np.linspace(0.1, 4.0, 60), np.linspace(0.0, 0.98, 45)
    caught = np.array([[_cycles(h, b) for h in coarse_h] for b in coarse_b])
    sheet.map(cycles, "cycles", coarse_h, coarse_b, caught, cmap="Greys", vmin=0, vmax=1.4)
    best_h, best_b = 25 / 9, 4 / 9
    for axes in (rate, cycles):
        axes.plot(2 * (1 + bs), bs, color="#ff800e", linewidth=1.2)
        axes.plot(best_h, best_b, "*", color="#ff800e", markersize=8)
        axes.set(xlabel="step size times $L$, $h$", xlim=(hs[0], hs[-1]))
    sheet.record(rate, "stability limit", 2 * (1 + bs), bs)
    rate.set_ylabel("momentum $b$")


def _radius(h: float, b: float) -> float:
    """The larger spectral radius of [[1 + b - a l, -b], [1, 0]] over l = mu and L."""
    return max(
        float(np.abs(np.roots([1.0, -(1 + b - h * curvature / SMOOTHNESS), b])).max())
        for curvature in (STRONG_CONVEXITY, SMOOTHNESS)
    )


def _cycles(h: float, b: float) -> float:
    """1 where quadratics converge and this function's iterates do not."""
    if not _radius(h, b) < 0.995:
        return 0.0
    method = heavy_ball(step_size=h / SMOOTHNESS, momentum=b)
    last = curve(case_of("cycles", method, lessard(start=3.3), distance.last, (3000,))).mean[0]
    return 0.0 if last < 1e-3 else 1.0
