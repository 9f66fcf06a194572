"""What kernels read of a network: neighbour lists with weights, or matchings with probabilities."""

import functools

import numpy as np
from numpy.typing import ArrayLike

from simlab.kernels.arrays import Matrix
from simlab.topologies.graphs import graph
from simlab.topologies.matchings import Matchings, gossip_rate
from simlab.topologies.mixing import MixingMatrix, mixing_matrix
from simlab.vocabulary.assumptions import Assumption, DoublyStochastic, RandomMixing
from simlab.vocabulary.network import Network


def neighbour_table(matrix: ArrayLike) -> Matrix:
    """The non-zero weights of W as lists: row i is (number of weights, j_1, W[i, j_1], j_2, W[i, j_2], ...).

    Rows are filled up with zeros to the longest list: shape (m, 1 + 2 longest). On a ring a mixing step then costs
    3 multiplications a coordinate and not m.

    Raises
    ------
    ValueError
        When W is not square or not finite.
    """
    w = np.asarray(matrix, dtype=np.float64)
    if w.ndim != 2 or w.shape[0] != w.shape[1] or not np.isfinite(w).all():
        raise ValueError(f"the weights of a network are a finite square matrix, not of shape {w.shape}.")
    lists = [np.flatnonzero(row) for row in w]
    table = np.zeros((len(w), 1 + 2 * max(map(len, lists))))
    for i, own in enumerate(lists):
        table[i, 0] = len(own)
        table[i, 1 : 1 + 2 * len(own) : 2] = own
        table[i, 2 : 2 + 2 * len(own) : 2] = w[i, own]
    return table


def mixing_network(mixing: MixingMatrix) -> Network:
    """The network of a mixing matrix; ``DoublyStochastic(rho)`` holds of it when no weight is negative and rho < 1.

    A disconnected graph, for controls, has rho = 1 and satisfies nothing.
    """
    rho = mixing.consensus_rate
    holds = mixing.is_nonnegative and rho < 1.0 - 1e-12
    assumptions: tuple[Assumption, ...] = (DoublyStochastic(rho),) if holds else ()
    constants = {"w_min": mixing.smallest_eigenvalue}
    return Network(neighbour_table(mixing.matrix), mixing.name, assumptions, constants)


def weighted_network(matrix: ArrayLike, label: str) -> Network:
    """The network of any square weights, of which nothing is promised: push-sum, and controls."""
    return Network(neighbour_table(matrix), label)


def matching_network(matchings: Matchings, probabilities: ArrayLike, weight: float, label: str) -> Network:
    """Matchings that are active at random: W = I - weight * sum_j B_j L_j, with B_j = 1 with probability p_j.

    The table has a row for each matching, (p_j, partner of worker 0, ..., partner of worker m - 1), below a first
    row that begins with the weight. ``RandomMixing(rho2)`` holds of it when rho2 < 1.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    rho2 = gossip_rate(matchings, p, weight)
    assumptions: tuple[Assumption, ...] = (RandomMixing(rho2),) if rho2 < 1.0 - 1e-12 else ()
    table = np.zeros((1 + len(matchings), 1 + matchings.workers))
    table[0, 0] = weight
    table[1:, 0], table[1:, 1:] = p, matchings.partners
    return Network(table, label, assumptions)


@functools.cache
def named_mixing(name: str, workers: float, rule: str = "metropolis") -> MixingMatrix:
    """The mixing matrix of a named graph; see ``graphs.graph`` and ``mixing.mixing_matrix`` for the names.

    ``workers`` may be the constant m of a theorem, which is a float like all constants.
    """
    return mixing_matrix(graph(name, int(workers)), rule)


def named_network(name: str, workers: float, rule: str = "metropolis") -> Network:
    """The network of a named graph and mixing rule."""
    return mixing_network(named_mixing(name, workers, rule))
