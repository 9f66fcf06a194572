"""What more workers bring, and what the topology costs."""

from typing import Any

import numpy as np

from problems.networks import tilted_quadratics
from problems.noise import gaussian
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, only_these
from simlab.kernels.quantities import consensus_error, mean_distance_squared
from simlab.optimizers.decentralized import dpsgd_combine_then_adapt
from simlab.running.simulate import case_of, curve
from simlab.topologies.networks import named_network
from simlab.vocabulary.quantity import Quantity

SIZES = (4, 8, 16, 32)
STEP_SIZE, STEPS = 0.1, 120  # what is left of the start is 0.9^240 = 1e-11 of it
TOPOLOGIES = ("ring", "path", "star", "complete")


@figure(width="page", aspect=0.42)
def dpsgd_speedup(sheet: Sheet) -> None:
    """D-PSGD (combine-then-adapt) on the same quadratic of curvature 1 at all m workers, noise of variance
    sigma^2 = 1 at each, step size gamma = 0.1, in the steady state, by exact moments. (a) The error of the
    mean falls as 1/m for every topology alike, by the law (dotted): the speed-up is linear. The markers lie
    upon each other. (b) The disagreement of the workers, per worker, is the topology's price.
    """
    speedup, price = sheet.panels(1, 2)
    for number, name in enumerate(TOPOLOGIES):
        errors = [_steady(name, m, mean_distance_squared) for m in SIZES]
        spreads = [_steady(name, m, consensus_error) / m for m in SIZES]
        nested: dict[str, Any] = {"markersize": 12 - 3 * number, "fillstyle": "none", "linestyle": "none"}
        sheet.line(speedup, name, SIZES, errors, number=number, **nested)
        sheet.line(price, name, SIZES, spreads, number=number)
    law = STEP_SIZE / (2 - STEP_SIZE) / np.array(SIZES)
    sheet.bound(speedup, r"$\gamma\sigma^2 / (m (2 - \gamma))$", SIZES, law, number=6, linewidth=1.2)
    speedup.set(ylabel=r"$\mathbb{E}\,\|\bar x - x^*\|^2$")
    price.set(ylabel=r"$\mathbb{E}\,\|X - \bar X\|_F^2 \,/\, m$")
    for axes in (speedup, price):
        axes.set(xscale="log", yscale="log", xlabel="workers $m$")
        only_these(axes, SIZES)
    speedup.legend(labelspacing=1.1)
    price.legend()
    only_these(speedup, (0.002, 0.005, 0.01), "y")
    only_these(price, (0.01, 0.02, 0.04), "y")


def _steady(topology: str, workers: int, quantity: Quantity) -> float:
    """The expectation of a quantity after ``STEPS`` steps."""
    problem = tilted_quadratics(workers=workers, dimension=1, curvature=1.0, heterogeneity=0.0)
    method, noise = dpsgd_combine_then_adapt(step_size=STEP_SIZE), gaussian(variance=1.0)
    network = named_network(topology, workers)
    return float(curve(case_of("speed-up", method, problem, quantity.last, (STEPS,), noise, network)).mean[0])
