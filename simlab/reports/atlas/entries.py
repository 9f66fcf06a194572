"""The pages of problems and methods."""

from collections.abc import Sequence
from dataclasses import dataclass

from simlab.reports.atlas.anchors import Anchors
from simlab.reports.atlas.pictures import Picture, problem_picture
from simlab.reports.atlas.theorems import shortened_places
from simlab.reports.details import Section, instance_lines, method_sections, problem_sections
from simlab.reports.words import first_paragraph, first_sentence
from simlab.vocabulary.method import MethodFamily
from simlab.vocabulary.problem import ProblemFamily


@dataclass(frozen=True)
class EntryPage:
    """The page of a problem or a method."""

    kind: str
    name: str
    anchor: str
    summary: str
    formula: str
    paragraphs: Sequence[str]
    sections: Sequence[Section]
    gallery: Sequence[Sequence[str]]
    pictures: Sequence[Picture]
    theorems: Sequence[str]


def problem_page(family: ProblemFamily, theorems: Sequence[str], anchors: Anchors) -> EntryPage:
    """A problem: formula, constants of its gallery, a picture, and the theorems that ran on it."""
    sections = {section.title: section for section in problem_sections(family)}
    own = ("", "in LaTeX", "instances on which matching theorems are checked")
    picture = problem_picture(family, anchors.add("problem", family.name))
    return EntryPage(
        "problem",
        family.name,
        anchors.add("problem", family.name),
        first_sentence(family.description),
        family.formula,
        sections[""].lines if "" in sections else (),
        [shortened_places(section) for title, section in sections.items() if title not in own],
        [[line.strip() for line in instance_lines(instance)] for instance in family.instances()],
        [] if picture is None else [picture],
        theorems,
    )


def method_page(family: MethodFamily, theorems: Sequence[str], anchors: Anchors) -> EntryPage:
    """A method: update rule, hyper-parameters and the theorems that use it, in their claims or controls."""
    sections = {section.title: section for section in method_sections(family)}
    own = ("update rule", "theorems about it")
    return EntryPage(
        "method",
        family.name,
        anchors.add("method", family.name),
        first_paragraph(family.rule),
        "",
        sections["update rule"].lines if "update rule" in sections else (),
        [shortened_places(section) for title, section in sections.items() if title not in own],
        [],
        [],
        theorems,
    )
