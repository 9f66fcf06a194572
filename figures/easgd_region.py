"""Where elastic averaging SGD is stable."""

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from theorems.centralized.elastic import is_stable

WORKERS = 4


@figure(width="column", aspect=0.85)
def easgd_region(sheet: Sheet) -> None:
    """Elastic averaging SGD with 4 workers on a quadratic, step size h/L. White: stable, as read off the kernel's
    linear map. Grey: not stable. Hatched: not stable, though the theorem's first condition (solid lines), which is
    usually quoted alone, holds; its second condition (dashed) excludes that part.
    """
    (axes,) = sheet.panels()
    hs, elasticities = np.linspace(0.02, 4.0, 100), np.linspace(0.01, 2.0, 100)
    stable = np.array([[is_stable(WORKERS, float(h), float(e)) for h in hs] for e in elasticities])
    sheet.map(axes, "stable", hs, elasticities, stable, cmap="Greys_r", vmin=-2.5, vmax=1.0)
    turn = 2 * (WORKERS + 1) / WORKERS
    for part in (hs[hs < 2], hs[hs > turn + 0.2]):
        label = "first condition" if part[0] < 2 else "first condition, upper branch"
        sheet.line(axes, label, part, _first(part), number=0, marker=False, color="#c85200")
    upper = hs[hs > turn + 0.2]
    axes.fill_between(
        upper, _first(upper), 2.0, facecolor="none", edgecolor="#c85200", hatch="///", linewidth=0
    )
    sheet.line(
        axes, "second condition", hs, (4 - hs) / (WORKERS + 1), number=1, marker=False, color="#006ba4"
    )
    axes.set(xlabel="step size times $L$, $h$", ylabel="elasticity", xlim=(0, 4), ylim=(0, 2))
    entries = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    entries.pop("first condition, upper branch")
    axes.legend(entries.values(), entries.keys(), loc="upper left", frameon=True, edgecolor="none")


def _first(h: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    """The elasticity at which 4 - 2 a + c^2 = 0, with a = h + (m + 1) e and c^2 = h m e."""
    return (4 - 2 * h) / (2 * (WORKERS + 1) - WORKERS * h)
