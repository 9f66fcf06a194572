"""A convex function whose curvature peaks at the minimizer, tight for Newton's method."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import LipschitzHessian, NondegenerateMinimizer, Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem


@kernel
def peaked_value(data: Data, x: Vector) -> float:
    """(mu + M r) x^2 / 2 - M |x|^3 / 6 up to the radius r; beyond, the quadratic that continues it."""
    flat, change, radius = data.scalars[0], data.scalars[1], data.scalars[2]
    size = abs(x[0])
    if size <= radius:
        return 0.5 * (flat + change * radius) * size**2 - change * size**3 / 6.0
    return 0.5 * flat * size**2 + 0.5 * change * radius**2 * size - change * radius**3 / 6.0


@kernel
def peaked_gradient(data: Data, x: Vector, out: Vector) -> None:
    """(mu + M r) x - M x |x| / 2 up to the radius r; beyond, mu x + sign(x) M r^2 / 2."""
    flat, change, radius = data.scalars[0], data.scalars[1], data.scalars[2]
    size = abs(x[0])
    if size <= radius:
        out[0] = (flat + change * radius) * x[0] - 0.5 * change * x[0] * size
    else:
        out[0] = flat * x[0] + 0.5 * change * radius**2 * (1.0 if x[0] > 0.0 else -1.0)


@kernel
def peaked_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """mu + M max(r - |x|, 0)."""
    out[0, 0] = data.scalars[0] + data.scalars[1] * max(data.scalars[2] - abs(x[0]), 0.0)


@problem(
    value=peaked_value,
    gradient=peaked_gradient,
    hessian=peaked_hessian,
    gallery=(
        {},
        {"strong_convexity": 0.5, "hessian_lipschitz": 3.0, "radius": 0.3, "start": 0.2},
        {"strong_convexity": 1e-6},
    ),
    formula=r"f''(x) = \mu + M \max(r - |x|, 0)",
)
def peaked_curvature(
    strong_convexity: float = 1.0, hessian_lipschitz: float = 1.0, radius: float = 1.0, start: float = 1.0
) -> Problem:
    """One coordinate; the curvature falls linearly from its peak at the minimizer 0 to mu at distance ``radius``.

    A Newton step from there uses the smallest curvature, and the slope of the largest.
    """
    return Problem(
        scalars=[strong_convexity, hessian_lipschitz, radius],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(
            StronglyConvex(strong_convexity),
            NondegenerateMinimizer(strong_convexity + hessian_lipschitz * radius),
            Smooth(strong_convexity + hessian_lipschitz * radius),
            LipschitzHessian(hessian_lipschitz),
        ),
    )
