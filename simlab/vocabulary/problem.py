"""Problems: parameterized families of objectives whose constants are known exactly."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Kernel
from simlab.kernels.oracle import Data, no_component, no_hessian, no_prox, no_value
from simlab.shown import Shown
from simlab.vocabulary.assumptions import (
    Assumption,
    FiniteSum,
    Interpolation,
    Requirement,
    Workers,
    closure,
)
from simlab.vocabulary.constants import evaluate
from simlab.vocabulary.ranges import AnyRange, check_ranges


@dataclass(frozen=True, eq=False)
class Problem(Shown):
    """One instance: data, start, minimizer and the assumptions that it satisfies, with their constants.

    Parameters
    ----------
    scalars, table
        The numbers that the kernels read, shapes (s,) and (rows, columns).
    start, minimizer
        Points of shape (d,). ``minimizer`` is the nearest one to the start when there are several; None when
        there is none, and then only quantities that do not need it can be measured.
    minimum
        The infimum of the objective, in units of f.
    assumptions
        What holds, with constants, on ``region`` (a radius around the minimizer; None: everywhere).
    neighbours
        Data tables that differ in one example (index 0), the adversarial choices for uniform stability.
    test
        Examples, one a row, on which losses are compared between neighbouring runs.
    loose
        Assumptions whose constants hold without being the best ones: suprema that no point approaches. All others
        are certified to be reached.
    """

    scalars: ArrayLike
    start: ArrayLike
    minimizer: ArrayLike | None
    minimum: float
    assumptions: Sequence[Assumption]
    table: ArrayLike = ((),)
    region: float | None = None
    neighbours: Sequence[ArrayLike] = ()
    test: ArrayLike = ((),)
    loose: Sequence[type[Assumption]] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    family: "ProblemFamily | None" = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, rank in (("scalars", 1), ("start", 1), ("table", 2), ("test", 2)):
            array = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            if array.ndim != rank:
                raise InputError(
                    f"problem: {name} must have {rank} dimension(s), not {array.ndim}; check its shape."
                )
            object.__setattr__(self, name, array)
        if self.minimizer is not None:
            object.__setattr__(self, "minimizer", np.ascontiguousarray(self.minimizer, dtype=np.float64))
        self._check_numbers()
        self._check_neighbours()

    def _check_numbers(self) -> None:
        for name in ("start", "minimizer"):
            number = getattr(self, name)
            if number is not None and not np.isfinite(number).all():
                raise InputError(f"problem: {name} must be finite, not {number}; correct its parameters.")
        if not self.minimum < np.inf:
            raise InputError(f"problem: the minimum must be a number, or -inf, not {self.minimum!r}.")
        if self.minimizer is not None and np.shape(self.minimizer) != np.shape(self.start):
            raise InputError(
                f"problem: the minimizer has the shape {np.shape(self.minimizer)} and the start "
                f"{np.shape(self.start)}; they must be points of one space."
            )
        if self.region is not None and not self.region > 0:
            raise InputError(f"problem: the region must be a radius above 0, not {self.region!r}.")

    def _check_neighbours(self) -> None:
        table = np.asarray(self.table)
        for neighbour in self.neighbours:
            if np.shape(neighbour) != table.shape or not np.array_equal(np.asarray(neighbour)[1:], table[1:]):
                raise InputError("problem: a neighbour must be the table with another example in row 0 only.")

    @functools.cached_property
    def data(self) -> Data:
        """The arrays that the kernels read."""
        return Data(np.asarray(self.scalars), np.asarray(self.table))

    @property
    def kernels(self) -> "ProblemKernels":
        """The family's kernels."""
        if self.family is None:
            raise InputError("this problem was made by hand, without a family: use @problem.")
        return self.family.kernels

    @property
    def dimension(self) -> int:
        """Number of coordinates of the iterate (all workers together)."""
        return int(np.asarray(self.start).size)

    @functools.cached_property
    def known(self) -> dict[type[Assumption], Assumption]:
        """Everything that holds, implications included."""
        return closure(self.assumptions)

    def satisfies(self, needed: Requirement) -> list[type[Assumption]]:
        """The needed assumptions that do *not* hold here: an empty list means that the theorem applies."""
        return [cls for cls in needed if cls not in self.known]

    @property
    def label(self) -> str:
        """``family(parameter=value, ...)``: how the instance is named in tables and seeds."""
        name = self.family.name if self.family else "problem"
        inside = ", ".join(f"{k}={_plain(v)}" for k, v in self.parameters.items())
        return f"{name}({inside})"

    def value(self, x: ArrayLike) -> float:
        """f(x)."""
        with np.errstate(all="ignore"):
            return float(self.kernels.value(self.data, np.asarray(x, dtype=np.float64)))

    def gradient(self, x: ArrayLike) -> Vector:
        """grad f(x), shape (d,)."""
        point = np.asarray(x, dtype=np.float64)
        out = np.empty_like(point)
        with np.errstate(all="ignore"):
            self.kernels.gradient(self.data, point, out)
        return out

    def component(self, i: int, x: ArrayLike) -> Vector:
        """Gradient of the i-th term, shape (d,)."""
        point = np.asarray(x, dtype=np.float64)
        out = np.empty_like(point)
        with np.errstate(all="ignore"):
            self.kernels.component(self.data, i, point, out)
        return out

    def hessian(self, x: ArrayLike) -> Matrix:
        """Hessian at x, shape (d, d)."""
        point = np.asarray(x, dtype=np.float64)
        out = np.empty((point.size, point.size))
        self.kernels.hessian(self.data, point, out)
        return out

    @functools.cached_property
    def universal(self) -> dict[str, float]:
        """The constants that any instance has: d, R, D, g0, x0, and sigma2_star for finite sums."""
        start = np.asarray(self.start)
        found: dict[str, float] = {"d": self.dimension, "x0": float(np.abs(start).max())}
        if self.minimizer is not None:
            found["R"] = float(np.linalg.norm(start - self.minimizer))
        found["D"] = self.value(start) - self.minimum
        if np.isfinite(self.minimum):
            found["f_star"] = float(self.minimum)
        found["g0"] = float(np.linalg.norm(self.gradient(start)))
        sums = self.known.get(FiniteSum)
        if Interpolation in self.known:
            found["sigma2_star"] = 0.0
        elif isinstance(sums, FiniteSum) and self.minimizer is not None and Workers not in self.known:
            found["sigma2_star"] = self._gradient_variance(int(sums.terms))
        return {**found, **self.constants}

    def _gradient_variance(self, terms: int) -> float:
        """(1/n) sum |grad f_i(x*)|^2."""
        point, out = np.asarray(self.minimizer), np.empty(self.dimension)
        component = self.kernels.component.compiled()  # asked for once: there may be very many terms
        total = 0.0
        with np.errstate(all="ignore"):
            for i in range(terms):
                component(self.data, i, point, out)
                total += float(out @ out)
        return total / terms


