"""How results, theorems and problems show themselves in a notebook: HTML with typeset formulas and plots.

The pieces are those of the atlas. Everything stands for itself, without scripts or style sheets, and takes the
colours of the page that it is shown in. All words are escaped: they may be a user's.
"""

from collections.abc import Iterable, Sequence
from functools import singledispatch
from typing import TYPE_CHECKING

from markupsafe import Markup

from simlab.reports.atlas.anchors import prose
from simlab.reports.atlas.mathml import mathml
from simlab.running.results import CaseResult, Results, TheoremResult
from simlab.vocabulary.problem import Problem, ProblemFamily
from simlab.vocabulary.theorem import Theorem

if TYPE_CHECKING:
    from simlab.reports.atlas.pictures import Picture
    from simlab.reports.statement import Statement

COLOURS = {"good": "#2e8b57", "bad": "#c85200"}  # readable on light and on dark


# --- pieces --------------------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Cells as a table, words to the left."""
    style = Markup(' style="text-align: left; vertical-align: top"')
    head = Markup("").join(Markup("<th{}>{}</th>").format(style, name) for name in heads)
    lines = (Markup("").join(Markup("<td{}>{}</td>").format(style, cell) for cell in row) for row in rows)
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names with what they are, a line each; what is empty is left out."""
    lines = (Markup("<div><b>{}</b>: {}</div>").format(name, what) for name, what in pairs if what)
    return Markup("").join(lines)


def heading(name: str, words: object = "") -> Markup:
    """The name of what is shown, with a word or two about it."""
    return Markup('<div style="font-size: 1.15em"><b>{}</b> {}</div>').format(name, words)


def verdict(result: TheoremResult) -> Markup:
    """The verdict, coloured by whether it passes."""
    from simlab.reports.terminal import verdict_text

    return coloured(verdict_text(result).plain, result.passed)


def coloured(words: str, good: bool) -> Markup:
    """Words in the colour of what is well, or of what is not."""
    return Markup('<span style="color: {}">{}</span>').format(COLOURS["good" if good else "bad"], words)


def bar(result: TheoremResult) -> Markup:
    """The ratio as a bar of up to its full width at 1, with its number."""
    from simlab.reports.terminal import ratio_text

    worst = result.worst
    if worst is None:
        return Markup("")
    ratio = worst.verdict.ratio
    width = 6 * min(max(ratio, 0.0), 1.0)
    colour = "#006ba4" if result.passed else COLOURS["bad"]
    style = Markup("display: inline-block; height: 0.6em; width: {}em; background: {}").format(
        f"{width:.2f}", colour
    )
    return Markup('<span style="{}"></span> {}').format(style, ratio_text(worst))


def shown(pictures: "Iterable[Picture]") -> Markup:
    """Pictures beside each other, each over its caption."""
    made = Markup("").join(
        Markup(
            '<figure style="display: inline-block; vertical-align: top; width: 26em; max-width: 100%; '
            'margin: 0.5em 1em 0 0">{}<figcaption style="font-size: 0.85em">{}</figcaption></figure>'
        ).format(Markup(picture.svg), picture.caption)
        for picture in pictures
    )
    return Markup("<div>{}</div>").format(made) if made else Markup("")


def prefix() -> str:
    """What the ids of a picture begin with: another one for each, since a notebook is one page."""
    from uuid import uuid4

    return f"n{uuid4().hex[:12]}"


@singledispatch
def html(thing: object) -> str:
    """How a notebook shows a thing."""
    raise TypeError(f"a notebook shows problems, theorems and results, not {type(thing).__name__}")


# --- results -------------------------------------------------------------------------------------------------


@html.register
def _results(results: Results) -> str:
    """The table of a verification, what went wrong with the commands that reproduce it, and a summary."""
    from simlab.reports.terminal import failure_lines, summary

    rows = [(r.id, r.chapter, verdict(r), bar(r), f"{r.caught}/{len(r.controls)}") for r in results]
    made = table(("theorem", "chapter", "verdict", "measured / bound", "controls caught"), rows)
    failures = [line.strip() for r in results if not r.passed for line in failure_lines(r, results)]
    lines = Markup("").join(Markup("<div>{}</div>").format(line) for line in failures)
    return str(Markup("<div>{}{}<div>{}</div></div>").format(made, lines, summary(results).plain.strip()))


@html.register
def _result(result: TheoremResult) -> str:
    """One result: the verdict, the worst case, the controls, and the standard figure."""
    from simlab.reports.atlas.pictures import drawing, theorem_pictures
    from simlab.reports.terminal import numbers_text

    worst = result.worst
    said = facts((("worst case", "" if worst is None else numbers_text(worst)), ("message", result.message)))
    rows = [
        (
            control.title,
            coloured("caught" if control.caught else "not caught", control.caught),
            numbers_text(control.cases[-1]) if control.cases else "",
        )
        for control in result.controls
    ]
    controls = table(("control", "", "refused by"), rows) if rows else Markup("")
    with drawing():
        pictures = shown(theorem_pictures(result.record(), prefix()))
    return str(
        Markup("<div>{}{}{}{}</div>").format(heading(result.id, verdict(result)), said, controls, pictures)
    )


@html.register
def _case(case: CaseResult) -> str:
    """One case: its numbers at every checkpoint, as a curve where there are several."""
    from simlab.reports.atlas.pictures import case_picture, drawing
    from simlab.reports.terminal import numbers_text

    status = str(case.verdict.status)
    good = status == "holds" if case.case.role != "control" else status in ("violated", "diverged")
    head = heading(case.case.label or "the experiment", coloured(status, good))
    said = facts((("numbers", numbers_text(case)), ("measured", case.how)))
    columns = zip(case.case.checkpoints, case.measured, case.lows, case.highs, case.bounds, strict=False)
    rows = [(k, *(f"{value:.6g}" for value in values)) for k, *values in columns]
    cells = table(("k", "measured", "lower limit", "upper limit", "bound"), rows)
    with drawing():
        picture = case_picture(case.record(), prefix())
    return str(
        Markup("<div>{}{}<details><summary>{}</summary>{}</details>{}</div>").format(
            head, said, f"{len(rows)} checkpoint(s)", cells, shown([] if picture is None else [picture])
        )
    )


# --- entries -------------------------------------------------------------------------------------------------


@html.register
def _theorem(theorem: Theorem) -> str:
    """A theorem: its words, its statement as a formula, what it assumes, and its bound against the step."""
    from simlab.reports.details import assumption_lines, control_line, method_lines
    from simlab.reports.statement import constants_used, grid_text, statement

    method = theorem.setting.method
    constants = [f"{name}: {words}" for name, words in constants_used(theorem).items()]
    said = facts(
        (
            ("assumes", items(assumption_lines(theorem))),
            ("method", items([] if method is None else method_lines(method.family, method.parameters))),
            ("constants", items(constants)),
            ("domain", grid_text(theorem.setting.domain)),
            ("controls", items(list(map(control_line, theorem.controls)))),
            ("source", theorem.source),
        )
    )
    parts = (
        heading(theorem.id, f"{theorem.chapter}, {theorem.kind}"),
        prose(theorem.statement),
        formulas(statement(theorem)),
        said,
        _bound_picture(theorem),
    )
    return str(Markup("<div>{}</div>").format(Markup("").join(parts)))


def items(lines: Sequence[str]) -> Markup:
    """Lines as a list; nothing for none."""
    made = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup('<ul style="margin: 0">{}</ul>').format(made) if lines else Markup("")


def formulas(made: "Statement") -> Markup:
    """The statement with what it abbreviates; code where there is no formula."""
    lines = [mathml(made.latex)]
    for definition in made.where:
        if "\n" in definition.text:
            lines.append(Markup("<pre>{}</pre>").format(definition.text))
        elif definition.latex:
            lines.append(mathml(definition.latex))
        else:
            lines.append(Markup("<div>{} is: {}</div>").format(definition.name, definition.text))
    return Markup('<div style="margin: 0.8em 0">{}</div>').format(Markup("").join(lines))


def _bound_picture(theorem: "Theorem") -> Markup:
    """The stated values of the first case with several steps. Nothing is run for it."""
    from simlab.planning.cases import plan
    from simlab.planning.tiers import DEFAULT
    from simlab.reports.atlas.pictures import bound_picture, drawing

    planned = plan(theorem, DEFAULT)
    case = next((c for c in (*planned.claims, *planned.attained) if len(c.checkpoints) > 2), None)
    if case is None:
        return Markup("")
    with drawing():
        return shown([bound_picture(case.checkpoints, case.bounds(), case.label, prefix())])


@html.register
def _family(family: ProblemFamily) -> str:
    """A family of problems: its words, formula and parameters, its gallery with constants, and a plot."""
    from simlab.reports.atlas.pictures import drawing, problem_picture
    from simlab.reports.details import assumption_text, parameter_lines

    rows = [
        (instance.label, instance.dimension, ", ".join(sorted(map(assumption_text, instance.known.values()))))
        for instance in family.instances()
    ]
    with drawing():
        picture = problem_picture(family, prefix())
    parts = (
        heading(family.name),
        mathml(family.formula) if family.formula else Markup(""),
        prose(family.description),
        facts((("parameters", ", ".join(parameter_lines(family.build))),)),
        table(("instance", "d", "satisfies"), rows),
        shown([] if picture is None else [picture]),
    )
    return str(Markup("<div>{}</div>").format(Markup("").join(parts)))


@html.register
def _problem(problem: Problem) -> str:
    """An instance: its constants, and in one or two dimensions a plot."""
    from simlab.reports.atlas.pictures import drawing, instance_picture
    from simlab.reports.details import assumption_text

    family = problem.family
    region = "everywhere" if problem.region is None else f"within {problem.region:g} of the minimizer"
    said = facts(
        (
            ("d", problem.dimension),
            ("minimum", f"{problem.minimum:.6g}"),
            ("satisfies", ", ".join(sorted(map(assumption_text, problem.known.values()))) + f", {region}"),
        )
    )
    with drawing():
        picture = instance_picture(problem, prefix())
    parts = (
        heading(problem.label),
        mathml(family.formula) if family is not None and family.formula else Markup(""),
        said,
        shown([] if picture is None else [picture]),
    )
    return str(Markup("<div>{}</div>").format(Markup("").join(parts)))
