"""The store keeps the last result of each theorem, and is never a reason to fail."""

from pathlib import Path

import pytest

from simlab.reports.store import load, save
from simlab.running.results import TheoremResult
from simlab.statistics.verdicts import Status


def result(status: Status) -> TheoremResult:
    return TheoremResult("a-theorem", "a-chapter", "upper bound", status=status)


def test_the_last_result_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    assert load("a-theorem") is None
    save(result(Status.VIOLATED), 1, "quick")
    save(result(Status.HOLDS), 2, "full")
    record = load("a-theorem")
    assert record is not None
    assert (record["status"], record["seed"], record["tier"]) == ("holds", 2, "full")


def test_what_cannot_be_kept_or_read_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path / "file"))
    save(result(Status.HOLDS), 1, "quick")
    assert load("a-theorem") is None
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "a-theorem.json").write_text("{ half")
    assert load("a-theorem") is None
