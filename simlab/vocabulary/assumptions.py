"""Assumptions: typed properties with their constants, and which of them imply which.

A theorem states the *classes* that it needs (``Convex & Smooth``); a problem instance declares the
*assumptions* that it satisfies, with numbers (``Convex()``, ``Smooth(4.0)``). Implications are written once,
in ``implies``.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import ClassVar, Self

from simlab.errors import InputError


class _Combinable(type):
    """Lets classes be combined as ``Convex & Smooth``."""

    def __and__(cls, other: "type[Assumption] | Requirement") -> "Requirement":
        return Requirement((cls,)) & other  # type: ignore[arg-type]


@dataclass(frozen=True)
class Assumption(metaclass=_Combinable):
    """A property of an instance. Each field is a constant; ``symbol`` names the field's letter in formulas."""

    symbols: ClassVar[dict[str, str]] = {}
    statement: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for item in fields(self):
            number = getattr(self, item.name)
            if not isinstance(number, Real) or not math.isfinite(number) or number < 0:
                raise InputError(
                    f"{type(self).__name__}: {item.name} must be a finite number, at least 0, not {number!r}."
                )

    def implies(self) -> "tuple[Assumption, ...]":
        """What holds whenever this does."""
        return ()

    def merge(self, other: Self) -> Self:
        """The stronger of two statements of the same property: by default the smaller constant."""
        mine = tuple(getattr(self, item.name) for item in fields(self))
        theirs = tuple(getattr(other, item.name) for item in fields(other))
        return self if mine <= theirs else other


class Requirement(tuple[type[Assumption], ...]):
    """Assumptions that a theorem needs all of: ``Convex & Smooth``."""

    __slots__ = ()

    def __and__(self, other: "type[Assumption] | Requirement") -> "Requirement":
        more = other if isinstance(other, Requirement) else (other,)
        return Requirement(dict.fromkeys((*self, *more)))


def requirement(what: "type[Assumption] | Requirement | None") -> Requirement:
    """A requirement from one class, several, or none."""
    if what is None:
        return Requirement()
    return what if isinstance(what, Requirement) else Requirement((what,))


def closure(declared: Iterable[Assumption]) -> dict[type[Assumption], Assumption]:
    """Everything that the declared assumptions imply, the strongest statement of each."""
    known: dict[type[Assumption], Assumption] = {}
    queue = list(declared)
    while queue:
        item = queue.pop()
        kept = known.get(type(item))
        best = item if kept is None else kept.merge(item)
        if kept is None or best != kept:
            known[type(item)] = best
            queue += [*best.implies(), *_implied_together(known)]
    return known


def _implied_together(known: Mapping[type[Assumption], Assumption]) -> Iterator[Assumption]:
    """What follows from several assumptions, but from none of them alone."""
    growth = known.get(QuadraticGrowth)
    if Convex in known and isinstance(growth, QuadraticGrowth):  # Karimi, Nutini & Schmidt 2016, Theorem 2
        yield PolyakLojasiewicz(growth.growth / 4)


class _Larger(Assumption):
    """A property whose stronger form has the larger constant, and which says nothing with a constant of 0."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for item in fields(self):
            if not getattr(self, item.name) > 0:
                raise InputError(f"{type(self).__name__}: {item.name} must be above 0; leave it out instead.")

    def merge(self, other: Self) -> Self:
        return other if super().merge(other) is self else self


class _Count(Assumption):
    """A whole number of parts, which two statements cannot give differently."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for item in fields(self):
            number = getattr(self, item.name)
            if not isinstance(number, Integral) or number < 1:
                raise InputError(
                    f"{type(self).__name__}: {item.name} must be a whole number, at least 1, not {number!r}."
                )

    def merge(self, other: Self) -> Self:
        if self != other:
            raise InputError(f"{self} and {other} cannot both hold; declare one of them.")
        return self


