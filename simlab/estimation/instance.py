"""The worst instance that a solver has found, as a problem on which the method runs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from simlab.estimation.classes import INDICATOR, FunctionClass
from simlab.estimation.execution import measured, runs
from simlab.estimation.interpolation import HullInterpolant, PolyhedralInterpolant, SmoothInterpolant
from simlab.estimation.model import Model
from simlab.estimation.solution import Solution
from simlab.estimation.symbols import refuse
from simlab.estimation.translation import Translation
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.oracle import Data, Objective, Reference

# Eigenvalues of the Gram matrix below this part of the largest one count as rounding of the solver.
RANK = 1e-7


@dataclass(eq=False)
class Instance:
    """Functions through the points of a solution, in the units of the case; f* is ``minimum``.

    ``dimension`` is that of the space which the points span, but for rounding.
    """

    terms: list[Any]
    proximable: Any
    start: Vector
    minimizer: Vector | None
    minimum: float
    implicit: bool
    dimension: int

    def value(self, data: Any, x: Vector) -> float:
        """f(x)."""
        total = sum(term.value(x) for term in self.terms) / len(self.terms)
        return float(total + (0.0 if self.proximable is None or self.implicit else self.proximable.value(x)))

    def gradient(self, data: Any, x: Vector, out: Vector) -> None:
        """The gradient of the smooth part, or a subgradient."""
        out[:] = sum(term.gradient(x) for term in self.terms) / len(self.terms)

    def component(self, data: Any, i: int, x: Vector, out: Vector) -> None:
        """The gradient of one term."""
        out[:] = self.terms[i].gradient(x)

    def hessian(self, data: Any, x: Vector, out: Matrix) -> None:
        """There is none."""
        out[:, :] = np.nan

    def prox(self, data: Any, step: float, x: Vector, out: Vector) -> None:
        """The proximal map."""
        out[:] = self.proximable.prox(step, x.copy())

    @property
    def kernels(self) -> Objective:
        """The problem's kernels."""
        nothing = Data(np.zeros(0), np.zeros((0, 0)))
        return Objective(self.value, self.gradient, self.component, self.hessian, self.prox, nothing)

    @property
    def reference(self) -> Reference:
        """What measurements compare with."""
        nowhere = np.full(self.start.size, np.nan)
        return Reference(nowhere if self.minimizer is None else self.minimizer, self.minimum, self.start)


def extract(translation: Translation, solution: Solution) -> Instance:
    """The instance that a solution describes.

    Raises
    ------
    UntranslatableError
        When functions of its class are not interpolated here.
    """
    model = translation.model
    for _, kind in model.functions:
        if not kind.interpolable:
            refuse("functions of its class are not interpolated here")
    made = {id(function): _interpolant(model, solution, function, kind) for function, kind in model.functions}
    return Instance(
        terms=[made[id(term)] for term in model.terms],
        proximable=None if model.proximable is None else made[id(model.proximable)],
        start=model.units.length * solution.vector(model.start),
        minimizer=None if model.minimizer is None else model.units.length * solution.vector(model.minimizer),
        minimum=model.zero,
        implicit=model.kind.implicit,
        dimension=_dimension(model, solution),
    )


def _dimension(model: Model, solution: Solution) -> int:
    """How many directions of what the points and gradients span are not rounding."""
    vectors = [solution.vector(item) for function, _ in model.functions
               for x, g, _ in function.list_of_points for item in (x, g)]  # fmt: skip
    widths = np.linalg.svd(np.array(vectors), compute_uv=False)
    return max(1, int(np.sum(widths**2 > RANK * widths[0] ** 2)))


def _interpolant(model: Model, solution: Solution, function: Any, kind: FunctionClass) -> Any:
    before, length, height = model.asked_before[id(function)], model.units.length, model.units.height
    # The method's own questions come first: among answers that are equally good it was given these.
    seen = function.list_of_points[before:] + function.list_of_points[:before]
    points = length * np.array([solution.vector(x) for x, _, _ in seen])
    gradients = height / length * np.array([solution.vector(g) for _, g, _ in seen])
    values = height * np.array([solution.number(v) for _, _, v in seen])
    if kind is INDICATOR:
        return HullInterpolant(points, gradients, values)
    # One function has f* where the others have what they have there.
    shifted = values + (model.zero - height * solution.number(model.minimum)) * (
        function is model.terms[0]
    ) * len(model.terms)
    if kind.curvature is None:
        return PolyhedralInterpolant(points, gradients, shifted)
    return SmoothInterpolant(points, gradients, shifted, kind.curvature(model.known))


def run_on(translation: Translation, instance: Instance) -> float:
    """What the method is measured to reach on an instance, by its registered kernels."""
    case = translation.case
    sums = measured(case, instance, runs(case, instance))
    return min(sum(weight * float(number) for weight, number in parts) for parts in sums)
