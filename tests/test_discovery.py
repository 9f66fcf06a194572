"""Discovery: files, folders, plug-ins, and what happens to those that are broken."""

import importlib
import sys
from pathlib import Path

import pytest

import simlab
from simlab import discovery
from simlab.errors import InputError
from simlab.reports import index
from simlab.reports.statement import statement
from simlab.reports.terminal import target
from simlab.selection import select
from simlab.vocabulary.registry import REGISTRY
from tests.cli import GOOD

pytestmark = pytest.mark.usefixtures("registry")


def write(path: Path, name: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(GOOD.format(name=name))
    return path


def ids(*targets: Path | str) -> list[str]:
    return [theorem.id for theorem in select([str(t) for t in targets])]


def test_a_file_brings_its_theorems_with_its_name_as_chapter(tmp_path: Path) -> None:
    path = write(tmp_path / "my_work.py", "my_bound")
    assert ids(path) == ["my-bound"]
    assert REGISTRY.of("theorem")["my-bound"].chapter == "my_work"
    results = simlab.verify(path)
    assert target(results[0]) == f"{path}::my-bound"


def test_a_folder_brings_those_of_its_files(tmp_path: Path) -> None:
    write(tmp_path / "one.py", "one")
    write(tmp_path / "two.py", "two")
    write(tmp_path / "deeper" / "three.py", "three")
    assert ids(tmp_path) == ["one", "two"]
    assert ids(f"{tmp_path}::two") == ["two"]
    assert ids(tmp_path / "one.py", "gd-convex-tight") == ["one", "gd-convex-tight"]


def test_two_files_may_have_the_same_name(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a" / "mine.py", "first"), write(tmp_path / "b" / "mine.py", "second")
    assert ids(first, second) == ["first", "second"]
    assert ids(first) == ["first"]


def test_a_file_is_read_again_when_it_is_named_again(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.py", "before")
    assert simlab.verify(path).passed
    path.write_text(
        GOOD.format(name="after").replace("return 1 / k", "return 0.9 / k").replace("2 * k", "4 * k")
    )
    results = simlab.verify(path)
    assert [result.id for result in results] == ["after"]
    assert "before" not in REGISTRY.of("theorem")


def test_a_formula_is_that_of_the_code_that_was_loaded(tmp_path: Path) -> None:
    """A file that is edited while a long run goes on shows what ran, in every report."""
    path = write(tmp_path / "edited.py", "my_edited")
    (theorem,) = select([str(path)])
    edited = path.read_text().replace("@theorem", "(\n# a line more\n@theorem", 1)
    path.write_text(edited)
    assert statement(theorem).readable
    assert statement(theorem).text == "inverse <= 1 / k"


def test_kernels_of_a_copied_file_are_compiled_anew(tmp_path: Path) -> None:
    # Compiled code on disk imports its module by name, and the module's name comes from the path.
    source = "from simlab import kernel\n\n\n@kernel\ndef twice(x: float) -> float:\n    return 2.0 * x\n"
    kernels = []
    for folder in ("a", "b"):
        path = tmp_path / folder / "mine.py"
        path.parent.mkdir()
        path.write_text(source)
        discovery.load_file(path)
        (name,) = [name for name, file in discovery._STATE.files.items() if file == path]
        kernels.append(sys.modules[name].twice)
    assert kernels[0].digest != kernels[1].digest
    assert [kernel(1.5) for kernel in kernels] == [3.0, 3.0]


def test_a_file_may_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("number = 7\n")
    path = write(tmp_path / "mine.py", "mine")
    path.write_text("from neighbour_of_mine import number\n" + path.read_text())
    assert ids(path) == ["mine"]
    assert str(tmp_path) not in sys.path
    del sys.modules["neighbour_of_mine"]


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "a.py", "mine")
    second = write(tmp_path / "b.py", "mine")
    assert ids(first) == ["mine"]
    with pytest.raises(InputError, match="two theorems are called mine"):
        select([str(second)])


def test_the_same_name_twice_in_one_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.py", "mine")
    path.write_text(path.read_text() + GOOD.format(name="mine"))
    with pytest.raises(
        InputError, match=r"mine\.py, line \d+ does not load: two theorems of this file are called mine"
    ):
        ids(path)


def test_files_of_the_collection_may_be_named_too() -> None:
    folder = Path(simlab.__file__).parents[1] / "theorems" / "single_machine"
    assert "gd-convex-tight" in ids(folder / "gradient_descent.py")
    assert set(ids(folder / "gradient_descent.py")) < set(ids(folder)) < set(ids(folder.parent))
    assert ids(f"{folder / 'gradient_descent.py'}::gd-convex-tight") == ["gd-convex-tight"]


def test_problems_of_a_file_are_offered_to_the_theorems_named_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        """
from problems.quadratic import quadratic_gradient, quadratic_value
from simlab import Convex, Problem, Smooth, problem


@problem(value=quadratic_value, gradient=quadratic_gradient)
def my_parabola(curvature: float = 3.0) -> Problem:
    \"\"\"A parabola.\"\"\"
    return Problem([], [1.0], [0.0], 0.0, [Convex(), Smooth(curvature)], table=[[curvature]])
"""
    )
    with pytest.raises(InputError, match="no theorem is declared there"):
        select([str(path)])
    results = simlab.verify(path, "gd-convex-tight", tier="quick", case="my-parabola")
    assert results.passed
    assert {record["case"].split("(")[0] for record in results.records()} == {"my-parabola"}


# --- plug-ins ------------------------------------------------------------------------------------------------


@pytest.fixture
def plugins(registry: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions: one that works, and one that is broken."""
    write(tmp_path / "good_plugin" / "theorems.py", "of_a_plugin")
    (tmp_path / "good_plugin" / "__init__.py").write_text("")
    (tmp_path / "bad_plugin.py").write_text("from simlab import grid\n1 / 0\n")
    for name, value in (("good", "good_plugin"), ("bad", "bad_plugin")):
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[simlab.theorems]\n{name} = {value}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    monkeypatch.setattr(discovery, "_DONE", discovery._DONE - {"entry points"})
    return tmp_path


@pytest.mark.usefixtures("plugins")
def test_installed_plugins_are_found_and_broken_ones_skipped() -> None:
    words = r"plug-in bad \(bad_plugin\) was skipped: ZeroDivisionError: division by zero"
    with pytest.warns(RuntimeWarning, match=words):
        discovery.discover()
    assert REGISTRY.of("theorem")["of-a-plugin"].chapter == "good_plugin"
    index.save({"theorems": []})  # never with plug-ins, whose files it does not watch
    assert index.load() is None
    results = simlab.verify("of-a-plugin")
    assert results.passed
    assert target(results[0]) == "of-a-plugin"


def test_a_broken_module_of_the_collection_is_an_error_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        discovery._STATE.broken, "theorems.lost", "theorems.lost does not load: SyntaxError: ..."
    )
    results = simlab.verify("gd-convex-tight", tier="quick", case="lessard")
    lost, found = results
    assert (lost.id, str(lost.status), lost.input_error) == ("theorems.lost", "error", False)
    assert found.passed
    assert not results.passed
    with pytest.raises(InputError, match=r"no theorem 'lost'.*theorems\.lost does not load"):
        select(["lost"])
