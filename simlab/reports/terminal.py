"""What the terminal shows: progress on standard error, the table of results on standard output."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from simlab.reports.files import describe
from simlab.running.results import CaseResult, Results, TheoremResult
from simlab.statistics.verdicts import Status

COLOURS = {
    Status.HOLDS: "green",
    Status.VIOLATED: "bold red",
    Status.DIVERGED: "bold red",
    Status.ERROR: "bold magenta",
    Status.UNRESOLVED: "yellow",
}


class ProgressReport:
    """A bar on a terminal, one line a theorem elsewhere; both on standard error."""

    def __init__(self, quiet: bool = False) -> None:
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
        self.task = self.bar.add_task("verify", total=None)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def started(self, theorem: str, number: int, total: int) -> None:
        """A theorem begins."""
        self.bar.update(self.task, description=theorem, total=total, completed=number)

    def finished(self, result: TheoremResult, number: int, total: int) -> None:
        """A theorem is done."""
        self.bar.update(self.task, completed=number + 1)
        if not self.console.is_terminal:
            words = f"[{number + 1}/{total}] {result.id}: {result.status}"
            missed = len(result.controls) - result.caught
            words += f", {missed} control(s) not caught" if missed else ""
            self.console.print(
                f"{words} ({result.seconds:.1f} s)", markup=False, highlight=False, soft_wrap=True
            )


def print_results(results: Results, console: Console) -> None:
    """The table, what went wrong with the command that reproduces it, and a summary line."""
    console.print(results_table(results))
    for result in results:
        if not result.passed:
            for line in failure_lines(result, results):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(summary(results), soft_wrap=True)


def results_table(results: Results) -> Table:
    """One row a theorem."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("theorem", no_wrap=True)
    table.add_column("kind")
    table.add_column("cases", justify="right")
    table.add_column("worst ratio", justify="right", no_wrap=True)
    table.add_column("where", overflow="ellipsis", no_wrap=True, max_width=34, min_width=6)
    table.add_column("controls", justify="right")
    table.add_column("verdict", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for result in results:
        worst = result.worst
        table.add_row(
            result.id,
            result.kind,
            str(len(result.claims) + len(result.attained)),
            "-" if worst is None else ratio_text(worst),
            "-" if worst is None else escape(where_text(worst)),
            f"{result.caught}/{len(result.controls)}",
            verdict_text(result),
            f"{result.seconds:.1f} s",
        )
    return table


def ratio_text(result: CaseResult) -> str:
    """The ratio, with its interval when it was sampled."""
    verdict = result.verdict
    if verdict.runs == 0:
        return f"{verdict.ratio:.6g}"
    return f"{verdict.ratio:.3g} [{verdict.low:.3g}, {verdict.high:.3g}]"


def where_text(result: CaseResult) -> str:
    """The step and the case at which the worst ratio was reached."""
    return f"k={result.verdict.k}, {result.case.label}" if result.case.label else f"k={result.verdict.k}"


def verdict_text(result: TheoremResult) -> Text:
    """The status with its flag; a control that was not caught shows first."""
    if result.status is Status.HOLDS and not result.passed:
        return Text("control missed", style="bold red")
    words = str(result.status) + (f", {result.flag}" if result.flag and result.passed else "")
    return Text(words, style=COLOURS[result.status])


def failure_lines(result: TheoremResult, results: Results) -> list[str]:
    """Why a theorem did not pass: the smallest case that shows it, and how to see it again."""
    lines = [f"\n{result.id}: {describe(result)}"]
    failing = [r for r in (*result.claims, *result.attained) if r.verdict.status is result.status]
    tier = "" if results.tier == "default" else f" --{results.tier}"
    if failing and result.status in (Status.VIOLATED, Status.DIVERGED, Status.UNRESOLVED):
        smallest = min(
            failing, key=lambda r: (r.case.known.get("d", 0), r.case.checkpoints[-1], len(r.case.label))
        )
        c = smallest.case.checkpoints.index(smallest.verdict.k)
        if smallest.measured:
            lines.append(
                f"  smallest case: {smallest.case.label}: at k={smallest.verdict.k} measured "
                f"{smallest.measured[c]:.9g}, bound {smallest.bounds[c]:.9g}"
            )
        label = smallest.case.label.replace('"', '\\"')
        lines.append(
            f'  reproduce: python -m simlab verify {target(result)} --seed {results.seed}{tier} --case "{label}"'
        )
    for control in result.controls:
        if not control.caught:
            lines.append(f"  control not caught: {control.title}: the checker accepts what it must refuse")
            lines.append(f"  reproduce: python -m simlab verify {target(result)} --seed {results.seed}{tier}")
    return lines


def target(result: TheoremResult) -> str:
    """What to write after ``verify``: the id, or the file of a user's own theorem."""
    from simlab.discovery import file_of

    path = file_of(result.id)
    return f"{path} -k {result.id}" if path else result.id


def summary(results: Results) -> Text:
    """How many theorems hold, how many controls were caught, how long it took."""
    passed = sum(result.passed for result in results)
    controls = sum(len(result.controls) for result in results)
    caught = sum(result.caught for result in results)
    cases = sum(len(r.claims) + len(r.attained) for r in results)
    words = [f"{passed} of {len(results)} theorems hold"]
    for status in (Status.VIOLATED, Status.DIVERGED, Status.ERROR, Status.UNRESOLVED):
        count = sum(result.status is status for result in results)
        words += [f"{count} {status}"] if count else []
    words.append(f"{caught} of {controls} controls caught")
    words.append(
        f"{cases} cases in {sum(r.seconds for r in results):.1f} s (seed {results.seed}, {results.tier})"
    )
    return Text("\n" + ", ".join(words) + ".", style="bold green" if results.passed else "bold red")
