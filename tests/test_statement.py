"""Statements: made from the code of the bounds, readable, and equal to it where a formula stands in."""

import ast
import math
from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.mathtext import MathTextParser

from simlab import Composite, Convex, discovery, grid, suboptimality, theorem
from simlab.kernels.quantities import argument_stability, distance, distance_squared, loss_stability
from simlab.optimizers.first_order import nesterov
from simlab.planning.cases import plan
from simlab.planning.tiers import QUICK
from simlab.reports.details import SECTIONS
from simlab.reports.formulas import UnreadableError, _Fractions, formula, latex, symbol
from simlab.reports.statement import measured, statement
from simlab.reports.words import first_sentence
from simlab.vocabulary.constants import argument_names, evaluate
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

discovery.discover()
THEOREMS = sorted(REGISTRY.of("theorem").values(), key=lambda entry: entry.id)


# --- every registered entry ----------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", THEOREMS, ids=lambda entry: entry.id)
def test_every_statement_is_readable_and_is_valid_latex(entry: Theorem) -> None:
    made = statement(entry)
    assert made.readable, f"{entry.id}: no formula can be made from its code; give one with formula="
    parser: Any = MathTextParser("path")
    for form in [made.latex, *(part.latex for part in made.where if part.latex)]:
        if r"\begin" not in form:  # mathtext knows no arrays
            parser.parse(f"${form}$")


def differences(entry: Theorem) -> list[str]:
    """The cases and steps at which the formula that stands in differs from the bound."""
    assert entry.formula is not None
    observed = {name: 0.7 + 0.1 * i for i, name in enumerate(entry.observes)}
    compared, found = 0, []
    for case in plan(entry, QUICK).claims:
        for k, bound in zip(case.checkpoints, case.bounds(observed), strict=True):
            stated = evaluate(entry.formula, {**case.known, "k": k, **observed}, "formula")
            compared += 1
            if not math.isclose(float(stated), bound, rel_tol=1e-9, abs_tol=1e-300):
                found.append(f"{case.label}, k={k}")
    assert compared
    return found


def test_formulas_that_stand_in_are_equal_to_the_bounds() -> None:
    assert [entry.id for entry in THEOREMS if entry.formula is not None and differences(entry)] == []


@pytest.mark.usefixtures("registry")
def test_a_formula_that_differs_from_the_bound_is_found() -> None:
    def declare(stand_in: Callable[..., float]) -> Theorem:
        @theorem(experiment=looping, domain=grid(k=(1, 5)), source="arithmetic", formula=stand_in)
        def triangular(k):  # type: ignore[no-untyped-def]
            """A sum."""
            return sum(range(k + 1))

        triangular.control("larger", declare={"k": 7})
        return triangular

    assert differences(declare(lambda k: k * (k + 1) / 2)) == []
    assert differences(declare(lambda k: k * (k - 1) / 2)) == ["k=1, k=1", "k=5, k=5"]
    assert statement(declare(lambda k: k * (k + 1) / 2)).text == "looping = k * (k + 1) / 2".replace(
        "=", "<=", 1
    )


@pytest.mark.parametrize("kind", ["problem", "method", "noise", "theorem"])
def test_every_entry_can_be_shown(kind: str) -> None:
    for entry in REGISTRY.of(kind).values():
        for section in SECTIONS[kind](entry):
            assert all(line == line.rstrip("\n") for line in section.lines)


# --- formulas ------------------------------------------------------------------------------------------------


def piecewise(k, mu, L):  # type: ignore[no-untyped-def]
    """Branches, assignments and imports."""
    from math import sqrt

    step, root = 1 / L, sqrt(mu / L)
    if k == 0:
        return 1.0
    if k < 3:
        return step
    return (1 - root) ** k


def helper(x: float) -> float:
    """Twice."""
    return 2 * x


def looping(k: int) -> float:
    """The k-th something."""
    total = 0.0
    for i in range(k):
        if i % 2:
            total += i
    return total


def recursion(k, R):  # type: ignore[no-untyped-def]
    r = R
    for _ in range(k):
        r = r**2 / 2
    return 3 * r


def total(n):  # type: ignore[no-untyped-def]
    value = 0
    for i in range(n + 1):
        value += 1 / i
    return value


SCALE = 0.25


def with_helpers(k, L):  # type: ignore[no-untyped-def]
    return SCALE * helper(k) + looping(k) / L


