r"""The statement of a theorem: what is measured, how it compares, and with what, in text and in LaTeX.

The right-hand side is made from the bound's own code (or from the stand-in ``formula=`` where the code is a loop
or a solver), the left-hand side from the measurement, so that what is read and what is checked cannot drift apart.
"""

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simlab.kernels.trajectory import Selection
from simlab.reports.formulas import Definition, Formula, UnreadableError, formula, symbol, tidy
from simlab.reports.words import first_sentence
from simlab.vocabulary.assumptions import BoundedVariance
from simlab.vocabulary.claim import Claim, Side
from simlab.vocabulary.constants import UNIVERSAL, argument_names
from simlab.vocabulary.method import Method
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem, ProblemFamily
from simlab.vocabulary.quantity import Measure, PairMeasure
from simlab.vocabulary.theorem import AnyProblem, Grid, Theorem


@dataclass(frozen=True)
class Statement:
    """A theorem's inequality or law.

    ``readable`` is False when the right-hand side has no formula; then ``where`` holds the code of the bound.
    """

    text: str
    latex: str
    where: tuple[Definition, ...]
    readable: bool = True


def statement(theorem: Theorem) -> Statement:
    """The statement of a theorem, with everything that it abbreviates."""
    left, readable = left_side(theorem), True
    try:
        right = formula(theorem.formula or theorem.bound)
    except UnreadableError:
        readable, right = False, _code(theorem.bound)
    words, relation = _relation(theorem.claim)
    return Statement(
        f"{left.text} {words} {right.text}",
        f"{left.latex} {relation} {right.latex}",
        left.where + right.where,
        readable,
    )


def _code(bound: Callable[..., Any]) -> Formula:
    """For a bound without a formula: its name, and its source text as the definition."""
    arguments = argument_names(bound)
    head = f"bound({', '.join(arguments)})"
    left = rf"\mathrm{{bound}}({', '.join(map(symbol, arguments))})"
    source = textwrap.dedent(inspect.getsource(bound))
    body = source[source.index("def ") :].replace(f'"""{bound.__doc__}"""', "").rstrip()
    lines = [line for line in body.splitlines() if line.strip()]
    return Formula(head, left, (Definition(head, "\n".join(lines), rf"{left}\ \mathrm{{(see\ text)}}"),))


def _relation(claim: Claim) -> tuple[str, str]:
    if claim.side is Side.UPPER:
        return "<=", r"\leq"
    if claim.side is Side.LOWER:
        return ">=", r"\geq"
    return ("~", r"\sim") if claim.name == "limit" else ("=", "=")


def in_expectation(theorem: Theorem) -> bool:
    """Whether the claim is about an expected value."""
    setting = theorem.setting
    if setting.experiment is not None:
        return "rng" in argument_names(setting.experiment)
    draws = setting.method is not None and "rng" in setting.method.family.needs
    return bool(setting.noise) or draws or BoundedVariance in theorem.assumes


# --- the left-hand side --------------------------------------------------------------------------------------


def left_side(theorem: Theorem) -> Formula:
    """What a theorem is about: the measured quantity."""
    measures, expected = theorem.setting.measures, in_expectation(theorem)
    if theorem.setting.experiment is not None:
        return _of_experiment(theorem, expected)
    if isinstance(measures, PairMeasure):
        return _of_pair(measures, expected)
    assert measures is not None
    made = measured(measures)
    if not expected:
        return made
    return Formula(f"E[{made.text}]", rf"\mathbb{{E}}\left[ {made.latex} \right]", made.where)


def _of_experiment(theorem: Theorem, expected: bool) -> Formula:
    """The experiment's name, explained by its docstring."""
    experiment = theorem.setting.experiment
    if theorem.claim.name == "probability":
        return Formula("P(failure)", r"\mathbb{P}(\mathrm{failure})")
    name = getattr(experiment, "__name__", "measured").strip("_").replace("<lambda>", "measured")
    words = first_sentence(getattr(experiment, "__doc__", None) or "")
    where = (Definition(name, words, ""),) if words else ()
    letter = symbol(name)
    if expected:
        return Formula(f"E[{name}]", rf"\mathbb{{E}}\left[ {letter} \right]", where)
    return Formula(name, letter, where)


def _of_pair(measures: PairMeasure, expected: bool) -> Formula:
    """A quantity of coupled runs; a supremum stays outside of the expectation, as stability is defined."""
    averaged = measures.selection is Selection.AVERAGE
    latex = measures.quantity.latex or rf"\mathrm{{{measures.quantity.name}}}"
    latex = re.sub(r"w('?)_T", r"\\bar w\1_k" if averaged else r"w\1_k", latex)
    if not expected:
        return Formula(str(measures), latex)
    supremum = re.fullmatch(r"(\\sup_\S+)\s*\|(.*)\|", latex)
    if supremum:
        inside = rf"{supremum[1]} \left| \mathbb{{E}}\left[ {supremum[2]} \right] \right|"
        return Formula(f"E[{measures}]", inside)
    return Formula(f"E[{measures}]", rf"\mathbb{{E}}\left[ {latex} \right]")


