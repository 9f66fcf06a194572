"""What the terminal shows: progress on standard error, the table of results on standard output."""

import shlex
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from simlab.reports.details import Section
from simlab.reports.files import describe, ratio_name
from simlab.running.results import COARSE, CaseResult, Results, TheoremResult
from simlab.statistics.verdicts import Status

COLOURS = {
    Status.HOLDS: "green",
    Status.REFUTED: "green",
    Status.VIOLATED: "bold red",
    Status.DIVERGED: "bold red",
    Status.ERROR: "bold magenta",
    Status.UNCHECKED: "bold magenta",
    Status.UNRESOLVED: "yellow",
}


class ProgressReport:
    """A bar on a terminal, one line a theorem elsewhere; both on standard error."""

    def __init__(self, quiet: bool = False, title: str = "verify") -> None:
        self.console = Console(stderr=True, quiet=quiet)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=quiet or not self.console.is_terminal,
        )
        self.task = self.bar.add_task(title, total=None)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def advance(self, name: str, number: int, total: int) -> None:
        """One of ``total`` things begins."""
        self.bar.update(self.task, description=name, total=total, completed=number)

    def say(self, words: str) -> None:
        """A line where there is no bar."""
        if not self.console.is_terminal:
            self.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def finished(self, result: TheoremResult, number: int, total: int) -> None:
        """A theorem is done."""
        missed = len(result.controls) - result.caught
        words = f"{result.id}: {result.status}" + (f", {missed} control(s) not caught" if missed else "")
        self.said(f"{words} ({result.seconds:.1f} s)", number, total)

    def said(self, words: str, number: int, total: int) -> None:
        """One of ``total`` things is done: the bar moves on, or the words are a line where there is no bar."""
        self.bar.update(self.task, completed=number + 1, total=total)
        if not self.console.is_terminal:
            line = f"[{number + 1}/{total}] {words}"
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)


def standard_output() -> Console:
    """A console on standard output that never wraps or marks up what it is given."""
    return Console(markup=False, highlight=False, soft_wrap=True)


def width_of(console: Console) -> int | None:
    """The width to fit lines into; None where nothing may be cut or wrapped (pipes and files)."""
    return console.width if console.is_terminal else None


def print_results(results: Results, console: Console) -> None:
    """The table, what went wrong with the command that reproduces it, and a summary line."""
    for line in table_lines(results, width_of(console)):
        console.print(line)
    for result in results:
        if not result.passed:
            for words in failure_lines(result, results):
                console.print(words)
        for note in result.notes:
            console.print(f"\n{result.id}: {note}")
    for words in warning_lines(results):
        console.print(Text(words, style="yellow"))
    console.print(summary(results))


# --- the table -----------------------------------------------------------------------------------------------

LEAST_WHERE = 30  # columns that the place of the worst ratio needs to stand in the same line


@dataclass(frozen=True)
class Row:
    """The cells of one theorem."""

    theorem: str
    kind: str
    cases: str
    ratio: str
    interval: str
    controls: str
    verdict: Text
    time: str
    where: str

    @classmethod
    def of(cls, result: TheoremResult) -> Self:
        """The cells that show a result."""
        worst = result.worst
        return cls(
            result.id,
            result.kind,
            str(len(result.claims) + len(result.attained)),
            "-" if worst is None else ratio_text(worst),
            "" if worst is None else interval_text(worst),
            f"{result.caught}/{len(result.controls)}",
            verdict_text(result),
            f"{result.seconds:.1f} s",
            "" if worst is None else where_text(worst),
        )


HEADER = Row(
    "theorem", "kind", "cases", "worst ratio", "", "controls", Text("verdict"), "time", "attained at"
)  # fmt: skip


def table_lines(results: Iterable[TheoremResult], width: int | None) -> list[Text]:
    """The table: a line for each theorem where ``width`` columns allow it (None: any number), else two."""
    rows = [HEADER, *(Row.of(result) for result in results)]
    sizes = {name: max(len(getattr(row, name)) for row in rows) for name in Row.__dataclass_fields__}
    wide = sum(size for name, size in sizes.items() if name != "where") + 2 * 7
    if width is None or wide + LEAST_WHERE <= width:
        lines = [_one_line(row, sizes, None if width is None else width - wide - 2) for row in rows]
    else:
        lines = [line for row in rows for line in _two_lines(row, sizes, width)]
    lines[0].stylize("bold")
    if width is not None and wide + LEAST_WHERE > width:
        lines[1].stylize("bold")
    return lines


