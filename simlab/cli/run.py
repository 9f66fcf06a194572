"""``run``: a method on a problem, printed and plotted."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simlab.errors import InputError

if TYPE_CHECKING:
    from simlab.kernels.compilation import Kernel
    from simlab.running.simulate import Curve
    from simlab.vocabulary.method import Method, MethodFamily
    from simlab.vocabulary.noise import NoiseSpec
    from simlab.vocabulary.problem import Problem

MOST_STEPS, MOST_RUNS = 10_000_000, 1_000_000


@click.command()
@click.argument("method")
@click.argument("problem")
@click.option(
    "-p", "options", multiple=True, metavar="NAME=VALUE", help="A hyper-parameter, such as 0.1 or 1/L."
)
@click.option("--steps", type=click.IntRange(1, MOST_STEPS), default=100, show_default=True, help="Steps.")
@click.option("--noise", metavar="NOISE", help="A noise model, such as 'gaussian(variance=0.1)'.")
@click.option(
    "--runs", type=click.IntRange(2, MOST_RUNS), default=256, show_default=True, help="Runs to average over."
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
    """
    from simlab.discovery import discover
    from simlab.reports.files import check_writable
    from simlab.reports.statement import call_text
    from simlab.running.simulate import constants
    from simlab.verification import check_seed

    check_seed(seed)
    if plot:
        from simlab.reports.plots import check_format

        check_format(plot)
        check_writable(plot)
    discover(Path(file) for file in files)
    instance = chosen_problem(problem)
    known = constants(instance)
    rule, given = chosen_method(method, options, instance, known)
    model = chosen_noise(noise, instance)
    try:
        curves = measure_all(rule, instance, model, steps, runs, seed)
    except ArithmeticError as error:
        raise InputError(f"a hyper-parameter of {rule.name} has no value here: {error}.") from None
    click.echo(f"{call_text(rule.name, {**rule.parameters, **given})} on {instance.label}")
    if model is not None:
        click.echo(f"with {call_text(model.name, model.parameters)}")
    click.echo(", ".join(f"{name} = {value:.6g}" for name, value in sorted(known.items())))
    how = next(iter(curves.values())).how
    click.echo(f"mean of {runs} runs, seed {seed}\n" if how == "sampled" else f"{how}\n")
    click.echo("\n".join(table(curves)))
    if plot:
        from simlab.reports.plots import plot_curves

        plot_curves(plot, f"{rule.name} on {instance.label}", curves)
        click.echo(f"\nplotted to {plot}")


def chosen_problem(words: str) -> "Problem":
    """The instance that the command line names.

    Raises
    ------
    InputError
        When it cannot be built, or belongs to several workers.
    """
    from simlab.arguments import called, literal
    from simlab.vocabulary.assumptions import Workers
    from simlab.vocabulary.registry import REGISTRY

    name, given = called(words, REGISTRY.of("problem"), "problem")
    parameters = {key: literal(value, key) for key, value in given.items()}
    try:
        instance: Problem = REGISTRY.of("problem")[name](**parameters)
        known = instance.known
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"problem {words} cannot be built: {error}.") from None
    if Workers in known:
        raise InputError(f"problem {name} is one of several workers; run takes problems of one machine.")
    return instance


def chosen_method(
    words: str, options: tuple[str, ...], instance: "Problem", known: dict[str, Any]
) -> tuple["Method", dict[str, str]]:
    """The update rule that the command line names, and its hyper-parameters as they were written.

    Raises
    ------
    InputError
        When it is unknown or incomplete, or needs what the problem does not have.
    """
    from simlab.arguments import assignments, called, number_or_function
    from simlab.vocabulary.registry import REGISTRY

    name, given = called(words, REGISTRY.of("method"), "method")
    family: MethodFamily = REGISTRY.of("method")[name]
    if {"network", "scalars"} & _attributes(family.step):
        raise InputError(f"method {name} is one of several workers; run takes methods of one machine.")
    lacking = [need for need in family.needs if need != "rng" and not instance.kernels.has(need)]
    if lacking:
        raise InputError(
            f"method {name} needs {', '.join(lacking)}, which problem {instance.label} does not have."
        )
    texts = {**given, **assignments(options)}
    names = [*known, "k", "K"]
    return family(**{key: number_or_function(value, key, names) for key, value in texts.items()}), texts


def _attributes(step: "Kernel") -> set[str]:
    """The attributes that a kernel, or a kernel that it calls, reads."""
    from simlab.kernels.compilation import Kernel

    names = set(step.function.__code__.co_names)
    for name in list(names):
        inner = step.function.__globals__.get(name)
        if isinstance(inner, Kernel) and inner is not step:
            names |= _attributes(inner)
    return names


def chosen_noise(words: str | None, instance: "Problem") -> "NoiseSpec | None":
    """The noise model that the command line names.

    Raises
    ------
    InputError
        When it is unknown, or cannot be made for this problem.
    """
    from simlab.arguments import called, literal
    from simlab.vocabulary.registry import REGISTRY

    if words is None:
        return None
    name, given = called(words, REGISTRY.of("noise"), "noise model")
    spec: NoiseSpec = REGISTRY.of("noise")[name](**{key: literal(value, key) for key, value in given.items()})
    try:
        spec.resolve(instance, {})
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"noise {words} cannot be used on {instance.label}: {error}.") from None
    return spec


def checkpoints(steps: int) -> list[int]:
    """0, 1, 2, 5, 10, 20, 50, ... and the last step."""
    series = (factor * 10**power for power in range(8) for factor in (1, 2, 5))
    return [0, *(k for k in series if k < steps), steps]


def measure_all(
    rule: "Method", instance: "Problem", model: "NoiseSpec | None", steps: int, runs: int, seed: int
) -> dict[str, "Curve"]:
    """The curve of each quantity that the problem has."""
    import numpy as np

    from simlab.kernels.quantities import distance_squared, gradient_norm_squared, suboptimality
    from simlab.running.simulate import case_of, curve

    quantities = {
        "f(x) - f*": suboptimality,
        "|x - x*|²": distance_squared,
        "|grad f(x)|²": gradient_norm_squared,
    }
    found = {}
    for title, quantity in quantities.items():
        case = case_of("run", rule, instance, quantity.last, checkpoints(steps), model)
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
