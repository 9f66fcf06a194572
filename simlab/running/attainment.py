"""Attainment: whether the instances that are said to reach a bound do."""

from collections.abc import Sequence
from dataclasses import replace

from simlab.planning.cases import Case
from simlab.running.results import CaseResult
from simlab.statistics.verdicts import Status, Verdict


def attainment(results: Sequence[CaseResult]) -> list[CaseResult]:
    """The results with the floors judged: at each point of the domain the best of several attaining instances
    must reach its floor. A bound that is broken, or not decided, stays so.
    """
    best: dict[tuple[str, int], Status] = {}
    for result in results:
        there, found = place(result.case), result.verdict.attained or Status.HOLDS
        best[there] = min(best.get(there, found), found, key=_ORDER.index)
    return [replace(result, verdict=_floored(result, best[place(result.case)])) for result in results]


def place(case: Case) -> tuple[str, int]:
    """The point of the domain, with its last step, at which the best of several attaining instances counts."""
    return str(sorted(case.parameters.items(), key=str)), case.checkpoints[-1]


_ORDER = (Status.HOLDS, Status.UNRESOLVED, Status.VIOLATED)


def _floored(result: CaseResult, best: Status) -> Verdict:
    verdict = result.verdict
    if verdict.status is not Status.HOLDS or best is Status.HOLDS or verdict.attained is Status.HOLDS:
        return verdict
    words = (
        f"not attained: ratio {verdict.ratio:.6g} is below the stated {result.case.floor}"
        if best is Status.VIOLATED
        else f"attainment of {result.case.floor} is not resolved"
    )
    return replace(verdict, status=best, message=words)
