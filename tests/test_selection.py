"""Expressions that select names."""

import pytest

from simlab.errors import InputError
from simlab.selection import matches, nearest


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("gd", True),
        ("sgd", False),
        ("gd and convex", True),
        ("gd and not convex", False),
        ("sgd or tight", True),
        ("not (sgd or loose)", True),
        ("not sgd and not loose", True),
        ("gd-convex", True),
        ("True", False),
        ("__import__", False),
    ],
)
def test_expressions(expression: str, chosen: bool) -> None:
    assert matches(expression, "gd-convex-tight") is chosen


@pytest.mark.parametrize(
    "expression", ["", "and", "gd convex", "gd()", "(gd", "gd)", "not", "gd or or sgd", "(" * 500]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(InputError, match="is no expression"):
        matches(expression, "gd-convex-tight")


def test_nearest_names_are_offered() -> None:
    assert nearest("gd-conex", ["gd-convex", "sgd", "adam"]) == "did you mean gd-convex?"
    assert nearest("zzz", ["gd-convex", "sgd", "adam"]) == "see python -m simlab list."
