"""Verification: runs the selected theorems and returns their results."""

import fnmatch
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from simlab.discovery import discover, source_digest, theorems_of
from simlab.errors import InputError
from simlab.planning.cases import Case, plan
from simlab.planning.tiers import TIERS, Tier
from simlab.running.measure import measure
from simlab.running.results import CaseResult, ControlResult, Results, TheoremResult, overall
from simlab.statistics.verdicts import Status, Verdict
from simlab.vocabulary.registry import REGISTRY
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
    """
    if tier not in TIERS:
        raise InputError(f"unknown tier {tier!r}; choose {', '.join(TIERS)}.")
    if not 0 <= seed <= MOST_SEED:
        raise InputError(f"the seed must lie between 0 and {MOST_SEED}, not {seed}.")
    threads = jobs if jobs is not None else os.cpu_count() or 1
    if not 1 <= threads <= 1024:
        raise InputError(f"the number of threads must lie between 1 and 1024, not {threads}.")
    chosen = select([str(t) for t in targets], keyword, chapter)
    results: list[TheoremResult] = []
    made = Results(results, seed, tier)
    with ThreadPoolExecutor(threads) as pool:
        for number, theorem in enumerate(chosen):
            if started is not None:
                started(theorem.id, number, len(chosen))
            results.append(verify_one(theorem, TIERS[tier], seed, pool if threads > 1 else None, case))
            if finished is not None:
                finished(results[-1], number, len(chosen))
    return made


def select(targets: Sequence[str], keyword: str | None = None, chapter: str | None = None) -> list[Theorem]:
    """The theorems that the targets name, in the order of chapters and ids."""
    files = [Path(t) for t in targets if _is_path(t)]
    discover(files)
    known: dict[str, Theorem] = REGISTRY.of("theorem")
    wanted: list[str] = []
    for target in targets:
        if _is_path(target):
            found = theorems_of(Path(target))
            if not found:
                raise InputError(f"{target} declares no theorem; decorate a bound with @theorem.")
        else:
            found = fnmatch.filter(known, target)
            if not found:
                raise InputError(f"there is no theorem {target!r}; {nearest(target, known)}")
        wanted += found
    chosen = [known[name] for name in (dict.fromkeys(wanted) if targets else known)]
    if chapter is not None:
        chapters = sorted({theorem.chapter for theorem in known.values()})
        if chapter not in chapters:
            raise InputError(f"there is no chapter {chapter!r}; the chapters are {', '.join(chapters)}.")
        chosen = [theorem for theorem in chosen if theorem.chapter == chapter]
    if keyword is not None:
        chosen = [theorem for theorem in chosen if matches(keyword, theorem.id)]
    return sorted(chosen, key=lambda theorem: (theorem.chapter, theorem.id))


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence with the names that come nearest to an unknown one."""
    close = get_close_matches(name, list(known), n=3, cutoff=0.4)
    return f"did you mean {' or '.join(close)}?" if close else "see python -m simlab list."


def _is_path(target: str) -> bool:
    return target.endswith(".py") or os.sep in target or Path(target).is_dir()


def matches(expression: str, name: str) -> bool:
    """Whether a name satisfies an expression of words joined by and, or, not and parentheses."""
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    words = ("and", "or", "not", "(", ")")
    text = " ".join(token if token in words else str(token in name) for token in tokens)
    try:
        return bool(eval(text, {"__builtins__": {}}))
    except (SyntaxError, TypeError):
        raise InputError(
            f"-k {expression!r} is no expression; write for example 'gd and not convex'."
        ) from None


def verify_one(
    theorem: Theorem, tier: Tier, seed: int, pool: Executor | None = None, only: str | None = None
) -> TheoremResult:
    """Check one theorem: its claims, its attaining instances and its controls. Errors become its status."""
    begun = time.perf_counter()
    result = TheoremResult(theorem.id, theorem.chapter, str(theorem.claim))
    result.digest = source_digest(theorem.module)
    try:
        theorem.validate()
        _run_plan(theorem, tier, seed, pool, only, result)
    except InputError as error:
        result.status, result.message, result.input_error = Status.ERROR, str(error), True
    except Exception as error:
        result.status, result.message = Status.ERROR, f"{type(error).__name__}: {error}"
    result.seconds = time.perf_counter() - begun
    return result


def _run_plan(
    theorem: Theorem, tier: Tier, seed: int, pool: Executor | None, only: str | None, result: TheoremResult
) -> None:
    planned = plan(theorem, tier)

    def kept(cases: Sequence[Case]) -> list[Case]:
        return [case for case in cases if only is None or only in case.label]

    result.claims = [measure(case, tier, seed, pool) for case in kept(planned.claims)]
    result.attained = attainment([measure(case, tier, seed, pool) for case in kept(planned.attained)])
    result.status = overall([r.verdict.status for r in (*result.claims, *result.attained)])
    for control, cases in planned.controls:
        if not cases:
            raise InputError(
                f"control {control.title!r} of {theorem.id} has no case; check its domain and where."
            )
        if kept(cases):
            result.controls.append(_run_control(control.title, kept(cases), tier, seed, pool))
    if only is not None and not (result.claims or result.attained or result.controls):
        raise InputError(
            f"no case of {theorem.id} contains {only!r}; see python -m simlab show {theorem.id}."
        )


def _run_control(
    title: str, cases: Sequence[Case], tier: Tier, seed: int, pool: Executor | None
) -> ControlResult:
    """Run a control until the checker refuses one of its cases."""
    run: list[CaseResult] = []
    for case in cases:
        run.append(measure(case, tier, seed, pool))
        if run[-1].verdict.status in (Status.VIOLATED, Status.DIVERGED):
            return ControlResult(title, True, tuple(run))
    return ControlResult(title, False, tuple(run))


def attainment(results: list[CaseResult]) -> list[CaseResult]:
    """At each point of the domain only the best of several attaining instances must reach its floor."""
    best: dict[tuple[str, int], float] = {}
    for result in results:
        point = _point(result)
        best[point] = max(best.get(point, 0.0), result.verdict.high)

    def forgiven(result: CaseResult) -> CaseResult:
        missed = result.verdict.message.startswith("not attained")
        if missed and best[_point(result)] >= (result.case.floor or 0.0):
            verdict: Verdict = replace(result.verdict, status=Status.HOLDS, message="")
            return replace(result, verdict=verdict)
        return result

    return [forgiven(result) for result in results]


def _point(result: CaseResult) -> tuple[str, int]:
    return str(sorted(result.case.parameters.items(), key=str)), result.case.checkpoints[-1]
