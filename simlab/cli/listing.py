"""``list``: what there is, by name."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click

KINDS = ("theorems", "problems", "methods", "noise", "networks")


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="theorems")
@click.option("-k", "keyword", metavar="EXPR", help="Only names that match, such as 'gd and not convex'.")
@click.option("-m", "--chapter", metavar="CHAPTER", help="Only theorems of one chapter.")
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="A file with entries of your own.")
@click.option("--refuted", is_flag=True, help="Only printed statements that are false.")
@click.option("--json", "form", flag_value="json", help="As JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="As Markdown tables.")
def command(
    kind: str,
    keyword: str | None,
    chapter: str | None,
    files: tuple[str, ...],
    refuted: bool,
    form: str | None,
) -> None:
    """List the theorems by chapter, or the problems, methods, noise models or networks, each with one sentence."""
    from simlab.errors import InputError
    from simlab.reports.catalogue import chosen, lines, markdown

    if chapter is not None and kind != "theorems":
        raise InputError("only theorems have chapters; leave -m out.")
    if refuted and kind != "theorems":
        raise InputError("only theorems are refuted; leave --refuted out.")
    records, broken = everything(files)
    found = [r for r in chosen(records[kind], keyword, chapter) if not refuted or r["kind"] == "refuted"]
    if form == "json":
        click.echo(json.dumps(found, indent=1))
    elif form == "markdown":
        click.echo(markdown(kind, found))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo("\n".join(lines(found, width)))
    for sentence in broken:
        click.echo(f"warning: {sentence}", err=True)


def everything(files: tuple[str, ...]) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The records of all entries by kind, from the index if there is one, and sentences on what does not load."""
    from simlab.discovery import discover
    from simlab.reports import index
    from simlab.reports.catalogue import catalogue

    kept = None if files else index.load()
    if kept is not None:
        return kept, []
    broken = list(discover(Path(file) for file in files).broken.values())
    made = catalogue()
    if not (files or broken):
        index.save(made)
    return made, broken
