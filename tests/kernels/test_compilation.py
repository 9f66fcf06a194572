"""Compilation: nothing stale is ever loaded, and kernels that allocate free what they allocate."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from simlab.kernels.arrays import Matrix, Vector, copy_into, row_dot
from simlab.kernels.compilation import Kernel, cache_folder, inline_kernel, jit_disabled, kernel

ROOT = Path(__file__).resolve().parents[2]
compiled_only = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled in plain Python")

CALLER = """
import constants
from callee import inner
from simlab import kernel

OFFSET = 100.0

@kernel
def outer(x):
    return inner(x) + OFFSET + constants.SHIFT

print(outer(3.0))
"""
CALLEE = """
from simlab import kernel

FACTOR = 2.0

@kernel
def innermost(x):
    return FACTOR * x

@kernel
def inner(x):
    return innermost(x) + 1.0
"""


def printed(folder: Path) -> str:
    """What the calling module prints in a new process that keeps its compiled kernels in the folder."""
    environment = {
        **os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "SIMLAB_CACHE_DIR": str(folder / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(folder / "caller.py")],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def write_unnoticed(path: Path, text: str) -> None:
    """Write a file without a trace in its times or size: what numba's own cache goes by."""
    stamp = path.stat().st_mtime_ns if path.exists() else 10**18
    path.write_text(text)
    os.utime(path, ns=(stamp, stamp))


@compiled_only
def test_an_edit_of_anything_that_a_kernel_depends_on_is_seen(tmp_path: Path) -> None:
    texts = {"caller.py": CALLER, "callee.py": CALLEE, "constants.py": "SHIFT = 10.0\n"}
    for name, text in texts.items():
        write_unnoticed(tmp_path / name, text)
    assert printed(tmp_path) == "117.0"
    kept = sorted((tmp_path / "cache").rglob("*.nbc"))
    assert kept
    assert printed(tmp_path) == "117.0"
    assert sorted((tmp_path / "cache").rglob("*.nbc")) == kept  # nothing was compiled again
    edits = [
        ("callee.py", "FACTOR * x", "FACTOR + x", "116.0"),  # a kernel that a called kernel calls
        ("callee.py", "FACTOR = 2.0", "FACTOR = 5.0", "119.0"),  # a constant that it reads
        ("callee.py", "+ 1.0", "- 1.0", "117.0"),  # the called kernel
        ("caller.py", "= 100.0", "= 200.0", "217.0"),  # a constant of the caller
        ("constants.py", "= 10.0", "= 30.0", "237.0"),  # a constant of another module
    ]
    for name, old, new, value in edits:
        text = (tmp_path / name).read_text()
        assert text.count(old) == 1
        write_unnoticed(tmp_path / name, text.replace(old, new))
        assert printed(tmp_path) == value, (name, new)


def made(text: str, **values: Any) -> Kernel:
    """The kernel ``f`` of some source text whose globals have these values."""
    names: dict[str, Any] = {"kernel": kernel, **values}
    exec(text, names)
    found: Kernel = names["f"]
    return found


SOURCE = "@kernel\ndef f(x, a=1.0):\n    return g(x) + c + a"


def digest(source: str = SOURCE, c: Any = 1.0, g: str = "@kernel\ndef f(x):\n    return x") -> str:
    return made(source, c=c, g=made(g)).digest


def test_the_digest_depends_on_all_that_a_kernel_reads() -> None:
    assert digest() == digest()
    changed = [
        digest(SOURCE.replace("+ a", "- a")),
        digest(SOURCE.replace("a=1.0", "a=2.0")),
        digest(c=2.0),
        digest(c=1),
        digest(c=np.array([1.0, 2.0])),
        digest(c=np.array([1.0, 3.0])),
        digest(c=np.array([1.0, 3.0], dtype=np.float32)),
        digest(c=(1.0, 2.0)),
        digest(g="@kernel\ndef f(x):\n    return x + 0.0"),
    ]
    assert len({digest(), *changed}) == 1 + len(changed)


def test_the_digest_depends_on_enclosing_values() -> None:
    def build(c: float) -> Kernel:
        @kernel
        def f(x: float) -> float:
            return x + c

        return f

    assert build(1.0).digest == build(1.0).digest
    assert build(1.0).digest != build(2.0).digest
    assert build(2.0)(1.0) == 3.0


def test_the_digest_depends_on_the_constants_of_a_module_that_are_read() -> None:
    def module(**values: Any) -> ModuleType:
        holder = ModuleType("holder")
        vars(holder).update(values)
        return holder

    source = "@kernel\ndef f(x):\n    return x + m.shift"
    first = made(source, m=module(shift=1.0, other=1.0)).digest
    assert made(source, m=module(shift=2.0, other=1.0)).digest != first
    assert made(source, m=module(shift=1.0, other=2.0)).digest == first


