"""bench: the kernels against NumPy. How fast they are is not tested, only that it is said."""

import json
from pathlib import Path

import pytest

from simlab.bench import workloads
from simlab.bench.workloads import Sizes
from simlab.cli import main

TINY = Sizes(sgd=(2, 8), stability=(2, 8), dpsgd=(2, 4), repetitions=1)


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["bench", *arguments])
    out, err = capsys.readouterr()
    return left.value.code, out, err


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "QUICK", TINY)


def test_the_table_has_every_workload_and_its_goal(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = called(capsys, "--quick", "-j", "1")
    assert code == 0
    rows = [line.split() for line in out.splitlines() if line.startswith("W")]
    assert [row[0] for row in rows] == ["W1", "W1s", "W1s", "W2", "W2", "W3", "W3s"]
    goals = [row[-2] for row in rows if row[0] != "W2" or row[2] == "pair"]
    assert goals == ["3", "8", "3", "20", "4", "8"]
    assert "-j 1" in out
    assert "W3: D-PSGD, Gaussian noise" in err  # progress
    assert "W3: " not in out


def test_one_workload_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    code, out, _ = called(capsys, "--quick", "-k", "w1s", "-j", "2", "--seed", "4", "--json", str(path))
    assert code == 0
    assert out.count("W1s") == 2
    assert "W3" not in out
    written = json.loads(path.read_text())
    assert (written["schema_version"], written["jobs"], written["quick"], written["seed"]) == (1, 2, True, 4)
    assert written["environment"]["packages"]["numba"]
    assert len(written["sources_sha256"]) == 64
    for record in written["workloads"]:
        assert record["ratio"] == pytest.approx(record["numpy_ns"] / record["kernels_ns"])
        assert record["units"] == 32 * 2 * 8


def test_json_on_standard_output_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "--quick", "-k", "Gaussian", "--json", "-")
    assert code == 0
    assert [record["workload"] for record in json.loads(out)["workloads"]] == ["W1", "W3"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-k", "no such thing"], "no workload is called 'no such thing'"),
        (["-j", "0"], "threads must lie between 1 and"),
        (["--seed", "-1"], "the seed must lie between 0"),
        (["--json", "/no/such/folder/x.json"], "cannot be written"),
        (["something"], "unexpected extra argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, out, err = called(capsys, "--quick", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1
