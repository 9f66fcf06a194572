"""How tight every theorem is."""

import math

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.drawing.style import MARKERS, colours


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
    chapters = list(dict.fromkeys(r.chapter for r in results))
    place, ticks, top = 0, [], 100.0
    for number, chapter in enumerate(chapters):
        ordered = sorted((r for r in results if r.chapter == chapter), key=lambda r: r.worst.verdict.ratio)
        places = np.arange(place, place + len(ordered))
        ratios = [r.worst.verdict.ratio for r in ordered]
        look = {"color": colours()[number % 10], "marker": MARKERS[number % len(MARKERS)]}
        axes.plot(places, ratios, linestyle="none", label=chapter, **look)
        sheet.record(axes, chapter, places, ratios, labels=[r.id for r in ordered])
        crosses = [
            (x, c.cases[-1].verdict.ratio, c.title)
            for x, r in zip(places, ordered, strict=True)
            for c in r.controls
        ]
        shown = [min(y, top) if math.isfinite(y) else top for _, y, _ in crosses]
        axes.plot([x for x, _, _ in crosses], shown, "x", color="0.55", markersize=2.5, zorder=1)
        sheet.record(
            axes,
            f"controls of {chapter}",
            [x for x, _, _ in crosses],
            shown,
            labels=[t for _, _, t in crosses],
        )
        ticks.append((place + len(ordered) / 2 - 0.5, chapter))
        place += len(ordered) + 2
    axes.axhline(1.0, color="0.3", linewidth=0.7)
    axes.set(yscale="log", ylim=(1e-3, 1.5 * top), ylabel="measured / bound")
    axes.set_xticks([x for x, _ in ticks], [name for _, name in ticks], rotation=20, ha="right")