def _one_line(row: Row, sizes: dict[str, int], room: int | None) -> Text:
    ratio = f"{row.ratio:>{sizes['ratio']}} {row.interval:<{sizes['interval']}}".rstrip()
    cells = [
        f"{row.theorem:<{sizes['theorem']}}",
        f"{row.kind:<{sizes['kind']}}",
        f"{row.cases:>{sizes['cases']}}",
        f"{ratio:<{sizes['ratio'] + 1 + sizes['interval']}}",
        f"{row.controls:>{sizes['controls']}}",
    ]
    end = f"{row.time:>{sizes['time']}}  {shortened(row.where, room)}".rstrip()
    return _joined("  ".join(cells) + "  ", row.verdict, sizes["verdict"], end)


def _two_lines(row: Row, sizes: dict[str, int], width: int) -> list[Text]:
    """The numbers in one line; kind, interval and place in the next."""
    numbers = (
        f"{row.cases:>5} {row.ratio.removeprefix('worst '):>{max(sizes['ratio'] - 6, 8)}} {row.controls:>8}  "
    )
    end = f"{row.time:>{sizes['time']}}"
    room = width - len(numbers) - sizes["verdict"] - len(end) - 2
    size = min(sizes["theorem"], room)
    first = [] if len(row.theorem) <= size else [Text(row.theorem)]
    name = "" if first else row.theorem
    about = " ".join(part for part in (row.kind, row.interval) if part)
    place = row.where if row is HEADER else f"at {row.where}" if row.where else ""
    second = f"  {about}, {place}" if place else f"  {about}"
    return [
        *first,
        _joined(f"{name:<{size}}{numbers}", row.verdict, sizes["verdict"], end),
        Text(shortened(second, width), style="" if row is HEADER else "dim"),
    ]


def _joined(before: str, verdict: Text, size: int, after: str) -> Text:
    line = Text(before)
    line.append_text(verdict)
    line.append(" " * (size - len(verdict)) + "  " + after)
    line.rstrip()
    return line


def shortened(words: str, width: int | None) -> str:
    """``words`` in at most ``width`` columns."""
    return words if width is None or len(words) <= width else words[: width - 1] + "…"


def ratio_text(result: CaseResult) -> str:
    """The worst ratio."""
    return f"{result.verdict.ratio:.6g}" if result.verdict.runs == 0 else f"{result.verdict.ratio:.3g}"


def interval_text(result: CaseResult) -> str:
    """Its confidence interval, when it was sampled."""
    verdict = result.verdict
    return f"[{verdict.low:.3g}, {verdict.high:.3g}]" if verdict.runs else ""


def where_text(result: CaseResult) -> str:
    """The step and the case at which the worst ratio was reached."""
    step, label = f"k={result.verdict.k}", result.case.label
    if not label:
        return step
    return label if "k" in result.case.parameters else f"{step}, {label}"


def verdict_text(result: TheoremResult) -> Text:
    """The status with its flag; a control that was not caught shows first."""
    if result.status is Status.HOLDS and not result.passed:
        return Text("control missed", style="bold red")
    words = str(result.status) + (f", {result.flag}" if result.flag and result.passed else "")
    return Text(words, style=COLOURS[result.status])


# --- what went wrong, and the summary ------------------------------------------------------------------------


def failure_lines(result: TheoremResult, results: Results) -> list[str]:
    """Why a theorem did not pass: the smallest case that shows it, and how to see it again."""
    lines = [f"\n{result.id}: {describe(result)}"]
    if result.failing and result.status in (Status.VIOLATED, Status.DIVERGED, Status.UNRESOLVED):
        smallest = min(result.failing, key=_size)
        known, words = smallest in result.replayed, smallest.verdict.message
        lines += [
            f"  {'counterexample that is known' if known else 'smallest case'}: {numbers_text(smallest)}"
            f"{f' ({words})' if words else ''}",
            f"  reproduce: {reproduction(result, results, smallest.case.label)}",
        ]
    for control in result.controls:
        if not control.caught:
            nearest = max(control.cases, key=_nearness)
            lines += [
                f"  control not caught: {control.title}: the checker accepts what it must refuse",
                f"  nearest case: {numbers_text(nearest)}",
                f"  reproduce: {reproduction(result, results, f'control: {control.title}')}",
            ]
    return lines