@pytest.mark.parametrize(
    ("function", "text", "latex"),
    [
        (lambda L, R, k: L * R**2 / (4 * k + 2), "L * R^2 / (4 * k + 2)", r"\frac{L R^{2}}{4 k + 2}"),
        (lambda sigma2, k: sigma2**2 / k, "sigma2^2 / k", r"\frac{\left( \sigma^{2} \right)^{2}}{k}"),
        (lambda Lmax, mu: Lmax * mu, "Lmax * mu", r"L_{\max} \mu"),
        (lambda h, k: max(h, 1 / k), "max(h, 1 / k)", r"\max \left( h, \frac{1}{k} \right)"),
        (lambda k: math.sqrt(k), "sqrt(k)", r"\sqrt{ k }"),
        (lambda h: abs(1 - h), "abs(1 - h)", r"\left| 1 - h \right|"),
        (lambda k: 1e-12 * k, "1e-12 * k", r"10^{-12} k"),
        (
            lambda k, n: sum(1 / (i + 1) for i in range(n)),
            None,
            r"\sum_{i = 0}^{n - 1} \left({\frac{1}{i + 1}}\right)",
        ),
        (
            lambda lam: lam.max() / len(lam),
            "max(lam) / len(lam)",
            r"\frac{\max \left( \lambda \right)}{\#\lambda}",
        ),
    ],
)
def test_formulas_of_expressions(function: Callable[..., float], text: str | None, latex: str) -> None:
    made = formula(function)
    assert text is None or made.text == text
    assert " ".join(made.latex.split()) == latex


def floor(h: float) -> float:
    """A helper that has the name of a function of Python's."""
    return h / 2


def with_own_floor(k: float, h: float) -> float:
    return floor(h) + 1 / k


def test_a_helper_is_not_taken_for_the_function_of_its_name() -> None:
    made = formula(with_own_floor)
    assert made.latex == r"\mathrm{floor} \left( h \right) + \frac{1}{k}"
    assert [part.latex for part in made.where] == [r"\mathrm{floor}(h) = \frac{h}{2}"]
    assert r"\lfloor" in latex(ast.parse("floor(k / 2)", mode="eval").body)


QUOTIENTS = (
    "a / b * c / d", "a / (b / c)", "a / b / c * d / 2", "-a / b / c", "2 * a / (3 * b / c) / 4", "1 / a / b",
    "a * (b / c) ** 2 / d", "(a + b / c) / d * a / b", "a / b * a / c", "(a / b) ** 0.5 * c", "1.0 / (a / 1)",
)  # fmt: skip


@pytest.mark.parametrize("words", QUOTIENTS)
def test_a_quotient_of_quotients_is_written_as_one_and_keeps_its_value(words: str) -> None:
    tree = ast.parse(words, mode="eval").body
    changed = ast.fix_missing_locations(_Fractions().visit(ast.parse(words, mode="eval").body))
    values = {"a": 1.3, "b": 0.7, "c": 2.9, "d": 5.3}
    before, after = (eval(ast.unparse(t), dict(values)) for t in (tree, changed))
    assert after == pytest.approx(before, rel=1e-14)
    assert r"\frac{\frac" not in latex(tree)


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("h * sigma2 / (m * L**2) * (1 - q) / (2 - h)",
         r"\frac{h \sigma^{2} \cdot \left( 1 - q \right)}{m L^{2} \cdot \left( 2 - h \right)}"),
        ("2 * step * k", r"2 \cdot \mathrm{step} \cdot k"),
        ("(m * zeta2) ** 0.5", r"\sqrt{ m \zeta^{2} }"),
        ("1.0 - 0.5 * expm1(x)", r"1 - 0.5 \left( \exp x - 1 \right)"),
        ("sum(q ** arange(1, k + 1))", r"\sum \left( q^{\left( 1, \ldots, k \right)} \right)"),
        ("L / mu * L", r"\frac{L}{\mu} L"),
        ("a * b / c * b / c", r"\frac{a b^{2}}{c^{2}}"),
    ],
)  # fmt: skip
def test_code_is_written_as_on_paper(words: str, made: str) -> None:
    assert latex(ast.parse(words, mode="eval").body) == made


def test_the_start_is_no_coordinate() -> None:
    entry = REGISTRY.of("theorem")["newton-self-concordant-decrease"]
    assert statement(entry).latex.startswith("f(x_0) - f(x_k)")


def test_branches_and_names_are_explained() -> None:
    made = formula(piecewise)
    assert made.text == "1.0 if k == 0 else step if k < 3 else (1 - root)^k"
    assert [(part.name, part.text) for part in made.where] == [("step", "1 / L"), ("root", "sqrt(mu / L)")]


def test_helpers_and_numbers_are_followed() -> None:
    made = formula(with_helpers)
    assert made.text == "SCALE * helper(k) + looping(k) / L"
    assert {part.name: part.text for part in made.where} == {
        "SCALE": "0.25",
        "helper(x)": "2 * x",
        "looping(k)": "The k-th something.",
    }


