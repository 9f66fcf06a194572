"""``verify``: check theorems and their controls."""

import click

from simlab.errors import InputError
from simlab.reports.files import check_writable, to_json, to_junit, write
from simlab.running.results import Results, TheoremResult
from simlab.statistics.verdicts import Status

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNRESOLVED, EXIT_NOTHING = 0, 1, 2, 3, 5


@click.command()
@click.argument("targets", nargs=-1)
@click.option("-k", "keyword", metavar="EXPR", help="Only ids that match, such as 'gd and not convex'.")
@click.option("-m", "--chapter", metavar="CHAPTER", help="Only one chapter.")
@click.option("--case", metavar="TEXT", help="Only cases whose description contains this text.")
@click.option("--quick", "tier", flag_value="quick", help="A thin sweep, under a minute.")
@click.option("--full", "tier", flag_value="full", help="The whole of every domain, with more runs.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option(
    "-j",
    "--jobs",
    type=int,
    help="Processes, or threads for few theorems; results do not depend on it. [default: all processors]",
)
@click.option(
    "--json", "json_file", metavar="FILE", help="Write all results as JSON (- for standard output)."
)
@click.option("--junit", "junit_file", metavar="FILE", help="Write JUnit XML.")
@click.option("--html", "html_file", metavar="FILE", help="Write the atlas: a page of all theorems.")
@click.option("--strict", is_flag=True, help="Leave with 3 when something is unresolved.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    targets: tuple[str, ...],
    keyword: str | None,
    chapter: str | None,
    case: str | None,
    tier: str | None,
    seed: int,
    jobs: int | None,
    json_file: str | None,
    junit_file: str | None,
    html_file: str | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Check theorems and their controls: all of them, or those named by TARGETS.

    A target is an id, a pattern such as 'gd-*', a file or folder with entries of your own, or FILE::ID.

    \b
    Exit code: 0 all hold; 1 a violation, a control that was not caught or an entry
    that crashed; 2 bad input (an unknown id, a file that does not load, an entry
    without a control, a bound or a hyper-parameter that is no finite number);
    3 unresolved (with --strict); 5 nothing selected; 130 interrupted.
    """
    from simlab.reports.store import save
    from simlab.reports.terminal import ProgressReport, print_results, standard_output
    from simlab.verification import verify

    check_writable(json_file)
    check_writable(junit_file)
    check_page(html_file)
    done: list[TheoremResult] = []
    chosen = tier or "default"
    interrupted = False
    with ProgressReport(quiet) as progress:

        def finished(result: TheoremResult, number: int, total: int) -> None:
            done.append(result)
            save(result, seed, chosen)
            progress.finished(result, number, total)

        try:
            results = verify(
                *targets, keyword=keyword, chapter=chapter, case=case, tier=chosen, seed=seed, jobs=jobs,
                started=progress.advance, finished=finished,
            )  # fmt: skip
        except KeyboardInterrupt:
            interrupted, results = True, Results(done, seed, chosen)
    if json_file:
        write(json_file, to_json(results))
    if junit_file:
        write(junit_file, to_junit(results))
    if html_file and results:
        write_page(html_file, results, quiet)
    if not results and not interrupted:
        click.echo("nothing was selected.", err=True)
        return EXIT_NOTHING
    if "-" not in (json_file, junit_file):
        print_results(results, standard_output())
    if interrupted:
        click.echo("interrupted: the theorems above were finished and saved.", err=True)
        return 130
    return exit_code(results, strict)


def check_page(path: str | None) -> None:
    """Refuse a file that the atlas cannot be written to, before anything runs."""
    if path == "-":
        raise InputError("--html writes a page to look at: give it the name of a file.")
    check_writable(path)


def write_page(path: str, results: Results, quiet: bool) -> None:
    """Write the atlas, and say so."""
    from simlab.reports.atlas import write_atlas
    from simlab.reports.terminal import ProgressReport

    with ProgressReport(quiet) as progress:
        write_atlas(results, path, progress.advance)
    if not quiet:
        click.echo(f"the atlas of {len(results)} theorem{'s' * (len(results) != 1)} is in {path}", err=True)


def exit_code(results: Results, strict: bool) -> int:
    """The exit code for these results: what is worst, with bad input after what was found to be wrong."""
    missed = [r for r in results if r.caught < len(r.controls)]
    broken = [r for r in results if r.status not in (Status.HOLDS, Status.UNRESOLVED, Status.REFUTED)]
    if missed or any(not r.input_error for r in broken):
        return EXIT_FAILED
    if broken:
        return EXIT_USAGE
    if strict and any(r.status is Status.UNRESOLVED for r in results):
        return EXIT_UNRESOLVED
    return EXIT_OK
