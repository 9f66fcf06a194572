"""verify: the table, exit codes, what a failure says, and files."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

import simlab as package
from simlab.reports.terminal import table_lines
from tests.cli import GOOD, ROOT, simlab

MIXED = (
    GOOD.format(name="good")
    + '''

@theorem(experiment=inverse, domain=grid(k=(1, 2, 5)), source="arithmetic")
def too_small(k):
    """A bound that is half as large as it must be."""
    return 1 / (2 * k)


@too_small.control("a tenth")
def _(k):
    return 1 / (10 * k)


@theorem(experiment=inverse, domain=grid(k=(1, 2, 5)), source="arithmetic")
def toothless(k):
    """A control that changes nothing that matters."""
    return 1 / k


@toothless.control("just as large; it's the same")
def _(k):
    return 1 / k
'''
)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.py"
    path.write_text(MIXED)
    return path


def test_exit_codes_and_messages(mixed: Path) -> None:
    done = simlab("verify", str(mixed))
    assert done.returncode == 1
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[1:4]}
    assert "holds, tight" in rows["good"]
    assert "violated" in rows["too-small"]
    assert "control missed" in rows["toothless"]
    assert "1 of 3 theorems hold, 1 violated, 2 of 3 controls caught" in done.stdout
    assert "[3/3] toothless: holds, 1 control(s) not caught" in done.stderr
    assert simlab("verify", f"{mixed}::good").returncode == 0
    assert simlab("verify", str(mixed), "-k", "nothing-like-it").returncode == 5


@pytest.mark.parametrize(("name", "words"), [("too-small", "violated"), ("toothless", "control missed")])
def test_a_failure_prints_the_command_that_reproduces_it(mixed: Path, name: str, words: str) -> None:
    done = simlab("verify", f"{mixed}::{name}", "--quick")
    (command,) = [line for line in done.stdout.splitlines() if line.startswith("  reproduce: ")]
    python, *rest = command.removeprefix("  reproduce: ").split(" ", 1)
    assert python == "python"
    again = subprocess.run(
        f"{sys.executable} {rest[0]}", shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert words in again.stdout
    assert f"{name} " in again.stdout
    if words == "violated":  # one case, the smallest one, without the others and without the control
        assert "0 of 1 theorems hold, 1 violated, 0 of 0 controls caught, 1 cases" in again.stdout
        assert "k=1: at k=1 measured 1, bound 0.5, measured / bound = 2" in again.stdout
    else:
        assert "0 of 1 controls caught, 0 cases" in again.stdout


@pytest.mark.usefixtures("registry")
def test_every_column_is_there_at_any_width(mixed: Path) -> None:
    results = package.verify(mixed)
    words = ["too-small", "upper bound", "3", "2", "0/1", "violated", "k=1"]
    for width in (None, 120, 80, 60):
        lines = [line.plain for line in table_lines(results, width)]
        whole = "\n".join(lines)
        for cell in (
            *words,
            "theorem",
            "kind",
            "cases",
            "ratio",
            "controls",
            "verdict",
            "time",
            "attained at",
        ):
            assert cell in whole
        assert width is None or max(map(len, lines)) <= width
        assert len(lines) == (1 + len(results)) * (2 if width in (80, 60) else 1)


@pytest.mark.usefixtures("registry")
def test_long_rows_are_cut_on_a_terminal_only(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    name = "a_name_that_goes_on_and_on_and_on_for_longer_than_a_line_has_room"
    path.write_text(GOOD.format(name=name).replace("grid(k", f"grid(word={'x' * 200!r}, k"))
    results = package.verify(path)
    assert max(len(line.plain) for line in table_lines(results, 80)) <= 80
    assert results[0].id in " ".join(line.plain for line in table_lines(results, 80))
    assert f"word={'x' * 200}" in table_lines(results, None)[1].plain


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """What the command writes to a terminal of 80 columns."""
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "simlab", *arguments], cwd=ROOT, env=environment, stdout=side, stderr=side
    )
    os.close(side)
    written = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # the other side has closed
            break
        if not part:
            break
        written += part
    process.wait()
    os.close(main)
    return written.decode()


def test_colours_on_a_terminal_unless_not_wanted(mixed: Path) -> None:
    assert "\x1b[32mholds, tight" in on_a_terminal("verify", f"{mixed}::good")
    plain = on_a_terminal("verify", f"{mixed}::good", NO_COLOR="1")
    assert "holds, tight" in plain
    assert "\x1b[32m" not in plain
    assert "\x1b[" not in simlab("verify", f"{mixed}::good").stdout


def test_json_and_junit_are_complete(mixed: Path, tmp_path: Path) -> None:
    as_json, as_junit = tmp_path / "out.json", tmp_path / "out.xml"
    simlab("verify", str(mixed), "--json", str(as_json), "--junit", str(as_junit), "--seed", "7")
    document = json.loads(as_json.read_text())
    assert (document["schema_version"], document["seed"], document["tier"]) == (1, 7, "default")
    assert document["environment"]["packages"]["numpy"]
    assert document["environment"]["cpus"] == os.cpu_count()
    assert len(document["sources_sha256"]) == 64
    assert document["passed"] is False
    by_name = {record["theorem"]: record for record in document["theorems"]}
    assert by_name["good"]["chapter"] == "mixed"
    assert [case["ratio"] for case in by_name["too-small"]["claims"]] == [2.0, 2.0, 2.0]
    assert by_name["toothless"]["controls"][0]["caught"] is False
    suites = ElementTree.fromstring(as_junit.read_text())
    (suite,) = suites.findall("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("mixed", "6", "2")
    assert simlab("verify", f"{mixed}::good", "--json", "-").stdout.startswith("{")


def test_results_depend_on_the_seed_only() -> None:
    def ratios(seed: int, jobs: int) -> list[float]:
        results = package.verify("sgd-quadratic-exact", tier="quick", seed=seed, jobs=jobs, case="huber")
        return [record["ratio"] for record in results.records()]

    assert len(ratios(1, 1)) > 1
    assert ratios(1, 1) == ratios(1, 4)
    assert ratios(1, 1) != ratios(2, 1)


SLOW = (
    "import time\n"
    + GOOD.format(name="first")
    + '''

def waits(k):
    """Takes its time."""
    time.sleep(30)


@theorem(experiment=waits, domain=grid(k=1), source="patience")
def second(k):
    """Never done."""
    return 1


second.control("never reached", declare={"k": 1})
'''
)


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    path, out = tmp_path / "slow.py", tmp_path / "out.json"
    path.write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "simlab", "verify", str(path), "--json", str(out)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore it
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("[1/2] first: holds")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    written, complaint = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "first" in written
    assert "interrupted: the theorems above were finished and saved." in complaint
    assert [record["theorem"] for record in json.loads(out.read_text())["theorems"]] == ["first"]


def test_unresolved_counts_only_when_strict(tmp_path: Path) -> None:
    path = tmp_path / "noisy.py"
    path.write_text(
        '''
import numpy as np

from simlab import grid, theorem


def noisy(rng, runs):
    """Heavy noise around 1."""
    return 1 + 1e6 * rng.standard_normal(runs)


@theorem(experiment=noisy, domain=grid(k=0), source="noise")
def undecided(k):
    """Far too noisy to say anything."""
    return 1


def certain(k):
    """Twice as large as it should be."""
    return 2


undecided.control("twice as large", experiment=certain)
'''
    )
    done = simlab("verify", str(path), "--quick")
    assert "0 of 1 theorems hold, 1 unresolved, 1 of 1 controls caught" in done.stdout
    assert done.returncode == 0
    assert simlab("verify", str(path), "--quick", "--strict").returncode == 3


def test_an_installed_command_and_a_broken_pipe() -> None:
    shell = f"{sys.executable} -m simlab list | head -1"
    done = subprocess.run(shell, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
