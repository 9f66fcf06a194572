"""The mutation score of a registry: how many of the mutants that a check could refuse it does refuse."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from simlab.mutation.examination import Examination, Fate


@dataclass
class Score:
    """The examinations of the selected theorems, in the order of their selection."""

    examinations: list[Examination]
    selected: list[str]
    seed: int
    interrupted: bool = False

    def count(self, *fates: Fate) -> int:
        """How many mutants had one of these fates."""
        return sum(examination.count(*fates) for examination in self.examinations)

    @property
    def score(self) -> float:
        """Killed mutants among those that count; 1 when none does."""
        killed, weak = self.count(Fate.KILLED), self.count(Fate.WEAK)
        return killed / (killed + weak) if killed + weak else 1.0

    @property
    def unfinished(self) -> list[str]:
        """The theorems whose mutants were not all verified."""
        done = {examination.theorem for examination in self.examinations if examination.complete}
        return [name for name in self.selected if name not in done]

    def record(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "seed": self.seed,
            "score": self.score,
            "fates": {fate.value: self.count(fate) for fate in Fate},
            "unfinished": self.unfinished,
            "theorems": [
                {
                    "theorem": examination.theorem,
                    "chapter": examination.chapter,
                    "complete": examination.complete,
                    "seconds": examination.seconds,
                    "fates": dict(Counter(outcome.fate.value for outcome in examination.outcomes)),
                    "mutants": [
                        {"kind": o.kind, "mutant": o.title, "fate": o.fate.value, "reason": o.reason}
                        for o in examination.outcomes
                    ],
                }
                for examination in self.examinations
            ],
        }
