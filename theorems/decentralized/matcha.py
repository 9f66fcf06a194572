"""MATCHA: the network is taken apart into matchings, each of which takes part in a round at random."""

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from problems.networks import asymmetric_parabolas, tilted_quadratics
from problems.noise import gaussian, signs, sphere
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.quantities import mean_gradient_norm_squared
from simlab.optimizers.decentralized import matcha
from simlab.topologies.graphs import graph
from simlab.topologies.matchings import (
    Matchings,
    activation_probabilities,
    best_weight,
    enumerate_activations,
    expected_gossip,
    gossip_rate,
    matching_decomposition,
)
from simlab.topologies.networks import matching_network
from simlab.topologies.spectra import consensus_rate, slowest_mode, symmetric_eigenvalues
from simlab.vocabulary.assumptions import (
    BoundedHeterogeneity,
    BoundedVariance,
    ComponentsSmooth,
    RandomMixing,
    Workers,
)
from simlab.vocabulary.claim import law
from simlab.vocabulary.network import Network
from simlab.vocabulary.theorem import grid, theorem

if TYPE_CHECKING:
    import networkx as nx

# --- decomposition -----------------------------------------------------------------------------------------------

RANDOM = {"erdos_renyi": {"probability": 0.3, "seed": 3}}


def named(topology: str, workers: float) -> "nx.Graph[int]":
    """A graph by its name and size."""
    return graph(topology, int(workers), **RANDOM.get(topology, {}))


def decomposition(topology: str, workers: int) -> tuple[float, dict[str, float]]:
    """The number of matchings that a graph is taken apart into, infinite if they are no partition of its edges."""
    network = named(topology, workers)
    matchings = matching_decomposition(network)  # refuses sets of edges that share a node
    edges = [edge for matching in matchings.edges for edge in matching]
    partition = len(edges) == network.number_of_edges() and all(
        network.has_edge(*edge) for edge in set(edges)
    )
    partition = partition and len(set(map(frozenset, edges))) == len(edges)
    return (float(len(matchings)) if partition else np.inf), {"degree": max(d for _, d in network.degree)}


@theorem(
    experiment=decomposition,
    observes=("degree",),
    domain=grid(
        topology=("complete", "ring", "petersen", "barbell", "erdos_renyi", "star"), workers=(5, 8, 9, 10, 16)
    ),
    where=lambda topology, workers: (
        (topology != "petersen" or workers == 10) and (topology != "barbell" or workers % 2 == 0)
    ),
    attained_at=grid(topology=("complete", "ring"), workers=(5, 9)),
    at_least=1,
    source="Misra & Gries 1992 (Vizing's theorem); Wang, Sahu, Yang, Joshi & Kar 2019, section 3, step 1",
)
def matcha_matchings(degree):
    """Every graph can be taken apart into at most one matching more than its largest degree; complete graphs and
    rings with an odd number of nodes need that many.
    """
    return degree + 1


@matcha_matchings.control("as many matchings as the degree", domain=grid(topology="complete", workers=5))
def _(degree):
    return degree


def greedy(topology: str, workers: int) -> tuple[float, dict[str, float]]:
    """The number of matchings when each edge, in a fixed order, joins the first one that is free at both ends."""
    import networkx as nx

    network = named(topology, workers)
    colors = nx.greedy_color(nx.line_graph(network), strategy="largest_first")
    return 1.0 + max(colors.values()), {"degree": max(d for _, d in network.degree)}


matcha_matchings.control(
    "a greedy decomposition of K9", experiment=greedy, domain=grid(topology="complete", workers=9)
)

# --- random mixing -----------------------------------------------------------------------------------------------

TOPOLOGIES = ("ring", "star", "barbell", "grid", "complete", "hypercube")


@functools.cache
def matchings_of(topology: str, workers: float) -> Matchings:
    """The matchings of a named graph."""
    return matching_decomposition(named(topology, workers))


