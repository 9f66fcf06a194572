"""Mutants of an update rule: mirrored, or with a sign or a coefficient of its kernel wrong."""

import ast
import functools
import inspect
import itertools
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Intrinsic, Kernel, kernel
from simlab.kernels.oracle import Oracle
from simlab.mutation.source import NoSourceError, called_names, rebuilt, renamed, tree_of, variants
from simlab.vocabulary.claim import Side
from simlab.vocabulary.method import Method, MethodFamily
from simlab.vocabulary.theorem import Theorem

# How many signs and how many coefficients of one rule are changed: evenly spread over its code.
MOST = 4
# How many rules an experiment about a bound may run for their slips to be tried.
MOST_RULES = 2

# --- the whole step ----------------------------------------------------------------------------------------------


def with_step(theorem: Theorem, family: MethodFamily) -> Theorem:
    """The theorem about another rule with the same hyper-parameters."""
    method = theorem.setting.method
    assert method is not None
    return replace(theorem, setting=replace(theorem.setting, method=Method(family, method.parameters)))


def mirrored(theorem: Theorem) -> Theorem:
    """Every step taken in the opposite direction: x+ becomes 2 x - x+."""
    method = theorem.setting.method
    assert method is not None
    family = method.family
    return with_step(
        theorem, replace(family, step=mirrored_step(family.step), memory=_one_more(family.memory))
    )


