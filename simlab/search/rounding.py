"""Rounding: how far what is measured may be wrong because points and values are floating-point numbers.

A bound on a distance of 1e-14 from a minimizer at 1000 says nothing that can be measured. ``verify`` runs instances
that were chosen with care; a search finds those that were not.
"""

from dataclasses import replace

import numpy as np

from simlab.planning.cases import Case
from simlab.running.measure import numbers_of
from simlab.running.trajectories import sample_runs
from simlab.statistics.verdicts import Verdict
from simlab.vocabulary.assumptions import Workers
from simlab.vocabulary.claim import Side
from simlab.vocabulary.quantity import Measure

# Units in the last place by which a point and the minimum are moved, and by how many times what that changes a run
# may be off.
ULPS, ACCUMULATED = 4.0, 100.0
# A start this near to the minimizer, or to the minimum, is there but for rounding.
SAME_POINT, SAME_VALUE = 1e-10, 1e-20
MOVES = 6


def starts_at_the_end(case: Case) -> bool:
    """Whether a case begins at a minimizer, up to rounding: then nothing is measured but that."""
    known, problem = case.known, case.problem
    if problem is None or Workers in problem.known:  # workers may agree, and disagree on where to go
        return False
    return bool(
        known.get("R", 1.0) <= SAME_POINT * max(1.0, known.get("x0", 1.0))
        or known.get("D", 1.0) <= SAME_VALUE
    )


def floor_of(case: Case) -> float:
    """What the quantity of a case measures a few units in the last place away from the minimizer, times what the
    errors of a run may add up to; 0 where nothing is known about it.
    """
    problem, measures = case.problem, case.setting.measures
    if problem is None or problem.minimizer is None or not isinstance(measures, Measure):
        return 0.0
    bottom, unit = np.asarray(problem.minimizer), ULPS * np.finfo(np.float64).eps
    size = max(float(np.abs(bottom).max()), case.known.get("x0", 0.0))
    step, lower = unit * size / np.sqrt(bottom.size), problem.minimum - unit * abs(problem.minimum)
    found = [0.0]
    for move in np.random.default_rng(0).choice([-1.0, 1.0], (MOVES, bottom.size)):
        begun = replace(
            case,
            problem=replace(problem, start=bottom + step * move, minimum=lower),
            setting=replace(case.setting, measures=measures.quantity.last),
            checkpoints=(0,),
        )
        value = abs(float(sample_runs(begun, 0, 0, 1, None)[0, 0, 0]))
        found += [value] if np.isfinite(value) else []
    return ACCUMULATED * max(found)


def discounted(case: Case, verdict: Verdict) -> float:
    """The ratio of a verdict on computed numbers when they are off by the floor, in favour of the claim."""
    numbers, ratio, floor = numbers_of(case.at(verdict.k), 0).exact, verdict.ratio, floor_of(case)
    assert numbers is not None
    measured = float(np.abs(numbers.mean).max())
    if not np.isfinite(measured):
        return ratio
    if case.claim.side is Side.UPPER:
        return ratio * (1 - floor / measured) if measured > floor else 0.0
    if case.claim.side is Side.LOWER:
        return float(case.at(verdict.k).bounds()[0]) / (measured + floor) if measured + floor > 0 else ratio
    stated = float(case.at(verdict.k).bounds()[0])
    gap = max(abs(measured - abs(stated)) - floor, 0.0)
    return 1.0 if gap == 0 else ratio
