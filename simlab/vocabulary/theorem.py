"""Theorems: a promise about a method as an object that can be checked.

A theorem is its bound, as a function of the constants, together with everything that says when the bound
applies (assumptions, domain), what it bounds (measure), where it is attained, and which broken version of it
the checker must refuse (controls).
"""

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any

from simlab.errors import InputError
from simlab.shown import Shown
from simlab.vocabulary.assumptions import Assumption, Requirement, requirement
from simlab.vocabulary.claim import UPPER, Claim
from simlab.vocabulary.constants import argument_names, check_names
from simlab.vocabulary.method import Method
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem, ProblemFamily, ProblemSpec
from simlab.vocabulary.quantity import Measure, PairMeasure

AnyProblem = Problem | ProblemSpec | ProblemFamily


@dataclass(frozen=True)
class Grid:
    """The domain of a theorem: every combination of the listed values. ``k`` lists the steps to look at."""

    axes: Mapping[str, tuple[Any, ...]]

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """The steps at which the quantity is measured, in order."""
        return tuple(sorted({int(k) for k in self.axes.get("k", (0,))}))

    def points(self, but: Sequence[str] = ("k",)) -> Iterator[dict[str, Any]]:
        """Every combination of the axes other than ``but``."""
        names = [name for name in self.axes if name not in but]
        for values in itertools.product(*(self.axes[name] for name in names)):
            yield dict(zip(names, values, strict=True))

    def thinned(self, most: int) -> "Grid":
        """At most ``most`` values of each axis, ends included."""
        return Grid({name: _spread(values, most) for name, values in self.axes.items()})


def _spread(values: tuple[Any, ...], most: int) -> tuple[Any, ...]:
    if len(values) <= most:
        return values
    if most == 1:
        return values[-1:]
    return tuple(values[round(i * (len(values) - 1) / (most - 1))] for i in range(most))


class Only(tuple[Any, ...]):
    """Values of a domain parameter between which the theorem says nothing."""

    __slots__ = ()


def only(*values: Any) -> Only:
    """Isolated values: ``k=only(1, 3, 7, 15)``. A search for the worst case looks at no others, while between other
    numbers of a domain the theorem is meant to hold as well.
    """
    return Only(values)


def grid(**axes: Any) -> Grid:
    """A domain: ``grid(h=(0.5, 1.0), k=(1, 10, 100))``. A single value stands for a list of one; a theorem holds
    between the numbers as well, unless they are given by ``only(...)``.
    """
    spread = {
        name: values
        if isinstance(values, Only)
        else tuple(values)
        if isinstance(values, (tuple, list, range))
        else (values,)
        for name, values in axes.items()
    }
    for name, values in spread.items():
        if not values:
            raise InputError(f"domain: {name} has no values; list at least one.")
        if any(isinstance(value, float) and not math.isfinite(value) for value in values):
            raise InputError(f"domain: the values of {name} must be finite, not {values!r}.")
    if any(not isinstance(k, Integral) or isinstance(k, bool) or k < 0 for k in spread.get("k", ())):
        raise InputError(f"domain: k must be whole numbers of at least 0, not {spread['k']!r}.")
    return Grid(spread)


@dataclass(frozen=True)
class Attained:
    """An instance on which the bound is reached: at each point of ``at`` the ratio is at least ``at_least``.

    Where ``ratio`` is given, it is known in closed form, and both more and less than that (by ``within``, relative)
    is wrong.
    """

    problem: AnyProblem | None
    at_least: float
    at: Grid
    ratio: float | Callable[..., float] | None = None
    within: float = 0.0


@dataclass
class Control:
    """The theorem with one thing broken on purpose: the checker must refuse it.

    Whatever is None is as in the theorem. ``declare`` replaces constants by false values (numbers, or functions
    of the true constants), for the bound and the method alike.
    """

    title: str
    bound: Callable[..., float] | None = None
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """What is run: the part of a theorem that a control may replace."""

    method: Method | None
    measures: Measure | PairMeasure | None
    domain: Grid
    on: tuple[AnyProblem, ...]
    noise: tuple[NoiseSpec, ...]
    network: Callable[..., Any] | None
    experiment: Callable[..., Any] | None
    where: Callable[..., bool] | None
    declare: Mapping[str, Any] = field(default_factory=dict)
    claim: Claim = UPPER


