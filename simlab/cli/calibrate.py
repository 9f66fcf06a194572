"""``calibrate``: the error rates and the power of verdicts, measured on claims of known truth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from simlab.calibration.rows import Row
    from simlab.calibration.suite import Answer


@click.command()
@click.option("--quick", is_flag=True, help="Fewer trials and runs: under a minute on two processors.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option(
    "-j", "--jobs", type=int, help="Processes; results do not depend on it. [default: all processors]"
)
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the numbers as JSON (- for standard output)."
)
@click.option("--summary", is_flag=True, help="One line for each question instead of one for each rate.")
def command(quick: bool, seed: int, jobs: int | None, json_file: str | None, summary: bool) -> int:
    """Measure how often verdicts are wrong, and which errors they find.

    Synthetic claims whose truth is known (means exactly at the bound, a little beyond it; heavy tails, rare values,
    equal runs, correlated checkpoints) take the whole way of a case: planning, batches of runs, looks, limits,
    verdict. Rates stand between exact limits (Clopper and Pearson), wrong with a chance of 1/1000.

    \b
    Exit code: 0 no promise is broken; 1 a rate is above what was promised, or a
    judge that is wrong on purpose was not found out; 2 bad input.
    """
    import time

    from rich.console import Console

    from simlab.calibration.rows import QUICK, WHOLE
    from simlab.calibration.suite import calibrate
    from simlab.reports.files import check_writable, write
    from simlab.verification import check_seed, threads

    check_seed(seed)
    check_writable(json_file)
    count, size = threads(jobs), QUICK if quick else WHOLE
    progress, shown = Console(stderr=True), [""]

    def started(title: str, number: int, total: int) -> None:
        if title != shown[0]:
            shown[0] = title
            progress.print(f"[{number + 1}/{total}] {title}", markup=False, highlight=False, soft_wrap=True)

    begun = time.perf_counter()
    answers = calibrate(size, seed, count, started)
    seconds = time.perf_counter() - begun
    if json_file:
        write(json_file, to_json(answers, size.name, seed))
    if json_file != "-":
        console = Console(highlight=False)
        console = console if console.is_terminal else Console(highlight=False, width=130)
        if summary:
            console.print(overview(answers))
        for answer in [] if summary else answers:
            console.print(f"\n{answer.question.title}", style="bold", markup=False)
            console.print(answer.question.explanation, markup=False)
            console.print(table(answer))
        console.print(f"\n{conclusion(answers)} ({seconds:.0f} s, seed {seed}, {size.name})", markup=False)
    return int(any(answer.failed for answer in answers))


COLOURS = {"kept": "green", "found out": "green", "undecided": "yellow", "": ""}


def table(answer: "Answer") -> "Table":
    """One row a claim, or a judge."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, header_style="bold", pad_edge=False)
    promised = any(row.promised is not None for row in answer.rows)
    made.add_column("claim" if not any(row.wrong for row in answer.rows) else "judge", no_wrap=True)
    made.add_column("runs drawn from", no_wrap=True)
    for heading in ("trials", answer.question.counts, "between", *(("promised",) if promised else ())):
        made.add_column(heading, justify="right", no_wrap=True)
    made.add_column("")
    for row in answer.rows:
        words = ", ".join(word for word in (str(row.conclusion), row.note) if word)
        style = COLOURS.get(str(row.conclusion), "bold red")
        cells = [row.claim, row.law, str(row.rate.trials), f"{row.rate.value:.3g}", between(row)]
        made.add_row(*cells, *([f"{row.promised:.3g}"] if promised else []), Text(words, style=style))
    return made


def overview(answers: "Sequence[Answer]") -> "Table":
    """One row a question: its largest rate beside the promise that it comes nearest to, and all conclusions."""
    from collections import Counter

    from rich.table import Table

    made = Table(box=None, header_style="bold", pad_edge=False)
    made.add_column("question")
    for heading in ("rates", "largest", "below", "promised"):
        made.add_column(heading, justify="right", no_wrap=True)
    made.add_column("conclusions", no_wrap=True)
    for answer in answers:
        rows = [row for row in answer.rows if row.promised is not None and not row.wrong]
        if not rows:
            continue
        largest = max(rows, key=lambda row: row.rate.value / (row.promised or 1.0))
        words = Counter(str(row.conclusion) for row in answer.rows)
        made.add_row(
            answer.question.title,
            str(len(answer.rows)),
            f"{largest.rate.value:.2g}",
            f"{max(row.rate.high for row in rows):.2g}",
            f"{largest.promised or 0.0:.2g}",
            ", ".join(f"{count} {word}" for word, count in words.items()),
        )
    return made


def between(row: "Row") -> str:
    """The limits of a rate."""
    if row.rate.trials == 0:
        return "cannot happen with so few runs" if row.rate.high == 0 else "-"
    return f"{row.rate.low:.2g} .. {row.rate.high:.2g}"


def conclusion(answers: "Sequence[Answer]") -> str:
    """What was found, in one sentence."""
    rows = [row for answer in answers for row in answer.rows if row.promised is not None]
    broken = [row for row in rows if row.failed and not row.wrong]
    missed = [row for row in rows if row.failed and row.wrong]
    wrong = [row for row in rows if row.wrong]
    open_ = [row for row in rows if str(row.conclusion) == "undecided"]
    words = [
        f"{len(broken)} of {len(rows) - len(wrong)} promises are broken: "
        + "; ".join(f"{row.claim}, {row.law}" for row in broken)
        if broken
        else f"None of {len(rows) - len(wrong)} promises is broken"
    ]
    if open_:
        words.append(f"{len(open_)} would need more trials to be told from the promised rate")
    words.append(
        f"of {len(wrong)} judges that are wrong on purpose {len(wrong) - len(missed)} are found out"
        + (f" (not: {', '.join(row.claim for row in missed)})" if missed else "")
    )
    return ", ".join(words) + "."


def to_json(answers: "Sequence[Answer]", size: str, seed: int) -> str:
    """The numbers, and where they were measured."""
    import json

    from simlab.environment import environment, sources_digest

    document = {
        "schema_version": 1,
        "size": size,
        "seed": seed,
        "environment": environment(),
        "sources_sha256": sources_digest(),
        "passed": not any(answer.failed for answer in answers),
        "conclusion": conclusion(answers),
        "questions": [
            {"title": a.question.title, "counts": a.question.counts, "rows": [row.record() for row in a.rows]}
            for a in answers
        ],
    }
    return json.dumps(document, indent=2) + "\n"
