"""The zigzag: a smooth function whose slope recovers after every dip, tight for non-convex gradient descent."""

import math

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import BoundedBelow, Smooth
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import real, whole

# Scalars of a zigzag: smoothness L, slope g, number of dips, width of a dip.


@kernel
def zigzag_value(data: Data, x: Vector) -> float:
    """The integral of the slope from 0."""
    smoothness, slope, dips, width = data.scalars[0], data.scalars[1], data.scalars[2], data.scalars[3]
    bowl = slope / smoothness
    if x[0] <= bowl:
        return 0.5 * smoothness * x[0] ** 2
    beyond = x[0] - bowl
    whole = min(math.floor(beyond / width), dips)
    rest = beyond - whole * width
    total = 0.5 * slope * bowl + slope * beyond - whole * 0.25 * smoothness * width**2
    if whole < dips:
        near = min(rest, width - rest)
        lost = 0.5 * smoothness * near**2
        total -= lost if rest <= 0.5 * width else 0.25 * smoothness * width**2 - lost
    return total


@kernel
def zigzag_gradient(data: Data, x: Vector, out: Vector) -> None:
    """L x up to g/L; then g less L times the distance to the nearest end of a dip; then g."""
    smoothness, slope, dips, width = data.scalars[0], data.scalars[1], data.scalars[2], data.scalars[3]
    beyond = x[0] - slope / smoothness
    if beyond <= 0.0:
        out[0] = smoothness * x[0]
    elif beyond >= dips * width:
        out[0] = slope
    else:
        rest = beyond - math.floor(beyond / width) * width
        out[0] = slope - smoothness * min(rest, width - rest)


@problem(
    value=zigzag_value,
    gradient=zigzag_gradient,
    gallery=(
        {"dips": 5},
        {"dips": 3, "smoothness": 2.0, "slope": 0.5, "step": 0.5},
        {"dips": 10, "step": 1.5},
    ),
    search={"dips": whole(1, 100), "step": real(0.02, 1.98), "slope": real(0.1, 10.0)},
    formula=r"f'(x) = \begin{cases} L x & x \le g/L \\ g - L\, \mathrm{dist}(x, g/L + (h g/L)\, \mathbb Z) "
    r"& g/L \le x \le g/L + N h g/L \\ g & \text{beyond} \end{cases}",
)
def zigzag(dips: int = 5, smoothness: float = 1.0, slope: float = 1.0, step: float = 1.0) -> Problem:
    """One coordinate; gradient descent with step size ``step`` / L starts at the outer end of ``dips`` dips and
    leaps over one of them each time, so that it sees the full ``slope`` while the function falls by little.

    Between its ends the slope dips to slope (1 - step/2); ``step`` lies between 0 and 2, which leaves one
    stationary point, the minimizer 0.
    """
    if not 0 < step < 2:
        raise InputError(f"zigzag: the step must lie between 0 and 2, not {step!r}.")
    width = step * slope / smoothness
    return Problem(
        scalars=[smoothness, slope, dips, width],
        start=[slope / smoothness + dips * width],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(BoundedBelow(), Smooth(smoothness)),
    )
