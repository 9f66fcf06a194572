"""Routing and bias updates against plain NumPy."""

import numpy as np
import pytest

from simlab.kernels.arrays import Matrix, Vector
from theorems.large_models.expert_balancing import STREAMS, mean_changes, token_scores


def changes(scores: Matrix, top: int, speed: float, steps: int, by_sign: bool) -> tuple[Vector, Vector]:
    """The mean change over the steps and the final biases."""
    tokens, experts = scores.shape[1:]
    biases, total = np.zeros(experts), np.zeros(experts)
    for k in range(steps):
        order = np.argsort(-(scores[k % len(scores)] + biases), axis=1, kind="stable")
        gap = tokens * top / experts - np.bincount(order[:, :top].ravel(), minlength=experts)
        change = np.sign(gap) if by_sign else gap / tokens
        biases, total = biases + speed * change, total + change
    return total / steps, biases


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("by_sign", [False, True])
def test_kernel_is_numpy(stream: str, by_sign: bool) -> None:
    scores = token_scores(stream, 6, 10)
    found = mean_changes(scores, 2, 0.03, (7, 90), by_sign)
    for row, steps in enumerate((7, 90)):
        assert np.abs(found[row] - changes(scores, 2, 0.03, steps, by_sign)[0]).max() <= 1e-12


def test_the_sum_of_the_imbalances_is_the_change_of_the_bias() -> None:
    scores = token_scores("mixed", 6, 10)
    mean, biases = changes(scores, 2, 0.03, 90, by_sign=False)
    assert np.abs(0.03 * 90 * mean - biases).max() <= 1e-12
    assert abs(biases.sum()) <= 1e-12


def test_the_biases_never_leave_their_range() -> None:
    """What the proof says of them, at every step: at most 1 + speed for one chosen expert, else twice that."""
    for stream in STREAMS:
        for top, sides in ((1, 1), (2, 2), (5, 1)):
            for steps in range(1, 200, 7):
                biases = changes(token_scores(stream, 6, 10), top, 0.125, steps, by_sign=False)[1]
                assert np.ptp(biases) <= sides * 1.125 + 1e-12
