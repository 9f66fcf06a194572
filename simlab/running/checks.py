"""What must be true of a case before its numbers mean anything: each failure is one clear sentence."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simlab.errors import InputError
from simlab.planning.cases import Case
from simlab.running.rounding import CREDIBLE, errors, sizes
from simlab.running.trajectories import is_random, sample_runs
from simlab.statistics.moments import Moments
from simlab.vocabulary.quantity import Measure, PairMeasure

# A number that cannot be negative may lie this far below 0, relative to the bound, by rounding.
ROUNDING = 1e-9


def check_case(case: Case, seed: int) -> float:
    """Refuse a case whose numbers would mean something else than the theorem says.

    Returns the size of the measured quantity at the start; infinity where it is not measured on one iterate.
    """
    _check_weight(case)
    _check_region(case, seed)
    return _initial_size(case, seed)


def check_numbers(case: Case, moments: Moments, scale: float, seed: int) -> bool:
    """Whether the measured numbers may be negative; refuse those that contradict what is declared of them.

    An experiment may measure anything, unless its claim has a ceiling: then its numbers are from 0 to that.
    """
    least, most, ceiling = float(np.min(moments.least)), float(np.max(moments.most)), case.claim.ceiling
    negative = least < -ROUNDING * scale and not _is_rounding(case, moments, scale, seed)
    if math.isfinite(ceiling) and (negative or most > ceiling * (1 + ROUNDING)):
        raise InputError(
            f"{case.theorem.id}: {least if negative else most:.6g} was measured for {case.label or 'its case'}, "
            f"but a {case.claim} is about numbers from 0 to {ceiling:g}; return those."
        )
    measures = case.setting.measures
    if measures is None:
        return not math.isfinite(ceiling)
    if negative and not measures.quantity.signed:
        raise InputError(
            f"{case.theorem.id}: {measures.quantity.name} was {least:.6g} for {case.label}, though it is declared "
            "never to be negative; correct the problem's minimum, or declare the quantity with signed=True."
        )
    return measures.quantity.signed


def _is_rounding(case: Case, moments: Moments, scale: float, seed: int) -> bool:
    """Whether numbers that were computed are negative by no more than their rounding errors."""
    if moments.count or case.setting.experiment is not None:
        return False
    credible = CREDIBLE * sizes(case, moments.mean, np.full(len(moments.mean), scale))
    if (moments.mean < -credible[:, None]).any():
        return False
    return bool((moments.mean >= -errors(case, moments.mean, seed)).all())


def _check_weight(case: Case) -> None:
    """Refuse a noise model that draws from a conditional law where what it leaves out does not count as 0."""
    measures = case.setting.measures
    if case.noise.weight is not None and not (isinstance(measures, PairMeasure) and measures.shared):
        raise InputError(
            f"{case.label}: {case.noise.name} leaves out the runs in which coupled iterates agree; it can only be "
            "used with stability measures of coupled runs."
        )


def _initial_size(case: Case, seed: int) -> float:
    """The measured quantity at the start. Refuse one that has no value there: a kernel or a minimizer is missing,
    nothing diverged.
    """
    measures = case.setting.measures
    if not isinstance(measures, Measure):
        return math.inf
    begun = replace(case, setting=replace(case.setting, measures=measures.quantity.last), checkpoints=(0,))
    value = float(sample_runs(begun, seed, 0, 1, None)[0, 0, 0])
    if not np.isfinite(value):
        raise InputError(
            f"{case.theorem.id}: {measures.quantity.name} is {value} at the start of {case.label}; the problem "
            "lacks what it needs (a value, a minimizer, a minimum)."
        )
    return abs(value)


def _check_region(case: Case, seed: int) -> None:
    """Refuse a case whose iterates leave the region on which the problem's constants hold.

    A theorem that assumes nothing uses none of them.
    """
    problem = case.problem
    if problem is None or problem.region is None or case.role == "control" or not case.theorem.assumes:
        return
    for visited in _visited(case):
        farthest = float(np.max(sample_runs(visited, seed, 0, 256 if is_random(case) else 1, None)))
        if not farthest <= problem.region:
            raise InputError(
                f"{case.label}: the iterates go {farthest:.3g} away from the minimizer, but the problem's "
                f"constants hold only within {problem.region:.3g}; start nearer, or declare them for a larger "
                "region."
            )


def _visited(case: Case) -> Iterator[Case]:
    """The case with the largest distance from the minimizer measured: of x and of the method's other outputs,
    on the data set and on its neighbours.
    """
    from simlab.kernels.quantities import distance

    problem, method = case.problem, case.setting.method
    assert problem is not None
    assert method is not None
    last = case.checkpoints[-1]
    paths = [distance.worst()]
    if last > 0:
        paths += [distance.worst(first=1).of(output) for output in method.family.outputs]
    coupled = isinstance(case.setting.measures, PairMeasure)
    for table in (problem.table, *(problem.neighbours if coupled else ())):
        for path in paths:
            yield replace(
                case,
                problem=replace(problem, table=table),
                setting=replace(case.setting, measures=path),
                checkpoints=(last,),
            )
