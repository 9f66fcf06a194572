"""Matchings of a graph, activated at random: the topology sequence of MATCHA.

In one round matching j takes part with probability p_j, independently of the others, and the workers average by
W = I - alpha sum_j B_j L_j, B_j ~ Bernoulli(p_j), with the Laplacians L_j of the matchings and a weight alpha.

Source: Wang, Sahu, Yang, Joshi & Kar 2019, "MATCHA: Speeding up decentralized SGD via matching decomposition
sampling". The colouring is Misra & Gries 1992, "A constructive proof of Vizing's theorem".
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from simlab.kernels.arrays import Integers, Matrix, Vector
from simlab.topologies.graphs import adjacency_matrix
from simlab.topologies.spectra import consensus_rate, symmetric_eigenvalues

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[int, int]


@dataclass(frozen=True)
class Matchings:
    """Sets of pairwise disjoint edges on the nodes 0, ..., workers - 1.

    Parameters
    ----------
    workers
        The number of nodes.
    edges
        ``edges[j]`` are the edges of the j-th matching.

    Raises
    ------
    ValueError
        When the edges of one matching share a node, or leave the graph.
    """

    workers: int
    edges: tuple[tuple[Edge, ...], ...]

    def __post_init__(self) -> None:
        for matching in self.edges:
            ends = [node for edge in matching for node in edge]
            if len(set(ends)) != len(ends):
                raise ValueError(f"two edges of the matching {matching} share a node.")
            if any(not 0 <= node < self.workers for node in ends):
                raise ValueError(f"the matching {matching} has a node outside 0, ..., {self.workers - 1}.")

    def __len__(self) -> int:
        return len(self.edges)

    @cached_property
    def partners(self) -> Integers:
        """``partners[j, i]`` is the worker that i meets in matching j, or i itself; shape (matchings, workers)."""
        partners = np.tile(np.arange(self.workers), (len(self), 1))
        for row, matching in zip(partners, self.edges, strict=True):
            for u, v in matching:
                row[u], row[v] = v, u
        return partners

    def laplacian(self, coefficients: ArrayLike) -> Matrix:
        """sum_j c_j L_j for ``coefficients`` c of shape (matchings,); L_j = I - (the permutation of partners)."""
        own = np.arange(self.workers)
        total = np.zeros((self.workers, self.workers))
        for coefficient, row in zip(_shaped(self, coefficients), self.partners, strict=True):
            total[own, own] += coefficient
            total[own, row] -= coefficient
        return total


# --- decomposition -------------------------------------------------------------------------------------------


def matching_decomposition(graph: "nx.Graph[Any]") -> Matchings:
    """The edges of a graph as at most (largest degree) + 1 matchings, by the edge colouring of Misra and Gries.

    Nodes count in the order of the graph. Deterministic. Raises ValueError for what ``adjacency_matrix`` refuses.
    """
    rows, columns = np.nonzero(np.triu(adjacency_matrix(graph)))
    coloring = _EdgeColoring(len(graph))
    for u, v in zip(rows.tolist(), columns.tolist(), strict=True):
        coloring.add(u, v)
    return Matchings(len(graph), coloring.classes())


class _EdgeColoring:
    """A proper edge colouring that grows by one edge at a time.

    ``met[u][color]`` is the neighbour that an edge of this colour joins to u. A colour is free at u when it is
    not in ``met[u]``; the smallest free colour never exceeds the degree of u.
    """

    def __init__(self, nodes: int) -> None:
        self.met: list[dict[int, int]] = [{} for _ in range(nodes)]
        self.color: dict[frozenset[int], int] = {}

    def add(self, u: int, v: int) -> None:
        """Colour the new edge uv, recolouring others where needed."""
        c, d = self._free(u), self._free(v)
        path = self._path(u, d, c)
        if path[-1] != v:  # always so on bipartite graphs, which therefore need no colour beyond the degree
            self._swap(path, c, d)
            self._paint(u, v, d)
            return
        fan = self._fan(u, v)
        d = self._free(fan[-1])
        self._swap(self._path(u, d, c), c, d)  # now d is free at u
        end = self._usable_prefix(u, fan, d)
        for here, there in itertools.pairwise(fan[: end + 1]):
            self._paint(u, here, self._unpaint(u, there))
        self._paint(u, fan[end], d)

    def classes(self) -> tuple[tuple[Edge, ...], ...]:
        """The edges of each colour that is in use."""
        found: dict[int, list[Edge]] = {}
        for edge, color in self.color.items():
            low, high = sorted(edge)
            found.setdefault(color, []).append((low, high))
        return tuple(tuple(sorted(found[color])) for color in sorted(found))

    def _free(self, u: int) -> int:
        return next(color for color in itertools.count() if color not in self.met[u])

    def _fan(self, u: int, v: int) -> list[int]:
        """A maximal fan of u from v: the colour of each later edge (u, fan[i + 1]) is free at fan[i]."""
        fan = [v]
        growing = True
        while growing:
            growing = False
            for color, w in sorted(self.met[u].items()):
                if color not in self.met[fan[-1]] and w not in fan:
                    fan.append(w)
                    growing = True
                    break
        return fan

    def _path(self, u: int, d: int, c: int) -> list[int]:
        """The nodes of the path from u whose edges have the colours d, c, d, ...; c is free at u."""
        path, color, other = [u], d, c
        while color in self.met[path[-1]]:
            path.append(self.met[path[-1]][color])
            color, other = other, color
        return path

    def _swap(self, path: list[int], c: int, d: int) -> None:
        """Exchange the colours c and d on the edges of a path."""
        edges = list(itertools.pairwise(path))
        old = [self._unpaint(a, b) for a, b in edges]
        for (a, b), color in zip(edges, old, strict=True):
            self._paint(a, b, c if color == d else d)

    def _usable_prefix(self, u: int, fan: list[int], d: int) -> int:
        """The first i such that fan[: i + 1] is still a fan after the inversion, and d is free at fan[i]."""
        for i, w in enumerate(fan):
            if i > 0 and self.color[frozenset((u, w))] in self.met[fan[i - 1]]:
                break
            if d not in self.met[w]:
                return i
        raise AssertionError("the theorem of Misra and Gries promises a prefix; the colouring is broken.")

    def _paint(self, u: int, v: int, color: int) -> None:
        self.color[frozenset((u, v))] = color
        self.met[u][color], self.met[v][color] = v, u

    def _unpaint(self, u: int, v: int) -> int:
        color = self.color.pop(frozenset((u, v)))
        del self.met[u][color], self.met[v][color]
        return color


# --- activation ----------------------------------------------------------------------------------------------


def activation_probabilities(matchings: Matchings, budget: float) -> Vector:
    """Probabilities that maximise the connectivity of the mean graph within a communication budget.

    Maximises l_2(sum_j p_j L_j) subject to sum_j p_j = budget * M, 0 <= p <= 1, for M matchings, to 1e-6
    relative to an upper bound. (More activation never lowers l_2, so nothing is lost by spending all.)

    Parameters
    ----------
    matchings
        The matchings; their union must be connected.
    budget
        Mean fraction of the matchings that take part in a round, in (0, 1].

    Returns p of shape (M,).

    Raises
    ------
    ValueError
        For a budget outside (0, 1], and when the union is not connected: every p then gives l_2 = 0.
    RuntimeError
        When the bound is not reached.
    """
    m = len(matchings)
    if not 0.0 < budget <= 1.0:
        raise ValueError(f"the communication budget must lie in (0, 1], not {budget!r}.")
    best = np.full(m, float(budget))
    scale = _require_connected(matchings, best)[1]
    # l_2(L) is the least v'Lv over unit v orthogonal to 1, so each v gives a linear bound on it from above, and
    # a linear programme over those found so far bounds the optimum. The next v comes from half-way between the
    # programme's corner and the best p: it takes a third of the rounds, and no p is disconnected. (At a
    # disconnected p the kernel has more than 1 in it, the v computed need not be orthogonal to 1, and its
    # "bound" would be false.)
    p, best_value, bound = best, 0.0, np.inf
    cuts: list[Vector] = []
    for _ in range(1000):
        eigenvalues, vectors = np.linalg.eigh(matchings.laplacian(p) / scale)
        if eigenvalues[1] > best_value:
            best, best_value = p, float(eigenvalues[1])
        if best_value >= (1.0 - 1e-6) * bound:
            return best
        v = vectors[:, 1]
        cuts.append(((v - v[matchings.partners]) ** 2).sum(axis=1) / (2.0 * scale))  # v'L_j v for each j
        corner, bound = _best_under_cuts(np.array(cuts), budget * m)
        p = (best + corner) / 2.0
    raise RuntimeError(f"no activation within 1e-6 of the optimum: {best_value * scale}, {bound * scale}.")


def _best_under_cuts(cuts: Matrix, total: float) -> tuple[Vector, float]:
    """The p, 0 <= p <= 1 with sum p = total, that maximises t = min_i cuts[i]'p, and t."""
    from scipy.optimize import linprog

    count, m = cuts.shape
    solution = linprog(
        np.append(np.zeros(m), -1.0),
        A_ub=np.column_stack([-cuts, np.ones(count)]),
        b_ub=np.zeros(count),
        A_eq=np.append(np.ones(m), 0.0)[None, :],
        b_eq=[total],
        bounds=[(0.0, 1.0)] * m + [(0.0, None)],
    )
    if not solution.success or solution.x is None:
        raise RuntimeError(f"the linear programme of the activation failed: {solution.message}")
    return np.clip(solution.x[:m], 0.0, 1.0), float(solution.x[m])


