"""Quadratics whose spectrum and start decide how many steps a Krylov method takes."""

import numpy as np

from problems.quadratic import quadratic, quadratic_gradient, quadratic_hessian, quadratic_value
from simlab.errors import InputError
from simlab.vocabulary.problem import Problem, problem


@problem(
    value=quadratic_value,
    gradient=quadratic_gradient,
    hessian=quadratic_hessian,
    gallery=({"steps": 4, "condition_number": 30.0}, {"steps": 10, "condition_number": 1e6}),
    formula=r"f(x) = \tfrac12 \sum_{j=0}^n \lambda_j x_j^2, \quad "
    r"\lambda_j = \tfrac{\kappa + 1}2 + \tfrac{\kappa - 1}2 \cos \tfrac{j \pi}n",
)
def chebyshev_quadratic(
    steps: int = 4, condition_number: float = 30.0, outliers: int = 0, distance: float = 1e7
) -> Problem:
    """The worst quadratic with this condition number for n = ``steps`` steps of conjugate gradients: eigenvalues
    where the n-th Chebyshev polynomial is +-1, and the start from which it is the best polynomial (Greenbaum 1979).

    ``outliers`` more eigenvalues are ``distance`` and multiples of it, with little energy at the start.
    """
    if not (steps >= 1 and condition_number > 1 and outliers >= 0):
        raise InputError(
            "chebyshev_quadratic: steps must be at least 1, the condition number above 1, outliers at least 0."
        )
    angles = np.arange(steps + 1) * np.pi / steps
    points = (condition_number + 1) / 2 + (condition_number - 1) / 2 * np.cos(angles)
    points = np.clip(points, 1.0, condition_number)
    gaps = points[:, None] - points[None, :] + np.eye(steps + 1)
    energies = np.abs(np.prod(np.where(np.eye(steps + 1) > 0, 1.0, points[:, None] / gaps), axis=0))
    start = np.sqrt(energies / points)
    start /= np.linalg.norm(start)
    far = distance * np.arange(1, outliers + 1)
    return quadratic.build(spectrum=[*points, *far], start=[*start, *(1e-5 for _ in far)])


@problem(
    value=quadratic_value,
    gradient=quadratic_gradient,
    hessian=quadratic_hessian,
    gallery=({"clusters": 3, "copies": 2},),
    formula=r"f(x) = \tfrac12 x^\top H x",
)
def clustered_quadratic(
    clusters: int = 3, copies: int = 2, outliers: int = 0, largest: float = 10.0
) -> Problem:
    """``clusters`` different eigenvalues spread evenly from 1 to ``largest``, each ``copies`` times, in a random
    basis; ``outliers`` more are spread from 100 to 300 times the largest.
    """
    if not (clusters >= 1 and copies >= 1 and outliers >= 0 and largest > 1):
        raise InputError(
            "clustered_quadratic: clusters and copies must be at least 1, outliers 0, largest above 1."
        )
    near = np.repeat(np.linspace(1.0, largest, clusters), copies)
    far = largest * np.linspace(100.0, 300.0, outliers)
    return quadratic.build(spectrum=[*near, *far], rotation=clusters)


@problem(
    value=quadratic_value,
    gradient=quadratic_gradient,
    hessian=quadratic_hessian,
    gallery=(
        {"dimension": 3, "condition_number": 1e6},
        {"dimension": 200, "condition_number": 100.0},
        {"dimension": 100, "condition_number": 1e6},
    ),
    formula=r"f(x) = \tfrac12 \sum_{i=1}^d \kappa^{-(i-1)/(d-1)} x_i^2",
)
def graded_quadratic(dimension: int = 3, condition_number: float = 1e6) -> Problem:
    """Eigenvalues in geometric progression from 1 down to 1/``condition_number``: as ill-conditioned, and as many
    coordinates, as one likes, with as much to do at each scale.
    """
    if not (dimension >= 2 and condition_number > 1):
        raise InputError("graded_quadratic: dimension must be at least 2, and the condition number above 1.")
    return quadratic.build(spectrum=np.geomspace(1.0, 1 / condition_number, dimension))
