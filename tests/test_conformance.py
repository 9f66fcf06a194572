"""Conformance: what every entry of the collection must be, without a list of them anywhere.

Each theorem is verified once, in the quick tier, and everything asked of its result is asked of that one.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from simlab.discovery import discover
from simlab.entry import verify_one
from simlab.mutation.mutants import is_sampled_case
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import FULL, QUICK
from simlab.reports.files import describe
from simlab.running.results import TheoremResult
from simlab.statistics.errors import CASES
from simlab.statistics.verdicts import Status
from simlab.vocabulary.claim import Side
from simlab.vocabulary.constants import argument_names, vocabulary
from simlab.vocabulary.problem import ProblemSpec
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Control, Grid, Setting, Theorem

discover()
THEOREMS: dict[str, Theorem] = {
    name: entry
    for name, entry in sorted(REGISTRY.of("theorem").items())
    if entry.module.startswith("theorems.")
}
# Orders of mixing, which are words of the field and no names of entries.
CONVENTIONS = {"adapt-then-combine", "combine-then-adapt"}

every_theorem = pytest.mark.parametrize("name", THEOREMS)


@functools.cache
def result_of(name: str) -> TheoremResult:
    return verify_one(THEOREMS[name], QUICK, seed=0)


def test_every_module_loads() -> None:
    assert discover().broken == {}
    assert len(THEOREMS) > 50


# --- what an entry does when it is run ---------------------------------------------------------------------------


@every_theorem
def test_holds_with_every_control_caught(name: str) -> None:
    result = result_of(name)
    assert [control.title for control in result.controls if not control.caught] == []
    assert result.passed, describe(result)
    assert result.claims, "no claim case"


@every_theorem
def test_attaining_instances_reach_their_floor(name: str) -> None:
    result = result_of(name)
    assert bool(result.attained) == bool(THEOREMS[name].attained)
    for case in result.attained:
        assert case.verdict.status is Status.HOLDS, (case.case.label, case.verdict)


@every_theorem
def test_records_are_complete(name: str) -> None:
    record = result_of(name).record()
    assert {"theorem", "status", "passed", "ratio", "ratio_low", "ratio_high", "attained_at", "runs"} <= set(
        record
    )
    for case in (*record["claims"], *record["attained"]):
        sampled = case["how"] == "sampled"
        assert sampled == (case["runs"] > 0)
        assert case["ratio_low"] <= case["ratio"] <= case["ratio_high"]
        assert sampled or case["ratio_low"] == case["ratio_high"]
        lengths = {
            len(case[key]) for key in ("checkpoints", "measured", "measured_low", "measured_high", "bounds")
        }
        assert len(lengths) == 1
        assert case["k"] in case["checkpoints"]
        assert case["slack"] > 0


@pytest.mark.full
def test_the_promise_about_errors_covers_the_whole_collection() -> None:
    """Its shares are made for so many sampled cases, in the tier that has most."""
    assert sum(is_sampled_case(case) for entry in THEOREMS.values() for case in planned_cases(entry)) <= CASES


def planned_cases(entry: Theorem) -> list[Case]:
    planned = plan(entry, FULL)
    return [*planned.claims, *planned.attained, *planned.corrected]


# --- what an entry says ------------------------------------------------------------------------------------------


@every_theorem
def test_says_what_it_promises_and_where_it_is_from(name: str) -> None:
    entry = THEOREMS[name]
    entry.validate()
    assert entry.source.strip()
    assert entry.statement.rstrip().endswith("."), "a statement is made of sentences"
    titles = [control.title for control in entry.controls]
    assert len(set(titles)) == len(titles)
    assert all(title.strip() for title in titles)


@every_theorem
def test_has_a_floor_or_says_that_it_is_loose(name: str) -> None:
    entry = THEOREMS[name]
    if entry.claim.side is not Side.EQUAL and entry.corrected is None and not entry.attained:
        assert {"loose", "vacuous"} & set(entry.labels) or result_of(name).flag == "tight"


@every_theorem
def test_measures_after_at_least_one_step(name: str) -> None:
    """A domain without k would look at the start only."""
    setting = THEOREMS[name].setting
    assert setting.experiment is not None or max(setting.domain.checkpoints) > 0


@every_theorem
def test_every_parameter_of_the_domain_is_used(name: str) -> None:
    entry = THEOREMS[name]
    used = names_used(entry, entry.setting, None)
    assert set(entry.setting.domain.axes) <= used | {"k"}
    for attained in entry.attained:
        assert set(attained.at.axes) <= used | {"k"}
    for control in entry.controls:
        domain = control.changes.get("domain", entry.setting.domain)
        assert isinstance(domain, Grid)
        assert set(domain.axes) <= used | names_used(entry, changed(entry, control), control) | {"k"}


@every_theorem
def test_mentions_nothing_that_does_not_exist(name: str) -> None:
    """Names in double backticks, and hyphenated names, are of things that there are."""
    entry = THEOREMS[name]
    known = {
        *vocabulary(),
        *(n for _, n, _ in REGISTRY),
        *names_used(entry, entry.setting, None),
        *CONVENTIONS,
    }
    known |= set(entry.setting.domain.axes)
    for kind in ("method", "problem"):
        for family in REGISTRY.of(kind).values():
            known |= set(family.parameters if kind == "method" else argument_names(family.build))
    words = re.findall(r"``([^`]+)``", entry.statement)
    words += re.findall(r"\b[a-z]+(?:-[a-z0-9]+){2,}\b", entry.statement)
    assert [word for word in words if word not in known] == []


def changed(entry: Theorem, control: Control) -> Setting:
    """The setting of a control."""
    changes = {
        name: tuple(value) if isinstance(value, (list, tuple)) else (value,)
        for name, value in control.changes.items()
        if name in ("on", "noise")
    }
    return replace(entry.setting, **{**control.changes, **changes})


def names_used(entry: Theorem, setting: Setting, control: Control | None) -> set[str]:
    """Every constant that some function of an entry asks for."""
    return {name for function in functions_of(entry, setting, control) for name in argument_names(function)}


def functions_of(entry: Theorem, setting: Setting, control: Control | None) -> Iterator[Callable[..., Any]]:
    parts: list[Any] = [
        entry.bound, entry.formula, control and control.bound, setting.network, setting.experiment, setting.where,
        *setting.declare.values(), getattr(setting.measures, "weights", None),
    ]  # fmt: skip
    if setting.method is not None:
        parts += setting.method.parameters.values()
        parts.append(setting.method.family.memory)
    sources = [*setting.on, *(attained.problem for attained in entry.attained), *setting.noise]
    for source in sources:
        if isinstance(source, ProblemSpec) or hasattr(source, "build"):
            parts += getattr(source, "parameters", {}).values()
    yield from (part for part in parts if callable(part))
