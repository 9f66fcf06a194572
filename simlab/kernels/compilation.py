"""Kernels: plain Python functions that numba compiles on first use.

Importing numba takes half a second, so declaring a kernel does not: ``@kernel`` keeps the function, and the
first call (or the first driver that needs it) compiles it. Compiled code is cached on disk under a digest of
everything the kernel depends on: its own bytecode and constants, the global values it reads, and, recursively,
every kernel it calls. Editing any of them changes the digest, so nothing stale can ever be loaded
(numba's own cache only looks at the file of the outermost function).
"""

import dis
import functools
import hashlib
import os
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

_COMPILING = threading.RLock()


def cache_folder() -> Path:
    """Where compiled kernels and last results are kept; ``SIMLAB_CACHE_DIR`` moves it."""
    return Path(os.environ.get("SIMLAB_CACHE_DIR") or platformdirs.user_cache_dir("simlab"))


def jit_disabled() -> bool:
    """Whether ``NUMBA_DISABLE_JIT`` asks for plain Python."""
    import numba

    return bool(vars(numba.config)["DISABLE_JIT"])


class Kernel:
    """A function for numba: callable at once, compiled when it is first needed.

    A kernel may call other kernels by their plain names and read global numbers, tuples and arrays
    (frozen when it is compiled). With ``NUMBA_DISABLE_JIT=1`` it stays a Python function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._compiled: dict[Any, Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        """Run the kernel, compiled for the types of the arguments."""
        return self.compiled()(*arguments)

    def __repr__(self) -> str:
        return f"<kernel {self.function.__module__}.{self.function.__qualname__}>"

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the kernel and of all that it depends on."""
        sha = hashlib.sha256()
        for part in _code_parts(self.function.__code__):
            sha.update(part)
        for name, value in sorted(_references(self.function).items()):
            sha.update(f"{name}={_fingerprint(value)};".encode())
        return sha.hexdigest()

    def compiled(self, signature: Any = None) -> Callable[..., Any]:
        """The machine code for one explicit ``signature``, or a lazily typed dispatcher without one."""
        with _COMPILING:
            if signature not in self._compiled:
                self._compiled[signature] = self._compile(signature)
            return self._compiled[signature]

    def _compile(self, signature: Any) -> Callable[..., Any]:
        function = _link(self.function)
        if jit_disabled():
            return function
        import numba

        njit: Any = numba.njit
        options = {"nogil": True, "error_model": "numpy", "fastmath": False}
        arguments = () if signature is None else (signature,)
        folder = cache_folder() / "kernels" / numba.__version__ / self.digest[:24]
        setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 (the attribute is made at run time)
        try:
            compiled: Callable[..., Any] = njit(*arguments, cache=True, **options)(function)
        except RuntimeError as error:  # no source file (typed at a prompt): compile without the disk cache
            if "cannot cache function" not in str(error):
                raise
            compiled = njit(*arguments, **options)(function)
        return compiled


def kernel(function: Callable[..., Any]) -> Kernel:
    """Declare ``function`` as a kernel: see :class:`Kernel`."""
    return Kernel(function)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _code_parts(code: types.CodeType) -> Iterator[bytes]:
    for part in _codes(code):
        constants = [c for c in part.co_consts if not isinstance(c, types.CodeType)]
        yield part.co_code
        yield repr((constants, part.co_names, part.co_varnames, part.co_freevars)).encode()


def _references(function: Callable[..., Any]) -> dict[str, Any]:
    """The global and enclosing values that the function reads, by name."""
    # The names that are loaded as globals: an attribute may have the name of a global by chance.
    names = {
        step.argval
        for code in _codes(function.__code__)
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    cells = function.__closure__ or ()
    found.update(zip(function.__code__.co_freevars, (cell.cell_contents for cell in cells), strict=True))
    return found


def _fingerprint(value: Any) -> str:
    if isinstance(value, Kernel):
        return value.digest
    if isinstance(value, np.ndarray):
        return hashlib.sha256(value.tobytes()).hexdigest() + str((value.dtype, value.shape))
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, type):
        return f"{value.__qualname__}{getattr(value, '_fields', '')}"
    return repr(value)


def _link(function: Callable[..., Any]) -> types.FunctionType:
    """The function with each kernel that it names replaced by that kernel's compiled form."""
    compiled = {
        name: value.compiled()
        for name, value in _references(function).items()
        if isinstance(value, Kernel) and value.function is not function
    }
    cells = tuple(
        types.CellType(compiled.get(name, cell.cell_contents))
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    )
    linked = types.FunctionType(
        function.__code__,
        {**function.__globals__, **compiled},
        function.__name__,
        function.__defaults__,
        cells or None,
    )
    linked.__qualname__, linked.__module__ = function.__qualname__, function.__module__
    return linked
