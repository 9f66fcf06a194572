"""Discovery: finds theorems, problems and methods by scanning packages, entry points and files.

Nothing in ``simlab`` imports a particular theorem or problem: this module imports whatever it finds.
"""

import hashlib
import importlib
import linecache
import pkgutil
import sys
import types
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from simlab.errors import InputError
from simlab.vocabulary.registry import REGISTRY

# Scanned in this order: theorems may use problems, and both may use methods.
PACKAGES = ("simlab.optimizers", "problems", "theorems")
GROUPS = ("simlab.problems", "simlab.theorems")  # of entry points of plug-ins
HOME = Path(__file__).resolve().parents[1]  # where these packages lie


@dataclass
class Discovered:
    """What could not be loaded (module or problem to one sentence), and which files were."""

    broken: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)


_STATE = Discovered()
_DONE: set[str] = set()


def discover(files: Iterable[Path] = ()) -> Discovered:
    """Import every module of the built-in packages and plug-ins once, and the given files and folders.

    A broken built-in module is recorded, a broken plug-in warns, and both are skipped.

    Raises
    ------
    InputError
        When a given file does not load, or another package hides one of simlab's own.
    """
    for package in PACKAGES:
        scan(package)
    if "entry points" not in _DONE:
        _DONE.add("entry points")
        _plugins()
    for path in files:
        for file in python_files(path):
            load_file(file)
    return _STATE


def scan(package: str) -> None:
    """Import every module of one of simlab's own packages, once.

    Raises
    ------
    InputError
        When another package of this name hides it.
    """
    if package in _DONE:
        return
    _DONE.add(package)
    parent = importlib.import_module(package)
    places = list(getattr(parent, "__path__", [])) or [str(parent.__file__)]
    if Path(places[0]).resolve() != HOME / package.replace(".", "/"):
        raise InputError(
            f"{places[0]} hides simlab's own package {package!r}; run from another folder, or rename that one."
        )
    for found in pkgutil.walk_packages(parent.__path__, f"{package}."):
        if not found.ispkg:
            _import(found.name)


def _import(name: str) -> None:
    try:
        with REGISTRY.first_load(name):
            keep_source(str(importlib.import_module(name).__file__))
    except Exception as error:
        REGISTRY.drop_module(name)
        _STATE.broken[name] = f"{name} does not load: {one_line(error)}"


def keep_source(file: str) -> None:
    """Keep the source as it was loaded: formulas are made from it, at the end of a long run too.

    A file that is edited meanwhile would else show another function's formula, or none.
    """
    linecache.cache.pop(file, None)
    linecache.getlines(file)
    entry = linecache.cache.get(file)
    if entry is not None and len(entry) == 4:
        linecache.cache[file] = (entry[0], None, *entry[2:])  # without a time, it is never read again


def _plugins() -> None:
    for group in GROUPS:
        for point in entry_points(group=group):
            module = point.value.partition(":")[0]
            try:
                point.load()
                keep_source(str(sys.modules[module].__file__))
                _walk(module)
                check_galleries(module)
            except Exception as error:
                REGISTRY.drop_module(module)
                message = f"plug-in {point.name} ({point.value}) was skipped: {one_line(error)}"
                warnings.warn(message, RuntimeWarning, stacklevel=2)


def _walk(module: str) -> None:
    """Import the modules of a plug-in's package."""
    places = getattr(sys.modules[module], "__path__", None)
    for found in pkgutil.walk_packages(places, f"{module}.") if places else ():
        keep_source(str(importlib.import_module(found.name).__file__))


def check_galleries(module: str) -> None:
    """Build every gallery instance of a module's problems, since every theorem is matched with them.

    Raises
    ------
    InputError
        When an instance cannot be built; its problem is then forgotten, so that nothing else breaks.
    """
    for (kind, name), owner in list(REGISTRY.modules.items()):
        if kind == "problem" and owner == module:
            try:
                REGISTRY.of("problem")[name].instances()
            except Exception as error:
                REGISTRY.drop(kind, name)
                raise InputError(
                    f"problem {name} has a gallery that cannot be built: {one_line(error)}"
                ) from error


def one_line(error: BaseException) -> str:
    """An error as one line: its own sentence, or its type and the beginning of its message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    words = " ".join(lines[:3])
    return words if isinstance(error, InputError) else f"{type(error).__name__}: {words}".rstrip(": ")


def python_files(path: Path) -> list[Path]:
    """The file, or the Python files of the folder; those of simlab's own folders are found in subfolders too."""
    path = path.resolve()
    if not path.is_dir():
        return [path]
    inside = path.rglob("*.py") if _built_in(path) else path.glob("*.py")
    return sorted(file for file in inside if file.name != "__init__.py")


def _built_in(path: Path) -> bool:
    return any(path.is_relative_to(HOME / package.replace(".", "/")) for package in PACKAGES)


def load_file(path: Path) -> None:
    """Import one file with entries, again when it was imported before.

    Raises
    ------
    InputError
        When it cannot be read, is not Python, or does not load.
    """
    if _built_in(path):
        module = ".".join(path.relative_to(HOME).with_suffix("").parts)
        if module in _STATE.broken:
            raise InputError(_STATE.broken[module])
        if module in sys.modules:
            _STATE.files[module] = path
            return
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; check the path.") from None
    if path.suffix != ".py":
        raise InputError(f"{path} is no Python file; give a file that ends in .py.")
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    REGISTRY.drop_module(name)
    module_type = types.ModuleType(name)
    module_type.__file__ = str(path)
    sys.modules[name] = module_type
    sys.path.insert(0, str(path.parent))  # so that a file can import its neighbours
    try:
        with REGISTRY.first_load(name):
            exec(compile(source, str(path), "exec"), module_type.__dict__)
        keep_source(str(path))
    except (Exception, SystemExit) as error:
        REGISTRY.drop_module(name)
        del sys.modules[name]
        place = f"{path}, line {line}" if (line := line_of(error, path)) else str(path)
        raise InputError(f"{place} does not load: {one_line(error)}") from error
    finally:
        sys.path.remove(str(path.parent))
    _STATE.files[name] = path
    for theorem in REGISTRY.of("theorem").values():
        if theorem.module == name:
            theorem.chapter = path.stem
    check_galleries(name)


def line_of(error: BaseException, path: Path) -> int | None:
    """The line of a file at which an error was raised, or passed through."""
    if isinstance(error, SyntaxError):
        return error.lineno
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def entries_of(path: Path, kind: str = "theorem") -> list[str]:
    """The names of the entries that a file, or the files of a folder, declared."""
    path = path.resolve()
    names = {name for name, file in _STATE.files.items() if file == path or path in file.parents}
    return [id_ for (what, id_), module in REGISTRY.modules.items() if what == kind and module in names]


def source_digest(module: str) -> str:
    """Hash of the file that declared an entry; results are stored with it."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16] if file else ""


def file_of(theorem: str) -> Path | None:
    """The file on the command line that declared a theorem, if one did."""
    path = _STATE.files.get(REGISTRY.modules.get(("theorem", theorem), ""))
    return None if path is None or _built_in(path) else path
