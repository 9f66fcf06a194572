"""Discovery: finds theorems, problems and methods by scanning packages, entry points and files.

Nothing in ``simlab`` imports a particular theorem or problem: this module imports whatever it finds.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from simlab.errors import InputError
from simlab.vocabulary.registry import REGISTRY

# Scanned in this order: theorems may use problems, and both may use methods.
PACKAGES = ("simlab.optimizers", "problems", "theorems")


@dataclass
class Discovered:
    """What was loaded, and what could not be: module name to one sentence."""

    broken: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)


_STATE = Discovered()
_DONE: set[str] = set()


def discover(files: Iterable[Path] = ()) -> Discovered:
    """Import every module of the built-in packages and plug-ins once, and the given files.

    A broken built-in module or plug-in is reported and skipped; a given file that does not import raises
    :class:`InputError`.
    """
    for package in PACKAGES:
        if package not in _DONE:
            _DONE.add(package)
            _scan(package)
    if "entry points" not in _DONE:
        _DONE.add("entry points")
        _plugins()
    for path in files:
        _load_file(path.resolve())
    return _STATE


def _scan(package: str) -> None:
    parent = importlib.import_module(package)
    for found in pkgutil.walk_packages(parent.__path__, f"{package}."):
        if not found.ispkg:
            _import(found.name)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception as error:
        REGISTRY.drop_module(name)
        _STATE.broken[name] = f"{type(error).__name__}: {error}"


def _plugins() -> None:
    for group in ("simlab.problems", "simlab.theorems"):
        for point in entry_points(group=group):
            try:
                point.load()
            except Exception as error:
                message = f"plug-in {point.name} ({point.value}) was skipped: {type(error).__name__}: {error}"
                warnings.warn(message, RuntimeWarning, stacklevel=2)


def _load_file(path: Path) -> None:
    if path.is_dir():
        for inner in sorted(path.glob("*.py")):
            _load_file(inner)
        return
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; check the path.") from None
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules and _STATE.files.get(name) == path:
        REGISTRY.drop_module(name)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file; give a file that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))  # so that a file can import its neighbours
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except Exception as error:
        REGISTRY.drop_module(name)
        del sys.modules[name]
        line = f", line {_line_of(error, path)}" if _line_of(error, path) else ""
        kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
        raise InputError(f"{path}{line} does not load: {kind}{error}") from None
    finally:
        sys.path.remove(str(path.parent))
    _STATE.files[name] = path


def _line_of(error: BaseException, path: Path) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def theorems_of(path: Path) -> list[str]:
    """The ids of the theorems that a file, or the files of a folder, declared."""
    path = path.resolve()
    names = {name for name, file in _STATE.files.items() if file == path or path in file.parents}
    return [id_ for (kind, id_), module in REGISTRY.modules.items() if kind == "theorem" and module in names]


def source_digest(module: str) -> str:
    """Hash of the file that declared an entry; results are stored with it."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16] if file else ""


def file_of(theorem: str) -> Path | None:
    """The file on the command line that declared a theorem, if one did."""
    return _STATE.files.get(REGISTRY.modules.get(("theorem", theorem), ""))
