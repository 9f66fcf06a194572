"""Spectra of graphs."""

from collections.abc import Iterator

import numpy as np

from simlab.kernels.arrays import Vector
from simlab.topologies.graphs import graph
from simlab.topologies.spectra import CLOSED_FORMS, closed_form_laplacian_spectrum, laplacian_eigenvalues
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem


def spectra_of_size(workers: int) -> Iterator[Vector]:
    """(1 + computed) / (1 + stated) for every eigenvalue of every family that has a graph with so many nodes."""
    options = {"ring_power": [{"power": 2}], "complete_bipartite": [{}, {"left": 2}]}
    for name in CLOSED_FORMS:
        for given in options.get(name, [{}]):
            try:
                network = graph(name, workers, **given)
            except ValueError:  # a hypercube of 12 nodes, say
                continue
            yield (1 + laplacian_eigenvalues(network)) / (
                1 + closed_form_laplacian_spectrum(name, workers, **given)
            )


def eigenvalues_over_closed_forms(workers: int) -> Vector:
    """The same for all families in one row."""
    return np.concatenate(list(spectra_of_size(workers)))


@theorem(
    experiment=eigenvalues_over_closed_forms,
    claim=law(1e-12),
    domain=grid(workers=(6, 8, 9, 10, 12, 32)),
    source="Brouwer & Haemers 2012, Spectra of Graphs, section 1.4; the barbell by its equitable partition",
)
def spectra_closed_form():
    """The Laplacian eigenvalues of the ring and its powers, the path, complete graph, star, grid, torus, hypercube,
    complete bipartite graph, Petersen graph, barbell (two cliques and a bridge) and two rings side by side, each
    computed eigenvalue of I + L divided by its closed form: 2 - 2 cos(2 pi k / n) for the ring, 2 - 2 cos(pi k / n)
    for the path, 0 and n for the complete graph, 0, 1 and n for the star, sums of those of the sides for grid and
    torus, 2 k (C(d, k) times) for the hypercube, 0, a, b and a + b for the complete bipartite graph.
    """
    return 1


def periodic_grid(rows: int, columns: int) -> Vector:
    """NetworkX's periodic grid against the formula for the torus of these sides."""
    import networkx as nx

    computed = laplacian_eigenvalues(nx.grid_2d_graph(rows, columns, periodic=True))
    return (1 + computed) / (1 + np.sort(CLOSED_FORMS["torus"](rows, columns)))


spectra_closed_form.control(
    "a torus with a side of 2, whose double edges NetworkX drops",
    experiment=lambda workers: periodic_grid(2, workers // 2),
    domain=grid(workers=10),
)
spectra_closed_form.control(
    "the path's formula for a ring",
    experiment=lambda workers: (
        (1 + laplacian_eigenvalues(graph("ring", workers)))
        / (1 + closed_form_laplacian_spectrum("path", workers))
    ),
    domain=grid(workers=8),
)
