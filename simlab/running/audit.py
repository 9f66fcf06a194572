"""The audit: whether what an entry was checked with shows anything.

An entry that passes is called *unchecked* instead, with one sentence that says why, when

1. its assumptions are satisfied by no instance on which it ran (planning refuses that, as bad input);
2. no case of a bound reaches a ratio above ``VACUOUS``, and it is not labelled ``"vacuous"``: a bound that is a
   thousand times what is measured is not tested by it;
3. a control is caught because of something else than what it names. A control breaks *one* thing: what it
   changes (the bound, the method, what is measured, the noise, the network, a declared constant), or an
   assumption that its instance lacks, whose constants it may have to declare. Where what it changes is undone,
   in the case and at the step at which it was caught, the theorem must apply (after a false constant is undone,
   it may say nothing) and must be neither violated nor diverged: otherwise numbers are of no use there, for
   whichever reason. A control that changes only *where* it runs (the instances, the domain) must leave the
   theorem: lack an assumption, lie beyond the values of its domain, or beside the instances to which the
   theorem is confined by ``matched=False``. Otherwise, being caught, it would refute the theorem.

Where the theorem cannot be stated at a control's place, because its functions ask for parameters that the control's
domain does not have, there is nothing to compare. A thin sweep does not judge the ratios of 2.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simlab.planning.cases import Case, counterpart
from simlab.running.results import VACUOUS, CaseResult, ControlResult, TheoremResult
from simlab.statistics.verdicts import Status
from simlab.vocabulary.assumptions import Assumption, BoundedVariance, DoublyStochastic, RandomMixing, closure
from simlab.vocabulary.claim import Side
from simlab.vocabulary.theorem import Control, Grid, Theorem

Run = Callable[[Case], CaseResult]
# What a control may change without naming it: where it runs.
PLACE = {"on", "domain", "where"}
BROKEN = (Status.VIOLATED, Status.DIVERGED)


def audit(
    theorem: Theorem,
    controls: Sequence[tuple[Control, ControlResult]],
    result: TheoremResult,
    run: Run,
    thin: bool = False,
) -> str:
    """Why an entry that passes is not checked, in one sentence; empty when there is nothing to say.

    ``controls`` are the theorem's controls with their results; ``run`` measures a case and judges it; ``thin`` says
    that only the ends of the domain were run.
    """
    return next(findings(theorem, controls, result, run, thin), "")


def findings(
    theorem: Theorem,
    controls: Sequence[tuple[Control, ControlResult]],
    result: TheoremResult,
    run: Run,
    thin: bool = False,
) -> Iterator[str]:
    """All that there is to say."""
    if not thin:
        yield from _vacuous(theorem, result)
    known = [*result.claims, *result.attained]
    for control, found in controls:
        if found.caught:
            words = _beside_the_point(theorem, control, found.cases[-1], known, run)
            if words:
                yield f"control {control.title!r} shows nothing: {words}"


def _vacuous(theorem: Theorem, result: TheoremResult) -> Iterator[str]:
    if theorem.claim.side is Side.EQUAL or "vacuous" in theorem.labels:
        return
    largest = max((r.verdict.ratio for r in (*result.claims, *result.attained)), default=0.0)
    if not largest > VACUOUS:
        yield (
            f"no case comes nearer to the bound than a ratio of {largest:.2g}; find an instance that comes above "
            f'{VACUOUS:g}, or label the theorem "vacuous"'
        )


def _beside_the_point(
    theorem: Theorem, control: Control, caught: CaseResult, known: Sequence[CaseResult], run: Run
) -> str:
    """What else than what it names may have broken a control in the case in which it was caught."""
    case = caught.case
    named = [name for name in control.changes if name not in PLACE] + ["bound"] * (control.bound is not None)
    lacking = _lacking(theorem, case)
    if lacking:
        extra = [name for name in named if not _about(name, theorem, control, lacking)]
        words = ", ".join(cls.__name__ for cls in lacking)
        return (
            f"{_place(caught)} lacks {words}, and its {' and '.join(extra)} is changed besides"
            if extra
            else ""
        )
    if not named:
        left = _beyond_domain(theorem, case) or "where" in control.changes
        confined = "on" in control.changes and not theorem.matched
        return "" if left or confined else "it breaks no assumption and stays in the domain"
    try:
        stated = counterpart(case.at(caught.verdict.k) if len(case.checkpoints) > 1 else case)
        status = None if stated is None else _status(stated, known, run)
    except Exception:  # the theorem's own functions, given what they are not made for
        return ""
    undone = f"with its {' and '.join(named)} undone, {_place(caught)} is"
    if status is None:
        return "" if named == ["declare"] else f"{undone} outside the theorem's where"
    return f"{undone} {status} too" if status in BROKEN else ""


def _lacking(theorem: Theorem, case: Case) -> list[type[Assumption]]:
    """The assumptions of the theorem that do not hold in the case of a control, as it stands."""
    if case.problem is None:
        return []
    held = dict(case.problem.known)
    held.update(closure(case.noise.assumptions))
    held.update(closure(case.network.assumptions if case.network is not None else ()))
    return [needed for needed in theorem.assumes if needed not in held]


def _about(name: str, theorem: Theorem, control: Control, lacking: Sequence[type[Assumption]]) -> bool:
    """Whether a change is what takes an assumption away, or supplies the constants that go with it."""
    if name == "declare":
        symbols = {symbol for cls in lacking for symbol in cls.symbols}
        return set(control.changes["declare"]) <= symbols
    return {
        # Any noise of bounded variance is admitted where a theorem names none.
        "noise": BoundedVariance in lacking or not theorem.setting.noise,
        "network": DoublyStochastic in lacking or RandomMixing in lacking,
    }.get(name, False)


def _place(result: CaseResult) -> str:
    label = result.case.label.rpartition("control: ")[0].rstrip(", ")
    return f"{label or 'its case'} at k={result.verdict.k}"


def _status(stated: Case, known: Sequence[CaseResult], run: Run) -> Status:
    """The status of a case: from a result that contains it, else it is run."""
    for result in known:
        if result.case.label == stated.label and set(stated.checkpoints) <= set(result.case.checkpoints):
            return result.verdict.status
    return run(stated).verdict.status


def _beyond_domain(theorem: Theorem, case: Case) -> bool:
    """Whether a parameter or a step lies beyond all values that the theorem's domain has."""
    steps = {k for grid in _grids(theorem) for k in grid.checkpoints}
    return bool(set(case.checkpoints) - steps) or any(
        _beyond(value, theorem, name) for name, value in case.parameters.items()
    )


def _grids(theorem: Theorem) -> list[Grid]:
    return [theorem.setting.domain, *(attained.at for attained in theorem.attained)]


def _beyond(value: Any, theorem: Theorem, name: str) -> bool:
    """Whether a parameter lies beyond all values that it has in the theorem's domain."""
    values = [one for grid in _grids(theorem) for one in grid.axes.get(name, ())]
    if isinstance(value, int | float) and all(isinstance(one, int | float) for one in values):
        return not values or not min(values) <= value <= max(values)
    return value not in values
