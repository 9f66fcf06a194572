import networkx as nx
import numpy as np
import pytest

from simlab.topologies.graphs import adjacency_matrix, graph, laplacian_matrix
from simlab.topologies.mixing import RULES, MixingMatrix, mixing_matrix, row_stochastic
from simlab.topologies.spectra import (
    consensus_rate,
    laplacian_eigenvalues,
    second_eigenvalue,
    smallest_eigenvalue,
)

GRAPHS = [
    graph("ring", 3),
    graph("ring", 8),
    graph("ring", 9),
    graph("path", 2),
    graph("path", 11),
    graph("complete", 6),
    graph("star", 8),
    graph("torus", 12),
    graph("grid", 12),
    graph("hypercube", 8),
    graph("complete_bipartite", 7),
    graph("petersen", 10),
    graph("barbell", 10),
    graph("erdos_renyi", 16, probability=0.35, seed=1),
    graph("random_regular", 14, degree=3, seed=2),
]
named = pytest.mark.parametrize("network", GRAPHS, ids=lambda network: network.name)

# path(3) by hand: degrees 1, 2, 1; Laplacian eigenvalues 0, 1, 3; the weight of each edge
EDGE_WEIGHT_ON_PATH_3 = {
    "metropolis": 1 / 3,
    "lazy_metropolis": 1 / 4,
    "max_degree": 1 / 3,
    "lazy_max_degree": 1 / 4,
    "best_constant": 1 / 2,
}


@pytest.mark.parametrize("rule", RULES)
def test_entries_by_hand(rule):
    w = EDGE_WEIGHT_ON_PATH_3[rule]
    expected = [[1 - w, w, 0], [w, 1 - 2 * w, w], [0, w, 1 - w]]
    np.testing.assert_allclose(mixing_matrix(graph("path", 3), rule).matrix, expected, rtol=0, atol=1e-15)


def test_rules_differ_on_uneven_degrees():
    matrices = [mixing_matrix(graph("barbell", 8), rule).matrix for rule in RULES]
    for i, one in enumerate(matrices):
        for other in matrices[:i]:
            assert np.abs(one - other).max() > 1e-2


