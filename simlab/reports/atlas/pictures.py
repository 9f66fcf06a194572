"""The pictures of the atlas: the standard figure of a theorem in two parts, and a problem's objective."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.drawing.sheet import Sheet
from simlab.drawing.standard import draw_bound, draw_curve, draw_numbers, draw_ratios, shown_curve
from simlab.drawing.style import WIDTHS, chosen, colours, drawn_in
from simlab.reports.atlas.svg import SETTINGS, inline_svg
from simlab.vocabulary.problem import Problem, ProblemFamily

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 2.35  # inches of a picture that is one column wide
MARGINS = {"left": 0.19, "right": 0.985, "bottom": 0.185, "top": 0.965}  # fixed: measuring text takes longest


@dataclass(frozen=True)
class Picture:
    """A drawing with what is seen on it, in words."""

    svg: str
    caption: str


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib set up once for any number of pictures."""
    import matplotlib as mpl

    with drawn_in(chosen("paper")), mpl.rc_context(SETTINGS):
        yield


def theorem_pictures(record: Mapping[str, Any], prefix: str) -> list[Picture]:
    """The two panels of the standard figure, from the record of a result."""
    case = shown_curve(record)
    if not any(record[part] for part in ("claims", "attained", "controls")):
        return []
    numbers = "all measured numbers against the stated ones; on the line they are equal"
    if case is not None:
        which = f"in the case of the worst ratio with several steps: {case['case']}"
        numbers = f"measured and stated against the step, {which}"
    beside = "controls, which must lie on the wrong side of 1"
    if record.get("kind") == "refuted":
        beside = "corrected statement, which must not lie above 1 as they do"
    return [
        _picture(lambda sheet, axes: draw_numbers(sheet, axes, record), numbers, f"{prefix}a"),
        _picture(
            lambda sheet, axes: draw_ratios(sheet, axes, record),
            "the ratio of every case in order, and of the " + beside,
            f"{prefix}b",
            whole=True,
        ),
    ]


def case_picture(case: Mapping[str, Any], prefix: str) -> Picture | None:
    """The curve of a case, from its record; None with fewer than three steps."""
    if len(case["checkpoints"]) < 3 or not case["measured"]:
        return None
    return _picture(
        lambda sheet, axes: draw_curve(sheet, axes, case), "measured and stated against the step", prefix
    )


def bound_picture(checkpoints: Sequence[int], bounds: Any, label: str, prefix: str) -> Picture:
    """What a theorem states in a case, against the step."""
    return _picture(
        lambda sheet, axes: draw_bound(sheet, axes, np.asarray(checkpoints), np.asarray(bounds)),
        f"stated against the step: {label}",
        prefix,
    )


def _picture(
    paint: Callable[[Sheet, "Axes"], None], caption: str, prefix: str, whole: bool = False
) -> Picture:
    """One panel; ``whole`` for whole numbers on the horizontal axis."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(WIDTHS["column"], HEIGHT))
    FigureCanvasSVG(canvas)
    canvas.subplots_adjust(**MARGINS)
    sheet = Sheet(canvas)
    (axes,) = sheet.panels()
    paint(sheet, axes)
    plain_ticks(axes, whole)
    return Picture(inline_svg(canvas, prefix, colours()), caption)


def plain_ticks(axes: "Axes", whole: bool) -> None:
    """Few ticks, with powers of ten as text: typesetting them takes most of the time of a drawing."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "symlog":
            continue  # has its own
        if axis.get_scale() == "log":
            low, high = sorted(axis.get_view_interval())
            few = low > 0 and high < 30 * low
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=6))
            axis.set_minor_locator(NullLocator())
        else:
            axis.set_major_locator(MaxNLocator(5, integer=whole and axis is axes.xaxis))
        axis.set_major_formatter(FuncFormatter(tick_text))


def tick_text(value: float, _: int | None = None) -> str:
    """``100``, or ``2·10⁻⁵``."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.6g}".replace("-", "−")
    mantissa, power = f"{value:.2e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    front = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    return f"10{raised}" if front == "1" else f"{front}·10{raised}"


# --- problems ------------------------------------------------------------------------------------------------

FINE = {1: 240, 2: 56}  # points of each axis, by dimension


def problem_picture(family: ProblemFamily, prefix: str) -> Picture | None:
    """The objective of the first instance of one or two dimensions: its graph, or its level lines."""
    made = (instance_picture(problem, prefix) for problem in family.instances())
    return next((picture for picture in made if picture is not None), None)


def instance_picture(problem: Problem, prefix: str) -> Picture | None:
    """The objective of an instance of one or two dimensions; None for others."""
    from simlab.vocabulary.assumptions import Workers

    drawn = problem.family is not None and problem.kernels.has("value")
    if not drawn or problem.dimension > 2 or Workers in problem.known:
        return None
    if problem.dimension == 1:
        return _picture(lambda _, axes: draw_graph(axes, problem), f"f of {problem.label}", prefix)
    return _picture(
        lambda _, axes: draw_levels(axes, problem), f"level lines of f of {problem.label}", prefix
    )


def _around(problem: Problem, i: int) -> Any:
    """The values of coordinate ``i`` that are shown: the start and the minimizer with room around them."""
    start = np.asarray(problem.start)
    centre = start if problem.minimizer is None else np.asarray(problem.minimizer)
    radius = 1.25 * float(np.abs(start - centre).max()) or max(1.0, float(np.abs(centre).max()))
    return centre[i] + radius * np.linspace(-1, 1, FINE[problem.dimension])


def draw_graph(axes: "Axes", problem: Problem) -> None:
    """f of one coordinate."""
    x = _around(problem, 0)
    values = np.array([problem.value([point]) for point in x])
    axes.plot(x, np.where(np.isfinite(values), values, np.nan))
    for label, point, marker, number in _points(problem):
        axes.plot(point[0], problem.value(point), marker, color=colours()[number], label=label)
    axes.set(xlabel="x", ylabel="f(x)")
    _legend_above(axes)


def draw_levels(axes: "Axes", problem: Problem) -> None:
    """Level lines of f over two coordinates."""
    x, y = _around(problem, 0), _around(problem, 1)
    values = np.array([[problem.value([a, b]) for a in x] for b in y])
    shown = np.where(np.isfinite(values), values, np.nan)
    levels = np.unique(np.nanquantile(shown, np.linspace(0.02, 0.96, 11)))
    if len(levels) > 1:
        axes.contour(x, y, shown, levels=levels, colors=[colours()[0]], linewidths=0.7)
    for label, point, marker, number in _points(problem):
        axes.plot(point[0], point[1], marker, color=colours()[number], label=label)
    axes.set(xlabel="first coordinate", ylabel="second coordinate")
    _legend_above(axes)


def _legend_above(axes: "Axes") -> None:
    """A legend that hides nothing of the objective."""
    axes.figure.subplots_adjust(top=0.89)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.0)


def _points(problem: Problem) -> list[tuple[str, Any, str, int]]:
    found: list[tuple[str, Any, str, int]] = [("start", np.asarray(problem.start), "s", 5)]
    if problem.minimizer is not None:
        found.append(("minimizer", np.asarray(problem.minimizer), "o", 1))
    return found