@dataclass(eq=False)
class Theorem(Shown):
    """A registered theorem; made by :func:`theorem`."""

    id: str
    bound: Callable[..., float]
    setting: Setting
    claim: Claim
    assumes: Requirement
    source: str
    statement: str
    chapter: str
    module: str
    attained: tuple[Attained, ...]
    observes: tuple[str, ...]
    matched: bool
    slack: float
    labels: tuple[str, ...]
    formula: Callable[..., float] | None = None
    searches: tuple[ProblemSpec | ProblemFamily, ...] = ()
    search_domain: Grid | None = None
    corrected: "Theorem | None" = None
    controls: list[Control] = field(default_factory=list)
    survivors: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of its claim, or "refuted" for a printed statement that is false."""
        return "refuted" if self.corrected is not None else str(self.claim)

    def refuted(self, *, source: str, **changes: Any) -> "Callable[[Callable[..., float]], Theorem]":
        """Register a false statement as it is usually printed, beside this corrected one: decorate its bound.

        It is checked on the counterexamples that ``on`` names (or by its ``experiment``), in every point of its
        ``domain``: at least one must violate it, and this theorem must hold on all of them, or exclude them by
        its ``where``. ``changes`` replace arguments of :func:`theorem` (``on``, ``domain``, ``method``,
        ``measures``, ``noise``, ``network``, ``experiment``, ``where``, ``claim``, ``assumes``,
        ``search_domain``); the counterexamples satisfy what the printed statement assumes. ``source`` says where it
        is printed.
        """
        from simlab.vocabulary.registry import REGISTRY

        assumes = requirement(changes.pop("assumes", self.assumes))
        search_domain = changes.pop("search_domain", None)
        self._check_changes(changes, "refuted variant")

        def declare(bound: Callable[..., float]) -> Theorem:
            setting = replace(self.setting, **{"on": (), **_listed(changes)})
            made = replace(
                self, id=bound.__name__.replace("_", "-"), bound=bound, setting=setting, claim=setting.claim,
                assumes=assumes, source=source, statement=inspect.cleandoc(bound.__doc__ or ""),
                chapter=_chapter(bound.__module__), module=bound.__module__, attained=(), matched=False,
                formula=None, corrected=self, controls=[], search_domain=search_domain,
            )  # fmt: skip
            made._check_bound(bound, setting.domain)
            REGISTRY.add("theorem", made.id, made, bound.__module__)
            return made

        return declare

    def control(self, title: str, **changes: Any) -> Callable[[Callable[..., float]], Callable[..., float]]:
        """Register a control. ``changes`` are the arguments of :func:`theorem` that it replaces (``method``,
        ``measures``, ``domain``, ``on``, ``noise``, ``network``, ``experiment``, ``where``, ``claim``) or
        ``declare`` for false constants. Used as a decorator, the function is the false bound.
        """
        self._check_changes(changes, "control")
        made = Control(title, None, changes)
        self.controls.append(made)

        def tighten(bound: Callable[..., float]) -> Callable[..., float]:
            self._check_bound(bound, changes.get("domain", self.setting.domain))
            made.bound = bound
            return bound

        return tighten

    def reaches(
        self,
        ratio: float | Callable[..., float],
        by: AnyProblem | None = None,
        *,
        at: Grid,
        within: float = 1e-6,
    ) -> None:
        """State how much of the bound is reached on an instance, where that can be derived.

        A bound that is loose is violated by nothing when its constant is too small, and a low floor does not show
        either that it is too large. Where measured / bound (bound / measured for a lower bound) is known in closed
        form, it shows both. So does a second instance that attains a bound of several terms where another of them
        is the largest: its ratio is 1.

        Parameters
        ----------
        ratio
            The number, or a function of the constants and k that gives it.
        by
            The instance; None for an experiment.
        at
            The points of the domain.
        within
            The relative distance from ``ratio`` that is allowed: for a limit that is not quite reached.
        """
        if not (0 < within < 1 and (callable(ratio) or 0 < ratio <= 1)):
            raise InputError(
                f"theorem {self.id}: a ratio lies in (0, 1], and so does how far from it is allowed."
            )
        if callable(ratio):
            self._check_bound(ratio, at)
        least = 0.0 if callable(ratio) else ratio * (1 - within)
        self.attained += (Attained(by, least, at, ratio, within),)

    def survives(self, mutant: str, reason: str) -> None:
        """Say why a mutant of this theorem, named by its title in ``mutate``, may pass the check."""
        if not reason.strip():
            raise InputError(f"theorem {self.id}: say why the mutant {mutant!r} may survive.")
        self.survivors[mutant] = reason

    def _check_changes(self, changes: Mapping[str, Any], what: str) -> None:
        unknown = [name for name in changes if name not in Setting.__dataclass_fields__]
        if unknown:
            raise InputError(
                f"{what} of {self.id}: cannot change {', '.join(unknown)}; "
                f"a {what} may change {', '.join(Setting.__dataclass_fields__)} or the bound."
            )

    def _check_bound(self, bound: Callable[..., float], domain: Grid) -> None:
        extra = {*domain.axes, *self.setting.domain.axes, *self.observes}
        check_names(argument_names(bound), extra, f"the bound of {self.id}")

    def validate(self) -> None:
        """Refuse an entry that could never be trusted: without a control, a source or a statement."""
        if self.corrected is not None and not self.setting.on and self.setting.experiment is None:
            raise InputError(f"refuted statement {self.id} names no counterexample: give on= or experiment=.")
        if not self.controls and self.corrected is None:
            raise InputError(
                f"theorem {self.id} has no control: add one with @{self.id.replace('-', '_')}.control(...) "
                "that breaks an assumption or tightens the bound."
            )
        for control in self.controls:
            if control.bound is None and not control.changes:
                raise InputError(f"theorem {self.id}: control {control.title!r} changes nothing.")
        if not self.statement:
            raise InputError(f"theorem {self.id} has no docstring; state in one sentence what it promises.")


def theorem(
    *,
    source: str,
    domain: Grid,
    method: Method | None = None,
    assumes: type[Assumption] | Requirement | None = None,
    measures: Measure | PairMeasure | None = None,
    claim: Claim = UPPER,
    on: AnyProblem | Sequence[AnyProblem] = (),
    matched: bool = True,
    noise: NoiseSpec | Sequence[NoiseSpec] = (),
    network: Callable[..., Any] | None = None,
    experiment: Callable[..., Any] | None = None,
    where: Callable[..., bool] | None = None,
    attained_by: AnyProblem | Sequence[AnyProblem] = (),
    at_least: float = 0.9,
    attained_at: Grid | None = None,
    observes: Sequence[str] = (),
    slack: float = 0.1,
    labels: Sequence[str] = (),
    formula: Callable[..., float] | None = None,
    searches: ProblemSpec | ProblemFamily | Sequence[ProblemSpec | ProblemFamily] = (),
    search_domain: Grid | None = None,
) -> Callable[[Callable[..., float]], Theorem]:
    """Declare a theorem: decorate its bound, a function of the constants that its parameters name.

    Parameters
    ----------
    source
        Where the statement is from, with the theorem's number.
    domain
        The parameters over which it is checked; ``k`` lists the steps.
    method, assumes, measures
        The update rule, the assumptions (``Convex & Smooth``) and the measured quantity.
    claim
        ``UPPER`` (default), ``LOWER``, or an equality made by ``law``, ``limit`` or ``exponent``;
        ``UPPER_AS_COMPUTED`` for what rounding itself does.
    on, matched
        Problems to run on besides all registered ones that satisfy the assumptions; ``matched=False`` leaves
        the registered ones out (say why in the docstring).
        ``family.at(...)`` is built when it is run: write that for instances that take long or need SciPy, which
        must not be loaded just to list theorems.
    noise
        Noise models, given for each case in turn; none means the exact gradient, or, if ``BoundedVariance`` is
        assumed, every registered model of bounded variance.
    network
        A function of the domain's parameters (and of ``m``) that gives a ``Network``.
    experiment
        For a claim about no iterate: a function of the domain's parameters that returns the measured number.
        With parameters ``runs`` and ``rng`` it returns one number a run; with ``checkpoints`` it returns one
        for each k. It may return a pair (measured, constants) whose constants, named in ``observes``, the
        bound may use.
    where
        A predicate on the domain's parameters and the constants: combinations that it refuses are left out.
    attained_by, at_least, attained_at
        Instances that reach the bound: at each point of ``attained_at`` (default: the domain) the best of them
        has a ratio of at least ``at_least``. For an experiment the ratio of the experiment itself is meant
        when ``attained_at`` is given.
    slack
        How far above the bound the confidence limit may lie for a sampled case to count as holding; on attaining
        instances, and for laws, the default tier asks for half of it and the full tier for a tenth.
    labels
        ``"loose"`` or ``"asymptotic"`` and the like: shown, not judged. Only ``"vacuous"`` is: without it, an
        entry whose bound is a thousand times what is measured, in every case, is not called checked.
    formula
        The bound once more, for readers only, where its own code (loops, solvers) makes no readable formula: a
        function of the same constants. A test compares the two on every case.
    searches
        Problems on which ``attack`` searches for the worst instance besides those of ``on`` and, unless
        ``matched=False``, all families: ``family.at(...)`` with the parameters that are fixed; all others are free.
    search_domain
        Where ``attack`` looks for the parameters and the steps, when that is not between those of the domain.
    """
    from simlab.vocabulary.registry import REGISTRY

    def declare(bound: Callable[..., float]) -> Theorem:
        name = bound.__name__.replace("_", "-")
        if experiment is None and (method is None or measures is None):
            raise InputError(f"theorem {name} needs a method and what it measures, or an experiment.")
        _check_numbers(name, at_least, slack)
        _check_symbols(name, requirement(assumes))
        floors = tuple(Attained(p, at_least, attained_at or domain) for p in _several(attained_by))
        if experiment is not None and attained_at is not None:
            floors = (Attained(None, at_least, attained_at),)
        made = Theorem(
            id=name,
            bound=bound,
            setting=Setting(
                method, measures, domain, _several(on), _several(noise), network, experiment, where, {}, claim
            ),
            claim=claim,
            assumes=requirement(assumes),
            source=source,
            statement=inspect.cleandoc(bound.__doc__ or ""),
            chapter=_chapter(bound.__module__),
            module=bound.__module__,
            attained=floors,
            observes=tuple(observes),
            matched=matched and experiment is None,
            slack=slack,
            labels=tuple(labels),
            formula=formula,
            searches=_several(searches),
            search_domain=search_domain,
        )
        made._check_bound(bound, domain)
        if formula is not None:
            made._check_bound(formula, domain)
        REGISTRY.add("theorem", name, made, bound.__module__)
        return made

    return declare


def _check_numbers(name: str, at_least: float, slack: float) -> None:
    if not 0 < at_least <= 1:
        raise InputError(f"theorem {name}: at_least must lie in (0, 1], not {at_least!r}.")
    if not 0 < slack < 1:
        raise InputError(f"theorem {name}: the slack must lie in (0, 1), not {slack!r}.")


def _check_symbols(name: str, assumes: Requirement) -> None:
    """Refuse two assumptions whose constants have one letter: a bound could not tell which is meant."""
    owners: dict[str, type[Assumption]] = {}
    for cls in assumes:
        for symbol in cls.symbols:
            if symbol in owners:
                raise InputError(
                    f"theorem {name} assumes {owners[symbol].__name__} and {cls.__name__}, which both call their "
                    f"constant {symbol}; keep one of them."
                )
            owners[symbol] = cls


def _listed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with single problems and noise models as lists of one."""
    return {name: _several(what) if name in ("on", "noise") else what for name, what in changes.items()}


def _several(what: Any) -> tuple[Any, ...]:
    if isinstance(what, (list, tuple)):
        return tuple(what)
    return (what,)


def _chapter(module: str) -> str:
    parts = module.split(".")
    return parts[1].replace("_", "-") if parts[0] == "theorems" and len(parts) > 2 else parts[0]
