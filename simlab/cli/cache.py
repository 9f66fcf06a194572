"""``cache``: what is kept on disk."""

import shutil
from pathlib import Path

import click

# The folders that simlab makes inside its cache; nothing else is ever removed.
PARTS = {"kernels": "compiled kernels", "results": "last results", "index": "index of entries"}


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show or clear what is kept on disk: compiled kernels, the last result of each theorem, an index of entries.

    SIMLAB_CACHE_DIR moves it. Clearing is never needed: kernels are found by the hash of their sources.
    """
    if context.invoked_subcommand is None:
        show()


@command.command("show")
def show_command() -> None:
    """Show where it is and how much there is."""
    show()


@command.command("clear")
@click.option("--kernels", is_flag=True, help="Only compiled kernels.")
@click.option("--results", is_flag=True, help="Only last results.")
def clear_command(kernels: bool, results: bool) -> None:
    """Remove it; what is needed again is made again."""
    from simlab.errors import InputError

    chosen = {"kernels": kernels, "results": results}
    for name in [n for n in PARTS if chosen.get(n) or not any(chosen.values())]:
        folder = _folder() / name
        files, size = measured(folder)
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise InputError(f"{folder} cannot be removed: {error.strerror}; check who owns it.") from None
        click.echo(f"removed {files} files of {PARTS[name]} ({size / 1e6:.1f} MB)")


def show() -> None:
    """Print the place and the size of each part."""
    click.echo(str(_folder()))
    for name, words in PARTS.items():
        files, size = measured(_folder() / name)
        click.echo(f"  {words}: {files} files, {size / 1e6:.1f} MB")


def measured(folder: Path) -> tuple[int, int]:
    """The number of files in a folder and their size in bytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def _folder() -> Path:
    from simlab.kernels.compilation import cache_folder

    return cache_folder()
