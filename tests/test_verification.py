"""The Python interface: results that tabulate."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import simlab
from tests.cli import GOOD, ROOT

pytestmark = pytest.mark.usefixtures("registry")


@pytest.fixture
def results(tmp_path: Path) -> "simlab.verification.Results":
    path = tmp_path / "mine.py"
    path.write_text(GOOD.format(name="mine") + GOOD.format(name="other"))
    return simlab.verify(path, seed=3)


def test_one_record_a_theorem(results: "simlab.verification.Results") -> None:
    mine, other = results.table()
    assert mine | {"seconds": 0.0} == {
        "theorem": "mine", "chapter": "mine", "kind": "upper bound", "status": "holds", "passed": True,
        "flag": "tight", "ratio": 1.0, "resolution": 1 + 1e-9, "attained_at": "k=1, k=1", "seconds": 0.0,
        "cases": 3, "controls": 1, "caught": 1,
    }  # fmt: skip
    assert other["theorem"] == "other"
    assert (results.seed, results.tier, results.passed, len(results)) == (3, "default", True, 2)
    assert results["other"].id == "other"


def test_shown_in_a_session(results: "simlab.verification.Results") -> None:
    assert repr(results).splitlines() == [
        "mine: holds, tight, 1/1 controls caught",
        "other: holds, tight, 1/1 controls caught",
    ]


def test_one_record_a_case_with_its_curve(results: "simlab.verification.Results") -> None:
    records = results.records()
    assert [record["role"] for record in records[:4]] == ["claim", "claim", "claim", "control"]
    assert [record["measured"] for record in records[:3]] == [[1.0], [0.5], [0.2]]
    assert records[3]["bounds"] == [0.5]
    assert records[3]["status"] == "violated"


def test_callbacks_follow_the_progress(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD.format(name="mine") + GOOD.format(name="other"))
    calls: list[tuple[str, int, int]] = []
    simlab.verify(
        path,
        started=lambda name, number, total: calls.append((name, number, total)),
        finished=lambda result, number, total: calls.append((result.id, number, total)),
    )
    assert calls == [("mine", 0, 2), ("mine", 0, 2), ("other", 1, 2), ("other", 1, 2)]


def test_one_label_selects_one_case(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD.format(name="mine").replace("k=(1, 2, 5)", "k=(1, 2, 10)"))
    (result,) = simlab.verify(path, case="k=1")
    assert [case.case.label for case in result.claims] == ["k=1"]  # and not k=10, nor the control
    assert not result.controls
    (result,) = simlab.verify(path, case="control: half")
    assert not result.claims
    assert result.caught == 1


def test_what_several_instances_attain_is_not_judged_by_one_of_them() -> None:
    (result,) = simlab.verify("gd-convex-tight", tier="quick", case="huber")
    assert {r.case.problem.family.name for r in result.attained} == {"huber", "quadratic"}  # type: ignore[union-attr]
    assert result.passed
    assert [control.caught for control in result.controls] == [True, True]


def test_the_interface_in_a_script(tmp_path: Path) -> None:
    with pytest.raises(simlab.InputError, match="unknown tier 'fast'"):
        simlab.verify(tier="fast")
    assert not simlab.verify("gd-convex-tight", keyword="no-such-word")


def test_a_script_checks_a_theorem_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(
        GOOD.format(name="mine")
        + """

import simlab

results = simlab.verify("mine")
print(results.passed, results["mine"].worst.verdict.ratio)
for row in results.table():
    print(row["theorem"], row["cases"])
"""
    )
    done = subprocess.run(
        [sys.executable, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == "True 1.0\nmine 3\n"
