"""All that is known of one entry, as titled sections of lines: what ``show`` prints."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simlab.planning.cases import matching_instances
from simlab.reports.formulas import UnreadableError, formula
from simlab.reports.statement import (
    constants_used,
    grid_text,
    instance_text,
    method_text,
    noise_text,
    statement,
    value_text,
)
from simlab.reports.words import first_paragraph
from simlab.vocabulary.assumptions import Assumption, BoundedVariance
from simlab.vocabulary.method import REQUIRED, MethodFamily
from simlab.vocabulary.noise import NoiseFamily
from simlab.vocabulary.problem import Problem, ProblemFamily
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Attained, Control, Theorem


@dataclass(frozen=True)
class Section:
    """A title with its lines. ``verbatim`` lines are code or LaTeX, never wrapped."""

    title: str
    lines: Sequence[str]
    verbatim: bool = False


def kept(sections: Sequence[Section]) -> list[Section]:
    """The sections that say something."""
    return [section for section in sections if any(section.lines)]


# --- theorems ------------------------------------------------------------------------------------------------


def theorem_sections(theorem: Theorem) -> list[Section]:
    """A theorem: its statement and everything that it depends on."""
    made = statement(theorem)
    setting, method = theorem.setting, theorem.setting.method
    where = [f"{d.name} = {d.text}" for d in made.where if "\n" not in d.text]
    code = [line for d in made.where if "\n" in d.text for line in d.text.splitlines()]
    return kept(
        [
            Section("", [" ".join(paragraph.split()) for paragraph in theorem.statement.split("\n\n")]),
            Section("statement", [made.text]),
            Section("where", where),
            Section("code of the bound", code, verbatim=True),
            Section("in LaTeX", [made.latex, *(d.latex for d in made.where if d.latex)], verbatim=True),
            Section("constants", [f"{name}: {words}" for name, words in constants_used(theorem).items()]),
            Section("assumptions", assumption_lines(theorem)),
            Section("method", [] if method is None else method_lines(method.family, method.parameters)),
            Section("measured", [_measured(theorem)]),
            Section("noise", _noise_lines(theorem)),
            Section("network", [] if setting.network is None else [value_text(setting.network)]),
            Section("domain", [grid_text(setting.domain), *_where_line(theorem)]),
            Section("claim", [_claim_line(theorem)]),
            Section("refuted: the corrected statement is", _corrected_lines(theorem)),
            Section("as printed, refuted", _printed_lines(theorem)),
            Section(
                "runs on" if setting.where is None else "runs on, where its domain allows", run_lines(theorem)
            ),
            Section("does not run on", refusal_lines(theorem)),
            Section("attained by", attained_lines(theorem)),
            Section("controls", [control_line(control) for control in theorem.controls]),
            Section("source", [theorem.source]),
            Section("declared in", [_place(theorem.bound)]),
        ]
    )


def assumption_lines(theorem: Theorem) -> list[str]:
    """The assumptions, each with its sentence."""
    return [f"{needed.__name__}: {needed.statement or needed.__doc__}" for needed in theorem.assumes]


def method_lines(family: MethodFamily, parameters: Any) -> list[str]:
    """The rule of a method and its hyper-parameters."""
    given = [f"{name} = {value_text(value)}" for name, value in parameters.items()]
    return [f"{family.name}: {first_paragraph(family.rule)}", *given]


def _measured(theorem: Theorem) -> str:
    experiment = theorem.setting.experiment
    if experiment is None:
        return str(theorem.setting.measures)
    name = getattr(experiment, "__name__", "a function").replace("<lambda>", "a function")
    words = first_paragraph(experiment.__doc__ or "") if inspect.isfunction(experiment) else ""
    return f"experiment {name}: {words}" if words else f"experiment {name}"


def _noise_lines(theorem: Theorem) -> list[str]:
    if theorem.setting.noise:
        return [noise_text(spec) for spec in theorem.setting.noise]
    if BoundedVariance not in theorem.assumes:
        return []
    names = [name for name, family in sorted(REGISTRY.of("noise").items()) if family.bounded_variance]
    return [f"every registered model of bounded variance: {', '.join(names)}"]


def _where_line(theorem: Theorem) -> list[str]:
    where = theorem.setting.where
    return [] if where is None else [f"only where {value_text(where)}"]


def _corrected_lines(theorem: Theorem) -> list[str]:
    return [] if theorem.corrected is None else [theorem.corrected.id]


def _printed_lines(theorem: Theorem) -> list[str]:
    """The false statements that are printed in place of this one."""
    entries: list[Theorem] = list(REGISTRY.of("theorem").values())
    return [f"{e.id}: {statement(e).text}" for e in entries if e.corrected is theorem]


def _claim_line(theorem: Theorem) -> str:
    claim = theorem.claim
    words = str(claim)
    if claim.name in ("limit", "exponent"):
        words += f", within {claim.tolerance:g} of the stated value"
    return ", ".join([words, *theorem.labels])


def run_lines(theorem: Theorem) -> list[str]:
    """The problems that a theorem runs on: those it names, and the registered ones that match."""
    named = [f"{instance_text(source)} (named by the theorem)" for source in theorem.setting.on]
    if not theorem.matched:
        return named
    instances, _ = matching_instances(theorem, 10**9)
    found = [instance for instance in instances if isinstance(instance, Problem)]
    return [*named, *(instance.label for instance in found)]


def refusal_lines(theorem: Theorem) -> list[str]:
    """The registered problems that a theorem does not run on, by reason."""
    if theorem.setting.experiment is not None:
        return []
    if not theorem.matched:
        return ["other problems: the theorem is checked on the instances that it names only (matched=False)"]
    reasons: dict[str, list[str]] = {}
    for name, reason in matching_instances(theorem, 10**9)[1].items():
        reasons.setdefault(reason, []).append(name)
    return [f"{', '.join(names)}: {reason}" for reason, names in sorted(reasons.items())]


def attained_lines(theorem: Theorem) -> list[str]:
    """The instances that reach the bound, with the least ratio that is asked of them, or the exact one."""
    return [
        f"{'the experiment' if a.problem is None else instance_text(a.problem)}: "
        f"{_ratio_text(a)} at {grid_text(a.at)}"
        for a in theorem.attained
    ]


def _ratio_text(attained: Attained) -> str:
    if attained.ratio is None:
        return f"ratio at least {attained.at_least:g}"
    if callable(attained.ratio):
        return f"ratio {_bound_text(attained.ratio)}"
    return f"ratio {attained.ratio:.6g}"


def control_line(control: Control) -> str:
    """A control's title, and what it changes."""
    changes = [] if control.bound is None else [f"bound = {_bound_text(control.bound)}"]
    changes += [f"{name}: {_change_text(name, value)}" for name, value in control.changes.items()]
    return f"{control.title} ({'; '.join(changes)})"


