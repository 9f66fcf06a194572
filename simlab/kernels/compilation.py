"""Kernels: plain Python functions that numba compiles on first use.

Importing numba takes half a second, so declaring a kernel does not: ``@kernel`` keeps the function, and the
first call (or the first driver that needs it) compiles it. Compiled code is cached on disk under a digest of
everything the kernel depends on: its own bytecode and constants, the global values it reads, and, recursively,
every kernel it calls. Editing any of them changes the digest, so nothing stale can ever be loaded
(numba's own cache only looks at the file of the outermost function).

Counting references to arrays costs atomic instructions, many in each step of a method and ten times as much as
the arithmetic of a small one. Kernels work in arrays that they are given, so they are compiled without; one that
allocates is compiled again, with all that it calls, so that memory is freed. Both kinds never mix in one call tree.
"""

import contextlib
import dis
import functools
import hashlib
import importlib
import importlib.util
import os
import threading
import types
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

_COMPILING = threading.RLock()
_CONSTANTS = (bool, int, float, complex, str, tuple, np.generic)


def cache_folder() -> Path:
    """Where compiled kernels and last results are kept; ``SIMLAB_CACHE_DIR`` moves it."""
    return Path(os.environ.get("SIMLAB_CACHE_DIR") or platformdirs.user_cache_dir("simlab"))


def jit_disabled() -> bool:
    """Whether ``NUMBA_DISABLE_JIT`` asks for plain Python."""
    import numba

    return bool(vars(numba.config)["DISABLE_JIT"])


def _is_refusal(error: Exception) -> bool:
    """Whether numba cannot compile what was asked of it."""
    if jit_disabled():
        return False
    from numba.core.errors import NumbaError

    return isinstance(error, NumbaError)


class Kernel:
    """A function for numba: callable at once, compiled when it is first needed.

    A kernel may call other kernels by their plain names and read global numbers, tuples and arrays
    (frozen when it is compiled). With ``NUMBA_DISABLE_JIT=1`` it stays a Python function.
    """

    def __init__(self, function: Callable[..., Any], inline: bool = False) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.inline = inline  # whether kernels that call this one get its code, not a call
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self._runs: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run the kernel, compiled for the types of the arguments."""
        if self._runs is None:
            return self._first_that_compiles(lambda counted: self._run(counted, arguments))
        try:
            return self._runs(*arguments)
        except Exception as error:
            if not _is_refusal(error):
                raise
        return self._first_that_compiles(lambda counted: self._run(counted, arguments))

    def _run(self, counted: bool, arguments: tuple[Any, ...]) -> Any:
        form = self._form(None, counted, Caller.PYTHON)
        outcome = form(*arguments)
        self._runs = form  # what has run once is taken at once the next time
        return outcome

    def __repr__(self) -> str:
        return f"<kernel {self.function.__module__}.{self.function.__qualname__}>"

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the kernel and of all that it depends on."""
        # The module as well: compiled code on disk imports it by name, and files of users may be moved or copied.
        sha = hashlib.sha256(repr((self.function.__module__, self.function.__defaults__)).encode())
        for part in _code_parts(self.function.__code__):
            sha.update(part)
        for name, value in sorted(_references(self.function).items()):
            sha.update(f"{name}={_fingerprint(value, self.function.__code__)};".encode())
        return sha.hexdigest()

    def _folder(self, suffix: str) -> Path:
        import numba

        return cache_folder() / "kernels" / numba.__version__ / f"{self.digest[:24]}-{suffix}"

    @functools.cached_property
    def _allocates(self) -> bool:
        """Whether it is known that the kernel, or one that it calls, allocates."""
        return self._folder("allocates").exists()

    def _first_that_compiles(self, use: Callable[[bool], Any]) -> Any:
        """``use(counted)`` without reference counts, or with them when numba refuses to do without."""
        if jit_disabled() or self._allocates:
            return use(True)
        try:
            return use(False)
        except Exception as error:
            if not _is_refusal(error):
                raise
            outcome = use(True)
            self._allocates = True
            with contextlib.suppress(OSError):  # only a note to spare the next process the attempt
                self._folder("allocates").touch()
            return outcome

    def compiled(self, signature: Any = None) -> Callable[..., Any]:
        """What Python calls: for one explicit ``signature``, or compiled as soon as the types are known."""
        if signature is None:
            # Whether it allocates is seen when it is compiled: at the first call.
            return self._form(None, True, Caller.PYTHON) if jit_disabled() else self.__call__
        return self._first_that_compiles(lambda counted: self._form(signature, counted, Caller.PYTHON))

    def pointer(self, signature: Any) -> Callable[..., Any]:
        """What a compiled function takes as an argument, to call it by its address."""
        return self._first_that_compiles(lambda counted: self._form(signature, counted, Caller.POINTER))

    def linked(self, counted: bool) -> Callable[..., Any]:
        """What other kernels call, all with references ``counted`` or all without."""
        return self._form(None, counted, Caller.KERNEL)

    def interpreted(self, **replaced: Any) -> Callable[..., Any]:
        """The kernel as plain Python, with all that it calls: for arguments that numba does not know.

        Global names that are given, such as ``math``, stand for something else in it.
        """
        called = {
            name: value.interpreted(**replaced)
            for name, value in _references(self.function).items()
            if isinstance(value, Kernel)
        }
        return _bound(self.function, {**called, **replaced})

    def _form(self, signature: Any, counted: bool, caller: "Caller") -> Callable[..., Any]:
        key = signature, counted, caller
        with _COMPILING:
            if key not in self._compiled:
                self._compiled[key] = self._compile(signature, counted, caller)
            return self._compiled[key]

    def _compile(self, signature: Any, counted: bool, caller: "Caller") -> Callable[..., Any]:
        function = _link(self.function, counted)
        if jit_disabled():
            return function
        import numba

        njit: Any = numba.njit
        options = {
            "nogil": True, "error_model": "numpy", "fastmath": False, "_nrt": counted, "forceinline": self.inline,
            "no_cpython_wrapper": caller is not Caller.PYTHON, "no_cfunc_wrapper": caller is not Caller.POINTER,
        }  # fmt: skip
        arguments = () if signature is None else (signature,)
        folder = self._folder(f"{caller.value}{'-counted' * counted}{'-inline' * self.inline}")
        setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 (the attribute is made at run time)
        try:
            compiled: Callable[..., Any] = njit(*arguments, cache=True, **options)(function)
        except RuntimeError as error:  # no source file (typed at a prompt): compile without the disk cache
            if "cannot cache function" not in str(error):
                raise
            compiled = njit(*arguments, **options)(function)
        return compiled


