"""Symbols in place of floats: what a kernel computes when its vectors are unknown.

A kernel works on the coordinates of vectors, one after the other. Here a vector has two coordinates, each of them
its projection on one of two orthogonal halves of the space. A method that treats all coordinates alike, by
operations that are linear in vectors, gives both halves the same combination of the same unknown vectors; what
treats them differently is noticed and refused.
"""

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NoReturn

from PEPit import Expression, Point
from PEPit.tools.dict_operations import prune_dict, symmetrize_dict

from simlab.errors import InputError

HALVES = 2


class UntranslatableError(InputError):
    """What cannot be made a performance estimation problem, in words that go on from "cannot be translated:"."""


def same(left: Mapping[Any, float], right: Mapping[Any, float]) -> bool:
    """Whether two combinations are one, up to rounding."""
    keys = left.keys() | right.keys()
    gaps = (abs(left.get(key, 0.0) - right.get(key, 0.0)) for key in keys)
    scale = max((abs(weight) for weight in (*left.values(), *right.values())), default=0.0)
    return all(gap <= 1e-12 * scale for gap in gaps)


def combination(expression: Expression) -> dict[Any, float]:
    """The weights of function values and inner products in an expression."""
    weights: dict[Any, float] = prune_dict(symmetrize_dict(expression.decomposition_dict))
    return weights


class Vector:
    """One of the two halves of a vector of a Hilbert space: a combination of unknown vectors.

    Vectors are in units of the length ``unit``, numbers are as they are.
    """

    __array_ufunc__ = None  # NumPy's numbers leave the arithmetic to this class
    unit = 1.0

    def __init__(self, point: Point, half: int) -> None:
        self.point, self.half = point, half

    def _other(self, other: Any) -> Point:
        if isinstance(other, Vector) and other.half == self.half:
            return other.point
        if isinstance(other, (int, float)) and other == 0:
            return Point(is_leaf=False, decomposition_dict={})
        return refuse("it mixes coordinates, or adds a number to all of them")

    def __add__(self, other: Any) -> "Vector":
        return Vector(self.point + self._other(other), self.half)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Vector":
        return Vector(self.point - self._other(other), self.half)

    def __rsub__(self, other: Any) -> "Vector":
        return Vector(self._other(other) - self.point, self.half)

    def __neg__(self) -> "Vector":
        return Vector(-self.point, self.half)

    def __mul__(self, other: Any) -> "Vector | Number":
        if isinstance(other, Vector):
            return Number.at(self.point * self._other(other) * (self.unit**2 / HALVES), self.half)
        return Vector(float(other) * self.point, self.half)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Vector":
        if isinstance(other, Vector):
            refuse("it divides by coordinates")
        return Vector(self.point / float(other), self.half)

    def __pow__(self, power: Any) -> "Vector | Number":
        return self * self if power == 2 else refuse("it takes powers of coordinates")

    def _single(self, *_: Any) -> NoReturn:
        refuse("it looks at single coordinates")

    __abs__ = __float__ = __int__ = __bool__ = _single
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _single
    __rtruediv__ = __rpow__ = _single
    __hash__ = None  # type: ignore[assignment]


class Number:
    """A number that is linear in function values and inner products of unknown vectors, by halves of the space.

    ``fixed`` lists what is known: expressions whose values the constants of the problem give. Where a method needs
    the value of a number, it must be one of these.
    """

    __array_ufunc__ = None
    fixed: "list[tuple[Expression, float]]" = []  # noqa: RUF012 (of the problem that is being written down)

    def __init__(self, halves: tuple[Expression, ...]) -> None:
        self.halves = halves

    @classmethod
    def at(cls, expression: Expression, half: int) -> "Number":
        """The contribution of one half of the space."""
        nothing = Expression(is_leaf=False, decomposition_dict={})
        return cls(tuple(expression if i == half else nothing for i in range(HALVES)))

    @classmethod
    def whole(cls, expression: Expression) -> "Number":
        """A number that belongs to both halves alike, such as a function value."""
        return cls((expression / HALVES,) * HALVES)

    @property
    def expression(self) -> Expression:
        """The number itself; refused when the halves of the space contribute differently to it."""
        first, *others = (combination(half) for half in self.halves)
        if not all(same(first, other) for other in others):
            refuse("it treats coordinates one by one")
        return self.halves[0] * HALVES

    def _combined(self, other: Any, sign: float) -> "Number":
        if isinstance(other, Number):
            return Number(
                tuple(mine + sign * theirs for mine, theirs in zip(self.halves, other.halves, strict=True))
            )
        if isinstance(other, (Vector, Root)):
            refuse("it adds numbers to vectors, or roots to squares")
        return Number(tuple(mine + sign * float(other) / HALVES for mine in self.halves))

    def __add__(self, other: Any) -> "Number":
        return self._combined(other, 1.0)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Number":
        return self._combined(other, -1.0)

    def __rsub__(self, other: Any) -> "Number":
        return self.times(-1.0)._combined(other, 1.0)

    def __neg__(self) -> "Number":
        return self.times(-1.0)

    def times(self, scale: float) -> "Number":
        """A multiple of the number."""
        return Number(tuple(scale * half for half in self.halves))

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Vector):
            return other * float(self)
        if isinstance(other, Number) and other.value is None:
            return other.times(float(self))
        return self.times(float(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Number":
        return self.times(1.0 / float(other))

    def __rtruediv__(self, other: Any) -> float:
        return float(other) / float(self)

    def __pow__(self, power: Any) -> float:
        return math.pow(float(self), float(power))

    @property
    def value(self) -> float | None:
        """The number's value where the constants of the problem give it."""
        mine = combination(self.expression)
        if not mine or set(mine) == {1}:
            return float(mine.get(1, 0.0))
        for expression, known in Number.fixed:
            theirs = combination(expression)
            scale = next(weight / theirs[key] if key in theirs else 0.0 for key, weight in mine.items())
            if scale and same(mine, {key: scale * weight for key, weight in theirs.items()}):
                return scale * known
        return None

    def __float__(self) -> float:
        if self.value is None:
            refuse("what it does depends on values or inner products that it computes from its iterates")
        return self.value

    def _compared(how: Callable[[float, float], bool]) -> Any:  # type: ignore[misc]
        return lambda self, other: how(float(self), float(other))

    __lt__, __le__ = _compared(lambda a, b: a < b), _compared(lambda a, b: a <= b)
    __gt__, __ge__ = _compared(lambda a, b: a > b), _compared(lambda a, b: a >= b)
    __eq__, __ne__ = _compared(lambda a, b: a == b), _compared(lambda a, b: a != b)
    __hash__ = None  # type: ignore[assignment]

    def __abs__(self) -> float:
        return abs(float(self))

    def __bool__(self) -> bool:
        return float(self) != 0.0


class Root:
    """The square root of a number: it can be measured, but nothing else can be done with it."""

    __array_ufunc__ = None

    def __init__(self, square: Number) -> None:
        self.square = square

    def _refused(self, *_: Any) -> NoReturn:
        refuse("it computes with norms of vectors")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refused
    __neg__ = __pow__ = __abs__ = __float__ = __bool__ = _refused
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refused
    __hash__ = None  # type: ignore[assignment]


def refuse(why: str) -> NoReturn:
    """Say what cannot be translated."""
    raise UntranslatableError(why)


def _root(argument: Any) -> Any:
    if not isinstance(argument, Number):
        return math.sqrt(argument)
    return Root(argument) if argument.value is None else math.sqrt(argument.value)


# The module ``math`` as kernels see it.
MATHEMATICS = SimpleNamespace(**{**vars(math), "sqrt": _root})
