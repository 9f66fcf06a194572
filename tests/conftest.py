"""What tests of several packages share."""

from collections.abc import Iterator

import pytest

from simlab import discovery
from simlab.vocabulary.registry import REGISTRY


@pytest.fixture
def registry() -> Iterator[None]:
    """Lets a test declare entries and load files: afterwards the registry is as it was."""
    discovery.discover()
    entries = {kind: dict(named) for kind, named in REGISTRY.entries.items()}
    modules, files = dict(REGISTRY.modules), dict(discovery._STATE.files)
    broken = dict(discovery._STATE.broken)
    yield
    REGISTRY.entries, REGISTRY.modules = entries, modules
    discovery._STATE.files, discovery._STATE.broken = files, broken
