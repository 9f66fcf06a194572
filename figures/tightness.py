"""How tight every theorem is."""

import math
from typing import TYPE_CHECKING

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.running.results import TheoremResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOP = 100.0  # ratios above are drawn here


@figure(width="page", aspect=0.55)
def tightness(sheet: Sheet) -> None:
    """The worst measured / bound of every theorem, by chapter and in order, from a quick verification: 1 is a bound
    that is attained. Crosses are the controls, broken on purpose, each at the ratio with which it was refused;
    those that diverged stand at the top.
    """
    from simlab.verification import verify

    (axes,) = sheet.panels()
    results = [
        r for r in verify(tier="quick", seed=sheet.seed) if r.worst is not None and r.kind != "refuted"
    ]
    chapters = list(dict.fromkeys(result.chapter for result in results))
    place, ticks = 0, []
    for number, chapter in enumerate(chapters):
        ordered = sorted((r for r in results if r.chapter == chapter), key=_ratio)
        places = np.arange(place, place + len(ordered))
        sheet.points(axes, chapter, places, [_ratio(r) for r in ordered], number=number)
        _controls(sheet, axes, chapter, dict(zip(places.tolist(), ordered, strict=True)))
        ticks.append((place + len(ordered) / 2 - 0.5, chapter))
        place += len(ordered) + 2
    axes.axhline(1.0, color="0.3", linewidth=0.7)
    axes.set(yscale="log", ylim=(1e-3, 1.5 * TOP), ylabel="measured / bound")
    axes.set_xticks([x for x, _ in ticks], [name for _, name in ticks], rotation=20, ha="right")


def _ratio(result: TheoremResult) -> float:
    return result.worst.verdict.ratio if result.worst is not None else math.nan


def _controls(sheet: Sheet, axes: "Axes", chapter: str, results: dict[int, TheoremResult]) -> None:
    """A cross for each control, above or below the theorem that it breaks."""
    found = [(x, c.cases[-1].verdict.ratio, c.title) for x, r in results.items() for c in r.controls]
    xs = [x for x, _, _ in found]
    shown = [min(ratio, TOP) if math.isfinite(ratio) else TOP for _, ratio, _ in found]
    axes.plot(xs, shown, "x", color="0.55", markersize=2.5, zorder=1)
    sheet.record(axes, f"controls of {chapter}", xs, shown, labels=[title for _, _, title in found])
