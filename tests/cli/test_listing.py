"""list: by kind, chapter and expression, as text, JSON and Markdown."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from simlab.cli import main
from simlab.reports import index
from simlab.reports.catalogue import catalogue
from simlab.vocabulary.registry import REGISTRY


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["list", *arguments])
    assert left.value.code == 0
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(listed(capsys, *arguments, "--json"))
    return found


def test_theorems_are_listed_with_chapter_kind_and_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    out = listed(capsys)
    lines = out.splitlines()
    assert "single-machine" in lines
    (line,) = [line for line in lines if line.split()[:1] == ["gd-convex-tight"]]
    assert "upper bound" in line
    assert line.endswith(
        "Gradient descent on smooth convex functions: the last iterate, for any step size below 2/L."
    )
    assert f"{len(REGISTRY.of('theorem'))} entries." in out


@pytest.mark.parametrize(
    ("kind", "singular"), [("problems", "problem"), ("methods", "method"), ("noise", "noise")]
)
def test_every_registered_entry_is_listed(
    capsys: pytest.CaptureFixture[str], kind: str, singular: str
) -> None:
    records = as_json(capsys, kind)
    assert {record["name"] for record in records} == set(REGISTRY.of(singular))
    assert all(record["summary"] for record in records)


def test_chapter_and_expression_select(capsys: pytest.CaptureFixture[str]) -> None:
    records = as_json(capsys, "-m", "single-machine", "-k", "sgd and not (decay or exact)")
    names = {record["name"] for record in records}
    assert "sgd-sc-constant" in names
    assert all("sgd" in name and "decay" not in name and "exact" not in name for name in names)
    assert {record["chapter"] for record in records} == {"single-machine"}


def test_markdown_is_a_table_a_chapter(capsys: pytest.CaptureFixture[str]) -> None:
    out = listed(capsys, "--markdown", "-m", "single-machine")
    assert out.startswith("### ")
    assert "| `gd-convex-tight` | upper bound | Gradient descent on smooth convex functions" in out


def test_the_index_is_what_would_be_listed_and_goes_with_the_sources(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    assert index.load() is None
    first = listed(capsys)
    assert index.load() == catalogue()
    assert listed(capsys) == first
    (kept,) = (tmp_path / "index").iterdir()
    kept.write_text(json.dumps(index.load() | {"theorems": []}))  # type: ignore[operator]
    assert listed(capsys) == "\n0 entries.\n"

    edited = tmp_path / "theorems" / "mine.py"
    for package in ("simlab", "problems", "theorems"):
        (tmp_path / package).mkdir(exist_ok=True)
    edited.write_text("x = 1")
    monkeypatch.setattr(index, "HOME", tmp_path)
    index.save({"theorems": []})
    assert index.load() == {"theorems": []}
    os.utime(edited, ns=(1, 1))
    assert index.load() is None
    index.save({"theorems": []})
    assert len(list((tmp_path / "index").iterdir())) == 1


def test_an_index_that_is_broken_or_cannot_be_kept_is_no_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path / "file"))
    assert "gd-convex-tight" in listed(capsys)
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    listed(capsys)
    (kept,) = (tmp_path / "index").iterdir()
    kept.write_text("{ half")
    assert "gd-convex-tight" in listed(capsys)
