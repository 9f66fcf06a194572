"""``list``: what there is, by name."""

import json
import shutil
import sys
from pathlib import Path

import click

KINDS = ("theorems", "problems", "methods", "noise")


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="theorems")
@click.option("-k", "keyword", metavar="EXPR", help="Only names that match, such as 'gd and not convex'.")
@click.option("-m", "--chapter", metavar="CHAPTER", help="Only theorems of one chapter.")
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="A file with entries of your own.")
@click.option("--json", "form", flag_value="json", help="As JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="As Markdown tables.")
def command(
    kind: str, keyword: str | None, chapter: str | None, files: tuple[str, ...], form: str | None
) -> None:
    """List the theorems by chapter, or the problems, methods or noise models, each with one sentence."""
    from simlab.discovery import discover
    from simlab.errors import InputError
    from simlab.reports.catalogue import lines, markdown, records

    broken = discover(Path(file) for file in files).broken
    if chapter is not None and kind != "theorems":
        raise InputError("only theorems have chapters; leave -m out.")
    found = records(kind, keyword, chapter)
    if form == "json":
        click.echo(json.dumps(found, indent=1))
    elif form == "markdown":
        click.echo(markdown(kind, found))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo("\n".join(lines(found, width)))
    for sentence in broken.values():
        click.echo(f"warning: {sentence}", err=True)
