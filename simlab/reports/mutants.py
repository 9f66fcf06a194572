"""The mutation score on a terminal: a line a theorem, the survivors with their reasons, and the score."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from simlab.mutation.examination import Examination, Fate, Outcome
from simlab.mutation.score import Score
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
    size = max([len("theorem"), *(len(examination.theorem) for examination in score.examinations)])
    heads = [str(fate) for fate in COLUMNS]
    yield Text(f"{'theorem':<{size}}  mutants  {'  '.join(heads)}  time", style="bold")
    for examination in score.examinations:
        cells = [f"{examination.count(fate):>{len(head)}}" for fate, head in zip(COLUMNS, heads, strict=True)]
        yield Text(
            f"{examination.theorem:<{size}}  {len(examination.outcomes):>7}  {'  '.join(cells)}"
            f"  {examination.seconds:.1f} s",
            style="red" if examination.count(Fate.WEAK) else "",
        )


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
    size = max(map(len, (*kinds, *chapters, "chapter")), default=0)
    heads = [str(fate) for fate in COLUMNS]
    for name, parts in (("kind", kinds), ("chapter", chapters if len(chapters) > 1 else {})):
        if parts:
            yield Text(
                f"\n{name:<{size}}  mutants  {'  '.join(heads)}  killed of all but equivalent", style="bold"
            )
        for part, counts in parts.items():
            cells = [f"{counts[fate]:>{len(head)}}" for fate, head in zip(COLUMNS, heads, strict=True)]
            counted = counts.total() - counts[Fate.EQUIVALENT]
            share = f"{counts[Fate.KILLED] / counted:.1%}" if counted else "-"
            yield Text(f"{part:<{size}}  {counts.total():>7}  {'  '.join(cells)}  {share}")


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
