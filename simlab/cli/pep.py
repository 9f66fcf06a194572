"""``pep``: the exact worst case of a theorem, by performance estimation."""

from functools import partial

import click

from simlab.errors import InputError

EXIT_VIOLATED, EXIT_NOTHING = 1, 5


@click.command()
@click.argument("targets", nargs=-1, required=True)
@click.option(
    "--k", "most_k", type=click.IntRange(1, 100), default=10, show_default=True,
    help="The largest step: time grows with its power 2.5 and more.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of sampled measurements.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write all numbers as JSON (- for standard output)."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(targets: tuple[str, ...], most_k: int, seed: int, json_file: str | None, quiet: bool) -> int:
    """Compute exact worst cases by performance estimation, and set them beside what is measured and what is stated.

    Targets are ids, patterns such as 'gd-*', or FILE::ID. The registered kernels of the method and of the measured
    quantity are run on symbols, which gives a semidefinite program over all functions of the class that the theorem
    assumes, in any dimension (PEPit, with the solver CLARABEL). At most three steps and four points of the domain
    are taken. The constants are those of the problem on which the measured quantity comes nearest to the bound.

    Where no problem at hand reaches the exact worst case, the worst function is made from the solution by
    interpolation, and the method is run on it. Where the two do not agree to 1e-6, the program is solved again in
    multiple precision, by SDPA-GMP: that takes up to a minute. A theorem that cannot be translated says which part
    of it cannot.
    This needs more packages: pip install 'simlab[pep]'.

    \b
    measured          the worst on the problems of the theorem; ~ marks a mean of samples
    exact worst case  over all functions of the class; to 1e-6, less only where
                      the instance says that it is off by more
    bound             as stated
    worst instance    known: the measured one; extracted: made from the solution,
                      with d dimensions, and measured again (agreeing to 1e-6);
                      approached: the same, where the worst case is a limit of
                      functions with ever larger gradients, reached by none

    \b
    Exit code: 0 no bound is exceeded; 1 one is, by more than 2e-6, on an instance
    that shows it; 2 bad input; 5 nothing could be translated. Statements that are
    registered as refuted may be exceeded.
    """
    from simlab.estimation.installed import check_installed
    from simlab.reports.files import check_writable, write
    from simlab.selection import select
    from simlab.verification import check_seed

    check_installed()
    check_seed(seed)
    check_writable(json_file)
    chosen = select(targets)
    if not chosen:
        raise InputError("nothing was selected; name a theorem.")
    from simlab.estimation.worst_case import worst_cases
    from simlab.reports.terminal import ProgressReport, standard_output, width_of
    from simlab.reports.worst_cases import document, done_line, worst_case_lines

    found, console = [], standard_output()
    with ProgressReport(quiet, "pep") as progress:
        for number, theorem in enumerate(chosen):
            theorem.validate()
            begun = partial(progress.advance, number=number, total=len(chosen))
            made = worst_cases(theorem, most_k, seed, begun)
            found.append(made)
            progress.said(done_line(made), number, len(chosen))
            if json_file != "-":
                for line in worst_case_lines(made, width_of(console)):
                    console.print(line)
    if json_file:
        write(json_file, document(found))
    if all(made.refused for made in found):
        return EXIT_NOTHING
    return EXIT_VIOLATED if any(made.violated and made.theorem.corrected is None for made in found) else 0
