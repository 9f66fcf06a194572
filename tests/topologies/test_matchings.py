import itertools

import networkx as nx
import numpy as np
import pytest

from simlab.topologies.graphs import graph, laplacian_matrix
from simlab.topologies.matchings import (
    Matchings,
    activation_probabilities,
    best_weight,
    enumerate_activations,
    expected_gossip,
    gossip_rate,
    matching_decomposition,
)
from simlab.topologies.spectra import laplacian_eigenvalues, symmetric_eigenvalues

SMALL = [
    graph("ring", 8),
    graph("ring", 9),
    graph("path", 7),
    graph("complete", 5),
    graph("complete", 6),
    graph("star", 6),
    graph("petersen", 10),
    graph("barbell", 8),
    graph("grid", 12),
    graph("hypercube", 8),
    graph("random_regular", 12, degree=4, seed=3),
    graph("erdos_renyi", 12, probability=0.35, seed=4),
]
named = pytest.mark.parametrize("network", SMALL, ids=lambda network: network.name)


def degree(network):
    return max(dict(network.degree).values())


def defects(network, matchings):
    """What keeps sets of edges from being a decomposition of a graph into few matchings."""
    found = []
    edges = [edge for matching in matchings for edge in matching]
    if sorted(tuple(sorted(edge)) for edge in edges) != sorted(tuple(sorted(edge)) for edge in network.edges):
        found.append("cover")
    if not all(nx.is_matching(nx.Graph(list(network.edges)), set(matching)) for matching in matchings):
        found.append("disjoint")
    if len(matchings) > degree(network) + 1:
        found.append("count")
    return found


# --- decomposition -------------------------------------------------------------------------------------------


@named
def test_decomposition_of_named_graphs(network):
    assert defects(network, matching_decomposition(network).edges) == []


def test_decomposition_of_random_graphs():
    for seed in range(150):
        rng = np.random.default_rng(seed)
        network = nx.gnp_random_graph(int(rng.integers(2, 26)), rng.uniform(0.05, 1.0), seed=seed)
        assert defects(network, matching_decomposition(network).edges) == []


@pytest.mark.parametrize("n", range(2, 24))
def test_decomposition_of_complete_graphs(n):
    network = graph("complete", n)
    matchings = matching_decomposition(network)
    assert defects(network, matchings.edges) == []
    # a matching of an odd number of nodes has at most (n - 1) / 2 edges, so n of them are needed
    assert len(matchings) == n if n % 2 and n > 1 else len(matchings) in (n - 1, n)


def test_petersen_needs_one_more_than_its_degree():
    assert len(matching_decomposition(graph("petersen", 10))) == 4


def test_bipartite_graphs_need_no_more_than_their_degree():
    for seed in range(60):
        network = nx.bipartite.random_graph(5 + seed % 7, 8, 0.4, seed=seed)
        assert len(matching_decomposition(network)) == degree(network)


def test_control_defects_are_noticed():
    network = graph("barbell", 8)
    edges = matching_decomposition(network).edges
    bridge_dropped = [[edge for edge in matching if edge != (3, 4)] for matching in edges]
    assert defects(network, bridge_dropped) == ["cover"]
    assert defects(network, [*edges, ((3, 4),)]) == ["cover"]
    assert defects(network, [edges[0] + edges[1], *edges[2:]]) == ["disjoint"]
    assert defects(network, [[edge] for edge in network.edges]) == ["count"]


def test_nodes_of_any_name_count_in_their_order():
    network = nx.Graph([("c", "a"), ("a", "b")])
    assert set(itertools.chain(*matching_decomposition(network).edges)) == {(0, 1), (1, 2)}


def test_no_matching_shares_a_node_or_leaves_the_graph():
    with pytest.raises(ValueError, match="share a node"):
        Matchings(3, (((0, 1), (1, 2)),))
    with pytest.raises(ValueError, match="share a node"):
        Matchings(3, (((1, 1),),))
    with pytest.raises(ValueError, match="outside"):
        Matchings(3, (((0, 3),),))


@named
def test_laplacians_of_the_matchings(network):
    matchings = matching_decomposition(network)
    own = np.arange(len(network))
    for j, edges in enumerate(matchings.edges):
        single = nx.empty_graph(len(network))
        single.add_edges_from(edges)
        laplacian = matchings.laplacian(np.eye(len(matchings))[j])
        np.testing.assert_array_equal(laplacian, laplacian_matrix(single))
        np.testing.assert_array_equal(laplacian @ laplacian, 2 * laplacian)
        np.testing.assert_array_equal(matchings.partners[j][matchings.partners[j]], own)
    np.testing.assert_array_equal(matchings.laplacian(np.ones(len(matchings))), laplacian_matrix(network))


