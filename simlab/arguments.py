"""Arguments that are little expressions: ``quadratic(spectrum=(1, 10))`` and ``step_size=1/L``."""

import ast
import math
from collections.abc import Callable, Collection, Iterable
from typing import Any

from simlab.errors import InputError
from simlab.selection import nearest

FUNCTIONS = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp, "min": min, "max": max, "abs": abs}
ALLOWED = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Call, ast.Name, ast.Load, ast.Constant)


def called(words: str, known: Collection[str], what: str) -> tuple[str, dict[str, str]]:
    """The name and the parameters in ``name`` or ``name(parameter=value, ...)``; values stay text.

    Raises
    ------
    InputError
        When it is no such call, or nothing has this name.
    """
    name, bracket, rest = words.strip().partition("(")
    name = name.strip()
    if name not in known:
        raise InputError(f"there is no {what} {name!r}; {nearest(name, known)}")
    if not bracket:
        return name, {}
    try:
        tree = ast.parse(f"call({rest}", mode="eval").body
    except SyntaxError:
        tree = None
    if not isinstance(tree, ast.Call) or tree.args or not all(keyword.arg for keyword in tree.keywords):
        raise InputError(f"{words!r} is no {what}; write {name}(parameter=value, ...), in quotes.")
    return name, {str(keyword.arg): ast.unparse(keyword.value) for keyword in tree.keywords}


def assignments(options: Iterable[str], example: str = "-p step_size=0.1") -> dict[str, str]:
    """``name=value`` options as a mapping.

    Raises
    ------
    InputError
        When one has no name or no value.
    """
    found: dict[str, str] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not (equals and name.strip().isidentifier() and value.strip()):
            raise InputError(f"{example.split()[0]} {option!r} sets nothing; write for example {example}.")
        found[name.strip()] = value.strip()
    return found


def literal(words: str, what: str) -> Any:
    """A number, text, truth value or tuple as it is written.

    Raises
    ------
    InputError
        When it is none of these.
    """
    try:
        return ast.literal_eval(words)
    except (ValueError, SyntaxError):
        raise InputError(f"{what}={words} is no number, text or tuple of them.") from None


def number_or_function(words: str, what: str, constants: Collection[str]) -> float | Callable[..., float]:
    """A number, or a function of constants such as ``1/L`` or ``2/(k + 1)``.

    Raises
    ------
    InputError
        When it is neither.
    """
    try:
        tree = ast.parse(words, mode="eval").body
    except SyntaxError:
        raise InputError(f"{what}={words} is neither a number nor an expression such as 1/L.") from None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - FUNCTIONS.keys()
    plain = all(isinstance(node, ALLOWED) for node in ast.walk(tree))
    numbers = all(
        isinstance(node.value, int | float) for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    if not (plain and numbers and names <= {*constants}):
        raise InputError(
            f"{what}={words} is neither a number nor an expression of the constants "
            f"{', '.join(sorted(constants))}."
        )
    function: Callable[..., float] = eval(
        f"lambda {', '.join(sorted(names))}: {ast.unparse(tree)}", {"__builtins__": {}, **FUNCTIONS}
    )
    try:
        return function if names else float(function())
    except (ArithmeticError, TypeError, ValueError) as error:
        raise InputError(f"{what}={words} is no number: {error}.") from None
