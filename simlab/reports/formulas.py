r"""Formulas made from code: what a function computes, as readable text and as LaTeX.

The bound of a theorem is written once, as a Python function, and what people read is made from its syntax tree:
latexify turns expressions into LaTeX, and this module brings a function into the form "an expression, where ...",
gives the constants their symbols (``Lmax`` is :math:`L_{\max}`, ``sigma2`` is :math:`\sigma^2`) and follows the
helper functions and numbers that the code names.
"""

import ast
import functools
import inspect
import linecache
import re
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simlab.reports.words import first_paragraph

# Prefixes that readers do not need, and calls that only change the type of a number or of an array.
PREFIXES = {"math", "np", "numpy", "np.linalg", "scipy.special", "special", "stats"}
CONVERSIONS = {"float", "int", "array", "asarray", "float64"}
METHODS = {"max", "min", "sum", "mean", "prod"}
LIBRARIES = ("numpy", "scipy", "math", "builtins", "networkx", "numba")
SYMBOLS = {
    "lam": r"\lambda",
    "eps": r"\varepsilon",
    "inf": r"\infty",
    "disagreement": r"\|X_0 - \bar X_0\|_F",
    "digamma": r"\psi",
    "lgamma": r"\log\Gamma",
    "gammaln": r"\log\Gamma",
    "max": r"\max",
    "min": r"\min",
    "norm": r"\mathrm{norm}",
    "Dm": r"D_{\mathrm{m}}",
    "Rb": r"R_{\mathrm{b}}",
}


class UnreadableError(Exception):
    """The code is no formula: it loops, calls what cannot be followed, or has no source."""


@dataclass(frozen=True)
class Definition:
    """A name that a formula uses for a part of itself."""

    name: str
    text: str
    latex: str


@dataclass(frozen=True)
class Formula:
    """What a function computes: its value in text and in LaTeX, and the names used in it."""

    text: str
    latex: str
    where: tuple[Definition, ...] = ()


@functools.cache
def formula(function: Callable[..., Any]) -> Formula:
    """The formula that a function's code states.

    Parameters
    ----------
    function
        A function or a lambda of assignments, branches and one expression; helper functions and numbers that it
        names are explained in ``where``.

    Raises
    ------
    UnreadableError
        When the code is no formula.
    """
    value, parts = _reduced(function)
    own = _helpers(function)
    definitions = [_defined(name, part, own) for name, part in parts.items()]
    seen = {function.__name__, *parts}
    for tree in [value, *_trees(parts)]:
        definitions += _outside(tree, function, seen)
    return Formula(text(value), latex(value, own), tuple(dict.fromkeys(definitions)))


def _defined(name: str, part: "ast.expr | Recursion", own: Collection[str] = ()) -> Definition:
    if isinstance(part, ast.expr):
        return Definition(name, text(part), rf"{symbol(name)} = {latex(part, own)}")
    index, now, later = part.index, f"{name}_{part.index}", f"{symbol(name)}_{{{part.index}+1}}"
    step = _Renamed(name, now).visit(_copy(part.step))
    start = f"{name}_0 = {text(part.first)}"
    words = f"{name}_({text(part.count)}), where {start} and {name}_({index}+1) = {text(step)}"
    formulas = [
        rf"{symbol(name)} = {symbol(name)}_{{{latex(part.count, own)}}}",
        rf"{symbol(name)}_0 = {latex(part.first, own)}",
        rf"{later} = {latex(step, own)}",
    ]
    return Definition(name, words, r",\quad ".join(formulas))


def _trees(parts: "dict[str, ast.expr | Recursion]") -> Iterator[ast.expr]:
    for part in parts.values():
        yield from [part] if isinstance(part, ast.expr) else [part.first, part.step, part.count]


def text(tree: ast.expr) -> str:
    """An expression as readable text: ``L * R^2 / (4 * k + 2)``."""
    return ast.unparse(tree).replace(" ** ", "^")


def latex(tree: ast.expr, own: Collection[str] = ()) -> str:
    """An expression as LaTeX; functions named in ``own`` are written by name, whatever else the name may mean."""
    from latexify.exceptions import LatexifyError

    try:
        form = _Calls(own).visit(_Fractions().visit(_Squares().visit(_copy(tree))))
        made = str(_codegen().visit(ast.fix_missing_locations(form)))
    except LatexifyError as error:
        raise UnreadableError(str(error)) from None
    return tidy(made)