@functools.cache
def chances(topology: str, workers: float, budget: float) -> Vector:
    """MATCHA's probabilities for a communication budget, the mean fraction of the matchings that take part."""
    return activation_probabilities(matchings_of(topology, workers), budget)


@functools.cache
def matcha_weight(topology: str, workers: float, budget: float) -> float:
    """The weight with the smallest rho_M for these probabilities."""
    return best_weight(matchings_of(topology, workers), chances(topology, workers, budget))


def drawn_mixing(topology: str, budget: float, share: float) -> list[tuple[float, Matrix]]:
    """Every mixing matrix of eight workers with its probability, for ``share`` of the best weight."""
    weight = share * matcha_weight(topology, 8, budget)
    return list(enumerate_activations(matchings_of(topology, 8), chances(topology, 8, budget), weight))


def enumerated_rate(topology: str, budget: float, share: float) -> float:
    """|E[W'W] - J| of eight workers by summing over all of them."""
    return consensus_rate(np.sum([p * w.T @ w for p, w in drawn_mixing(topology, budget, share)], axis=0))


def formula_rate(topology: str, budget: float, share: float) -> float:
    """rho_M of eight workers by the formula, for ``share`` of the best weight."""
    weight = share * matcha_weight(topology, 8, budget)
    return gossip_rate(matchings_of(topology, 8), chances(topology, 8, budget), weight)


@theorem(
    experiment=enumerated_rate,
    claim=law(),
    domain=grid(topology=TOPOLOGIES, budget=(0.3, 0.5, 1.0), share=(0.5, 0.9)),
    source="Wang, Sahu, Yang, Joshi & Kar 2019, appendix (the proof of Theorem 1)",
)
def matcha_rho_formula(topology, budget, share):
    """MATCHA's contraction rho_M = |E[W'W] - J| of W = I - a sum_j B_j L_j, B_j independent with probabilities p_j:
    the norm of I - 2 a A + a^2 (A^2 + 2 C) - J, where A = sum_j p_j L_j and C = sum_j p_j (1 - p_j) L_j, against
    the sum over all sets of active matchings.
    """
    return formula_rate(topology, budget, share)


@matcha_rho_formula.control(
    "the square of the mean matrix", domain=grid(topology="ring", budget=0.5, share=0.9)
)
def _(topology, budget, share):
    weight = share * matcha_weight(topology, 8, budget)
    mean = np.eye(8) - weight * matchings_of(topology, 8).laplacian(chances(topology, 8, budget))
    return consensus_rate(mean @ mean)


@matcha_rho_formula.control("C once and not twice", domain=grid(topology="star", budget=0.3, share=0.9))
def _(topology, budget, share):
    p, matchings = chances(topology, 8, budget), matchings_of(topology, 8)
    weight = share * matcha_weight(topology, 8, budget)
    excess = weight**2 * matchings.laplacian(p * (1 - p))
    return consensus_rate(expected_gossip(matchings, p, weight) - excess)


def disagreement_after(
    drawn: Sequence[tuple[float, Matrix]], start: Vector, checkpoints: Sequence[int]
) -> list[float]:
    """E|x_k - mean|^2 of gossip from ``start`` at each checkpoint, by the recursion E[x x'] -> E[W x x' W']."""
    second, out = np.outer(start, start), []
    for k in range(checkpoints[-1] + 1):
        if k in checkpoints:
            out.append(float(np.trace(second) - second.sum() / len(second)))
        second = np.sum([probability * w @ second @ w.T for probability, w in drawn], axis=0)
    return out


def gossip_from(
    used: Matchings, topology: str, budget: float, start: str, checkpoints: Sequence[int]
) -> list[float]:
    """The expected squared disagreement of eight workers, 1 at first, when they gossip over the matchings ``used``
    with a graph's probabilities and weight, from the slowest mode or from normal values.
    """
    p, weight = chances(topology, 8, budget), matcha_weight(topology, 8, budget)
    values = slowest_mode(expected_gossip(matchings_of(topology, 8), p, weight))
    if start == "random":
        values = np.random.default_rng(5).standard_normal(8)
        values = (values - values.mean()) / np.linalg.norm(values - values.mean())
    return disagreement_after(list(enumerate_activations(used, p, weight)), values, checkpoints)


