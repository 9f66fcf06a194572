"""Local steps between averages: where federated averaging converges to."""

import numpy as np

from problems.workers import prescribed_quadratics
from simlab.kernels.quantities import mean_distance_squared
from simlab.optimizers.centralized import fedavg
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, only, theorem

CLIENTS = (
    ((1.0, 3.0), (0.0, 1.0)),
    ((0.2, 1.0, 2.5, 0.7), (1.0, -2.0, 0.5, 3.0)),
)


@theorem(
    method=fedavg(
        step_size=lambda h, clients: h / max(clients[0]), local_steps=lambda local_steps: local_steps
    ),
    measures=mean_distance_squared.last,
    claim=law(),
    domain=grid(clients=CLIENTS, h=(0.02, 0.5, 1.9), local_steps=only(2, 5, 20), k=only(20, 40, 200, 4000)),
    on=prescribed_quadratics.at(
        curvatures=lambda clients: clients[0], minimizers=lambda clients: clients[1], start=-1.0
    ),
    matched=False,
    source="the linear recursion of a round, solved; Li, Huang, Yang, Wang & Zhang 2020, Theorem 4, show that "
    "there is a bias of this order",
)
def fedavg_fixed_point(k, clients, h, local_steps):
    """Federated averaging with exact gradients on parabolas of curvatures h_i and minimizers b_i, measured after
    whole rounds: the squared distance of the average from the minimizer of the mean objective, exactly, from the
    start -1. It does not vanish: a client that keeps the part 1 - c_i of its error in a round counts with the
    weight c_i instead of h_i. A law of these objectives only, so it is not run on others.
    """
    curvatures = np.array(clients[0])
    minimizers = np.array(clients[1])
    c = 1 - (1 - h / max(curvatures) * curvatures) ** local_steps
    fixed = np.sum(c * minimizers) / np.sum(c)
    best = np.sum(curvatures * minimizers) / np.sum(curvatures)
    average = fixed + np.mean(1 - c) ** (k / local_steps) * (-1 - fixed)
    return (average - best) ** 2


@fedavg_fixed_point.control("the minimizer as the fixed point")
def _(k, clients, h, local_steps):
    curvatures = np.array(clients[0])
    minimizers = np.array(clients[1])
    c = 1 - (1 - h / max(curvatures) * curvatures) ** local_steps
    best = np.sum(curvatures * minimizers) / np.sum(curvatures)
    return (np.mean(1 - c) ** (k / local_steps) * (-1 - best)) ** 2


@fedavg_fixed_point.control(
    "the mean of the clients' minimizers as the fixed point",
    domain=grid(clients=CLIENTS, h=0.5, local_steps=5, k=200),
)
def _(k, clients, h, local_steps):
    curvatures = np.array(clients[0])
    minimizers = np.array(clients[1])
    c = 1 - (1 - h / max(curvatures) * curvatures) ** local_steps
    fixed = np.mean(minimizers)
    best = np.sum(curvatures * minimizers) / np.sum(curvatures)
    return (fixed + np.mean(1 - c) ** (k / local_steps) * (-1 - fixed) - best) ** 2


fedavg_fixed_point.control(
    "an average after every local step",
    method=fedavg(step_size=lambda h, clients: h / max(clients[0]), local_steps=1),
)
