"""Where elastic averaging SGD is stable."""

from typing import Any

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.drawing.style import series_colour
from theorems.centralized.elastic import is_stable

WORKERS = 4
UPPER = 8 / 3  # where the upper branch of the first condition comes down to the elasticity 2


@figure(width="column", aspect=0.85)
def easgd_region(sheet: Sheet) -> None:
    """Elastic averaging SGD with m = 4 workers on a quadratic, step size h/L, elasticity e. White: stable, as
    read off the kernel's linear map. Grey: not stable. With a = h + (m + 1) e, the theorem asks for 4 - 2a +
    h m e > 0 and for a < 4. Hatched: not stable though the first condition, which is usually quoted alone,
    holds: the second one excludes that part.
    """
    (axes,) = sheet.panels()
    hs, elasticities = np.linspace(0.02, 4.0, 100), np.linspace(0.01, 2.0, 100)
    stable = np.array([[is_stable(WORKERS, float(h), float(e)) for h in hs] for e in elasticities])
    sheet.map(axes, "stable", hs, elasticities, stable, cmap="Greys_r", vmin=-2.5, vmax=1.0)
    red, blue = series_colour(4), series_colour(0)
    lower, upper = np.linspace(0.0, 2.0, 100), np.linspace(UPPER, 4.0, 100)
    first: dict[str, Any] = {"number": 0, "marker": False, "color": red}
    sheet.line(axes, "$4 - 2a + h m e = 0$", lower, _first(lower), **first)
    sheet.line(axes, "_the same, upper branch", upper, _first(upper), **first)
    axes.fill_between(upper, _first(upper), 2.0, facecolor="none", edgecolor=red, hatch="///", linewidth=0)
    second = (4 - hs) / (WORKERS + 1)
    sheet.line(axes, "$a = 4$", hs, second, number=1, marker=False, color=blue)
    axes.text(0.7, 0.17, "stable", ha="center", va="center")
    axes.text(1.35, 1.0, "not stable", ha="center", va="center")
    axes.set(xlabel="step size times $L$, $h$", ylabel="elasticity $e$", xlim=(0, 4), ylim=(0, 2))
    axes.legend(loc="upper left", frameon=True, edgecolor="none", framealpha=1.0)


def _first(h: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    """The elasticity at which 4 - 2 a + c^2 = 0, with a = h + (m + 1) e and c^2 = h m e."""
    return (4 - 2 * h) / (2 * (WORKERS + 1) - WORKERS * h)
