"""attack: output, exit codes, files."""

import json
import re
import shlex
from pathlib import Path

import pytest

from simlab.cli import main
from simlab.search import attack as attacks
from simlab.search.database import FILE
from simlab.search.space import spaces

FALSE = '''
from simlab import grid, theorem
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import Convex, Smooth


@theorem(
    method=gradient_descent(step_size=lambda L: 1 / L), assumes=Convex & Smooth, measures=suboptimality.last,
    domain=grid(k=(1, 10, 100)), source="wrong on purpose",
)
def too_good(k, L, R):
    """Gradient descent, with the constant that only longer steps have: true on the gallery."""
    return L * R**2 / (4 * k + 2.1)


@too_good.control("half")
def _(k, L, R):
    return L * R**2 / (8 * k + 4)
'''


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    out, err = capsys.readouterr()
    return left.value.code, out, err


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: None) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        attacks, "spaces", lambda t: [s for s in spaces(t) if s.name in ("huber", "experiment")]
    )
    (tmp_path / "mine.py").write_text(FALSE)
    return tmp_path


def test_a_counterexample_is_found_kept_run_again_and_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ran(
        capsys, "attack", "mine.py::too-good", "--evaluations", "600", "--json", "found.json"
    )
    assert code == 1
    assert "too-good: violated: measured / bound = 1.0" in out
    assert f"kept in {FILE}" in out
    assert "cases in" in err
    record = json.loads(Path("found.json").read_text())["attacks"][0]
    assert record["violated"]
    assert record["result"]["ratio"] > 1

    command = next(line for line in out.splitlines() if "reproduce:" in line).split("simlab ", 1)[1]
    code, again, _ = ran(capsys, *shlex.split(command))
    assert code == 1
    assert again.splitlines()[:2] == out.splitlines()[:2]

    code, out, _ = ran(capsys, "verify", "mine.py", "--quick", "-q")
    assert code == 1
    assert "counterexample that is known: huber" in out

    code, out, _ = ran(capsys, "attack", "--forget", "too-good")
    assert code == 0
    assert out == "too-good: 1 counterexample forgotten.\n"
    assert not Path(FILE).exists()
    code, _, err = ran(capsys, "attack", "--forget", "too-good")
    assert code == 2
    assert "has no counterexample to 'too-good'" in err


def test_a_sound_bound_is_said_to_be_reached(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ran(capsys, "attack", "gd-average-tight", "--evaluations", "300", "-q")
    assert code == 0
    ratio = re.search(r"no counterexample; the largest measured / bound is ([\d.]+)\n", out)
    assert ratio is not None
    assert 0.99 <= float(ratio[1]) <= 1
    assert "searched: " in out
    assert err == ""
    assert not Path(FILE).exists()


def test_json_on_standard_output_is_alone_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys,
        "attack",
        "gd-convex-tight",
        "--on",
        "huber(threshold=0.05)",
        "--at",
        "h=1",
        "--at",
        "k=9",
        "--json",
        "-",
    )
    assert code == 0
    (record,) = json.loads(out)["attacks"]
    assert record["case"] == {"on": "huber(threshold=0.05)", "noise": "", "at": {"h": "1", "k": "9"}}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gd-convex-tigt"], "did you mean gd-convex-tight"),
        (["gd-convex-tight", "--time-limit", "0"], "--time-limit"),
        (["gd-convex-tight", "--evaluations", "0"], "--evaluations"),
        (["gd-convex-tight", "--seed", "-1"], "the seed must lie between"),
        (["gd-convex-tight", "--on", "huber", "--at", "h"], "--at 'h' sets nothing"),
        (["gd-convex-tight", "--on", "huber"], "needs h"),
        (["gd-convex-tight", "--json", "/nowhere/x.json"], "/nowhere"),
        (["gd-potential", "--on", "huber", "--at", "instance='scalar'", "--at", "k=1"], "is an experiment"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    code, out, err = ran(capsys, "attack", *arguments)
    assert code == 2
    assert out == ""
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_several_theorems_come_with_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["attack", "gd-average-tight", "mine.py::too-good", "--evaluations", "600", "-q"]
    code, out, _ = ran(capsys, *given)
    assert code == 1
    head, *rows = out[out.index("\ntheorem ") :].strip().split("\n")
    assert head.split() == ["theorem", "kind", "cases", "time", "largest", "ratio", "found"]
    found = {row.split()[0]: row.split()[-1] for row in rows[:2]}
    assert found == {"gd-average-tight": "nothing", "too-good": "counterexample"}
    assert "1 of 2 theorems broken, " in rows[-1]
