"""Tables as lines of text: laid out by rich, and neither wrapped nor cut, which is left to whoever prints them."""

from collections.abc import Collection, Iterable, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 10_000  # columns: more than any row needs


def columns(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[int]) -> list[str]:
    """The line of the heads and one for each row; the columns ``right`` are set to the right."""
    made = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        made.add_column(Text(head), justify="right" if place in right else "left", no_wrap=True)
    for row in rows:
        made.add_row(*map(Text, row))
    page = StringIO()
    Console(file=page, width=WIDE, color_system=None).print(made)
    return [line.rstrip() for line in page.getvalue().splitlines()]
