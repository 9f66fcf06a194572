"""The catalogue: one record an entry, for ``list`` and for the tables of the README."""

import importlib
from collections.abc import Sequence
from typing import Any

from simlab.reports.words import first_paragraph, first_sentence
from simlab.selection import check_chapter, matches
from simlab.topologies.graphs import FAMILIES, Family
from simlab.vocabulary.registry import REGISTRY

Record = dict[str, Any]


def catalogue() -> dict[str, list[Record]]:
    """All entries as plain data: "theorems", "problems", "methods", "noise" and "networks", in order."""
    entries = {
        kind: sorted(
            (record(entry) for entry in REGISTRY.of(kind.removesuffix("s")).values()),
            key=lambda made: (made.get("chapter", ""), made["name"]),
        )
        for kind, record in _RECORDS.items()
    }
    return {**entries, "networks": [_network(name, family) for name, family in sorted(FAMILIES.items())]}


def chosen(records: Sequence[Record], keyword: str | None = None, chapter: str | None = None) -> list[Record]:
    """The records of one chapter whose names match an expression.

    Raises
    ------
    InputError
        When the chapter is unknown or the keyword is no expression.
    """
    if chapter is not None:
        check_chapter(chapter, {record["chapter"] for record in records})
    return [
        record
        for record in records
        if (keyword is None or matches(keyword, record["name"]))
        and (chapter is None or record["chapter"] == chapter)
    ]


def _theorem(entry: Any) -> Record:
    return {
        "name": entry.id,
        "chapter": entry.chapter,
        "kind": entry.kind,
        "labels": list(entry.labels),
        "assumes": [needed.__name__ for needed in entry.assumes],
        "method": entry.setting.method.name if entry.setting.method else None,
        "summary": first_sentence(entry.statement),
        "source": entry.source,
    }


def _problem(entry: Any) -> Record:
    kernels = ("component", "hessian", "prox")
    return {
        "name": entry.name,
        "kernels": [name for name in kernels if entry.kernels.has(name)],
        "instances": len(entry.gallery),
        "formula": entry.formula,
        "summary": first_sentence(entry.description),
    }


def _method(entry: Any) -> Record:
    return {"name": entry.name, "parameters": list(entry.parameters), "summary": first_paragraph(entry.rule)}


def _noise(entry: Any) -> Record:
    return {"name": entry.name, "summary": first_sentence(entry.description)}


def _network(name: str, family: Family) -> Record:
    return {"name": name, "options": family.options, "summary": family.summary.replace("``", "")}


_RECORDS = {"theorems": _theorem, "problems": _problem, "methods": _method, "noise": _noise}


def lines(found: Sequence[Record], width: int | None) -> list[str]:
    """One line an entry, under the heading of its chapter; cut to ``width`` columns (None: not cut)."""
    made: list[str] = []
    size = max((len(record["name"]) for record in found), default=0)
    kinds = [_kind(record) for record in found]
    room = max(map(len, kinds), default=0)
    chapter = None
    for record, kind in zip(found, kinds, strict=True):
        if record.get("chapter") != chapter:
            chapter = record["chapter"]
            made += ["", chapter] if made else [chapter]
        middle = f"{kind:<{room}}  " if room else ""
        line = f"  {record['name']:<{size}}  {middle}{record['summary']}"
        made.append(line if width is None or len(line) <= width else line[: width - 1] + "…")
    return [*made, "", f"{len(found)} entries."]


def _kind(record: Record) -> str:
    return ", ".join([record["kind"], *record["labels"]]) if "labels" in record else ""


def chapter_title(chapter: str) -> str:
    """What a chapter is about: the first line of its package's docstring."""
    try:
        module = importlib.import_module(f"theorems.{chapter.replace('-', '_')}")
    except ImportError:  # the file of a user
        return chapter
    return first_sentence(module.__doc__ or "").rstrip(".") or chapter


def markdown(kind: str, found: list[Record]) -> str:
    """Records as Markdown tables: theorems one table a chapter, everything else one table."""
    if kind != "theorems":
        return _table(("name", "what it is"), [(f"`{r['name']}`", _escaped(r["summary"])) for r in found])
    parts: list[str] = []
    for chapter in dict.fromkeys(record["chapter"] for record in found):
        rows = [
            (f"`{r['name']}`", _kind(r), _escaped(r["summary"])) for r in found if r["chapter"] == chapter
        ]
        parts += [f"### {chapter_title(chapter)} (`{chapter}`)", _table(("theorem", "kind", "promise"), rows)]
    return "\n\n".join(parts)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escaped(words: str) -> str:
    return words.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
