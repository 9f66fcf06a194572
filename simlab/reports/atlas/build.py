"""Building the atlas: from results to one HTML file."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from simlab.reports.atlas.anchors import Anchors, inline, prose
from simlab.reports.atlas.mathml import mathml, symbol_math
from simlab.running.results import Results, TheoremResult

if TYPE_CHECKING:
    from jinja2 import Environment

    from simlab.reports.atlas.entries import EntryPage
    from simlab.reports.atlas.pictures import Picture
    from simlab.reports.atlas.theorems import TheoremPage
    from simlab.vocabulary.theorem import Theorem

TEMPLATES = Path(__file__).parent / "templates"
Progress = Callable[[str, int, int], None]


def write_atlas(results: Results, path: str | Path, progress: Progress | None = None) -> None:
    """Write the atlas of these results: one HTML file that needs no network.

    Parameters
    ----------
    results
        What ``simlab.verify`` returned; the atlas shows these theorems, and the problems and methods that they
        use.
    path
        The file to write.
    progress
        Called when the pictures of a theorem are drawn, with its id, how many are done and how many there are.

    Raises
    ------
    InputError
        When the file cannot be written.

    Examples
    --------
    >>> write_atlas(simlab.verify("gd-*"), "atlas.html")
    """
    from simlab.reports.files import check_writable, write

    check_writable(str(path))
    write(str(path), atlas(results, progress))


def atlas(results: Results, progress: Progress | None = None) -> str:
    """The atlas as HTML."""
    from simlab.reports.atlas.theorems import theorem_page
    from simlab.reports.atlas.verdicts import verdict_facts

    theorems = {result.id: _theorem_of(result) for result in results}
    users = _users(results, theorems)
    anchors = Anchors()
    for kind, name in [*(("theorem", result.id) for result in results), *users]:
        anchors.add(kind, name)
    pictures = _pictures(results, progress)
    pages = [
        theorem_page(result, theorems[result.id], results, anchors, drawn)
        for result, drawn in zip(results, pictures, strict=True)
    ]
    entries = _entry_pages(users, anchors)
    template = _environment(anchors).get_template("atlas.html")
    return template.render(
        pages=pages,
        by_id={page.id: page for page in pages},
        problems=[entry for entry in entries if entry.kind == "problem"],
        methods=[entry for entry in entries if entry.kind == "method"],
        chapters=_chapters(pages),
        facts=verdict_facts(results, datetime.now(UTC).isoformat(timespec="seconds")),
        style=(TEMPLATES / "atlas.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "atlas.js").read_text(encoding="utf-8"),
    )


def _theorem_of(result: TheoremResult) -> "Theorem | None":
    """The theorem of a result; what did not load has none."""
    from simlab.vocabulary.registry import REGISTRY

    found: Theorem | None = REGISTRY.of("theorem").get(result.id)
    return found


def _users(results: Results, theorems: "dict[str, Theorem | None]") -> dict[tuple[str, str], list[str]]:
    """The problems and methods that were used, by kind and name in order, with the theorems that use them."""
    from simlab.reports.atlas.theorems import methods_of, problems_of
    from simlab.vocabulary.registry import REGISTRY

    users: dict[tuple[str, str], list[str]] = {}
    for result in results:
        used = [("problem", name) for name in problems_of(result)]
        used += [("method", name) for name in methods_of(result, theorems[result.id])]
        for kind, name in used:
            if name in REGISTRY.of(kind):
                users.setdefault((kind, name), []).append(result.id)
    return dict(sorted(users.items()))


def _pictures(results: Results, progress: Progress | None) -> "list[list[Picture]]":
    """The pictures of each theorem."""
    from simlab.reports.atlas.workers import draw_all

    count = itertools.count(1)

    def done(number: int) -> None:
        if progress is not None:
            progress(results[number].id, next(count), len(results))

    return draw_all([result.record() for result in results], done)


def _entry_pages(users: dict[tuple[str, str], list[str]], anchors: Anchors) -> "list[EntryPage]":
    """The pages of the problems and methods that were used."""
    from simlab.reports.atlas.entries import method_page, problem_page
    from simlab.reports.atlas.pictures import drawing
    from simlab.vocabulary.registry import REGISTRY

    make: dict[str, Callable[..., EntryPage]] = {"problem": problem_page, "method": method_page}
    with drawing():
        return [make[kind](REGISTRY.of(kind)[name], ids, anchors) for (kind, name), ids in users.items()]


def _chapters(pages: "Sequence[TheoremPage]") -> dict[str, str]:
    """The chapters of these theorems with their titles."""
    from simlab.reports.catalogue import chapter_title

    return {chapter: chapter_title(chapter) for chapter in dict.fromkeys(page.chapter for page in pages)}


def _environment(anchors: Anchors) -> "Environment":
    """Jinja's environment: everything is escaped that is not made here."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from simlab.reports.atlas.theorems import FOLDED, LINKED

    made = Environment(
        autoescape=True,
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(math=mathml, symbol=symbol_math, inline=inline, prose=prose)
    made.globals.update(link=anchors.link, linked=anchors.linked, kinds=LINKED, folded=FOLDED)
    return made
