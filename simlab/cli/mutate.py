"""``mutate``: break theorems on purpose and see whether their checks notice."""

import click

from simlab.cli.verify import EXIT_FAILED, EXIT_NOTHING, EXIT_OK


@click.command()
@click.argument("targets", nargs=-1)
@click.option("-k", "keyword", metavar="EXPR", help="Only ids that match, such as 'gd and not convex'.")
@click.option("-m", "--chapter", metavar="CHAPTER", help="Only one chapter.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option(
    "-j", "--jobs", type=int, help="Processes; results do not depend on it. [default: all processors]"
)
@click.option("--time-limit", type=float, metavar="SECONDS", help="Begin no new mutant after this time.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write all mutants as JSON (- for standard output)."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    targets: tuple[str, ...],
    keyword: str | None,
    chapter: str | None,
    seed: int,
    jobs: int | None,
    time_limit: float | None,
    json_file: str | None,
    quiet: bool,
) -> int:
    """Break theorems on purpose, one thing at a time, and see whether their checks notice.

    Mutants are made from the code of each theorem: its bound scaled, or with one constant replaced by a neighbour;
    its update rule mirrored, or with one sign or coefficient wrong; coupled runs without their coupling; averaging
    and stepping in the other order; another window of iterates. Each is verified without the theorem's controls.

    \b
    killed        the check turned red
    equivalent    the same numbers in all cases
    still true    a looser statement, where no floor says how tight it is
    within slack  a change too small to be noticed, or a stronger statement where
                  the theorem does not say that its bound is tight
    weak          all other survivors: the check wants another case or floor

    Two shares are printed: killed mutants of all that are not equivalent, and of
    those that the checks could have refused, killed and weak ones.

    \b
    Exit code: 0 no weak survivor; 1 weak survivors; 2 bad input; 5 nothing
    selected; 130 interrupted.
    """
    from simlab.mutation.campaign import mutate
    from simlab.mutation.examination import Examination, Fate
    from simlab.reports.files import check_writable, write
    from simlab.reports.mutants import done_line, print_score
    from simlab.reports.terminal import ProgressReport, standard_output

    check_writable(json_file)
    with ProgressReport(quiet, "mutate") as progress:

        def finished(result: Examination, number: int, total: int) -> None:
            progress.said(done_line(result), number, total)

        score = mutate(
            *targets,
            keyword=keyword,
            chapter=chapter,
            seed=seed,
            jobs=jobs,
            time_limit=time_limit,
            finished=finished,
        )
    if json_file:
        import json

        from simlab.reports.files import plain

        write(json_file, json.dumps(plain(score.record()), indent=2) + "\n")
    if not score.selected:
        click.echo("nothing was selected.", err=True)
        return EXIT_NOTHING
    if json_file != "-":
        print_score(score, standard_output())
    if score.interrupted:
        click.echo("interrupted: the theorems above were finished.", err=True)
        return 130
    return EXIT_FAILED if score.count(Fate.WEAK) else EXIT_OK
