"""Figures by name: a figure is one function in one file of ``figures/``, found by scanning."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from simlab.drawing.sheet import Sheet

Draw = Callable[[Sheet], None]


@dataclass(frozen=True)
class Figure:
    """A registered figure.

    ``draw(sheet)`` draws on an empty sheet of ``width`` ("column" or "page") whose height is ``aspect`` times its
    width. ``caption`` says what is seen, in the words of a paper.
    """

    name: str
    draw: Draw
    caption: str
    width: str
    aspect: float
    module: str


def figure(width: str = "column", aspect: float = 0.75) -> Callable[[Draw], Figure]:
    """Declare a figure: decorate the function that draws it; its docstring is the caption."""
    from simlab.vocabulary.registry import REGISTRY

    def declare(draw: Draw) -> Figure:
        name = draw.__name__.replace("_", "-")
        caption = " ".join(inspect.cleandoc(draw.__doc__ or "").split())
        made = Figure(name, draw, caption, width, aspect, draw.__module__)
        REGISTRY.add("figure", name, made, draw.__module__)
        return made

    return declare
