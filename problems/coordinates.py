"""Which coordinate a step of coordinate descent looks at."""

import numpy as np

from problems.sampling import Order
from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.random import integer_below
from simlab.vocabulary.assumptions import CoordinateSmooth, Quadratic
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem


@kernel
def draw_coordinate(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """A uniform coordinate; noise holds one number for each."""
    sample[0] = integer_below(rng, noise.size)


@kernel
def next_coordinate(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """The coordinates in turn."""
    sample[0] = k % noise.size


@noise()
def coordinates(problem: Problem, order: Order = Order.WITH_REPLACEMENT) -> Noise:
    """One coordinate a step for coordinate descent on a quadratic: uniformly random, or in turn (cyclic order).

    The L_i are the diagonal of the Hessian H; where that is 0, any L_i will do, and the largest other is taken.
    In the norm |v|_L^2 = sum L_i v_i^2 the strong convexity is the least eigenvalue of H scaled to a unit
    diagonal.
    """
    if Quadratic not in problem.known or problem.minimizer is None:
        raise InputError(f"noise coordinates: {problem.label} is not a quadratic with a minimizer.")
    if order not in (Order.WITH_REPLACEMENT, Order.CYCLIC):
        raise InputError(f"noise coordinates: the order must be with replacement or cyclic, not {order}.")
    hessian = problem.hessian(problem.start)
    smoothness = np.diag(hessian).copy()
    smoothness[smoothness <= 0] = smoothness.max() if smoothness.max() > 0 else 1.0
    unit = hessian / np.sqrt(np.outer(smoothness, smoothness))
    moved = np.asarray(problem.start) - problem.minimizer
    distance = float(np.sqrt(np.sum(smoothness * moved**2)))
    cyclic, d = order == Order.CYCLIC, problem.dimension
    return Noise(
        name="coordinates",
        draw=next_coordinate if cyclic else draw_coordinate,
        parameters=smoothness,
        sample=1,
        assumptions=(CoordinateSmooth(max(float(np.linalg.eigvalsh(unit)[0]), 0.0), distance),),
        support=None if cyclic else [(1 / d, np.array([float(i)])) for i in range(d)],
        fixed=cyclic,
        label=f"coordinates({order})",
    )