class _Rate(Assumption):
    """A contraction: a constant below 1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for item in fields(self):
            number = getattr(self, item.name)
            if not number < 1:
                raise InputError(f"{type(self).__name__}: {item.name} must be below 1, not {number!r}.")


# --- the objective -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Convex(Assumption):
    """The objective is convex."""

    statement: ClassVar[str] = "f is convex"


@dataclass(frozen=True)
class Differentiable(Assumption):
    """The objective has a gradient everywhere."""

    statement: ClassVar[str] = "f is differentiable"


@dataclass(frozen=True)
class Smooth(Assumption):
    """The gradient is Lipschitz with constant ``smoothness``."""

    smoothness: float
    symbols: ClassVar[dict[str, str]] = {"L": "smoothness"}
    statement: ClassVar[str] = "the gradient of f is L-Lipschitz"

    def implies(self) -> tuple[Assumption, ...]:
        return (Differentiable(),)


@dataclass(frozen=True)
class StronglyConvex(_Larger):
    """f - (strong_convexity / 2) |x|^2 is convex."""

    strong_convexity: float
    symbols: ClassVar[dict[str, str]] = {"mu": "strong_convexity"}
    statement: ClassVar[str] = "f is mu-strongly convex"

    def implies(self) -> tuple[Assumption, ...]:
        constant = self.strong_convexity
        return (Convex(), PolyakLojasiewicz(constant), NondegenerateMinimizer(constant))


@dataclass(frozen=True)
class PolyakLojasiewicz(_Larger):
    """|grad f|^2 >= 2 mu (f - f*)."""

    gradient_dominance: float
    symbols: ClassVar[dict[str, str]] = {"mu": "gradient_dominance"}
    statement: ClassVar[str] = "|grad f|^2 >= 2 mu (f - f*)"

    def implies(self) -> tuple[Assumption, ...]:
        return (QuadraticGrowth(self.gradient_dominance),)


@dataclass(frozen=True)
class QuadraticGrowth(_Larger):
    """f - f* >= (mu / 2) dist(x, minimizers)^2."""

    growth: float
    symbols: ClassVar[dict[str, str]] = {"mu": "growth"}
    statement: ClassVar[str] = "f - f* >= (mu/2) dist(x, X*)^2"

    def implies(self) -> tuple[Assumption, ...]:
        return (BoundedBelow(),)


@dataclass(frozen=True)
class NondegenerateMinimizer(_Larger):
    """The Hessian at the minimizer, where there is one, is at least ``minimal_curvature`` times the identity."""

    minimal_curvature: float
    symbols: ClassVar[dict[str, str]] = {"mu": "minimal_curvature"}
    statement: ClassVar[str] = "the Hessian at x* is at least mu I"


@dataclass(frozen=True)
class BoundedBelow(Assumption):
    """The infimum is finite and known."""

    statement: ClassVar[str] = "f is bounded below"


@dataclass(frozen=True)
class Quadratic(Assumption):
    """The objective is a quadratic function."""

    statement: ClassVar[str] = "f is quadratic"

    def implies(self) -> tuple[Assumption, ...]:
        return (LipschitzHessian(0.0),)


@dataclass(frozen=True)
class LipschitzHessian(Assumption):
    """The Hessian is Lipschitz with constant ``hessian_lipschitz``."""

    hessian_lipschitz: float
    symbols: ClassVar[dict[str, str]] = {"M": "hessian_lipschitz"}
    statement: ClassVar[str] = "the Hessian of f is M-Lipschitz"

    def implies(self) -> tuple[Assumption, ...]:
        return (Differentiable(),)


@dataclass(frozen=True)
class SelfConcordant(Assumption):
    """Along every line the third derivative is at most twice the second one to the power 3/2, and f grows without
    bound towards the boundary of its domain.
    """

    statement: ClassVar[str] = "along lines |f^(3)| <= 2 (f^(2))^(3/2), and the domain is open"

    def implies(self) -> tuple[Assumption, ...]:
        return (Convex(),)


@dataclass(frozen=True)
class Lipschitz(Assumption):
    """Subgradients are bounded by ``lipschitz`` (on the declared region, if the problem has one)."""

    lipschitz: float
    symbols: ClassVar[dict[str, str]] = {"G": "lipschitz"}
    statement: ClassVar[str] = "f is G-Lipschitz"


@dataclass(frozen=True)
class BoundedGradientCoordinates(Assumption):
    """Every coordinate of the (stochastic) gradient is at most ``gradient_bound`` in magnitude."""

    gradient_bound: float
    symbols: ClassVar[dict[str, str]] = {"Rb": "gradient_bound"}
    statement: ClassVar[str] = "each coordinate of the stochastic gradient is at most Rb"


@dataclass(frozen=True)
class Composite(Assumption):
    """F = f + g with a convex proximable g: values are those of F, gradients those of f, and ``smoothness`` is
    that of f. So :class:`Smooth`, which speaks of the objective itself, is not declared.
    """

    smoothness: float
    symbols: ClassVar[dict[str, str]] = {"L": "smoothness"}
    statement: ClassVar[str] = "F = f + g, f convex with an L-Lipschitz gradient, g convex and proximable"

    def implies(self) -> tuple[Assumption, ...]:
        return (Convex(),)


@dataclass(frozen=True)
class SmoothPartStronglyConvex(_Larger):
    """In F = f + g the smooth part f itself is ``smooth_part_convexity``-strongly convex."""

    smooth_part_convexity: float
    symbols: ClassVar[dict[str, str]] = {"mu": "smooth_part_convexity"}
    statement: ClassVar[str] = "in F = f + g, f is mu-strongly convex"

    def implies(self) -> tuple[Assumption, ...]:
        return (StronglyConvex(self.smooth_part_convexity),)


@dataclass(frozen=True)
class CompactDomain(Assumption):
    """In F = f + g, g is the indicator function of a compact convex set of this ``diameter``.

    The prox kernel of such a problem also answers with an infinite step: a point u of the set with the largest
    inner product x.u, which is the limit of the proximal maps of t x with the step t.
    """

    diameter: float
    symbols: ClassVar[dict[str, str]] = {"Dm": "diameter"}
    statement: ClassVar[str] = "g is the indicator function of a compact convex set of diameter Dm"


@dataclass(frozen=True)
class Proximable(Assumption):
    """The problem's prox kernel is the proximal map of the objective itself."""

    statement: ClassVar[str] = "the proximal map of f is known"


