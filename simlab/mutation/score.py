"""The mutation score of a registry: how many of the broken theorems its checks notice.

Two shares are told, since one alone misleads. Of *all* mutants that are not equivalent those that were killed: it
is lowered by loose theorems, of which a looser or a slightly stronger statement may be just as true. Of those that
the checks *could refuse*, killed and weak ones: it says nothing about theorems that are loose.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simlab.mutation.examination import Examination, Fate, Outcome


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
    def of_all(self) -> float:
        """Killed mutants among all that are not equivalent; 1 when there is none."""
        return _share(self.count(Fate.KILLED), self.count(*Fate) - self.count(Fate.EQUIVALENT))

    @property
    def of_refusable(self) -> float:
        """Killed mutants among those that are killed or weak; 1 when there is none."""
        return _share(self.count(Fate.KILLED), self.count(Fate.KILLED, Fate.WEAK))

    def parts(self, of: Callable[[Examination, Outcome], str]) -> dict[str, Counter[Fate]]:
        """How many mutants had which fate, by what ``of`` says of each, such as its kind or its chapter."""
        found: dict[str, Counter[Fate]] = {}
        for examination in self.examinations:
            for outcome in examination.outcomes:
                found.setdefault(of(examination, outcome), Counter())[outcome.fate] += 1
        return found

    @property
    def unfinished(self) -> list[str]:
        """The theorems whose mutants were not all verified."""
        done = {examination.theorem for examination in self.examinations if examination.complete}
        return [name for name in self.selected if name not in done]

    def record(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "seed": self.seed,
            "killed_of_all": self.of_all,
            "killed_of_refusable": self.of_refusable,
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


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
