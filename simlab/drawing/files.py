"""A drawn figure as files: PDF and PNG, the plotted numbers as CSV, and where they come from as JSON."""

import csv
import json
import logging
from pathlib import Path
from typing import Any

from simlab.drawing.sheet import COLUMNS, Sheet
from simlab.environment import environment, sources_digest
from simlab.errors import InputError

# Dates and program names are left out, so that the same seed gives the same bytes.
METADATA: dict[str, dict[str, Any]] = {
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


def save(sheet: Sheet, folder: Path, name: str, caption: str, command: str) -> list[Path]:
    """Write ``name.pdf``, ``.png``, ``.csv`` and ``.json`` into a folder.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    logging.getLogger("fontTools").setLevel(
        logging.ERROR
    )  # it remarks on the dates inside matplotlib's fonts
    written = [folder / f"{name}.{ending}" for ending in ("pdf", "png", "csv", "json")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in written[:2]:
            sheet.canvas.savefig(path, metadata=METADATA[path.suffix[1:]])
        with written[2].open("w", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows({key: _exact(value) for key, value in row.items()} for row in sheet.rows)
        written[3].write_text(json.dumps(provenance(sheet, name, caption, command), indent=1) + "\n")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; choose another folder.") from None
    return written


def provenance(sheet: Sheet, name: str, caption: str, command: str) -> dict[str, Any]:
    """How to make the figure again, and with what it was made."""
    return {
        "figure": name,
        "caption": caption,
        "command": command,
        "seed": sheet.seed,
        "columns": COLUMNS,
        "panels": sheet.axis_labels(),
        "environment": environment(),
        "sources_sha256": sources_digest(),
    }


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written before anything is drawn.

    Raises
    ------
    InputError
        With the reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".simlab-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; choose another folder.") from None


def _exact(value: Any) -> Any:
    """Numbers with all their digits, as plain Python numbers."""
    return value.item() if hasattr(value, "item") else value
