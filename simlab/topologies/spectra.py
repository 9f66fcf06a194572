"""Spectra of graphs, closed forms beside computed ones, and the spectral quantities of mixing matrices."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.topologies.graphs import family_sizes, laplacian_matrix

if TYPE_CHECKING:
    import networkx as nx


def laplacian_eigenvalues(graph: "nx.Graph[Any]") -> Vector:
    """Eigenvalues of L = D - A, ascending: 0 = l_1 <= l_2 <= ... <= l_n; as many zeros as components."""
    return symmetric_eigenvalues(laplacian_matrix(graph))


def algebraic_connectivity(graph: "nx.Graph[Any]") -> float:
    """l_2 of the Laplacian: positive exactly for connected graphs (Fiedler 1973)."""
    return float(laplacian_eigenvalues(graph)[1])


def closed_form_laplacian_spectrum(name: str, workers: int, **options: Any) -> Vector:
    """The Laplacian eigenvalues of a named graph by formula, ascending, shape (workers,).

    Parameters
    ----------
    name, workers, options
        As for ``graph``, so that the same arguments give the graph and its spectrum.

    Raises
    ------
    ValueError
        As ``graph`` does, and for a family without a closed form.

    Source: Brouwer & Haemers, Spectra of Graphs (2012), chapter 1; the barbell by its equitable partition.
    """
    sizes = family_sizes(name, workers, **options)
    if name not in CLOSED_FORMS:
        raise ValueError(f"{name!r} has no closed form; those that have are {', '.join(CLOSED_FORMS)}.")
    return np.sort(CLOSED_FORMS[name](*sizes))


def consensus_rate(matrix: Matrix) -> float:
    """rho = |W - J|_2 with J = 11'/n: the contraction of the disagreement in one step.

    For symmetric doubly stochastic W this is max(|w_2|, |w_n|); for others it may exceed every |w_i|, i > 1.
    """
    return float(np.linalg.norm(matrix - 1.0 / len(matrix), 2))


def slowest_mode(matrix: Matrix) -> Vector:
    """The unit vector v that W shrinks least of those that average to 0: |W v| = rho |v|, shape (workers,)."""
    vector: Vector = np.linalg.svd(matrix - 1.0 / len(matrix))[2][0]
    return vector


def spectral_gap(matrix: Matrix) -> float:
    """1 - max(|w_2|, |w_n|) of a symmetric doubly stochastic matrix; ValueError when it is not symmetric."""
    return 1.0 - max(abs(second_eigenvalue(matrix)), abs(smallest_eigenvalue(matrix)))


def second_eigenvalue(matrix: Matrix) -> float:
    """w_2, the second largest eigenvalue of a symmetric matrix, with its sign; ValueError as above."""
    return float(symmetric_eigenvalues(matrix)[-2])


def smallest_eigenvalue(matrix: Matrix) -> float:
    """w_n, the smallest eigenvalue of a symmetric matrix; ValueError as above."""
    return float(symmetric_eigenvalues(matrix)[0])


def symmetric_eigenvalues(matrix: Matrix) -> Vector:
    """The eigenvalues of a symmetric matrix, ascending; ValueError for one that is not symmetric or finite."""
    # eigvalsh reads one triangle only: it would answer for another matrix without a word.
    if not np.abs(matrix - matrix.T).max() <= 1e-12:
        raise ValueError("these eigenvalues are defined here for finite symmetric matrices only.")
    return np.asarray(np.linalg.eigvalsh(matrix), dtype=np.float64)


# --- closed forms, as functions of the sizes of a family -----------------------------------------------------
# 2 - 2 cos(2 t) is written 4 sin(t)^2, which keeps the relative accuracy of the small eigenvalues.


def _ring_power(n: int, power: int) -> Vector:
    angles = np.pi * np.outer(np.arange(n), np.arange(1, power + 1)) / n
    eigenvalues: Vector = 4.0 * (np.sin(angles) ** 2).sum(axis=1)
    return eigenvalues


def _ring(n: int) -> Vector:
    return _ring_power(n, 1)


def _path(n: int) -> Vector:
    return 4.0 * np.sin(np.pi * np.arange(n) / (2 * n)) ** 2


def _levels(*eigenvalues_and_counts: tuple[float, int]) -> Vector:
    eigenvalues, counts = zip(*eigenvalues_and_counts, strict=True)
    return np.repeat(np.array(eigenvalues, dtype=np.float64), counts)


def _hypercube(dimension: int) -> Vector:
    return _levels(*((2.0 * k, math.comb(dimension, k)) for k in range(dimension + 1)))


def _barbell(half: int) -> Vector:
    """Two cliques K_m and a bridge.

    Vectors on the m - 1 nodes of a clique off the bridge that sum to 0 have eigenvalue m. The rest is constant
    on these nodes: its even part has eigenvalues 0 and m, its odd part those of [[m + 1, 1 - m], [-1, 1]],
    with trace m + 2 and determinant 2.
    """
    m = half
    large = (m + 2 + math.sqrt((m + 2) ** 2 - 8)) / 2
    return _levels((0.0, 1), (2.0 / large, 1), (m, 2 * m - 3), (large, 1))


CLOSED_FORMS: dict[str, Callable[..., Vector]] = {
    "ring": _ring,
    "ring_power": _ring_power,
    "path": _path,
    "complete": lambda n: _levels((0.0, 1), (n, n - 1)),
    "star": lambda n: _levels((0.0, 1), (1.0, n - 2), (n, 1)),
    "torus": lambda rows, columns: np.add.outer(_ring(rows), _ring(columns)).ravel(),
    "grid": lambda rows, columns: np.add.outer(_path(rows), _path(columns)).ravel(),
    "hypercube": _hypercube,
    "complete_bipartite": lambda a, b: _levels((0.0, 1), (a, b - 1), (b, a - 1), (a + b, 1)),
    # 3-regular with adjacency eigenvalues 3, 1 (five times), -2 (four times)
    "petersen": lambda: 3.0 - _levels((3.0, 1), (1.0, 5), (-2.0, 4)),
    "barbell": _barbell,
    "disconnected": lambda half: np.tile(_ring(half), 2),
}
