"""Logistic regression on a user's own data: the same as on the synthetic data, and clear refusals."""

from typing import Any

import numpy as np
import pytest

from problems.logistic import logistic_regression, synthetic
from problems.online import linear_game
from problems.pseudo_huber import pseudo_huber
from simlab.errors import InputError

SIGNED = synthetic(12, 3, seed=4)
LABELS = np.where(np.arange(12) % 2 == 0, 1.0, -1.0)
FEATURES = LABELS[:, None] * SIGNED


@pytest.mark.parametrize(
    "labels", [LABELS, (LABELS + 1) / 2, LABELS > 0, list(LABELS)], ids=["+-1", "01", "bool", "list"]
)
def test_own_data_is_the_same_problem_however_the_classes_are_encoded(labels: Any) -> None:
    own = logistic_regression(features=FEATURES, labels=labels, ridge=0.1)
    made = logistic_regression(terms=12, dimension=3, seed=4, ridge=0.1)
    assert np.array_equal(own.table, made.table)
    assert own.assumptions == made.assumptions
    other = logistic_regression(features=FEATURES, labels=-LABELS, ridge=0.1)
    assert not np.allclose(other.minimizer, own.minimizer)


@pytest.mark.parametrize("ridge", [0.0, 1e-3, 0.1, 10.0])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_minimizer_is_exact(ridge: float, scale: float) -> None:
    """The gradient there is rounding; a point 1e-9 away has a gradient that is not."""
    rows = scale * FEATURES
    problem = logistic_regression(features=rows, labels=LABELS, ridge=ridge)
    x = np.asarray(problem.minimizer)
    size = np.abs(rows).max()
    assert np.linalg.norm(problem.gradient(x)) <= 1e-15 * size
    assert np.linalg.norm(problem.gradient(x * (1 + 1e-9))) > 1e-14 * size


def test_fewer_examples_than_coordinates_leave_the_start_s_other_directions_alone() -> None:
    """With 0 ridge and two opposite examples the minimizer is the nearest to the start."""
    problem = logistic_regression(features=[[1.0, 0.0], [1.0, 0.0]], labels=[1, -1])
    assert problem.minimizer == pytest.approx([0.0, 1.0], abs=1e-15)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"features": FEATURES}, "give features and labels together"),
        ({"labels": LABELS}, "give features and labels together"),
        (
            {"features": FEATURES, "labels": LABELS[:-1]},
            r"\(n, d\) and labels \(n,\), not \(12, 3\) and \(11,\)",
        ),
        ({"features": FEATURES[0], "labels": LABELS[:3]}, r"\(n, d\)"),
        ({"features": np.full((2, 2), np.nan), "labels": [1, -1]}, "must be finite"),
        ({"features": np.zeros((2, 2)), "labels": [1, -1]}, "not all 0"),
        ({"features": FEATURES, "labels": np.arange(12)}, "labels must be -1 and 1, or 0 and 1"),
        ({"features": [["a"]], "labels": [1]}, "arrays of numbers"),
        ({"features": [[1.0], [-1.0]], "labels": [1, -1]}, "a hyperplane separates the classes"),
        ({"ridge": -1.0}, "the ridge must be"),
        ({"ridge": np.nan}, "the ridge must be"),
    ],
)
def test_what_cannot_be_is_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        logistic_regression(**parameters)


@pytest.mark.parametrize(
    ("family", "parameters", "message"),
    [
        (linear_game, {"slopes": [1.0]}, "one row a round"),
        (linear_game, {"slopes": [[np.inf]]}, "finite numbers"),
        (linear_game, {"radius": np.inf}, "radius must be a number above 0"),
        (pseudo_huber, {"threshold": 0.0}, "threshold must be a number above 0"),
    ],
)
def test_games_and_far_slopes_refuse_what_cannot_be(
    family: Any, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        family(**parameters)
