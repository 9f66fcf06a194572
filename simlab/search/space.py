"""Spaces: where the worst case of a theorem is looked for, one space for each kind of problem."""

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from simlab.planning.cases import lacking, noises_of, one_step_each, unfit
from simlab.search.candidate import Candidate, is_matched
from simlab.vocabulary.constants import argument_names
from simlab.vocabulary.problem import Problem, ProblemFamily, ProblemSpec
from simlab.vocabulary.ranges import AnyRange, Array, Choice, Range, choice, real, whole
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import AnyProblem, Only, Theorem, only

Values = Mapping[str, Any]
Axes = Mapping[str, tuple[Any, ...]]

# Keys of values: domain parameters and parameters of the problem may have the same names.
DOMAIN, PROBLEM, STEP, NOISE, VARIANCE, ENTRY = "domain ", "problem ", "step", "noise", "variance", "entry"
# How far beyond its gallery a family without ranges of its own is searched, and up to which size.
BEYOND, SEEDS, LARGEST = 10.0, 999, 24
# Ranges with up to this many whole numbers are a part of the structure, which an optimizer leaves as it is.
FEW = 8


@dataclass(frozen=True)
class Coordinate:
    """One number in [0, 1] and what it stands for: a value, or an element of an array."""

    key: str
    range: Range | Choice
    index: tuple[int, ...] = ()

    @property
    def structural(self) -> bool:
        """Whether it chooses among few things, between which there is no way to move."""
        few = isinstance(self.range, Range) and self.range.whole and self.range.high - self.range.low < FEW
        return isinstance(self.range, Choice) or few


@dataclass(frozen=True, eq=False)
class Space:
    """All cases of a theorem on one kind of problem.

    ``ranges`` says where the values lie, by key; ``steps`` are measured in one run where the step is no value.
    """

    theorem: Theorem
    source: AnyProblem | None
    ranges: Mapping[str, AnyRange]
    steps: tuple[int, ...]

    @property
    def name(self) -> str:
        """What is searched, for progress."""
        if self.source is None:
            return "experiment"
        family = self.source.family if isinstance(self.source, Problem | ProblemSpec) else self.source
        return family.name if family is not None else "instance"

    @functools.cached_property
    def coordinates(self) -> list[Coordinate]:
        """What the numbers of a point stand for."""
        return [c for key, item in self.ranges.items() for c in self._coordinates(key, item)]

    @functools.cached_property
    def _sizes(self) -> set[str | int]:
        return {size for item in self.ranges.values() if isinstance(item, Array) for size in item.sizes}

    def _coordinates(self, key: str, item: AnyRange) -> Iterator[Coordinate]:
        if isinstance(item, Array):
            for index in _indices([self._most(size) for size in item.sizes]):
                yield Coordinate(key, item.of, index)
        elif not isinstance(item, Choice) or len(item.values) > 1:
            yield Coordinate(key, item)

    def _most(self, size: str | int) -> int:
        if isinstance(size, int):
            return size
        item = self.ranges[PROBLEM + size]
        assert isinstance(item, Range)
        return int(item.high)

    def values(self, point: Any) -> dict[str, Any]:
        """The values at a point of the unit cube: arrays as tuples, cut to their sizes."""
        numbers = {
            (c.key, c.index): c.range.at(float(u)) for c, u in zip(self.coordinates, point, strict=True)
        }
        found: dict[str, Any] = {}
        for key, item in self.ranges.items():
            if isinstance(item, Choice) and len(item.values) == 1:
                found[key] = item.values[0]
            elif not isinstance(item, Array):
                found[key] = numbers[key, ()]
        for key, item in self.ranges.items():
            if isinstance(item, Array):
                sizes = [size if isinstance(size, int) else found[PROBLEM + size] for size in item.sizes]
                found[key] = _nested(sizes, lambda index, key=key: numbers[key, index])
        return found

    def active(self, values: Values) -> list[bool]:
        """Which coordinates matter for these values: elements beyond the size of an array do not."""
        return [not c.index or _has(values[c.key], c.index) for c in self.coordinates]

    def candidate(self, values: Values) -> Candidate:
        """The candidate with these values."""
        point = {k.removeprefix(DOMAIN): v for k, v in values.items() if k.startswith(DOMAIN)}
        free = {k.removeprefix(PROBLEM): v for k, v in values.items() if k.startswith(PROBLEM)}
        family = self.source if isinstance(self.source, ProblemFamily) else None
        base = family.gallery[values[ENTRY]] if family is not None and ENTRY in values else {}
        noise = noises_of(self.theorem)[values[NOISE]] if NOISE in values else None
        if noise is not None and VARIANCE in values:
            noise = type(noise)(noise.build, noise.name, {**noise.parameters, "variance": values[VARIANCE]})
        steps = (int(values[STEP]),) if STEP in values else self.steps
        if self.source is None and "k" in self.theorem.setting.domain.axes and not _whole_curve(self.theorem):
            point["k"] = steps[0]
        return Candidate(
            self.source,
            point,
            steps,
            {**base, **{k: v for k, v in free.items() if k not in self._sizes}},
            noise,
        )