def test_recursions_are_written_with_an_index() -> None:
    made = formula(recursion)
    assert made.text == "3 * r"
    assert made.where[0].text == "r_(k), where r_0 = R and r_(j+1) = r_j^2 / 2"
    assert made.where[0].latex == r"r = r_{k},\quad r_0 = R,\quad r_{j+1} = \frac{r_{j}^{2}}{2}"
    assert (
        formula(total).where[0].text == "value_(n + 1), where value_0 = 0 and value_(i+1) = value_i + 1 / i"
    )


@pytest.mark.parametrize("function", [looping, math.sqrt, eval("lambda k: k")])
def test_what_is_no_formula_says_so(function: Callable[..., float]) -> None:
    with pytest.raises(UnreadableError):
        formula(function)


def test_lambdas_in_one_line_are_told_apart() -> None:
    first, second = (lambda k: k + 1), (lambda k: k + 2)
    assert (formula(first).text, formula(second).text) == ("k + 1", "k + 2")


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("mu", r"\mu"), ("L", "L"), ("Lmax", r"L_{\max}"), ("sigma2", r"\sigma^2"),
        ("sigma2_star", r"\sigma_{\star}^2"),
        ("zeta2", r"\zeta^2"), ("g0", "g_{0}"), ("w_min", r"w_{\min}"), ("beta1", r"\beta_{1}"),
        ("step_size", r"\mathrm{step\ size}"), ("lam", r"\lambda"),
    ],
)  # fmt: skip
def test_symbols(name: str, latex: str) -> None:
    assert symbol(name) == latex


# --- measurements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measures", "latex"),
    [
        (suboptimality.last, r"f(x_k) - f^\star"),
        (suboptimality.last.of("y"), r"f(y_k) - f^\star"),
        (distance.best(), r"\min_{0 \leq j \leq k} \|x_j - x^\star\|"),
        (distance.worst(first=1, lag=1), r"\max_{1 \leq j \leq k - 1} \|x_j - x^\star\|"),
        (distance_squared.mean(), r"\frac{1}{k} \sum_{j=0}^{k - 1} \|x_j - x^\star\|^2"),
        (distance_squared.mean(lag=0), r"\frac{1}{k + 1} \sum_{j=0}^{k} \|x_j - x^\star\|^2"),
        (distance_squared.mean(first=1, lag=1), r"\frac{1}{k - 1} \sum_{j=1}^{k - 1} \|x_j - x^\star\|^2"),
        (suboptimality.sum(), r"\sum_{j=0}^{k - 1} \left( f(x_j) - f^\star \right)"),
        (distance.sum(), r"\sum_{j=0}^{k - 1} \|x_j - x^\star\|"),
        (suboptimality.at_average(), r"f(\bar x_k) - f^\star"),
    ],
)
def test_index_conventions_are_written_out(measures: Any, latex: str) -> None:
    assert measured(measures).latex == latex


def test_averages_and_weights_are_defined() -> None:
    average = measured(suboptimality.at_average().weighted(lambda j: j + 1))
    assert [part.latex for part in average.where] == [
        r"\bar x_k = \frac{\sum_{j=0}^{k - 1} w_j x_j}{\sum_{j=0}^{k - 1} w_j}",
        "w_j = j + 1",
    ]


@pytest.mark.usefixtures("registry")
def test_expectations_stand_inside_of_suprema() -> None:
    def stated(measures: Any, **more: Any) -> str:
        @theorem(
            method=nesterov(step_size=0.1), measures=measures, assumes=Convex & Composite,
            domain=grid(k=1), source="a test", **more,
        )  # fmt: skip
        def some_bound(k):  # type: ignore[no-untyped-def]
            """A bound."""
            return 1 / k

        return statement(some_bound).latex

    from problems.noise import gaussian

    assert stated(suboptimality.last).startswith(r"f(x_k) - f^\star \leq")
    noisy: dict[str, Any] = {"noise": gaussian()}
    assert stated(suboptimality.last, **noisy).startswith(r"\mathbb{E}\left[ f(x_k) - f^\star \right] \leq")
    assert stated(argument_stability.last, **noisy).startswith(
        r"\mathbb{E}\left[ \|w_k - w'_k\| \right] \leq"
    )
    assert stated(loss_stability.last, **noisy).startswith(
        r"\sup_z \left| \mathbb{E}\left[ f(w_k; z) - f(w'_k; z) \right] \right| \leq"
    )


def test_first_sentences() -> None:
    assert first_sentence("One line, with f(x. y). Another one.") == "One line, with f(x. y)."
    assert first_sentence("A line\nthat goes on.\n\nMore.") == "A line that goes on."
    assert argument_names(piecewise) == ("k", "mu", "L")
