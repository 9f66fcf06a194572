"""Mutants of many theorems, several at a time."""

import math
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from typing import Any

from simlab import processes
from simlab.errors import InputError
from simlab.mutation.examination import Examination, examine
from simlab.mutation.score import Score
from simlab.selection import select
from simlab.verification import check_seed, threads
from simlab.vocabulary.registry import REGISTRY

# Seconds that a running mutant has to end once the time limit is over.
GRACE = 15.0

Reporter = Callable[[Examination, int, int], None]


def mutate(
    *targets: str,
    keyword: str | None = None,
    chapter: str | None = None,
    seed: int = 0,
    jobs: int | None = None,
    time_limit: float | None = None,
    finished: Reporter | None = None,
) -> Score:
    """Make the mutants of theorems and verify them.

    Parameters
    ----------
    targets, keyword, chapter
        Which theorems, as for :func:`simlab.verify`; refuted statements have no mutants.
    seed, jobs
        The seed of all randomness, and the number of processes (default: one for each processor). Results depend on
        the seed alone.
    time_limit
        Seconds after which no new mutant is begun; what was finished is returned.
    finished
        Called with each theorem's examination, its number and the number of theorems.

    Raises
    ------
    InputError
        When a target is unknown or a file does not load.
    """
    check_seed(seed)
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"the time limit must be above 0 seconds, not {time_limit:g}.")
    count = threads(jobs)
    names = [t.id for t in select(targets, keyword, chapter) if t.corrected is None]
    deadline = None if time_limit is None else time.time() + time_limit
    made: dict[str, Examination] = {}
    score = Score([], names, seed)
    run = _processes if min(count, len(names)) > 1 and processes.available() else _one_process
    try:
        for result in run(names, seed, min(count, len(names)), deadline):
            made[result.theorem] = result
            if finished is not None:
                finished(result, len(made) - 1, len(names))
    except KeyboardInterrupt:
        score.interrupted = True
    score.examinations += [made[name] for name in names if name in made]
    return score


def _one_process(
    names: Sequence[str], seed: int, count: int, deadline: float | None
) -> Iterator[Examination]:
    for name in names:
        if deadline is None or time.time() < deadline:
            yield examine(REGISTRY.of("theorem")[name], seed, lambda: time.time() > (deadline or math.inf))


# --- several processes -------------------------------------------------------------------------------------------

_STOP: Any = None  # in a worker: the event that tells it to stop


def _begin(stop: Any) -> None:
    """What a worker does first."""
    global _STOP
    _STOP = stop


def _examined(name: str, seed: int) -> Examination | None:
    if _STOP.is_set():
        return None
    return examine(REGISTRY.of("theorem")[name], seed, _STOP.is_set)


def _processes(names: Sequence[str], seed: int, count: int, deadline: float | None) -> Iterator[Examination]:
    stop = multiprocessing.get_context("spawn").Event()
    with processes.workers(count, _begin, stop) as pool:  # what still runs at the end has nothing to lose
        waiting = {pool.submit(_examined, name, seed) for name in names}
        while waiting and (deadline is None or time.time() < deadline + GRACE):
            if deadline is not None and time.time() > deadline:
                stop.set()
            done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            yield from (result for result in (future.result() for future in done) if result is not None)