@dataclass(frozen=True)
class RelativelySmooth(Assumption):
    """L_h h - f is convex for h(x) = -sum log x_i; ``divergence`` is the Bregman distance D_h(x*, x_0)."""

    relative_smoothness: float
    divergence: float
    symbols: ClassVar[dict[str, str]] = {"L_h": "relative_smoothness", "D_h": "divergence"}
    statement: ClassVar[str] = "L_h h - f is convex for h(x) = -sum log x_i; D_h = D_h(x*, x_0)"


@dataclass(frozen=True)
class OneNormStronglyConvex(_Larger):
    """f is ``one_norm_convexity``-strongly convex in the 1-norm."""

    one_norm_convexity: float
    symbols: ClassVar[dict[str, str]] = {"mu1": "one_norm_convexity"}
    statement: ClassVar[str] = "f is mu1-strongly convex in the 1-norm"


@dataclass(frozen=True)
class CoordinateSmooth(Assumption):
    """The i-th partial derivative is L_i-Lipschitz along its own coordinate.

    In the norm |v|_L^2 = sum L_i v_i^2, f is ``weighted_convexity``-strongly convex and the start is
    ``weighted_distance`` away from the minimizer.
    """

    weighted_convexity: float
    weighted_distance: float
    symbols: ClassVar[dict[str, str]] = {"mu_L": "weighted_convexity", "R_L": "weighted_distance"}
    statement: ClassVar[str] = (
        "df/dx_i is L_i-Lipschitz in x_i; in |v|_L^2 = sum L_i v_i^2, f is mu_L-strongly convex and "
        "R_L = |x_0 - x*|_L"
    )


# --- finite sums and noise ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class FiniteSum(_Count):
    """f = (1/n) sum of n terms."""

    terms: int
    symbols: ClassVar[dict[str, str]] = {"n": "terms"}
    statement: ClassVar[str] = "f = (1/n) sum f_i"


@dataclass(frozen=True)
class ComponentsSmooth(Assumption):
    """Every term of the finite sum is ``component_smoothness``-smooth."""

    component_smoothness: float
    symbols: ClassVar[dict[str, str]] = {"Lmax": "component_smoothness"}
    statement: ClassVar[str] = "every f_i is Lmax-smooth"

    def implies(self) -> tuple[Assumption, ...]:
        return (Smooth(self.component_smoothness),)


