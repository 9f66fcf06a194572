"""The policy gradient kernel against plain NumPy."""

import numpy as np
import pytest
from scipy.special import softmax

from theorems.policy_gradient.bandits import policy_losses

REWARDS, START = (0.3, 1.0, 0.8, 1.0), (1.0, -1.0, 0.5, 0.0)


@pytest.mark.parametrize("natural", [False, True])
def test_kernel_is_numpy(natural: bool) -> None:
    rewards, logits = np.array(REWARDS), np.array(START)
    losses, best = [], []
    for _ in range(301):
        policy = softmax(logits)
        value = policy @ rewards
        losses.append(1.0 - value)
        best.append(policy[1] + policy[3])
        logits = logits + 0.4 * (rewards - value) * (1.0 if natural else policy)
    found, observed = policy_losses(REWARDS, 0.4, (0, 1, 7, 300), START, natural)
    assert np.abs(found - np.array(losses)[[0, 1, 7, 300]]).max() <= 1e-12
    assert observed["c"] == pytest.approx(min(best), rel=1e-12)


def test_the_gradient_is_that_of_the_expected_reward() -> None:
    """A small step changes the loss by minus the squared gradient norm, taken from differences."""
    rewards, logits, step = np.array(REWARDS), np.array(START), 1e-6
    slopes = [
        (softmax(logits + s) @ rewards - softmax(logits - s) @ rewards) / 2e-6 for s in 1e-6 * np.eye(4)
    ]
    found, _ = policy_losses(REWARDS, step, (0, 1), START)
    assert (found[0] - found[1]) / step == pytest.approx(np.sum(np.square(slopes)), rel=1e-4)
