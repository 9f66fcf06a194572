"""Balanced layers and their gradient flow."""

import itertools

import numpy as np
import pytest

from theorems.deep_networks.linear_networks import balanced_layers, loss, loss_after_flow, multiplied

RANDOM = np.random.default_rng(3)
PRODUCT, TARGET = RANDOM.standard_normal((2, 3, 3))


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_layers_are_balanced_and_have_the_product(depth: int) -> None:
    layers = balanced_layers(PRODUCT, depth, np.random.default_rng(1))
    assert np.abs(multiplied(layers, 3) - PRODUCT).max() <= 1e-13
    for before, after in itertools.pairwise(layers):
        assert np.abs(after.T @ after - before @ before.T).max() <= 1e-13


def test_the_flow_is_the_limit_of_gradient_descent() -> None:
    """Euler's method with the gradients of differences: first order, so half the step has half the error."""
    start = balanced_layers(PRODUCT, 3, np.random.default_rng(1))
    flow = loss_after_flow(start, TARGET, 0.2)

    def descend(steps: int) -> float:
        layers = [layer.copy() for layer in start]
        for _ in range(steps):
            slopes = []
            for layer in layers:
                slope = np.empty_like(layer)
                for place in np.ndindex(layer.shape):
                    kept, values = layer[place], []
                    for shift in (1e-5, -1e-5):
                        layer[place] = kept + shift
                        values.append(loss(layers, TARGET))
                    layer[place] = kept
                    slope[place] = (values[0] - values[1]) / 2e-5
                slopes.append(slope)
            for layer, slope in zip(layers, slopes, strict=True):
                layer -= 0.2 / steps * slope
        return loss(layers, TARGET)

    errors = [descend(steps) - flow for steps in (100, 200)]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)
    assert abs(errors[1]) <= 0.05 * flow
