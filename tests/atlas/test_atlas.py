"""The atlas: one file, complete, linked, escaped and from nowhere else."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simlab import discovery
from simlab.errors import InputError
from simlab.reports.atlas import write_atlas
from simlab.reports.atlas.build import atlas
from simlab.reports.terminal import numbers_text, reproduction
from simlab.running.results import Results
from simlab.statistics.verdicts import Status
from simlab.verification import verify
from simlab.vocabulary.registry import REGISTRY
from tests.atlas.pages import Element, read
from tests.cli import simlab

HOSTILE = '''
from simlab import grid, theorem


def inverse(k):
    """One over k, <script>alert("experiment")</script>."""
    return 1 / k


@theorem(experiment=inverse, domain=grid(k=(1, 2, 5)), source="</section><script>alert('source')</script>",
         labels=["<i>label"])
def too_small(k):
    """A bound <script>alert("statement")</script> & half as large as it must be."""
    return 1 / (2 * k)


@too_small.control("</style><img src=x onerror=alert(1)>")
def _(k):
    return 1 / (10 * k)


@theorem(experiment=inverse, domain=grid(k=(1, 2, 5)), source="arithmetic")
def toothless(k):
    """A control that changes nothing that matters."""
    return 1 / k


@toothless.control("just as large")
def _(k):
    return 1 / k


@theorem(experiment=lambda k: k * float("inf"), domain=grid(k=(1, 2)), source="arithmetic")
def endless(k):
    """What is measured is not finite."""
    return 1 / k


@endless.control("smaller")
def _(k):
    return 1 / (10 * k)


@theorem(experiment=inverse, domain=grid(k=(1, 2)), source="arithmetic")
def crashing(k):
    """A bound that is negative at first."""
    return 1 / (k - 2)


@crashing.control("smaller")
def _(k):
    return 1 / (10 * k)


def fair(rng, runs):
    return rng.random(size=runs)


@theorem(experiment=fair, domain=grid(k=(1,)), source="arithmetic", slack=1e-5)
def unsettled(k):
    """A mean that these runs cannot tell from its bound."""
    return 0.5


@unsettled.control("smaller")
def _(k):
    return 0.1
'''
IDS = (
    "gd-convex-tight",
    "hb-quadratic-optimal",
    "hb-quadratic-as-printed",
    "sgd-convex-average",
    "plain-gossip",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    """Results of all kinds: holding, refuted, violated, diverged, crashed, undecided and not loaded."""
    discovery.discover()
    entries = {kind: dict(named) for kind, named in REGISTRY.entries.items()}
    modules, files = dict(REGISTRY.modules), dict(discovery._STATE.files)
    folder = tmp_path_factory.mktemp("atlas")
    (folder / "hostile.py").write_text(HOSTILE)
    (folder / "broken.py").write_text("import nothing_like_it\n")
    known = [id_ for id_ in IDS if id_ in REGISTRY.of("theorem")]
    yield verify(*known, folder / "hostile.py", folder / "broken.py", tier="quick")
    REGISTRY.entries, REGISTRY.modules = entries, modules
    discovery._STATE.files = files


@pytest.fixture(scope="module")
def html(results: Results) -> str:
    return atlas(results)


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return read(html)


def section(page: Element, anchor: str) -> Element:
    return page.one("section", id=anchor)


def test_results_of_all_kinds_are_there(results: Results) -> None:
    kinds = {str(result.status) for result in results}
    assert kinds == {"holds", "refuted", "violated", "diverged", "unresolved", "error"}
    assert any(result.chapter == "not loaded" for result in results)


def test_every_link_leads_somewhere_in_the_file(page: Element) -> None:
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    links = [element.attributes["href"] for element in page.all("a")]
    assert len(links) > 100
    assert {link.removeprefix("#") for link in links} <= set(ids)
    named = [
        e.attributes[name] for e in page.all() for name in ("aria-labelledby", "for") if name in e.attributes
    ]
    assert set(named) <= set(ids)
    clips = [e.attributes["clip-path"] for e in page.all() if "clip-path" in e.attributes]
    assert {clip[5:-1] for clip in clips} <= set(ids)


def test_nothing_is_loaded_from_elsewhere(html: str, page: Element) -> None:
    for element in page.all():
        for name in ("src", "srcset", "data", "action", "poster", "xlink:href"):
            assert name not in element.attributes
    (icon,) = page.all("link")
    assert icon.attributes["href"] == "data:,"
    assert not re.search(r"@import|url\((?!#)", html)
    assert "://" not in html


def test_what_users_write_is_shown_and_never_run(html: str, page: Element) -> None:
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [
        e for e in page.all() for name in e.attributes if name.startswith("on") and name != "onsubmit"
    ]
    shown = section(page, "theorem-too-small").text
    for words in ('alert("statement")', "</section><script>alert('source')", "<i>label", "onerror=alert(1)>"):
        assert words in shown
    assert "<script>alert" not in html


@pytest.mark.parametrize(("kind", "index"), [("problem", "problems"), ("method", "methods")])
def test_problems_and_methods_link_to_their_theorems_and_back(page: Element, kind: str, index: str) -> None:
    pages = [s for s in page.all("section", class_="page") if s.attributes["id"].startswith(f"{kind}-")]
    listed = {a.attributes["href"] for a in section(page, index).all("a")}
    assert listed == {f"#{s.attributes['id']}" for s in pages}
    for shown in pages:
        assert [a for a in shown.all("a") if a.attributes["href"].startswith("#theorem-")]
    method = section(page, "theorem-gd-convex-tight").all("a", href="#method-gradient-descent")
    problem = section(page, "theorem-gd-convex-tight").all("a", href="#problem-huber")
    assert method
    assert problem


def test_a_theorem_shows_its_statement_worst_case_and_controls(results: Results, page: Element) -> None:
    result = results["gd-convex-tight"]
    shown = section(page, "theorem-gd-convex-tight")
    assert shown.one("div", class_="main").all("mfrac")
    assert numbers_text(result.worst) in shown.text
    assert reproduction(result, results, result.worst.case.label) in shown.text
    assert len(shown.one("ul", class_="controls").all("li")) == 2
    assert len(shown.all("svg")) == 2
    assert "Drori & Teboulle 2014" in shown.text
    assert "holds, tight" in shown.one("p", class_="chips").text


def test_a_failure_says_what_show_says(page: Element) -> None:
    too_small = section(page, "theorem-too-small").one("div", class_="alert").text
    assert "smallest case:" in too_small
    assert "python -m simlab verify" in too_small
    assert "control not caught: just as large" in section(page, "theorem-toothless").one(class_="alert").text
    assert "a bound is negative" in section(page, "theorem-crashing").one(class_="alert").text
    assert "nothing_like_it" in section(page, "theorem-broken-py").text
    assert "not finite" in section(page, "theorem-endless").one(class_="alert").text


def test_refuted_and_corrected_statements_link_to_each_other(page: Element) -> None:
    printed, corrected = "theorem-hb-quadratic-as-printed", "theorem-hb-quadratic-optimal"
    assert section(page, printed).all("a", href=f"#{corrected}")
    assert section(page, corrected).all("a", href=f"#{printed}")


def test_the_table_has_a_row_for_every_theorem(results: Results, page: Element) -> None:
    table = page.one("table", id="table")
    rows = table.one("tbody").all("tr")
    assert [row.one("a").text for row in rows] == [result.id for result in results]
    assert all(
        heading.one("button").attributes["type"] == "button" for heading in table.one("thead").all("th")
    )
    assert all(h.attributes["aria-sort"] == "none" for h in table.one("thead").all("th"))
    for row, result in zip(rows, results, strict=True):
        assert f"{result.caught}/{len(result.controls)}" in row.text
    keys = {row.one("a").text: row.one(class_="ratio-cell").attributes["data-sort"] for row in rows}
    assert keys["endless"] == "Infinity"
    assert keys["crashing"] == "-1"
    assert float(keys["gd-convex-tight"]) == results["gd-convex-tight"].worst.verdict.ratio


def test_headings_and_landmarks_are_in_order(page: Element) -> None:
    levels = [int(e.tag[1]) for e in page.all() if re.fullmatch(r"h[1-6]", e.tag)]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert [len(page.all(tag)) for tag in ("main", "header", "footer")] == [1, 1, 1]
    names = [nav.attributes["aria-label"] for nav in page.all("nav")]
    assert len(names) == len(set(names))
    assert page.all("a")[0].attributes == {"class": "skip", "href": "#content"}
    for field in page.all("input") + page.all("select"):
        assert field.parent is not None
        assert field.parent.tag == "label"


def test_the_verdict_page_states_seed_versions_and_promise(page: Element) -> None:
    shown = section(page, "verdicts").text
    for words in ("FALSE_VIOLATION 0.001", "seed 0", "tier quick", "numba", "False violations."):
        assert words in shown


def test_the_verdict_page_explains_every_status(page: Element) -> None:
    explained = [term.text for term in page.one("dl", class_="verdicts").all("dt")]
    assert {words.split()[-1] for words in explained} == {str(status) for status in Status}


def test_the_same_results_give_the_same_bytes(results: Results, html: str) -> None:
    def timeless(made: str) -> str:
        return re.sub(
            r"\d{4}-\d\d-\d\dT[\d:+]+|[0-9a-f]{64}", "", made
        )  # the sources may be edited meanwhile

    assert timeless(atlas(results)) == timeless(html)


def test_a_theorem_takes_little_room(html: str, results: Results) -> None:
    pages = re.findall(r'<section class="page theorem-page".*?(?=<section class="page)', html, re.DOTALL)
    assert len(pages) == len(results)
    assert max(map(len, pages)) < 60_000
    assert sum(map(len, pages)) / len(pages) < 40_000


def test_no_result_gives_an_atlas_without_theorems(tmp_path: Path) -> None:
    write_atlas(Results([], 0, "quick"), tmp_path / "atlas.html")
    page = read((tmp_path / "atlas.html").read_text())
    assert not page.one("table", id="table").one("tbody").all("tr")
    assert "No theorem of this run uses any." in section(page, "methods").text


def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_atlas(Results([], 0, "quick"), tmp_path)
    for path in (str(tmp_path), str(tmp_path / "nowhere" / "atlas.html"), "-"):
        done = simlab("verify", "gd-convex-tight", "--quick", "--html", path)
        assert done.returncode == 2
        assert "gd-convex-tight" not in done.stdout + done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    done = simlab("verify", "gd-convex-textbook", "--quick", "--html", str(tmp_path / "atlas.html"))
    assert done.returncode == 0, done.stderr
    assert "the atlas of 1 theorem is in" in done.stderr
    page = read((tmp_path / "atlas.html").read_text())
    assert section(page, "theorem-gd-convex-textbook")
