"""The registries: what has been declared, by kind and name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from simlab.errors import InputError

KINDS = ("problem", "noise", "method", "theorem", "figure")


@dataclass
class Registry:
    """Names to declared things, and the module that declared each."""

    entries: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    modules: dict[tuple[str, str], str] = field(default_factory=dict)
    loading: str = ""

    @contextmanager
    def first_load(self, module: str) -> Iterator[None]:
        """While a module is loaded for the first time, nothing in it can be declared twice."""
        outer, self.loading = self.loading, module
        try:
            yield
        finally:
            self.loading = outer

    def add(self, kind: str, name: str, entry: Any, module: str) -> None:
        """Register; the same name twice is an error, but a cell or a module that runs again replaces its own."""
        before = self.modules.get((kind, name))
        if before is not None and before == self.loading:
            raise InputError(f"two {kind}s of this file are called {name}; rename one of them.")
        if before is not None and before != module:
            raise InputError(f"two {kind}s are called {name} ({before} and {module}); rename one of them.")
        self.entries[kind][name] = entry
        self.modules[kind, name] = module

    def of(self, kind: str) -> dict[str, Any]:
        """All entries of a kind by name."""
        return self.entries[kind]

    def drop_module(self, module: str) -> None:
        """Forget what a module declared (it failed to load as a whole)."""
        for kind, name in [key for key, owner in self.modules.items() if owner == module]:
            self.drop(kind, name)

    def drop(self, kind: str, name: str) -> None:
        """Forget one entry."""
        del self.entries[kind][name], self.modules[kind, name]

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        for kind, named in self.entries.items():
            for name, entry in named.items():
                yield kind, name, entry


REGISTRY = Registry()
