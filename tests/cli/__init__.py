"""The real command line, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A theorem that needs no kernels: (1/k) <= 1/k, with a control.
GOOD = '''
from simlab import grid, theorem


def inverse(k):
    """One over k."""
    return 1 / k


@theorem(experiment=inverse, domain=grid(k=(1, 2, 5)), source="arithmetic")
def {name}(k):
    """The inverse of k is at most the inverse of k."""
    return 1 / k


@{name}.control("half of it")
def _(k):
    return 1 / (2 * k)
'''


def simlab(*arguments: str, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """``python -m simlab`` with these arguments, from a folder, with environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "simlab", *arguments],
        cwd=folder or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