def _bound_text(bound: Callable[..., float]) -> str:
    try:
        made = formula(bound)
    except UnreadableError:
        return value_text(bound)
    where = ", ".join(f"{d.name} = {d.text}" for d in made.where)
    return f"{made.text}, where {where}" if where else made.text


def _change_text(name: str, value: Any) -> str:
    items = value if isinstance(value, list | tuple) else (value,)
    match name:
        case "method":
            return method_text(value)
        case "domain":
            return grid_text(value)
        case "on":
            return ", ".join(map(instance_text, items))
        case "noise":
            return ", ".join(map(noise_text, items))
        case "declare":
            return ", ".join(f"{key} = {value_text(inner)}" for key, inner in value.items())
        case _:
            return value_text(value)


def _place(function: Any) -> str:
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


# --- problems, methods, noise --------------------------------------------------------------------------------


def problem_sections(family: ProblemFamily) -> list[Section]:
    """A problem family: what it is, its parameters, and its gallery with the constants of each instance."""
    kernels = ("value", "gradient", "component", "hessian", "prox")
    lines = [line for instance in family.instances() for line in instance_lines(instance)]
    return kept(
        [
            Section("", _paragraphs(family.description)),
            Section("in LaTeX", [family.formula], verbatim=True),
            Section("parameters", parameter_lines(family.build)),
            Section("kernels", [", ".join(name for name in kernels if family.kernels.has(name))]),
            Section("instances on which matching theorems are checked", lines, verbatim=True),
            Section("declared in", [_place(family.build)]),
        ]
    )


def instance_lines(instance: Problem) -> list[str]:
    """An instance with what it satisfies, and on which region."""
    known = sorted(map(assumption_text, instance.known.values()))
    region = "everywhere" if instance.region is None else f"within {instance.region:g} of the minimizer"
    return [
        instance.label,
        f"    d = {instance.dimension}, minimum = {instance.minimum:.6g}, holds {region}",
        f"    {', '.join(known)}",
    ]


def assumption_text(assumption: Assumption) -> str:
    """``Smooth(L=4)``."""
    inside = (f"{s}={getattr(assumption, name):.6g}" for s, name in assumption.symbols.items())
    joined = ", ".join(inside)
    return f"{type(assumption).__name__}({joined})" if joined else type(assumption).__name__


def parameter_lines(build: Any) -> list[str]:
    """The parameters of a constructor with their defaults."""
    return [
        name if p.default is inspect.Parameter.empty else f"{name} = {value_text(p.default)}"
        for name, p in inspect.signature(build).parameters.items()
    ]


def method_sections(family: MethodFamily) -> list[Section]:
    """A method: its rule, hyper-parameters and what it needs."""
    given = [n if v is REQUIRED else f"{n} = {value_text(v)}" for n, v in family.parameters.items()]
    users = [
        t.id
        for t in REGISTRY.of("theorem").values()
        if t.setting.method and t.setting.method.family is family
    ]
    return kept(
        [
            Section("update rule", _paragraphs(family.rule)),
            Section("hyper-parameters", given),
            Section("may be measured besides x", [", ".join(family.outputs)]),
            Section("needs besides the gradient", [", ".join(n for n in family.needs if n != "rng")]),
            Section("theorems about it", users),
            Section("declared in", [_place(family.step.function)]),
        ]
    )


def noise_sections(family: NoiseFamily) -> list[Section]:
    """A noise model: what it is, and its parameters."""
    used = "yes" if family.bounded_variance else "no, only where an entry names it"
    return kept(
        [
            Section("", _paragraphs(family.description)),
            Section("parameters", parameter_lines(family.build)[1:]),
            Section("given to theorems about noise of bounded variance", [used]),
            Section("declared in", [_place(family.build)]),
        ]
    )


def _paragraphs(words: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in words.split("\n\n")]


SECTIONS: dict[str, Callable[[Any], list[Section]]] = {
    "theorem": theorem_sections,
    "problem": problem_sections,
    "method": method_sections,
    "noise": noise_sections,
}
