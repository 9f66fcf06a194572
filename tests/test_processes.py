"""Several processes: the same results in the same order, and no process is left over."""

import os
import signal
import subprocess
import sys
import time
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simlab import discovery, processes, verification
from simlab.verification import verify
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import grid, theorem
from tests.cli import ROOT

HEAD = '''
import multiprocessing
import os
import time
import warnings

from simlab import grid, theorem


def one(k):
    """Just one."""
    return 1


def here(k):
    """The process that measures it."""
    return os.getpid()


def fails(k):
    """No number."""
    raise ZeroDivisionError("nothing to divide by")


def warns(k):
    """Says something besides."""
    warnings.warn("mind the gap")
    return 1


def ends(k):
    """Ends a process that was started for it."""
    if multiprocessing.parent_process() is not None:
        os._exit(3)
    return 1


def marks(k):
    """Leaves a file beside this one."""
    with open(__file__ + ".done", "w"):
        return 1


def waits(k):
    """Takes its time."""
    time.sleep(60)
    return 1
'''
ENTRY = '''

@theorem(experiment={experiment}, domain=grid(k=(1, 2)), source="counting", labels=["vacuous"])
def {name}(k):
    """One is at most 1e9."""
    return {bound}


@{name}.control("nearly none")
def _():
    return 1e-9
'''


def written(folder: Path, **experiments: str) -> Path:
    """A file with an entry for each name and what it measures."""
    path = folder / "entries.py"
    bounds = {"here": "1e9"}
    path.write_text(
        HEAD
        + "".join(
            ENTRY.format(name=name, experiment=experiment, bound=bounds.get(experiment, "1"))
            for name, experiment in experiments.items()
        )
    )
    return path


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch, registry: None) -> None:
    """Processes are used for one theorem already; what other tests declared, which they cannot know, is gone."""
    for (kind, name), module in list(REGISTRY.modules.items()):
        if not module.startswith(("simlab.", "problems.", "theorems.")):
            REGISTRY.drop(kind, name)
    monkeypatch.setattr(discovery._STATE, "files", {})
    monkeypatch.setattr(verification, "MANY", dict.fromkeys(verification.MANY, 1))
    monkeypatch.setattr(processes, "available", lambda: True)


def without_times(results: Any) -> list[dict[str, Any]]:
    return [{**result.record(), "seconds": 0.0} for result in results]


# Sampled, exact moments, a network, a refuted statement, and an attaining instance.
SORTS = (
    "sgd-convex-average", "sgd-quadratic-exact", "choco-gossip-top-whole", "adam-update-magnitude-as-printed",
    "gd-convex-tight",
)  # fmt: skip


@pytest.mark.usefixtures("divided")
def test_results_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    path = written(tmp_path, first="one", broken="fails", last="one")
    calls: list[tuple[str, int, int]] = []
    several = verify(
        path, *SORTS, tier="quick", jobs=2, seed=4,
        started=lambda name, number, total: calls.append((name, number, total)),
        finished=lambda result, number, total: calls.append((result.id, number, total)),
    )  # fmt: skip
    for result in several:
        assert all(case.case.theorem is REGISTRY.of("theorem")[result.id] for case in result.claims)
    alone = verify(path, *SORTS, tier="quick", jobs=1, seed=4)
    assert without_times(several) == without_times(alone)
    assert several["broken"].message == alone["broken"].message
    assert "nothing to divide by (entries.py, line" in several["broken"].message
    assert any(case.verdict.runs for result in several for case in result.claims)
    assert {case.how for result in several for case in result.claims} > {"exact moments", "sampled"}
    assert calls == [(r.id, n, len(several)) for n, r in enumerate(several) for _ in ("started", "finished")]


@pytest.mark.usefixtures("divided")
def test_figures_need_not_be_known_elsewhere(tmp_path: Path) -> None:
    REGISTRY.add("figure", "drawn before", object(), "figures.drawn")
    (result,) = verify(written(tmp_path, elsewhere="here"), jobs=2)
    assert result.claims[0].measured != (os.getpid(),)


@pytest.mark.usefixtures("divided")
def test_they_are_other_processes_and_their_warnings_are_heard_here(tmp_path: Path) -> None:
    path = written(tmp_path, elsewhere="here", loud="warns")
    with pytest.warns(UserWarning, match="mind the gap"):
        several = verify(path, jobs=2)
    assert several.passed
    assert several["elsewhere"].claims[0].measured != (os.getpid(),)
    assert verify(f"{path}::elsewhere", jobs=1)[0].claims[0].measured == (os.getpid(),)


