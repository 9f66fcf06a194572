"""Interpolants: through their data, of their class, and by a quadratic program that is solved exactly."""

import numpy as np
import pytest
from scipy.optimize import minimize

pytest.importorskip("PEPit", reason="the extra simlab[pep] is not installed")

from simlab.estimation.interpolation import (
    HullInterpolant,
    PolyhedralInterpolant,
    SmoothInterpolant,
    simplex_minimizer,
)

RNG = np.random.default_rng(0)


def test_convex_combinations_are_the_best_ones() -> None:
    for _ in range(20):
        points, costs, target = RNG.normal(size=(6, 3)), RNG.normal(size=6), RNG.normal(size=3)

        def cost(c, points=points, costs=costs, target=target):  # type: ignore[no-untyped-def]
            return np.sum((target - c @ points) ** 2) + c @ costs

        c = simplex_minimizer(points, costs, target, 2.0)
        assert c.min() >= 0
        assert c.sum() == pytest.approx(1.0, rel=1e-12)
        other = minimize(
            cost, np.full(6, 1 / 6), bounds=[(0, 1)] * 6, constraints={"type": "eq", "fun": lambda c: c.sum() - 1},
            options={"ftol": 1e-14},
        )  # fmt: skip
        assert cost(c) <= other.fun + 1e-12


@pytest.mark.parametrize(
    ("spectrum", "curvature"),
    [((0.3, 2.0), (0.1, 3.0)), ((0.0, 2.0), (0.0, 2.0)), ((-1.0, 1.5), (-2.0, 2.0))],
)
def test_smooth_interpolants_have_their_data_and_their_smoothness(
    spectrum: tuple[float, float], curvature: tuple[float, float]
) -> None:
    hessian = np.array(spectrum)
    points = RNG.normal(size=(5, 2))
    f = SmoothInterpolant(points, points * hessian, points**2 @ hessian / 2, curvature)
    for x in points:
        assert f.value(x) == pytest.approx(x**2 @ hessian / 2, abs=1e-12)
        assert f.gradient(x) == pytest.approx(x * hessian, abs=1e-10)
    low, high = curvature
    for _ in range(50):
        x, y = RNG.normal(scale=2, size=(2, 2))
        slope = f.gradient(x)
        numeric = [(f.value(x + e) - f.value(x - e)) / 2e-5 for e in 1e-5 * np.eye(2)]
        assert slope == pytest.approx(numeric, abs=1e-5)
        excess = f.value(y) - f.value(x) - slope @ (y - x)
        assert low / 2 * np.sum((y - x) ** 2) - 1e-12 <= excess <= high / 2 * np.sum((y - x) ** 2) + 1e-12


def test_polyhedral_interpolants_have_their_data_and_their_proximal_map() -> None:
    slopes = RNG.normal(size=(4, 3))
    points = RNG.normal(size=(4, 3))
    heights = points @ slopes.T
    f = PolyhedralInterpolant(points, slopes[heights.argmax(axis=1)], heights.max(axis=1))
    for x, height in zip(points, heights, strict=True):
        assert f.value(x) == pytest.approx(height.max())
        assert (f.gradient(x) == slopes[height.argmax()]).all()
    x = RNG.normal(size=3)
    u = f.prox(0.7, x)
    for _ in range(200):
        other = u + 0.1 * RNG.normal(size=3)
        assert f.value(u) + np.sum((u - x) ** 2) / 1.4 <= f.value(other) + np.sum((other - x) ** 2) / 1.4


def test_hulls_answer_with_projections_and_support_points() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    hull = HullInterpolant(square, square - 0.5, np.zeros(4))
    assert hull.prox(1.0, np.array([2.0, 0.3])) == pytest.approx([1.0, 0.3])
    assert (hull.prox(np.inf, np.array([-1.0, 2.0])) == [0.0, 1.0]).all()