def warning_lines(results: Results) -> list[str]:
    """One line on the entries that hold, but whose check could miss an excess by more than ``COARSE``."""
    coarse = [f"{r.id} ({r.resolution:.3g})" for r in results if r.passed and (r.resolution or 0) > COARSE]
    if not coarse:
        return []
    return [
        f"\ncoarse: in some case, numbers above the bound by a factor of {COARSE:g} could be missed with a chance "
        f"of more than 1 %: {', '.join(coarse)}; give them a sharper measurement, or more runs with --full."
    ]


def _size(result: CaseResult) -> tuple[int, int, int]:
    return result.case.known.get("d", 0), result.case.checkpoints[-1], len(result.case.label)


def _nearness(result: CaseResult) -> float:
    """How near a case came to being refused."""
    ratio = result.verdict.ratio
    if ratio != ratio:
        return -1.0
    return abs(ratio - 1) if result.case.claim.side.value == "equality" else ratio


def numbers_text(result: CaseResult) -> str:
    """A case with its numbers at the step of its ratio."""
    verdict, case = result.verdict, result.case
    if not result.measured or verdict.k not in case.checkpoints:
        return where_text(result)
    c = case.checkpoints.index(verdict.k)
    sampled = f" +- {result.half_widths[c]:.2g} ({verdict.runs} runs)" if verdict.runs else ""
    label = f"{case.label}: " if case.label else ""
    return (
        f"{label}at k={verdict.k} measured {result.measured[c]:.9g}{sampled}, bound {result.bounds[c]:.9g}, "
        f"{ratio_name(case.claim)} = {verdict.ratio:.6g}"
    )


def reproduction(result: TheoremResult, results: Results, case: str) -> str:
    """The command that checks one case of a theorem again."""
    tier = "" if results.tier == "default" else f" --{results.tier}"
    chosen = f" --case {shlex.quote(case)}" if case else ""
    return f"python -m simlab verify {target(result)} --seed {results.seed}{tier}{chosen}"


def target(result: TheoremResult) -> str:
    """What to write after ``verify``: the id, or the file and the id of a user's own theorem."""
    from simlab.discovery import file_of

    path = file_of(result.id)
    return shlex.quote(f"{path}::{result.id}") if path else result.id


def summary(results: Results) -> Text:
    """How many theorems hold, how many controls were caught, how long it took."""
    printed = [result for result in results if result.kind == "refuted"]
    passed = sum(result.passed for result in results if result.kind != "refuted")
    controls = sum(len(result.controls) for result in results)
    caught = sum(result.caught for result in results)
    cases = sum(len(r.claims) + len(r.attained) for r in results)
    words = [f"{passed} of {len(results) - len(printed)} theorems hold"]
    if printed:
        words.append(f"{sum(r.passed for r in printed)} of {len(printed)} false statements refuted")
    for status in (Status.VIOLATED, Status.DIVERGED, Status.ERROR, Status.UNCHECKED, Status.UNRESOLVED):
        count = sum(result.status is status for result in results)
        words += [f"{count} {status}"] if count else []
    words.append(f"{caught} of {controls} controls caught")
    words.append(
        f"{cases} cases in {sum(r.seconds for r in results):.1f} s (seed {results.seed}, {results.tier})"
    )
    return Text("\n" + ", ".join(words) + ".", style="bold green" if results.passed else "bold red")


# --- sections, for show --------------------------------------------------------------------------------------


def print_sections(console: Console, heading: str, sections: Sequence[Section]) -> None:
    """A heading and titled sections; wrapped on a terminal, except code and LaTeX."""
    width = width_of(console)
    console.print(Text(heading, style="bold"))
    for section in sections:
        if section.title:
            console.print(Text(f"\n{section.title}", style="bold"))
        indent = "    " if section.title else ""
        for line in section.lines:
            if section.verbatim or width is None:
                console.print(indent + line)
            else:
                console.print(
                    textwrap.fill(line, width, initial_indent=indent, subsequent_indent=indent + "  ")
                )
    console.print()
