"""Gossip with compressed messages."""

from typing import Any

from problems.networks import tilted_quadratics
from simlab.kernels.quantities import consensus_error
from simlab.optimizers.decentralized import choco_gossip_random, choco_gossip_top, gossip
from simlab.topologies.networks import named_mixing, named_network
from simlab.topologies.spectra import slowest_mode
from simlab.vocabulary.assumptions import DoublyStochastic, Workers
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

whole = {"consensus_step": lambda g: g, "kept": 1}
settings: dict[str, Any] = {
    "assumes": Workers & DoublyStochastic,
    "measures": consensus_error.last,
    "claim": law(),
    "network": lambda topology: named_network(topology, 8),
    "domain": grid(topology=("ring", "star", "path"), g=(0.2, 1.0), k=(1, 2, 3, 20)),
    "on": tilted_quadratics.at(
        workers=8, dimension=1, start=lambda topology: slowest_mode(named_mixing(topology, 8).matrix)[:, None]
    ),
    "matched": False,
    "source": "Koloskova, Stich & Jaggi 2019, section 3: Q = identity",
}


def kept_of_the_slowest_mode(k, g, rho, disagreement):
    """(1 - g (1 - rho))^(2k), as the slowest eigenvalue is positive on these graphs."""
    return (1 - g * (1 - rho)) ** (2 * k) * disagreement**2


@theorem(method=choco_gossip_top(**whole), **settings)
def choco_gossip_top_whole(k, g, rho, disagreement):
    """CHOCO-gossip with messages of the largest entry, of vectors that have only one: its copies are the iterates
    themselves, and it is gossip with (1 - g) I + g W. From the slowest mode, a law; so it is run on that alone.
    """
    return kept_of_the_slowest_mode(k, g, rho, disagreement)


@theorem(method=choco_gossip_random(**whole), **settings)
def choco_gossip_random_whole(k, g, rho, disagreement):
    """CHOCO-gossip with messages of one random entry, of vectors that have only one: the same."""
    return kept_of_the_slowest_mode(k, g, rho, disagreement)


for entry in (choco_gossip_top_whole, choco_gossip_random_whole):
    entry.control("gossip with W itself", method=gossip(), domain=grid(topology="ring", g=0.2, k=(1, 20)))
    entry.control("1.01 times the rate", declare={"rho": lambda rho: 1.01 * rho})