def expected_disagreement(
    topology: str, budget: float, start: str, checkpoints: Sequence[int]
) -> list[float]:
    """E|x_k - mean|^2 over a graph's own matchings."""
    return gossip_from(matchings_of(topology, 8), topology, budget, start, checkpoints)


def without_bridge(matchings: Matchings) -> Matchings:
    """The same matchings less the edge that joins the two halves of a barbell."""
    half = matchings.workers // 2
    kept = tuple(tuple(edge for edge in m if edge != (half - 1, half)) for m in matchings.edges)
    return Matchings(matchings.workers, kept)


@theorem(
    experiment=expected_disagreement,
    domain=grid(
        topology=TOPOLOGIES, budget=(0.3, 0.5, 1.0), start=("slowest", "random"), k=(1, 2, 5, 20, 60)
    ),
    where=lambda topology, budget: topology != "complete" or budget < 1,  # one round would be exact
    attained_at=grid(topology=TOPOLOGIES, budget=(0.3, 0.5), start="slowest", k=1),
    at_least=0.999,
    source="Wang, Sahu, Yang, Joshi & Kar 2019, section 4 with the appendix",
)
def matcha_gossip_decay(k, topology, budget):
    """Gossip over MATCHA's random matchings: the expected squared disagreement, 1 at first, shrinks at least by
    rho_M a step; by the exact recursion of the second moments over all sets of active matchings. One step from the
    slowest mode attains it.
    """
    return formula_rate(topology, budget, 1.0) ** k


matcha_gossip_decay.control(
    "the bridge between two cliques is never used",
    experiment=lambda topology, budget, start, checkpoints: gossip_from(
        without_bridge(matchings_of(topology, 8)), topology, budget, start, checkpoints
    ),
    domain=grid(topology="barbell", budget=0.5, start="slowest", k=(1, 60)),
)


@matcha_gossip_decay.control(
    "the rate of the mean matrix", domain=grid(topology="star", budget=0.3, start="slowest", k=(1, 20))
)
def _(k, topology, budget):
    mean = matchings_of(topology, 8).laplacian(chances(topology, 8, budget))
    return consensus_rate(np.eye(8) - matcha_weight(topology, 8, budget) * mean) ** (2 * k)


def connectivity(topology: str, probabilities: Vector) -> float:
    """The algebraic connectivity of eight workers' mean graph, l_2 of sum_j p_j L_j."""
    return float(symmetric_eigenvalues(matchings_of(topology, 8).laplacian(probabilities))[1])


def best_found(topology: str, budget: float) -> float:
    """The largest connectivity of uniform probabilities and of random steps from MATCHA's, all within budget."""
    rng, p = np.random.default_rng(8), chances(topology, 8, budget)
    found = [connectivity(topology, np.full(len(p), budget))]
    for _ in range(300):
        way = rng.exponential(size=len(p))
        way = way * (budget / way.mean()) - budget  # from uniform probabilities, along the budget
        longest = min(np.where(way > 0, 1 - budget, budget) / np.maximum(np.abs(way), 1e-300))
        other = budget + min(1, longest) * way
        found.append(connectivity(topology, p + rng.choice((1e-3, 0.1, 1.0)) * (other - p)))
    return max(found)


@theorem(
    experiment=best_found,
    domain=grid(topology=TOPOLOGIES, budget=(0.3, 0.5)),
    attained_at=grid(topology=("ring", "star", "complete", "hypercube"), budget=(0.3, 0.5)),
    at_least=0.999999,
    source="Wang, Sahu, Yang, Joshi & Kar 2019, section 3, step 2",
)
def matcha_budget(topology, budget):
    """MATCHA's probabilities give the mean graph the largest algebraic connectivity that the communication budget
    allows, up to the 1e-6 of the solver: none of many others within the budget does better. On ring, star, complete
    graph and hypercube of eight workers uniform probabilities are as good.
    """
    return connectivity(topology, chances(topology, 8, budget)) / (1 - 1e-6)


