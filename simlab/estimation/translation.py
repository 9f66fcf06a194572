"""From a case to its performance estimation problem: what is known of the functions, and what is maximized."""

from typing import Any

import numpy as np
from PEPit import Expression

from simlab.estimation.execution import measured, runs
from simlab.estimation.model import Model, spread
from simlab.estimation.symbols import HALVES, Number, Root, refuse
from simlab.planning.cases import Case
from simlab.vocabulary.claim import Side
from simlab.vocabulary.constants import argument_names, evaluate
from simlab.vocabulary.quantity import Measure
from simlab.vocabulary.theorem import Theorem

LARGER = 1.01  # by how much a constant is raised to see whether a bound grows with it
# Constants that the start or the minimizer of an instance gives: those of which a model can speak, and others.
STATED, UNSTATED = ("R", "D", "g0", "sigma2_star"), ("d", "x0")


class Translation:
    """The performance estimation problem of a case at its last step.

    Maximized is the smallest of the measured numbers divided by the bound, squared where ``root`` says so.
    """

    def __init__(self, case: Case) -> None:
        measures, method = case.setting.measures, case.setting.method
        assert isinstance(measures, Measure)
        assert method is not None
        self.case, self.root = case, False
        functions = [value for value in (*method.parameters.values(), measures.weights) if callable(value)]
        self.used = {name for function in functions for name in argument_names(function)}
        self.named = {*self.used, *argument_names(case.theorem.bound)}
        if "mu" in case.known and case.known["mu"] >= case.known.get("L", case.known.get("Lmax", np.inf)):
            refuse("its instance has mu = L, and so are all functions of its class the same parabola")
        self.model = Model(case.theorem.assumes, case.known, self.named)
        for condition in self._conditions():
            self.model.pep.add_constraint(condition)
        self.model.begin()
        self.stated = float(case.bounds()[-1])
        if not self.stated > 0:
            refuse(f"its bound is {self.stated:g}, to which nothing can be compared")
        for sums in measured(case, self.model, runs(case, self.model)):
            metric = self._metric(sums)
            self.model.pep.set_performance_metric(metric * (1 / self.stated ** (2 if self.root else 1)))
        self.model.close()

    def _conditions(self) -> list[Any]:
        """That the constants of the case are those of the unknown functions.

        A constant with which the bound grows, and of which the method knows nothing, is at most what it is, since
        the theorem holds for smaller ones all the more. Every other one is exactly what it is.
        """
        for name in UNSTATED:
            if name in self.named:
                refuse(f"its bound depends on {name}, while the worst case is over all dimensions")
        method, conditions = self.case.setting.method, []
        seen = method is not None and "value" in method.family.needs  # it may compute constants itself
        for name in STATED:
            if name not in self.named:
                continue
            expression, value = self._constant(name), float(self.case.known[name])
            value = value if name in ("D", "sigma2_star") else value**2
            unit = value or 1.0
            if not seen and name not in self.used and self._grows(name):
                conditions.append(expression * (1 / unit) <= value / unit)
                continue
            conditions.append(expression * (1 / unit) == value / unit)
            Number.fixed = [*Number.fixed, (expression, value)]
        return conditions

    def _constant(self, name: str) -> Expression:
        """The number that a constant gives: of lengths their squares."""
        model = self.model
        start, slope = (spread(model.start, np.empty(HALVES, object)) for _ in range(2))
        if name == "D":
            return (model.value(None, start) - model.zero).expression
        if name == "g0":
            model.gradient(None, start, slope)
            return _square(slope)
        if model.minimizer is None:
            refuse(
                f"its bound depends on {name}, while a function that is not convex need not have a minimizer"
            )
        bottom = spread(model.minimizer, np.empty(HALVES, object))
        if name == "R":
            return _square(start - bottom)
        total = Expression(is_leaf=False, decomposition_dict={})
        for i in range(len(model.terms)):
            model.component(None, i, bottom, slope)
            total = total + _square(slope) / len(model.terms)
        return total

    def _grows(self, name: str) -> bool:
        """Whether the bound grows with a constant."""
        known = {**self.case.known, "k": self.case.checkpoints[-1]}
        larger = {**known, name: LARGER * known[name]}
        bound, what = self.case.theorem.bound, f"the bound of {self.case.theorem.id}"
        return bool(evaluate(bound, larger, what) >= evaluate(bound, known, what))

    def _metric(self, sums: list[tuple[float, Any]]) -> Expression:
        """A weighted sum of measured numbers; of a single root, its square."""
        if any(isinstance(number, Root) for _, number in sums):
            if len(sums) > 1:
                refuse("it measures a mean of norms that are not squared")
            self.root = True
            square: Expression = sums[0][1].square.expression
            return square
        total = Number.whole(Expression(is_leaf=False, decomposition_dict={}))
        for weight, number in sums:
            total = total + number * weight
        return total.expression


def _square(vector: Any) -> Expression:
    """|vector|^2."""
    squares = vector * vector
    return sum(squares[1:], squares[0]).expression


def translatable(theorem: Theorem) -> None:
    """Refuse a theorem of which no performance estimation problem can speak, whatever its instance.

    Raises
    ------
    UntranslatableError
        With the part of the theorem that cannot be translated.
    """
    setting = theorem.setting
    if setting.experiment is not None:
        refuse("it is an experiment, not a claim about the iterates of a method on a class of functions")
    if setting.claim.side is not Side.UPPER:
        refuse(f"it is no upper bound, but a {setting.claim}")
    if setting.network is not None:
        refuse("its method runs on a network")
    if not isinstance(setting.measures, Measure):
        refuse("it compares two coupled runs")
