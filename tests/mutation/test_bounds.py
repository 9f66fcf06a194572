"""Neighbours of a bound: which constants are changed, and to what."""

import functools
import math
from typing import Any

import pytest

from simlab.mutation.bounds import loosened, neighbours, scaled, tightened
from simlab.vocabulary.claim import LOWER
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem, grid, theorem

HALF = 0.5


def entry(bound: Any, axes: dict[str, Any] | None = None, **declared: Any) -> Theorem:
    """A theorem with this bound, which is forgotten by the registry."""
    domain = grid(**{"k": (1, 2), **(axes or {})})
    made = theorem(experiment=lambda k: 1.0, domain=domain, source="-", **declared)(bound)
    REGISTRY.drop("theorem", made.id)
    return made


def changed(bound: Any, **axes: Any) -> dict[str, Theorem]:
    """The neighbours of a bound by title."""
    return dict(neighbours(entry(bound, axes=axes)))


def test_constants_counts_and_literals() -> None:
    def bound(k: int, n: int, L: float) -> float:
        """A docstring with 17 in it stays."""
        return L / (2 * k + n)

    titles = [title.partition(" -> ")[2] for title in changed(bound)]
    assert titles == [
        "return L / 2 / (2 * k + n)",
        "return L / (3 * k + n)",
        "return L / (1 * k + n)",
        "return L / (2 * (k - 1) + n)",
        "return L / (2 * (k + 1) + n)",
        "return L / (2 * k + (n - 1))",
    ]


def test_a_neighbour_computes_what_its_title_says() -> None:
    def bound(k: int, L: float) -> float:
        """A bound."""
        return L / (2 * k)

    found = changed(bound)
    assert found["return L / (2 * k) -> return L / (3 * k)"].bound(k=2, L=12.0) == 2.0
    assert found["return L / (2 * k) -> return L / (2 * (k + 1))"].bound(k=2, L=12.0) == 2.0
    assert bound(k=2, L=12.0) == 3.0


def test_exponents_and_roots() -> None:
    def bound(k: int, L: float) -> float:
        """A bound."""
        return math.sqrt(L) ** k + L**2

    titles = {title.partition(" -> ")[2] for title in changed(bound)}
    assert {
        "return math.sqrt(L) ** (k + 0.5) + L ** 2",
        "return math.sqrt(L) ** (k - 0.5) + L ** 2",
        "return L ** k + L ** 2",
        "return math.sqrt(L) ** k + L ** 2.5",
        "return math.sqrt(L) ** k + L ** 1.5",
    } <= titles
    assert "return math.sqrt(L) ** k + L ** 3" not in titles


def test_parameters_that_are_whole_numbers_are_counts_and_words_are_none() -> None:
    def bound(terms: int, scale: float, kind: str) -> float:
        """A bound."""
        return terms * scale if kind == "a" else 0.0

    titles = " ".join(changed(bound, terms=(1, 2), scale=(0.5, 1.0), kind=("a", "b")))
    assert "(terms - 1) * scale" in titles
    assert "terms * (scale / 2)" in titles
    assert "kind / 2" not in titles


def test_indices_and_tolerances_stay() -> None:
    def bound(L: float, spectrum: Any) -> float:
        """A bound."""
        return spectrum[1] * L + 1e-12

    titles = changed(bound, spectrum=((1.0, 2.0),))
    assert not any("spectrum[2]" in title or "1.000000000001" in title for title in titles)
    assert len(titles) == 1


def factor(h: float) -> float:
    """A helper of the bound."""
    return 1 - h


@functools.cache
def slow_factor(h: float) -> float:
    """A helper with a cache."""
    return 1 + h


def search(h: float) -> float:
    """A helper that ends by a condition."""
    low = h
    while low > 1:
        low /= 2
    return low


def test_helpers_of_the_module_are_changed_too() -> None:
    def bound(h: float) -> float:
        """A bound."""
        return factor(h) * slow_factor(h) * search(h)

    found = changed(bound, h=(0.25, 0.5))
    assert "factor: return 1 - h -> return 1 - h / 2" in found
    assert found["factor: return 1 - h -> return 1 - h / 2"].bound(h=0.5) == 0.75 * 1.5 * 0.5
    assert found["slow_factor: return 1 + h -> return 2 + h"].bound(h=0.5) == 0.5 * 2.5 * 0.5
    assert not any(title.startswith("search") for title in found)
    assert factor(0.5) == 0.5


def test_numbers_of_the_module_are_constants() -> None:
    def bound(L: float) -> float:
        """A bound."""
        return HALF * L

    assert "return HALF * L -> return HALF / 2 * L" in changed(bound)


def test_a_bound_without_source_has_no_neighbours() -> None:
    made: dict[str, Any] = {"__name__": "typed"}
    exec('def typed(k):\n    """A bound."""\n    return 1 / k', made)
    assert list(neighbours(entry(made["typed"]))) == []


@pytest.mark.parametrize(("claim", "tighter", "looser"), [({}, 0.45, 2.0), ({"claim": LOWER}, 1 / 0.45, 0.5)])
def test_tightened_and_loosened(claim: dict[str, Any], tighter: float, looser: float) -> None:
    def bound(k: int) -> float:
        """A bound."""
        return 1.0 * k

    made = entry(bound, attained_at=grid(k=1), at_least=0.5, **claim)
    assert tightened(made, 0.9).bound(k=1) == pytest.approx(tighter)
    assert loosened(made, 0.5).bound(k=1) == pytest.approx(looser)
    assert scaled(made, 3.0).bound(k=2) == 6.0
