"""``run``: a method on a problem, printed and plotted."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simlab.errors import InputError

if TYPE_CHECKING:
    from simlab.running.simulate import Curve
    from simlab.vocabulary.method import Method
    from simlab.vocabulary.network import Network
    from simlab.vocabulary.noise import NoiseSpec
    from simlab.vocabulary.problem import Problem
    from simlab.vocabulary.quantity import Quantity

MOST_STEPS, MOST_RUNS, MOST_WORKERS = 10_000_000, 1_000_000, 10_000


@click.command()
@click.argument("method")
@click.argument("problem")
@click.option(
    "-p", "options", multiple=True, metavar="NAME=VALUE", help="A hyper-parameter, such as 0.1 or 1/L."
)
@click.option("--steps", type=click.IntRange(1, MOST_STEPS), default=100, show_default=True, help="Steps.")
@click.option("--noise", metavar="NOISE", help="A noise model, such as 'gaussian(variance=0.1)'.")
@click.option("--network", metavar="NETWORK", help="Who talks to whom, such as ring; see list networks.")
@click.option("--workers", type=click.IntRange(2, MOST_WORKERS), help="Workers of the problem.")
@click.option(
    "--runs", type=click.IntRange(2, MOST_RUNS), default=1024, show_default=True, help="Runs to average over."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all randomness.")
@click.option("--plot", metavar="FILE", help="Plot to a file; its ending chooses the format (png, pdf, svg).")
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="A file with entries of your own.")
def command(
    method: str,
    problem: str,
    options: tuple[str, ...],
    steps: int,
    noise: str | None,
    network: str | None,
    workers: int | None,
    runs: int,
    seed: int,
    plot: str | None,
    files: tuple[str, ...],
) -> None:
    """Run METHOD on PROBLEM and print what is reached after 1, 2, 5, 10, ... steps.

    \b
    python -m simlab run gradient-descent huber -p step_size=1/L
    python -m simlab run sgd 'quadratic(spectrum=(1, 10))' -p step_size=1/L
        --noise 'gaussian(variance=0.1)' --steps 1000 --plot sgd.png
    python -m simlab run dgd tilted-quadratics --network ring --workers 16 -p step_size=0.5/L
    """
    from simlab.cli.chosen import (
        chosen_family,
        chosen_method,
        chosen_network,
        chosen_noise,
        chosen_problem,
        number_of_workers,
    )
    from simlab.discovery import discover
    from simlab.reports.files import check_writable
    from simlab.reports.statement import call_text
    from simlab.running.simulate import CONFIDENCE, constants
    from simlab.verification import check_seed

    check_seed(seed)
    if plot:
        from simlab.reports.plots import check_format

        check_format(plot)
        check_writable(plot)
    discover(Path(file) for file in files)
    instance = chosen_problem(problem, workers)
    family, texts = chosen_family(method, instance)
    links = chosen_network(network, family, instance)
    known = constants(instance, links)
    rule, given = chosen_method(family, texts, options, known)
    model = chosen_noise(noise, instance)
    wanted = measurements(several=number_of_workers(instance) is not None)
    try:
        curves = measure_all(rule, instance, wanted, model, links, steps, runs, seed)
    except ArithmeticError as error:
        raise InputError(f"a hyper-parameter of {rule.name} has no value here: {error}.") from None
    click.echo(f"{call_text(rule.name, {**rule.parameters, **given})} on {instance.label}")
    if links is not None:
        click.echo(f"over the {links.label}")
    if model is not None:
        click.echo(f"with {call_text(model.name, model.parameters)}")
    click.echo(", ".join(f"{name} = {value:.6g}" for name, value in sorted(known.items())))
    how = next(iter(curves.values())).how
    sure = f"each column within its limits with a chance of {CONFIDENCE:.0%}"
    click.echo(f"mean of {runs} runs, seed {seed}; {sure}\n" if how == "sampled" else f"{how}\n")
    click.echo("\n".join(table(curves)))
    if plot:
        from simlab.reports.plots import plot_curves

        plot_curves(plot, f"{rule.name} on {instance.label}", curves)
        click.echo(f"\nplotted to {plot}")


def checkpoints(steps: int) -> list[int]:
    """0, 1, 2, 5, 10, 20, 50, ... and the last step."""
    series = (factor * 10**power for power in range(8) for factor in (1, 2, 5))
    return [0, *(k for k in series if k < steps), steps]


def measurements(several: bool) -> "dict[str, Quantity]":
    """What is measured, by title: of several workers it is their mean, and how far they are from it."""
    from simlab.kernels import quantities as known

    if several:
        return {
            "f(x̄) - f*": known.mean_suboptimality,
            "|x̄ - x*|²": known.mean_distance_squared,
            "|grad f(x̄)|²": known.mean_gradient_norm_squared,
            "sum |x_i - x̄|²": known.consensus_error,
        }
    return {
        "f(x) - f*": known.suboptimality,
        "|x - x*|²": known.distance_squared,
        "|grad f(x)|²": known.gradient_norm_squared,
    }


def measure_all(
    rule: "Method",
    instance: "Problem",
    quantities: "dict[str, Quantity]",
    model: "NoiseSpec | None",
    network: "Network | None",
    steps: int,
    runs: int,
    seed: int,
) -> dict[str, "Curve"]:
    """The curve of each quantity that the problem has."""
    import numpy as np

    from simlab.running.simulate import case_of, curve

    found = {}
    for title, quantity in quantities.items():
        case = case_of("run", rule, instance, quantity.last, checkpoints(steps), model, network)
        made = curve(case, runs, seed)
        if np.isfinite(made.mean[0]):
            found[title] = made
    return found


def table(curves: dict[str, "Curve"]) -> list[str]:
    """One line a checkpoint; what was sampled has its half width."""
    import numpy as np

    lines = [f"{'k':>9}" + "".join(f"  {title:>24}" for title in curves)]
    for row, k in enumerate(next(iter(curves.values())).k):
        cells = []
        for made in curves.values():
            with np.errstate(invalid="ignore"):  # what diverged is infinite
                half = made.high[row] - made.mean[row]
            sampled = f" +- {half:<8.2g}" if made.how == "sampled" else ""
            cells.append(f"  {f'{made.mean[row]:.6g}{sampled}':>24}")
        lines.append(f"{int(k):>9}" + "".join(cells))
    return lines