class Caller(Enum):
    """Who calls a compiled kernel: numba is spared the entrances for others, nearly half of its work."""

    PYTHON = "python"
    POINTER = "pointer"
    KERNEL = "kernel"


class Intrinsic(Kernel):
    """A kernel whose compiled form is an intrinsic function of numba, ``name`` in ``module``.

    The module imports numba and is itself imported when the first kernel that calls this one is compiled.
    """

    def __init__(self, function: Callable[..., Any], module: str, name: str) -> None:
        super().__init__(function)
        self.module, self.name = module, name

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the Python form and of the module."""
        specification = importlib.util.find_spec(self.module)
        assert specification is not None
        assert specification.origin is not None
        source = Path(specification.origin).read_bytes()
        return hashlib.sha256(super().digest.encode() + source).hexdigest()

    def linked(self, counted: bool) -> Callable[..., Any]:
        """The intrinsic, or the Python function."""
        if jit_disabled():
            return self.function
        intrinsic: Callable[..., Any] = getattr(importlib.import_module(self.module), self.name)
        return intrinsic


def kernel(function: Callable[..., Any]) -> Kernel:
    """Declare ``function`` as a kernel: see :class:`Kernel`."""
    return Kernel(function)


def inline_kernel(function: Callable[..., Any]) -> Kernel:
    """Declare ``function`` as a kernel whose code is put into every kernel that calls it: for a few lines that are
    called in the innermost loops.
    """
    return Kernel(function, inline=True)


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
    names = {
        instruction.argval
        for code in _codes(function.__code__)
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    cells = function.__closure__ or ()
    found.update(zip(function.__code__.co_freevars, (cell.cell_contents for cell in cells), strict=True))
    return {
        name: value
        for name, value in found.items()
        if not (isinstance(value, Kernel) and value.function is function)  # a kernel that calls itself
    }


def _fingerprint(value: Any, code: types.CodeType) -> str:
    """Text that changes when the value does; of a module, only what the code may read from it."""
    if isinstance(value, Kernel):
        return value.digest
    if isinstance(value, np.ndarray):
        return hashlib.sha256(value.tobytes()).hexdigest() + str((value.dtype, value.shape))
    if isinstance(value, types.ModuleType):
        names = sorted({name for part in _codes(code) for name in part.co_names if hasattr(value, name)})
        constants = [(name, getattr(value, name)) for name in names]
        read = [(n, _fingerprint(v, code)) for n, v in constants if isinstance(v, (*_CONSTANTS, np.ndarray))]
        return f"{value.__name__}{read}"
    if isinstance(value, type):
        return f"{value.__qualname__}{getattr(value, '_fields', '')}"
    return repr(value)


def _link(function: Callable[..., Any], counted: bool) -> types.FunctionType:
    """The function with each kernel that it names replaced by that kernel's compiled form."""
    compiled = {
        name: value.linked(counted)
        for name, value in _references(function).items()
        if isinstance(value, Kernel)
    }
    return _bound(function, compiled)


def _bound(function: Callable[..., Any], names: dict[str, Any]) -> types.FunctionType:
    """The function with other values for some of the global and enclosing names that it reads."""
    cells = tuple(
        types.CellType(names.get(name, cell.cell_contents))
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    )
    bound = types.FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        cells or None,
    )
    bound.__qualname__, bound.__module__ = function.__qualname__, function.__module__
    return bound
