"""Averaging on directed graphs, where no weights are doubly stochastic."""

import numpy as np

from problems.networks import tilted_quadratics
from simlab.kernels.quantities import consensus_error
from simlab.optimizers.decentralized import gossip, push_sum
from simlab.topologies.networks import weighted_network
from simlab.vocabulary.assumptions import Workers
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem


def shares(a, b):
    """Two workers that send away the parts a and b of what they have."""
    return np.array([[1 - a, b], [a, 1 - b]])


pair = tilted_quadratics(workers=2, dimension=1, start=np.array([[1.0], [-1.0]]))


@theorem(
    method=push_sum(),
    assumes=Workers,
    measures=consensus_error.last,
    claim=law(),
    network=lambda a, b: weighted_network(shares(a, b), f"two workers that send {a:g} and {b:g}"),
    domain=grid(a=(0.1, 0.5, 0.9), b=(0.2, 0.8), k=(1, 2, 3, 10)),
    on=pair,
    matched=False,
    source="by the two eigenvectors; Kempe, Dobra & Gehrke 2003",
)
def push_sum_pair(k, a, b):
    """Push-sum between two workers with the values 1 and -1, who send away the parts a and b of what they have: the
    squared disagreement of their estimates S_i/y_i, exactly. With l = 1 - a - b the sums are (l^k, -l^k) and the
    weights y = (2b + (a - b) l^k, 2a - (a - b) l^k)/(a + b), so that both estimates tend to the mean, 0, though the
    weights are unequal. The law is about this network, so it is run on it alone.
    """
    power = (1 - a - b) ** k
    one, two = 2 * b + (a - b) * power, 2 * a - (a - b) * power
    return ((a + b) * power) ** 2 * (1 / one + 1 / two) ** 2 / 2


push_sum_pair.control("gossip with the same weights, without their sums", method=gossip())


@push_sum_pair.control("as if both sent equally much", domain=grid(a=0.1, b=0.8, k=(1, 2)))
def _(k, a, b):
    return 2 * (1 - a - b) ** (2 * k)