def _plain(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    if isinstance(value, float):
        return f"{value:.12g}"
    return repr(value) if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class ProblemKernels:
    """The kernels of a family; those that it lacks answer NaN."""

    value: Kernel = no_value
    gradient: Kernel = no_value
    component: Kernel = no_component
    hessian: Kernel = no_hessian
    prox: Kernel = no_prox

    def has(self, name: str) -> bool:
        """Whether the family brings this kernel."""
        return getattr(self, name) not in (no_value, no_component, no_hessian, no_prox)


@dataclass(frozen=True, eq=False)
class ProblemFamily(Shown):
    """A constructor of instances, with its kernels and a gallery of typical parameters.

    Calling it makes an instance; :meth:`at` makes one whose parameters depend on the case.
    """

    name: str
    build: Callable[..., Problem]
    kernels: ProblemKernels
    gallery: tuple[Mapping[str, Any], ...]
    formula: str
    description: str
    module: str
    search: Mapping[str, AnyRange] = field(default_factory=dict)

    @functools.cached_property
    def signature(self) -> Mapping[str, inspect.Parameter]:
        """The parameters of the constructor by name."""
        return inspect.signature(self.build).parameters

    def __call__(self, **parameters: Any) -> Problem:
        """The instance with these parameters; the defaults for those left out."""
        names = self.signature
        unknown = [name for name in parameters if name not in names]
        if unknown:
            raise InputError(
                f"problem {self.name} has no parameter {', '.join(unknown)}; it has {', '.join(names)}."
            )
        made = self.build(**parameters)
        arguments = {
            name: parameters.get(name, parameter.default)
            for name, parameter in names.items()
            if parameter.default is not inspect.Parameter.empty or name in parameters
        }
        object.__setattr__(made, "family", self)
        object.__setattr__(made, "parameters", arguments)
        return made

    def at(self, **parameters: Any) -> "ProblemSpec":
        """An instance whose parameters may be functions of the case: ``huber.at(threshold=lambda k: 1 / k)``."""
        return ProblemSpec(self, parameters)

    def instances(self) -> list[Problem]:
        """The gallery: the instances on which every theorem that applies is checked."""
        return list(self._instances)

    @functools.cached_property
    def _instances(self) -> tuple[Problem, ...]:
        """Made once: every theorem asks every family whether it matches."""
        return tuple(self(**parameters) for parameters in self.gallery)


@dataclass(frozen=True)
class ProblemSpec:
    """A family with parameters that are known only when the case is."""

    family: ProblemFamily
    parameters: Mapping[str, Any]

    def resolve(self, known: Mapping[str, Any]) -> Problem:
        """The instance for a case with these constants and domain parameters."""
        return self.family(
            **{
                name: evaluate(value, known, f"parameter {name} of problem {self.family.name}")
                for name, value in self.parameters.items()
            }
        )


def problem(
    *,
    gradient: Kernel,
    value: Kernel = no_value,
    component: Kernel = no_component,
    hessian: Kernel = no_hessian,
    prox: Kernel = no_prox,
    gallery: Sequence[Mapping[str, Any]] = ({},),
    formula: str = "",
    search: Mapping[str, AnyRange] | None = None,
) -> Callable[[Callable[..., Problem]], ProblemFamily]:
    """Declare a family: decorate the function that builds an instance from its parameters.

    ``gallery`` lists the parameters on which matching theorems are checked; ``formula`` is LaTeX. The family is
    registered under the function's name in kebab-case. ``search`` says where ``attack`` looks for the parameters of
    the worst instance, such as ``{"d": whole(1, 4), "spectrum": array(real(0.01, 1), "d")}``: names that are no
    parameters are sizes, and parameters that are not listed keep their defaults. Without it, ranges around those
    of the gallery are taken.
    """
    from simlab.vocabulary.registry import REGISTRY

    def declare(build: Callable[..., Problem]) -> ProblemFamily:
        family = ProblemFamily(
            name=build.__name__.replace("_", "-"),
            build=build,
            kernels=ProblemKernels(value, gradient, component, hessian, prox),
            gallery=tuple(gallery),
            formula=formula,
            description=inspect.cleandoc(build.__doc__ or ""),
            module=build.__module__,
            search=dict(search or {}),
        )
        check_ranges(family.name, family.search, family.signature)
        REGISTRY.add("problem", family.name, family, build.__module__)
        return family

    return declare
