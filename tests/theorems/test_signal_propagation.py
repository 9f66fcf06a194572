"""The mean-field maps against direct integration, and against networks of finite width."""

import math

import numpy as np
import pytest
from scipy.integrate import dblquad

from theorems.deep_networks.signal_propagation import (
    NODES,
    decorrelation,
    fixed_length,
    next_gap,
    next_length,
    normal_mean,
)


@pytest.mark.parametrize(("power", "moment"), [(0, 1), (2, 1), (4, 3), (6, 15), (8, 105)])
def test_normal_means_are_exact(power: int, moment: float) -> None:
    assert normal_mean(NODES**power) == pytest.approx(moment, rel=1e-12)


@pytest.mark.parametrize("gap", [1.0, 0.3])
def test_next_gap_is_the_integral_over_both_inputs(gap: float) -> None:
    q, weight, bias = fixed_length(1.3, 0.3), 1.3, 0.3
    c = 1 - gap

    def product(z: float, y: float) -> float:
        u, v = math.sqrt(q) * y, math.sqrt(q) * (c * y + math.sqrt(1 - c**2) * z)
        return math.tanh(u) * math.tanh(v) * math.exp(-(y**2 + z**2) / 2) / (2 * math.pi)

    mean, _ = dblquad(product, -9, 9, -9, 9, epsabs=1e-11, epsrel=1e-11)
    assert next_gap(gap, q, weight) == pytest.approx(1 - (weight * mean + bias) / q, abs=1e-9)


def test_tiny_gaps_keep_their_relative_accuracy() -> None:
    q = fixed_length(1.3, 0.3)
    ratios = [next_gap(gap, q, 1.3) / gap for gap in (1e-6, 1e-12, 1e-100)]
    assert np.ptp(ratios) <= 1e-6 * ratios[0]


def test_the_fixed_length_is_fixed() -> None:
    q = fixed_length(1.7, 0.05)
    assert next_length(q, 1.7, 0.05) == pytest.approx(q, rel=1e-13)


def test_a_wide_network_follows_the_map() -> None:
    """Cosines of preactivations after 5 random layers of width 1000, averaged over 8 networks."""
    rng, width, weight, bias = np.random.default_rng(1), 1000, 1.3, 0.3
    q = fixed_length(weight, bias)
    measured = []
    for _ in range(8):
        first, second = math.sqrt(q) * rng.standard_normal((2, width))
        u, v = first, 0.5 * first + math.sqrt(0.75) * second
        for _ in range(5):
            matrix = math.sqrt(weight / width) * rng.standard_normal((width, width))
            shift = math.sqrt(bias) * rng.standard_normal(width)
            u, v = matrix @ np.tanh(u) + shift, matrix @ np.tanh(v) + shift
        measured.append(1 - u @ v / np.sqrt(u @ u * (v @ v)))
    predicted = decorrelation(5, weight, bias, 0.5)
    assert np.mean(measured) == pytest.approx(predicted, abs=4 * np.std(measured) / math.sqrt(8) + 2 / width)
    assert np.mean(measured) == pytest.approx(predicted, rel=0.1)