def expected_gossip(matchings: Matchings, probabilities: ArrayLike, weight: float) -> Matrix:
    """E[W'W] = I - 2 alpha Lbar + alpha^2 (Lbar^2 + 2 Ltil), shape (workers, workers).

    Lbar = sum p_j L_j and Ltil = sum p_j (1 - p_j) L_j, as L_j^2 = 2 L_j for a matching; alpha is ``weight``.
    Raises ValueError unless there is one probability in [0, 1] for each matching.
    """
    p = _probabilities(matchings, probabilities)
    mean, spread = matchings.laplacian(p), matchings.laplacian(p * (1.0 - p))
    return np.eye(matchings.workers) - 2.0 * weight * mean + weight**2 * (mean @ mean + 2.0 * spread)


def gossip_rate(matchings: Matchings, probabilities: ArrayLike, weight: float) -> float:
    """rho_M = |E[W'W] - J|_2: E|X_k - Xbar|^2 <= rho_M^k |X_0 - Xbar|^2, a squared contraction."""
    return consensus_rate(expected_gossip(matchings, probabilities, weight))


def best_weight(matchings: Matchings, probabilities: ArrayLike) -> float:
    """The weight alpha that minimises rho_M, to about 1e-8 of the interval searched.

    rho_M is a maximum of convex quadratics in alpha, hence convex; it is 1 at alpha = 0 and at least 1 at
    2 / l_n(Lbar), so the minimum lies between. Raises ValueError when the mean graph is not connected.
    """
    from scipy.optimize import minimize_scalar

    p = _probabilities(matchings, probabilities)
    upper = 2.0 / _require_connected(matchings, p)[-1]
    found = minimize_scalar(
        lambda weight: gossip_rate(matchings, p, weight),
        bounds=(0.0, upper),
        method="bounded",
        options={"xatol": 1e-9 * upper},
    )
    return float(found.x)


