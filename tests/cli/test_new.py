"""new: the file that it writes runs as it is."""

from pathlib import Path

import pytest

import simlab
from simlab.cli import main


def made(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str]:
    with pytest.raises(SystemExit) as left:
        main(["new", *arguments])
    return left.value.code, capsys.readouterr().err


@pytest.mark.usefixtures("registry")
def test_the_file_holds_as_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    assert made(capsys, "my-own-bound", "--file", str(path)) == (0, "")
    results = simlab.verify(path, tier="quick")
    assert [result.id for result in results] == ["my-own-bound"]
    assert results.passed
    assert results[0].flag == "tight"
    assert results[0].caught == 2
    problems = {case.case.problem.family.name for case in results[0].claims}
    assert {"my-own-bound-problem", "quadratic"} <= problems  # its own problem and the registered ones


def test_nothing_is_overwritten(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("precious = 1\n")
    code, words = made(capsys, "my-own-bound", "--file", str(path))
    assert code == 2
    assert "exists already" in words
    assert path.read_text() == "precious = 1\n"


@pytest.mark.parametrize("name", ["two words", "1st", "class", "gd-convex-tight", "_hidden", ""])
def test_a_name_that_cannot_be_one_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    code, words = made(capsys, name, "--file", str(tmp_path / "mine.py"))
    assert code == 2
    assert words.count("\n") == 1
    assert not list(tmp_path.iterdir())