@matcha_budget.control("uniform probabilities on a barbell", domain=grid(topology="barbell", budget=0.5))
def _(topology, budget):
    return connectivity(topology, np.full(len(matchings_of(topology, 8)), budget))


# --- convergence -------------------------------------------------------------------------------------------------


def matcha_network(topology: str, workers: float, budget: float) -> Network:
    """The matchings of a named graph with MATCHA's probabilities and weight."""
    return matching_network(
        matchings_of(topology, workers),
        chances(topology, workers, budget),
        matcha_weight(topology, workers, budget),
        f"matcha({topology}, {int(workers)}, budget={budget:g})",
    )


def matcha_step(c: float, Lmax: float, rho2: float) -> float:
    """The fraction c of the longest step that the theorem allows."""
    rho = math.sqrt(rho2)
    return c / Lmax / max(1, 4 * rho / (1 - rho))


@theorem(
    method=matcha(step_size=matcha_step),
    assumes=Workers & ComponentsSmooth & BoundedHeterogeneity & BoundedVariance & RandomMixing,
    measures=mean_gradient_norm_squared.mean(),
    network=lambda topology, m, budget: matcha_network(topology, m, budget),
    noise=[model(variance=lambda sigma2: sigma2) for model in (gaussian, signs, sphere)],
    domain=grid(topology=("ring", "star", "complete"), budget=0.5, c=(0.3, 1.0), sigma2=1.0, k=(1, 10, 100)),
    where=lambda topology, disagreement: disagreement == 0,
    attained_by=tilted_quadratics(workers=8, heterogeneity=0.0),
    at_least=0.97,
    attained_at=grid(topology="complete", budget=1.0, c=1.0, sigma2=1.0, k=100),
    source="Wang, Sahu, Yang, Joshi & Kar 2019, Theorem 2",
)
def matcha_convergence(k, c, m, Lmax, rho2, sigma2, zeta2, D):
    """MATCHA on smooth, possibly non-convex objectives from a common start: the squared gradients at the mean
    iterates before step k. With all matchings of a complete graph in every round and the longest step it is
    parallel SGD, and quadratics attain the bound.
    """
    step, rho = matcha_step(c, Lmax, rho2), np.sqrt(rho2)
    spread = 2 * step**2 * Lmax**2 * rho2 / (1 - rho)
    bias = spread * (sigma2 / (1 + rho) + 3 * zeta2 / (1 - rho))
    return (2 * D / (step * k) + step * Lmax * sigma2 / m + bias) / (1 - 6 * spread / (1 - rho))


# The gradient 2 at the start, on a ring whose matchings are all active, rho = 1/3: the step size is 1/8, the spread
# 1/48, and the bound (16 + 4 + 4)/(13/16).
matcha_convergence.reaches(
    13 / 96,
    by=tilted_quadratics(workers=4, dimension=1, curvature=2.0, heterogeneity=32.0, start=1.0),
    at=grid(topology="ring", budget=1.0, c=0.5, sigma2=64.0, k=1),
)


@matcha_convergence.control("0.9 of the bound")
def _(k, c, m, Lmax, rho2, sigma2, zeta2, D):
    return 0.9 * matcha_convergence.bound(k, c, m, Lmax, rho2, sigma2, zeta2, D)


matcha_convergence.control(
    "the bridge between two cliques is never used",
    network=lambda: matching_network(
        without_bridge(matchings_of("barbell", 8)),
        chances("barbell", 8, 0.5),
        matcha_weight("barbell", 8, 0.5),
        "barbell(8) without its bridge",
    ),
    declare={"rho2": lambda: formula_rate("barbell", 0.5, 1.0)},
    on=asymmetric_parabolas(workers=8, strong_convexity=0.5, pattern=(1.0,) * 4 + (-1.0,) * 4, start=0.0),
    domain=grid(topology="barbell", budget=0.5, c=0.3, sigma2=0.0, k=3000),
)
