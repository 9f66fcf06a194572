"""The Huber function: a parabola that turns into a cone, tight for many convex rates."""

from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Convex, Lipschitz, Smooth
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import real


@kernel
def huber_value(data: Data, x: Vector) -> float:
    """L x^2 / 2 inside the threshold, L threshold (|x| - threshold / 2) outside."""
    smoothness, threshold = data.scalars[0], data.scalars[1]
    size = abs(x[0])
    if size <= threshold:
        return 0.5 * smoothness * size * size
    return smoothness * threshold * (size - 0.5 * threshold)


@kernel
def huber_gradient(data: Data, x: Vector, out: Vector) -> None:
    """L x clipped to L * threshold in magnitude."""
    smoothness, threshold = data.scalars[0], data.scalars[1]
    out[0] = smoothness * min(max(x[0], -threshold), threshold)


@problem(
    value=huber_value,
    gradient=huber_gradient,
    gallery=({"threshold": 0.1}, {"threshold": 0.01, "smoothness": 3.0}),
    search={"threshold": real(1e-4, 2.0), "smoothness": real(0.1, 10.0), "start": real(-2.0, 2.0)},
    formula=r"f(x) = L \min(x^2/2,\; \delta |x| - \delta^2/2)",
)
def huber(smoothness: float = 1.0, threshold: float = 0.1, start: float = 1.0) -> Problem:
    """One coordinate; quadratic within ``threshold`` of its minimizer 0 and linear beyond."""
    return Problem(
        scalars=[smoothness, threshold],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(Convex(), Smooth(smoothness), Lipschitz(smoothness * threshold)),
    )
