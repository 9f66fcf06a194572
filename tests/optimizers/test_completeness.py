"""No method is without a test that compares it with another reference."""

from pathlib import Path

from simlab.discovery import discover
from simlab.vocabulary.registry import REGISTRY


def test_every_method_is_compared() -> None:
    """Each registered method is named in a test of this folder, where methods follow their twins step by step."""
    discover()
    here = Path(__file__)
    tests = [path.read_text("utf-8") for path in here.parent.glob("test_*.py") if path != here]
    # Those of the collection: tests that ran before have declared methods of their own.
    ours = ("simlab.", "theorems.", "problems.")
    found = [name for name in REGISTRY.of("method") if REGISTRY.modules["method", name].startswith(ours)]
    names = [name.replace("-", "_") for name in found]
    assert len(names) > 90
    assert [name for name in names if not any(name in text for text in tests)] == []
