"""An attack: search, simplify, confirm."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simlab.errors import InputError
from simlab.planning.cases import Case
from simlab.planning.tiers import DEFAULT
from simlab.running.results import CaseResult
from simlab.search import database
from simlab.search.candidate import Candidate
from simlab.search.database import Counterexample
from simlab.search.evaluation import (
    GLANCE,
    Evaluator,
    Score,
    TimeIsUpError,
    TooSlowError,
    judged_again,
    limited,
    score_of,
)
from simlab.search.optimizer import Search
from simlab.search.shrinker import shrink
from simlab.search.space import STEP, Space, Values, spaces
from simlab.search.text import Written, written
from simlab.vocabulary.claim import Side
from simlab.vocabulary.theorem import Theorem

EVALUATIONS, TIME_LIMIT = 20_000, 60.0
# What a simpler case must keep: of a violation this share of what is beyond 1, up to this; of a ratio all but this
# part, more where it is sampled.
KEPT_EXCESS, ENOUGH, LOST, LOST_SAMPLED = 0.5, 0.2, 1e-4, 0.02
# The share of the time that is left to the shrinker, and the least of it, in seconds.
SHRINKING, LEAST = 0.15, 2.0
# Seconds for the runs that confirm what was found.
CONFIRMING = 10.0
# Added to the seed for runs that confirm what a search has chosen.
FRESH = 1_000_003

Watcher = Callable[["Evaluator", Search], None]


@dataclass(eq=False)
class Attack:
    """What a search for the worst case of one theorem came to.

    ``result`` is the worst case found, simplified and measured again with fresh seeds; None when nothing fitted.
    ``reached`` is the ratio that the search saw. ``cut`` says that time ended it, ``interrupted`` that the user
    did; ``slow`` counts cases that took too long to be measured.
    """

    theorem: Theorem
    seed: int
    reached: float = float("nan")
    result: CaseResult | None = None
    case: Written | None = None
    evaluations: int = 0
    refused: int = 0
    slow: int = 0
    seconds: float = 0.0
    cut: bool = False
    interrupted: bool = False
    unjudged: Mapping[str, int] = field(default_factory=dict)

    @property
    def score(self) -> Score | None:
        """The score of the worst case; None when nothing fitted."""
        return None if self.result is None else score_of(self.result.case, self.result.verdict)

    @property
    def violated(self) -> bool:
        """Whether a counterexample was found, and confirmed."""
        return self.score is not None and self.score.violated

    def record(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "theorem": self.theorem.id,
            "kind": self.theorem.kind,
            "violated": self.violated,
            "reached": self.reached,
            "case": None if self.case is None else {**vars(self.case), "at": dict(self.case.at)},
            "result": None if self.result is None else self.result.record(),
            "seed": self.seed,
            "evaluations": self.evaluations,
            "refused": self.refused,
            "slow": self.slow,
            "unjudged": dict(self.unjudged),
            "seconds": self.seconds,
            "cut_by_time": self.cut,
            "interrupted": self.interrupted,
        }


def attack(
    theorem: Theorem,
    seed: int = 0,
    evaluations: int = EVALUATIONS,
    time_limit: float = TIME_LIMIT,
    pool: Executor | None = None,
    watched: Watcher = lambda evaluator, search: None,
) -> Attack:
    """Search the domain of a theorem for the case that comes nearest to breaking it.

    What is found depends on the seed and the number of evaluations alone, unless the time limit (in seconds) comes
    first.
    """
    begun = time.monotonic()
    made, searched = Attack(theorem, seed), spaces(theorem)
    until = begun + time_limit - max(LEAST, SHRINKING * time_limit)
    evaluator = Evaluator(theorem, seed, max(until, time.monotonic() + LEAST), pool)
    search = Search(evaluator, seed)
    search.stopped = lambda: search.best is not None and search.best.score.violated and not _unsure(search)
    evaluator.ticked = lambda: watched(evaluator, search)
    try:
        search.run(searched, evaluations)
    except TimeIsUpError:
        made.cut = True
    except KeyboardInterrupt:
        made.interrupted = True
    if search.best is not None:
        evaluator.deadline = max(begun + time_limit, time.monotonic() + LEAST)
        _conclude(made, search, evaluator, pool)
    made.evaluations, made.refused, made.slow = evaluator.count, evaluator.refused, evaluator.slow
    made.unjudged, made.seconds = evaluator.unjudged, time.monotonic() - begun
    return made


def _unsure(search: Search) -> bool:
    """Whether the best case is one that rounding may explain: then the search goes on for a plain one."""
    assert search.best is not None
    law = search.evaluator.theorem.claim.side is Side.EQUAL
    return not law and search.best.score.value < 1 + 1e-6


def _conclude(made: Attack, search: Search, evaluator: Evaluator, pool: Executor | None) -> None:
    """Simplify the best case and judge it with fresh seeds; where that does not confirm it, judge it as found."""
    best = search.best
    assert best is not None
    made.reached = best.score.value
    values = dict(best.values)
    values[STEP] = best.score.k
    simple = values
    if not made.interrupted:
        simple = _shrunk(best.space, values, best.score, evaluator)
    for tried in (simple, values):
        made.result, made.case = _judged(best.space.candidate(tried), made, pool)
        if made.result is not None and (made.violated or not best.score.violated):
            return


def _shrunk(space: Space, values: Values, reached: Score, evaluator: Evaluator) -> dict[str, Any]:
    """Simpler values that still reach what was reached, as far as time allows."""
    law = evaluator.theorem.claim.side is Side.EQUAL
    latest = dict(values)
    if law and not reached.violated:
        return latest
    lost = LOST_SAMPLED if reached.sampled else LOST
    least = reached.value * (1 - lost)
    if reached.violated:
        limit = 0.0 if law else 1.0
        least = limit + min(KEPT_EXCESS * (reached.value - limit), ENOUGH)

    def accepted(changed: Values) -> bool:
        score = evaluator.score(space.candidate(changed))
        good = score.value >= least and score.violated >= reached.violated
        if good:
            latest.clear()
            latest.update(changed)
        return good

    try:
        return shrink(space, values, accepted)
    except (TimeIsUpError, KeyboardInterrupt):
        return latest


def _judged(
    candidate: Candidate, made: Attack, pool: Executor | None
) -> tuple[CaseResult | None, Written | None]:
    try:
        case = candidate.case(made.theorem)
        result = _measured_again(case, made, pool)
    except (InputError, ArithmeticError, ValueError):
        return None, None
    try:
        return result, written(candidate, case, result.verdict.k)
    except InputError:  # its parameters are no numbers: shown, but not written
        return result, None


def _measured_again(case: Case, made: Attack, pool: Executor | None) -> CaseResult:
    """The result of a case with fresh seeds: with fewer runs where ``verify``'s take too long."""
    try:
        with limited(CONFIRMING):
            return judged_again(case, DEFAULT, made.seed + FRESH, pool)
    except TooSlowError:
        return judged_again(case, GLANCE, made.seed + FRESH, pool)


def replay(theorem: Theorem, case: Written, seed: int = 0, pool: Executor | None = None) -> Attack:
    """One given case, judged as an attack with this seed judges what it found."""
    made = Attack(theorem, seed, evaluations=1, case=case)
    begun = time.monotonic()
    made.result = judged_again(case.candidate(theorem).case(theorem), DEFAULT, seed + FRESH, pool)
    score = made.score
    made.reached, made.seconds = score.value if score else float("nan"), time.monotonic() - begun
    return made


def remember(made: Attack) -> None:
    """Keep a counterexample in the database of the project."""
    if made.violated and made.case is not None and made.result is not None:
        today = datetime.now(UTC).date().isoformat()
        database.remember(
            Counterexample(made.theorem.id, made.case, f"{made.result.verdict.ratio:.6g}", made.seed, today)
        )