@functools.cache
def mirrored_step(step: Kernel) -> Kernel:
    """The kernel of the opposite step; the last row of the memory keeps the iterate meanwhile."""

    @kernel
    def opposite(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
        last = memory.shape[0] - 1
        for i in range(x.size):
            memory[last, i] = x[i]
        step(k, x, memory[:last], parameters, oracle)
        for i in range(x.size):
            x[i] = 2.0 * memory[last, i] - x[i]

    return opposite


def _one_more(rows: int | Callable[..., int]) -> int | Callable[..., int]:
    if not callable(rows):
        return rows + 1

    @functools.wraps(rows)
    def more(**known: Any) -> int:
        return rows(**known) + 1

    return more


# --- one sign or coefficient -------------------------------------------------------------------------------------


def slips(theorem: Theorem) -> Iterator[tuple[str, Theorem]]:
    """The rule with one slip in its code, each with the change in words: a sign, or a coefficient.

    At most ``MOST`` of each, evenly spread over the code of the kernel and of the kernels of ``optimizers`` that it
    calls. Whole numbers and indices stay as they are, and so do loops that end by a condition (a slip there may
    never end).
    """
    method = theorem.setting.method
    assert method is not None
    for title, step in _slips_of(method.family.step):
        yield title, with_step(theorem, replace(method.family, step=step))


def slips_in_experiment(theorem: Theorem) -> Iterator[tuple[str, Theorem]]:
    """The same for the rules that an experiment runs. A bound for more than ``MOST_RULES`` of them is about none in
    particular (what no method can beat is just as true of a broken one); a law is about each.
    """
    experiment = theorem.setting.experiment
    assert experiment is not None
    families, cached = _used_by(experiment)
    if len(families) > MOST_RULES and theorem.claim.side is not Side.EQUAL:
        return
    for family in families:
        for title, step in _slips_of(family.step):
            broken = _with_rule(experiment, family, step, cached)
            yield (
                f"{family.name}: {title}",
                replace(theorem, setting=replace(theorem.setting, experiment=broken)),
            )


def _with_rule(
    experiment: Callable[..., Any], family: MethodFamily, step: Kernel, cached: list[Any]
) -> Callable[..., Any]:
    """The experiment with another step in a rule that it has from its surroundings: put there while it runs."""

    @functools.wraps(experiment)
    def broken(**known: Any) -> Any:
        right = family.step
        _forget(cached)
        try:
            object.__setattr__(family, "step", step)
            return experiment(**known)
        finally:
            object.__setattr__(family, "step", right)
            _forget(cached)

    return broken


def _forget(cached: list[Any]) -> None:
    for function in cached:
        function.cache_clear()


def _used_by(experiment: Callable[..., Any]) -> tuple[list[MethodFamily], list[Any]]:
    """The rules that an experiment, or a function of its own project that it calls, names; and which of these
    functions remember their results.
    """
    families: dict[str, MethodFamily] = {}
    cached: list[Any] = []
    seen: set[int] = set()
    home = experiment.__module__.partition(".")[0]

    def look(value: Any) -> None:
        if id(value) in seen:
            return
        seen.add(id(value))
        match value:
            case MethodFamily():
                families[value.name] = value
            case Method():
                look(value.family)
            case dict():
                for part in value.values():
                    look(part)
            case list() | tuple():
                for part in value:
                    look(part)
        if hasattr(value, "cache_clear"):
            cached.append(value)
        function = getattr(value, "__wrapped__", value)
        if isinstance(function, types.FunctionType) and function.__module__.partition(".")[0] == home:
            known = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
            for name in _names_in(function.__code__):
                look(known.get(name))

    look(experiment)
    return list(families.values()), cached


def _names_in(code: types.CodeType) -> Iterator[str]:
    yield from (*code.co_names, *code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


@functools.cache
def _slips_of(step: Kernel) -> tuple[tuple[str, Kernel], ...]:
    """Made once a rule, so that all theorems about it share what is compiled."""
    signs = list(_variants(step, _Signs, frozenset()))
    coefficients = list(_variants(step, _Coefficients, frozenset()))
    return (*_spread(signs), *_spread(coefficients))


def _spread(found: list[Any]) -> list[Any]:
    if len(found) <= MOST:
        return found
    return [found[round(i * (len(found) - 1) / (MOST - 1))] for i in range(MOST)]


def _variants(step: Kernel, kind: "type[_Slips]", above: frozenset[str]) -> Iterator[tuple[str, Kernel]]:
    """A kernel with one slip: its own, or one of a kernel that it calls."""
    function = step.function
    assert isinstance(function, types.FunctionType)
    try:
        tree = tree_of(function)
    except NoSourceError:
        return
    for title, changed in variants(tree, kind(_Reals(tree))):
        yield title, Kernel(rebuilt(function, changed), step.inline)
    for name, helper in _helpers(function, tree):
        if name not in above:
            for title, changed_helper in _variants(helper, kind, above | {name}):
                made = Kernel(renamed(function, {name: changed_helper}), step.inline)
                yield f"{name}: {title}", made


def _helpers(function: types.FunctionType, tree: ast.FunctionDef) -> Iterator[tuple[str, Kernel]]:
    """The kernels that belong to the rule: those of its module, and of simlab's optimizers."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    known = {**function.__globals__, **{name: cell.cell_contents for name, cell in cells}}
    for name in called_names(tree):
        helper = known.get(name)
        if isinstance(helper, Kernel) and not isinstance(helper, Intrinsic):
            module = str(helper.function.__module__)
            if module == function.__module__ or module.startswith("simlab.optimizers."):
                yield name, helper


class _Reals:
    """Which expressions of a kernel are real numbers of the mathematics, and not counts or indices."""

    def __init__(self, tree: ast.FunctionDef) -> None:
        arguments = tree.args.args
        self.names = {
            a.arg for a in arguments if isinstance(a.annotation, ast.Name) and a.annotation.id == "float"
        }
        assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign)]
        for _ in range(2):  # names may be used above the line that shows what they are
            for assignment in assignments:
                targets = assignment.targets if isinstance(assignment, ast.Assign) else [assignment.target]
                for target in targets:
                    self._learn(target, assignment.value)

    def _learn(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Tuple(elts=inner), ast.Tuple(elts=parts):
                for one, part in zip(inner, parts, strict=True):
                    self._learn(one, part)
            case ast.Name(id=name), _ if self(value):
                self.names.add(name)

    def __call__(self, node: ast.AST) -> bool:
        match node:
            case ast.Constant(value=float()):
                return True
            case ast.Name(id=name):
                return name in self.names
            case ast.Subscript(value=whole, slice=place):
                shape = isinstance(whole, ast.Attribute) and whole.attr == "shape"
                return not shape and not isinstance(place, ast.Slice)
            case ast.BinOp(left=left, op=operator, right=right):
                return isinstance(operator, ast.Div) or self(left) or self(right)
            case ast.UnaryOp(operand=inner):
                return self(inner)
            case ast.IfExp(body=body, orelse=other):
                return self(body) or self(other)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"))):
                return True
            case ast.Call(func=ast.Name(id="abs" | "max" | "min"), args=inner):
                return any(self(one) for one in inner)
        return False


def _untouchable(node: ast.AST, around: tuple[ast.AST, ...]) -> bool:
    """Inside an index, a condition, a count of repetitions, or a loop that ends by a condition."""
    path = (node, *around)
    for inner, outer in itertools.pairwise(path):
        match outer:
            case ast.Subscript(slice=place) if place is inner:
                return True
            case ast.For(iter=count) if count is inner:
                return True
            case ast.If(test=test) | ast.IfExp(test=test) if test is inner:
                return True
            case ast.While():
                return True
            case ast.Call(func=ast.Name(id="int" | "range" | "integer_below")):
                return True
    return False


class _Slips:
    """What may stand in place of a node that is no index, count or condition."""

    def __init__(self, reals: _Reals) -> None:
        self.reals = reals

    def __call__(self, node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[ast.AST]:
        if not _untouchable(node, around):
            yield from self.of(node, around[0])

    def of(self, node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
        """The slips in this node."""
        raise NotImplementedError


class _Signs(_Slips):
    """A + in place of a -, and the other way round."""

    def of(self, node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right) if self.reals(node):
                yield ast.BinOp(left, _flipped(operator), right)
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub() as operator, value=value) if (
                self.reals(value)
            ):
                yield ast.AugAssign(target, _flipped(operator), value)
            case ast.UnaryOp(op=ast.USub(), operand=inner) if self.reals(inner) and not isinstance(
                inner, ast.Constant
            ):
                yield inner


def _flipped(operator: ast.operator) -> ast.operator:
    return ast.Sub() if isinstance(operator, ast.Add) else ast.Add()


class _Coefficients(_Slips):
    """A hyper-parameter times 1.1, and half of a literal."""

    def of(self, node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
        match node:
            case ast.Subscript(value=ast.Name(id="parameters"), ctx=ast.Load()):
                yield ast.BinOp(ast.Constant(1.1), ast.Mult(), node)
            case ast.Constant(value=float() as value) if value and _factor(node, parent):
                yield ast.Constant(value / 2)


def _factor(node: ast.AST, parent: ast.AST) -> bool:
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div | ast.Add | ast.Sub)
