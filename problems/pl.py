"""Non-convex functions of one coordinate: one satisfies the Polyak-Lojasiewicz inequality, one cannot."""

import functools
import math

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    BoundedBelow,
    LipschitzHessian,
    NondegenerateMinimizer,
    PolyakLojasiewicz,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem


@kernel
def wavy_parabola_value(data: Data, x: Vector) -> float:
    """x^2 + a sin(x)^2."""
    return x[0] ** 2 + data.scalars[0] * math.sin(x[0]) ** 2


@kernel
def wavy_parabola_gradient(data: Data, x: Vector, out: Vector) -> None:
    """2 x + a sin(2 x)."""
    out[0] = 2.0 * x[0] + data.scalars[0] * math.sin(2.0 * x[0])


@kernel
def wavy_parabola_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """2 + 2 a cos(2 x)."""
    out[0, 0] = 2.0 + 2.0 * data.scalars[0] * math.cos(2.0 * x[0])


@functools.cache
def gradient_dominance(amplitude: float) -> float:
    """inf over x of f'(x)^2 / (2 f(x)) for f(x) = x^2 + amplitude sin(x)^2: its largest PL constant, or 0.

    f'(x)^2 / (2 f(x)) is at least 2 (1 - a/(2x))^2 / (1 + a/x^2) for x > a/2 and grows with x there; beyond 6a + 6
    that is above 1.5. Up to there the minimum is bracketed on a grid, then polished.
    """
    from scipy.optimize import minimize_scalar

    def ratio(x: float) -> float:
        slope = 2 * x + amplitude * math.sin(2 * x)
        return slope**2 / (2 * (x**2 + amplitude * math.sin(x) ** 2))

    grid = np.linspace(1e-3, 6 * amplitude + 6, 20_001)
    slopes = 2 * grid + amplitude * np.sin(2 * grid)
    if not slopes.min() > 0:  # a second stationary point: no PL constant
        return 0.0
    ratios = slopes**2 / (2 * (grid**2 + amplitude * np.sin(grid) ** 2))
    best = int(np.argmin(ratios))
    if best in (0, len(grid) - 1):
        return float(min(1.5, ratios[best]))
    found = minimize_scalar(
        ratio, bounds=(grid[best - 1], grid[best + 1]), method="bounded", options={"xatol": 1e-12}
    )
    return float(min(found.fun, ratios[best]))


@problem(
    value=wavy_parabola_value,
    gradient=wavy_parabola_gradient,
    hessian=wavy_parabola_hessian,
    gallery=(
        {"amplitude": 3.0},
        {"amplitude": 4.0, "start": 6.0},
        {"amplitude": 1.5, "start": -2.0},
        {"amplitude": 4.59},
    ),
    formula=r"f(x) = x^2 + a \sin^2 x",
)
def wavy_parabola(amplitude: float = 3.0, start: float = 3.0) -> Problem:
    """One coordinate, not convex for ``amplitude`` a > 1, with one stationary point for a < 4.603.

    With a = 3 it is the example of Karimi, Nutini & Schmidt 2016, section 2.2, who give the PL constant 1/32; the
    true one, declared here, is 0.17553.
    """
    dominance = gradient_dominance(amplitude)
    if not (amplitude >= 1 and dominance > 0):
        raise InputError(f"wavy_parabola: the amplitude must lie in [1, 4.6], not {amplitude!r}.")
    return Problem(
        scalars=[amplitude],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(
            BoundedBelow(),
            Smooth(2.0 + 2.0 * amplitude),
            PolyakLojasiewicz(dominance),
            NondegenerateMinimizer(2.0 + 2.0 * amplitude),
            LipschitzHessian(4.0 * amplitude),
        ),
    )


@kernel
def double_well_value(data: Data, x: Vector) -> float:
    """(x^2 - 1)^2 / 4 + tilt x within the cap; beyond, the quadratic that continues it."""
    tilt, cap = data.scalars[0], data.scalars[1]
    size = abs(x[0])
    inner = min(size, cap)
    outer = size - inner
    slope, curvature = inner**3 - inner, 3.0 * inner**2 - 1.0
    return 0.25 * (inner**2 - 1.0) ** 2 + slope * outer + 0.5 * curvature * outer**2 + tilt * x[0]


@kernel
def double_well_gradient(data: Data, x: Vector, out: Vector) -> None:
    """x^3 - x + tilt within the cap; beyond, the line that continues it."""
    tilt, cap = data.scalars[0], data.scalars[1]
    size = abs(x[0])
    inner = min(size, cap)
    slope = inner**3 - inner + (3.0 * inner**2 - 1.0) * (size - inner)
    out[0] = (slope if x[0] > 0.0 else -slope) + tilt


@kernel
def double_well_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """3 x^2 - 1, at most that at the cap."""
    out[0, 0] = 3.0 * min(abs(x[0]), data.scalars[1]) ** 2 - 1.0


@problem(
    value=double_well_value,
    gradient=double_well_gradient,
    hessian=double_well_hessian,
    gallery=({}, {"tilt": 0.2, "start": 0.4}),
    formula=r"f(x) = \tfrac14 (x^2 - 1)^2 + c x \quad (|x| \le b)",
)
def double_well(tilt: float = 0.1, cap: float = 1.5, start: float = 1.4) -> Problem:
    """Two wells, of which the left one is deeper: no PL inequality holds, since the right one is a minimum too.

    Beyond ``cap`` b the function goes on as a quadratic, so that its constants hold everywhere. ``tilt`` lies
    between 0 and 2/sqrt(27), below which there are two wells; the cap is at least 1.2, beyond both of them.
    """
    if not (0 < tilt < 2 / math.sqrt(27) and cap >= 1.2):
        raise InputError("double_well: the tilt must lie between 0 and 0.384, and the cap be at least 1.2.")
    # The smallest zero of x^3 - x + tilt; for these tilts all three are real (Viete).
    bottom = 2 / math.sqrt(3) * math.cos(math.acos(-1.5 * math.sqrt(3) * tilt) / 3 - 4 * math.pi / 3)
    bottom = min(
        bottom,
        *(
            2 / math.sqrt(3) * math.cos(math.acos(-1.5 * math.sqrt(3) * tilt) / 3 - 2 * math.pi * j / 3)
            for j in (0, 1)
        ),
    )
    return Problem(
        scalars=[tilt, cap],
        start=[start],
        minimizer=[bottom],
        minimum=(bottom**2 - 1) ** 2 / 4 + tilt * bottom,
        assumptions=(
            BoundedBelow(),
            Smooth(3 * cap**2 - 1),
            NondegenerateMinimizer(3 * bottom**2 - 1),
            LipschitzHessian(6 * cap),
        ),
    )
