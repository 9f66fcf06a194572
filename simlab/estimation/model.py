"""A problem whose functions are unknown: the oracle that a kernel asks, with symbols for its answers."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PEPit import PEP, Expression, Point
from PEPit.function import Function
from PEPit.primitive_steps import linear_optimization_step, proximal_step

from simlab.estimation.classes import INDICATOR, FunctionClass, objective
from simlab.estimation.symbols import HALVES, Number, Vector, refuse, same
from simlab.kernels.oracle import Data, Reference
from simlab.kernels.oracle import Objective as Kernels
from simlab.vocabulary.assumptions import Interpolation, Requirement

MOST_TERMS = 12  # terms of a finite sum


@dataclass(frozen=True)
class Units:
    """Units of length and of function values in which the numbers of a problem are about 1.

    Kernels see all vectors, gradients too, in units of ``length``, and numbers as they are; the unknown functions
    are in units of ``height``.
    """

    length: float
    height: float

    @classmethod
    def of(cls, known: Mapping[str, Any], named: Collection[str]) -> "Units":
        """The units of a case whose bound and method name these constants."""
        smoothness = float(known.get("Lmax", known.get("L", 0.0)))
        lipschitz = float(known.get("G", 0.0))

        def height(length: float) -> float:
            return smoothness * length**2 or lipschitz * length or length**2

        if "R" in named and known["R"] > 0:
            return cls(known["R"], height(known["R"]))
        if "Dm" in known:
            return cls(known["Dm"], height(known["Dm"]))
        if "D" in named and known["D"] > 0:
            length = (
                math.sqrt(known["D"] / smoothness) if smoothness else known["D"] / (lipschitz or known["D"])
            )
            return cls(length, height(length))
        if "g0" in named and smoothness and known["g0"] > 0:
            return cls(known["g0"] / smoothness, height(known["g0"] / smoothness))
        return cls(1.0, height(1.0))

    def scaled(self, arguments: Mapping[str, float]) -> dict[str, float]:
        """The constants of a class of functions in these units."""
        powers = {"L": (2, -1), "mu": (2, -1), "M": (1, -1), "D": (-1, 0)}
        return {
            name: number * self.length ** powers[name][0] * self.height ** powers[name][1]
            for name, number in arguments.items()
        }


class Model:
    """Unknown functions of the class that a theorem assumes, with unknown starting point and minimizer.

    ``known`` holds the constants of the class by symbol; ``named`` are the constants that matter.
    """

    def __init__(self, assumes: Requirement, known: Mapping[str, Any], named: Collection[str]) -> None:
        self.kind = objective(assumes)
        self.units = Units.of(known, named)
        self.pep = PEP()
        self.known = known
        self.functions: list[tuple[Function, FunctionClass]] = []
        count = int(known["n"]) if self.kind.terms else 1
        if count > MOST_TERMS:
            refuse(f"its instance has {count} terms, more than {MOST_TERMS}")
        self.terms = [self._function(self.kind.main) for _ in range(count)]
        self.proximable = self._function(self.kind.proximable) if self.kind.proximable else None
        if self.kind.implicit:
            self.proximable = self.terms[0]
        Number.fixed, Vector.unit = [], self.units.length
        self.zero = float(known.get("f_star", 0.0))
        self.minimizer, self.minimum = self._bottom(Interpolation in assumes)
        self.start = Point()
        if self.proximable is not None and self.kind.proximable is INDICATOR:
            self.proximable.value(self.start)  # the start is a point of the set
        # The infimum is below all that is seen of a function that need not be convex.
        self.bounded = not self.kind.convex
        self.steps: list[tuple[Point, float, Point]] = []

    def _function(self, kind: FunctionClass) -> Function:
        made = self.pep.declare_function(kind.declared, **self.units.scaled(kind.arguments(self.known)))
        self.functions.append((made, kind))
        return made

    def _bottom(self, interpolation: bool) -> tuple[Point | None, Expression]:
        """The minimizer, where there is one, and the infimum."""
        if not self.kind.convex:
            return None, Expression()
        if interpolation:
            lowest = self.terms[0].stationary_point()
            for term in self.terms[1:]:
                term.add_point((lowest, Point(is_leaf=False, decomposition_dict={}), Expression()))
        else:
            whole = self.terms[0]
            for other in self.terms[1:]:
                whole = whole + other
            if self.proximable is not None and not self.kind.implicit:
                whole = whole + self.proximable
            lowest = whole.stationary_point()
        return lowest, self._value(lowest)

    def _value(self, point: Point) -> Expression:
        total = Expression(is_leaf=False, decomposition_dict={})
        for term in self.terms:
            total = total + term.value(point) / len(self.terms)
        # The indicator of a set is 0 at all that is seen of it: no further point need be asked.
        if self.proximable is not None and not self.kind.implicit and self.kind.proximable is not INDICATOR:
            total = total + self.proximable.value(point)
        return total

    def begin(self) -> None:
        """Note what has been asked before the method runs."""
        self.asked_before = {id(function): len(function.list_of_points) for function, _ in self.functions}

    def close(self) -> None:
        """State what remains, once all is known that will be seen of the functions."""
        if self.bounded:
            smoothness = self.units.scaled(self.kind.main.arguments(self.known))["L"]
            for _, slope, value in self.terms[0].list_of_points:
                self.pep.add_constraint(value - slope**2 / (2 * smoothness) >= self.minimum)

    @property
    def _slope(self) -> float:
        """How steep a gradient of the unknown functions is, as kernels see it."""
        return self.units.height / self.units.length**2

    # --- what a kernel asks ------------------------------------------------------------------------------------

    def value(self, data: Any, x: Any) -> Number:
        """f(x), where f* is that of ``known``, or 0."""
        return Number.whole((self._value(joined(x)) - self.minimum) * self.units.height + self.zero)

    def gradient(self, data: Any, x: Any, out: Any) -> None:
        """The gradient of the smooth part, or a subgradient."""
        point, total = joined(x), Point(is_leaf=False, decomposition_dict={})
        for term in self.terms:
            total = total + term.gradient(point) / len(self.terms)
        spread(total * self._slope, out)

    def component(self, data: Any, i: int, x: Any, out: Any) -> None:
        """The gradient of one term."""
        spread(self.terms[i].gradient(joined(x)) * self._slope, out)

    def hessian(self, data: Any, x: Any, out: Any) -> None:
        """Refused: a Hessian is no vector."""
        refuse("its method needs Hessians")

    def prox(self, data: Any, step: Any, x: Any, out: Any) -> None:
        """The proximal map, or with an infinite step the furthest point of the feasible set."""
        if self.proximable is None:
            refuse("its method needs a proximal map, which its assumptions do not speak of")
        point = joined(x)
        for asked, length, answer in self.steps:  # the same question has the same answer
            if length == step and same(asked.decomposition_dict, point.decomposition_dict):
                spread(answer, out)
                return
        if math.isinf(step):
            found = linear_optimization_step(-point, self.proximable)[0]
        else:
            found = proximal_step(point, self.proximable, float(step) * self._slope)[0]
        self.steps.append((point, step, found))
        spread(found, out)

    @property
    def kernels(self) -> Kernels:
        """The problem's kernels."""
        nothing = Data(np.zeros(0), np.zeros((0, 0)))
        return Kernels(self.value, self.gradient, self.component, self.hessian, self.prox, nothing)

    @property
    def reference(self) -> Reference:
        """What measurements compare with."""
        if self.minimizer is None:
            where: Any = [_Nowhere()] * HALVES
        else:
            where = spread(self.minimizer, np.empty(HALVES, object))
        return Reference(where, self.zero, spread(self.start, np.empty(HALVES, object)))


class _Nowhere:
    """In place of the coordinates of a minimizer that need not exist."""

    __array_ufunc__ = None

    def __rsub__(self, other: Any) -> Any:
        refuse("it measures the distance to a minimizer, which a function that is not convex need not have")


def joined(x: Any) -> Point:
    """The vector with these coordinates; refused where they have been treated differently."""
    parts = [item.point if isinstance(item, Vector) else _nothing(item) for item in x]
    if not all(same(parts[0].decomposition_dict, part.decomposition_dict) for part in parts):
        refuse("it treats coordinates differently")
    return parts[0]


def _nothing(item: Any) -> Point:
    if not isinstance(item, (int, float)) or item != 0:
        refuse("it makes vectors of numbers")
    return Point(is_leaf=False, decomposition_dict={})


def spread(point: Point, out: Any) -> Any:
    """Writes a vector into its coordinates."""
    for half in range(HALVES):
        out[half] = Vector(point, half)
    return out