# --- the expected gossip matrix ------------------------------------------------------------------------------


def second_moment(matchings, probabilities, weight):
    """E[W'W] by enumeration."""
    return sum(q * w.T @ w for q, w in enumerate_activations(matchings, probabilities, weight))


@named
@pytest.mark.parametrize("weight", [0.1, 0.35, 0.6])
def test_formula_against_enumeration(network, weight):
    matchings = matching_decomposition(network)
    p = np.random.default_rng(len(network)).uniform(0.1, 0.9, len(matchings))
    exact = second_moment(matchings, p, weight)
    formula = expected_gossip(matchings, p, weight)
    assert np.abs(formula - exact).max() <= 1e-12
    rate = np.linalg.norm(exact - 1 / len(network), 2)
    assert gossip_rate(matchings, p, weight) == pytest.approx(rate, abs=1e-12)
    # control: without the variance of the activations it is E[W]'E[W], another matrix
    mean = np.eye(len(network)) - weight * matchings.laplacian(p)
    assert np.abs(mean @ mean - exact).max() > 1e-3


def test_enumeration_is_a_distribution_over_all_subsets():
    matchings = matching_decomposition(graph("barbell", 8))
    p = np.array([0.2, 0.5, 0.7, 1.0])
    outcomes = list(enumerate_activations(matchings, p, 0.3))
    assert len(outcomes) == 2 ** len(matchings)
    assert sum(q for q, _ in outcomes) == pytest.approx(1.0, abs=1e-14)
    mean = sum(q * w for q, w in outcomes)
    np.testing.assert_allclose(mean, np.eye(8) - 0.3 * matchings.laplacian(p), rtol=0, atol=1e-14)


def disagreement_after(outcomes, x, rounds):
    """E|x_k - xbar|^2 by the exact propagation of E[x x']."""
    moment = np.outer(x, x)
    for _ in range(rounds):
        moment = sum(q * w @ moment @ w.T for q, w in outcomes)
    return np.trace(moment) - moment.sum() / len(x)


def without_bridge(matchings):
    kept = tuple(tuple(edge for edge in matching if edge != (3, 4)) for matching in matchings.edges)
    return Matchings(matchings.workers, kept)


def test_expected_disagreement_decays_at_the_rate():
    matchings = matching_decomposition(graph("barbell", 8))
    p = np.array([0.3, 0.6, 0.5, 0.6])
    rho = gossip_rate(matchings, p, 0.4)
    outcomes = list(enumerate_activations(matchings, p, 0.4))
    worst = np.linalg.eigh(expected_gossip(matchings, p, 0.4) - 1 / 8)[1][:, -1]
    assert disagreement_after(outcomes, worst, 1) == pytest.approx(rho, abs=1e-12)
    for rounds in (2, 10, 40):
        assert disagreement_after(outcomes, worst, rounds) <= rho**rounds * (1 + 1e-9)
    # control: the same promise when the bridge is silently missing
    broken = list(enumerate_activations(without_bridge(matchings), p, 0.4))
    assert disagreement_after(broken, worst, 40) > 10 * rho**40


def test_control_without_its_bridge_a_barbell_never_agrees():
    matchings = matching_decomposition(graph("barbell", 8))
    p = np.full(len(matchings), 0.5)
    assert gossip_rate(matchings, p, 0.4) < 0.9
    assert gossip_rate(without_bridge(matchings), p, 0.4) == pytest.approx(1.0, abs=1e-12)
    with pytest.raises(ValueError, match="not connected"):
        best_weight(without_bridge(matchings), p)
    with pytest.raises(ValueError, match="not connected"):
        activation_probabilities(without_bridge(matchings), 0.5)


# --- activation probabilities --------------------------------------------------------------------------------


def connectivity(matchings, p):
    return symmetric_eigenvalues(matchings.laplacian(p))[1]


def best_on_grid(matchings, budget, steps):
    """The largest l_2 over a grid of the feasible probabilities."""
    m = len(matchings)
    axes = np.meshgrid(*[np.linspace(0, 1, steps + 1)] * (m - 1), indexing="ij")
    points = np.column_stack([axis.ravel() for axis in axes])
    p = np.column_stack([points, budget * m - points.sum(axis=1)])
    p = p[(p[:, -1] >= 0) & (p[:, -1] <= 1)]
    laplacians = np.array([matchings.laplacian(row) for row in np.eye(m)])
    return np.linalg.eigvalsh(np.tensordot(p, laplacians, axes=1))[:, 1].max()


