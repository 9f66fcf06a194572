"""``attack``: search for the case that comes nearest to breaking a theorem."""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import click

from simlab.errors import InputError

if TYPE_CHECKING:
    from simlab.reports.terminal import ProgressReport
    from simlab.search.attack import Attack
    from simlab.vocabulary.theorem import Theorem

EXIT_FOUND, EXIT_INTERRUPTED = 1, 130
MOST_EVALUATIONS, MOST_SECONDS = 10_000_000, 1e6


@click.command()
@click.argument("targets", nargs=-1, required=True)
@click.option(
    "--evaluations", type=click.IntRange(1, MOST_EVALUATIONS), default=20_000, show_default=True,
    help="Cases to run for each theorem.",
)  # fmt: skip
@click.option(
    "--time-limit", type=click.FloatRange(1.0, MOST_SECONDS), default=60.0, show_default=True,
    help="Seconds for each theorem, after which its search ends.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option("-j", "--jobs", type=int, help="Threads for sampled runs. [default: all processors]")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write what was found as JSON (- for standard output)."
)
@click.option(
    "--on", metavar="PROBLEM", help="Search nothing: run this instance, or the number of the theorem's."
)
@click.option(
    "--at", "at", multiple=True, metavar="NAME=VALUE", help="With --on: a parameter, or the step k."
)
@click.option("--noise", metavar="NOISE", help="With --on: a noise model, or the number of the theorem's.")
@click.option("--forget", is_flag=True, help="Remove what was found against these theorems before.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    targets: tuple[str, ...],
    evaluations: int,
    time_limit: float,
    seed: int,
    jobs: int | None,
    json_file: str | None,
    on: str | None,
    at: tuple[str, ...],
    noise: str | None,
    forget: bool,
    quiet: bool,
) -> int:
    """Search the whole domain of theorems for the largest measured / bound: all problem families that satisfy the
    assumptions, their parameters and starts, the parameters of the theorem, and the step.

    Targets are ids, patterns such as 'gd-*', or FILE::ID; where they are several, a table of all comes last.
    Space-filling samples come first, then CMA-ES from the best of them, then simplification. What is found depends
    on the seed and the number of evaluations alone, unless the time limit comes first, which is then said.

    A case that breaks the claim is kept in simlab-counterexamples.json in the working directory, and every later
    verify runs it first.

    \b
    python -m simlab attack gd-convex-tight
    python -m simlab attack '*' --time-limit 20 --json attacks.json
    python -m simlab attack gd-convex-tight --on 'huber(threshold=0.05)' --at h=1.0 --at k=9
    python -m simlab attack --forget gd-convex-tight

    \b
    Exit code: 0 nothing breaks the claims; 1 a counterexample was found; 2 bad input;
    130 interrupted (the best that was found is printed).
    """
    from simlab.reports.attacks import attack_lines, document, table_lines
    from simlab.reports.files import check_writable, write
    from simlab.reports.terminal import ProgressReport
    from simlab.verification import check_seed, threads

    check_seed(seed)
    check_writable(json_file)
    count = threads(jobs)
    if forget:
        return _forget(targets)
    chosen = _selected(targets)
    found: list[Attack] = []
    with ThreadPoolExecutor(count) as threads_, ProgressReport(quiet) as progress:
        pool = threads_ if count > 1 else None
        for theorem in chosen:
            if on is not None or at or noise is not None:
                made = _replayed(theorem, on, at, noise, seed, pool)
            else:
                made = _searched(theorem, seed, evaluations, time_limit, pool, progress)
            found.append(made)
            if json_file != "-":
                click.echo("\n".join(attack_lines(made)))
            if made.interrupted:
                break
    if json_file != "-":
        click.echo("\n".join(table_lines(found)), nl=len(found) > 1)
    if json_file:
        write(json_file, document(found))
    if found and found[-1].interrupted:
        return EXIT_INTERRUPTED
    return EXIT_FOUND if any(made.violated for made in found) else 0


def _selected(targets: tuple[str, ...]) -> list["Theorem"]:
    from simlab.selection import select

    chosen = select(targets)
    for theorem in chosen:
        theorem.validate()
    return chosen


def _searched(
    theorem: "Theorem",
    seed: int,
    evaluations: int,
    time_limit: float,
    pool: Executor | None,
    progress: "ProgressReport",
) -> "Attack":
    """Search, and remember a counterexample."""
    from simlab.search.attack import attack, remember
    from simlab.search.evaluation import Evaluator
    from simlab.search.optimizer import Search

    def watched(evaluator: Evaluator, search: Search) -> None:
        if evaluator.count % 50 == 1:
            best = "" if search.best is None else f", ratio {search.best.score.value:.6g}"
            progress.advance(f"{theorem.id}: {search.stage}{best}", evaluator.spent, evaluations)

    made = attack(theorem, seed, evaluations, time_limit, pool, watched)
    remember(made)
    progress.say(f"{theorem.id}: {made.evaluations} cases in {made.seconds:.1f} s")
    return made


def _replayed(
    theorem: "Theorem",
    on: str | None,
    at: tuple[str, ...],
    noise: str | None,
    seed: int,
    pool: Executor | None,
) -> "Attack":
    """One given case."""
    from simlab.arguments import assignments
    from simlab.search.attack import replay
    from simlab.search.text import Written

    return replay(theorem, Written(on or "", noise or "", assignments(at, "--at h=0.5")), seed, pool)


def _forget(targets: tuple[str, ...]) -> int:
    """Remove entries of the database, of theorems that exist or not."""
    import fnmatch

    from simlab.search.database import FILE, forget, load

    for target in targets:
        name = target.partition("::")[2] or target
        known = fnmatch.filter(dict.fromkeys(item.theorem for item in load()), name)
        if not known:
            raise InputError(f"{FILE} has no counterexample to {name!r}.")
        for theorem in known:
            number = forget(theorem)
            click.echo(f"{theorem}: {number} counterexample{'s' if number > 1 else ''} forgotten.")
    return 0
