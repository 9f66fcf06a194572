"""Cases as text: what the command line and the database write, and read again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simlab.arguments import called, literal
from simlab.errors import InputError
from simlab.planning.cases import Case, noises_of
from simlab.search.candidate import Candidate
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import AnyProblem, Theorem


@dataclass(frozen=True)
class Written:
    """A case in words: the instance as ``family(parameter=value, ...)`` or the number of one that the theorem
    names, its noise likewise, and the theorem's parameters with the step ``k``.
    """

    on: str = ""
    noise: str = ""
    at: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The words in one line."""
        parts = [self.on, *(f"{name}={value}" for name, value in self.at.items())]
        return ", ".join(part for part in (*parts, f"noise {self.noise}" if self.noise else "") if part)

    def candidate(self, theorem: Theorem) -> Candidate:
        """The candidate that the words describe.

        Raises
        ------
        InputError
            When they name what does not exist, or leave out a parameter.
        """
        point = {name: literal(value, name) for name, value in self.at.items()}
        wanted = theorem.setting.domain.axes
        for name in point:
            if name not in (*wanted, "k"):
                raise InputError(f"theorem {theorem.id} has no parameter {name}; it has {', '.join(wanted)}.")
        for name, values in wanted.items():
            if name not in point and len(values) > 1:
                raise InputError(
                    f"theorem {theorem.id} needs {name}; give for example --at {name}={values[0]}."
                )
            point.setdefault(name, values[0])
        k = point.get("k", 0)
        if isinstance(k, bool) or not isinstance(k, int) or k < 0:
            raise InputError(f"the step k must be a whole number of at least 0, not {k!r}.")
        if theorem.setting.experiment is not None:
            if self.on or self.noise:
                raise InputError(
                    f"{theorem.id} is an experiment, which has no problem and no noise to choose."
                )
            return Candidate(None, point, (k,))
        point.pop("k", None)
        return Candidate(_instance(theorem, self.on), point, (k,), noise=_model(theorem, self.noise))


def written(candidate: Candidate, case: Case, k: int) -> Written:
    """A case at one step in words.

    Raises
    ------
    InputError
        When a parameter cannot be written.
    """
    at = {name: literal_text(value, name) for name, value in candidate.point.items()}
    at["k"] = str(k)
    theorem = case.theorem
    if case.problem is None:
        return Written(at=at)
    own = [i for i, source in enumerate(theorem.setting.on) if source is candidate.source]
    if own and not candidate.free:
        return Written(str(own[0] + 1), _noise_text(theorem, candidate.noise), at)
    family = case.problem.family
    assert family is not None
    defaults = {name: parameter.default for name, parameter in family.signature.items()}
    given = {
        name: literal_text(value, name)
        for name, value in case.problem.parameters.items()
        if not _same(value, defaults[name])
    }
    return Written(_call_text(family.name, given), _noise_text(theorem, candidate.noise), at)


def _same(value: Any, default: Any) -> bool:
    return value is default or (np.shape(value) == np.shape(default) and bool(np.all(value == default)))


def _call_text(name: str, given: Mapping[str, str]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in given.items())})" if given else name


def literal_text(value: Any, name: str) -> str:
    """A number, text or (nested) tuple as Python reads it back, digit by digit.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        inside = [literal_text(inner, name) for inner in value]
        return f"({', '.join(inside)}{',' if len(inside) == 1 else ''})"
    if isinstance(value, float) and math.isinf(value):
        return "1e999" if value > 0 else "-1e999"  # what literals have for infinity
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    raise InputError(f"{name}={value!r} cannot be written as a number, text or tuple of them.")


def _instance(theorem: Theorem, words: str) -> AnyProblem:
    """The instance in words, or one of the theorem's own by its number."""
    own = theorem.setting.on
    if words.isdecimal() or not words:
        number = int(words or 1)
        if not 1 <= number <= len(own):
            raise InputError(
                f"theorem {theorem.id} names {len(own)} instances of its own, and {words or 'none'} was asked for; "
                "give --on 'family(parameter=value, ...)'."
            )
        return own[number - 1]
    name, given = called(words, REGISTRY.of("problem"), "problem")
    try:
        made: AnyProblem = REGISTRY.of("problem")[name](**{k: literal(v, k) for k, v in given.items()})
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"problem {words} cannot be built: {error}.") from None
    return made


def _model(theorem: Theorem, words: str) -> NoiseSpec | None:
    """The noise model in words, or one of the theorem's own by its number; its first one without words."""
    models = noises_of(theorem)
    if not words:
        return models[0] if models else None
    if words.isdecimal():
        if not 1 <= int(words) <= len(models):
            raise InputError(f"theorem {theorem.id} has {len(models)} noise models, not {words}.")
        return models[int(words) - 1]
    name, given = called(words, REGISTRY.of("noise"), "noise model")
    spec: NoiseSpec = REGISTRY.of("noise")[name](**{key: literal(v, key) for key, v in given.items()})
    return spec


def _noise_text(theorem: Theorem, noise: NoiseSpec | None) -> str:
    if noise is None:
        return ""
    own = [i for i, model in enumerate(noises_of(theorem)) if model == noise]
    if own:
        return str(own[0] + 1)
    return _call_text(noise.name, {key: literal_text(v, key) for key, v in noise.parameters.items()})
