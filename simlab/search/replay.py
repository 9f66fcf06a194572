"""Replay: the counterexamples that a project has found before are run first."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace

from simlab.errors import InputError
from simlab.planning.cases import Case
from simlab.running.results import CaseResult
from simlab.search.database import FILE, Counterexample, load
from simlab.statistics.verdicts import Status
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

REPLAYED = "counterexample"


def known_counterexamples(whole: bool) -> list[Counterexample]:
    """What the database of the project holds. With ``whole``, of a run over everything, entries whose theorem is
    gone are warned of.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    found = load()
    if whole:
        gone = dict.fromkeys(item.theorem for item in found if item.theorem not in REGISTRY.of("theorem"))
        for name in gone:
            warnings.warn(
                f"{FILE} has a counterexample to {name}, and there is no such theorem any more; "
                f"remove it with python -m simlab attack --forget {name}.",
                stacklevel=2,
            )
    return found


def replayed_cases(theorem: Theorem, known: Iterable[Counterexample]) -> tuple[list[Case], list[str]]:
    """The cases of a theorem's counterexamples, and a sentence for each that is no case of it any more."""
    cases: list[Case] = []
    notes: list[str] = []
    for item in known:
        if item.theorem != theorem.id:
            continue
        try:
            cases.append(replace(item.case.candidate(theorem).case(theorem), role=REPLAYED))
        except (InputError, ArithmeticError, TypeError, ValueError) as error:
            notes.append(
                f"the counterexample of {item.found}, {item.case}, is not a case of it any more: {error} "
                f"{_forgetting(theorem)}"
            )
    return cases, notes


def fixed_notes(theorem: Theorem, results: Sequence[CaseResult]) -> list[str]:
    """A sentence for each counterexample that breaks the theorem no longer."""
    return [
        f"the counterexample {r.case.label}, k={r.case.checkpoints[-1]} does not break it any more: ratio "
        f"{r.verdict.ratio:.6g}. {_forgetting(theorem)}"
        for r in results
        if r.verdict.status is Status.HOLDS
    ]


def _forgetting(theorem: Theorem) -> str:
    return f"Remove it with python -m simlab attack --forget {theorem.id}."
