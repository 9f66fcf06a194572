"""Declarations that no result could be trusted with: each is refused in one sentence."""

import math
from typing import Any

import numpy as np
import pytest

from problems.quadratic import quadratic
from simlab.errors import InputError
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import (
    ComponentsStronglyConvex,
    Convex,
    PolyakLojasiewicz,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.claim import Claim, Side, limit, probability
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.theorem import Theorem, grid, theorem

pytestmark = pytest.mark.usefixtures("registry")


def declare(**changes: Any) -> Theorem:
    arguments: dict[str, Any] = {
        "method": gradient_descent(step_size=lambda L: 1 / L),
        "assumes": Convex & Smooth,
        "measures": suboptimality.last,
        "domain": grid(k=(1, 2)),
        "source": "a test",
    }

    @theorem(**{**arguments, **changes})
    def declared_in_a_test(k, L, R):  # type: ignore[no-untyped-def]
        """A bound."""
        return L * R**2 / (4 * k + 2)

    return declared_in_a_test


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"h": ()}, "h has no values"),
        ({"h": (1.0, math.nan)}, "the values of h must be finite"),
        ({"h": math.inf}, "the values of h must be finite"),
        ({"k": (1, 2.5)}, "k must be whole numbers"),
        ({"k": -1}, "k must be whole numbers"),
        ({"k": True}, "k must be whole numbers"),
    ],
    ids=str,
)
def test_domains(values: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        grid(**values)


def test_numpy_integers_are_steps() -> None:
    assert grid(k=(np.int64(3), 1)).checkpoints == (1, 3)


@pytest.mark.parametrize(
    "pair", [StronglyConvex & PolyakLojasiewicz, StronglyConvex & ComponentsStronglyConvex]
)
def test_two_constants_of_one_letter(pair: Any) -> None:
    with pytest.raises(InputError, match="both call their constant mu"):
        declare(assumes=pair)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at_least": 1.5}, "at_least must lie in"),
        ({"at_least": 0.0}, "at_least must lie in"),
        ({"slack": 0.0}, "slack must lie in"),
        ({"slack": math.nan}, "slack must lie in"),
        ({"method": None}, "needs a method"),
    ],
    ids=str,
)
def test_numbers_of_a_theorem(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        declare(**changes)


def test_unknown_constant_of_a_bound() -> None:
    with pytest.raises(InputError, match="uses smoothness, which is neither a constant"):

        @theorem(experiment=lambda k: 1.0, domain=grid(k=1), source="a test")
        def declared_in_a_test(k, smoothness):  # type: ignore[no-untyped-def]
            """A bound."""
            return smoothness / k


@pytest.mark.parametrize("step", [math.nan, math.inf, "long", None])
def test_step_sizes_are_numbers(step: Any) -> None:
    method = gradient_descent(step_size=lambda: step)
    with pytest.raises(InputError, match="step_size of gradient-descent must be"):
        method.schedule({}, 1)


def test_claims() -> None:
    for tolerance in (-0.1, 1.0, math.nan):
        with pytest.raises(InputError, match="tolerance must lie in"):
            limit(tolerance)
    with pytest.raises(InputError, match="ceiling must be above 0"):
        Claim(Side.UPPER, ceiling=0.0)
    assert probability().ceiling == 1.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": [math.nan]}, "start must be finite"),
        ({"minimizer": [math.inf]}, "minimizer must be finite"),
        ({"minimizer": [0.0, 0.0]}, "must be points of one space"),
        ({"minimum": math.nan}, "minimum must be a number"),
        ({"region": 0.0}, "region must be a radius"),
        ({"start": [[1.0]]}, "start must have 1 dimension"),
        ({"neighbours": [[[9.0], [9.0]]]}, "with another example in row 0 only"),
        ({"neighbours": [[[9.0]]]}, "with another example in row 0 only"),
    ],
    ids=str,
)
def test_problems(changes: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {
        "scalars": [], "start": [1.0], "minimizer": [0.0], "minimum": 0.0, "assumptions": [],
        "table": [[1.0], [2.0]], "neighbours": [[[3.0], [2.0]]],
    }  # fmt: skip
    Problem(**arguments)
    with pytest.raises(InputError, match=words):
        Problem(**{**arguments, **changes})


def test_unknown_parameters_are_named() -> None:
    with pytest.raises(InputError, match="has no parameter spectra"):
        quadratic(spectra=(1.0,))
    with pytest.raises(InputError, match="has no hyper-parameter step"):
        gradient_descent(step=1.0)
    with pytest.raises(InputError, match="needs step_size"):
        gradient_descent()


def test_a_control_changes_what_it_may() -> None:
    made = declare()
    with pytest.raises(InputError, match="cannot change assumes"):
        made.control("none", assumes=Convex)
    with pytest.raises(InputError, match="has no control"):
        made.validate()
    made.control("nothing at all")
    with pytest.raises(InputError, match="changes nothing"):
        made.validate()
