"""The standard figure of any theorem: its worst case under its bound, and the ratio of every case."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.drawing.sheet import Sheet
from simlab.drawing.style import MARKERS, series_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Record = Mapping[str, Any]
STATED = {"law": "law", "limit": "limit"}  # what is drawn beside the measured curve; bounds else
CAUGHT = "#c85200"  # of the palette: what the checker refused
TOP, BOTTOM = 10.0, 1e-4  # ratios beyond are drawn at the edge, or not at all


def draw_theorem(sheet: Sheet, record: Record, measured: str = "measured") -> None:
    """Two panels from the record of a theorem's result: a curve under its bound, and measured / bound.

    ``measured`` names the vertical axis of the first one.

    The curve is that of the case with the worst ratio among those with several steps; a theorem without such
    cases shows its measured numbers against its bounds instead. Controls are marked in both panels.
    """
    left, right = sheet.panels(1, 2)
    draw_numbers(sheet, left, record)
    left.set_ylabel(measured)
    draw_ratios(sheet, right, record)


def draw_numbers(sheet: Sheet, axes: "Axes", record: Record) -> None:
    """The first panel: a curve under its bound, or all measured numbers against theirs."""
    case = shown_curve(record)
    if case is None:
        draw_pairs(sheet, axes, record)
    else:
        draw_curve(sheet, axes, case, STATED.get(str(record.get("kind")), "bound"))


def shown_curve(record: Record) -> Record | None:
    """The case whose curve is drawn: the one with the worst ratio among those with several steps."""
    curves = [case for case in _claims(record) if len(case["checkpoints"]) > 2 and case["measured"]]
    return max(curves, key=lambda case: _number(case["ratio"]), default=None)


def _claims(record: Record) -> list[Record]:
    return [*record["claims"], *record["attained"]]


def _caught(record: Record) -> list[tuple[str, Record]]:
    """The refused case of each control, or its last one."""
    return [(control["title"], control["cases"][-1]) for control in record["controls"] if control["cases"]]


def broken_name(record: Record) -> str:
    """What stands beside the cases: controls, or of a refuted statement the corrected one."""
    return "corrected statement" if record.get("kind") == "refuted" else "controls"


def _number(value: Any) -> float:
    """Numbers that JSON cannot hold are kept as strings."""
    return float(value) if value is not None else math.nan


def _numbers(values: Sequence[Any]) -> Any:
    return np.array([_number(value) for value in values])


def draw_curve(sheet: Sheet, axes: "Axes", case: Record, stated: str = "bound") -> None:
    """Measured mean with its confidence band, and what is stated, against the step."""
    k, mean, bound = (_numbers(case[name]) for name in ("checkpoints", "measured", "bounds"))
    low, high = _numbers(case["measured_low"]), _numbers(case["measured_high"])
    sheet.line(axes, "measured", k, mean, low=low, high=high, number=0)
    draw_bound(sheet, axes, k, bound, stated)


def draw_bound(sheet: Sheet, axes: "Axes", k: Any, bound: Any, stated: str = "bound") -> None:
    """What is stated against the step."""
    sheet.bound(axes, stated, k, bound, number=1, linestyle="--", linewidth=1.1)
    axes.set_xlabel("step $k$")
    _scale(axes, "x", k)
    _scale(axes, "y", bound)
    axes.legend()


def draw_pairs(sheet: Sheet, axes: "Axes", record: Record) -> None:
    """Every measured number against its bound; on the diagonal the two are equal.

    Where they spread over more than a decade both axes are logarithmic, and what is 0 lies at their lower ends.
    """
    name = broken_name(record)
    groups = [("cases", 0, _claims(record)), (name, 6, [case for _, case in _caught(record)])]
    pairs = {label: _pairs(cases) for label, _, cases in groups}
    everything = np.concatenate([pairs[label].ravel() for label in pairs])
    if not everything.size:
        axes.text(0.5, 0.5, "nothing finite was measured", ha="center", transform=axes.transAxes)
        return
    lowest = _lowest(everything)
    for label, number, _ in groups:
        if pairs[label].size:
            look: dict[str, Any] = {"color": CAUGHT if label == name else series_colour(number)}
            places = pairs[label] if lowest is None else np.maximum(pairs[label], lowest)
            axes.plot(*places, MARKERS[number], linestyle="none", label=label, **look)
            sheet.record(axes, label, *pairs[label])
    ends = np.array([everything.min() if lowest is None else lowest, everything.max()])
    axes.plot(ends, ends, color="0.5", linewidth=0.7)
    if lowest is not None:
        axes.set(xscale="log", yscale="log")
    axes.set_xlabel("stated")
    axes.set_ylabel("measured")
    axes.legend()


def _pairs(cases: Sequence[Record]) -> Any:
    """Bounds and measured numbers where both are finite, shape (2, count)."""
    rows = [[_numbers(case[name]) for case in cases] for name in ("bounds", "measured")]
    both = np.array([np.concatenate(row or [np.empty(0)]) for row in rows])
    return both[:, np.isfinite(both).all(axis=0)]


def _lowest(values: Any) -> float | None:
    """Where a logarithmic axis of these values begins; None when a linear one shows them better."""
    positive = values[values > 0]
    if values.min() < 0 or not positive.size or positive.max() <= 10 * positive.min():
        return None
    return float(max(positive.min() / (3 if (values == 0).any() else 1), 1e-15 * positive.max()))


def draw_ratios(sheet: Sheet, axes: "Axes", record: Record) -> None:
    """measured / bound of every case in order, and of the controls, which must lie on the wrong side of 1.

    A refuted statement lies there itself, and its corrected one, in the place of the controls, does not.
    """
    name = broken_name(record)
    ratios = np.sort(_numbers([case["ratio"] for case in _claims(record)]))
    ratios = ratios[np.isfinite(ratios)]
    caught = _caught(record)
    refused = np.nan_to_num(_numbers([case["ratio"] for _, case in caught]), nan=np.inf, posinf=np.inf)
    top = TOP * max(1.0, ratios.max(initial=0.0))
    places = np.arange(1, len(ratios) + 1)
    sheet.points(axes, "cases", places, ratios, number=0)
    beyond = len(ratios) + 1 + np.arange(len(refused))
    near = refused < top
    if near.any():
        axes.plot(beyond[near], refused[near], "X", color=CAUGHT, label=name)
    if not near.all():
        axes.plot(beyond[~near], np.full((~near).sum(), top), "^", color=CAUGHT, label=f"{name}, far above")
    sheet.record(axes, name, beyond, refused, labels=[title for title, _ in caught])
    axes.axhline(1.0, color="0.5", linewidth=0.7)
    seen = [0.6, *ratios[ratios > 0], *refused[refused > 0]]
    axes.set(yscale="log", ylim=(max(min(seen) / 2, BOTTOM), 1.5 * top))
    axes.set_xlabel("case, by ratio")
    axes.set_ylabel("measured / bound")
    axes.legend()


def _scale(axes: "Axes", which: str, values: Any) -> None:
    """A logarithmic axis when the values are positive and spread over more than a decade; steps may begin at 0."""
    shown = values[np.isfinite(values)]
    if which == "x" and len(shown) and shown.min() == 0 and shown.max() > 10:
        axes.set_xscale("symlog", linthresh=1)
        powers = 10 ** np.arange(np.ceil(np.log10(shown.max())), dtype=float)
        ticks = [0, *powers[:: max(1, len(powers) // 4)]]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    if len(shown) and shown.min() > 0 and shown.max() > 10 * shown.min():
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
