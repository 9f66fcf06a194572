"""Attainment: whether the instances that are said to reach a bound do."""

from collections.abc import Sequence
from dataclasses import replace

from simlab.planning.cases import Case
from simlab.running.results import CaseResult
from simlab.statistics.verdicts import Status, Verdict

Place = tuple[str, int, float | None, float | None]


def attainment(results: Sequence[CaseResult]) -> list[CaseResult]:
    """The results with the floors judged: at each point of the domain the best of several attaining instances
    must reach its floor, and where the ratio is known exactly none may exceed it. A bound that is broken, or not
    decided, stays so.
    """
    best: dict[Place, Status] = {}
    for result in results:
        there, found = place(result.case), result.verdict.attained or Status.HOLDS
        best[there] = min(best.get(there, found), found, key=_ORDER.index)
    return [replace(result, verdict=_floored(result, best[place(result.case)])) for result in results]


def place(case: Case) -> Place:
    """The point of the domain, with its last step and the ratio stated there: the best of several instances at it
    counts.
    """
    return str(sorted(case.parameters.items(), key=str)), case.checkpoints[-1], case.floor, case.most


_ORDER = (Status.HOLDS, Status.UNRESOLVED, Status.VIOLATED)


def _floored(result: CaseResult, best: Status) -> Verdict:
    verdict, most = result.verdict, result.case.most
    if verdict.status is Status.HOLDS and most is not None and verdict.low > most * (1 + 1e-9):
        words = (
            f"ratio {verdict.ratio:.6g} is above {most:.6g}, which is known here: the bound is smaller than it was "
            "when that was derived, even if less than what is stated would do"
        )
        return replace(verdict, status=Status.VIOLATED, message=words)
    if verdict.status is not Status.HOLDS or best is Status.HOLDS or verdict.attained is Status.HOLDS:
        return verdict
    words = (
        f"not attained: ratio {verdict.ratio:.6g} is below the stated {result.case.floor:.6g}"
        if best is Status.VIOLATED
        else f"attainment of {result.case.floor:.6g} is not resolved"
    )
    return replace(verdict, status=best, message=words)
