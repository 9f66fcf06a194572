"""The counterexamples of a project: a readable file in the working directory, which ``verify`` runs first."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simlab.errors import InputError
from simlab.search.text import Written

FILE = "simlab-counterexamples.json"
VERSION = 1


@dataclass(frozen=True)
class Counterexample:
    """A case that broke a theorem: how it is written, by how much it broke it, and the seed that showed it."""

    theorem: str
    case: Written
    ratio: str
    seed: int
    found: str


def path() -> Path:
    """The file of the project that the user works in."""
    return Path(FILE)


def load() -> list[Counterexample]:
    """All counterexamples that are known; none where there is no file.

    Raises
    ------
    InputError
        When the file cannot be read as what ``save`` writes.
    """
    if not path().exists():
        return []
    try:
        document = json.loads(path().read_text())
        if document["version"] != VERSION:
            raise InputError(
                f"{FILE} is of version {document['version']}, and this simlab reads version {VERSION}; "
                "use the simlab that wrote it, or delete the file."
            )
        return [_read(record) for record in document["counterexamples"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{FILE} cannot be read as counterexamples ({type(error).__name__}: {error}); mend it or delete it."
        ) from None


def _read(record: dict[str, Any]) -> Counterexample:
    case = record["case"]
    texts = [record["theorem"], record["ratio"], record["found"], case["on"], case["noise"]]
    texts += [*case["at"], *case["at"].values()]
    if not all(isinstance(text, str) for text in texts) or not isinstance(record["seed"], int):
        raise TypeError("a text or the seed is something else")
    return Counterexample(
        record["theorem"], Written(case["on"], case["noise"], dict(case["at"])), record["ratio"], record["seed"],
        record["found"],
    )  # fmt: skip


def save(items: Iterable[Counterexample]) -> None:
    """Write these counterexamples in place of all before; the file goes when there are none.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    rows = [asdict(item) for item in items]
    try:
        if not rows:
            path().unlink(missing_ok=True)
            return
        temporary = path().with_suffix(".tmp")
        temporary.write_text(json.dumps({"version": VERSION, "counterexamples": rows}, indent=1) + "\n")
        os.replace(temporary, path())
    except OSError as error:
        raise InputError(f"{FILE} cannot be written: {error.strerror}.") from None


def remember(new: Counterexample) -> None:
    """Add a counterexample; the same case is kept once."""
    known = [item for item in load() if (item.theorem, item.case) != (new.theorem, new.case)]
    save([*known, new])


def forget(theorem: str) -> int:
    """Remove the counterexamples to a theorem, and say how many there were."""
    known = load()
    kept = [item for item in known if item.theorem != theorem]
    if len(kept) < len(known):
        save(kept)
    return len(known) - len(kept)