@pytest.mark.usefixtures("divided")
def test_what_a_process_did_not_finish_is_done_here(tmp_path: Path) -> None:
    path = written(tmp_path, deadly="ends", other="one")
    with pytest.warns(UserWarning, match="a process has ended by itself"):
        results = verify(path, jobs=2)
    assert results.passed
    assert [result.id for result in results] == ["deadly", "other"]


@pytest.mark.usefixtures("divided")
def test_what_only_this_process_knows_is_checked_here(tmp_path: Path) -> None:
    @theorem(experiment=lambda k: os.getpid(), domain=grid(k=1), source="this test")
    def only_here(k: int) -> float:
        """Declared where no other process finds it."""
        return 1e9

    @only_here.control("nearly none")
    def _() -> float:
        return 1e-9

    path = written(tmp_path, elsewhere="here")
    results = verify(path, "only-here", jobs=2)
    assert [result.claims[0].measured for result in results] == [(os.getpid(),)] * 2


def test_a_script_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def main(name: str | None, file: str | None) -> ModuleType:
        module = ModuleType("__main__")
        if name is not None:
            module.__spec__ = ModuleSpec(name, None)
        if file is not None:
            module.__file__ = file
        return module

    for name, file, expected in (
        ("simlab.__main__", "/somewhere/simlab/__main__.py", True),
        (None, None, True),  # a prompt, or a notebook
        (None, "/usr/bin/simlab", True),
        (None, "/home/me/script.py", False),
        ("mine.script", "/home/me/mine/script.py", False),
    ):
        monkeypatch.setitem(sys.modules, "__main__", main(name, file))
        assert processes.available() is expected, (name, file)
    monkeypatch.setitem(sys.modules, "__main__", main(None, None))
    monkeypatch.setitem(REGISTRY.modules, ("theorem", "typed"), "__main__")
    assert not processes.available()


PROGRAM = """
import simlab
print("begun")
results = simlab.verify({path!r}, jobs=2)
print(results.passed, [r.id for r in results])
"""


@pytest.mark.parametrize("script", [True, False], ids=["script", "prompt"])
def test_in_a_program_without_a_guard(tmp_path: Path, script: bool) -> None:
    names = [f"entry_{i}" for i in range(verification.MANY["default"])]
    path, program = written(tmp_path, **dict.fromkeys(names, "one")), tmp_path / "script.py"
    program.write_text(PROGRAM.format(path=str(path)))
    done = subprocess.run(
        [sys.executable, *([str(program)] if script else ["-c", program.read_text()])],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == f"begun\nTrue {[name.replace('_', '-') for name in names]}\n"
    assert done.stderr == ""


def begun(folder: Path, **experiments: str) -> "subprocess.Popen[str]":
    """The command line at work in two processes, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "simlab", "verify", str(written(folder, **experiments)), "-j", "2"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore it
    )  # fmt: skip


def none_is_left(group: int) -> bool:
    """Whether all processes of a group end within some seconds."""
    for _ in range(150):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


# The second one is at work for a minute; the others are done in the other process, in less than a second.
SIX = {"a": "one", "b": "waits", "c": "one", "d": "one", "e": "one", "f": "marks"}


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="groups of processes")
def test_an_interrupt_ends_all_and_shows_what_is_finished(tmp_path: Path) -> None:
    process = begun(tmp_path, **SIX)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("[1/6] a: holds")
    while not list(tmp_path.glob("*.done")):
        time.sleep(0.1)
    time.sleep(1)
    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes are told
    written_, complaint = process.communicate(timeout=20)
    assert time.monotonic() - pressed < 10
    assert process.returncode == 130
    rows = [line.split()[0] for line in written_.splitlines()[1:6]]
    assert rows == ["a", "c", "d", "e", "f"]
    assert [line[:5] for line in complaint.splitlines()] == ["[3/6]", "[4/6]", "[5/6]", "[6/6]", "inter"]
    assert none_is_left(process.pid)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="groups of processes")
def test_workers_end_when_the_first_process_is_killed(tmp_path: Path) -> None:
    process = begun(tmp_path, **SIX)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("[1/6] a: holds")
    process.kill()
    process.wait()
    assert none_is_left(process.pid)
    process.communicate()
