"""What starts quickly imports little."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import ROOT

# Says who imports something heavy: an entry that builds an instance while it is loaded, say, in place of naming one
# with .at(...), which is built when it is run.
WATCH = """
import sys
import traceback

class Watch:
    found = []

    def find_spec(self, name, path=None, target=None):
        if name in ("numba", "scipy", "networkx", "matplotlib", "latexify"):
            places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_stack()]
            self.found.append((name, [place for place in places if "<" not in place][-4:]))

sys.meta_path.insert(0, Watch())
from simlab.cli import main

try:
    main(sys.argv[1:])
finally:
    print("HEAVY", Watch.found)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "problems"], ["verify", "--help"]])
def test_nothing_heavy_is_imported(tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "SIMLAB_CACHE_DIR": str(tmp_path)},  # without an index
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def processor_time(folder: Path, *arguments: str) -> float:
    """Seconds of processor time that a Python process takes, start and end included, once it has its bytecode."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = os.times()
    subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**variables, "PYTHONPYCACHEPREFIX": str(folder)},
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize("arguments", [["list"], ["--help"]])
def test_starts_within_half_a_second(tmp_path: Path, arguments: list[str]) -> None:
    # One import of NumPy takes 0.2 s of processor time where nothing else runs, and more on a busy machine.
    busy = max(1.0, min(processor_time(tmp_path, "-c", "import numpy") for _ in range(5)) / 0.2)
    assert min(processor_time(tmp_path, "-m", "simlab", *arguments) for _ in range(5)) <= 0.5 * busy
