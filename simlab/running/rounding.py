r"""Rounding: how far a computed number may lie from what it stands for, because numbers have 53 binary digits.

A computed number that breaks what is stated by more than 1e-9 of it is looked at twice. What is stated may be
much smaller than the numbers that it was computed from (a law that has fallen by nine orders of magnitude, f(x) -
f* where both are 1e6, the distance of two points that agree in ten digits): then the excess may be no more than
rounding. It is taken for that if it is at most E, the sum of two errors, each of which is measured on the case
itself.

**Of the run.** The case is computed again with the registered kernels in extended precision (``precise``: 64
binary digits), the trajectory of a deterministic one and the recursion of exact moments alike, with the same
float64 instance, start and step sizes. The first computation is off by the difference, up to what the second one
is off by: ``ULPS`` units in its own last place of the numbers that were computed with.

**Of the reference.** The minimizer and the minimum, from which R, D and the measured number are computed, are
float64 numbers, and so are the data. The minimizer is moved by ``ULPS`` units in the last place of its largest
coordinate, and by |grad f| / mu at it where mu is known (the true one is no farther); the minimum by ``ULPS`` of
its own, and by its distance from f at the given minimizer. Both are computed in extended precision, with the data
as they are and with those that are not whole moved by ``ULPS``, since a mean of terms that cancel may be all of
it rounding. With the reference move R, D and f*, also where step sizes depend on them. The error is the largest
change of (measured - stated).

Nothing here is chosen by what it excuses: there is no factor besides the number of units. What exceeds E is
violated. Nor can E excuse much: what breaks a statement by more than ``CREDIBLE`` of the numbers that were
computed with is not looked at twice. Experiments, whose arithmetic is their own, and sampled numbers, whose
confidence limits are wider than any of this, have no E.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from simlab.kernels.arrays import Matrix, Vector
from simlab.planning.cases import Case
from simlab.running import exact
from simlab.running.precise import EXTENDED, extended, interpreted
from simlab.running.trajectories import is_random, sample_runs
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import Measure

# The unit in the last place of 1, in float64 and in extended precision.
EPSILON, FINE = float(np.finfo(np.float64).eps), float(np.finfo(EXTENDED).eps)
# Units in the last place by which what is given as a float64 number may be off: a few operations made it.
ULPS = 4.0
# Larger parts of the numbers that were computed with are never rounding: 2^32 units in the last place.
CREDIBLE = 2.0**-20
# How often data are moved, and to how many places between the largest errors of a minimum it is.
MOVES, PLACES = 3, 9


def errors(case: Case, mean: Matrix, seed: int) -> Matrix:
    """E for each computed number (checkpoints, comparisons); 0 where nothing is known about it."""
    if case.problem is None:
        return np.zeros_like(mean)
    with np.errstate(all="ignore"):
        found = _of_the_run(case, mean, seed) + _of_the_reference(case, mean, seed)
        found += ULPS * FINE * sizes(case, mean, case.bounds())[:, None]
    return np.where(np.isfinite(found), found, 0.0)


def sizes(case: Case, mean: Matrix, bounds: Vector) -> Vector:
    """The size of the numbers with which each checkpoint was computed, in units of the measured one: what is
    measured and stated until then, and the quantity with 0 for the minimizer and the minimum, at the start, at the
    minimizer and at 0, with what it is a difference of.
    """
    seen = [0.0]
    problem, measures = case.problem, case.setting.measures
    if problem is not None and isinstance(measures, Measure):
        begun = replace(
            case, setting=replace(case.setting, measures=measures.quantity.last), checkpoints=(0,)
        )
        nowhere, other = 0 * np.asarray(problem.start), next(_other_data(problem))
        for place in (np.asarray(problem.start), problem.minimizer, nowhere):
            if place is not None:
                one, two = (_at_start(begun, p, place, nowhere) for p in (problem, other))
                seen += [abs(one), abs(two - one) / (ULPS * EPSILON)]
    until = np.maximum(np.abs(mean).max(axis=1), np.abs(bounds))
    base = max(value for value in seen if np.isfinite(value))
    return np.asarray(np.maximum(np.maximum.accumulate(until), base))


def _at_start(case: Case, problem: Problem, start: ArrayLike, minimizer: ArrayLike) -> float:
    """What is measured at the start, with 0 for the minimum."""
    moved = replace(problem, start=start, minimizer=minimizer, minimum=0.0)
    return float(sample_runs(replace(case, problem=moved), 0, 0, 1, None)[0, 0, 0])


def _of_the_run(case: Case, mean: Matrix, seed: int) -> Matrix:
    """The error that the arithmetic of the run itself has made."""
    try:
        if is_random(case):
            again = exact.expectations(case, extended=True)[:, None]
        else:
            again = sample_runs(case, seed, 0, 1, None, extended=True)[0]
    except (ArithmeticError, TypeError, ValueError):  # a kernel that only numba can run
        return np.zeros_like(mean)
    return np.asarray(np.abs(again - mean), dtype=np.float64)


def _of_the_reference(case: Case, mean: Matrix, seed: int) -> Matrix:
    """How much measured - stated changes when the minimizer and the minimum are moved by their errors."""
    problem = case.problem
    assert problem is not None
    changes, gap = [np.zeros_like(mean)], mean - case.bounds()[:, None]
    if not isinstance(case.setting.measures, Measure):
        return changes[0]
    for moved in _moved(problem, case.known.get("mu", 0.0)):
        fresh = {n: v for n, v in moved.universal.items() if case.known.get(n) == problem.universal.get(n)}
        begun = replace(case, problem=moved, known={**case.known, **fresh})
        values = (
            exact.expectations(begun)[:, None] if is_random(case) else sample_runs(begun, seed, 0, 1, None)[0]
        )
        stated = begun.bounds()[:, None]
        changes.append(np.abs(values - stated - gap))
    return np.asarray(np.max(changes, axis=0))


def _moved(problem: Problem, mu: float) -> Iterator[Problem]:
    """The problem with its minimizer and minimum moved by what they may be off."""
    if problem.minimizer is None:
        if np.isfinite(problem.minimum):
            yield replace(problem, minimum=problem.minimum - ULPS * EPSILON * abs(problem.minimum))
        return
    bottom = np.asarray(problem.minimizer)
    step, drop = ULPS * EPSILON * float(np.abs(bottom).max()), ULPS * EPSILON * abs(problem.minimum)
    (value, slope), *others = (_at(p, bottom) for p in (problem, *_other_data(problem)))
    spread = max(abs(other - value) for other, _ in others)
    # A slope, or a value, that is no rounding is another thing: of a part that is not smooth, or of a barrier.
    if mu > 0 and slope <= CREDIBLE * problem.universal["g0"]:
        step += max(slope, *(other for _, other in others)) / mu
    if abs(value - problem.minimum) <= CREDIBLE * max(abs(problem.minimum), spread / (ULPS * EPSILON)):
        drop += abs(value - problem.minimum) + spread
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (PLACES, bottom.size))
    for share, sign in zip(np.linspace(-1, 1, PLACES), signs, strict=True):
        yield replace(problem, minimizer=bottom + step * sign, minimum=problem.minimum + share * drop)


def _other_data(problem: Problem) -> Iterator[Problem]:
    """The problem with each number of its data that is not whole moved up or down by what it may be off."""
    random = np.random.default_rng(0)
    for _ in range(MOVES):
        scalars, table = (
            np.where(
                given == np.floor(given),
                given,
                given * (1 + ULPS * EPSILON * random.choice([-1, 1], given.shape)),
            )
            for given in (np.asarray(problem.scalars), np.asarray(problem.table))
        )
        yield replace(problem, scalars=scalars, table=table, neighbours=())


def _at(problem: Problem, x: Vector) -> tuple[float, float]:
    """The value, and the length of the gradient, computed in extended precision."""
    data, slope = type(problem.data)(*map(extended, problem.data)), np.zeros(x.size, EXTENDED)
    try:
        interpreted(problem.kernels.gradient)(data, extended(x), slope)
        value = float(interpreted(problem.kernels.value)(data, extended(x)))
    except (ArithmeticError, TypeError, ValueError):
        return np.nan, np.nan
    return value, float(np.sqrt(slope @ slope))
