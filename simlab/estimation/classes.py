"""Which class of functions a theorem speaks of, from its assumptions.

Only classes whose interpolation conditions are known exactly (necessary and sufficient) are here, so that the
worst case over unknown function values and gradients is the worst case over functions: Taylor, Hendrickx & Glineur
2017, Theorem 4 and section 3; Bousselmi, Hendrickx & Glineur 2024 for quadratics.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PEPit import functions
from PEPit.function import Function

from simlab.estimation.symbols import refuse
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedBelow,
    CompactDomain,
    ComponentsConvex,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Composite,
    Convex,
    Differentiable,
    FiniteSum,
    Interpolation,
    Lipschitz,
    Proximable,
    Quadratic,
    Requirement,
    Smooth,
    SmoothPartStronglyConvex,
    StronglyConvex,
)

Known = Mapping[str, Any]


@dataclass(frozen=True)
class FunctionClass:
    """One function of a problem: how PEPit knows its class, and the constants by which it can be interpolated.

    ``curvature`` gives (mu, L) of a smooth function, with mu = -L for one that need not be convex; it is None for a
    convex function without gradient. ``interpolable`` says whether a worst function is found by it.
    """

    declared: Callable[..., type[Function] | Any]
    arguments: Callable[[Known], dict[str, float]]
    curvature: Callable[[Known], tuple[float, float]] | None = None
    interpolable: bool = True


@dataclass(frozen=True)
class Objective:
    """What is minimized: a main function, the sum of ``terms`` such functions, or one plus a proximable one."""

    main: FunctionClass
    proximable: FunctionClass | None = None
    terms: bool = False
    implicit: bool = False  # the proximal map is that of the main function itself
    convex: bool = True


SMOOTH = FunctionClass(functions.SmoothFunction, lambda c: {"L": c["L"]}, lambda c: (-c["L"], c["L"]))


def _convex(smoothness: str) -> FunctionClass:
    """Convex functions whose smoothness is this constant."""
    return FunctionClass(
        functions.SmoothConvexFunction, lambda c: {"L": c[smoothness]}, lambda c: (0.0, c[smoothness])
    )


def _strongly_convex(smoothness: str) -> FunctionClass:
    """The same with strong convexity mu."""
    return FunctionClass(
        functions.SmoothStronglyConvexFunction,
        lambda c: {"L": c[smoothness], "mu": c["mu"]},
        lambda c: (c["mu"], c[smoothness]),
    )


QUADRATIC = FunctionClass(
    functions.SmoothStronglyConvexQuadraticFunction,
    lambda c: {"L": c["L"], "mu": c.get("mu", 0.0)},
    interpolable=False,
)
LIPSCHITZ = FunctionClass(functions.ConvexLipschitzFunction, lambda c: {"M": c["G"]})
CONVEX = FunctionClass(functions.ConvexFunction, lambda c: {})
PLAIN_STRONGLY_CONVEX = FunctionClass(
    functions.StronglyConvexFunction, lambda c: {"mu": c["mu"]}, interpolable=False
)
INDICATOR = FunctionClass(functions.ConvexIndicatorFunction, lambda c: {"D": c["Dm"]})

CLASSES: dict[frozenset[type[Assumption]], Objective] = {
    frozenset({Smooth}): Objective(SMOOTH, convex=False),
    frozenset({Smooth, Convex}): Objective(_convex("L")),
    frozenset({Smooth, StronglyConvex}): Objective(_strongly_convex("L")),
    frozenset({Smooth, Quadratic, Convex}): Objective(QUADRATIC),
    frozenset({Smooth, Quadratic, StronglyConvex}): Objective(QUADRATIC),
    frozenset({Convex}): Objective(CONVEX),
    frozenset({Convex, Lipschitz}): Objective(LIPSCHITZ),
    frozenset({Convex, Proximable}): Objective(CONVEX, implicit=True),
    frozenset({StronglyConvex, Proximable}): Objective(PLAIN_STRONGLY_CONVEX, implicit=True),
    frozenset({Composite}): Objective(_convex("L"), CONVEX),
    frozenset({Composite, SmoothPartStronglyConvex}): Objective(_strongly_convex("L"), CONVEX),
    frozenset({Composite, CompactDomain}): Objective(_convex("L"), INDICATOR),
    frozenset({FiniteSum, ComponentsSmooth, ComponentsConvex}): Objective(_convex("Lmax"), terms=True),
    frozenset({FiniteSum, ComponentsSmooth, ComponentsStronglyConvex}): Objective(
        _strongly_convex("Lmax"), terms=True
    ),
}
# What says nothing more about the functions of these classes, or is a condition on their minimizer.
IGNORED = {Differentiable, BoundedBelow, Interpolation}


def objective(assumes: Requirement) -> Objective:
    """The objective that a theorem speaks of.

    Raises
    ------
    UntranslatableError
        When no exact interpolation conditions are known for its assumptions.
    """
    given = frozenset(assumes) - IGNORED
    found = CLASSES.get(given)
    if found is None and Convex in given:
        found = CLASSES.get(given - {Convex})
    if found is None:
        names = " & ".join(cls.__name__ for cls in assumes) or "no assumption at all"
        refuse(f"no exact interpolation conditions are known here for its assumptions, {names}")
    return found
