"""What is not a number stays so, in every statistic of a run."""

import math

import numpy as np
import pytest

from simlab.kernels.oracle import Data, Objective, Reference
from simlab.kernels.quantities import max_norm
from simlab.kernels.trajectory import Selection, aggregate

NUMBERS = (3.0, 1.0, 2.0)


def running(selection: Selection, values: tuple[float, ...]) -> float:
    total = {Selection.BEST: math.inf, Selection.WORST: -math.inf}.get(selection, 0.0)
    for value in values:
        total = aggregate.function(int(selection), 1.0, total, value)
    return total


@pytest.mark.parametrize(
    ("selection", "expected"), [(Selection.BEST, 1.0), (Selection.WORST, 3.0), (Selection.SUM, 6.0)]
)
def test_aggregates(selection: Selection, expected: float) -> None:
    assert running(selection, NUMBERS) == expected
    for place in range(4):
        values = (*NUMBERS[:place], math.nan, *NUMBERS[place:])
        assert math.isnan(running(selection, values)), values


def test_infinity_is_no_best_but_a_worst() -> None:
    assert running(Selection.BEST, (3.0, math.inf)) == 3.0
    assert running(Selection.WORST, (3.0, math.inf)) == math.inf


@pytest.mark.parametrize("place", [0, 1, 2])
def test_largest_coordinate(place: int) -> None:
    x = np.array([1.0, -3.0, 2.0])
    nothing = Objective(None, None, None, None, None, Data(np.zeros(0), np.zeros((0, 0))))
    reference = Reference(np.zeros(3), 0.0, np.zeros(3))
    assert max_norm.kernel.function(nothing, reference, x, np.zeros((4, 3))) == 3.0
    x[place] = np.nan
    assert math.isnan(max_norm.kernel.function(nothing, reference, x, np.zeros((4, 3))))
