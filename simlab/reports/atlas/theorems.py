"""The page of a theorem: what it states, what was found, and how to see it again."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simlab.discovery import HOME
from simlab.reports.atlas.anchors import Anchors
from simlab.reports.atlas.pictures import Picture
from simlab.reports.details import Section, control_line, theorem_sections
from simlab.reports.formulas import Definition
from simlab.reports.statement import Statement, statement
from simlab.reports.terminal import (
    failure_lines,
    interval_text,
    numbers_text,
    ratio_text,
    reproduction,
    verdict_text,
)
from simlab.reports.words import first_sentence
from simlab.running.results import CaseResult, ControlResult, Results, TheoremResult
from simlab.statistics.verdicts import Status
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

# Sections of ``show`` that the page shows in another form, and which names in the others are links.
CORRECTED, PRINTED = "refuted: the corrected statement is", "as printed, refuted"
OWN = {"", "statement", "where", "in LaTeX", "attained by", "controls", "source", "code of the bound"}
OWN |= {CORRECTED, PRINTED}
SETTING = {"constants", "assumptions", "method", "measured", "noise", "network", "domain", "claim"}
LINKED = {
    "method": ("method",),
    "runs on": ("problem",),
    "runs on, where its domain allows": ("problem",),
}
FOLDED = 8  # lines of a section that are shown before it is folded
SHOWN = 6  # cases of a theorem that are listed


@dataclass(frozen=True)
class CaseRow:
    """A case with its numbers."""

    label: str
    k: int
    how: str
    ratio: str
    interval: str
    status: str
    floor: str


@dataclass(frozen=True)
class ControlRow:
    """A control: what was changed, whether it was caught, and by which numbers."""

    title: str
    change: str
    caught: bool
    word: str
    numbers: str
    reproduce: str


@dataclass(frozen=True)
class Other:
    """The corrected statement of a refuted one, or the other way round."""

    title: str
    id: str
    statement: Statement


@dataclass(frozen=True)
class TheoremPage:
    """Everything that the page of a theorem shows."""

    id: str
    anchor: str
    chapter: str
    kind: str
    status: str
    verdict: str
    passed: bool
    summary: str
    labels: Sequence[str]
    paragraphs: Sequence[str]
    statement: Statement | None
    where: Sequence[Definition]
    code: Sequence[str]
    others: Sequence[Other]
    latex: Sequence[str]
    ratio: float | None
    ratio_text: str
    ratio_key: str
    cases: int
    controls: Sequence[ControlRow]
    caught: int
    failures: Sequence[str]
    worst: str
    reproduce: str
    nearest: Sequence[CaseRow]
    more: int
    attained: Sequence[CaseRow]
    floors: Sequence[str]
    setting: Sequence[Section]
    sections: Sequence[Section]
    source: str
    words: str
    seconds: float
    pictures: Sequence[Picture]


def theorem_page(
    result: TheoremResult,
    theorem: Theorem | None,
    results: Results,
    anchors: Anchors,
    pictures: Sequence[Picture],
) -> TheoremPage:
    """The page of a result; ``theorem`` is None for what did not load."""
    sections = [] if theorem is None else theorem_sections(theorem)
    by_title = {section.title: section for section in sections}
    made = None if theorem is None else statement(theorem)
    worst = result.worst
    ordered = sorted(result.claims, key=_severity, reverse=True)
    return TheoremPage(
        id=result.id,
        anchor=anchors.add("theorem", result.id),
        chapter=result.chapter,
        kind=result.kind,
        status=str(result.status),
        verdict=verdict_text(result).plain,
        passed=result.passed,
        summary=first_sentence(theorem.statement) if theorem else result.message,
        labels=theorem.labels if theorem else (),
        paragraphs=_lines(by_title, ""),
        statement=made,
        where=[d for d in made.where if "\n" not in d.text] if made else [],
        code=_lines(by_title, "code of the bound"),
        others=[Other(title, e.id, statement(e)) for title, e in _others(theorem)],
        latex=_lines(by_title, "in LaTeX"),
        ratio=None if worst is None else worst.verdict.ratio,
        ratio_text="" if worst is None else ratio_text(worst),
        ratio_key=_key(None if worst is None else worst.verdict.ratio),
        cases=len(result.claims) + len(result.attained),
        controls=control_rows(result, theorem, results),
        caught=result.caught,
        failures=[] if result.passed else [line.strip() for line in failure_lines(result, results)],
        worst="" if worst is None else numbers_text(worst),
        reproduce=reproduction(result, results, "" if worst is None else worst.case.label),
        nearest=[case_row(case) for case in ordered[:SHOWN]],
        more=max(0, len(ordered) - SHOWN),
        attained=[case_row(case) for case in _reaching(result)[:SHOWN]],
        floors=_lines(by_title, "attained by"),
        setting=[section for section in sections if section.title in SETTING],
        sections=[shortened_places(s) for s in sections if s.title not in {*OWN, *SETTING}],
        source=theorem.source if theorem else "",
        words=_words(result, theorem),
        seconds=result.seconds,
        pictures=pictures,
    )


def _key(ratio: float | None) -> str:
    """What the table is sorted by, in JavaScript's words: what has no ratio comes last."""
    if ratio is None or ratio != ratio:
        return "-1"
    return "Infinity" if ratio == math.inf else repr(float(ratio))