@named
@pytest.mark.parametrize("rule", RULES)
def test_doubly_stochastic_on_the_edges_and_contracting(network, rule):
    mixing = mixing_matrix(network, rule)
    w = mixing.matrix
    assert w.dtype == np.float64
    assert w.shape == (mixing.workers, mixing.workers)
    np.testing.assert_array_equal(w, w.T)
    np.testing.assert_allclose(w.sum(axis=0), 1.0, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(w[adjacency_matrix(network) + np.eye(len(w)) == 0], 0.0)
    assert mixing.consensus_rate < 1 - 1e-3
    assert mixing.spectral_gap == pytest.approx(1 - mixing.consensus_rate, abs=1e-12)
    if rule != "best_constant":
        assert mixing.is_nonnegative
    if rule.startswith("lazy"):
        assert mixing.smallest_eigenvalue >= -1e-12


def test_best_constant_weights_may_be_negative():
    assert not mixing_matrix(graph("star", 8), "best_constant").is_nonnegative


@pytest.mark.parametrize("n", [*range(4, 41), 100])
def test_rate_of_metropolis_on_the_ring(n):
    rho = mixing_matrix(graph("ring", n), "metropolis").consensus_rate
    assert rho == pytest.approx((1 + 2 * np.cos(2 * np.pi / n)) / 3, abs=1e-12)
    # control: the lazy weights have another rate
    lazy = mixing_matrix(graph("ring", n), "lazy_metropolis").consensus_rate
    assert abs(lazy - rho) > 1e-4


def test_metropolis_on_the_triangle_averages_at_once():
    assert mixing_matrix(graph("ring", 3), "metropolis").consensus_rate <= 1e-12


@named
def test_rates_from_the_laplacian_spectrum(network):
    l = laplacian_eigenvalues(network)
    degree = max(dict(network.degree).values())

    def rho(rule):
        return mixing_matrix(network, rule).consensus_rate

    assert rho("best_constant") == pytest.approx((l[-1] - l[1]) / (l[-1] + l[1]), abs=1e-12)
    assert rho("lazy_max_degree") == pytest.approx(1 - l[1] / (2 * degree), abs=1e-12)
    slow, fast = 1 - l[1] / (degree + 1), 1 - l[-1] / (degree + 1)
    assert rho("max_degree") == pytest.approx(max(abs(slow), abs(fast)), abs=1e-12)


@named
def test_no_constant_weight_beats_the_best(network):
    laplacian = laplacian_matrix(network)
    best = mixing_matrix(network, "best_constant").consensus_rate
    largest = laplacian_eigenvalues(network)[-1]
    rates = [consensus_rate(np.eye(len(network)) - a * laplacian) for a in np.linspace(0, 2 / largest, 101)]
    assert min(rates) >= best - 1e-12


def test_control_constant_weight_beyond_its_limit_diverges():
    laplacian = laplacian_matrix(graph("petersen", 10))
    assert consensus_rate(np.eye(10) - 2.1 / 5 * laplacian) == pytest.approx(1.1, abs=1e-12)


def test_control_dividing_by_the_degree_never_mixes_a_bipartite_ring():
    w = np.eye(8) - laplacian_matrix(graph("ring", 8)) / 2
    assert smallest_eigenvalue(w) == pytest.approx(-1.0, abs=1e-12)
    assert consensus_rate(w) == pytest.approx(1.0, abs=1e-12)
    assert second_eigenvalue(w) == pytest.approx(np.sqrt(0.5), abs=1e-12)  # alone, it would promise mixing
    assert mixing_matrix(graph("ring", 8), "max_degree").consensus_rate < 0.9


@pytest.mark.parametrize("rule", RULES)
def test_control_disconnected_workers_never_agree(rule):
    mixing = mixing_matrix(graph("disconnected", 8), rule)
    assert mixing.consensus_rate == pytest.approx(1.0, abs=1e-12)
    assert abs(mixing.spectral_gap) <= 1e-12


@named
def test_gossip_contracts_at_the_rate_and_no_faster(network):
    mixing = mixing_matrix(network, "metropolis")
    values, vectors = np.linalg.eigh(mixing.matrix - 1 / len(network))
    worst = vectors[:, np.argmax(np.abs(values))]
    after = np.linalg.matrix_power(mixing.matrix, 5) @ worst - worst.mean()
    assert np.linalg.norm(after) == pytest.approx(mixing.consensus_rate**5, rel=1e-9, abs=1e-12)


def test_isolated_workers_keep_their_value():
    network = nx.empty_graph(4)
    network.add_edge(0, 1)
    for rule in RULES:
        w = mixing_matrix(network, rule).matrix
        np.testing.assert_array_equal(w[2:], np.eye(4)[2:])
        assert w[0, 1] > 0


def test_row_stochastic_weighs_workers_by_degree():
    star = graph("star", 6)
    p = row_stochastic(star)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=0, atol=1e-15)
    limit = np.linalg.matrix_power(p, 400)[0]
    degrees = np.array([6.0, 2, 2, 2, 2, 2])
    np.testing.assert_allclose(limit, degrees / degrees.sum(), rtol=0, atol=1e-12)
    assert np.abs(limit - 1 / 6).max() > 0.1  # not the mean
    with pytest.raises(ValueError, match="symmetric"):
        MixingMatrix(p, "row_stochastic", star.name)


def test_row_stochastic_keeps_the_mean_on_regular_graphs():
    ring = graph("ring", 7)
    np.testing.assert_allclose(row_stochastic(ring), mixing_matrix(ring, "metropolis").matrix, atol=1e-15)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.ones((2, 3)) / 3, "square"),
        (np.ones((1, 1)), "at least 2"),
        (np.eye(3)[[1, 2, 0]], "symmetric"),
        (np.full((2, 2), np.nan), "finite"),
        (np.full((2, 2), np.inf), "finite"),
        (0.9 * np.eye(2), "sum to one"),
    ],
)
def test_what_is_no_mixing_matrix(bad, words):
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match=words):
        MixingMatrix(bad, "own", "own")


def test_requests_that_make_no_sense():
    with pytest.raises(ValueError, match="no mixing rule"):
        mixing_matrix(graph("ring", 5), "fast")
    with pytest.raises(ValueError, match="without edges"):
        mixing_matrix(nx.empty_graph(3), "metropolis")


def test_names_for_tables():
    assert mixing_matrix(graph("ring", 5), "metropolis").name == "metropolis mixing matrix of ring(5)"
    assert mixing_matrix(nx.path_graph(3), "metropolis").graph == "a graph of 3 workers"
