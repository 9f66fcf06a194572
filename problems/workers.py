"""Quadratics whose curvatures and minimizers are prescribed worker by worker.

For methods with a centre: equal workers, and scalar problems in which everything can be solved by hand.
"""

import numpy as np
from numpy.typing import ArrayLike

from problems.networks import (
    heterogeneous_quadratics_gradient,
    heterogeneous_quadratics_value,
    on_network,
    starts,
)
from simlab.errors import InputError
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedHeterogeneity,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Quadratic,
    Smooth,
    StronglyConvex,
)
from simlab.vocabulary.problem import Problem, problem


def column(points: ArrayLike, workers: int, dimension: int) -> ArrayLike:
    """``points`` as a row a worker, if it lists a number for each and there is one coordinate."""
    return np.reshape(points, (workers, 1)) if dimension == 1 and np.shape(points) == (workers,) else points


@problem(
    value=heterogeneous_quadratics_value,
    gradient=heterogeneous_quadratics_gradient,
    gallery=(
        {"curvatures": ((0.2, 1.0),) * 3, "rotation": 1},
        {
            "curvatures": ((0.1, 1.0), (1.0, 0.5), (0.4, 2.0)),
            "minimizers": ((1.0, 0.0), (0.0, -1.0), (2.0, 1.0)),
        },
    ),
    formula=r"f_i(x) = \tfrac12 (x - b_i)^\top H_i (x - b_i)",
)
def prescribed_quadratics(
    curvatures: ArrayLike = (1.0, 2.0),
    minimizers: ArrayLike = 0.0,
    start: ArrayLike = 1.0,
    rotation: int = 0,
) -> Problem:
    """Worker i has the eigenvalues ``curvatures[i]`` and the minimizer b_i = ``minimizers[i]``.

    Arrays of shape (m, d), or (m,) for one coordinate. The eigenbasis is common to the workers: that of the
    coordinates, or a random one from the seed ``rotation`` above 0. Where all curvatures are the same, so is the
    heterogeneity everywhere, and it is declared: 0 for equal workers.
    """
    spectra = np.asarray(curvatures, dtype=np.float64)
    if spectra.ndim not in (1, 2) or not spectra.size or not spectra.min() > 0:
        raise InputError("prescribed_quadratics: curvatures needs a row of numbers above 0 for each worker.")
    spectra = spectra.reshape(len(spectra), -1)
    workers, dimension = spectra.shape
    centres = starts(column(minimizers, workers, dimension), workers, dimension)
    basis = np.eye(dimension)
    if rotation:
        basis = np.linalg.qr(np.random.default_rng(rotation).standard_normal((dimension, dimension)))[0]
    hessians = np.einsum("jk,ik,lk->ijl", basis, spectra, basis)
    mean = hessians.mean(axis=0)
    slopes = np.einsum("ijk,ik->ij", hessians, centres)
    bounds = np.linalg.eigvalsh(mean)
    assumptions: list[Assumption] = [
        Quadratic(),
        ComponentsSmooth(float(spectra.max())),
        ComponentsStronglyConvex(float(spectra.min())),
        Smooth(float(bounds[-1])),
        StronglyConvex(float(bounds[0])),
    ]
    if np.all(spectra == spectra[0]):
        assumptions.append(
            BoundedHeterogeneity(float(np.mean(np.sum((slopes - slopes.mean(axis=0)) ** 2, axis=1))))
        )
    return on_network(
        heterogeneous_quadratics_value,
        heterogeneous_quadratics_gradient,
        [],
        np.column_stack([hessians.reshape(-1, dimension), centres.ravel()]),
        starts(column(start, workers, dimension), workers, dimension),
        np.linalg.solve(mean, slopes.mean(axis=0)),
        assumptions,
    )