def measured(measures: Measure) -> Formula:
    """A measurement on the iterates in text and LaTeX, with its index convention written out."""
    name = measures.output or "x"
    letter = name if len(name) == 1 else f"{{{symbol(name)}}}"
    chosen, last = measures.selection, "k - 1" if measures.lag == 1 else "k"
    window = rf"j={measures.first}}}^{{{last}}}"
    one = _grouped(_at(measures, "j", letter))
    where: tuple[Definition, ...] = ()
    if measures.weights is not None:
        where = (_weights(measures.weights),)
    if chosen is Selection.LAST:
        latex = _at(measures, "k", letter)
    elif chosen in (Selection.BEST, Selection.WORST):
        bound = r"\min" if chosen is Selection.BEST else r"\max"
        latex = rf"{bound}_{{{measures.first} \leq j \leq {last}}} {one}"
    elif chosen is Selection.AVERAGE:
        latex = _at(measures, "k", rf"\bar {letter}")
        mean = _mean(measures, f"{letter}_j", window)
        where = (
            Definition(f"the average of {name}", measures.window, rf"\bar {letter}_k = {mean}"),
            *where,
        )
    elif chosen is Selection.MEAN:
        latex = _mean(measures, one, window)
    else:
        latex = rf"\sum_{{{window} {'w_j ' if where else ''}{one}"
    return Formula(str(measures), latex, where)


def _grouped(latex: str) -> str:
    """A sum in parentheses, as a summand needs; sums within bars and brackets need none."""
    outside = re.sub(r"\\\|.*?\\\||\([^()]*\)|\[[^\[\]]*\]|\|[^|]*\|", "", latex)
    return rf"\left( {latex} \right)" if re.search(r" [+-] ", outside) else latex


def _weights(weights: Callable[..., Any]) -> Definition:
    try:
        made = formula(weights)
        return Definition("w_j", made.text, f"w_j = {made.latex}")
    except UnreadableError:
        return Definition("w_j", "weights given by code", r"w_j\ \mathrm{(see\ text)}")


def _mean(measures: Measure, one: str, window: str) -> str:
    if measures.weights is not None:
        return rf"\frac{{\sum_{{{window} w_j {one}}}{{\sum_{{{window} w_j}}"
    more = 1 - measures.lag - measures.first
    count = "k" if more == 0 else f"k {'+' if more > 0 else '-'} {abs(more)}"
    return rf"\frac{{1}}{{{count}}} \sum_{{{window} {one}"


def _at(measures: Measure, index: str, letter: str) -> str:
    """The quantity's LaTeX with its x replaced by an iterate: ``f(x) - f*`` becomes ``f(x_k) - f*``.

    ``x_1`` is its first coordinate, and ``x_0`` the start, which stays.
    """
    latex = measures.quantity.latex or rf"\mathrm{{{measures.quantity.name.replace(' ', chr(92) + ' ')}}}(x)"
    coordinates = re.sub(r"(?<![A-Za-z\\])x_([^\W0])", rf"{_safe(letter)}_{{{index},\1}}", latex)
    points = re.sub(r"(?<![A-Za-z\\])x(?![A-Za-z_^])", rf"{_safe(letter)}_{index}", coordinates)
    return tidy(re.sub(r"(?<![A-Za-z\\])X(?![A-Za-z_^])", rf"X_{index}", points))


def _safe(letter: str) -> str:
    return letter.replace("\\", "\\\\")


# --- values, instances and domains in words ------------------------------------------------------------------


def value_text(value: Any) -> str:
    """A parameter's value: a number as it is, a function as its formula."""
    if callable(value):
        try:
            return formula(value).text
        except UnreadableError:
            return f"{getattr(value, '__name__', 'a function')}({', '.join(argument_names(value))})"
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def call_text(name: str, parameters: Mapping[str, Any]) -> str:
    """``name(parameter = value, ...)``."""
    return f"{name}({', '.join(f'{key} = {value_text(value)}' for key, value in parameters.items())})"


def instance_text(source: AnyProblem) -> str:
    """How a problem in an entry is named."""
    if isinstance(source, Problem):
        return source.label
    if isinstance(source, ProblemFamily):
        return f"{source.name}()"
    return call_text(source.family.name, source.parameters)


def noise_text(spec: NoiseSpec) -> str:
    """How a noise model in an entry is named."""
    return call_text(spec.name, spec.parameters)


def method_text(method: Method) -> str:
    """How a method in an entry is named."""
    return call_text(method.name, method.parameters)


def grid_text(domain: Grid) -> str:
    """``h in {0.5, 1}, k in {1, 10}``."""
    parts = (
        f"{name} = {value_text(values[0])}"
        if len(values) == 1
        else f"{name} in {{{', '.join(value_text(v) for v in values)}}}"
        for name, values in domain.axes.items()
    )
    return ", ".join(parts)


def constants_used(theorem: Theorem) -> dict[str, str]:
    """The constants that the bound and the hyper-parameters name, with their meaning."""
    words = dict(UNIVERSAL)
    for assumption in theorem.assumes:
        for name, meaning in assumption.symbols.items():
            words[name] = f"{meaning.replace('_', ' ')}: {assumption.statement}"
    method = theorem.setting.method
    functions = [theorem.bound, *((method.parameters.values()) if method else ())]
    names = dict.fromkeys(n for f in functions if callable(f) for n in argument_names(f))
    return {name: words[name] for name in names if name in words and name not in theorem.setting.domain.axes}
