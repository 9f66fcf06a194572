"""Gossip: averaging with neighbours only."""

import numpy as np

from problems.networks import tilted_quadratics
from simlab.kernels.arrays import Matrix
from simlab.kernels.quantities import consensus_error
from simlab.optimizers.decentralized import gossip
from simlab.topologies.graphs import graph, laplacian_matrix
from simlab.topologies.networks import named_mixing, named_network, weighted_network
from simlab.topologies.spectra import slowest_mode
from simlab.vocabulary.assumptions import DoublyStochastic, Workers
from simlab.vocabulary.theorem import grid, theorem

NETWORKS = (
    ("ring", 8, "metropolis"),
    ("path", 7, "best_constant"),
    ("star", 8, "metropolis"),
    ("complete", 6, "lazy_max_degree"),
    ("torus", 12, "best_constant"),
    ("barbell", 10, "max_degree"),
)


def initial_values(network: tuple[str, int, str], start: str) -> Matrix:
    """A number for each worker, shape (workers, 1): the slowest mode of the mixing matrix, or normal ones."""
    if start == "slowest":
        return slowest_mode(named_mixing(*network).matrix)[:, None]
    return np.random.default_rng(5).standard_normal((network[1], 1))


@theorem(
    method=gossip(),
    assumes=Workers & DoublyStochastic,
    measures=consensus_error.last,
    network=lambda network: named_network(*network),
    domain=grid(network=NETWORKS, start=("slowest", "random"), k=(1, 2, 5, 20)),
    on=tilted_quadratics.at(workers=lambda network: network[1], dimension=1, start=initial_values),
    matched=False,
    attained_by=tilted_quadratics.at(workers=lambda network: network[1], dimension=1, start=initial_values),
    at_least=0.999,
    attained_at=grid(network=NETWORKS, start="slowest", k=(1, 2, 5)),
    source="Xiao & Boyd 2004, section 2",
)
def gossip_linear_consensus(k, rho, disagreement):
    """Gossip with any symmetric doubly stochastic matrix: the squared disagreement of the workers shrinks by
    rho^2 a step, rho = |W - J|; with equality from the slowest eigenvector.

    The objective plays no role, only the workers' first values do, so the registered problems, whose workers start
    in agreement, are left out.
    """
    return rho ** (2 * k) * disagreement**2


gossip_linear_consensus.control(
    "two rings without a link, with the rate of one ring",
    network=lambda: named_network("disconnected", 8),
    declare={"rho": lambda: named_mixing("ring", 4).consensus_rate},
    domain=grid(network=(("disconnected", 8, "metropolis"),), start="slowest", k=(1, 60)),
)
gossip_linear_consensus.control(
    "only the second eigenvalue, on a bipartite graph whose last one is -1",
    network=lambda: weighted_network(
        np.eye(8) - laplacian_matrix(graph("ring", 8)) / 2, "I - L/2 of ring(8)"
    ),
    declare={"rho": np.cos(np.pi / 4)},
    on=tilted_quadratics(workers=8, dimension=1, start=np.array([[1.0], [-1.0]] * 4)),
    domain=grid(k=(1, 10)),
)


@gossip_linear_consensus.control("one power of rho too many")
def _(k, rho, disagreement):
    return rho ** (2 * k + 1) * disagreement**2
