"""The shrinker: a simpler case that is as bad.

It tries fewer dimensions, fewer steps, special values and rounder numbers in turn, and keeps every change after
which the case is still accepted, until none is left.
"""

from collections.abc import Callable, Iterator
from typing import Any

from simlab.search.space import ENTRY, NOISE, PROBLEM, STEP, Space, Values
from simlab.vocabulary.ranges import Array, Choice, Range

ROUNDS = 6
DIGITS = (1, 2, 3, 4, 6)


def shrink(space: Space, values: Values, accepted: Callable[[Values], bool]) -> dict[str, Any]:
    """The values after every accepted simplification. ``accepted`` is asked for each change that is tried."""
    current = dict(values)
    for _ in range(ROUNDS):
        before = dict(current)
        for key in [*space.ranges, *([STEP] if STEP in current and STEP not in space.ranges else [])]:
            current = _simplest(space, current, key, accepted)
        if current == before:
            break
    return current


def _simplest(
    space: Space, values: dict[str, Any], key: str, accepted: Callable[[Values], bool]
) -> dict[str, Any]:
    """The first accepted change of one value, from the boldest to the mildest; a size is changed as often as it
    can be.
    """
    for changed in simpler(space, values, key):
        if changed != values and accepted(changed):
            again = _is_size(space, key) or isinstance(space.ranges.get(key), Array)
            return _simplest(space, changed, key, accepted) if again else changed
    return values


def simpler(space: Space, values: Values, key: str) -> Iterator[dict[str, Any]]:
    """Values that are simpler in one respect, the simplest first."""
    item = space.ranges.get(key)
    if _is_size(space, key):
        yield from _smaller(space, values, key)
    elif isinstance(item, Array):
        for index, value in _elements(values[key]):
            for number in _plainer(value, item.of):
                yield {**values, key: _replaced(values[key], index, number)}
    elif isinstance(item, Choice):
        if key in (NOISE, ENTRY):
            yield {**values, key: item.values[0]}
    elif item is None:  # the step, of those that one run measures
        yield from ({**values, key: k} for k in space.steps if k < values[key])
    else:
        for number in _plainer(values[key], item):
            yield {**values, key: number}


def _is_size(space: Space, key: str) -> bool:
    name = key.removeprefix(PROBLEM)
    return any(isinstance(item, Array) and name in item.sizes for item in space.ranges.values())


def _smaller(space: Space, values: Values, key: str) -> Iterator[dict[str, Any]]:
    """One entry less along every axis of this size, whichever it is."""
    item, name = space.ranges[key], key.removeprefix(PROBLEM)
    assert isinstance(item, Range)
    if values[key] <= item.low:
        return
    for entry in reversed(range(values[key])):
        changed = {**values, key: values[key] - 1}
        for other, array in space.ranges.items():
            if isinstance(array, Array) and name in array.sizes:
                changed[other] = _without(values[other], array.sizes.index(name), entry)
        yield changed


def _without(value: Any, axis: int, entry: int) -> Any:
    if axis:
        return tuple(_without(inner, axis - 1, entry) for inner in value)
    return (*value[:entry], *value[entry + 1 :])


def _elements(value: Any, index: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], float]]:
    if isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from _elements(inner, (*index, i))
    else:
        yield index, value


def _replaced(value: Any, index: tuple[int, ...], number: float) -> Any:
    if not index:
        return number
    i, rest = index[0], index[1:]
    return (*value[:i], _replaced(value[i], rest, number), *value[i + 1 :])


def _plainer(value: float, bounds: Range) -> Iterator[float]:
    """Simpler numbers within the bounds: special ones, then the nearest with few digits. Nothing that is simple
    already has any.
    """
    if bounds.whole:
        low, number = int(bounds.low), int(value)
        yield from (
            n for n in dict.fromkeys((low, number // 10, number // 2, number - 1)) if low <= n < number
        )
        return
    special = [n for n in (0.0, 1.0, -1.0, 0.5, bounds.low, bounds.high) if bounds.low <= n <= bounds.high]
    if value in special:
        yield from special[: special.index(value)]
        return
    yield from special
    for digits in DIGITS:
        rounded = float(f"{value:.{digits}g}")
        if rounded == value:
            return
        if bounds.low <= rounded <= bounds.high:
            yield rounded
