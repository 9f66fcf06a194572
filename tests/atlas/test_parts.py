"""The parts of the atlas: formulas, small SVG, anchors and links."""

import re
import sys

import pytest

from simlab.discovery import discover
from simlab.drawing.style import colours
from simlab.reports.atlas.anchors import Anchors, inline, prose
from simlab.reports.atlas.build import TEMPLATES
from simlab.reports.atlas.mathml import mathml, symbol_math
from simlab.reports.atlas.pictures import drawing, problem_picture, theorem_pictures, tick_text
from simlab.reports.atlas.workers import draw_all
from simlab.reports.statement import statement
from simlab.vocabulary.registry import REGISTRY
from tests.atlas.pages import read


def test_words_stay_whole_in_formulas() -> None:
    made = mathml(r"\mathrm{step\ size} \leq \frac{1}{L_{\max}}")
    assert "<mtext>step size</mtext>" in made.replace(chr(160), " ")
    assert "<mfrac>" in made


@pytest.mark.parametrize("latex", [r"\href{javascript:alert(1)}{x}", r"\color{red}{x}", r"\text{<script>}"])
def test_a_formula_brings_no_links_colours_or_elements(latex: str) -> None:
    page = read(mathml(latex))
    assert not [e for e in page.all() if {"href", "style", "mathcolor"} & set(e.attributes)]
    assert not page.all("script")


def test_what_is_no_formula_is_shown_as_it_is() -> None:
    assert mathml(r"\left( <b>") == r"<code>\left( &lt;b&gt;</code>"


def test_every_registered_formula_becomes_mathml() -> None:
    discover()
    formulas = [problem.formula for problem in REGISTRY.of("problem").values() if problem.formula]
    for theorem in REGISTRY.of("theorem").values():
        made = statement(theorem)
        formulas += [made.latex, *(definition.latex for definition in made.where if definition.latex)]
    assert len(formulas) > 300
    for latex in formulas:
        made = mathml(latex)
        assert made.startswith("<math"), latex
        assert "\\" not in made, latex


def test_symbols_of_constants() -> None:
    assert "<msub>" in symbol_math("Lmax")
    assert "&#963;" in symbol_math("sigma2") or "σ" in symbol_math("sigma2")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (100.0, "100"),
        (-0.5, "−0.5"),
        (1e-5, "10⁻⁵"),
        (2e-5, "2·10⁻⁵"),
        (1.5e41, "1.5·10⁴¹"),
        (-1e4, "−1·10⁴"),
    ],
)
def test_tick_labels(value: float, words: str) -> None:
    assert tick_text(value) == words


def case(label: str, ratio: float, n: int = 1) -> dict[str, object]:
    numbers = [ratio / (i + 1) for i in range(n)]
    return {
        "case": label, "ratio": ratio, "checkpoints": list(range(n)), "measured": numbers,
        "measured_low": numbers, "measured_high": numbers, "bounds": [1.0] * n,
    }  # fmt: skip


def test_pictures_are_small_and_follow_the_page() -> None:
    record = {
        "claims": [case("<b>", 0.1 + i / 2000) for i in range(1000)],
        "attained": [case("several", 0.5, 4)],
        "controls": [{"title": "far", "cases": [case("far", float("inf"))]}],
    }
    with drawing():
        curve, ratios = theorem_pictures(record, "x")
    for picture in (curve, ratios):
        page = read(picture.svg)
        assert not page.all("use")
        assert len(page.all()) < 60
        assert {e.attributes["id"] for e in page.all() if "id" in e.attributes} <= {"xa0", "xb0"}
        assert set(re.findall(r"#[0-9a-f]{6}", picture.svg)) <= {c.lower() for c in colours()} | {"#808080"}
        assert "currentColor" in picture.svg
    assert len(ratios.svg) < 60_000
    for words in ("measured", "bound", "step k"):
        assert words in read(curve.svg).text


def test_a_result_without_cases_has_no_picture() -> None:
    with drawing():
        assert theorem_pictures({"claims": [], "attained": [], "controls": []}, "x") == []


def test_other_processes_draw_the_same_pictures() -> None:
    records = [{"claims": [case("worst", 1 / (i + 1), 4)], "attained": [], "controls": []} for i in range(5)]
    seen: list[int] = []
    made = draw_all(records, seen.append, workers=2)
    assert made == draw_all(records, workers=1)
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_what_other_processes_do_not_answer_is_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    records = [{"claims": [case("worst", 0.5)], "attained": [], "controls": []} for _ in range(2)]
    assert all(len(pictures) == 2 for pictures in draw_all(records, workers=2))


def test_problems_of_one_and_two_dimensions_are_drawn() -> None:
    discover()
    problems = REGISTRY.of("problem")
    with drawing():
        graph, levels = (problem_picture(problems[name], "x") for name in ("huber", "quadratic"))
    assert graph is not None
    assert levels is not None
    assert graph.caption.startswith("f of huber(")
    assert levels.caption.startswith("level lines of f of quadratic(")
    assert len(levels.svg) < 30_000


def test_anchors_are_stable_and_never_shared() -> None:
    anchors = Anchors()
    assert anchors.add("theorem", "gd-convex-tight") == "theorem-gd-convex-tight"
    assert anchors.add("theorem", "/tmp/a b.py") == "theorem-tmp-a-b-py"
    assert anchors.add("theorem", "tmp/a/b.py") == "theorem-tmp-a-b-py-2"
    assert anchors.add("theorem", "/tmp/a b.py") == "theorem-tmp-a-b-py"
    assert anchors.add("problem", "<>") == "problem-unnamed"


def test_names_are_linked_once_and_only_whole() -> None:
    anchors = Anchors()
    anchors.add("problem", "huber")
    assert anchors.linked("huber(x=1), huber-loss & huber", ["problem"]) == (
        '<a href="#problem-huber">huber</a>(x=1), huber-loss &amp; huber'
    )
    assert anchors.linked("huber", ["method"]) == "huber"
    assert anchors.link("problem", "<other>") == "&lt;other&gt;"


def test_docstrings_are_marked_up_and_escaped() -> None:
    assert inline("``a < b`` and **c**, f* = g*") == "<code>a &lt; b</code> and <strong>c</strong>, f* = g*"
    assert prose("One *word*.\n\n- a\n- b\n  c") == "<p>One <em>word</em>.</p><ul><li>a</li><li>b c</li></ul>"


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_have_the_contrast_of_wcag_aa() -> None:
    css = (TEMPLATES / "atlas.css").read_text(encoding="utf-8")
    colour = {m[1]: (m[2], m[3]) for m in re.finditer(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", css)}
    tones = [(tone, f"{tone}-back") for tone in ("good", "bad", "open", "broken", "known")]
    words = [(word, back) for word in ("ink", "quiet", "link") for back in ("page", "card", "sunk")]
    drawn = ("series-0", "series-1", "series-5", "strong-line", "focus")
    shapes = [(shape, back) for shape in drawn for back in ("page", "card")]
    for pairs, least in (([*tones, *words], 4.5), (shapes, 3.0)):
        for front, back in pairs:
            for mode in (0, 1):
                assert contrast(colour[front][mode], colour[back][mode]) >= least, (front, back, mode)
