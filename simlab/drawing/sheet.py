"""A sheet: a figure that remembers every number that is drawn on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from simlab.drawing.style import LINES, MARKERS, STYLES, series_colour

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

# The columns of the numbers that are saved beside a figure, with what they hold.
COLUMNS = {
    "panel": "the panel, by its letter or its title",
    "series": "what is drawn, as in the legend",
    "x": "the horizontal coordinate, in the units of the axis",
    "y": "the vertical coordinate, in the units of the axis",
    "low": "the lower end of its band or error bar, if it has one",
    "high": "the upper end of its band or error bar, if it has one",
    "value": "of a map: what its colour shows at (x, y)",
    "label": "what a point stands for, if points have names",
}

LETTERS = "abcdefghijkl"


def sized(**options: Any) -> dict[str, Any]:
    """Widths and sizes that are meant for paper, as large as the style in force draws them."""
    import matplotlib as mpl

    thicker = mpl.rcParams["lines.linewidth"] / STYLES["paper"].line
    larger = mpl.rcParams["lines.markersize"] / STYLES["paper"].marker
    factors = {"linewidth": thicker, "markeredgewidth": thicker, "markersize": larger}
    return {name: value * factors[name] if name in factors else value for name, value in options.items()}


@dataclass
class Sheet:
    """What a figure's function draws on. Numbers go through its methods, which record what they draw.

    Parameters
    ----------
    canvas
        Matplotlib's figure, empty, with constrained layout.
    seed, pool
        The seed of all randomness in the figure, and the threads that runs may use.
    progress
        Called with a name, its number and their total when a part of a long figure begins.
    """

    canvas: "Canvas"
    seed: int = 0
    pool: "Executor | None" = None
    progress: Callable[[str, int, int], None] | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def panels(self, rows: int = 1, columns: int = 1, **options: Any) -> list["Axes"]:
        """A grid of axes, row by row; several of them are lettered (a), (b), ... in their corner."""
        grid = self.canvas.subplots(rows, columns, squeeze=False, **options)
        made: list[Axes] = list(grid.ravel())
        if len(made) > 1:
            for letter, axes in zip(LETTERS, made, strict=False):
                axes.set_title(f"({letter})", loc="left")
        return made

    def line(
        self,
        axes: "Axes",
        label: str,
        x: ArrayLike,
        y: ArrayLike,
        *,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        number: int = 0,
        marker: bool = True,
        **options: Any,
    ) -> None:
        """A measured curve with a band from low to high; series ``number`` has its own colour, marker and line."""
        look = {"color": series_colour(number), "linestyle": LINES[number % len(LINES)]}
        if marker:
            look["marker"] = MARKERS[number % len(MARKERS)]
        drawn = {**look, **sized(**options)}
        axes.plot(np.asarray(x), np.asarray(y), label=label, **drawn)
        if low is not None and high is not None:
            axes.fill_between(
                np.asarray(x),
                np.asarray(low),
                np.asarray(high),
                color=drawn["color"],
                alpha=0.25,
                linewidth=0,
            )
        self.record(axes, label, x, y, low, high)

    def bound(
        self, axes: "Axes", label: str, x: ArrayLike, y: ArrayLike, *, number: int = 0, **options: Any
    ) -> None:
        """A stated bound: a thin dotted line in the colour of its series, without markers."""
        look = {"color": series_colour(number), "linestyle": ":", **sized(**{"linewidth": 0.9, **options})}
        axes.plot(np.asarray(x), np.asarray(y), label=label, **look)
        self.record(axes, label, x, y)

    def points(
        self,
        axes: "Axes",
        label: str,
        x: ArrayLike,
        y: ArrayLike,
        *,
        number: int = 0,
        labels: Sequence[str] | None = None,
        **options: Any,
    ) -> None:
        """Single points; ``labels``, one a point, are kept with their numbers."""
        look = {
            "color": series_colour(number),
            "marker": MARKERS[number % len(MARKERS)],
            **sized(**options),
        }
        axes.plot(np.asarray(x), np.asarray(y), linestyle="none", label=label, **look)
        self.record(axes, label, x, y, labels=labels)

    def map(
        self, axes: "Axes", label: str, x: ArrayLike, y: ArrayLike, values: ArrayLike, **options: Any
    ) -> Any:
        """Values (len(y), len(x)) as a coloured map; returns what a colour bar needs."""
        xs, ys, table = np.asarray(x), np.asarray(y), np.asarray(values)
        image = axes.pcolormesh(xs, ys, table, shading="nearest", rasterized=True, **options)
        self._record_map(axes, label, xs, ys, table)
        return image

    def levels(
        self, axes: "Axes", label: str, x: ArrayLike, y: ArrayLike, values: ArrayLike, **options: Any
    ) -> None:
        """Values (len(y), len(x)) as shaded levels."""
        xs, ys, table = np.asarray(x), np.asarray(y), np.asarray(values)
        axes.contourf(xs, ys, table, **options).set_rasterized(True)
        self._record_map(axes, label, xs, ys, table)

    def _record_map(self, axes: "Axes", label: str, xs: Any, ys: Any, table: Any) -> None:
        for j, y_value in enumerate(ys):
            for i, x_value in enumerate(xs):
                self._row(axes, label, x_value, y_value, value=float(table[j, i]))

    def record(
        self,
        axes: "Axes",
        series: str,
        x: ArrayLike,
        y: ArrayLike,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Keep numbers that were drawn in another way."""
        xs, ys = np.atleast_1d(np.asarray(x)), np.atleast_1d(np.asarray(y))
        lows = [""] * len(xs) if low is None else list(np.atleast_1d(np.asarray(low)))
        highs = [""] * len(xs) if high is None else list(np.atleast_1d(np.asarray(high)))
        for i in range(len(xs)):
            more: Mapping[str, Any] = {"low": lows[i], "high": highs[i]}
            self._row(axes, series, xs[i], ys[i], **more, label="" if labels is None else labels[i])

    def _row(self, axes: "Axes", series: str, x: Any, y: Any, **more: Any) -> None:
        found = {"panel": self.panel_name(axes), "series": series.removeprefix("_"), "x": x, "y": y, **more}
        self.rows.append({name: found.get(name, "") for name in COLUMNS})

    def panel_name(self, axes: "Axes") -> str:
        """A panel's letter, or its title."""
        title = axes.get_title(loc="left")
        return title.strip("()") if title.startswith("(") else title or LETTERS[self.canvas.axes.index(axes)]

    def axis_labels(self) -> dict[str, dict[str, str]]:
        """What the axes of each panel with numbers show, by panel."""
        named = {self.panel_name(axes): axes for axes in self.canvas.axes if axes.get_label() != "<colorbar>"}
        drawn = {row["panel"] for row in self.rows}
        return {
            name: {"x": axes.get_xlabel(), "y": axes.get_ylabel()}
            for name, axes in named.items()
            if name in drawn
        }


def only_these(axes: "Axes", values: Sequence[float], which: Literal["x", "y"] = "x") -> None:
    """Mark these values on a logarithmic axis, and no others."""
    from matplotlib.ticker import NullLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(list(values), [f"{value:g}" for value in values])
    axis.set_minor_locator(NullLocator())


def named_curves(axes: "Axes", **options: Any) -> None:
    """A legend of the measured series: bounds and laws share their colour and are not named again."""
    entries = zip(*axes.get_legend_handles_labels(), strict=True)
    kept = [(handle, label) for handle, label in entries if " of " not in label]
    axes.legend(*zip(*kept, strict=True), **options)
