"""Verification: runs the selected theorems and returns their results."""

import os
import warnings
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from simlab import processes
from simlab.entry import planned_for, verified, verify_one
from simlab.errors import InputError
from simlab.planning.tiers import TIERS, Tier
from simlab.running.crossing import packed, unpacked
from simlab.running.results import Results, TheoremResult
from simlab.search.database import Counterexample
from simlab.search.replay import known_counterexamples
from simlab.selection import select_all
from simlab.statistics.verdicts import Status
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
        The seed of all randomness, and how much is done at once (default: one thing for each processor). Many
        theorems are divided among as many processes, except in a script and with entries declared at a prompt or
        in a notebook's cell (see :mod:`simlab.processes`); else the runs of a case are divided among threads.
        Results depend on the seed alone.
    started, finished
        Called with each theorem's id or result, its number and the number of theorems, in the order of the
        theorems. Of several at once, ``started`` names the first that is not finished.

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
    order = _Order(chosen, TIERS[tier], seed, case, known, started or (lambda *_: None))
    divided = count > 1 and len(chosen) >= MANY[tier] and processes.available()
    with closing(_in_processes(order, count) if divided else _here(order, count)) as found:
        for number, result in found:
            results.append(result)
            if finished is not None:
                finished(result, number, len(chosen))
    return made


@dataclass(frozen=True)
class _Order:
    """What is to be verified, and how."""

    theorems: Sequence[Theorem]
    tier: Tier
    seed: int
    case: str | None
    known: Sequence[Counterexample]
    started: Callable[[str, int, int], None]

    def begins(self, number: int) -> Theorem:
        """The theorem of this number, which is waited for from now on."""
        theorem = self.theorems[number]
        self.started(theorem.id, number, len(self.theorems))
        return theorem


Found = Generator[tuple[int, TheoremResult], None, None]


def _here(order: _Order, count: int) -> Found:
    """The results with their numbers, one after another; long cases are divided among threads."""
    with ThreadPoolExecutor(count) as threads_:
        pool = threads_ if count > 1 else None
        for number in range(len(order.theorems)):
            theorem = order.begins(number)
            yield number, verify_one(theorem, order.tier, order.seed, pool, order.case, order.known)


# --- in several processes ----------------------------------------------------------------------------------------

# From how many theorems on the time is worth it that processes need to start.
MANY = {"quick": 24, "default": 6, "full": 2}


@dataclass(frozen=True)
class _Answer:
    """What a process answers: a result whose cases are places, and the warnings that were raised meanwhile."""

    result: TheoremResult
    warnings: Sequence[tuple[str, type[Warning], str, int]]


def _in_processes(order: _Order, count: int) -> Found:
    """The results with their numbers, in order. After Ctrl-C, those that are finished follow, with gaps."""
    theorems, number = order.theorems, 0
    with processes.workers(min(count, len(theorems))) as pool:
        alike = pool.submit(processes.same_registry)
        futures = [
            pool.submit(
                _elsewhere, theorem.id, order.tier.name, order.seed, order.case,
                [item for item in order.known if item.theorem == theorem.id],
            )
            for theorem in theorems
        ]  # fmt: skip
        try:
            if not _same(alike):
                pool.shutdown(wait=False, cancel_futures=True)
                yield from _here(order, count)
                return
            for number, future in enumerate(futures):
                theorem = order.begins(number)
                result = _answered(future, theorem, order)
                if result is None:
                    result = verify_one(theorem, order.tier, order.seed, None, order.case, order.known)
                yield number, result
        except KeyboardInterrupt:
            for later in range(number, len(futures)):
                if futures[later].done() and not futures[later].cancelled():
                    result = _answered(futures[later], theorems[later], order)
                    if result is not None:
                        yield later, result
            raise


def _elsewhere(name: str, tier: str, seed: int, only: str | None, known: Sequence[Counterexample]) -> _Answer:
    """In a worker: verify a theorem."""
    with warnings.catch_warnings(record=True) as raised:
        result, cases = verified(REGISTRY.of("theorem")[name], TIERS[tier], seed, None, only, known)
    return _Answer(
        packed(result, cases), [(str(w.message), w.category, w.filename, w.lineno) for w in raised]
    )


def _same(alike: "Future[bool]") -> bool:
    """Whether workers could be started, and know all that this process knows."""
    try:
        return alike.result()
    except BrokenExecutor:
        return False


def _answered(future: "Future[_Answer]", theorem: Theorem, order: _Order) -> TheoremResult | None:
    """What a worker has found, as if it had been found here; None when it has to be."""
    try:
        answer = future.result()
    except BrokenExecutor:  # killed, for want of memory perhaps
        warnings.warn("a process has ended by itself; what is left is checked without it", stacklevel=2)
        return None
    for words, category, file, line in answer.warnings:
        warnings.warn_explicit(words, category, file, line)
    try:
        return unpacked(answer.result, planned_for(theorem, order.tier, order.known).cases)
    except (InputError, LookupError):
        return None


# --- the seed and the threads ------------------------------------------------------------------------------------


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
