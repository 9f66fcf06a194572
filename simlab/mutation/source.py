"""Functions with one place of their source changed."""

import ast
import copy
import inspect
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# What may stand in place of a node: made from the node and from those around it, the innermost first.
Proposal = Callable[[ast.AST, tuple[ast.AST, ...]], Iterator[ast.AST]]

LONGEST = 56  # characters of code in a title


class NoSourceError(Exception):
    """The function's source cannot be read, or is not a plain ``def``."""


def tree_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function, without its decorators.

    Raises
    ------
    NoSourceError
        For lambdas, for what was typed at a prompt, and for what is no Python function.
    """
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        raise NoSourceError(repr(function)) from None
    if not isinstance(found, ast.FunctionDef):
        raise NoSourceError(repr(function))
    found.decorator_list = []
    return found


def variants(tree: ast.FunctionDef, propose: Proposal) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The function with one node replaced by what is proposed for it, one after the other, each with a title that
    shows the code before and after.
    """
    count: Counter[str] = Counter()
    for place in _places(tree):
        for new in propose(place[0], place[1:]):
            changed, title = _replaced(tree, place, new)
            count[title] += 1
            yield title + (f" [{count[title]}]" if count[title] > 1 else ""), changed


def _places(tree: ast.FunctionDef) -> Iterator[tuple[ast.AST, ...]]:
    """Every node of the body with the nodes around it, in the order of the source; the docstring is left out."""
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body

    def below(path: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, ...]]:
        yield path
        for child in ast.iter_child_nodes(path[0]):
            yield from below((child, *path))

    for statement in body:
        yield from below((statement, tree))


def _replaced(tree: ast.FunctionDef, place: tuple[ast.AST, ...], new: ast.AST) -> tuple[ast.FunctionDef, str]:
    """A copy of the tree with the first node of ``place`` replaced, and the change in words."""
    old = place[0]
    memo: dict[int, Any] = {id(old): new}  # the copy has the new node where the old one was
    changed: ast.FunctionDef = copy.deepcopy(tree, memo)
    before, after = ast.unparse(old), ast.unparse(new)
    for around in place[1:]:  # as much of the formula as fits
        if not isinstance(around, ast.expr | ast.Return | ast.Assign | ast.AugAssign):
            break
        wider = ast.unparse(around)
        if len(wider) > LONGEST:
            break
        before, after = wider, ast.unparse(copy.deepcopy(around, {id(old): new}))
    return ast.fix_missing_locations(changed), f"{before} -> {after}"


def rebuilt(
    function: types.FunctionType, tree: ast.FunctionDef, names: Mapping[str, Any] | None = None
) -> types.FunctionType:
    """The function with another body, in the same module; ``names`` replace globals and enclosing values."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    enclosed = {name: cell.cell_contents for name, cell in cells}
    space = {**function.__globals__, **enclosed, **(names or {})}
    placed = copy.deepcopy(tree)
    ast.increment_lineno(placed, function.__code__.co_firstlineno - placed.lineno)
    made: dict[str, Any] = {}
    # The file's own name: compiled kernels are kept on disk beside those of the file.
    exec(compile(ast.Module([placed], []), function.__code__.co_filename, "exec"), space, made)
    changed: types.FunctionType = made[tree.name]
    changed.__qualname__, changed.__module__ = function.__qualname__, function.__module__
    changed.__defaults__, changed.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return changed


def renamed(function: types.FunctionType, names: Mapping[str, Any]) -> types.FunctionType:
    """The same function with other values for some of the names that it takes from outside."""
    code = function.__code__
    cells = tuple(
        types.CellType(names.get(name, cell.cell_contents))
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)
    )
    made = types.FunctionType(
        code, {**function.__globals__, **names}, function.__name__, function.__defaults__, cells or None
    )
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    made.__kwdefaults__, made.__doc__ = function.__kwdefaults__, function.__doc__
    return made


def called_names(tree: ast.FunctionDef) -> list[str]:
    """The names that a function calls, each once, in the order of the source."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return list(dict.fromkeys(name.id for name in calls if isinstance(name, ast.Name)))
