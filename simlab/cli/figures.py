"""``figures``: make the figures of the collection, or the standard figure of a theorem."""

from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simlab.errors import InputError
from simlab.reports.terminal import ProgressReport

if TYPE_CHECKING:
    from simlab.drawing.registry import Figure


@click.command()
@click.argument("names", nargs=-1)
@click.option("--list", "listed", is_flag=True, help="Only list the figures with their captions.")
@click.option(
    "--folder", default="simlab-figures", show_default=True, metavar="FOLDER", help="Where to write."
)
@click.option("--style", default="paper", show_default=True, help="paper, talk or notebook.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option(
    "-j", "--jobs", type=int, help="Threads; figures do not depend on it. [default: all processors]"
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    names: tuple[str, ...], listed: bool, folder: str, style: str, seed: int, jobs: int | None, quiet: bool
) -> None:
    """Make figures: all of them, those named by NAMES, or with 'theorem ID ...' the standard figure of theorems.

    Each becomes a PDF and a PNG, with the plotted numbers as CSV and where they come from as JSON beside them.
    'theorem FILE' makes the figures of your own theorems.
    """
    from simlab.drawing.files import check_folder
    from simlab.drawing.make import known_figures
    from simlab.drawing.style import chosen
    from simlab.verification import check_seed, threads

    chosen(style)
    check_seed(seed)
    count = threads(jobs)
    if listed:
        for figure in known_figures().values():
            click.echo(f"{figure.name}: {figure.caption}")
        return
    target = Path(folder)
    check_folder(target)
    with ThreadPoolExecutor(count) as pool, ProgressReport(quiet) as progress:
        if names[:1] == ("theorem",):
            _theorems(names[1:], target, style, seed, pool, progress)
        else:
            _collection(names, target, style, seed, pool, progress)


def _collection(
    names: tuple[str, ...], target: Path, style: str, seed: int, pool: Executor, progress: ProgressReport
) -> None:
    """Figures of the collection."""
    from simlab.drawing.make import make, select_figures

    figures = select_figures(names)
    for number, figure in enumerate(figures):
        progress.advance(figure.name, number, len(figures))

        def part(name: str, done: int, total: int, figure: "Figure" = figure, number: int = number) -> None:
            progress.advance(f"{figure.name}: {name} ({done + 1}/{total})", number, len(figures))

        for path in make(figure, target, style, seed, pool, part):
            click.echo(str(path))


def _theorems(
    targets: tuple[str, ...], target: Path, style: str, seed: int, pool: Executor, progress: ProgressReport
) -> None:
    """The standard figures of theorems, whose results are measured for them."""
    from simlab.drawing.make import make, standard_figure
    from simlab.entry import verify_one
    from simlab.planning.tiers import TIERS
    from simlab.selection import select

    if not targets:
        raise InputError("figures theorem needs the id of a theorem or a file; see python -m simlab list.")
    theorems = select(list(targets))
    for number, theorem in enumerate(theorems):
        progress.advance(theorem.id, number, len(theorems))
        record = verify_one(theorem, TIERS["default"], seed, pool).record()
        for path in make(standard_figure(theorem, record), target, style, seed, pool):
            click.echo(str(path))