def _indices(sizes: list[int]) -> list[tuple[int, ...]]:
    if not sizes:
        return [()]
    return [(i, *rest) for i in range(sizes[0]) for rest in _indices(sizes[1:])]


def _nested(sizes: list[int], number: Any, index: tuple[int, ...] = ()) -> Any:
    if len(index) == len(sizes):
        return number(index)
    return tuple(_nested(sizes, number, (*index, i)) for i in range(sizes[len(index)]))


def _has(value: Any, index: tuple[int, ...]) -> bool:
    for i in index:
        if i >= len(value):
            return False
        value = value[i]
    return True


# --- the spaces of a theorem -------------------------------------------------------------------------------------


def spaces(theorem: Theorem) -> list[Space]:
    """Where the worst case of a theorem may be.

    A theorem is searched on what it names by ``searches`` and by ``on``; one about all problems that satisfy its
    assumptions, on every registered family as well.
    """
    return [_space(theorem, source, axes) for source in _sources(theorem) for axes in domains(theorem)]


def _sources(theorem: Theorem) -> list[AnyProblem | None]:
    if theorem.setting.experiment is not None:
        return [None]
    own: list[AnyProblem] = [*theorem.searches, *(theorem.corrected or theorem).setting.on]
    if not is_matched(theorem):
        return list(own)
    families = [family for _, family in sorted(REGISTRY.of("problem").items()) if _may_fit(theorem, family)]
    return [*own, *families]


def _may_fit(theorem: Theorem, family: ProblemFamily) -> bool:
    """Whether a theorem may be about instances of a family: about one of its gallery, or else samples will tell."""
    if lacking(theorem.setting, family.kernels):
        return False
    if not family.search and family.gallery:
        return any(not unfit(theorem, problem) for problem in family.instances())
    return True


def _space(theorem: Theorem, source: AnyProblem | None, axes: Axes) -> Space:
    domain = dict(axes)
    steps = domain.pop("k", (0,))
    ranges: dict[str, AnyRange] = {DOMAIN + name: axis_range(values) for name, values in domain.items()}
    specs: list[Any] = [source] if isinstance(source, ProblemSpec) else []
    if source is not None:
        specs += noises_of(theorem)
        ranges |= _problem_ranges(theorem, source)
        ranges |= _noise_ranges(theorem)
    whole_curve = source is not None or _whole_curve(theorem)
    if one_step_each(theorem.setting, *specs) or not whole_curve:
        ranges[STEP] = axis_range(steps)
    return Space(theorem, source, ranges, _curve(steps))


def domains(theorem: Theorem) -> list[Axes]:
    """The domains of a theorem, each to be searched by itself: its own, and those at which its bound is said to be
    attained where they go beyond it, unless the theorem says where to search.
    """
    if theorem.search_domain is not None:
        return [theorem.search_domain.axes]
    own: dict[str, tuple[Any, ...]] = dict(theorem.setting.domain.axes)
    if theorem.corrected is not None and "k" in own:  # a printed statement is about all steps
        others = theorem.corrected.setting.domain.axes.get("k", ())
        together = (*own["k"], *others)
        own["k"] = only(*together) if isinstance(others, Only) else together
    found: list[Axes] = [own]
    for attained in theorem.attained:
        axes = attained.at.axes
        if axes not in found and not all(_within(axes[name], own.get(name, ())) for name in axes):
            found.append(axes)
    return found


