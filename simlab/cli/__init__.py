"""The command line: one file a command."""

import importlib
import sys
import warnings
from typing import Any

import click

from simlab import __version__
from simlab.errors import InputError

# Commands by name; each lives in simlab/cli/<module>.py and is imported only when it is called.
COMMANDS = {
    "verify": ("verify", "Check theorems and their controls."),
    "list": ("listing", "List theorems, problems, methods, noise models or networks."),
    "show": ("show", "Show one theorem, problem or method."),
    "attack": ("attack", "Search for the case that comes nearest to breaking a theorem."),
    "pep": ("pep", "Compute exact worst cases by performance estimation."),
    "new": ("new", "Write a file with a theorem of your own to start from."),
    "run": ("run", "Run a method on a problem, print and plot it."),
    "mutate": ("mutate", "Break theorems on purpose and see whether their checks notice."),
    "figures": ("figures", "Make figures for papers, or the standard figure of a theorem."),
    "calibrate": ("calibrate", "Measure how often verdicts are wrong, and which errors they find."),
    "bench": ("bench", "Measure the kernels against NumPy, side by side."),
    "cache": ("cache", "Show or clear what is kept on disk."),
}


class _Lazy(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"simlab.cli.{COMMANDS[name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from simlab.selection import nearest

            raise InputError(f"there is no command {args[0]!r}; {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="simlab %(version)s")
def application() -> None:
    """Unit tests for optimization theory: does a bound hold, how tight is it, where does it break?

    \b
    python -m simlab verify                  check all theorems
    python -m simlab verify gd-convex-tight  check one
    python -m simlab verify my_theorems.py   check your own
    python -m simlab show gd-convex-tight    read one
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    warnings.showwarning = _warn
    try:
        outcome = application.main(args=arguments, prog_name="python -m simlab", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
    except InputError as error:
        click.echo(f"error: {error}", err=True)
        code = 2
    except click.ClickException as error:
        click.echo(f"error: {_sentence(error)}", err=True)
        code = 2
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    sys.exit(code)


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"warning: {message}", err=True)


def _sentence(error: click.ClickException) -> str:
    message = error.format_message()
    return message if message.endswith(".") else f"{message}."
