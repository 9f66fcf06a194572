"""What starts quickly imports little."""

import os
import subprocess
import sys

import pytest

from tests.cli import ROOT

HEAVY = ("numba", "scipy", "networkx", "matplotlib", "latexify")


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "problems"], ["verify", "--help"]])
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from simlab.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "finally:\n"
        f"    print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def processor_time(*arguments: str) -> float:
    """Seconds of processor time that a Python process takes, start and end included."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize("arguments", [["list"], ["--help"]])
def test_starts_within_half_a_second(arguments: list[str]) -> None:
    # One import of NumPy takes 0.2 s of processor time where nothing else runs, and more on a busy machine.
    busy = max(1.0, min(processor_time("-c", "import numpy") for _ in range(5)) / 0.2)
    assert min(processor_time("-m", "simlab", *arguments) for _ in range(5)) <= 0.5 * busy
