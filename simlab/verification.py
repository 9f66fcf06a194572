"""Verification: runs the selected theorems and returns their results."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from difflib import get_close_matches
from pathlib import Path

from simlab.discovery import line_of, one_line, source_digest
from simlab.errors import InputError
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import DEFAULT, TIERS, Tier
from simlab.running.attainment import attainment, place
from simlab.running.audit import audit
from simlab.running.measure import measure
from simlab.running.results import CaseResult, ControlResult, Results, TheoremResult, overall
from simlab.search.database import Counterexample
from simlab.search.replay import fixed_notes, known_counterexamples, replayed_cases
from simlab.selection import select_all
from simlab.statistics.verdicts import Status
from simlab.vocabulary.theorem import Theorem

Reporter = Callable[[TheoremResult, int, int], None]
MOST_SEED = 2**63 - 1


def verify(
    *targets: str | Path,
    keyword: str | None = None,
    chapter: str | None = None,
    case: str | None = None,
    tier: str = "default",
    seed: int = 0,
    jobs: int | None = None,
    started: Callable[[str, int, int], None] | None = None,
    finished: Reporter | None = None,
) -> Results:
    """Check theorems and their controls.

    Parameters
    ----------
    targets
        Ids, patterns such as ``gd-*``, or files and folders with entries of your own; none means all.
    keyword, chapter, case
        Keep the theorems whose id matches an expression such as ``"gd and not convex"``, those of one chapter,
        and of their cases those whose label contains a text.
    tier
        "quick", "default" or "full": how much of each domain is run.
    seed, jobs
        The seed of all randomness, and the number of threads (default: one for each processor). Results
        depend on the seed, not on the threads.
    started, finished
        Called with each theorem's id or result, its number and the number of theorems.

    Returns
    -------
    Results
        One result a theorem; ``results.table()`` and ``results.records()`` give plain records.

    Raises
    ------
    InputError
        When a target is unknown or a file does not load.

    Examples
    --------
    >>> results = simlab.verify("gd-*", "my_theorems.py", tier="quick")
    >>> results.passed, results["gd-convex-tight"].worst.verdict.ratio
    >>> pandas.DataFrame(results.table())
    """
    if tier not in TIERS:
        raise InputError(f"unknown tier {tier!r}; choose {', '.join(TIERS)}.")
    check_seed(seed)
    count = threads(jobs)
    selected = select_all([str(t) for t in targets], keyword, chapter)
    results: list[TheoremResult] = [_not_loaded(*row) for row in selected.broken]
    made = Results(results, seed, tier)
    chosen = selected.theorems
    known = known_counterexamples(whole=not targets)
    with ThreadPoolExecutor(count) as pool:
        for number, theorem in enumerate(chosen):
            if started is not None:
                started(theorem.id, number, len(chosen))
            results.append(verify_one(theorem, TIERS[tier], seed, pool if count > 1 else None, case, known))
            if finished is not None:
                finished(results[-1], number, len(chosen))
    return made


def check_seed(seed: int) -> None:
    """Refuse a seed that the random streams cannot take."""
    if not 0 <= seed <= MOST_SEED:
        raise InputError(f"the seed must lie between 0 and {MOST_SEED}, not {seed}.")


def threads(jobs: int | None) -> int:
    """The number of threads: as asked for, or one for each processor."""
    count = jobs if jobs is not None else os.cpu_count() or 1
    if not 1 <= count <= 1024:
        raise InputError(f"the number of threads must lie between 1 and 1024, not {count}.")
    return count


def _not_loaded(name: str, kind: str, sentence: str, given: bool) -> TheoremResult:
    """The row of a file or module that does not load."""
    result = TheoremResult(name, "not loaded", kind, status=Status.ERROR, message=sentence)
    result.input_error = given
    return result


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
    begun = time.perf_counter()
    result = TheoremResult(theorem.id, theorem.chapter, theorem.kind)
    result.digest = source_digest(theorem.module)
    try:
        theorem.validate()
        _run_plan(theorem, tier, seed, pool, only, result, known)
    except InputError as error:
        result.status, result.message, result.input_error = Status.ERROR, str(error), True
    except Exception as error:
        result.status, result.message = Status.ERROR, _crash(error, theorem)
    result.seconds = time.perf_counter() - begun
    return result


def _crash(error: Exception, theorem: Theorem) -> str:
    """What an entry raised, with the line of its file and the case."""
    path = Path(theorem.bound.__code__.co_filename)
    line = line_of(error, path)
    places = [f"{path.name}, line {line}"] if line else []
    places += getattr(error, "__notes__", [])
    return f"{one_line(error)} ({'; '.join(places)})" if places else one_line(error)


def _run_plan(
    theorem: Theorem,
    tier: Tier,
    seed: int,
    pool: Executor | None,
    only: str | None,
    result: TheoremResult,
    known: Sequence[Counterexample],
) -> None:
    planned = plan(theorem, tier)
    broke_before, result.notes = replayed_cases(theorem, known)

    everything = [
        *broke_before,
        *planned.claims,
        *planned.attained,
        *planned.corrected,
        *(case for _, cases in planned.controls for case in cases),
    ]
    whole = any(case.label == only for case in everything)

    def kept(cases: Sequence[Case]) -> list[Case]:
        """All cases, or those with this very label, or else those whose label contains the text."""
        return [c for c in cases if only is None or (c.label == only if whole else only in c.label)]

    result.replayed = [_measured(case, tier, seed, pool) for case in kept(broke_before)]
    result.notes += fixed_notes(theorem, result.replayed)
    result.claims = [_measured(case, tier, seed, pool) for case in kept(planned.claims)]
    # The best of several instances attains a bound, and one case of a control is enough: neither is judged in part.
    places = {place(case) for case in kept(planned.attained)}
    attaining = [case for case in planned.attained if place(case) in places]
    result.attained = attainment([_measured(case, tier, seed, pool) for case in attaining])
    result.status = overall([r.verdict.status for r in (*result.replayed, *result.claims, *result.attained)])
    if theorem.corrected is not None:
        correct = [_measured(case, tier, seed, pool) for case in kept(planned.corrected)]
        _judge_refutation(theorem.corrected, correct, result)
    for control, cases in planned.controls:
        if not cases:
            raise InputError(
                f"control {control.title!r} of {theorem.id} has no case; check its domain and where."
            )
        if kept(cases):
            result.controls.append(_run_control(control.title, cases, tier, seed, pool))
    if only is None and result.passed and theorem.corrected is None:
        _audited(theorem, tier, seed, pool, result)
    if only is not None and not (result.replayed or result.claims or result.attained or result.controls):
        close = get_close_matches(only, [case.label for case in everything], n=1, cutoff=0.0)
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
