"""Figures: the files hold what was drawn, the same seed gives the same bytes, and bad input is one sentence."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from figures.first_order_rates import ATTAINED, draw_attained
from simlab.cli.figures import command
from simlab.drawing.make import draw, known_figures, make, select_figures, standard_figure
from simlab.drawing.registry import Figure
from simlab.drawing.sheet import COLUMNS, Sheet
from simlab.drawing.standard import draw_bound, draw_pairs
from simlab.drawing.style import STYLES, WIDTHS
from simlab.entry import verify_one
from simlab.errors import InputError
from simlab.planning.tiers import QUICK
from simlab.selection import select
from simlab.topologies.networks import named_mixing

CHEAP = ("consensus", "matcha-budget", "flat-minima", "superlinear")
TWELVE = {
    "adam-regret", "consensus", "dpsgd-speedup", "easgd-region", "first-order-rates", "flat-minima",
    "matcha-budget", "momentum-region", "noise-ball", "stability-gaps", "superlinear", "tightness",
}  # fmt: skip


def painted(sheet: Sheet) -> None:
    (axes,) = sheet.panels()
    sheet.line(
        axes, "curve", [1, 2, 3], [1.0, 0.5, 1 / 3], low=[0.9, 0.4, 0.3], high=[1.1, 0.6, 0.4], number=2
    )
    sheet.bound(axes, "bound", [1, 3], [2.0, 2.0])
    sheet.points(axes, "points", [2], [0.7])
    axes.set_xlabel("step $k$")


FIGURE = Figure("example", painted, "An example.", "column", 0.75, __name__)


def first_order_part(sheet: Sheet) -> None:
    """The deterministic panel only, which costs little."""
    draw_attained(sheet, sheet.panels(1, 2)[0])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_sheet_records_every_number_that_it_draws(tmp_path: Path) -> None:
    make(FIGURE, tmp_path)
    found = rows(tmp_path / "example.csv")
    assert tuple(found[0]) == tuple(COLUMNS)
    assert {row["panel"] for row in found} == {"a"}
    assert [row["series"] for row in found] == ["curve"] * 3 + ["bound"] * 2 + ["points"]
    assert [float(row["y"]) for row in found] == [1.0, 0.5, 1 / 3, 2.0, 2.0, 0.7]
    assert [row["low"] for row in found] == ["0.9", "0.4", "0.3", "", "", ""]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in make(FIGURE, tmp_path / "a")]
    second = [path.read_bytes() for path in make(FIGURE, tmp_path / "b")]
    assert first == second


def test_fonts_are_embedded_as_truetype_and_sizes_are_those_of_the_paper(tmp_path: Path) -> None:
    make(FIGURE, tmp_path)
    document = (tmp_path / "example.pdf").read_bytes()
    assert b"/FontFile2" in document or b"/Type0" in document
    assert b"/Type3" not in document
    sheet = draw(painted, "column", 0.75)
    assert sheet.canvas.get_figwidth() == WIDTHS["column"]
    assert draw(painted, "page", 0.5, "talk").canvas.get_figwidth() == WIDTHS["page"] * STYLES["talk"].scale


def test_provenance_says_how_to_make_it_again(tmp_path: Path) -> None:
    make(FIGURE, tmp_path, seed=7)
    record = json.loads((tmp_path / "example.json").read_text())
    assert record["command"] == "python -m simlab figures example --seed 7 --style paper"
    assert record["seed"] == 7
    assert len(record["sources_sha256"]) == 64
    assert record["environment"]["packages"]["numpy"] == np.__version__
    assert record["columns"] == COLUMNS
    assert record["panels"] == {"a": {"x": "step $k$", "y": ""}}


def test_the_collection_has_the_twelve_figures_each_with_a_caption() -> None:
    known = known_figures()
    assert set(known) >= TWELVE
    for figure in known.values():
        assert figure.caption.endswith(".")
        assert figure.module == f"figures.{figure.name.replace('-', '_')}"


@pytest.mark.parametrize("name", CHEAP)
def test_cheap_figures_are_made(name: str, tmp_path: Path) -> None:
    (figure,) = select_figures([name])
    written = make(figure, tmp_path)
    assert [path.suffix for path in written] == [".pdf", ".png", ".csv", ".json"]
    assert all(path.stat().st_size > 0 for path in written)
    for row in rows(tmp_path / f"{name}.csv"):
        assert all(np.isfinite(float(row[column] or 0)) for column in ("x", "y", "low", "high"))
    assert b"/Type3" not in written[0].read_bytes()


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(TWELVE - set(CHEAP)))
def test_every_figure_is_made(name: str, tmp_path: Path) -> None:
    (figure,) = select_figures([name])
    assert all(path.stat().st_size > 0 for path in make(figure, tmp_path))


def test_closed_forms_and_computed_gaps_are_both_in_the_consensus_figure(tmp_path: Path) -> None:
    (figure,) = select_figures(["consensus"])
    make(figure, tmp_path)
    found = rows(tmp_path / "consensus.csv")
    computed = {row["x"]: float(row["y"]) for row in found if row["panel"] == "c" and row["series"] == "ring"}
    closed = {row["x"]: float(row["y"]) for row in found if row["series"] == "closed form of ring"}
    assert computed == pytest.approx(closed, rel=1e-12)
    assert computed["16"] == named_mixing("ring", 16, "max_degree").spectral_gap


def test_quasi_newton_methods_stand_between_first_order_methods_and_newton(tmp_path: Path) -> None:
    (figure,) = select_figures(["superlinear"])
    make(figure, tmp_path)
    found = rows(tmp_path / "superlinear.csv")
    reached = {row["series"]: float(row["y"]) for row in found if float(row["x"]) <= 12}
    order = [reached[name] for name in ("gradient descent", "Nesterov", "L-BFGS, 2 pairs", "BFGS", "Newton")]
    assert order[:4] == sorted(order[:4], reverse=True)
    newton = [float(row["y"]) for row in found if row["series"] == "Newton"]
    assert newton[-1] < 10 * newton[-2] ** 2  # quadratic convergence


def test_what_attains_its_bound_lies_on_it_with_the_slope_that_is_stated(tmp_path: Path) -> None:
    sheet = draw(first_order_part, "page", 0.45)
    series: dict[str, list[float]] = {}
    for row in sheet.rows:
        series.setdefault(row["series"], []).append(float(row["y"]))
    for label, _, _ in ATTAINED:
        (measured,) = [ys for name, ys in series.items() if name.startswith(f"{label}, slope")]
        assert measured == pytest.approx(series[f"bound of {label}"], rel=1e-3)
    limits = {"subgradient method": -0.5, "gradient descent": -1.0, "Nesterov": -2.0}
    for label, limit in limits.items():
        (slope,) = series[f"slope of {label}"]
        assert limit < slope < 0.9 * limit


def test_a_long_figure_says_which_part_begins() -> None:
    seen = []

    def paint(sheet: Sheet) -> None:
        assert sheet.progress is not None
        sheet.progress("part", 0, 1)
        sheet.panels()

    draw(paint, "column", 0.75, progress=lambda *part: seen.append(part))
    assert seen == [("part", 0, 1)]


def test_a_theorem_has_its_standard_figure(tmp_path: Path) -> None:
    (theorem,) = select(["sgd-sc-constant"])
    record = verify_one(theorem, QUICK, 0).record()
    make(standard_figure(theorem, record), tmp_path)
    found = rows(tmp_path / "theorem-sgd-sc-constant.csv")
    cases = [float(row["y"]) for row in found if row["panel"] == "b" and row["series"] == "cases"]
    assert max(cases) == pytest.approx(record["ratio"])
    controls = [row for row in found if row["panel"] == "b" and row["series"] == "controls"]
    assert [row["label"] for row in controls] == [control["title"] for control in record["controls"]]
    assert all(float(row["y"]) > 1 for row in controls)


def test_widths_follow_the_style() -> None:
    """What is drawn thinner or larger than usual on paper is so in a talk too."""
    paper, talk = (draw(painted, "column", 0.75, style).canvas.axes[0] for style in ("paper", "talk"))
    thinner = [line.get_linewidth() for line in (paper.lines[1], talk.lines[1])]
    assert thinner[1] / thinner[0] == pytest.approx(STYLES["talk"].line / STYLES["paper"].line)


def test_panels_are_named_by_letter_or_title() -> None:
    def paint(sheet: Sheet) -> None:
        first, second = sheet.panels(1, 2)
        second.set_title("chapter (3)", loc="left")
        for axes in (first, second):
            sheet.points(axes, "points", [1], [1])

    assert [row["panel"] for row in draw(paint, "page", 0.4).rows] == ["a", "chapter (3)"]


def test_values_of_a_map_have_a_column_of_their_own() -> None:
    def paint(sheet: Sheet) -> None:
        (axes,) = sheet.panels()
        sheet.map(axes, "rate", [1, 2], [3], [[0.5, 0.25]])

    assert [row["value"] for row in draw(paint, "column", 0.75).rows] == [0.5, 0.25]


def test_small_and_missing_numbers_are_seen_beside_large_ones() -> None:
    """All pairs of measured and stated numbers: zeros lie at the lower end, not nowhere."""
    case = {"bounds": [1e-3, 1.0, 1e3], "measured": [0.0, 0.5, 10.0], "ratio": 0.5, "checkpoints": [1, 2]}
    record = {"claims": [case], "attained": [], "controls": [], "kind": "upper bound"}

    def paint(sheet: Sheet) -> None:
        (axes,) = sheet.panels()
        draw_pairs(sheet, axes, record)

    sheet = draw(paint, "column", 0.75)
    (axes,) = sheet.canvas.axes
    assert axes.get_yscale() == "log"
    low, high = axes.get_ylim()
    drawn = np.asarray(axes.lines[0].get_ydata(), dtype=float)
    assert ((low <= drawn) & (drawn <= high)).all()
    assert [row["y"] for row in sheet.rows] == [0.0, 0.5, 10.0]


def test_steps_that_begin_at_nought_are_spread_out() -> None:
    def paint(sheet: Sheet) -> None:
        (axes,) = sheet.panels()
        draw_bound(sheet, axes, np.array([0, 1, 10, 10_000]), np.array([1.0, 0.5, 0.1, 1e-4]), "law")

    (axes,) = draw(paint, "column", 0.75).canvas.axes
    assert axes.get_xscale() == "symlog"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1", "10", "100", "1000"]
    assert axes.lines[0].get_label() == "law"


def test_a_refuted_statement_is_drawn_above_one_beside_its_corrected_one(tmp_path: Path) -> None:
    (theorem,) = select(["hb-quadratic-as-printed"])
    figure = standard_figure(theorem, verify_one(theorem, QUICK, 0).record())
    assert "corrected statement" in figure.caption
    sheet = draw(figure.draw, figure.width, figure.aspect)
    low, high = sheet.canvas.axes[1].get_ylim()
    shown = [row for row in sheet.rows if row["panel"] == "b"]
    assert all(low < row["y"] < high for row in shown)
    assert {row["series"]: row["y"] > 1.1 for row in shown} == {"cases": True, "corrected statement": False}
    assert sheet.canvas.axes[0].get_ylabel() == r"$\|x_k - x^\star\|$"


def test_a_missing_result_is_one_sentence() -> None:
    (theorem,) = select(["gd-convex-tight"])
    record = {"claims": [], "attained": [], "controls": [], "message": "its problem does not load"}
    with pytest.raises(InputError, match="no result of gd-convex-tight to draw: its problem does not load"):
        standard_figure(theorem, record)


def refusal(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments))
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "did you mean consensus?" in refusal("consensu", "--folder", str(tmp_path))
    assert "figures --list" in refusal("qqq", "--folder", str(tmp_path))
    assert "figures theorem gd-convex-tight." in refusal("gd-convex-tight", "--folder", str(tmp_path))
    assert "figures theorem mine.py." in refusal("mine.py", "--folder", str(tmp_path))
    assert "cannot be written" in refusal("consensus", "--folder", str(blocked / "inner"))
    assert "there is no theorem" in refusal("theorem", "gd-convex-tigh", "--folder", str(tmp_path))
    assert "there is no style" in refusal("--style", "poster", "--folder", str(tmp_path))
    assert "the seed must lie" in refusal("--seed", "-1", "--folder", str(tmp_path))
    assert "needs the id of a theorem" in refusal("theorem", "--folder", str(tmp_path))
