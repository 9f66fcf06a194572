"""Selection: which theorems a command is about, from ids, patterns, files, chapters and keywords."""

import ast
import fnmatch
import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from simlab.discovery import discover, entries_of, load_file, python_files
from simlab.errors import InputError
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem


@dataclass
class Selected:
    """The theorems to run, and what could not be loaded: name, kind, sentence and whether the user gave it."""

    theorems: list[Theorem]
    broken: list[tuple[str, str, str, bool]]


def select(targets: Sequence[str], keyword: str | None = None, chapter: str | None = None) -> list[Theorem]:
    """The theorems that the targets name, in the order of chapters and ids.

    Raises
    ------
    InputError
        When a target is unknown, or a file does not load.
    """
    selected = select_all(targets, keyword, chapter)
    for _, _, sentence, given in selected.broken:
        if given:
            raise InputError(sentence)
    return selected.theorems


def select_all(targets: Sequence[str], keyword: str | None = None, chapter: str | None = None) -> Selected:
    """The same with what could not be loaded beside it.

    Raises
    ------
    InputError
        When a target is unknown, and when files are given of which none that has theorems loads.
    """
    state = discover()
    wanted, broken = _given([Path(t.partition("::")[0]) for t in targets if _is_path(t)])
    known: dict[str, Theorem] = REGISTRY.of("theorem")
    for target in targets:
        path, _, inner = target.partition("::")
        if not _is_path(target):
            wanted += _named(target, known, "theorem")
        elif inner and entries_of(Path(path)):
            wanted = [name for name in wanted if name not in entries_of(Path(path))]
            wanted += _named(inner, entries_of(Path(path)), f"theorem in {path} called")
    if targets and not wanted:
        raise InputError(broken[0][2] if broken else f"{' and '.join(targets)}: {NO_THEOREM}")
    chosen = [known[name] for name in (dict.fromkeys(wanted) if targets else known)]
    if chapter is not None:
        check_chapter(chapter, {theorem.chapter for theorem in known.values()})
        chosen = [theorem for theorem in chosen if theorem.chapter == chapter]
    if keyword is not None:
        chosen = [theorem for theorem in chosen if matches(keyword, theorem.id)]
    modules = [(name, "module", sentence, False) for name, sentence in state.broken.items()]
    return Selected(sorted(chosen, key=lambda theorem: (theorem.chapter, theorem.id)), modules + broken)


def check_chapter(chapter: str, chapters: Collection[str]) -> None:
    """Refuse a chapter that does not exist."""
    if chapter not in chapters:
        raise InputError(f"there is no chapter {chapter!r}; the chapters are {', '.join(sorted(chapters))}.")


NO_THEOREM = (
    "no theorem is declared there; decorate a bound with @theorem, or name the theorems that are to run on the "
    "problems of this file as well, such as 'gd-*'."
)


def _given(paths: Sequence[Path]) -> tuple[list[str], list[tuple[str, str, str, bool]]]:
    """Load the given files: the ids of their theorems, and a row for each file that does not load."""
    wanted: list[str] = []
    broken: list[tuple[str, str, str, bool]] = []
    for path in dict.fromkeys(paths):
        for file in python_files(path):
            try:
                load_file(file)
            except InputError as error:
                broken.append((file.name, "file", str(error), True))
        wanted += entries_of(path)
    return wanted, broken


def _named(pattern: str, known: Collection[str], what: str) -> list[str]:
    found = fnmatch.filter(known, pattern)
    if not found:
        lost = "".join(f" ({sentence})" for sentence in discover().broken.values())
        raise InputError(f"there is no {what} {pattern!r}; {nearest(pattern, known)}{lost}")
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence with the names that come nearest to an unknown one."""
    close = get_close_matches(name, list(known), n=3, cutoff=0.4)
    return f"did you mean {' or '.join(close)}?" if close else "see python -m simlab list."


def _is_path(target: str) -> bool:
    path = target.partition("::")[0]
    return path.endswith(".py") or os.sep in path or Path(path).is_dir()


def matches(expression: str, name: str) -> bool:
    """Whether a name satisfies an expression of words joined by and, or, not and parentheses.

    Raises
    ------
    InputError
        When it is no such expression.
    """
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    words = ("and", "or", "not", "(", ")")
    try:
        tree = ast.parse(" ".join(t if t in words else str(t in name) for t in tokens), mode="eval").body
        return _truth(tree)
    except (SyntaxError, ValueError, RecursionError):
        raise InputError(
            f"-k {expression!r} is no expression; write for example 'gd and not convex'."
        ) from None


def _truth(tree: ast.expr) -> bool:
    match tree:
        case ast.Constant(value=bool() as value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _truth(inner)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_truth(value) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_truth(value) for value in values)
    raise ValueError
