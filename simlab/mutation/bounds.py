"""Mutants of a bound: scaled, or with one constant of its code replaced by a neighbour."""

import ast
import functools
import itertools
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from simlab.mutation.source import NoSourceError, called_names, rebuilt, renamed, tree_of, variants
from simlab.vocabulary.claim import Side
from simlab.vocabulary.constants import vocabulary
from simlab.vocabulary.theorem import Theorem

# Constants that are counts, which are wrong by one; all others are wrong by a factor.
COUNTS = {"k", "K", "d", "n", "m"}
# Literals nearer to zero are tolerances of computations, no constants of the mathematics.
SMALLEST = 1e-6


# --- all of it -------------------------------------------------------------------------------------------------


def scaled(theorem: Theorem, factor: float) -> Theorem:
    """The bound times a factor."""
    bound = theorem.bound

    @functools.wraps(bound)
    def changed(**known: Any) -> float:
        return factor * bound(**known)

    return replace(theorem, bound=changed)


def floor_of(theorem: Theorem) -> float:
    """The largest ratio that attaining instances are said to reach; 1 where it is stated as a formula only."""
    return max((a.at_least for a in theorem.attained if not callable(a.ratio)), default=1.0)


def tightened(theorem: Theorem, factor: float) -> Theorem:
    """The bound moved past what its attaining instances reach."""
    reached = factor * floor_of(theorem)
    return scaled(theorem, 1 / reached if theorem.claim.side is Side.LOWER else reached)


def loosened(theorem: Theorem, factor: float) -> Theorem:
    """The bound moved away from its attaining instances."""
    return scaled(theorem, factor if theorem.claim.side is Side.LOWER else 1 / factor)


# --- one constant of it ----------------------------------------------------------------------------------------


def neighbours(theorem: Theorem) -> Iterator[tuple[str, Theorem]]:
    """The bound with one constant replaced by a neighbour, each with the change in words.

    A count (``k``, ``n``, ``d``, ``m``, or a parameter of the domain whose values are whole numbers) becomes
    one less, and the step k one more as well; any other constant is halved; a literal c becomes c + 1 and c - 1, or
    c / 2 below 2; an exponent becomes larger and smaller by 1/2, and a root is left out. Helper functions of the
    same module are changed in the same way. Bounds without source (lambdas, wrapped functions) have no such
    mutants.
    """
    counts = COUNTS | {
        name
        for name, values in theorem.setting.domain.axes.items()
        if name not in vocabulary() and all(isinstance(value, int) for value in values)
    }
    words = {
        name
        for name, values in theorem.setting.domain.axes.items()
        if not all(isinstance(value, int | float) for value in values)
    }
    for title, bound in _variants(theorem.bound, counts, words, frozenset()):
        yield title, replace(theorem, bound=bound)


def _variants(
    function: Any, counts: set[str], words: set[str], above: frozenset[str]
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """A function with one constant changed: its own, or one of the helpers that it calls."""
    inner = inspect_unwrapped(function)
    try:
        tree = tree_of(inner)
    except NoSourceError:
        return
    constants = {argument.arg for argument in (*tree.args.args, *tree.args.kwonlyargs)} - words
    numbers = {
        name
        for name, value in inner.__globals__.items()
        if isinstance(value, float) and not name.startswith("__")
    }
    for title, changed in variants(tree, _Neighbours(constants | numbers, counts)):
        yield title, cached_like(function, rebuilt(inner, changed))
    for name, helper in _helpers(inner, tree):
        if name not in above:
            for title, changed_helper in _variants(helper, counts, words, above | {name}):
                yield f"{name}: {title}", cached_like(function, renamed(inner, {name: changed_helper}))


def inspect_unwrapped(function: Any) -> types.FunctionType:
    """The function behind ``functools.cache``."""
    found: types.FunctionType = getattr(function, "__wrapped__", function)
    return found


def cached_like(function: Any, changed: types.FunctionType) -> Callable[..., Any]:
    """``changed``, with a cache if ``function`` has one."""
    return functools.cache(changed) if hasattr(function, "cache_info") else changed


def _helpers(function: types.FunctionType, tree: ast.FunctionDef) -> Iterator[tuple[str, Any]]:
    """The functions of its own module that a function calls, if they are formulas: without ``while``."""
    for name in called_names(tree):
        helper = inspect_unwrapped(function.__globals__.get(name))
        if isinstance(helper, types.FunctionType) and helper.__module__ == function.__module__:
            try:
                loops = any(isinstance(node, ast.While | ast.Try) for node in ast.walk(tree_of(helper)))
            except NoSourceError:
                continue
            if not loops:
                yield name, function.__globals__[name]


class _Neighbours:
    """What may stand in place of each constant in a formula."""

    def __init__(self, constants: set[str], counts: set[str]) -> None:
        self.constants, self.counts = constants, counts

    def __call__(self, node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[ast.AST]:
        parent = around[0]
        if _inside_subscript(node, around) or isinstance(parent, ast.keyword | ast.FormattedValue):
            return
        ranged = (
            isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "range"
        )
        match node:
            case ast.BinOp(left=base, op=ast.Pow(), right=power):
                for half in (0.5, -0.5):
                    yield ast.BinOp(base, ast.Pow(), _plus(power, half))
            case ast.Call(func=ast.Attribute(attr="sqrt") | ast.Name(id="sqrt"), args=[inner]):
                yield inner
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                if not (
                    isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) and parent.right is node
                ):
                    yield from map(ast.Constant, _near(value, ranged))
            case ast.Name(id=name, ctx=ast.Load()) if name in self.constants:
                if ranged or name in self.counts:
                    yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
                    if name in ("k", "K"):
                        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
                else:
                    yield ast.BinOp(node, ast.Div(), ast.Constant(2))


def _near(value: float, whole: bool) -> Iterator[float]:
    if abs(value) < SMALLEST and value != 0:
        return
    yield value + 1
    if value >= 2 or (whole and value >= 1):
        yield value - 1
    elif value and not whole:
        yield value / 2


def _plus(power: ast.expr, half: float) -> ast.expr:
    match power:
        case ast.Constant(value=int() | float() as value):
            return ast.Constant(value + half)
    operator = ast.Add() if half > 0 else ast.Sub()
    return ast.BinOp(power, operator, ast.Constant(abs(half)))


def _inside_subscript(node: ast.AST, around: tuple[ast.AST, ...]) -> bool:
    """Whether a node belongs to an index."""
    path = (node, *around)
    return any(
        isinstance(outer, ast.Subscript) and outer.slice is inner for inner, outer in itertools.pairwise(path)
    )
