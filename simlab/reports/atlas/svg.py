"""Small SVG out of Matplotlib's: for a page with hundreds of pictures, that follow its colours."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as Tree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
KEPT = ("fill", "fill-opacity", "opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray",
        "stroke-dashoffset", "text-anchor", "font-size")  # fmt: skip
# Text is set by the browser, in the page's font.
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "path.simplify_threshold": 0.3,
}
Attributes = dict[str, str]


def inline_svg(canvas: "Figure", prefix: str, colours: list[str]) -> str:
    """A figure as an ``<svg>`` for a page.

    Parameters
    ----------
    canvas
        Matplotlib's figure. Black becomes the colour of the page's text, and the palette's ``colours`` the
        variables ``--series-0``, ``--series-1``, ...; nothing is painted behind it.
    prefix
        What its ids begin with, so that they are unique in the page.
    """
    from simlab.drawing.files import METADATA

    for patch in (canvas.patch, *(axes.patch for axes in canvas.axes)):
        patch.set_visible(False)
    buffer = io.StringIO()
    canvas.savefig(buffer, format="svg", metadata=METADATA["svg"])
    root = Tree.fromstring(buffer.getvalue())
    palette = {colour.lower(): f"var(--series-{n},{colour.lower()})" for n, colour in enumerate(colours)}
    made = _Slim(root, prefix, palette).written(root)
    return f'<svg viewBox="{root.get("viewBox")}" fill="currentColor" aria-hidden="true">{made}</svg>'


class _Slim:
    """Writes a drawing with few elements: its shapes and texts without the groups around them."""

    def __init__(self, root: Tree.Element, prefix: str, palette: dict[str, str]) -> None:
        self.palette = {"#000000": "currentColor", **palette}
        self.shapes = {f"#{e.get('id')}": e for e in root.iter(f"{SVG}path") if e.get("id")}
        self.clips = list(root.iter(f"{SVG}clipPath"))
        self.names = {f"url(#{e.get('id')})": f"{prefix}{number}" for number, e in enumerate(self.clips)}

    def written(self, root: Tree.Element) -> str:
        """The inside of the drawing."""
        clips = ""
        for clip in self.clips:
            name = self.names[f"url(#{clip.get('id')})"]
            clips += f'<clipPath id="{name}">{self._element(clip[0])}</clipPath>'
        return clips + "".join(self._group(child) for child in root if child.tag == f"{SVG}g")

    def _group(self, group: Tree.Element) -> str:
        """A group: an axis with its ticks merged, points with one marker merged, else what is inside of it."""
        if group.get("id", "").startswith("matplotlib.axis"):
            texts = "".join(self._text(e) for e in group.iter(f"{SVG}text"))
            return self._points(list(group.iter(f"{SVG}use")), {}) + texts
        uses = [e for e in group if e.tag == f"{SVG}use"]
        made = [self._points(uses, self._attributes(group))] if uses else []
        for child in group:
            if child.tag == f"{SVG}g":
                made.append(self._group(child))
            elif child.tag == f"{SVG}text":
                made.append(self._text(child))
            elif child.tag == f"{SVG}path":
                made.append(self._element(child))
        return "".join(made)

    def _points(self, uses: list[Tree.Element], around: Attributes) -> str:
        """Markers of one shape and style as one path; places that coincide are drawn once."""
        series: dict[tuple[str, ...], dict[str, None]] = {}
        for use in uses:
            shape = self.shapes[use.get(LINK, "")]
            style = {**around, **self._attributes(shape), **self._attributes(use)}
            for name in ("d", "x", "y"):
                style.pop(name, None)
            place = f"M{_short(use.get('x', '0'))} {_short(use.get('y', '0'))}"
            key = (_relative(shape.get("d", "")), _as_text(style))
            series.setdefault(key, {})[place] = None
        return "".join(
            f'<path{style} d="{"".join(place + shape for place in places)}"/>'
            for (shape, style), places in series.items()
        )

    def _element(self, element: Tree.Element) -> str:
        return f"<{element.tag.removeprefix(SVG)}{_as_text(self._attributes(element))}/>"

    def _text(self, element: Tree.Element) -> str:
        attributes = self._attributes(element)
        upright = re.fullmatch(r"rotate\(-?0 \S+ \S+\)", attributes.get("transform", ""))
        if upright:
            del attributes["transform"]
        words = "".join(element.itertext()).strip().replace("$", "")
        return f"<text{_as_text(attributes)}>{_escaped(words)}</text>"

    def _attributes(self, element: Tree.Element) -> Attributes:
        """What is kept of an element's attributes and declarations of style."""
        made = dict(self._style(element.get("style", "")))
        for name, value in element.items():
            if name == "clip-path":
                made[name] = f"url(#{self.names[value]})"
            elif name in ("d", "x", "y", "width", "height", "transform"):
                made[name] = _short(value)
        return made

    def _style(self, style: str) -> Iterator[tuple[str, str]]:
        for part in style.split(";"):
            name, _, value = (word.strip() for word in part.partition(":"))
            if name in KEPT:
                yield name, self.palette.get(value, value).removesuffix("px")


def _relative(path: str) -> str:
    """A marker's path, given in absolute coordinates around 0, as relative commands after a move to its centre."""
    circle = re.match(r"M 0 (\S+)\s+C", path)
    if circle and path.count("C") == 8:
        r = _short(circle[1])
        return f"m-{r} 0a{r} {r} 0 1 0 {2 * float(r):g} 0a{r} {r} 0 1 0-{2 * float(r):g} 0z"
    made, x, y = "", 0.0, 0.0
    for command, numbers in re.findall(r"([MLCz])([^MLCz]*)", path):
        values = [float(number) for number in numbers.split()]
        offsets = [value - (x, y)[i % 2] for i, value in enumerate(values)]
        made += command.lower() + " ".join(_short(f"{offset:.3f}", 2) for offset in offsets)
        if values:
            x, y = values[-2:]
    return made


def _as_text(attributes: Attributes) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _short(numbers: str, digits: int = 1) -> str:
    """The same with that many decimals at most, on one line."""

    def short(found: re.Match[str]) -> str:
        made = f"{float(found[0]):.{digits}f}".rstrip("0").rstrip(".")
        return "0" if made == "-0" else made

    return " ".join(re.sub(r"-?\d+\.\d+(?:e-?\d+)?", short, numbers).split())
