"""One entry verified: its known counterexamples, its claims, its attaining instances and its controls."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from simlab.discovery import line_of, one_line, source_digest
from simlab.errors import InputError
from simlab.planning.cases import Case, Plan, plan
from simlab.planning.tiers import DEFAULT, Tier
from simlab.processes import one_thread
from simlab.running.attainment import attainment, place
from simlab.running.audit import audit
from simlab.running.measure import measure
from simlab.running.results import CaseResult, ControlResult, TheoremResult, overall
from simlab.search.database import Counterexample
from simlab.search.replay import fixed_notes, replayed_cases
from simlab.statistics.verdicts import Status
from simlab.vocabulary.theorem import Theorem


def verify_one(
    theorem: Theorem,
    tier: Tier,
    seed: int,
    pool: Executor | None = None,
    only: str | None = None,
    known: Sequence[Counterexample] = (),
) -> TheoremResult:
    """Check one theorem: the counterexamples to it that are known, its claims, its attaining instances and its
    controls. Errors become its status.
    """
    return verified(theorem, tier, seed, pool, only, known)[0]


def verified(
    theorem: Theorem,
    tier: Tier,
    seed: int,
    pool: Executor | None,
    only: str | None,
    known: Sequence[Counterexample],
) -> tuple[TheoremResult, list[Case]]:
    """The result, and all cases that were planned: none when there is no plan."""
    begun = time.perf_counter()
    result = TheoremResult(theorem.id, theorem.chapter, theorem.kind)
    result.digest = source_digest(theorem.module)
    cases: list[Case] = []
    try:
        theorem.validate()
        with one_thread():
            planned = planned_for(theorem, tier, known)
            cases += planned.cases
            _run_plan(theorem, tier, seed, pool, only, result, planned)
    except InputError as error:
        result.status, result.message, result.input_error = Status.ERROR, str(error), True
    except Exception as error:
        result.status, result.message = Status.ERROR, _crash(error, theorem)
    result.seconds = time.perf_counter() - begun
    return result, cases


def _crash(error: Exception, theorem: Theorem) -> str:
    """What an entry raised, with the line of its file and the case."""
    path = Path(theorem.bound.__code__.co_filename)
    line = line_of(error, path)
    places = [f"{path.name}, line {line}"] if line else []
    places += getattr(error, "__notes__", [])
    return f"{one_line(error)} ({'; '.join(places)})" if places else one_line(error)


@dataclass(frozen=True)
class Planned:
    """All that is to be run for a theorem: known counterexamples, with words about others, and its plan."""

    replayed: Sequence[Case]
    notes: Sequence[str]
    plan: Plan

    @property
    def cases(self) -> list[Case]:
        """Every case, in an order that is the same in every process."""
        made = self.plan
        controls = [case for _, cases in made.controls for case in cases]
        return [*self.replayed, *made.claims, *made.attained, *made.corrected, *controls]


def planned_for(theorem: Theorem, tier: Tier, known: Sequence[Counterexample]) -> Planned:
    """What is run for a theorem. Raises :class:`InputError` where there is no plan."""
    made = plan(theorem, tier)
    return Planned(*replayed_cases(theorem, known), made)


def _run_plan(
    theorem: Theorem,
    tier: Tier,
    seed: int,
    pool: Executor | None,
    only: str | None,
    result: TheoremResult,
    planned: Planned,
) -> None:
    made = planned.plan
    result.notes = list(planned.notes)
    whole = any(case.label == only for case in planned.cases)

    def kept(cases: Sequence[Case]) -> list[Case]:
        """All cases, or those with this very label, or else those whose label contains the text."""
        return [c for c in cases if only is None or (c.label == only if whole else only in c.label)]

    result.replayed = [_measured(case, tier, seed, pool) for case in kept(planned.replayed)]
    result.notes += fixed_notes(theorem, result.replayed)
    result.claims = [_measured(case, tier, seed, pool) for case in kept(made.claims)]
    # The best of several instances attains a bound, and one case of a control is enough: neither is judged in part.
    places = {place(case) for case in kept(made.attained)}
    attaining = [case for case in made.attained if place(case) in places]
    result.attained = attainment([_measured(case, tier, seed, pool) for case in attaining])
    result.status = overall([r.verdict.status for r in (*result.replayed, *result.claims, *result.attained)])
    if theorem.corrected is not None:
        correct = [_measured(case, tier, seed, pool) for case in kept(made.corrected)]
        _judge_refutation(theorem.corrected, correct, result)
    for control, cases in made.controls:
        if not cases:
            raise InputError(
                f"control {control.title!r} of {theorem.id} has no case; check its domain and where."
            )
        if kept(cases):
            result.controls.append(_run_control(control.title, cases, tier, seed, pool))
    if only is None and result.passed and theorem.corrected is None:
        _audited(theorem, tier, seed, pool, result)
    if only is not None and not (result.replayed or result.claims or result.attained or result.controls):
        close = get_close_matches(only, [case.label for case in planned.cases], n=1, cutoff=0.0)
        raise InputError(
            f"no case of {theorem.id} contains {only!r}; one of its cases is {''.join(close)!r}."
        )


def _audited(theorem: Theorem, tier: Tier, seed: int, pool: Executor | None, result: TheoremResult) -> None:
    """Call an entry that passes unchecked when what it was checked with shows nothing."""
    controls = list(zip(theorem.controls, result.controls, strict=True))
    words = audit(
        theorem,
        controls,
        result,
        lambda case: _measured(case, tier, seed, pool),
        thin=tier.values < DEFAULT.values,
    )
    if words:
        result.status, result.message = Status.UNCHECKED, words


def _judge_refutation(corrected: Theorem, correct: Sequence[CaseResult], result: TheoremResult) -> None:
    """A false statement passes when a counterexample violates it, and the corrected one holds on all of them."""
    refuted = any(r.verdict.status in (Status.VIOLATED, Status.DIVERGED) for r in result.claims)
    result.status = Status.REFUTED if refuted else Status.VIOLATED
    if not refuted:
        result.message = "no counterexample violates the printed statement"
    title = f"{corrected.id}, the corrected statement, {'holds here' if correct else 'excludes this case'}"
    holds = all(r.verdict.status is Status.HOLDS for r in correct)
    result.controls.append(ControlResult(title, holds, tuple(correct)))


def _measured(case: Case, tier: Tier, seed: int, pool: Executor | None) -> CaseResult:
    """The result of a case; what it raises names the case."""
    try:
        return measure(case, tier, seed, pool)
    except Exception as error:
        error.add_note(f"case {case.label}")
        raise


def _run_control(
    title: str, cases: Sequence[Case], tier: Tier, seed: int, pool: Executor | None
) -> ControlResult:
    """Run a control until the checker refuses one of its cases."""
    run: list[CaseResult] = []
    for case in cases:
        run.append(_measured(case, tier, seed, pool))
        if run[-1].verdict.status in (Status.VIOLATED, Status.DIVERGED):
            return ControlResult(title, True, tuple(run))
    return ControlResult(title, False, tuple(run))
