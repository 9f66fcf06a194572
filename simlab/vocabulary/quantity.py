"""Quantities and measurements: what is measured, and on which of the iterates."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simlab.kernels.compilation import Kernel
from simlab.kernels.trajectory import Selection


@dataclass(frozen=True)
class Measure:
    """A quantity on a choice of iterates, with the index convention spelled out.

    The window of a measurement at step k is x_first, ..., x_(k - lag). ``weights`` gives the weight of the
    iterate x_j as a function of j and the constants (uniform when None). ``output`` names a memory row of the
    method that is measured instead of x.
    """

    quantity: "Quantity"
    selection: Selection = Selection.LAST
    first: int = 0
    lag: int = 0
    weights: Callable[..., Any] | None = None
    output: str | None = None

    def of(self, output: str) -> "Measure":
        """The same measurement on a named output of the method, such as ``"y"``."""
        return replace(self, output=output)

    def weighted(self, weights: Callable[..., Any]) -> "Measure":
        """The same measurement with weights ``weights(j, ...)`` on the iterates."""
        return replace(self, weights=weights)

    @property
    def window(self) -> str:
        """The iterates that are looked at, in words."""
        if self.selection is Selection.LAST:
            return "x_k"
        return f"x_{self.first}, ..., x_{'(k-1)' if self.lag else 'k'}"

    def __str__(self) -> str:
        where = f" of {self.output}" if self.output else ""
        if self.selection is Selection.LAST:
            return f"{self.quantity.name}{where} at x_k"
        words = {Selection.BEST: "smallest", Selection.MEAN: "mean", Selection.SUM: "sum of",
                 Selection.WORST: "largest", Selection.AVERAGE: "value at the average for"}  # fmt: skip
        weighted = "weighted " if self.weights else ""
        return f"{weighted}{words[self.selection]} {self.quantity.name}{where} over {self.window}"


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number measured on one iterate: ``kernel(objective, reference, x, work)``. It is never negative unless it
    is ``signed``.
    """

    name: str
    kernel: Kernel
    latex: str
    quadratic: bool
    description: str
    signed: bool = False

    @property
    def last(self) -> Measure:
        """On the last iterate x_k."""
        return Measure(self)

    def best(self, first: int = 0, lag: int = 0) -> Measure:
        """The smallest over x_first, ..., x_(k - lag)."""
        return Measure(self, Selection.BEST, first, lag)

    def mean(self, first: int = 0, lag: int = 1) -> Measure:
        """The mean over x_first, ..., x_(k - lag); by default x_0, ..., x_(k-1)."""
        return Measure(self, Selection.MEAN, first, lag)

    def sum(self, first: int = 0, lag: int = 1) -> Measure:
        """The sum over x_first, ..., x_(k - lag); by default x_0, ..., x_(k-1)."""
        return Measure(self, Selection.SUM, first, lag)

    def worst(self, first: int = 0, lag: int = 0) -> Measure:
        """The largest over x_first, ..., x_(k - lag)."""
        return Measure(self, Selection.WORST, first, lag)

    def at_average(self, first: int = 0, lag: int = 1) -> Measure:
        """At the mean of the iterates x_first, ..., x_(k - lag); by default x_0, ..., x_(k-1)."""
        return Measure(self, Selection.AVERAGE, first, lag)


@dataclass(frozen=True, eq=False)
class PairQuantity:
    """Numbers measured on two coupled iterates: ``kernel(objective, base, test, x, other, out)``.

    ``outputs`` is how many numbers it writes, given the number of test examples; the claim is made of each. None
    is ever negative unless they are ``signed``.
    """

    name: str
    kernel: Kernel
    latex: str
    outputs: Callable[[int], int]
    description: str
    signed: bool = False

    @property
    def last(self) -> "PairMeasure":
        """On the last iterates."""
        return PairMeasure(self)

    def at_average(self, first: int = 0, lag: int = 1) -> "PairMeasure":
        """On the means of the iterates x_first, ..., x_(k - lag)."""
        return PairMeasure(self, Selection.AVERAGE, first, lag)


@dataclass(frozen=True)
class PairMeasure:
    """A pair quantity on a choice of iterates. ``shared`` False runs the pair with independent randomness."""

    quantity: PairQuantity
    selection: Selection = Selection.LAST
    first: int = 0
    lag: int = 0
    shared: bool = True
    weights: Callable[..., Any] | None = None
    output: str | None = None

    def uncoupled(self) -> "PairMeasure":
        """The same without shared indices and noise: for controls."""
        return replace(self, shared=False)

    def __str__(self) -> str:
        where = "" if self.selection is Selection.LAST else " of the averaged iterates"
        return f"{self.quantity.name}{where}{'' if self.shared else ' (uncoupled)'}"


def quantity(
    *, latex: str = "", quadratic: bool = False, signed: bool = False
) -> Callable[[Kernel], Quantity]:
    """Declare a quantity: decorate its kernel ``(objective, reference, x, work) -> float``.

    ``quadratic`` promises that, on a quadratic objective, it is a quadratic function of x: second moments then
    determine its expectation. ``signed`` says that it may be negative.
    """

    def declare(function: Kernel) -> Quantity:
        name = function.function.__name__.replace("_", " ")
        return Quantity(name, function, latex, quadratic, (function.function.__doc__ or "").strip(), signed)

    return declare


def _one(tests: int) -> int:
    return 1


def pair_quantity(
    *, latex: str = "", outputs: Callable[[int], int] = _one, signed: bool = False
) -> Callable[[Kernel], PairQuantity]:
    """Declare a pair quantity: decorate its kernel ``(objective, base, test, x, other, out)``. ``signed`` says
    that what it writes may be negative.
    """

    def declare(function: Kernel) -> PairQuantity:
        name = function.function.__name__.replace("_", " ")
        description = (function.function.__doc__ or "").strip()
        return PairQuantity(name, function, latex, outputs, description, signed)

    return declare