def tidy(made: str) -> str:
    """LaTeX that Matplotlib's mathtext reads as well as TeX does."""
    shorter = made.replace(r"\mathopen{}", "").replace(r"\mathclose{}", "")
    for command, other in (("le", "leq"), ("ge", "geq"), ("land", "wedge"), ("lor", "vee"), ("lnot", "neg")):
        shorter = re.sub(rf"\\{command}(?![A-Za-z])", rf"\\{other}", shorter)
    shorter = re.sub(r"\\bar \{(\\mathrm\{[^{}]*\})\}", r"\\overline{\1}", shorter)  # as long as the word
    shorter = re.sub(r"\\[td]frac", r"\\frac", shorter)
    shorter = re.sub(r"\\frac(\\[A-Za-z]+|\w)\s*(\\[A-Za-z]+|\w)", r"\\frac{\1}{\2}", shorter)
    shorter = shorter.replace(r"\mathbin{\%}", r"\,\mathrm{mod}\,")
    return re.sub(r"\\math(bf|bb|rm|cal) (\w)", r"\\math\1{\2}", shorter)


def _copy(tree: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(tree), mode="eval").body


# --- from a function to an expression ------------------------------------------------------------------------


@dataclass(frozen=True)
class Recursion:
    """``name = first``, then ``count`` times ``name = step``, where ``index`` counts from 0."""

    first: ast.expr
    step: ast.expr
    count: ast.expr
    index: str


Parts = dict[str, ast.expr | Recursion]


def _reduced(function: Callable[..., Any]) -> tuple[ast.expr, Parts]:
    """The expression that a function returns, and those of the names that it assigns."""
    tree = _tree(function)
    if isinstance(tree, ast.Lambda):
        return _plain(tree.body), {}
    parts: Parts = {}
    return _value(tree.body, parts), parts


def _value(statements: Sequence[ast.stmt], parts: Parts) -> ast.expr:
    """The value that a list of statements returns; branches become conditional expressions."""
    for number, statement in enumerate(statements):
        match statement:
            case ast.Return(value=ast.expr() as value):
                return _plain(value)
            case ast.If(test=test, body=body, orelse=other):
                rest = [*other, *statements[number + 1 :]]
                return ast.IfExp(_plain(test), _value(body, parts), _value(rest, parts))
            case ast.With(body=body):
                return _value([*body, *statements[number + 1 :]], parts)
            case ast.Assign(targets=[target], value=value):
                for name, part in _assigned(target, value):
                    if name in parts:
                        raise UnreadableError(f"{name} is assigned twice")
                    parts[name] = _plain(part)
            case ast.For():
                name, recursion = _recursion(statement, parts)
                parts[name] = recursion
            case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.Expr(value=ast.Constant()):
                continue
            case _:
                raise UnreadableError(f"a formula has no {type(statement).__name__.lower()} statement")
    raise UnreadableError("the function returns nothing")


def _recursion(loop: ast.For, parts: Parts) -> tuple[str, Recursion]:
    """A loop that changes one name by one formula."""
    match loop:
        case ast.For(
            target=ast.Name(id=index),
            iter=ast.Call(func=ast.Name(id="range"), args=[count]),
            body=[ast.Assign(targets=[ast.Name(id=name)], value=step)],
        ):
            pass
        case ast.For(
            target=ast.Name(id=index),
            iter=ast.Call(func=ast.Name(id="range"), args=[count]),
            body=[ast.AugAssign(target=ast.Name(id=name), op=operator, value=change)],
        ):
            step = ast.BinOp(ast.Name(name, ast.Load()), operator, change)
        case _:
            raise UnreadableError("a loop in a formula changes one name by one formula")
    first = parts.get(name)
    if not isinstance(first, ast.expr):
        raise UnreadableError(f"{name} has no value before the loop")
    return name, Recursion(first, _plain(step), _plain(count), "j" if index == "_" else index)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for inner, part in zip(target.elts, value.elts, strict=True):
            yield from _assigned(inner, part)
    else:
        raise UnreadableError("a formula gives each name its own value")


