"""Worker processes that know the same theorems as this one.

Threads would wait for one another: numba compiles in one thread at a time, and judging is Python's work. What goes
wrong in an entry, or what it leaves behind, stays in its process; and a process can be ended.
"""

import functools
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from simlab.discovery import discover
from simlab.errors import InputError
from simlab.vocabulary.registry import REGISTRY


def available() -> bool:
    """Whether other processes can do what this one does.

    Python runs a script again in each process that it starts: it would call simlab again. And what was declared at
    a prompt, or in the cell of a notebook, is in this process only.
    """
    if multiprocessing.current_process().daemon or "__main__" in REGISTRY.modules.values():
        return False
    program = sys.modules["__main__"]
    specification = getattr(program, "__spec__", None)
    if specification is not None:  # python -m simlab, python -m pytest
        return bool(specification.name.endswith("__main__"))
    file = getattr(program, "__file__", None)
    return file is None or Path(file).stem == "simlab"  # a prompt, or the installed command


def one_thread() -> Any:
    """Lets linear algebra use one thread from now on, until the context that is returned is left.

    Its threads split a product of large matrices, so that the last digits depend on their number; and where several
    processes are at work, they wait for one another, spinning.
    """
    return _libraries().limit(limits=1, user_api="blas")


@functools.cache
def _libraries() -> Any:
    import scipy.linalg  # noqa: F401 (it brings a library of its own)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _declared() -> dict[tuple[str, str], str]:
    """The modules of all that a theorem may need: figures are drawn by one process, and loaded when they are."""
    return {entry: module for entry, module in REGISTRY.modules.items() if entry[0] != "figure"}


@contextmanager
def workers(
    count: int, begin: Callable[..., None] | None = None, *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """An executor with ``count`` processes, each of which first calls ``begin``.

    They end with the context, whatever they are at.
    """
    others = multiprocessing.active_children()
    given = list(discover().files.values()), _declared(), begin, arguments
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin, given)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()


# --- in a worker -------------------------------------------------------------------------------------------------

_same = True


def same_registry() -> bool:
    """In a worker: whether it has the theorems, problems and methods of the process that started it."""
    return _same


def _begin(
    files: Sequence[Path],
    modules: Mapping[tuple[str, str], str],
    begin: Callable[..., None] | None,
    arguments: Sequence[Any],
) -> None:
    """What a worker does first."""
    global _same
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: only the first one answers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with warnings.catch_warnings(), suppress(InputError):
        warnings.simplefilter("ignore")  # the process that started this one has warned
        discover(files)
    _same = modules == _declared()
    one_thread()
    if begin is not None:
        begin(*arguments)


def _end_with_parent() -> None:
    """End as soon as the process that started this one has ended, even when it was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
