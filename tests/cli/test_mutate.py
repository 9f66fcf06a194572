"""mutate: the table, the survivors, exit codes, files, limits and interrupts."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli import GOOD, ROOT, simlab

# Tight and checked at every step: nothing survives. And one whose floor is too low.
STRONG = """
from simlab import grid, theorem


def inverse(k):
    return 1 / k


@theorem(
    experiment=inverse, domain=grid(k=(1, 2, 5)), attained_at=grid(k=(1, 2, 5)), at_least=0.99, source="arithmetic"
)
def strong(k):
    '''The inverse of k.'''
    return 1 / k


strong.control("a tenth", experiment=lambda k: 10 / k)
"""
WEAK = (
    STRONG
    + """

@theorem(
    experiment=inverse, domain=grid(k=(1, 2, 5)), attained_at=grid(k=(1, 2, 5)), at_least=0.6, source="arithmetic"
)
def weak(k):
    '''The inverse of k, with a floor that is too low.'''
    return 2 / (2 * k)


weak.control("a tenth", experiment=lambda k: 10 / k)
"""
)


def written(folder: Path, text: str) -> str:
    path = folder / "entries.py"
    path.write_text(text)
    return str(path)


def test_strong_checks_leave_with_0(tmp_path: Path) -> None:
    done = simlab("mutate", written(tmp_path, STRONG), "-j", "1")
    assert done.returncode == 0, done.stderr
    assert "100.0% of all mutants that are not equivalent were killed: 6 of 6" in done.stdout
    assert done.stderr.startswith("[1/1] strong: 6 killed")


def test_weak_survivors_are_listed_with_their_reason_and_leave_with_1(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = simlab("mutate", written(tmp_path, WEAK), "-j", "2", "--json", str(out))
    assert done.returncode == 1, done.stderr
    assert "weak: bound: return 2 / (2 * k) -> return 3 / (2 * k)" in done.stdout
    assert "1.5 times looser, above the floor of 0.6" in done.stdout
    record = json.loads(out.read_text())
    assert [theorem["theorem"] for theorem in record["theorems"]] == ["strong", "weak"]
    assert record["unfinished"] == []
    assert (
        record["fates"]["weak"] == sum(theorem["fates"].get("weak", 0) for theorem in record["theorems"]) > 0
    )
    # Neither processes nor the order in which they end change a result.
    again = simlab("mutate", written(tmp_path, WEAK), "-j", "1", "--json", "-", "-q")
    assert [t["mutants"] for t in json.loads(again.stdout)["theorems"]] == [
        t["mutants"] for t in record["theorems"]
    ]


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    for arguments, words in (
        (("no-such-theorem",), "there is no theorem 'no-such-theorem'"),
        (("gd-convex-tight", "--time-limit", "0"), "the time limit must be above 0 seconds"),
        (("gd-convex-tight", "-j", "0"), "the number of threads"),
        (("gd-convex-tight", "--json", str(tmp_path / "no" / "folder.json")), "cannot be written"),
    ):
        done = simlab("mutate", *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: {words}") or words in done.stderr
        assert done.stderr.count("\n") == 1


def test_nothing_selected(tmp_path: Path) -> None:
    assert simlab("mutate", written(tmp_path, STRONG), "-k", "other").returncode == 5


SLOW = (
    GOOD.format(name="first")
    + '''
import time


def slow(k):
    """One over k, after a while."""
    time.sleep(30)
    return 1 / k


@theorem(experiment=slow, domain=grid(k=1), source="arithmetic")
def second(k):
    """Takes long."""
    return 1 / k


second.control("never reached", declare={"k": 1})
'''
)


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "simlab", "mutate", written(tmp_path, SLOW), "-j", "2"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore it
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("[1/2] first: ")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
    shown, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    assert "not finished: second" in shown
    assert complaint == "interrupted: the theorems above were finished.\n"


def test_a_time_limit_says_what_was_not_finished(tmp_path: Path) -> None:
    text = SLOW.replace("sleep(30)", "sleep(1)").replace("grid(k=1)", "grid(k=tuple(range(1, 30)))")
    done = simlab("mutate", written(tmp_path, text), "-j", "1", "--time-limit", "0.5")
    assert "not finished: second" in done.stdout
    assert "first" in done.stdout
