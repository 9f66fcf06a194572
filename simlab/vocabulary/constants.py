"""The vocabulary of constants: every name that a bound, a hyper-parameter or a domain may use."""

import functools
import inspect
import math
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simlab.errors import InputError
from simlab.vocabulary import assumptions as _assumptions
from simlab.vocabulary.assumptions import Assumption

# Names that any instance has, whatever it assumes.
UNIVERSAL = {
    "k": "the step at which the quantity is measured",
    "K": "the last step of the run",
    "d": "the dimension",
    "R": "|x_0 - x*|, the distance from the start to the minimizer",
    "D": "f(x_0) - f*, the initial suboptimality",
    "g0": "|grad f(x_0)|, the initial gradient norm",
    "f_star": "f*, the infimum of f",
    "x0": "|x_0|_inf, the largest coordinate of the start in magnitude",
    "sigma2_star": "(1/n) sum |grad f_i(x*)|^2, the gradient variance at the minimizer",
    "w_min": "the smallest eigenvalue of the mixing matrix",
    "disagreement": "|X_0 - mean X_0|_F, the initial consensus error",
    "D_mean": "the mean over the workers of f - f* at their starts",
    "D_best": "the least f - f* at the workers' starts",
}


@functools.cache
def _from_assumptions() -> dict[str, str]:
    words: dict[str, str] = {}
    for item in vars(_assumptions).values():
        if isinstance(item, type) and issubclass(item, Assumption):
            for symbol, name in item.symbols.items():
                words[symbol] = f"{name.replace('_', ' ')}: {item.statement}"
    return words


def vocabulary() -> dict[str, str]:
    """Every constant's symbol with its meaning."""
    return {**UNIVERSAL, **_from_assumptions()}


@functools.lru_cache(maxsize=4096)  # asked for in every step of a schedule
def argument_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the constants that a function asks for."""
    if isinstance(function, types.FunctionType) and not hasattr(function, "__wrapped__"):
        code = function.__code__
        if not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
            return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]  # ten times faster
    return tuple(inspect.signature(function).parameters)


def evaluate(function: Any, known: Mapping[str, Any], what: str) -> Any:
    """``function`` of the constants that its parameters name; anything that is no function is itself.

    Raises :class:`InputError` when a named constant is not known here.
    """
    if not callable(function):
        return function
    names = argument_names(function)
    try:
        arguments = {name: known[name] for name in names}
    except KeyError:
        missing = [name for name in names if name not in known]
        raise InputError(
            f"{what} asks for {', '.join(missing)}, which this case does not have; "
            f"it has {', '.join(sorted(known))}."
        ) from None
    return function(**arguments)


def number(value: Any, what: str) -> float:
    """``value`` as a finite float, or one sentence that names what is wrong."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{what} must be a number, not {value!r}.") from None
    if not math.isfinite(result):
        raise InputError(f"{what} must be finite, not {result}.")
    return result


def check_names(names: Iterable[str], extra: Iterable[str], what: str) -> None:
    """Refuse names that no instance can ever supply."""
    known = {*vocabulary(), *extra}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"{what} uses {', '.join(unknown)}, which is neither a constant ({', '.join(sorted(vocabulary()))}) "
            "nor a parameter of its domain; rename it or add it to the domain."
        )
