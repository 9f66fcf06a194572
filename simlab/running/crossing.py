"""Results on their way from one process to another.

Cases hold functions and instances, which cannot be sent. A plan is the same in both processes, so a case is sent as
its place among the planned ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simlab.planning.cases import Case
from simlab.running.results import CaseResult, TheoremResult


@dataclass(frozen=True)
class Place:
    """A case by its place among those planned for its theorem, with what it must be found to be there."""

    index: int
    label: str
    checkpoints: tuple[int, ...]

    def among(self, cases: Sequence[Case]) -> Case:
        """The case.

        Raises
        ------
        LookupError
            When another one is there: the two processes do not have the same theorem.
        """
        case = cases[self.index]
        if (case.label, case.checkpoints) != (self.label, self.checkpoints):
            raise LookupError(f"{case.label} is not {self.label}")
        return case


def packed(result: TheoremResult, cases: Sequence[Case]) -> TheoremResult:
    """The result with places instead of cases, of which ``cases`` are all that were planned."""
    places = {id(case): Place(i, case.label, case.checkpoints) for i, case in enumerate(cases)}
    return _exchanged(result, lambda case: places[id(case)])


def unpacked(result: TheoremResult, cases: Sequence[Case]) -> TheoremResult:
    """What was packed, with the cases that are planned here. Raises :class:`LookupError` when they differ."""
    return _exchanged(result, lambda place: place.among(cases))


def _exchanged(result: TheoremResult, other: Callable[[Any], Any]) -> TheoremResult:
    def exchanged(found: Sequence[CaseResult]) -> list[CaseResult]:
        return [replace(one, case=other(one.case)) for one in found]

    return replace(
        result,
        claims=exchanged(result.claims),
        attained=exchanged(result.attained),
        replayed=exchanged(result.replayed),
        controls=[replace(control, cases=tuple(exchanged(control.cases))) for control in result.controls],
    )
