"""Cases: one theorem on one problem instance with one set of parameters, ready to run."""

import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.planning.tiers import Tier
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedVariance,
    Composite,
    CoordinateSmooth,
    DoublyStochastic,
    RandomMixing,
    Workers,
    closure,
)
from simlab.vocabulary.claim import Claim
from simlab.vocabulary.constants import argument_names, evaluate
from simlab.vocabulary.network import Network
from simlab.vocabulary.noise import EXACT, Noise, NoiseSpec
from simlab.vocabulary.problem import Problem, ProblemFamily, ProblemKernels, ProblemSpec
from simlab.vocabulary.quantity import PairMeasure
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import AnyProblem, Attained, Control, Grid, Setting, Theorem


@dataclass(frozen=True, eq=False)
class Case:
    """The unit that is run, judged, reproduced.

    ``known`` holds every constant of the case by symbol; ``role`` is "claim", "attained" or "control". An attaining
    case has a ratio of ``floor`` at least and, where it is known exactly, of ``most`` at most.
    """

    theorem: Theorem
    setting: Setting
    parameters: Mapping[str, Any]
    checkpoints: tuple[int, ...]
    known: Mapping[str, Any]
    problem: Problem | None = None
    noise: Noise = EXACT
    network: Network | None = None
    control: Control | None = None
    floor: float | None = None
    most: float | None = None
    role: str = "claim"

    @functools.cached_property
    def label(self) -> str:
        """What tells this case from the others of its theorem; seeds are derived from it."""
        parts = [f"{name}={_short(value)}" for name, value in self.parameters.items()]
        if self.problem is not None:
            parts.insert(0, self.problem.label)
        if self.noise is not EXACT:
            parts.append(self.noise.label or self.noise.name)
        if self.network is not None:
            parts.append(self.network.label)
        if self.control is not None:
            parts.append(f"control: {self.control.title}")
        return ", ".join(parts)

    @property
    def key(self) -> str:
        """The name from which the random streams of the case are derived."""
        return f"{self.theorem.id}: {self.label}"

    @property
    def claim(self) -> Claim:
        """What is claimed of the measured quantity."""
        return self.setting.claim

    def bounds(self, observed: Mapping[str, Any] | None = None) -> Vector:
        """The stated value at each checkpoint.

        Raises
        ------
        InputError
            When the bound is not a finite number, or a lower or upper bound is negative.
        """
        function = (self.control and self.control.bound) or self.theorem.bound
        out = np.empty(len(self.checkpoints))
        for c, k in enumerate(self.checkpoints):
            stated = evaluate(
                function, {**self.known, "k": k, **(observed or {})}, f"the bound of {self.theorem.id}"
            )
            try:
                out[c] = float(stated)
            except (TypeError, ValueError):
                out[c] = np.nan
            if not np.isfinite(out[c]):
                raise InputError(
                    f"the bound of {self.theorem.id} gives {stated!r} at k={k} for {self.label or 'its case'}; "
                    "it must be a finite number everywhere on its domain."
                )
        return out

    def at(self, k: int) -> "Case":
        """This case measured at one step only."""
        return replace(self, checkpoints=(k,))


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@dataclass
class Plan:
    """The cases of one theorem, and why registered problems were left out."""

    theorem: Theorem
    claims: list[Case] = field(default_factory=list)
    attained: list[Case] = field(default_factory=list)
    controls: list[tuple[Control, list[Case]]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    corrected: list[Case] = field(default_factory=list)


def plan(theorem: Theorem, tier: Tier) -> Plan:
    """Expand a theorem into cases on every problem that satisfies its assumptions."""
    made = Plan(theorem)
    setting = replace(theorem.setting, domain=theorem.setting.domain.thinned(tier.values))
    instances: list[AnyProblem] = list(setting.on)
    if theorem.matched:
        matching, made.refused = matching_instances(theorem, tier.instances)
        instances += matching
    if theorem.corrected is not None:
        setting = theorem.setting  # a refutation is run whole
        made.corrected = list(corrected_cases(theorem, theorem.corrected, tier))
    made.claims = list(_expand(theorem, setting, instances, tier))
    for attained in theorem.attained:
        narrowed = replace(setting, domain=attained.at.thinned(tier.values))
        source = [] if attained.problem is None else [attained.problem]
        cases = [
            _attaining(case, attained)
            for expanded in _expand(theorem, narrowed, source, tier, each_k=True)
            for case in ([expanded.at(k) for k in expanded.checkpoints] if attained.ratio else [expanded])
        ]
        if not cases:
            raise InputError(
                f"theorem {theorem.id}: an attaining instance has no case; check attained_at and where."
            )
        made.attained += cases
    for control in theorem.controls:
        made.controls.append((control, list(control_cases(theorem, control, instances, tier))))
    if not made.claims:
        raise InputError(
            f"theorem {theorem.id} has nothing to run on: no registered problem satisfies "
            f"{', '.join(c.__name__ for c in theorem.assumes) or 'its assumptions'}; name an instance with on=."
        )
    return made


def _attaining(case: Case, attained: Attained) -> Case:
    """The case with the ratio that it must have."""
    ratio = attained.ratio
    if ratio is None:
        return replace(case, role="attained", floor=attained.at_least)
    if callable(ratio):
        known = {**case.known, "k": case.checkpoints[-1]}
        ratio = float(evaluate(ratio, known, f"a ratio of {case.theorem.id}"))
    floor, most = ratio * (1 - attained.within), ratio * (1 + attained.within)
    return replace(case, role="attained", floor=floor, most=most)


def case_on(
    theorem: Theorem,
    problem: AnyProblem | None,
    checkpoints: Iterable[int],
    noise: NoiseSpec | None = None,
    /,  # parameters of a domain may have these names
    **parameters: Any,
) -> Case:
    """One case of a theorem on an instance of one's choice: for figures, notebooks and searches.

    ``problem`` is None for an experiment; ``parameters`` are those of the domain. Raises :class:`InputError` where
    an assumption does not hold, and where the theorem leaves these parameters out.
    """
    steps = tuple(sorted({int(k) for k in checkpoints}))
    if problem is None:
        made = _experiment(theorem, theorem.setting, parameters, steps, None)
    else:
        model = noise if noise is not None else next(iter(noises_of(theorem)), None)
        made = _case(theorem, theorem.setting, problem, parameters, model, steps, None)
    if made is None:
        raise InputError(f"theorem {theorem.id} leaves out {parameters} on this instance; see its where.")
    return made


def noises_of(theorem: Theorem) -> tuple[NoiseSpec, ...]:
    """The noise models that a theorem is checked with: its own, or those that its assumptions allow."""
    return theorem.setting.noise or _default_noise(theorem)


def one_step_each(setting: Setting, *specs: ProblemSpec | NoiseSpec) -> bool:
    """Whether a run is for one step k only: the method, the instance, the noise or ``where`` depends on it."""
    excluding = setting.where is not None and {"k", "K"} & set(argument_names(setting.where))
    return bool(excluding) or _uses_horizon(setting) or any(_uses_k(spec) for spec in specs)


def corrected_cases(printed: Theorem, corrected: Theorem, tier: Tier) -> Iterator[Case]:
    """The corrected statement on the counterexamples to the printed one, but for those its ``where`` excludes."""
    at = printed.setting
    setting = replace(
        corrected.setting, on=at.on, domain=at.domain, noise=at.noise, network=at.network,
        experiment=at.experiment,
    )  # fmt: skip
    yield from _expand(corrected, setting, list(at.on), tier)


def matching_instances(theorem: Theorem, most: int) -> tuple[list[AnyProblem], dict[str, str]]:
    """Gallery instances of the registered problems that satisfy the assumptions, and why others do not."""
    matching: list[AnyProblem] = []
    refused: dict[str, str] = {}
    for name, family in sorted(REGISTRY.of("problem").items()):
        lacks = lacking(theorem.setting, family.kernels)
        if lacks:
            refused[name] = f"has no {', '.join(lacks)}"
            continue
        fitting: list[AnyProblem] = []
        for instance in family.instances():
            missing = unfit(theorem, instance)
            if missing:
                refused.setdefault(name, f"not {', '.join(missing)}")
            else:
                fitting.append(instance)
        if fitting:
            refused.pop(name, None)
        matching += fitting[:most]
    return matching, refused


def unfit(theorem: Theorem, instance: Problem) -> list[str]:
    """Why a theorem is not about an instance, in words; an empty list where it is."""
    needed = [cls for cls in theorem.assumes if not _of_noise(cls) and not _of_network(cls)]
    missing = [cls.__name__ for cls in needed if cls not in instance.known]
    if missing:
        return missing
    if Workers in instance.known and Workers not in theorem.assumes:
        return ["one machine"]
    if Composite in instance.known and Composite not in theorem.assumes:
        return ["without a non-smooth part"]
    if isinstance(theorem.setting.measures, PairMeasure) and not len(instance.neighbours):
        return ["with neighbouring data sets"]
    if instance.region is not None and BoundedVariance in theorem.assumes:
        return ["smooth everywhere: noise leaves the region on which its constants hold"]
    return []


def _of_noise(cls: type[Assumption]) -> bool:
    return cls in (BoundedVariance, CoordinateSmooth)


def _of_network(cls: type[Assumption]) -> bool:
    return cls in (DoublyStochastic, RandomMixing)


def control_cases(
    theorem: Theorem, control: Control, instances: list[AnyProblem], tier: Tier
) -> Iterator[Case]:
    """The cases of a control: on the instances that it names, else on those that attain the bound, else on all."""
    changes = dict(control.changes)
    for name in ("on", "noise"):
        if name in changes:
            given = changes[name]
            changes[name] = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    setting = replace(theorem.setting, **changes)
    each_k = False
    if "on" in changes:
        chosen: list[AnyProblem] = list(setting.on)
    else:
        floors = [a for a in theorem.attained if a.ratio is None]
        chosen = [a.problem for a in floors if a.problem is not None] or list(instances)
        each_k = any(a.problem is not None for a in floors)
        if "domain" not in changes and floors:
            setting = replace(setting, domain=floors[0].at)
    if "domain" not in changes:
        setting = replace(setting, domain=setting.domain.thinned(tier.values))
    for case in _expand(theorem, setting, chosen, tier, each_k=each_k, control=control):
        yield replace(case, role="control", control=control)


def counterpart(case: Case) -> Case | None:
    """What the theorem itself says where a control runs: on the same instance, at the same point of the domain,
    with everything else as it is stated. None where the theorem's ``where`` leaves this out, unless the control
    changes that.

    Raises
    ------
    InputError
        When an assumption of the theorem does not hold there, or a parameter of its domain is missing.
    """
    theorem, changed = case.theorem, case.control.changes if case.control is not None else {}
    setting = replace(theorem.setting, domain=case.setting.domain)
    if "where" in changed:
        setting = replace(setting, where=None)
    if setting.experiment is not None:
        single = Grid({name: (value,) for name, value in case.parameters.items()})
        steps = {} if "k" in single.axes else {"k": case.checkpoints}
        point = replace(setting, domain=Grid({**single.axes, **steps}))
        return next(_experiments(theorem, point, None), None)
    assert case.problem is not None
    model: NoiseSpec | None = None
    if "noise" in changed:
        model = next(iter(theorem.setting.noise or _default_noise(theorem)), None)
    elif case.noise is not EXACT:
        model = NoiseSpec(lambda problem: case.noise, case.noise.name)
    return _case(theorem, setting, case.problem, dict(case.parameters), model, case.checkpoints, None)


def _expand(
    theorem: Theorem,
    setting: Setting,
    instances: list[AnyProblem],
    tier: Tier,
    each_k: bool = False,
    control: Control | None = None,
) -> Iterator[Case]:
    """Every combination of instance, domain point and noise. ``each_k`` gives each step a case of its own,
    for instances that depend on k; so does a problem or a noise model with a parameter that is a function of k, and
    a method that is tuned to its last step K.
    """
    if setting.experiment is not None:
        yield from _experiments(theorem, setting, control)
        return
    noises = setting.noise or _default_noise(theorem)  # a control may change the noise
    turn = 0
    for source in instances:
        specs: tuple[ProblemSpec | NoiseSpec, ...] = noises
        if isinstance(source, ProblemSpec):
            specs = (source, *noises)
        depends_on_k = each_k or _uses_horizon(setting) or any(_uses_k(spec) for spec in specs)
        for point in setting.domain.points():
            models: tuple[NoiseSpec | None, ...] = noises or (None,)
            if noises and not tier.all_noise:
                models = (noises[turn % len(noises)],)
                turn += 1
            for model in models:
                groups = (
                    [(k,) for k in setting.domain.checkpoints]
                    if depends_on_k
                    else [setting.domain.checkpoints]
                )
                for checkpoints in groups:
                    case = _case(theorem, setting, source, point, model, checkpoints, control)
                    if case is not None:
                        yield case


def _uses_horizon(setting: Setting) -> bool:
    parameters = setting.method.parameters.values() if setting.method is not None else ()
    return any(callable(v) and "K" in argument_names(v) for v in parameters)


def _uses_k(spec: ProblemSpec | NoiseSpec) -> bool:
    return any(callable(v) and {"k", "K"} & set(argument_names(v)) for v in spec.parameters.values())


def _default_noise(theorem: Theorem) -> tuple[NoiseSpec, ...]:
    if BoundedVariance not in theorem.assumes:
        return ()
    families = [family for _, family in sorted(REGISTRY.of("noise").items()) if family.bounded_variance]
    return tuple(family(variance=1.0) for family in families)


def _experiments(theorem: Theorem, setting: Setting, control: Control | None) -> Iterator[Case]:
    assert setting.experiment is not None
    whole = "checkpoints" in argument_names(setting.experiment)
    for point in setting.domain.points(("k",) if whole else ()):
        checkpoints = setting.domain.checkpoints if whole else (point.get("k", 0),)
        case = _experiment(theorem, setting, point, checkpoints, control)
        if case is not None:
            yield case


def _experiment(
    theorem: Theorem,
    setting: Setting,
    point: dict[str, Any],
    checkpoints: tuple[int, ...],
    control: Control | None,
) -> Case | None:
    """One case of an experiment, or None when ``where`` leaves it out."""
    known = {**point, "K": checkpoints[-1]}
    known = {**known, **_declared(setting, known)}
    if setting.where is not None and not evaluate(setting.where, known, f"where of {theorem.id}"):
        return None
    return Case(theorem, setting, point, checkpoints, known, control=control)


def _case(
    theorem: Theorem,
    setting: Setting,
    source: AnyProblem,
    point: dict[str, Any],
    model: NoiseSpec | None,
    checkpoints: tuple[int, ...],
    control: Control | None,
) -> Case | None:
    """One case, or None when ``where`` leaves it out.

    Raises
    ------
    InputError
        When an assumption of the theorem does not hold on the instance (a control may break them).
    """
    known: dict[str, Any] = {**point, "K": checkpoints[-1]}
    if len(checkpoints) == 1:
        known["k"] = checkpoints[0]
    if isinstance(source, ProblemFamily):
        source = source()
    problem = source.resolve(known) if isinstance(source, ProblemSpec) else source
    _check_kernels(theorem, setting, problem)
    known.update(problem.universal)
    assumptions = dict(problem.known)
    # What theorems assume of the problem may enter the parameters of the noise and of the network.
    known.update(symbols(theorem, assumptions))
    noise = model.resolve(problem, known) if model is not None else EXACT
    assumptions.update(closure(noise.assumptions))
    network = None
    if setting.network is not None:
        network = evaluate(setting.network, known, f"network of {theorem.id}")
        assumptions.update(closure(network.assumptions))
        known.update(network.constants)
    missing = [cls.__name__ for cls in theorem.assumes if cls not in assumptions]
    if missing and control is None:
        raise InputError(
            f"theorem {theorem.id} assumes {', '.join(missing)}, which {problem.label} does not satisfy; "
            "only a control may break an assumption."
        )
    known.update(symbols(theorem, assumptions))
    if control is None:
        _check_constants(theorem, problem, known, point)
    known.update(point)
    known.update(_declared(setting, known))
    if setting.where is not None and not evaluate(setting.where, known, f"where of {theorem.id}"):
        return None
    return Case(theorem, setting, point, checkpoints, known, problem, noise, network, control)


def _check_kernels(theorem: Theorem, setting: Setting, problem: Problem) -> None:
    """Refuse a method on a problem without what it asks for, even in a control: that would only show NaN."""
    lacks = lacking(setting, problem.kernels)
    if lacks:
        raise InputError(f"theorem {theorem.id}: {problem.label} has no {', '.join(lacks)} for its method.")


def lacking(setting: Setting, kernels: ProblemKernels) -> list[str]:
    """The kernels that the method asks for and the problem does not have."""
    needs = setting.method.family.needs if setting.method else ()
    return [kernel for kernel in needs if kernel != "rng" and not kernels.has(kernel)]


def _check_constants(
    theorem: Theorem, problem: Problem, known: Mapping[str, Any], point: Mapping[str, Any]
) -> None:
    """Refuse a parameter of the domain that has the name, but not the value, of a constant of the instance."""
    for name, value in point.items():
        if isinstance(value, (int, float)) and not math.isclose(known.get(name, value), value, rel_tol=1e-9):
            raise InputError(
                f"theorem {theorem.id}: its domain says {name}={value}, but {problem.label} has "
                f"{name}={known[name]:.6g}; rename the parameter, or make the instance from it."
            )


def symbols(theorem: Theorem, assumptions: Mapping[type[Assumption], Assumption]) -> dict[str, float]:
    """The constants of what the theorem assumes, by symbol."""
    found: dict[str, float] = {}
    for cls in theorem.assumes:
        if cls in assumptions:
            for symbol, name in cls.symbols.items():
                found[symbol] = float(getattr(assumptions[cls], name))
    return found


def _declared(setting: Setting, known: Mapping[str, Any]) -> dict[str, Any]:
    return {name: evaluate(value, known, f"the declared {name}") for name, value in setting.declare.items()}