def test_an_attribute_is_not_taken_for_a_global_of_that_name() -> None:
    source = "@kernel\ndef f(x):\n    return x.size"
    assert made(source, size=object()).digest == made(source, size=object()).digest


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path


# --- kernels that allocate ---------------------------------------------------------------------------------------


@kernel
def ones_like(x: Vector) -> Vector:
    return np.ones(x.size)


@kernel
def through_two(x: Vector) -> float:
    """Allocates itself, and calls a kernel that allocates and returns what it has allocated."""
    total = 0.0
    for _ in range(100):
        mine = x + ones_like(x)
        total += mine.sum()
    return total


@kernel
def one_of_two(x: Vector, y: Vector, first: bool) -> Vector:
    return x if first else y


@kernel
def reads_views(table: Matrix) -> float:
    total = 0.0
    for i in range(table.shape[0]):
        total += one_of_two(table[i], table[0], i > 1)[0] + np.zeros(1)[0]
    return total


def test_a_kernel_may_allocate() -> None:
    assert through_two(np.arange(3.0)) == 600.0
    assert reads_views(np.array([[1.0], [2.0], [4.0]])) == 6.0


def test_whether_a_kernel_allocates_may_depend_on_the_types() -> None:
    @kernel
    def twice(x: Any) -> Any:
        return x + x

    assert twice(2.0) == 4.0
    assert np.array_equal(twice(np.arange(3.0)), [0.0, 2.0, 4.0])
    assert twice(3.0) == 6.0


def test_an_error_of_a_kernel_is_not_taken_for_one_of_compilation() -> None:
    calls = np.zeros(1)

    @kernel
    def refuses(x: Vector) -> float:
        x[0] += 1.0
        raise ValueError("not this one")

    for _ in range(2):
        with pytest.raises(ValueError, match="not this one"):
            refuses(calls)
    assert calls[0] == 2.0


@compiled_only
def test_what_kernels_allocate_is_freed() -> None:
    from numba.core.runtime import _nrt_python, rtsys

    _nrt_python.memsys_enable_stats()
    x, table = np.arange(3.0), np.ones((5, 2))
    through_two(x), reads_views(table)
    before, references = rtsys.get_allocation_stats(), (sys.getrefcount(x), sys.getrefcount(table))
    for _ in range(20):
        through_two(x), reads_views(table)
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc >= 20 * 200  # they do allocate
    assert after.alloc - before.alloc == after.free - before.free
    assert (sys.getrefcount(x), sys.getrefcount(table)) == references
    assert np.array_equal(x, np.arange(3.0))


@compiled_only
def test_that_a_kernel_allocates_is_known_to_the_next_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    allocating, quiet = kernel(ones_like.function), kernel(copy_into.function)
    allocating(np.zeros(2)), quiet(np.zeros(2), np.ones(2))
    again = kernel(ones_like.function), kernel(copy_into.function)
    assert [k._allocates for k in again] == [True, False]


@compiled_only
def test_a_kernel_that_numba_cannot_compile_says_why() -> None:
    from numba.core.errors import NumbaError

    @kernel
    def impossible(x: Vector) -> Any:
        return x.no_such_attribute

    with pytest.raises(NumbaError, match="no_such_attribute"):
        impossible(np.zeros(2))


@compiled_only
def test_a_kernel_typed_at_a_prompt_compiles_without_the_disk() -> None:
    assert made("@kernel\ndef f(x):\n    return x + 1.0")(1.0) == 2.0


# --- small kernels -----------------------------------------------------------------------------------------------


@kernel
def double_sum(table: Matrix, x: Vector) -> float:
    total = 0.0
    for i in range(table.shape[0]):
        total += row_dot(table, i, x)
    return total


@pytest.mark.parametrize("size", range(10))
def test_row_dot(size: int) -> None:
    random = np.random.default_rng(size)
    table, x = random.standard_normal((3, size)), random.standard_normal(size)
    for i in range(3):
        assert row_dot(table, i, x) == pytest.approx(float(table[i] @ x), rel=1e-14, abs=1e-15)
    assert double_sum(table, x) == pytest.approx(float((table @ x).sum()), rel=1e-14, abs=1e-15)


def test_copy_into() -> None:
    target = np.zeros(3)
    copy_into(target, np.arange(3.0))
    assert np.array_equal(target, np.arange(3.0))


@pytest.mark.parametrize("declare", [kernel, inline_kernel])
def test_a_kernel_keeps_its_name_and_words(declare: Callable[..., Kernel]) -> None:
    def f(x: float) -> float:
        """The words."""
        return x

    declared = declare(f)
    assert (declared.__name__, declared.__doc__) == ("f", "The words.")
    assert "f>" in repr(declared)
    assert declared(2.0) == 2.0
