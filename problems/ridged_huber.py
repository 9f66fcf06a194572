"""A Huber function with a ridge: strongly convex, smooth, and as far from a quadratic as these two allow."""

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem

# Scalars: mu, L, threshold.


@kernel
def ridged_huber_value(data: Data, x: Vector) -> float:
    """L x^2 / 2 inside the threshold t, mu x^2 / 2 + (L - mu) t (|x| - t / 2) outside."""
    flat, steep, threshold = data.scalars[0], data.scalars[1], data.scalars[2]
    size = abs(x[0])
    if size <= threshold:
        return 0.5 * steep * size * size
    return 0.5 * flat * size * size + (steep - flat) * threshold * (size - 0.5 * threshold)


@kernel
def ridged_huber_gradient(data: Data, x: Vector, out: Vector) -> None:
    """mu x, plus (L - mu) x clipped to (L - mu) t in magnitude."""
    flat, steep, threshold = data.scalars[0], data.scalars[1], data.scalars[2]
    out[0] = flat * x[0] + (steep - flat) * min(max(x[0], -threshold), threshold)


@problem(
    value=ridged_huber_value,
    gradient=ridged_huber_gradient,
    gallery=(
        {"condition_number": 20.0, "start": 40.0},
        {"strong_convexity": 0.01, "condition_number": 1e4, "threshold": 1e-4, "start": -1.0},
    ),
    formula=r"f(x) = \tfrac\mu2 x^2 + (L - \mu) \min(x^2/2,\; \delta |x| - \delta^2/2)",
)
def ridged_huber(
    strong_convexity: float = 1.0, condition_number: float = 10.0, threshold: float = 1.0, start: float = 10.0
) -> Problem:
    """One coordinate; the curvature is L = mu * condition_number within ``threshold`` of the minimizer 0, and mu
    beyond.

    The tangents of its slope far out meet the axis at -+(L/mu - 1) * threshold: methods that trust the curvature
    which they see there overshoot.
    """
    if not (strong_convexity > 0 and condition_number >= 1 and threshold > 0):
        raise InputError(
            "ridged_huber: strong_convexity and threshold must be above 0, and condition_number at least 1."
        )
    largest = strong_convexity * condition_number
    return Problem(
        scalars=[strong_convexity, largest, threshold],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(Smooth(largest), StronglyConvex(strong_convexity)),
    )
