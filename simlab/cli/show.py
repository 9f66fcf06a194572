"""``show``: everything that is known of one entry."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simlab.reports.details import Section
    from simlab.vocabulary.theorem import Theorem


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="A file with entries of your own.")
def command(names: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Show theorems, problems, methods or noise models by name.

    A theorem is shown with its statement (in text and LaTeX, made from the code of its bound), its assumptions,
    method, domain and source, the problems that it runs on and why it does not run on others, its controls, and
    its last result.
    """
    from simlab.discovery import discover
    from simlab.reports.details import SECTIONS
    from simlab.reports.terminal import print_sections, standard_output
    from simlab.vocabulary.registry import REGISTRY

    discover(Path(file) for file in files)
    found = [(kind, name) for name in names for kind in kinds_of(name)]
    console = standard_output()
    for kind, name in found:
        sections = SECTIONS[kind](REGISTRY.of(kind)[name])
        if kind == "theorem":
            sections.append(last_result(REGISTRY.of(kind)[name]))
        print_sections(console, f"{name} ({_heading(kind, name)})", sections)


def kinds_of(name: str) -> list[str]:
    """The kinds of entry that are called ``name``: a theorem and a method may share one.

    Raises
    ------
    InputError
        When nothing has this name.
    """
    from simlab.errors import InputError
    from simlab.reports.details import SECTIONS
    from simlab.selection import nearest
    from simlab.vocabulary.registry import REGISTRY

    kinds = [kind for kind in SECTIONS if name in REGISTRY.of(kind)]
    if not kinds:
        known = [entry for kind in SECTIONS for entry in REGISTRY.of(kind)]
        raise InputError(
            f"there is no theorem, problem, method or noise model called {name!r}; {nearest(name, known)}"
        )
    return kinds


def _heading(kind: str, name: str) -> str:
    from simlab.vocabulary.registry import REGISTRY

    return f"theorem, {REGISTRY.of(kind)[name].chapter}" if kind == "theorem" else kind


def last_result(theorem: "Theorem") -> "Section":
    """What the last verification said of a theorem, if there was one."""
    from simlab.discovery import source_digest
    from simlab.reports.details import Section
    from simlab.reports.store import load

    record = load(theorem.id)
    if record is None:
        return Section("last result", [f"none yet; run python -m simlab verify {theorem.id}"])
    caught = sum(control["caught"] for control in record["controls"])
    flag = f", {record['flag']}" if record["flag"] else ""
    lines = [
        f"{record['status']}{flag}, {caught} of {len(record['controls'])} controls caught, "
        f"{len(record['claims']) + len(record['attained'])} cases",
        f"made {record['made']}, seed {record['seed']}, {record['tier']}",
    ]
    if record["ratio"] is not None:
        lines.insert(1, f"worst ratio {record['ratio']:.6g} at {record['attained_at']}")
    if record.get("resolution") is not None:
        factor = f"{record['resolution']:.9g}" if isinstance(record["resolution"], float) else "any"
        lines.append(
            f"resolution {factor}: in every case, what exceeds the bound by this factor is called violated with a "
            "chance of at least 99 %"
        )
    if record["message"]:
        lines.insert(1, record["message"])
    if record["digest"] != source_digest(theorem.module):
        lines.append("the file that declares it has changed since")
    return Section("last result", lines)
