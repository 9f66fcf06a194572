"""Making figures: from a name to files."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from simlab.discovery import discover, scan
from simlab.drawing.files import save
from simlab.drawing.registry import Draw, Figure
from simlab.drawing.sheet import Sheet
from simlab.drawing.standard import draw_theorem
from simlab.drawing.style import WIDTHS, chosen, drawn_in
from simlab.errors import InputError
from simlab.reports.statement import left_side
from simlab.selection import nearest
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

STANDARD, BROKEN = (
    "(a) What was measured and what is stated: against the step in the case of the worst ratio, or, where no case "
    "has several steps, all pairs. (b) measured / bound of every case in order, and of the ",
    "controls, which are broken on purpose and must lie on the wrong side of 1.",
)


def known_figures() -> dict[str, Figure]:
    """Every figure of the collection by name."""
    discover()
    scan("figures")
    found: dict[str, Figure] = REGISTRY.of("figure")
    return dict(sorted(found.items()))


def select_figures(names: Sequence[str]) -> list[Figure]:
    """The named figures (patterns such as ``matcha*`` too), or all of them.

    Raises
    ------
    InputError
        For a name that no figure has.
    """
    known = known_figures()
    wanted: list[str] = []
    for name in names:
        found = fnmatch.filter(known, name)
        if not found:
            raise InputError(f"there is no figure {name!r}; {_meant(name, known)}")
        wanted += found
    return [known[name] for name in (dict.fromkeys(wanted) if names else known)]


def _meant(name: str, known: Mapping[str, Figure]) -> str:
    """What to write in place of the name of a figure that there is not."""
    if name.endswith(".py") or name in REGISTRY.of("theorem"):
        return f"the standard figure of a theorem is made by figures theorem {name}."
    return nearest(name, known).replace("python -m simlab list", "python -m simlab figures --list")


def draw(
    paint: Draw,
    width: str,
    aspect: float,
    style: str = "paper",
    seed: int = 0,
    pool: Executor | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Sheet:
    """A sheet of that width with something drawn on it, in a style."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    look = chosen(style)
    with drawn_in(look):
        inches = WIDTHS[width] * look.scale
        canvas = Canvas(figsize=(inches, inches * aspect), layout="constrained")
        FigureCanvasAgg(canvas)
        sheet = Sheet(canvas, seed, pool, progress)
        paint(sheet)
        canvas.canvas.draw()  # lays out with the style's fonts while they are in force
    return sheet


def make(
    figure: Figure,
    folder: Path,
    style: str = "paper",
    seed: int = 0,
    pool: Executor | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Path]:
    """Draw one figure and write its files; returns their paths."""
    sheet = draw(figure.draw, figure.width, figure.aspect, style, seed, pool, progress)
    command = f"python -m simlab figures {figure.name} --seed {seed} --style {style}"
    with drawn_in(chosen(style)):
        return save(sheet, folder, figure.name.replace(" ", "-"), figure.caption, command)


def standard_figure(theorem: Theorem, record: Mapping[str, Any]) -> Figure:
    """The standard figure of a theorem, from the record of its result.

    Raises
    ------
    InputError
        When the record holds no case.
    """
    if not any(record[part] for part in ("claims", "attained", "controls")):
        reason = f": {record['message']}" if record["message"] else ""
        raise InputError(f"there is no result of {theorem.id} to draw{reason}; verify it first.")
    caption = f"{theorem.id}: {' '.join(theorem.statement.split())} {STANDARD}"
    caption += "corrected statement." if theorem.kind == "refuted" else BROKEN
    symbol = left_side(theorem).latex

    def paint(sheet: Sheet) -> None:
        draw_theorem(sheet, record, f"${symbol}$")

    return Figure(f"theorem {theorem.id}", paint, caption, "page", 0.42, theorem.module)
