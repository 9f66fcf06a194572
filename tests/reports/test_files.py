"""Reports as files: plain JSON, JUnit with every verdict, refusal of paths."""

import json
import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simlab.errors import InputError
from simlab.reports.files import SCHEMA_VERSION, check_writable, plain, to_json, to_junit, write
from simlab.running.results import ControlResult, Results, TheoremResult
from simlab.statistics.verdicts import Status

VERDICTS = {
    Status.HOLDS: None,
    Status.REFUTED: None,
    Status.VIOLATED: "failure",
    Status.DIVERGED: "failure",
    Status.ERROR: "error",
    Status.UNRESOLVED: "skipped",
    Status.UNCHECKED: "failure",
}


def made(status: Status) -> TheoremResult:
    """A result without cases."""
    controls = [ControlResult("one thing", True, ()), ControlResult("another & <more>", False, ())]
    return TheoremResult(
        f"is-{status}", "a-chapter", "upper bound", controls=controls, status=status, message=f"why {status}"
    )


@pytest.mark.parametrize("status", Status)
def test_every_verdict_has_its_place_in_junit(status: Status) -> None:
    (suite,) = ElementTree.fromstring(to_junit(Results([made(status)], 0, "quick"))).findall("testsuite")
    claim, caught, missed = suite.findall("testcase")
    assert [child.tag for child in claim] == ([VERDICTS[status]] if VERDICTS[status] else [])
    assert list(caught) == []
    assert missed.get("name") == f"is-{status} control: another & <more>"
    assert [child.tag for child in missed] == ["failure"]


def test_json_holds_everything_and_no_number_that_json_lacks() -> None:
    document = json.loads(to_json(Results([made(Status.ERROR), made(Status.HOLDS)], 5, "full")))
    assert document["schema_version"] == SCHEMA_VERSION
    assert (document["seed"], document["tier"], document["passed"]) == (5, "full", False)
    assert [record["status"] for record in document["theorems"]] == ["error", "holds"]
    assert {"python", "packages", "platform", "processor", "cpus"} <= document["environment"].keys()
    assert plain({"a": [math.nan, 1.0, (-math.inf,)]}) == {"a": ["nan", 1.0, ["-inf"]]}


def test_paths_are_refused_before_anything_runs(tmp_path: Path) -> None:
    check_writable(None)
    check_writable("-")
    path = tmp_path / "out.json"
    check_writable(str(path))
    assert not path.exists()  # checking leaves nothing behind
    path.write_text("kept")
    check_writable(str(path))
    assert path.read_text() == "kept"
    for bad in (tmp_path, tmp_path / "no" / "such" / "folder.json", path / "below-a-file"):
        with pytest.raises(InputError, match="cannot be written"):
            check_writable(str(bad))
        with pytest.raises(InputError, match="cannot be written"):
            write(str(bad), "text")
