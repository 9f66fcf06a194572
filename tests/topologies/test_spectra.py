import math

import networkx as nx
import numpy as np
import pytest

from simlab.topologies.graphs import graph
from simlab.topologies.spectra import (
    CLOSED_FORMS,
    algebraic_connectivity,
    closed_form_laplacian_spectrum,
    consensus_rate,
    laplacian_eigenvalues,
    second_eigenvalue,
    smallest_eigenvalue,
    spectral_gap,
)

TOLERANCE = 1e-11
SIZES = {
    "ring": [(n, {}) for n in (*range(3, 41), 100)],
    "ring_power": [(n, {"power": s}) for s in (1, 2, 3, 5) for n in (2 * s + 1, 2 * s + 2, 24, 31)],
    "path": [(n, {}) for n in (*range(2, 41), 100)],
    "complete": [(n, {}) for n in range(2, 33)],
    "star": [(n, {}) for n in range(2, 41)],
    "torus": [(a * b, {"rows": a}) for a in range(3, 8) for b in range(3, 10)],
    "grid": [(a * b, {"rows": a}) for a in range(2, 8) for b in range(2, 10)],
    "hypercube": [(2**d, {}) for d in range(1, 8)],
    "complete_bipartite": [(a + b, {"left": a}) for a in range(1, 9) for b in range(1, 9)],
    "petersen": [(10, {})],
    "barbell": [(2 * m, {}) for m in range(3, 31)],
    "disconnected": [(2 * m, {}) for m in range(3, 21)],
}


def difference(one, other):
    """Largest difference of two multisets of numbers."""
    return np.abs(np.sort(one) - np.sort(other)).max()


def test_every_closed_form_is_tested():
    assert set(SIZES) == set(CLOSED_FORMS)


@pytest.mark.parametrize("name", SIZES)
def test_closed_form_is_the_spectrum(name):
    for workers, options in SIZES[name]:
        formula = closed_form_laplacian_spectrum(name, workers, **options)
        assert formula.shape == (workers,)
        assert (np.diff(formula) >= 0).all()
        assert difference(formula, laplacian_eigenvalues(graph(name, workers, **options))) <= TOLERANCE


@pytest.mark.parametrize("name", SIZES)
def test_control_closed_form_notices_one_missing_edge(name):
    workers, options = SIZES[name][-1]
    damaged = graph(name, workers, **options)
    damaged.remove_edge(*next(iter(damaged.edges)))
    formula = closed_form_laplacian_spectrum(name, workers, **options)
    assert difference(formula, laplacian_eigenvalues(damaged)) > 1e-2


def test_control_side_of_two_breaks_the_torus_formula():
    silently_damaged = nx.grid_2d_graph(2, 5, periodic=True)
    formula = CLOSED_FORMS["torus"](2, 5)
    assert difference(formula, laplacian_eigenvalues(silently_damaged)) == pytest.approx(2.0, abs=TOLERANCE)


def test_spectrum_of_a_cartesian_product_but_not_of_a_tensor_product():
    path, star = graph("path", 4), graph("star", 5)
    sums = np.add.outer(laplacian_eigenvalues(path), laplacian_eigenvalues(star)).ravel()
    assert difference(sums, laplacian_eigenvalues(nx.cartesian_product(path, star))) <= TOLERANCE
    assert difference(sums, laplacian_eigenvalues(nx.tensor_product(path, star))) > 1.0


def test_petersen_adjacency_spectrum():
    adjacency = nx.to_numpy_array(graph("petersen", 10))
    assert difference(np.linalg.eigvalsh(adjacency), [3] + 5 * [1] + 4 * [-2]) <= TOLERANCE


def test_connectivity_of_the_barbell():
    for m in range(3, 20):
        formula = ((m + 2) - math.sqrt((m + 2) ** 2 - 8)) / 2
        assert algebraic_connectivity(graph("barbell", 2 * m)) == pytest.approx(formula, abs=TOLERANCE)


def test_connectivity_is_zero_exactly_without_connection():
    split = graph("disconnected", 12)
    assert abs(algebraic_connectivity(split)) <= TOLERANCE
    split.add_edge(0, 6)
    assert algebraic_connectivity(split) > 0.05


def test_no_closed_form_for_random_graphs():
    with pytest.raises(ValueError, match="no closed form"):
        closed_form_laplacian_spectrum("erdos_renyi", 8, probability=0.5, seed=1)
    with pytest.raises(ValueError, match="at least 3"):
        closed_form_laplacian_spectrum("ring", 2)


def test_quantities_of_a_matrix_with_known_eigenvalues():
    rotation = np.linalg.qr(np.column_stack([np.ones(4), np.random.default_rng(5).normal(size=(4, 3))]))[0]
    w = rotation @ np.diag([1.0, 0.5, 0.1, -0.8]) @ rotation.T
    assert second_eigenvalue(w) == pytest.approx(0.5, abs=TOLERANCE)
    assert smallest_eigenvalue(w) == pytest.approx(-0.8, abs=TOLERANCE)
    assert consensus_rate(w) == pytest.approx(0.8, abs=TOLERANCE)
    assert spectral_gap(w) == pytest.approx(0.2, abs=TOLERANCE)
    # reading the rate off w_2 alone, a common mistake, would answer 0.5
    assert consensus_rate(w) > second_eigenvalue(w) + 0.2


def test_rate_of_exact_averaging_is_zero():
    assert consensus_rate(np.full((6, 6), 1 / 6)) <= TOLERANCE


def test_rate_of_directed_weights_is_the_norm_not_an_eigenvalue():
    rng = np.random.default_rng(11)
    excess = 1.0
    for _ in range(100):
        permutations = [np.eye(6)[rng.permutation(6)] for _ in range(3)]
        w = np.tensordot(rng.dirichlet(np.ones(3)), permutations, axes=1)
        x = rng.normal(size=6)
        x -= x.mean()
        assert np.linalg.norm(w @ x) <= consensus_rate(w) * np.linalg.norm(x) * (1 + 1e-9)
        modulus = np.sort(np.abs(np.linalg.eigvals(w)))[-2]
        excess = max(excess, consensus_rate(w) / max(modulus, 0.1))
    assert excess > 1.5


@pytest.mark.parametrize("quantity", [spectral_gap, second_eigenvalue, smallest_eigenvalue])
def test_symmetric_quantities_refuse_other_matrices(quantity):
    for bad in (np.eye(3)[[1, 2, 0]], np.full((3, 3), np.nan)):
        with pytest.raises(ValueError, match="symmetric"):
            quantity(bad)
