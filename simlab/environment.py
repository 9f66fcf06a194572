"""Where a result was made: versions, processor, and the hash of the sources."""

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("simlab", "numpy", "numba", "scipy", "networkx", "matplotlib")


def environment() -> dict[str, Any]:
    """Python, package versions, processor and platform."""
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "processor": _processor(),
        "cpus": os.cpu_count(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


def sources_digest() -> str:
    """Hash of all source files of simlab, problems and theorems."""
    import problems
    import theorems

    sha = hashlib.sha256()
    for root in (Path(__file__).parent, *(Path(package.__path__[0]) for package in (problems, theorems))):
        for path in sorted(root.rglob("*.py")):
            sha.update(path.relative_to(root).as_posix().encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()
