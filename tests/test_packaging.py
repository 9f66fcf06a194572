"""Packaging: what is imported is declared, and what is needed is in the wheel (.ci/run installs and runs one)."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import simlab

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OWN = {"simlab", "problems", "theorems", "figures"}


def imported(folder: Path) -> set[str]:
    """The top-level packages that the files of a folder import, wherever in them."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.split(".")[0])
    return found


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[ ]", line)[0].removesuffix("-py").replace("-", "_") for line in requirements}


def test_every_import_is_declared_and_every_declaration_used() -> None:
    used = set().union(*(imported(ROOT / name) for name in OWN)) - OWN - set(sys.stdlib_module_names)
    optional = declared(PROJECT["project"]["optional-dependencies"]["pep"])
    needed = declared(PROJECT["project"]["dependencies"]) | optional
    distributions = {"sdpap": "sdpa_multiprecision"}  # where the module has another name
    assert {distributions.get(name, name).lower() for name in used} == needed


def test_tests_need_only_what_their_extra_declares() -> None:
    used = imported(ROOT / "tests") - OWN - {"tests"} - set(sys.stdlib_module_names)
    extra = declared(PROJECT["project"]["optional-dependencies"]["test"])
    optional = {"torch"}  # only the script that made the reference trajectories
    assert used - optional <= declared(PROJECT["project"]["dependencies"]) | extra


def test_the_wheel_has_all_packages() -> None:
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == OWN
    for name in OWN:
        for folder in {path.parent for path in (ROOT / name).rglob("*.py")}:
            assert (folder / "__init__.py").exists(), f"{folder} is no package"


def test_the_version_is_written_once() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    done = subprocess.run(
        [sys.executable, "-m", "simlab", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"simlab {simlab.__version__}\n"
    assert f"## {simlab.__version__}" in (ROOT / "CHANGELOG.md").read_text()