@named
@pytest.mark.parametrize("budget", [0.25, 0.5, 0.8])
def test_activation_stays_in_the_budget_and_beats_uniform(network, budget):
    matchings = matching_decomposition(network)
    p = activation_probabilities(matchings, budget)
    assert p.shape == (len(matchings),)
    assert p.min() >= 0
    assert p.max() <= 1
    assert p.sum() == pytest.approx(budget * len(matchings), abs=1e-7)
    uniform = np.full(len(matchings), budget)
    assert connectivity(matchings, p) >= connectivity(matchings, uniform) * (1 - 1e-9)


@pytest.mark.parametrize(
    ("network", "steps"),
    [
        (graph("ring", 9), 100),
        (graph("barbell", 8), 20),
        (graph("grid", 12), 20),
        (graph("petersen", 10), 20),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("budget", [0.3, 0.5, 0.75])
def test_activation_is_optimal(network, steps, budget):
    matchings = matching_decomposition(network)
    found = connectivity(matchings, activation_probabilities(matchings, budget))
    assert best_on_grid(matchings, budget, steps) <= found * (1 + 2e-6)


def test_control_the_grid_finds_better_than_uniform():
    matchings = matching_decomposition(graph("barbell", 8))
    uniform = connectivity(matchings, np.full(len(matchings), 0.5))
    assert best_on_grid(matchings, 0.5, 20) > 1.1 * uniform


def test_optimum_is_proportional_to_small_budgets():
    # as long as no probability reaches 1; a false bound, once made by a disconnected p, broke this
    matchings = matching_decomposition(graph("random_regular", 20, degree=4, seed=3))
    values = [connectivity(matchings, activation_probabilities(matchings, b)) / b for b in (0.1, 0.2, 0.3)]
    np.testing.assert_allclose(values, values[0], rtol=3e-6)


def test_symmetric_graphs_have_uniform_optima():
    matchings = matching_decomposition(graph("star", 6))  # one edge each
    np.testing.assert_allclose(activation_probabilities(matchings, 0.4), 0.4, rtol=0, atol=1e-4)
    np.testing.assert_allclose(activation_probabilities(matchings, 1.0), 1.0, rtol=0, atol=1e-7)


@pytest.mark.parametrize("budget", [0.0, -0.5, 1.01, float("nan")])
def test_budgets_out_of_range(budget):
    with pytest.raises(ValueError, match="budget"):
        activation_probabilities(matching_decomposition(graph("ring", 8)), budget)


# --- the weight ----------------------------------------------------------------------------------------------


@named
def test_best_weight_when_all_matchings_are_always_active(network):
    # then W = I - alpha L, whose best alpha is known
    matchings = matching_decomposition(network)
    l = laplacian_eigenvalues(network)
    weight = best_weight(matchings, np.ones(len(matchings)))
    assert weight == pytest.approx(2 / (l[1] + l[-1]), abs=1e-6)
    rate = ((l[-1] - l[1]) / (l[-1] + l[1])) ** 2
    assert gossip_rate(matchings, np.ones(len(matchings)), weight) == pytest.approx(rate, abs=1e-8)


@named
def test_no_weight_on_a_grid_beats_the_best(network):
    matchings = matching_decomposition(network)
    p = activation_probabilities(matchings, 0.5)
    best = gossip_rate(matchings, p, best_weight(matchings, p))
    assert best < 1
    rates = [gossip_rate(matchings, p, weight) for weight in np.linspace(0, 1.5, 301)]
    # the search stops within 3e-8 of its interval (0, 2 / l_n), where |d rho_M / d alpha| is at most about 2 l_n
    assert min(rates) >= best - 1.2e-7
    assert max(rates) > best * 1.01


@pytest.mark.parametrize("bad", [[0.5], [0.5, 1.5], [0.5, float("nan")], [-0.1, 0.5], 0.5])
def test_probabilities_must_fit(bad):
    matchings = matching_decomposition(graph("ring", 8))
    for function in (
        best_weight,
        lambda m, p: gossip_rate(m, p, 0.3),
        lambda m, p: list(enumerate_activations(m, p, 1)),
    ):
        with pytest.raises(ValueError, match="matching"):
            function(matchings, bad)


def test_too_many_matchings_to_enumerate():
    matchings = matching_decomposition(graph("star", 22))
    with pytest.raises(ValueError, match="too many"):
        next(enumerate_activations(matchings, np.full(21, 0.5), 0.3))
