"""``new``: a file with a theorem of one's own to start from."""

import keyword
from pathlib import Path
from string import Template

import click

from simlab.errors import InputError

ENTRY = Template('''\
"""$title: a theorem of your own, on a problem and with a method of your own. Everything here runs as it is:

    python -m simlab verify $file

Change it piece by piece, and see what the checker says.
"""

import math

from problems.huber import huber
from problems.quadratic import quadratic
from simlab import (
    Convex,
    Data,
    Matrix,
    Oracle,
    Problem,
    Smooth,
    Vector,
    full_gradient,
    grid,
    kernel,
    method,
    problem,
    suboptimality,
    theorem,
)

# --- a problem: its kernels, and a constructor that declares what holds, with constants -----------------------


@kernel
def log_cosh_value(data: Data, x: Vector) -> float:
    """f(x) = a sum of log cosh(x_i), with a in data.scalars[0]."""
    total = 0.0
    for i in range(x.size):
        size = abs(x[i])
        total += size + math.log1p(math.exp(-2.0 * size)) - math.log(2.0)
    return data.scalars[0] * total


@kernel
def log_cosh_gradient(data: Data, x: Vector, out: Vector) -> None:
    """a tanh(x_i)."""
    for i in range(x.size):
        out[i] = data.scalars[0] * math.tanh(x[i])


@problem(value=log_cosh_value, gradient=log_cosh_gradient, gallery=({}, {"scale": 4.0, "start": (2.0, -1.0)}))
def ${name}_problem(scale: float = 1.0, start: tuple[float, ...] = (3.0,)) -> Problem:
    """A smooth approximation of the sum of |x_i|; its second derivative is largest, ``scale``, at 0."""
    return Problem(
        scalars=[scale],
        start=start,
        minimizer=[0.0] * len(start),
        minimum=0.0,
        assumptions=[Convex(), Smooth(scale)],
    )


# --- a method: one step, in place, and the names of its hyper-parameters --------------------------------------


@method(parameters=("step_size",))
@kernel
def ${name}_method(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * grad f(x)"""
    gradient = memory[0]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]


# --- a theorem: the bound is a function of the constants that its parameters name -----------------------------


@theorem(
    method=${name}_method(step_size=lambda h, L: h / L),
    assumes=Convex & Smooth,
    measures=suboptimality.last,
    domain=grid(h=(0.25, 0.5, 1.0), k=(1, 2, 3, 10, 100)),
    attained_by=huber.at(threshold=lambda k, h: 1 / (2 * k * h + 1)),
    at_least=0.999,
    source="where the statement is from, with its number",
)
def $name(k, h, L, R):
    """What it promises, in one sentence: for a step size up to 1/L, the last iterate is this good after k steps."""
    return L * R**2 / (4 * k * h + 2)


# A control is the theorem with one thing broken: the checker must refuse it, or it would accept anything.
@$name.control("a bound that is slightly too small", domain=grid(h=1.0, k=10))
def _(k, h, L, R):
    return L * R**2 / (4 * k * h + 3)


$name.control(
    "a step size beyond 2/L",
    method=${name}_method(step_size=lambda L: 2.5 / L),
    on=quadratic(spectrum=(1.0,)),
)
''')


@click.command()
@click.argument("name")
@click.option("-f", "--file", "file", metavar="FILE", help="Where to write it.  [default: NAME.py]")
def command(name: str, file: str | None) -> None:
    """Write a file with a theorem called NAME to start from: it runs as it is.

    It has a problem, a method and a theorem with two controls, all of your own. An existing file is never
    overwritten.
    """
    identifier = checked(name)
    path = Path(file) if file is not None else Path(f"{identifier}.py")
    if path.suffix != ".py":
        raise InputError(f"{path} is no Python file; give a file that ends in .py.")
    title = identifier.replace("_", "-")
    text = ENTRY.substitute(name=identifier, title=title, file=path)
    try:
        with path.open("x") as written:
            written.write(text)
    except FileExistsError:
        raise InputError(f"{path} exists already; choose another name or another --file.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another --file.") from None
    click.echo(f"wrote {path}; check it with: python -m simlab verify {path}")


def checked(name: str) -> str:
    """The name of a function for a theorem called ``name``.

    Raises
    ------
    InputError
        When it can be none, or is taken.
    """
    from simlab.discovery import discover
    from simlab.vocabulary.registry import REGISTRY

    identifier = name.replace("-", "_")
    if not identifier.isidentifier() or keyword.iskeyword(identifier) or identifier.startswith("_"):
        raise InputError(
            f"{name!r} can be no theorem's name; write letters, digits and dashes, such as my-bound."
        )
    discover()
    title = identifier.replace("_", "-")
    if title in REGISTRY.of("theorem"):
        raise InputError(f"there is a theorem {title} already; choose another name.")
    return identifier