@dataclass(frozen=True)
class ComponentsConvex(Assumption):
    """Every term of the finite sum is convex."""

    statement: ClassVar[str] = "every f_i is convex"

    def implies(self) -> tuple[Assumption, ...]:
        return (Convex(),)


@dataclass(frozen=True)
class ComponentsStronglyConvex(_Larger):
    """Every term of the finite sum is strongly convex."""

    component_strong_convexity: float
    symbols: ClassVar[dict[str, str]] = {"mu": "component_strong_convexity"}
    statement: ClassVar[str] = "every f_i is mu-strongly convex"

    def implies(self) -> tuple[Assumption, ...]:
        return (ComponentsConvex(), StronglyConvex(self.component_strong_convexity))


@dataclass(frozen=True)
class ComponentsLipschitz(Assumption):
    """Every term of the finite sum (every example's loss) is ``component_lipschitz``-Lipschitz."""

    component_lipschitz: float
    symbols: ClassVar[dict[str, str]] = {"G": "component_lipschitz"}
    statement: ClassVar[str] = "every f_i is G-Lipschitz"

    def implies(self) -> tuple[Assumption, ...]:
        return (Lipschitz(self.component_lipschitz),)


@dataclass(frozen=True)
class Interpolation(Assumption):
    """One point minimizes all terms at once."""

    statement: ClassVar[str] = "grad f_i(x*) = 0 for all i"


@dataclass(frozen=True)
class BoundedLoss(Assumption):
    """Every example's loss lies in [0, loss_range]."""

    loss_range: float
    symbols: ClassVar[dict[str, str]] = {"B": "loss_range"}
    statement: ClassVar[str] = "0 <= f_i <= B"

    def implies(self) -> tuple[Assumption, ...]:
        return (BoundedBelow(),)


@dataclass(frozen=True)
class BoundedVariance(Assumption):
    """Stochastic gradients are unbiased with E|G - grad f|^2 <= variance, everywhere.

    On a network: E|G_i - grad f_i|^2 <= variance at each worker, with independent noise at different workers.
    """

    variance: float
    symbols: ClassVar[dict[str, str]] = {"sigma2": "variance"}
    statement: ClassVar[str] = "E|G - grad f|^2 <= sigma2"


# --- networks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workers(_Count):
    """The objective is the mean of the local objectives of ``workers`` workers."""

    workers: int
    symbols: ClassVar[dict[str, str]] = {"m": "workers"}
    statement: ClassVar[str] = "f = (1/m) sum of the workers' f_i"


@dataclass(frozen=True)
class BoundedHeterogeneity(Assumption):
    """(1/m) sum |grad f_i - grad f|^2 <= heterogeneity, everywhere."""

    heterogeneity: float
    symbols: ClassVar[dict[str, str]] = {"zeta2": "heterogeneity"}
    statement: ClassVar[str] = "(1/m) sum |grad f_i - grad f|^2 <= zeta2"


@dataclass(frozen=True)
class DoublyStochastic(_Rate):
    """The mixing matrix is symmetric and doubly stochastic, with |W - J| = consensus_rate."""

    consensus_rate: float
    symbols: ClassVar[dict[str, str]] = {"rho": "consensus_rate"}
    statement: ClassVar[str] = "W is symmetric and doubly stochastic, rho = |W - J| < 1"

    def implies(self) -> tuple[Assumption, ...]:
        return (RandomMixing(self.consensus_rate**2),)


@dataclass(frozen=True)
class RandomMixing(_Rate):
    """The mixing matrices of the steps are independent draws of one W = W' with W1 = 1, not necessarily >= 0.

    ``mean_square_rate`` is |E[W'W] - J|_2, a squared contraction.
    """

    mean_square_rate: float
    symbols: ClassVar[dict[str, str]] = {"rho2": "mean_square_rate"}
    statement: ClassVar[str] = "each W is drawn anew and is symmetric with W1 = 1; rho2 = |E[W'W] - J| < 1"
