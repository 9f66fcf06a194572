import subprocess
import sys

import networkx as nx
import numpy as np
import pytest

from simlab.topologies.graphs import FAMILIES, adjacency_matrix, graph, laplacian_matrix

EXAMPLES = {
    "ring": (7, {}, 7),
    "ring_power": (9, {"power": 2}, 18),
    "path": (6, {}, 5),
    "complete": (6, {}, 15),
    "star": (8, {}, 7),
    "torus": (15, {"rows": 3}, 30),
    "grid": (12, {}, 17),
    "hypercube": (16, {}, 32),
    "complete_bipartite": (7, {"left": 3}, 12),
    "petersen": (10, {}, 15),
    "barbell": (8, {}, 13),
    "erdos_renyi": (16, {"probability": 1.0, "seed": 3}, 120),
    "random_regular": (12, {"degree": 3, "seed": 3}, 18),
    "disconnected": (10, {}, 10),
}


def test_every_family_has_an_example():
    assert set(EXAMPLES) == set(FAMILIES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_size_numbering_and_connection(name):
    workers, options, edges = EXAMPLES[name]
    built = graph(name, workers, **options)
    assert sorted(built) == list(built) == list(range(workers))
    assert built.number_of_edges() == edges
    assert nx.number_connected_components(built) == (2 if name == "disconnected" else 1)
    assert built.name.startswith(f"{name}({workers}")


def test_numbering_follows_the_documentation():
    assert set(graph("torus", 12, rows=3)[0]) == {1, 3, 4, 8}  # row by row, 4 columns
    assert set(graph("hypercube", 8)[5]) == {4, 7, 1}  # one bit apart
    assert graph("star", 6).degree[0] == 5
    assert graph("barbell", 10).has_edge(4, 5)
    assert nx.bipartite.sets(graph("complete_bipartite", 7, left=3))[0] == {0, 1, 2}


def test_random_families_are_determined_by_their_seed():
    def edges(seed):
        return set(graph("erdos_renyi", 20, probability=0.3, seed=seed).edges)

    assert edges(1) == edges(1)
    assert edges(1) != edges(2)


def test_label_says_how_the_graph_was_asked_for():
    assert graph("erdos_renyi", 5, seed=1, probability=0.5).name == "erdos_renyi(5, probability=0.5, seed=1)"


@pytest.mark.parametrize(
    ("name", "workers", "options", "words"),
    [
        ("rings", 5, {}, "no graph family"),
        ("ring", 5, {"rows": 2}, "takes \\(workers\\)"),
        ("erdos_renyi", 5, {"probability": 0.5}, "seed"),
        ("ring", 2, {}, "at least 3"),
        ("ring", 5.0, {}, "whole number"),
        ("ring", True, {}, "whole number"),
        ("ring", "five", {}, "whole number"),
        ("ring_power", 8, {"power": 4}, "more than 8"),
        ("path", 1, {}, "at least 2"),
        ("torus", 10, {}, "both sides must be at least 3, not 2 x 5"),
        ("torus", 10, {"rows": 5}, "not 5 x 2"),
        ("torus", 12, {"rows": 5}, "do not fill"),
        ("grid", 7, {}, "not 1 x 7"),
        ("hypercube", 12, {}, "power of two"),
        ("hypercube", 1, {}, "at least 2"),
        ("complete_bipartite", 4, {"left": 4}, "right side"),
        ("petersen", 12, {}, "has 10 workers"),
        ("barbell", 7, {}, "even"),
        ("barbell", 4, {}, "at least 6"),
        ("erdos_renyi", 5, {"probability": float("nan"), "seed": 0}, "between 0 and 1"),
        ("erdos_renyi", 5, {"probability": 0.5, "seed": None}, "seed must be"),
        ("random_regular", 5, {"degree": 3, "seed": 0}, "even"),
        ("random_regular", 4, {"degree": 4, "seed": 0}, "below"),
        ("disconnected", 9, {}, "even"),
    ],
)
def test_impossible_requests_get_one_sentence(name, workers, options, words):
    with pytest.raises(ValueError, match=words) as caught:
        graph(name, workers, **options)
    assert "\n" not in str(caught.value)


def test_matrices_ignore_edge_weights():
    weighted = nx.path_graph(3)
    weighted[0][1]["weight"] = 7.0
    np.testing.assert_array_equal(adjacency_matrix(weighted), [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(laplacian_matrix(weighted), [[1, -1, 0], [-1, 2, -1], [0, -1, 1]])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (nx.DiGraph([(0, 1)]), "undirected"),
        (nx.MultiGraph([(0, 1), (0, 1)]), "parallel"),
        (nx.Graph([(0, 1), (1, 1)]), "self-loops"),
        (nx.empty_graph(1), "at least 2"),
    ],
)
def test_matrices_refuse_what_is_no_network(bad, words):
    with pytest.raises(ValueError, match=words):
        adjacency_matrix(bad)


def test_nothing_heavy_is_imported_early():
    modules = ", ".join(f"simlab.topologies.{name}" for name in ("graphs", "spectra", "mixing", "matchings"))
    check = f"import sys, {modules}; sys.exit(bool({{'networkx', 'scipy', 'numba'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
    early = f"import networkx; {check}"  # the same check does notice an early import
    assert subprocess.run([sys.executable, "-c", early], check=False).returncode == 1
