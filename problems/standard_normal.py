"""Standard normal vectors for methods that make their own use of them: samplers, and zeroth-order methods."""

import itertools

import numpy as np

from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.random import fill_normals
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem

# Gauss and Hermite's rule with four nodes is exact for polynomials of degree 7: for squares of maps of degree 3.
NODES = 4
LARGEST_DIMENSION = 4  # of 256 outcomes a step


@kernel
def draw_normals(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Independent standard normals."""
    fill_normals(rng, sample)


@noise()
def standard_normal(problem: Problem) -> Noise:
    """One standard normal vector a step, for the method itself; gradients are exact.

    In up to 4 dimensions, second moments of methods whose steps are polynomials of degree at most 3 in the sample
    are computed exactly: the listed outcomes are the nodes of Gauss and Hermite's quadrature, whose moments are
    those of the normal law up to the degree 7.
    """
    d = problem.dimension
    support = None
    if d <= LARGEST_DIMENSION:
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        weights = weights / weights.sum()
        support = [
            (float(np.prod(weights[list(chosen)])), nodes[list(chosen)])
            for chosen in itertools.product(range(NODES), repeat=d)
        ]
    return Noise(
        name="standard-normal", draw=draw_normals, sample=d, support=support, label="standard-normal"
    )