def _tree(function: Callable[..., Any]) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of a function or lambda, found by where its code lies in the file."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, types.CodeType):
        raise UnreadableError(f"{function!r} has no source")
    if code.co_name != "<lambda>":
        try:
            source = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            raise UnreadableError(f"{function.__name__} has no source") from None
        try:
            found = ast.parse(source).body[0]
        except SyntaxError:  # part of a longer expression, or a file that has changed since
            raise UnreadableError(f"{function.__name__} has no source") from None
        if isinstance(found, ast.FunctionDef) and found.name == code.co_name:
            return found
        raise UnreadableError(f"{function.__name__} is no function")
    spots = [
        (line, column) for line, _, column, _ in code.co_positions() if line and column is not None and column > 0
    ]  # fmt: skip
    inside = [tree for tree in _lambdas(code.co_filename) if _covers(tree.body, spots)]
    if not inside:
        raise UnreadableError("a lambda without source")
    return min(inside, key=lambda tree: (_end(tree)[0] - tree.lineno, _end(tree)[1] - tree.col_offset))


def _lambdas(file: str) -> tuple[ast.Lambda, ...]:
    """The lambdas of a file, or of a cell of a notebook."""
    linecache.checkcache(file)
    return _parsed_lambdas("".join(linecache.getlines(file)))


@functools.lru_cache(maxsize=256)
def _parsed_lambdas(source: str) -> tuple[ast.Lambda, ...]:
    return tuple(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Lambda))


def _end(tree: ast.expr) -> tuple[int, int]:
    return tree.end_lineno or tree.lineno, tree.end_col_offset or tree.col_offset


def _covers(tree: ast.expr, spots: Sequence[tuple[int, int]]) -> bool:
    begin = (tree.lineno, tree.col_offset)
    return bool(spots) and all(begin <= spot <= _end(tree) for spot in spots)


# --- the form that readers see -------------------------------------------------------------------------------


class _Plain(ast.NodeTransformer):
    """Drops module prefixes and conversions; ``a.max()`` becomes ``max(a)`` and ``pow(a, b)`` a power."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in CONVERSIONS:
                return inner
            case ast.Call(func=ast.Name(id="pow"), args=[base, power]):
                return ast.BinOp(base, ast.Pow(), power)
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if name in METHODS:
                return ast.Call(ast.Name(name, ast.Load()), [value], [])
        return node


class _Renamed(ast.NodeTransformer):
    """Gives one name another."""

    def __init__(self, name: str, other: str) -> None:
        self.name, self.other = name, other

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.other, node.ctx) if node.id == self.name else node


def _plain(tree: ast.expr) -> ast.expr:
    from latexify.transformers import PrefixTrimmer

    made: ast.expr = _Plain().visit(PrefixTrimmer(PREFIXES).visit(tree))
    return ast.fix_missing_locations(made)


class _Squares(ast.NodeTransformer):
    """Writes constants that stand for squares as squares, so that their powers get parentheses."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        parts = node.id.split("_", 1)
        if len(parts[0]) > 2 and parts[0].endswith("2") and _greek(parts[0][:-1]):
            base = "_".join([parts[0][:-1], *parts[1:]])
            return ast.BinOp(ast.Name(base, node.ctx), ast.Pow(), ast.Constant(2))
        return node


