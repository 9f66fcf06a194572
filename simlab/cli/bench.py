"""``bench``: the kernels against NumPy, side by side."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from simlab.bench.timing import Timing


@click.command()
@click.option(
    "--quick", is_flag=True, help="Small sizes: seconds instead of a minute, and less steady numbers."
)
@click.option("-k", "keyword", metavar="TEXT", help="Only workloads whose name or title contains this text.")
@click.option("-j", "--jobs", type=int, help="Threads of the kernels. [default: all processors]")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the numbers as JSON (- for standard output)."
)
def command(quick: bool, keyword: str | None, jobs: int | None, seed: int, json_file: str | None) -> None:
    """Measure the kernels against NumPy, side by side in one process, with the same noise on both sides.

    Times are nanoseconds a coordinate and step, or a pair and step; the best of several repetitions, both sides
    in turn. NumPy works on one thread (but for products of matrices), the kernels on -j of them.
    """
    from concurrent.futures import ThreadPoolExecutor

    from rich.console import Console

    from simlab.bench.timing import timed
    from simlab.bench.workloads import FULL, QUICK, workloads
    from simlab.errors import InputError
    from simlab.reports.files import check_writable, write
    from simlab.verification import check_seed, threads

    check_seed(seed)
    check_writable(json_file)
    count, sizes = threads(jobs), QUICK if quick else FULL
    with ThreadPoolExecutor(count) as pool:
        chosen = [
            w
            for w in workloads(sizes, seed, pool)
            if (keyword or "").lower() in f"{w.name} {w.title}".lower()
        ]
        if not chosen:
            raise InputError(f"no workload is called {keyword!r}; bench without -k lists them all.")
        progress, timings = Console(stderr=True), []
        for workload in chosen:
            progress.print(f"{workload.name}: {workload.title}", highlight=False)
            timings.append(timed(workload, sizes.repetitions))
    if json_file:
        write(json_file, to_json(timings, count, quick, seed))
    if json_file != "-":
        Console().print(table(timings, count))


def table(timings: "list[Timing]", jobs: int) -> "Table":
    """One row a comparison."""
    from rich.table import Table

    made = Table(box=None, header_style="bold", pad_edge=False, caption=f"kernels with -j {jobs}")
    made.caption_justify = "left"
    made.add_column("workload", no_wrap=True)
    for heading in ("NumPy", "kernels", "ratio", "goal"):
        made.add_column(heading, justify="right", no_wrap=True)
    made.add_column("nanoseconds a", no_wrap=True)
    for timing in timings:
        w = timing.workload
        colour = "green" if w.goal is None or timing.ratio >= w.goal else "yellow"
        made.add_row(
            f"{w.name:4}{w.title}",
            f"{timing.numpy:.2f}",
            f"{timing.kernels:.2f}",
            f"[{colour}]{timing.ratio:.1f}[/]",
            "" if w.goal is None else f"{w.goal:g}",
            w.unit,
        )
    return made


def to_json(timings: "list[Timing]", jobs: int, quick: bool, seed: int) -> str:
    """The numbers, and where they were measured."""
    import json

    from simlab.environment import environment, sources_digest

    return json.dumps(
        {
            "schema_version": 1,
            "jobs": jobs,
            "quick": quick,
            "seed": seed,
            "environment": environment(),
            "sources_sha256": sources_digest(),
            "workloads": [timing.record() for timing in timings],
        },
        indent=2,
    ) + "\n"  # fmt: skip
