"""Powers of |x|: flat minimizers, at which gradient descent is slower than any exponential."""

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Assumption, Convex, LipschitzHessian, Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem


@kernel
def power_value(data: Data, x: Vector) -> float:
    """|x|^p within 1, the parabola that continues it beyond, plus ridge x^2 / 2."""
    p, size = data.scalars[0], abs(x[0])
    inner = min(size, 1.0)
    outer = size - inner
    return inner**p + p * outer + 0.5 * p * (p - 1.0) * outer**2 + 0.5 * data.scalars[1] * size**2


@kernel
def power_gradient(data: Data, x: Vector, out: Vector) -> None:
    """p |x|^(p-1) within 1, and the line that continues it beyond, with the sign of x; plus ridge x."""
    p, size = data.scalars[0], abs(x[0])
    inner = min(size, 1.0)
    slope = p * inner ** (p - 1.0) + p * (p - 1.0) * (size - inner)
    out[0] = (slope if x[0] > 0.0 else -slope) + data.scalars[1] * x[0]


@kernel
def power_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """p (p - 1) |x|^(p-2) within 1, and p (p - 1) beyond, plus ridge."""
    p = data.scalars[0]
    out[0, 0] = p * (p - 1.0) * min(abs(x[0]), 1.0) ** (p - 2.0) + data.scalars[1]


@problem(
    value=power_value,
    gradient=power_gradient,
    hessian=power_hessian,
    gallery=(
        {"power": 4.0},
        {"power": 3.0, "start": -2.0},
        {"power": 6.0, "ridge": 0.1},
        {"power": 4.0, "ridge": 1e-5},
    ),
    formula=r"f(x) = |x|^p + \tfrac\lambda2 x^2 \quad (|x| \le 1)",
)
def power(power: float = 4.0, ridge: float = 0.0, start: float = 1.0) -> Problem:
    """One coordinate; ``power`` p is at least 2. Beyond 1 the function goes on as a parabola, so that its
    constants hold everywhere.
    """
    if not (power >= 2 and ridge >= 0):
        raise InputError("power: the power must be at least 2 and the ridge at least 0.")
    assumptions: list[Assumption] = [Convex(), Smooth(power * (power - 1) + ridge)]
    if power >= 3:  # |x|^(p-2) is Lipschitz within 1
        assumptions.append(LipschitzHessian(power * (power - 1) * (power - 2)))
    if ridge > 0:
        assumptions.append(StronglyConvex(ridge))
    return Problem(
        scalars=[power, ridge], start=[start], minimizer=[0.0], minimum=0.0, assumptions=assumptions
    )
