"""The optimizer: space-filling samples of every space, then CMA-ES from the best of them."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simlab.search.evaluation import REFUSED, Evaluator, Score
from simlab.search.space import Space

Point = NDArray[np.float64]

# The share of the evaluations that goes to samples; the rest goes to CMA-ES.
SAMPLED = 0.4
# Samples of a space: a first look, after which spaces on which no candidate fits are left, and no more than these.
FIRST, CHUNK, MOST = 32, 64, 2048
# How many of the best samples CMA-ES begins at, how many of one space, and how far it steps first.
STARTS, OF_ONE, STEP = 12, 3, 0.15
# What CMA-ES reads for a candidate that does not fit, and for an infinite ratio.
WORST, BEST = 1e30, -1e30


@dataclass(frozen=True, eq=False)
class Found:
    """A point of a space with its score."""

    space: Space
    point: Point
    score: Score

    @functools.cached_property
    def values(self) -> dict[str, Any]:
        """What the point stands for."""
        return self.space.values(self.point)

    @functools.cached_property
    def structure(self) -> tuple[Any, ...]:
        """The choices and small sizes among the values."""
        return tuple(str(self.values[c.key]) for c in self.space.coordinates if c.structural and not c.index)


@dataclass(eq=False)
class Search:
    """The state of a search, so that an interrupted one has something to show."""

    evaluator: Evaluator
    seed: int
    best: Found | None = None
    stage: str = ""
    stopped: Callable[[], bool] = field(default=lambda: False)

    def run(self, spaces: list[Space], evaluations: int) -> None:
        """Search all spaces with this many evaluations, or until ``stopped`` says so.

        Raises
        ------
        TimeIsUpError
            When the deadline of the evaluator passes first.
        """
        samples = self._sample(spaces, round(SAMPLED * evaluations))
        arms = [_Arm(self, found, self.seed + i) for i, found in enumerate(_starts(samples))]
        while arms and not self.stopped():
            left = evaluations - self.evaluator.spent
            share = left // (len(arms) * max(1, len(arms).bit_length()))
            self.stage = f"CMA-ES from {len(arms)} samples"
            if len(arms) == 1 or share < 1:
                arms[0].climb(left)
                return
            for arm in arms:
                arm.climb(share)
                if self.stopped():
                    return
            arms = sorted(arms, key=lambda arm: -arm.best.score.value)[: (len(arms) + 1) // 2]

    def look(self, space: Space, point: Point) -> Found:
        """Score a point, and remember it when it is the best."""
        values = space.values(point)
        found = Found(space, point, self.evaluator.score(space.candidate(values)))
        vars(found)["values"] = values  # worked out once
        if found.score.fits and (self.best is None or found.score.value > self.best.score.value):
            self.best = found
        return found

    def _sample(self, spaces: list[Space], evaluations: int) -> list[Found]:
        """Samples of every space in turns, so that one that is cut short has seen all of them."""
        self.stage = "samples"
        streams = {space: _points(space, self.seed) for space in spaces}
        kept: dict[Space, list[Found]] = {space: [] for space in spaces}
        size = FIRST
        while streams and self.evaluator.spent < evaluations and not self.stopped():
            for space in list(streams):
                self.stage = f"samples of {space.name}"
                found = [self.look(space, point) for point in _some(streams[space], size)]
                kept[space] += [f for f in found if f.score.fits]
                if len(found) < size or not kept[space]:
                    del streams[space]
                if self.evaluator.spent >= evaluations or self.stopped():
                    break
            size = CHUNK
        return [found for of_space in kept.values() for found in of_space]


def _points(space: Space, seed: int) -> Iterator[Point]:
    """A Sobol sequence in the space's unit cube; one point where nothing is free."""
    from scipy.stats import qmc

    dimension = len(space.coordinates)
    if not dimension:
        yield np.zeros(0)
        return
    engine = qmc.Sobol(dimension, rng=seed)
    for _ in range(MOST // CHUNK):
        yield from engine.random(CHUNK)


def _some(points: Iterator[Point], count: int) -> Iterator[Point]:
    for _, point in zip(range(count), points, strict=False):
        yield point


def _starts(samples: list[Found]) -> list[Found]:
    """The best samples, a few of each space and of each structure of it."""
    chosen: list[Found] = []
    for found in sorted(samples, key=lambda f: -f.score.value):
        same = [other for other in chosen if other.space is found.space]
        alike = [other for other in same if other.structure == found.structure]
        if len(same) < OF_ONE and not (len(alike) and len(same) > len(alike)) and len(chosen) < STARTS:
            chosen.append(found)
    return chosen


class _Arm:
    """CMA-ES from one sample: its structure stays, its numbers move. Begun again where it has converged."""

    def __init__(self, search: Search, begun: Found, seed: int) -> None:
        self.search, self.best, self.seed = search, begun, seed
        active = begun.space.active(begun.values)
        self.free = [
            i
            for i, (c, used) in enumerate(zip(begun.space.coordinates, active, strict=True))
            if used and not c.structural
        ]
        self.strategy: Any = None
        self.times = 0

    def climb(self, evaluations: int) -> None:
        """Go on for about this many evaluations."""
        last = self.search.evaluator.spent + evaluations
        while self.free and self.search.evaluator.spent < last and not self.search.stopped():
            if self.strategy is None or self.strategy.stop():
                self._begin()
            points = self.strategy.ask()
            self.strategy.tell(points, [self._cost(point) for point in points])

    def _begin(self) -> None:
        """A new run from the best point: wider, and with more candidates a step, each time."""
        import cma

        self.times += 1
        start = [float(self.best.point[i]) for i in self.free]
        options = {
            "bounds": [0.0, 1.0], "seed": self.seed * 1000 + self.times, "verbose": -9, "verb_log": 0,
            "popsize": (4 + int(3 * np.log(len(start) + 1))) * min(self.times, 8), "tolfun": 1e-13,
            "tolfunhist": 1e-13, "tolx": 1e-10, "tolflatfitness": 8,
        }  # fmt: skip
        # CMA-ES is not for one dimension; a second one that nothing depends on does no harm.
        padded = start if len(start) > 1 else [*start, 0.5]
        self.strategy = cma.CMAEvolutionStrategy(padded, STEP * (1 if self.times % 2 else 2), options)

    def _cost(self, moved: Any) -> float:
        point = self.best.point.copy()
        point[self.free] = np.clip(moved[: len(self.free)], 0.0, 1.0)
        found = self.search.look(self.best.space, point)
        if found.score.value > self.best.score.value:
            self.best = found
        if found.score is REFUSED:
            return WORST
        return float(np.clip(-found.score.value, BEST, WORST))