def enumerate_activations(
    matchings: Matchings, probabilities: ArrayLike, weight: float
) -> Iterator[tuple[float, Matrix]]:
    """Every set of active matchings: its probability and its W, all 2^M of them, M <= 20.

    Raises ValueError for more matchings, and for probabilities outside [0, 1].
    """
    p = _probabilities(matchings, probabilities)
    if len(p) > 20:
        raise ValueError(f"the subsets of {len(p)} matchings are too many to enumerate; 20 are the limit.")
    identity = np.eye(matchings.workers)
    for active in itertools.product((0.0, 1.0), repeat=len(p)):
        on = np.array(active)
        yield float(np.prod(np.where(on > 0, p, 1.0 - p))), identity - weight * matchings.laplacian(on)


def _shaped(matchings: Matchings, values: ArrayLike) -> Vector:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (len(matchings),):
        raise ValueError(f"{len(matchings)} matchings need as many numbers, not the shape {array.shape}.")
    return array


def _probabilities(matchings: Matchings, values: ArrayLike) -> Vector:
    array = _shaped(matchings, values)
    if not np.all((array >= 0.0) & (array <= 1.0)):
        raise ValueError("each matching needs a probability between 0 and 1.")
    return array


def _require_connected(matchings: Matchings, p: Vector) -> Vector:
    """The eigenvalues of sum p_j L_j, whose second one is positive."""
    eigenvalues = symmetric_eigenvalues(matchings.laplacian(p))
    if not eigenvalues[1] > 1e-12 * eigenvalues[-1]:
        raise ValueError("the graph of the matchings in use is not connected: no weights reach consensus.")
    return eigenvalues
