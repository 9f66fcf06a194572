"""The mutation score on a terminal: a line a theorem, the survivors with their reasons, and the score."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from simlab.mutation.examination import Examination, Fate, Outcome
from simlab.mutation.score import Score
from simlab.reports.columns import columns
from simlab.reports.terminal import shortened, width_of

COLUMNS = (Fate.KILLED, Fate.WEAK, Fate.SLACK, Fate.STILL_TRUE, Fate.EQUIVALENT, Fate.ALLOWED)
# Survivors that say something about the check; equivalent mutants are in the JSON file.
LISTED = (Fate.WEAK, Fate.ALLOWED, Fate.SLACK, Fate.STILL_TRUE)
COLOURS = {Fate.WEAK: "bold red", Fate.SLACK: "yellow", Fate.ALLOWED: "yellow", Fate.STILL_TRUE: "dim"}


def done_line(examination: Examination) -> str:
    """One line for the progress: what became of a theorem's mutants."""
    counts = ", ".join(f"{examination.count(fate)} {fate}" for fate in COLUMNS if examination.count(fate))
    unfinished = "" if examination.complete else ", not finished"
    return f"{examination.theorem}: {counts or 'no mutants'}{unfinished} ({examination.seconds:.1f} s)"


def print_score(score: Score, console: Console) -> None:
    """The table, the survivors, the theorems that were not finished, the parts, and both shares."""
    for line in table_lines(score):
        console.print(line)
    for examination in score.examinations:
        for line in survivor_lines(examination, width_of(console)):
            console.print(line)
    if score.unfinished:
        console.print(f"\nnot finished: {', '.join(score.unfinished)}")
    for line in part_lines(score):
        console.print(line)
    console.print(summary(score))


def table_lines(score: Score) -> Iterator[Text]:
    """One line a theorem."""
    rows = [
        (e.theorem, len(e.outcomes), *(e.count(fate) for fate in COLUMNS), f"{e.seconds:.1f} s")
        for e in score.examinations
    ]
    head, *lines = _table("theorem", "time", rows)
    yield Text(head, style="bold")
    for line, examination in zip(lines, score.examinations, strict=True):
        yield Text(line, style="red" if examination.count(Fate.WEAK) else "")


def _table(what: str, last: str, rows: Sequence[Sequence[object]]) -> list[str]:
    """What the mutants belong to, how many there are, how many of each fate, and one thing more."""
    heads = (what, "mutants", *map(str, COLUMNS), last)
    return columns(heads, (list(map(str, row)) for row in rows), right=range(1, 2 + len(COLUMNS)))


def survivor_lines(examination: Examination, width: int | None) -> Iterator[Text]:
    """The survivors of one theorem, the weak ones first, each with the reason in the line below."""
    found = [outcome for fate in LISTED for outcome in examination.outcomes if outcome.fate is fate]
    if found:
        yield Text(f"\n{examination.theorem}", style="bold")
    for outcome in found:
        yield from _survivor(outcome, width)


def _survivor(outcome: Outcome, width: int | None) -> Iterator[Text]:
    yield Text(
        shortened(f"  {outcome.fate}: {outcome.kind}: {outcome.title}", width), style=COLOURS[outcome.fate]
    )
    yield Text(shortened(f"    {outcome.reason}", width))


def part_lines(score: Score) -> Iterator[Text]:
    """What became of the mutants of each kind, and in each chapter where there are several."""
    kinds = score.parts(lambda examination, outcome: outcome.kind)
    chapters = score.parts(lambda examination, outcome: examination.chapter)
    for what, parts in (("kind", kinds), ("chapter", chapters if len(chapters) > 1 else {})):
        rows = [
            (part, counts.total(), *(counts[fate] for fate in COLUMNS), _share_killed(counts))
            for part, counts in parts.items()
        ]
        if rows:
            head, *lines = _table(what, "killed of all but equivalent", rows)
            yield Text(f"\n{head}", style="bold")
            yield from map(Text, lines)


def _share_killed(counts: Counter[Fate]) -> str:
    counted = counts.total() - counts[Fate.EQUIVALENT]
    return f"{counts[Fate.KILLED] / counted:.1%}" if counted else "-"


def summary(score: Score) -> Text:
    """Both shares of killed mutants, and what the second one leaves out."""
    killed, weak = score.count(Fate.KILLED), score.count(Fate.WEAK)
    counted = score.count(*Fate) - score.count(Fate.EQUIVALENT)
    beside = ", ".join(f"{score.count(fate)} {fate}" for fate in COLUMNS[2:] if score.count(fate))
    words = (
        f"\n{score.of_all:.1%} of all mutants that are not equivalent were killed: {killed} of {counted}, "
        f"of {len(score.examinations)} theorem(s) (seed {score.seed})."
        f"\n{score.of_refusable:.1%} of those that the checks could have refused: {killed} of {killed + weak}, "
        f"which leaves out {beside or 'none'}."
    )
    return Text(words, style="bold red" if weak else "bold green")
