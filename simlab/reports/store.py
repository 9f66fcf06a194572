"""The store: the last result of each theorem, for ``show``."""

import json
from datetime import UTC, datetime
from typing import Any

from simlab.kernels.compilation import cache_folder
from simlab.reports.files import plain
from simlab.running.results import TheoremResult


def save(result: TheoremResult, seed: int, tier: str) -> None:
    """Keep a result as the last one of its theorem; a folder that cannot be written is no reason to fail."""
    record = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "tier": tier,
        **result.record(),
    }
    try:
        folder = cache_folder() / "results"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{result.id}.json").write_text(json.dumps(plain(record)))
    except OSError:
        return


def load(theorem: str) -> dict[str, Any] | None:
    """The last result of a theorem, or None."""
    try:
        found: dict[str, Any] = json.loads((cache_folder() / "results" / f"{theorem}.json").read_text())
    except (OSError, ValueError):
        return None
    return found
