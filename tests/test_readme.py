"""The README: what it shows works, and what is generated in it is fresh."""

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

import simlab
from simlab.reports.terminal import failure_lines

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The script that writes the generated parts."""
    spec = importlib.util.spec_from_file_location("readme", ROOT / ".ci" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_fresh(tool: ModuleType) -> None:
    for name, content in tool.tables().items():
        assert tool.replaced(TEXT, name, content) == TEXT, f"{name} are stale: run python .ci/readme.py"


@pytest.mark.usefixtures("registry")
def test_the_example_works_and_can_be_broken(tool: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "my_bound.py"
    source = tool.example(TEXT, "my_bound.py")
    path.write_text(source)
    results = simlab.verify(path, tier="quick")
    assert [result.id for result in results] == ["my-bound"]
    assert results.passed
    assert (results[0].flag, results[0].caught) == ("tight", 2)

    assert source.count("(2 * h * k)") == 1
    path.write_text(source.replace("(2 * h * k)", "(3 * h * k)"))
    broken = simlab.verify(path, tier="quick")
    lines = failure_lines(broken[0], broken)
    assert str(broken[0].status) == "violated"
    assert "measured / bound = 1.5" in lines[0]
    assert lines[1].startswith("  smallest case: huber(smoothness=1, threshold=1")
    assert lines[2].startswith(f"  reproduce: python -m simlab verify {path}::my-bound")


def test_the_script_works(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    source = tool.example(TEXT, "script.py").replace('"gd-*"', '"gd-convex-tight"')
    exec(compile(source, "script.py", "exec"), {})
    out = capsys.readouterr().out
    assert "gd-convex-tight holds" in out
    assert "huber(smoothness=1, threshold=" in out


@pytest.mark.parametrize(("name", "last"), [("verify", "-m simlab verify"), ("tests", "-m pytest")])
def test_the_two_commands_are_found_by_continuous_integration(name: str, last: str) -> None:
    (found,) = re.findall(rf"<!-- command: {name} -->\n```bash\n(.*?)\n```", TEXT, re.DOTALL)
    assert found.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert found.endswith(last)
    script = (ROOT / ".ci" / "run").read_text()
    function = script[script.index("readme_command() {") : script.index("tests() {")]
    done = subprocess.run(
        ["bash", "-c", f"{function}readme_command {name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == found


def test_outputs_are_shown() -> None:
    for name in ("verify", "example", "broken"):  # that of the tests is written when they have passed
        begin = TEXT.index(f"<!-- begin {name} -->")
        assert "```text" in TEXT[begin : TEXT.index(f"<!-- end {name} -->")], (
            "run python .ci/readme.py --outputs"
        )
