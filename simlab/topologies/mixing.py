"""Mixing matrices: the weights with which workers average their neighbours' values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.kernels.arrays import Matrix
from simlab.topologies import spectra
from simlab.topologies.graphs import adjacency_matrix

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class MixingMatrix:
    """A symmetric matrix W whose rows and columns sum to one, with its spectral quantities.

    Parameters
    ----------
    matrix
        W, float64 of shape (workers, workers). Entries may be negative, as with the rule ``best_constant``;
        ``is_nonnegative`` tells.
    rule
        How the weights were chosen.
    graph
        The label of the graph.

    Raises
    ------
    ValueError
        When W is not square, finite and symmetric, or its rows do not sum to one (up to 1e-12).
    """

    matrix: Matrix
    rule: str
    graph: str

    def __post_init__(self) -> None:
        w = self.matrix
        if w.ndim != 2 or w.shape[0] != w.shape[1] or len(w) < 2:
            raise ValueError(f"a mixing matrix is square with at least 2 rows, not of shape {w.shape}.")
        if not np.abs(w - w.T).max() <= 1e-12:
            raise ValueError(f"the {self.name} is not symmetric, or not finite.")
        if not np.abs(w.sum(axis=1) - 1.0).max() <= 1e-12:
            raise ValueError(f"the rows of the {self.name} do not sum to one.")

    @property
    def name(self) -> str:
        """The rule and the graph, for tables."""
        return f"{self.rule} mixing matrix of {self.graph}"

    @property
    def workers(self) -> int:
        """The number of rows."""
        return len(self.matrix)

    @cached_property
    def is_nonnegative(self) -> bool:
        """Whether no entry is below zero (up to 1e-12), so that W is doubly stochastic in the strict sense."""
        return bool(self.matrix.min() >= -1e-12)

    @cached_property
    def consensus_rate(self) -> float:
        """rho = |W - J|_2; see ``spectra.consensus_rate``."""
        return spectra.consensus_rate(self.matrix)

    @cached_property
    def spectral_gap(self) -> float:
        """1 - max(|w_2|, |w_n|)."""
        return spectra.spectral_gap(self.matrix)

    @cached_property
    def second_eigenvalue(self) -> float:
        """w_2, with its sign."""
        return spectra.second_eigenvalue(self.matrix)

    @cached_property
    def smallest_eigenvalue(self) -> float:
        """w_n."""
        return spectra.smallest_eigenvalue(self.matrix)


def mixing_matrix(graph: "nx.Graph[Any]", rule: str) -> MixingMatrix:
    """The mixing matrix of a graph; row i belongs to the i-th node. W - I vanishes off the edges.

    With degrees d_i, largest degree Delta, Laplacian L and its eigenvalues l_2 and l_n:

    - ``metropolis``: W_ij = 1 / (1 + max(d_i, d_j)) on edges
    - ``lazy_metropolis``: W_ij = 1 / (2 max(d_i, d_j)) on edges; positive semidefinite
    - ``max_degree``: W = I - L / (Delta + 1)
    - ``lazy_max_degree``: W = I - L / (2 Delta); positive semidefinite
    - ``best_constant``: W = I - 2 L / (l_2 + l_n), which minimises rho over all I - alpha L, to
      (l_n - l_2) / (l_n + l_2); entries may be negative

    A disconnected graph is allowed, for controls: its consensus rate is 1.

    Raises
    ------
    ValueError
        For an unknown rule, a graph without edges, and graphs that ``adjacency_matrix`` refuses.

    Source: Xiao & Boyd 2004, sections 4.1-4.2; Olshevsky 2017 (lazy Metropolis).
    """
    if rule not in RULES:
        raise ValueError(f"there is no mixing rule {rule!r}; there are {', '.join(RULES)}.")
    adjacency = adjacency_matrix(graph)
    if not adjacency.any():
        raise ValueError("a graph without edges mixes nothing.")
    label = graph.name or f"a graph of {len(adjacency)} workers"
    return MixingMatrix(RULES[rule](adjacency), rule, label)


def row_stochastic(graph: "nx.Graph[Any]") -> Matrix:
    """P = (D + I)^{-1} (A + I): each worker takes the plain mean of itself and its neighbours.

    For controls: P keeps the mean only on regular graphs; in general its limit weighs worker i by d_i + 1.
    """
    closed = adjacency_matrix(graph) + np.eye(len(graph))
    rows: Matrix = closed / closed.sum(axis=1, keepdims=True)
    return rows


def _larger_degree(adjacency: Matrix) -> Matrix:
    degrees = adjacency.sum(axis=1)
    larger: Matrix = np.maximum.outer(degrees, degrees)
    return larger


def _with_own_weight(weights: Matrix) -> Matrix:
    """The weights of the edges, and on the diagonal what is missing to one."""
    return weights + np.diag(1.0 - weights.sum(axis=1))


def _metropolis(adjacency: Matrix) -> Matrix:
    return _with_own_weight(adjacency / (1.0 + _larger_degree(adjacency)))


def _lazy_metropolis(adjacency: Matrix) -> Matrix:
    # a pair of isolated nodes has no edge: its degree 0 must not become 0 / 0
    return _with_own_weight(adjacency / (2.0 * np.maximum(_larger_degree(adjacency), 1.0)))


def _max_degree(adjacency: Matrix) -> Matrix:
    return _with_own_weight(adjacency / (adjacency.sum(axis=1).max() + 1.0))


def _lazy_max_degree(adjacency: Matrix) -> Matrix:
    return _with_own_weight(adjacency / (2.0 * adjacency.sum(axis=1).max()))


def _best_constant(adjacency: Matrix) -> Matrix:
    laplacian = np.diag(adjacency.sum(axis=1)) - adjacency
    eigenvalues = spectra.symmetric_eigenvalues(laplacian)
    return _with_own_weight(adjacency * (2.0 / (eigenvalues[1] + eigenvalues[-1])))


RULES: dict[str, Callable[[Matrix], Matrix]] = {
    "metropolis": _metropolis,
    "lazy_metropolis": _lazy_metropolis,
    "max_degree": _max_degree,
    "lazy_max_degree": _lazy_max_degree,
    "best_constant": _best_constant,
}
