"""The index: what ``list`` prints, kept for the next time.

Loading some hundred entries takes a noticeable time, and listing them needs none of it. The index is kept under the
sizes and times of all source files, so any edit makes a new one; where plug-ins are installed there is none.
"""

import hashlib
import json
import platform
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from simlab.discovery import GROUPS, HOME
from simlab.kernels.compilation import cache_folder

Index = dict[str, list[dict[str, Any]]]


def load() -> Index | None:
    """The kept records by kind, or None when there are none for these sources."""
    if _plugins():
        return None
    try:
        kept: Index = json.loads(_place().read_text())
    except (OSError, ValueError):
        return None
    return kept


def save(records: Index) -> None:
    """Keep records in place of all that were kept; a folder that cannot be written is no reason to fail."""
    if _plugins():
        return
    try:
        place = _place()
        place.parent.mkdir(parents=True, exist_ok=True)
        for older in place.parent.glob("*.json"):
            older.unlink()
        place.write_text(json.dumps(records))
    except OSError:
        return


def _plugins() -> bool:
    return any(entry_points(group=group) for group in GROUPS)


def _place() -> Path:
    return cache_folder() / "index" / f"{_sources()}.json"


def _sources() -> str:
    """Hash of the names, sizes and times of all source files."""
    sha = hashlib.sha256(platform.python_version().encode())
    for package in ("simlab", "problems", "theorems"):
        for path in sorted((HOME / package).rglob("*.py")):
            state = path.stat()
            sha.update(f"{path}:{state.st_size}:{state.st_mtime_ns};".encode())
    return sha.hexdigest()[:24]
