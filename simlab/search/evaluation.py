"""Evaluation: what a candidate reaches, fast enough for thousands of them a second."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.random import STATE_ROWS
from simlab.planning.cases import Case
from simlab.planning.tiers import Tier
from simlab.running.measure import measure, verdict_of
from simlab.running.results import CaseResult
from simlab.running.trajectories import is_random, single_runs
from simlab.search.candidate import Candidate
from simlab.statistics.moments import exactly
from simlab.statistics.verdicts import Status, Verdict
from simlab.vocabulary.assumptions import Workers
from simlab.vocabulary.claim import Side
from simlab.vocabulary.quantity import Measure
from simlab.vocabulary.theorem import Theorem

# Sampled candidates are compared by this many runs; what they find is run again, with fresh seeds.
GLANCE = Tier("search", values=1, instances=1, runs=256, all_noise=False, sharpness=1.0)
# Streams of runs that draw nothing.
UNUSED = np.zeros((1, STATE_ROWS, 8), np.uint64)
# A start this near to the minimizer, or to the minimum, is there but for rounding.
SAME_POINT, SAME_VALUE = 1e-10, 1e-20
# Candidates outside the domain that cost as much as one inside.
REFUSALS = 8
# Seconds after which a candidate is left for others.
PATIENCE = 5.0


class TimeIsUpError(Exception):
    """The time limit of a search."""


class TooSlowError(Exception):
    """The time limit of one candidate."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise :class:`TooSlowError` in the block when it takes longer: in the main thread, where Python hears of it
    between two calls of compiled code.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: Any) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, min(max(seconds, 1e-3), 1e6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Score:
    """How near a candidate comes to breaking the claim: the ratio (for a law |ratio - 1|), and whether it does.
    A candidate that the theorem is not about has minus infinity.
    """

    value: float
    k: int = 0
    violated: bool = False
    sampled: bool = False

    @property
    def fits(self) -> bool:
        """Whether the theorem is about the candidate."""
        return self.value > -np.inf


REFUSED = Score(-np.inf)


@dataclass(eq=False)
class Evaluator:
    """Scores candidates of one theorem, and counts what it could not score.

    ``deadline`` is a time of ``time.monotonic``; ``ticked`` is called before each candidate, and ``slow`` counts
    those that took too long.
    """

    theorem: Theorem
    seed: int = 0
    deadline: float = np.inf
    pool: Executor | None = None
    ticked: Callable[[], None] = lambda: None
    count: int = 0
    refused: int = 0
    slow: int = 0
    measured: bool = False
    unjudged: Counter[str] = field(default_factory=Counter)

    @property
    def spent(self) -> int:
        """How much of a budget is used up: refusing a candidate costs a fraction of running it."""
        return self.count - self.refused + self.refused // REFUSALS

    def score(self, candidate: Candidate) -> Score:
        """The score of a candidate.

        Raises
        ------
        TimeIsUpError
            Before it is scored, when the deadline has passed.
        """
        left = self.deadline - time.monotonic()
        if left < 0:
            raise TimeIsUpError
        self.count += 1
        self.ticked()
        try:
            # What is measured first takes longer: its kernels may have to be compiled.
            patience = min(left, PATIENCE) if self.measured else left / 2
            with np.errstate(all="ignore"), limited(patience):
                return self._scored(candidate)
        except TooSlowError:
            self.slow += 1
            return REFUSED

    def _scored(self, candidate: Candidate) -> Score:
        try:
            case = candidate.case(self.theorem)
        except (InputError, ArithmeticError, ValueError):
            self.refused += 1
            return REFUSED
        if starts_at_the_end(case):
            self.refused += 1
            return REFUSED
        try:
            score = self._of(case)
            self.measured = True
            return score
        except (InputError, ArithmeticError, ValueError) as error:
            self.unjudged[str(error)] += 1
            return REFUSED

    def _of(self, case: Case) -> Score:
        verdict = glance(case)
        if verdict is None or verdict.status is not Status.HOLDS:
            verdict = measure(case, GLANCE, self.seed, self.pool).verdict
        return score_of(case, verdict)


def starts_at_the_end(case: Case) -> bool:
    """Whether a case begins at a minimizer up to rounding, but not exactly: then nothing is measured but that."""
    known, problem = case.known, case.problem
    if problem is None or Workers in problem.known:  # workers may agree, and disagree on where to go
        return False
    return known.get("R") != 0 and bool(
        known.get("R", 1.0) <= SAME_POINT * max(1.0, known.get("x0", 1.0))
        or known.get("D", 1.0) <= SAME_VALUE
    )


def score_of(case: Case, verdict: Verdict) -> Score:
    """The score that a verdict amounts to. What rounding hides counts for nothing."""
    if verdict.ratio != verdict.ratio or (verdict.status is Status.UNRESOLVED and not verdict.runs):
        return Score(0.0, verdict.k)
    law, broken = case.claim.side is Side.EQUAL, verdict.status in (Status.VIOLATED, Status.DIVERGED)
    value = abs(verdict.ratio - 1) if law else float(verdict.ratio)
    return Score(value, verdict.k, broken, verdict.runs > 0)


def glance(case: Case) -> Verdict | None:
    """The verdict of a deterministic run whose numbers need no further checks; None for all others."""
    problem, measures = case.problem, case.setting.measures
    plain = problem is not None and problem.region is None and isinstance(measures, Measure)
    if not plain or is_random(case):
        return None
    records = np.full((1, len(case.checkpoints)), np.nan)
    single_runs(case)(UNUSED, records)
    return verdict_of(case, exactly(records.T)) if np.isfinite(records).all() else None


def judged_again(case: Case, tier: Tier, seed: int, pool: Executor | None = None) -> CaseResult:
    """The result of a case as ``verify`` would give it."""
    with np.errstate(all="ignore"):
        return measure(case, tier, seed, pool)