def _within(values: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    item = axis_range(others) if others else Choice(())
    if isinstance(item, Range):
        return all(isinstance(value, Real) and item.low <= float(value) <= item.high for value in values)
    return all(value in item.values for value in values)


def axis_range(values: tuple[Any, ...]) -> Range | Choice:
    """Everything between the least and the largest value, or one of them where nothing is between."""
    different = tuple(value for i, value in enumerate(values) if value not in values[:i])
    numbers = all(isinstance(value, Real) and not isinstance(value, bool) for value in different)
    if len(different) == 1 or not numbers or isinstance(values, Only):
        return Choice(different)
    if all(isinstance(value, Integral) for value in different):
        return whole(min(different), max(different))
    return real(float(min(different)), float(max(different)))


def _curve(steps: tuple[Any, ...]) -> tuple[int, ...]:
    """The steps at which one run is measured: the theorem's own, all small ones, and a few of each size."""
    own, last = {int(k) for k in steps}, max(int(k) for k in steps)
    if isinstance(steps, Only):
        return tuple(sorted(own))
    small = range(min(own), min(last, 16) + 1)
    sizes = (round(16 * 1.25**i) for i in range(200))
    return tuple(sorted({*own, *small, *(k for k in sizes if min(own) <= k <= last)}))


def _whole_curve(theorem: Theorem) -> bool:
    experiment = theorem.setting.experiment
    return experiment is not None and "checkpoints" in argument_names(experiment)


def _noise_ranges(theorem: Theorem) -> dict[str, AnyRange]:
    models = noises_of(theorem)
    if not models:
        return {}
    found: dict[str, AnyRange] = {NOISE: choice(*range(len(models)))}
    if not theorem.setting.noise:  # any variance is as good as 1
        found[VARIANCE] = real(0.01, 100.0)
    return found


def _problem_ranges(theorem: Theorem, source: AnyProblem) -> dict[str, AnyRange]:
    """The ranges of the parameters that a source leaves free."""
    if isinstance(source, Problem) or any(source is own for own in theorem.setting.on):
        return {}
    family = source.family if isinstance(source, ProblemSpec) else source
    given = source.parameters if isinstance(source, ProblemSpec) else {}
    ranges = {name: item for name, item in family_ranges(family).items() if name not in given}
    used = {size for item in ranges.values() if isinstance(item, Array) for size in item.sizes}
    found = {
        PROBLEM + name: item for name, item in ranges.items() if name in family.signature or name in used
    }
    if not family.search and len(family.gallery) > 1 and isinstance(source, ProblemFamily):
        found[ENTRY] = choice(*range(len(family.gallery)))
    return found


def family_ranges(family: ProblemFamily) -> dict[str, AnyRange]:
    """Where a family is searched: what it says, or around the numbers in its gallery and its defaults."""
    if family.search:
        return dict(family.search)
    found: dict[str, AnyRange] = {}
    for name, parameter in family.signature.items():
        seen = [entry[name] for entry in family.gallery if name in entry]
        if parameter.default is not parameter.empty and parameter.default is not None:
            seen.append(parameter.default)
        if seen and all(isinstance(v, Real) and not isinstance(v, bool) and math.isfinite(v) for v in seen):
            found[name] = _around(name, seen)
    return found


def _around(name: str, seen: list[Any]) -> Range:
    least, most = min(seen), max(seen)
    if all(isinstance(value, Integral) for value in seen):
        if name in ("seed", "rotation"):
            return whole(0, SEEDS)
        return whole(0 if least == 0 else 1, max(int(least), min(2 * max(1, int(most)), LARGEST)))
    if least > 0:
        return real(least / BEYOND, most * BEYOND)
    if least == 0:
        return real(0.0, most * BEYOND or 1.0)
    return real(-3 * max(-least, most), 3 * max(-least, most))