class _Fractions(ast.NodeTransformer):
    """Writes a quotient of quotients as one: ``a / b * c / d`` is a c over b d."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        (above, below), (left, right) = _ratio(node.left), _ratio(node.right)
        if not (below or right):
            return node
        return ast.BinOp(_product([*above, *right]), ast.Div(), _product([*below, *left]))


def _ratio(tree: ast.expr) -> tuple[list[ast.expr], list[ast.expr]]:
    """The factors of a product above and below its fraction bars."""
    match tree:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            (above, below), (more, under) = _ratio(left), _ratio(right)
            return [*above, *more], [*below, *under]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            (above, below), (more, under) = _ratio(left), _ratio(right)
            return [*above, *under], [*below, *more]
    return [tree], []


def _product(factors: Sequence[ast.expr]) -> ast.expr:
    """A product with its numbers first, without a factor 1, and with a name that occurs twice as a square."""
    numbers = [f for f in factors if isinstance(f, ast.Constant) and f.value != 1]
    others = {ast.dump(f): f for f in factors if not isinstance(f, ast.Constant)}
    times = Counter(ast.dump(f) for f in factors)
    powers = [f if times[key] == 1 else _power(f, times[key]) for key, f in others.items()]
    first, *rest = [*numbers, *powers] or [ast.Constant(1)]
    return functools.reduce(lambda left, right: ast.BinOp(left, ast.Mult(), right), rest, first)


def _power(tree: ast.expr, times: int) -> ast.expr:
    return ast.BinOp(tree, ast.Pow(), ast.Constant(times))


class _Calls(ast.NodeTransformer):
    """Gives what only Python calls by its name the form that it has on paper."""

    def __init__(self, own: Collection[str]) -> None:
        self.own = own

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=inner, op=ast.Pow(), right=ast.Constant(value=0.5)):
                return ast.Call(_name("sqrt"), [inner], [])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id=name), args=inner) if name in self.own:
                return ast.Call(_name(f"{name}_"), inner, [])
            case ast.Call(func=ast.Name(id="expm1"), args=[inner]):
                power = ast.Call(_name("exp"), [inner], [])
                return ast.BinOp(power, ast.Sub(), ast.Constant(1))
            case ast.Call(func=ast.Name(id="log1p"), args=[inner]):
                return ast.Call(_name("log"), [ast.BinOp(ast.Constant(1), ast.Add(), inner)], [])
            case ast.Call(func=ast.Name(id="matrix_power"), args=[inner, power]):
                return ast.BinOp(inner, ast.Pow(), power)
        return node


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _greek(name: str) -> bool:
    from latexify.codegen.expression_rules import MATH_SYMBOLS

    return name in MATH_SYMBOLS


def symbol(name: str) -> str:
    """The LaTeX symbol of a name: ``mu``, ``L_{max}``, ``beta_1``; words are upright."""
    if name in SYMBOLS:
        return SYMBOLS[name]
    if len(name.split("_")[0]) > 2 and name.isupper():
        return symbol(name.lower())
    if name.endswith(("2", "2_star")) and _greek(name.split("2")[0]):
        head, _, tail = name.partition("2")
        return f"{symbol(head + tail)}^2"
    if name == "Lmax":
        return r"L_{\max}"
    head, _, tail = name.strip("_").partition("_")
    numbered = re.fullmatch(r"([A-Za-z]+?)(\d+)", head)
    if numbered and not tail:
        head, tail = numbered.groups()
    upright = not (len(head) == 1 or head in SYMBOLS or _greek(head))
    if upright and "_" in name and len(tail) == 1:
        return rf"\mathrm{{{head}}}_{{{tail}}}"
    if upright:
        words = name.strip("_").replace("_", r"\ ")
        return rf"\mathrm{{{words}}}"
    letter = SYMBOLS.get(head) or (rf"\{head}" if _greek(head) else head)
    return f"{letter}_{{{_subscript(tail)}}}" if tail else letter


def _subscript(tail: str) -> str:
    if tail in ("star", "max", "min"):
        return rf"\{tail}"
    if tail.isdigit() or len(tail) == 1:
        return tail
    return rf"\{tail}" if _greek(tail) else rf"\mathrm{{{tail}}}".replace("_", r"\ ")


def _ends_in_word(tree: ast.expr) -> bool:
    """Whether the last factor is a name of several upright letters, or a power of one."""
    match tree:
        case ast.BinOp(op=ast.Mult(), right=last):
            return _ends_in_word(last)
        case ast.BinOp(left=base, op=ast.Pow()):
            return _ends_in_word(base)
        case ast.Name(id=name):
            return symbol(name).startswith(r"\mathrm")
    return False


@functools.cache
def _codegen() -> Any:
    """latexify's generator with the symbols of this vocabulary (made on first use: the import takes 0.1 s)."""
    from latexify.codegen.expression_codegen import ExpressionCodegen

    class Generator(ExpressionCodegen):  # type: ignore[misc]
        def visit_Name(self, node: ast.Name) -> str:
            return symbol(node.id)

        def _should_remove_multiply_op(
            self, l_latex: str, r_latex: str, l_expr: ast.expr, r_expr: ast.expr
        ) -> bool:
            if r_latex.startswith(r"\mathrm") or _ends_in_word(l_expr):
                return False  # words would run into what they are multiplied with
            return bool(super()._should_remove_multiply_op(l_latex, r_latex, l_expr, r_expr))

        def visit_Constant(self, node: ast.Constant) -> str:
            if isinstance(node.value, float) and node.value.is_integer() and abs(node.value) < 1e6:
                return str(int(node.value))
            short = re.fullmatch(r"(?:1(?:\.0)?|(.+))e([+-]?\d+)", repr(node.value))
            if short is None:
                return str(super().visit_Constant(node))
            mantissa = rf"{short[1]} \cdot " if short[1] else ""
            return f"{mantissa}10^{{{int(short[2])}}}"

        def visit_comprehension(self, node: ast.comprehension) -> str:
            conditions = [
                rf"{self.visit(node.target)} \in {self.visit(node.iter)}",
                *map(self.visit, node.ifs),
            ]
            return r",\ ".join(conditions)

        def visit_Call(self, node: ast.Call) -> str:
            match node:
                case ast.Call(func=ast.Name(id="max" | "min" as name), args=[ast.GeneratorExp() as inner]):
                    value, scripts = self._get_sum_prod_info(inner)
                    ranges = ", ".join(rf"{low}, \ldots, {high}" if high else low for low, high in scripts)
                    return rf"\{name}_{{{ranges}}} {value}"
                case ast.Call(func=ast.Name(id="arange"), args=[first, ast.BinOp(last, ast.Add(), one)]) if (
                    isinstance(one, ast.Constant) and one.value == 1
                ):
                    return rf"\left( {self.visit(first)}, \ldots, {self.visit(last)} \right)"
                case ast.Call(func=ast.Name(id="arange"), args=[first, end]):
                    return rf"\left( {self.visit(first)}, \ldots, {self.visit(end)} - 1 \right)"
                case ast.Call(func=ast.Name(id="eval_gegenbauer"), args=[degree, order, at]):
                    raised = rf"C_{{{self.visit(degree)}}}^{{({self.visit(order)})}}"
                    return rf"{raised} \left( {self.visit(at)} \right)"
                case ast.Call(func=ast.Name(id="kron"), args=[one, other]):
                    return rf"\left( {self.visit(one)} \otimes {self.visit(other)} \right)"
                case ast.Call(func=ast.Name(id="comb"), args=[above, below]):
                    return rf"\binom{{{self.visit(above)}}}{{{self.visit(below)}}}"
                case ast.Call(func=ast.Name(id="len"), args=[inner]):
                    return rf"\#{self.visit(inner)}"
            return str(super().visit_Call(node))

    return Generator(use_math_symbols=True)


