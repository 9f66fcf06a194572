"""pep: output, exit codes, files, and what is said without the optional packages."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from simlab.cli import main

FALSE = '''
from simlab import grid, theorem
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import Convex, Smooth


@theorem(
    method=gradient_descent(step_size=lambda L: 1 / L), assumes=Convex & Smooth, measures=suboptimality.last,
    domain=grid(k=1), source="wrong on purpose",
)
def too_good(k, L, R):
    """Gradient descent, with the constant that only longer steps have."""
    return L * R**2 / (4 * k + 2.1)


@too_good.control("half")
def _(k, L, R):
    return L * R**2 / (8 * k + 4)
'''


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["pep", *arguments])
    out, err = capsys.readouterr()
    return left.value.code, out, err


def test_without_the_packages_it_says_how_to_install_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec

    def absent(name: str, *rest: Any) -> Any:
        return None if name in ("PEPit", "clarabel") else there(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    code, out, err = ran(capsys, "gd-convex-tight")
    assert code == 2
    assert not out
    assert err == (
        "error: exact worst cases need pepit and clarabel; install them with: pip install 'simlab[pep]'.\n"
    )


class TestInstalled:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        pytest.importorskip("PEPit", reason="the extra simlab[pep] is not installed")

    def test_three_numbers_side_by_side(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        file = tmp_path / "worst.json"
        code, out, err = ran(capsys, "frank-wolfe", "gs-greedy", "--k", "1", "--json", str(file))
        assert code == 0
        first, _, row, last = out.splitlines()
        assert first == "frank-wolfe: holds; the exact worst case is at most 0.75 of the bound"
        assert row.split()[:6] == ["1", "1.998", "2", "2.66667", "0.999000", "0.750000"]
        assert "extracted, d=" in row
        assert last.startswith("gs-greedy: cannot be translated: no exact interpolation conditions")
        assert "[1/2] frank-wolfe" in err
        written = json.loads(file.read_text())["worst_cases"]
        line = written[0]["lines"][0]
        assert line["instance"]["measured"] == pytest.approx(line["exact"], rel=1e-6)
        assert written[1]["refused"]

    def test_a_false_bound_is_reported(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, registry: None
    ) -> None:
        (tmp_path / "mine.py").write_text(FALSE)
        code, out, _ = ran(capsys, f"{tmp_path / 'mine.py'}::too-good", "-q")
        assert code == 1
        assert out.startswith("too-good: violated: the exact worst case is up to 1.01667 times the bound")

    def test_a_refuted_statement_is_known_to_be_false(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = ran(capsys, "nag-convex-index-as-printed", "--k", "2", "-q")
        assert code == 0
        assert "violated, as is known: the exact worst case is up to 1.25 times" in out

    def test_nothing_that_can_be_translated(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert ran(capsys, "gd-pl", "-q")[0] == 5

    def test_steps_beyond_the_limit(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = ran(capsys, "newton-*", "no-such-theorem")
        assert code == 2
        assert not out
