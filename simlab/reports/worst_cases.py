"""What ``pep`` prints and writes: the worst measured, the exact worst case and the stated bound, side by side."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from simlab.environment import environment, sources_digest
from simlab.estimation.worst_case import AGREEMENT, WorstCase, WorstCases
from simlab.reports.columns import columns
from simlab.reports.files import plain
from simlab.reports.terminal import shortened
from simlab.vocabulary.constants import argument_names

SCHEMA_VERSION = 1
HEADS = (
    "k",
    "measured",
    "exact worst case",
    "bound",
    "measured/exact",
    "exact/bound",
    "worst instance",
    "at",
)


def document(found: Sequence[WorstCases]) -> str:
    """Everything that was found, as JSON."""
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "environment": environment(),
        "sources_sha256": sources_digest(),
        "worst_cases": [made.record() for made in found],
    }
    return json.dumps(plain(record), indent=1, allow_nan=False, default=str) + "\n"


def done_line(made: WorstCases) -> str:
    """One line for the progress."""
    what = f"cannot be translated: {made.refused}" if made.refused else f"{len(made.lines)} worst cases"
    return f"{made.theorem.id}: {what} ({made.seconds:.1f} s)"


def worst_case_lines(made: WorstCases, width: int | None) -> Iterator[Text]:
    """A table for one theorem, or the reason why there is none."""
    if made.refused:
        yield Text(f"{made.theorem.id}: cannot be translated: {made.refused}.", style="yellow")
        return
    yield Text(f"{made.theorem.id}: {_headline(made)}", style="bold red" if _wrong(made) else "bold")
    table = columns(HEADS, map(_cells, made.lines), right=range(6))
    for words, line in zip(table, (None, *made.lines), strict=True):
        style = "dim" if line is None else "red" if line.violated else "yellow" if line.exceeds else ""
        yield Text(shortened(f"  {words}", width), style=style)
    for reason in made.skipped:
        yield Text(shortened(f"  left out: {reason}", width), style="dim")


def _wrong(made: WorstCases) -> bool:
    return made.violated and made.theorem.corrected is None


def _headline(made: WorstCases) -> str:
    highest = max(line.exact / line.stated for line in made.lines)
    if made.violated:
        known = ", as is known" if made.theorem.corrected is not None else ""
        return f"violated{known}: the exact worst case is up to {highest:.6g} times the bound"
    if any(line.exceeds for line in made.lines):
        return "not decided: the solver is not accurate enough where it exceeds the bound"
    reached = sum(line.exact > line.stated * (1 - AGREEMENT) for line in made.lines)
    if reached:
        return f"exact: the worst case is the bound in {reached} of {len(made.lines)} cases"
    return f"holds; the exact worst case is at most {highest:.6g} of the bound"


def _cells(line: WorstCase) -> tuple[str, ...]:
    named = [name for name in argument_names(line.case.theorem.bound) if name != "k"]
    known = {**line.case.parameters, **{n: line.case.known[n] for n in named if n in line.case.known}}
    constants = ", ".join(
        f"{n}={v:.4g}" if isinstance(v, (int, float)) else f"{n}={v}" for n, v in known.items() if n != "k"
    )
    return (
        str(line.k),
        f"{line.measured:.6g}" + "~" * line.sampled,
        f"{line.exact:.6g}",
        f"{line.stated:.6g}",
        f"{line.measured / line.exact:.6f}",
        f"{line.exact / line.stated:.6f}",
        _instance(line),
        constants,
    )


def _instance(line: WorstCase) -> str:
    """By which problem the exact worst case is shown to be reached."""
    if line.why:
        return "not extracted"
    if line.again is None:
        return "known"
    off = abs(line.again / line.exact - 1)
    how = "approached" if line.limit else "extracted"
    return f"{how}, d={line.dimension}" + ("" if line.agrees else f", off by {off:.0e}")
