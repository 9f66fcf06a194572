"""The suite: all questions answered, on several processors if wanted."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from simlab import processes
from simlab.calibration.questions import QUESTIONS, Question
from simlab.calibration.rows import SIZES, Row, Size


@dataclass(frozen=True)
class Answer:
    """A question with its rows."""

    question: Question
    rows: Sequence[Row]

    @property
    def failed(self) -> bool:
        """Whether a promise is broken, or a wrong judge was not found out."""
        return any(row.failed for row in self.rows)


def calibrate(
    size: Size, seed: int = 0, jobs: int = 1, started: Callable[[str, int, int], None] | None = None
) -> list[Answer]:
    """Answer all questions. Results depend on the seed, not on ``jobs``, the number of processes.

    ``started`` is called with a row's question, its number and the number of rows.
    """
    places = [
        (q, t) for q, question in enumerate(QUESTIONS) for t, _ in enumerate(question.tasks(size, seed))
    ]
    one = partial(_row, size.name, seed)
    rows: list[list[Row]] = [[] for _ in QUESTIONS]
    divided = jobs > 1 and processes.available()
    with processes.workers(jobs) if divided else nullcontext() as pool:
        found = map(one, places) if pool is None else pool.map(one, places)
        for number, (q, _) in enumerate(places):
            if started is not None:
                started(QUESTIONS[q].title, number, len(places))
            rows[q].append(next(found))
    return [Answer(question, made) for question, made in zip(QUESTIONS, rows, strict=True)]


def _row(size: str, seed: int, place: tuple[int, int]) -> Row:
    """One row by its place, so that another process can make it."""
    question, task = place
    return list(QUESTIONS[question].tasks(SIZES[size], seed))[task]()
