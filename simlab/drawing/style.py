"""The look of all figures: sizes, fonts and a colour-blind-safe palette, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from simlab.errors import InputError

# Widths of a column and of a page in the usual two-column papers, in inches.
WIDTHS = {"column": 3.25, "page": 6.75}
# Series are told apart by colour, marker and line style at once, so that print and colour blindness lose nothing.
PALETTE = "tableau-colorblind10"
# The order in which series take its colours: the light greys come late, since they are faint on paper.
ORDER = (0, 1, 3, 4, 5, 2, 6, 7, 8, 9)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
LINES = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 1)))


@dataclass(frozen=True)
class Style:
    """How large things are: ``scale`` multiplies the widths, ``font`` is in points."""

    scale: float
    font: float
    line: float
    marker: float


STYLES = {
    "paper": Style(1.0, 8.0, 1.1, 3.0),
    "talk": Style(1.6, 14.0, 2.0, 5.0),
    "notebook": Style(1.3, 10.0, 1.4, 4.0),
}


def chosen(name: str) -> Style:
    """The style of that name.

    Raises
    ------
    InputError
        When there is none.
    """
    if name not in STYLES:
        raise InputError(f"there is no style {name!r}; choose {', '.join(STYLES)}.")
    return STYLES[name]


def parameters(style: Style) -> dict[str, Any]:
    """Matplotlib's settings for a style. Type 42 fonts are TrueType: editable, and accepted by publishers."""
    return {
        "font.size": style.font,
        "axes.labelsize": style.font,
        "axes.titlesize": style.font,
        "legend.fontsize": style.font - 1.0,
        "xtick.labelsize": style.font - 1.0,
        "ytick.labelsize": style.font - 1.0,
        "lines.linewidth": style.line,
        "lines.markersize": style.marker,
        "axes.linewidth": 0.6 * style.line,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "legend.frameon": False,
        "legend.handlelength": 2.4,
        "hatch.linewidth": 0.6,
        "mathtext.fontset": "dejavusans",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "simlab",
        "figure.dpi": 100,
        "savefig.dpi": 300,
    }


@contextmanager
def drawn_in(style: Style) -> Iterator[None]:
    """Matplotlib with this style, and with nothing of the user's own settings."""
    import matplotlib as mpl
    import matplotlib.style

    with mpl.style.context(["default", PALETTE, parameters(style)], after_reset=True):
        yield


def colours() -> list[str]:
    """The palette's colours in order."""
    import matplotlib.style

    cycle = matplotlib.style.library[PALETTE]["axes.prop_cycle"]
    return [str(entry["color"]) for entry in cycle]


def series_colour(number: int) -> str:
    """The colour of a figure's series of that number."""
    return colours()[ORDER[number % len(ORDER)]]
