"""How tight every theorem is."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.running.results import TheoremResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOP, BOTTOM = 100.0, 1e-3  # ratios beyond are drawn here
COLUMNS = 4


@figure(width="page", aspect=0.85)
def tightness(sheet: Sheet) -> None:
    """The worst measured / bound of every theorem, by chapter and in order, from a quick verification: 1 is a
    bound that is attained. Crosses are the controls, broken on purpose, each in the column of its theorem at
    the ratio with which it was refused; those that diverged stand at the top. Those below 1 break a law or the
    floor of an attaining instance from below. Ratios above 100 and below 0.001 are drawn at the edge. Printed
    statements that are false are left out.
    """
    from simlab.verification import verify

    verified = verify(tier="quick", seed=sheet.seed, started=sheet.progress)
    results = [r for r in verified if r.worst is not None and r.kind != "refuted"]
    chapters = sorted({result.chapter for result in results}, key=lambda c: (_size(results, c), c))
    panels = _panels(sheet, chapters)
    for chapter in chapters:
        _draw(sheet, panels[chapter], chapter, [r for r in results if r.chapter == chapter])
    legend = panels.get("", panels[chapters[-1]])
    handles, labels = panels[chapters[-1]].get_legend_handles_labels()
    legend.legend(handles[::-1], labels[::-1], loc="center" if "" in panels else "lower right")


def _panels(sheet: Sheet, chapters: Sequence[str]) -> dict[str, "Axes"]:
    """A panel a chapter, the largest one across the page; an empty one, where there is room, for the legend."""
    *small, largest = chapters
    rows: list[Any] = [[*small[i : i + COLUMNS]] for i in range(0, len(small), COLUMNS)]
    for row in rows:
        row += ["" for _ in range(COLUMNS - len(row))]
    panels: dict[str, Axes] = sheet.canvas.subplot_mosaic([*rows, [largest] * COLUMNS], sharey=True)
    for name, axes in panels.items():
        axes.tick_params(labelleft=name in [row[0] for row in rows] or name == largest)
    for chapter in [row[0] for row in rows] + [largest]:
        panels[chapter].set_ylabel("measured / bound")
    if "" in panels:
        panels[""].set_axis_off()
    return panels


def _draw(sheet: Sheet, axes: "Axes", chapter: str, results: Sequence[TheoremResult]) -> None:
    axes.set_title(f"{chapter} ({len(results)})", loc="left")
    ordered = sorted(results, key=_ratio)
    places = np.arange(1, len(ordered) + 1)
    _controls(sheet, axes, dict(zip(places.tolist(), ordered, strict=True)))
    shown = np.clip([_ratio(r) for r in ordered], BOTTOM, TOP)
    sheet.points(axes, "theorems", places, shown, marker="o", number=0, labels=[r.id for r in ordered])
    axes.axhline(1.0, color="0.3", linewidth=0.7, zorder=0)
    axes.set(yscale="log", ylim=(BOTTOM / 1.5, 1.5 * TOP))
    axes.set_xticks([])
    axes.set_xlabel("theorems, by ratio")
    axes.margins(x=0.08 if len(ordered) < 50 else 0.01)


def _size(results: Sequence[TheoremResult], chapter: str) -> int:
    return sum(result.chapter == chapter for result in results)


def _ratio(result: TheoremResult) -> float:
    return result.worst.verdict.ratio if result.worst is not None else math.nan


def _controls(sheet: Sheet, axes: "Axes", results: dict[int, TheoremResult]) -> None:
    """A cross for each control, above or below the theorem that it breaks."""
    found = [(x, c.cases[-1].verdict.ratio, c.title) for x, r in results.items() for c in r.controls]
    xs = [x for x, _, _ in found]
    shown = [float(np.clip(ratio, BOTTOM, TOP)) if math.isfinite(ratio) else TOP for _, ratio, _ in found]
    sheet.points(
        axes, "controls", xs, shown, number=4, marker="x", markeredgewidth=0.6, zorder=1,
        labels=[title for _, _, title in found],
    )  # fmt: skip
