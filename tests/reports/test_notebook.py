"""What notebooks show: well-formed HTML with formulas and plots, in which nothing of a user's is markup."""

import sys
from pathlib import Path
from typing import Any

import pytest

from problems.huber import huber
from problems.networks import tilted_quadratics
from problems.saddles import factorization
from simlab.errors import InputError
from simlab.running.results import Results
from simlab.verification import verify
from tests.atlas.pages import Element, read
from theorems.single_machine.gradient_descent import gd_convex_tight

HOSTILE = '''
from simlab import grid, theorem


def inverse(k):
    """One over k, <script>alert("experiment")</script>."""
    return 1 / k


@theorem(experiment=inverse, domain=grid(k=(1, 2, 5)), source="<script>alert('source')</script>")
def too_small(k):
    """A bound <script>alert("statement")</script> & half as large as it must be."""
    return 1 / (2 * k)


@too_small.control("<img src=x onerror=alert(1)>")
def _(k):
    return 1 / (10 * k)
'''


@pytest.fixture(scope="module")
def results() -> Results:
    return verify("gd-convex-tight", "sgd-sc-constant", tier="quick")


def shown(thing: Any) -> Element:
    return read(thing._repr_html_())


def test_results_are_a_table_with_the_verdict_and_the_ratio_of_each(results: Results) -> None:
    page = shown(results)
    rows = page.one("tbody").all("tr")
    assert [row.all("td")[0].text for row in rows] == [r.id for r in results]
    assert [row.all("td")[2].text for row in rows] == ["holds, tight", "holds, tight"]
    assert "2 of 2 theorems hold" in page.text


def test_a_result_names_its_worst_case_and_controls_and_has_its_standard_figure(results: Results) -> None:
    result = results["sgd-sc-constant"]
    page = shown(result)
    assert len(page.all("svg")) == 2
    assert [row.all("td")[0].text for row in page.one("tbody").all("tr")] == [
        c.title for c in result.controls
    ]
    assert f"measured / bound = {result.worst.verdict.ratio:.6g}" in page.text


def test_a_case_lists_its_checkpoints(results: Results) -> None:
    case = max(results["sgd-sc-constant"].claims, key=lambda c: len(c.case.checkpoints))
    page = shown(case)
    cells = [row.all("td") for row in page.one("tbody").all("tr")]
    assert [row[0].text for row in cells] == [str(k) for k in case.case.checkpoints]
    assert [row[4].text for row in cells] == [f"{bound:.6g}" for bound in case.bounds]


def test_a_theorem_has_its_formula_and_its_bound_as_a_plot() -> None:
    page = shown(gd_convex_tight)
    assert page.one("math").all("mfrac")
    assert len(page.all("svg")) == 1
    assert "the gradient of f is L-Lipschitz" in page.text
    assert "Drori & Teboulle 2014" in page.text


def test_problems_are_drawn_in_one_and_two_dimensions_and_described_in_all() -> None:
    assert len(shown(huber).all("svg")) == 1
    assert len(shown(huber(threshold=0.3)).all("svg")) == 1
    assert len(shown(factorization()).all("svg")) == 1
    network = shown(tilted_quadratics(workers=4, dimension=3))
    assert not network.all("svg")
    assert "Workers(m=4)" in network.text


def test_ids_are_of_one_picture_only() -> None:
    page = read(huber._repr_html_() + huber._repr_html_())
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert ids
    assert len(ids) == len(set(ids))


@pytest.fixture
def hostile(tmp_path: Path, registry: None) -> Results:
    path = tmp_path / "hostile.py"
    path.write_text(HOSTILE)
    return verify(str(path), tier="quick")


def test_words_of_users_are_never_markup(hostile: Results) -> None:
    from simlab.vocabulary.registry import REGISTRY

    (result,) = hostile
    entry = REGISTRY.of("theorem")["too-small"]
    for thing in (hostile, result, result.claims[0], entry):
        page = shown(thing)
        assert not page.all("script")
        assert not page.all("img")
    assert '<script>alert("statement")</script>' in shown(entry).text
    assert "<img src=x onerror=alert(1)>" in shown(result).text
    assert "reproduce" in shown(hostile).text


def test_a_frame_has_the_rows_of_the_records(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pandas:
        DataFrame = staticmethod(list)

    monkeypatch.setitem(sys.modules, "pandas", Pandas)
    assert results.to_frame() == results.table()
    assert len(results.to_frame(cases=True)) == len(results.records())


def test_without_pandas_the_way_to_plain_records_is_named(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"use table\(\), which gives the same rows"):
        results.to_frame()
    with pytest.raises(InputError, match=r"use records\(\)"):
        results.to_frame(cases=True)
    assert len(results.table()) == 2