# --- names from outside the function -------------------------------------------------------------------------


def _outside(tree: ast.expr, function: Callable[..., Any], seen: set[str]) -> Iterator[Definition]:
    """Definitions of the helper functions and numbers that an expression names."""
    known = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or node.id in seen or node.id not in known:
            continue
        seen.add(node.id)
        value = known[node.id]
        if isinstance(value, bool | int | float):
            yield Definition(node.id, f"{value:.6g}", f"{symbol(node.id)} = {value:.6g}")
        elif isinstance(value, types.FunctionType) and not value.__module__.startswith(LIBRARIES):
            yield from _helper(node.id, value, seen)


def _helpers(function: Callable[..., Any]) -> set[str]:
    """The functions of an entry's own that its code can name: ``floor`` may be one of them."""
    known = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    return {
        name
        for name, value in known.items()
        if isinstance(value, types.FunctionType) and not value.__module__.startswith(LIBRARIES)
    }


def _helper(name: str, function: types.FunctionType, seen: set[str]) -> Iterator[Definition]:
    """The formula of a helper function, or its docstring when it has none."""
    arguments = list(inspect.signature(function).parameters)
    left = rf"{symbol(name)}({', '.join(map(symbol, arguments))})"
    head = f"{name}({', '.join(arguments)})"
    try:
        value, parts = _reduced(function)
        own = _helpers(function)
        yield Definition(head, text(value), f"{left} = {latex(value, own)}")
        yield from (_defined(inner, part, own) for inner, part in parts.items())
    except UnreadableError:
        words = first_paragraph(function.__doc__ or "computed by code")
        yield Definition(head, words, rf"{left}\ \mathrm{{(see\ text)}}")
        return
    for tree in [value, *_trees(parts)]:
        yield from _outside(tree, function, seen)
