"""Functions through given points, gradients and values: the worst functions that a solver describes.

Each is the largest or smallest function of its class with these data, so that it has them exactly where they can be
interpolated at all.
"""

from typing import Protocol

import numpy as np

from simlab.kernels.arrays import Matrix, Vector

TIE = 1e-5  # relative difference below which two pieces count as equal
MOST_CHANGES = 1000  # of the active set


class Interpolant(Protocol):
    """A function through given data."""

    def value(self, x: Vector) -> float: ...  # noqa: D102

    def gradient(self, x: Vector) -> Vector: ...  # noqa: D102


def simplex_minimizer(points: Matrix, costs: Vector, target: Vector, weight: float) -> Vector:
    """The convex combination c that minimizes weight/2 |target - c points|^2 + c . costs, by its active set.

    ``points`` has shape (n, d). As in the algorithm of Lawson and Hanson for least squares, one index enters at a
    time, the one with the steepest descent, and those that would become negative leave.
    """
    hessian = weight * points @ points.T
    linear = costs - weight * points @ target
    active = [int(np.argmin(linear + np.diag(hessian) / 2))]
    c = np.zeros(len(points))
    c[active] = 1.0
    scale = np.abs(hessian).max() + np.abs(linear).max()
    for _ in range(MOST_CHANGES):
        slopes = hessian @ c + linear
        level = float(c @ slopes)
        entering = int(np.argmin(slopes))
        if slopes[entering] >= level - 1e-14 * scale or entering in active:
            break
        active.append(entering)
        while True:
            wanted = _stationary(hessian, linear, active)
            if (wanted > 0).all():
                break
            falling = [i for i, w in zip(active, wanted, strict=True) if w <= 0]
            ratios = [c[i] / (c[i] - w) if c[i] > w else 0.0
                      for i, w in zip(active, wanted, strict=True) if w <= 0]  # fmt: skip
            step = min(ratios)
            for i, w in zip(active, wanted, strict=True):
                c[i] += step * (w - c[i])
            leaving = falling[int(np.argmin(ratios))]
            c[leaving] = 0.0
            active.remove(leaving)
            if len(active) == 1:
                break
        c[:] = 0.0
        c[active] = _stationary(hessian, linear, active)
    return c


def _stationary(hessian: Matrix, linear: Vector, active: list[int]) -> Vector:
    """The minimizer over all combinations of the active points with sum 1, positive or not."""
    size = len(active)
    system = np.ones((size + 1, size + 1))
    system[:size, :size], system[size, size] = hessian[np.ix_(active, active)], 0.0
    found: Vector = np.linalg.lstsq(system, np.append(-linear[active], 1.0), rcond=None)[0][:size]
    return found


class SmoothInterpolant:
    """The largest L-smooth function f with f - (mu/2)|x|^2 convex through the data; mu may be negative.

    With M = L - mu, and the data of f - (mu/2)|x|^2, it is the minimum over convex combinations of
    (M/2) |x - (x_i - g_i/M)|^2 + f_i - |g_i|^2/(2M), where the combination is taken of points and of values: the
    Moreau envelope of the convex hull of these values. Taylor, Hendrickx & Glineur 2017, Theorem 4 and Remark 2.
    """

    def __init__(
        self, points: Matrix, gradients: Matrix, values: Vector, curvature: tuple[float, float]
    ) -> None:
        self.low, high = curvature
        self.gap = high - self.low
        slopes = gradients - self.low * points
        levels = values - self.low / 2 * np.sum(points**2, axis=1)
        self.centers = points - slopes / self.gap
        self.costs = levels - np.sum(slopes**2, axis=1) / (2 * self.gap)

    def _center(self, x: Vector) -> tuple[Vector, float]:
        c = simplex_minimizer(self.centers - x, self.costs - self.costs.min(), 0 * x, self.gap)
        return c @ self.centers, float(c @ self.costs)

    def value(self, x: Vector) -> float:
        """f(x)."""
        center, cost = self._center(x)
        return float(self.gap / 2 * np.sum((x - center) ** 2) + cost + self.low / 2 * x @ x)

    def gradient(self, x: Vector) -> Vector:
        """grad f(x)."""
        return self.gap * (x - self._center(x)[0]) + self.low * x


class PolyhedralInterpolant:
    """The smallest convex function through the data: the largest of the affine functions that touch it there.

    Where several are largest, up to the accuracy of the data, the subgradient is that of the nearest data point.
    """

    def __init__(self, points: Matrix, gradients: Matrix, values: Vector) -> None:
        self.points, self.gradients = points, gradients
        self.offsets = values - np.sum(gradients * points, axis=1)
        self.scale = float(np.ptp(values)) or 1.0

    def value(self, x: Vector) -> float:
        """f(x)."""
        return float(np.max(self.gradients @ x + self.offsets))

    def gradient(self, x: Vector) -> Vector:
        """A subgradient."""
        heights = self.gradients @ x + self.offsets
        far = heights < heights.max() - TIE * self.scale
        distances = np.where(far, np.inf, np.sum((self.points - x) ** 2, axis=1))
        return np.array(self.gradients[_first_smallest(distances)])

    def prox(self, step: float, x: Vector) -> Vector:
        """argmin_u f(u) + |u - x|^2 / (2 step) = x - step * a convex combination of the gradients."""
        heights = self.gradients @ x + self.offsets
        c = simplex_minimizer(self.gradients, heights.max() - heights, 0 * x, step)
        return x - step * (c @ self.gradients)


class HullInterpolant:
    """The indicator function of the convex hull of the points, with directions of normal vectors at them."""

    def __init__(self, points: Matrix, gradients: Matrix, values: Vector) -> None:
        self.points = points
        self.normals = np.array([_direction(normal) for normal in gradients])

    def value(self, x: Vector) -> float:
        """0: it is asked on the hull only."""
        return 0.0

    def gradient(self, x: Vector) -> Vector:
        """A normal vector."""
        return 0 * x

    def prox(self, step: float, x: Vector) -> Vector:
        """The projection; with an infinite step a point u of the hull with the largest x . u, and of several that
        are equal up to the accuracy of the data the one with the nearest direction of its normal vector.
        """
        if np.isfinite(step):
            return simplex_minimizer(self.points - x, np.zeros(len(self.points)), 0 * x, 1.0) @ self.points
        heights = self.points @ x
        far = heights < heights.max() - TIE * (np.abs(heights).max() or 1.0)
        distances = np.sum((self.normals - _direction(x)) ** 2, axis=1)
        return np.array(self.points[_first_smallest(np.where(far, np.inf, distances))])


def _first_smallest(distances: Vector) -> int:
    """The first of the smallest: where a point was asked twice, the method asked before the measurement did."""
    return int(np.argmax(distances <= distances.min() + TIE))


def _direction(vector: Vector) -> Vector:
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector
