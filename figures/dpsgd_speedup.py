"""What more workers bring, and what the topology costs."""

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, only_these
from simlab.kernels.quantities import consensus_error, mean_distance_squared
from simlab.optimizers.decentralized import dpsgd_combine_then_adapt
from simlab.running.simulate import case_of, curve
from simlab.topologies.networks import named_network

SIZES = (4, 8, 16, 32)
STEP_SIZE, STEPS = 0.1, 200


@figure(width="page", aspect=0.42)
def dpsgd_speedup(sheet: Sheet) -> None:
    """D-PSGD (combine-then-adapt) on the same quadratic at all workers, unit noise at each, step size 0.1/L, in the
    steady state, by exact moments. (a) The error of the mean falls as 1/m for every topology alike: the speed-up
    is linear. (b) The disagreement of the workers, per worker, is the topology's price.
    """
    from problems.networks import tilted_quadratics
    from problems.noise import gaussian

    speedup, price = sheet.panels(1, 2)
    for number, name in enumerate(("ring", "path", "star", "complete")):
        errors: list[float] = []
        spreads: list[float] = []
        for workers in SIZES:
            problem = tilted_quadratics(workers=workers, dimension=1, curvature=1.0, heterogeneity=0.0)
            network = named_network(name, workers)
            for found, quantity, scale in (
                (errors, mean_distance_squared, 1.0),
                (spreads, consensus_error, workers),
            ):
                method = dpsgd_combine_then_adapt(step_size=STEP_SIZE)
                case = case_of(
                    "speed-up", method, problem, quantity.last, (STEPS,), gaussian(variance=1.0), network
                )
                found.append(curve(case).mean[0] / scale)
        sheet.line(speedup, name, SIZES, errors, number=number)
        sheet.line(price, name, SIZES, spreads, number=number)
    law = STEP_SIZE / (2 - STEP_SIZE) / np.array(SIZES)
    sheet.bound(speedup, r"$\gamma\sigma^2 / (m h (2 - \gamma h))$", SIZES, law, number=6, linewidth=1.4)
    speedup.set(ylabel=r"$\mathbb{E}\,\|\bar x - x^\star\|^2$")
    price.set(ylabel=r"$\frac{1}{m}\,\mathbb{E}\,\|X - \bar X\|_F^2$")
    for axes in (speedup, price):
        axes.set(xscale="log", yscale="log", xlabel="workers $m$")
        only_these(axes, SIZES)
        axes.legend()