def _others(theorem: Theorem | None) -> list[tuple[str, Theorem]]:
    if theorem is None:
        return []
    if theorem.corrected is not None:
        return [(CORRECTED, theorem.corrected)]
    entries: list[Theorem] = list(REGISTRY.of("theorem").values())
    return [(PRINTED, entry) for entry in entries if entry.corrected is theorem]


def _lines(sections: dict[str, Section], title: str) -> Sequence[str]:
    return sections[title].lines if title in sections else ()


def shortened_places(section: Section) -> Section:
    """A section whose paths begin at simlab's own folder, so that the page says nothing of the machine."""
    if section.title != "declared in":
        return section
    home = f"{HOME}/"
    lines = [line.removeprefix(home) if line.startswith(home) else Path(line).name for line in section.lines]
    return Section(section.title, lines, section.verbatim)


def _severity(case: CaseResult) -> float:
    """How far a case is on the way to breaking its claim."""
    ratio = case.verdict.ratio
    if ratio != ratio:
        return -1.0
    return abs(ratio - 1) if case.case.claim.side.value == "equality" else ratio


def _reaching(result: TheoremResult) -> list[CaseResult]:
    """The attaining cases that reach their floor, and those that break the claim or leave a floor unreached."""
    found = [
        r
        for r in result.attained
        if r.verdict.attained is Status.HOLDS or r.verdict.status is not Status.HOLDS
    ]
    return sorted(found, key=lambda r: (r.verdict.status is Status.HOLDS, -_severity(r)))


def case_row(case: CaseResult) -> CaseRow:
    """The cells of a case."""
    verdict = case.verdict
    return CaseRow(
        label=case.case.label or "the experiment",
        k=verdict.k,
        how=case.how,
        ratio=ratio_text(case),
        interval=interval_text(case),
        status=str(verdict.status),
        floor="" if case.case.floor is None else f"{case.case.floor:g}",
    )


def control_rows(result: TheoremResult, theorem: Theorem | None, results: Results) -> list[ControlRow]:
    """The controls that ran, with what each changes; those that did not run are not there."""
    changes = {control.title: control_line(control) for control in theorem.controls} if theorem else {}
    return [
        _control_row(control, changes.get(control.title, ""), result, results) for control in result.controls
    ]


def _control_row(control: ControlResult, line: str, result: TheoremResult, results: Results) -> ControlRow:
    refuted = result.kind == "refuted"
    good, bad = ("holds", "does not hold") if refuted else ("caught", "not caught")
    return ControlRow(
        title=control.title,
        change=line.removeprefix(control.title).strip().removeprefix("(").removesuffix(")"),
        caught=control.caught,
        word=good if control.caught else bad,
        numbers=numbers_text(control.cases[-1]) if control.cases else "",
        reproduce="" if refuted else reproduction(result, results, f"control: {control.title}"),
    )


def _words(result: TheoremResult, theorem: Theorem | None) -> str:
    """What a search finds a theorem by, besides its row."""
    if theorem is None:
        return result.message
    method = theorem.setting.method
    assumed = " ".join(needed.__name__ for needed in theorem.assumes)
    return f"{theorem.statement} {theorem.source} {assumed} {method.name if method else ''}".lower()


def problems_of(result: TheoremResult) -> list[str]:
    """The names of the problems on which a theorem ran."""
    cases = [*result.claims, *result.attained, *(case for c in result.controls for case in c.cases)]
    found = (r.case.problem for r in cases)
    return list(
        dict.fromkeys(p.family.name for p in found if isinstance(p, Problem) and p.family is not None)
    )


def methods_of(result: TheoremResult, theorem: Theorem | None) -> list[str]:
    """The names of the methods that a theorem and its controls use."""
    cases = [*result.claims, *result.attained, *(case for c in result.controls for case in c.cases)]
    methods = [r.case.setting.method for r in cases]
    methods += [theorem.setting.method] if theorem else []
    return list(dict.fromkeys(method.name for method in methods if method is not None))
