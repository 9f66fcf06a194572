"""What kernels read of a network, against the matrices that it stands for."""

import numpy as np
import pytest

from simlab.kernels.arrays import Matrix
from simlab.topologies.graphs import graph
from simlab.topologies.matchings import gossip_rate, matching_decomposition
from simlab.topologies.mixing import RULES, mixing_matrix, row_stochastic
from simlab.topologies.networks import (
    matching_network,
    mixing_network,
    named_network,
    neighbour_table,
    weighted_network,
)
from simlab.topologies.spectra import consensus_rate, slowest_mode
from simlab.vocabulary.assumptions import DoublyStochastic, RandomMixing, closure


def dense(table: Matrix) -> Matrix:
    """The matrix that a table of neighbours lists."""
    matrix = np.zeros((len(table), len(table)))
    for i, row in enumerate(table):
        for c in range(int(row[0])):
            matrix[i, int(row[1 + 2 * c])] += row[2 + 2 * c]
    return matrix


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["ring", "star", "complete", "barbell"])
def test_the_table_lists_the_matrix(name: str, rule: str) -> None:
    mixing = mixing_matrix(graph(name, 8), rule)
    assert np.array_equal(dense(mixing_network(mixing).array), mixing.matrix)


def test_weights_that_are_not_symmetric_keep_their_rows() -> None:
    shares = row_stochastic(graph("star", 5)).T
    assert np.array_equal(dense(weighted_network(shares, "shares").array), shares)


def test_a_ring_has_three_weights_a_worker() -> None:
    assert named_network("ring", 16).array.shape == (16, 7)


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.ones(4), np.array([[1.0, np.nan], [0.0, 1.0]])])
def test_bad_weights_are_refused(matrix: Matrix) -> None:
    with pytest.raises(ValueError, match="finite square matrix"):
        neighbour_table(matrix)


def test_what_holds_of_a_mixing_matrix() -> None:
    mixing = mixing_matrix(graph("path", 6), "metropolis")
    network = mixing_network(mixing)
    assert network.assumptions == (DoublyStochastic(mixing.consensus_rate),)
    assert network.constants == {"w_min": mixing.smallest_eigenvalue}
    assert closure(network.assumptions)[RandomMixing] == RandomMixing(mixing.consensus_rate**2)


def test_nothing_holds_of_a_disconnected_graph_or_of_negative_weights() -> None:
    assert named_network("disconnected", 8).assumptions == ()
    assert named_network("star", 8, "best_constant").assumptions == ()
    assert named_network("path", 6, "best_constant").assumptions != ()
    assert weighted_network(np.eye(3), "alone").assumptions == ()


def test_matchings_as_a_table() -> None:
    matchings = matching_decomposition(graph("barbell", 8))
    chances = np.linspace(0.2, 1.0, len(matchings))
    network = matching_network(matchings, chances, 0.3, "some")
    assert network.array.shape == (1 + len(matchings), 9)
    assert network.array[0, 0] == 0.3
    assert np.array_equal(network.array[1:, 0], chances)
    assert np.array_equal(network.array[1:, 1:], matchings.partners)
    assert network.assumptions == (RandomMixing(gossip_rate(matchings, chances, 0.3)),)


def test_nothing_holds_of_matchings_that_leave_a_node_out() -> None:
    matchings = matching_decomposition(graph("path", 3))
    assert matching_network(matchings, (1.0, 0.0), 0.3, "cut").assumptions == ()


@pytest.mark.parametrize("name", ["ring", "path", "star", "barbell"])
def test_the_slowest_mode_shrinks_by_rho(name: str) -> None:
    matrix = mixing_matrix(graph(name, 8), "metropolis").matrix
    v = slowest_mode(matrix)
    assert np.linalg.norm(v) == pytest.approx(1.0)
    assert v.sum() == pytest.approx(0.0, abs=1e-12)
    assert np.linalg.norm(matrix @ v) == pytest.approx(consensus_rate(matrix), rel=1e-12)
