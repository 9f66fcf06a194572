"""Expectations over all data sets and all index sequences, against closed forms."""

import numpy as np
import pytest

from simlab.verification import verify
from theorems.stability.generalization import (
    expected_losses,
    generalization_gap,
    sampled_gaps,
    uniform_stability,
)


@pytest.mark.parametrize(("n", "k"), [(2, 1), (2, 3), (3, 3)])
def test_slopes_have_the_gap_eta_k_over_n_and_twice_that_stability(n: int, k: int) -> None:
    expected = expected_losses("slopes", n, 0.5, k)
    assert generalization_gap(expected) == pytest.approx(0.5 * k / n, rel=1e-13)
    assert uniform_stability(expected) == pytest.approx(2 * 0.5 * k / n, rel=1e-13)


@pytest.mark.parametrize("k", [1, 4])
def test_a_parabola_discounts_the_steps(k: int) -> None:
    """The parabola cancels in F - F_S, and step t counts (1 - eta mu)^(k - 1 - t)."""
    gap = generalization_gap(expected_losses("parabola", 3, 0.5, k))
    assert gap == pytest.approx(0.5 / 3 * sum((1 - 0.5 * 0.1) ** t for t in range(k)), rel=1e-13)


def test_the_simplex_nearly_attains_the_stability() -> None:
    expected = expected_losses("simplex", 2, 0.5, 2)
    assert generalization_gap(expected) / uniform_stability(expected) == pytest.approx(11 / 12, rel=1e-12)


def test_a_gap_of_one_data_set_by_hand() -> None:
    """S = (+1, -1), one step from 0: w = -eta or +eta, so the expected loss is 0 for both examples."""
    expected = expected_losses("slopes", 2, 0.5, 1)
    assert expected[0, 1] == pytest.approx([0.0, 0.0])
    assert expected[0, 0] == pytest.approx([-0.5, 0.5])


def test_another_example_is_never_the_same() -> None:
    """Slopes +-1: the other sign changes the loss whenever the example was drawn, a random copy half as often."""
    rng = np.random.default_rng(0)
    changed = [np.mean(sampled_gaps("slopes", 2, 0.5, 1, rng, 4000, least)[:, 1] != 0) for least in (0, 1)]
    assert changed == pytest.approx([0.25, 0.5], abs=0.05)


def test_the_entries_hold() -> None:
    assert verify("stability-implies-generalization", tier="quick").passed
