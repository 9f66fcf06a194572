"""MATCHA: what a communication budget buys."""

from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, named_curves, sized
from simlab.drawing.style import LINES, series_colour
from simlab.topologies.graphs import graph
from simlab.topologies.matchings import (
    activation_probabilities,
    best_weight,
    gossip_rate,
    matching_decomposition,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRAPHS: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("barbell", "barbell", 8, {}),
    ("Erdős–Rényi", "erdos_renyi", 12, {"probability": 0.35, "seed": 3}),
    ("hypercube", "hypercube", 8, {}),
)
BUDGET = 0.4


@figure(width="page", aspect=0.42)
def matcha_budget(sheet: Sheet) -> None:
    """MATCHA. (a) The contraction rho_M = |E[W'W] - J| against the communication budget, the mean fraction of
    the matchings that take part: with MATCHA's probabilities, which give the mean graph the largest
    algebraic connectivity (markers), and with equal ones (dotted), which are never better here. (b) The
    matchings of a barbell of 8 workers, one colour and line style each; widths are the probabilities p at
    budget 0.4: the bridge, on which everything depends, is active most.
    """
    rates, drawn = sheet.panels(1, 2, width_ratios=(1, 1.15))
    budgets = np.linspace(0.1, 1.0, 10)
    for number, (label, name, workers, more) in enumerate(GRAPHS):
        matchings = matching_decomposition(graph(name, workers, **more))
        best, equal = [], []
        for budget in budgets:
            p = activation_probabilities(matchings, float(budget))
            best.append(gossip_rate(matchings, p, best_weight(matchings, p)))
            same = np.full(len(matchings), budget)
            equal.append(gossip_rate(matchings, same, best_weight(matchings, same)))
        sheet.line(rates, f"{label}, {workers} workers", budgets, best, number=number)
        sheet.bound(rates, f"equal probabilities of {label}", budgets, equal, number=number, linewidth=1.2)
    rates.set(xlabel="communication budget", ylabel=r"$\rho_M$", ylim=(0, 1))
    named_curves(rates)
    _draw_matchings(sheet, drawn)


def _draw_matchings(sheet: Sheet, axes: "Axes") -> None:
    import networkx as nx

    network = graph("barbell", 8)
    matchings = matching_decomposition(network)
    p = activation_probabilities(matchings, BUDGET)
    corners = [(-2.6, 0.9), (-1.5, 0.7), (-2.6, -0.9), (-0.8, 0.0)]  # of the left clique, the bridge last
    places = {**dict(enumerate(corners)), **{7 - i: (-x, y) for i, (x, y) in enumerate(corners)}}
    nx.draw_networkx_nodes(network, places, ax=axes, node_size=40, node_color="0.2")
    for j, edges in enumerate(matchings.edges):
        style: dict[str, Any] = {
            "color": series_colour(j),
            "linestyle": LINES[j % 4],
            **sized(linewidth=0.5 + 3 * p[j]),
        }
        for number, (one, other) in enumerate(edges):
            (x0, y0), (x1, y1) = places[one], places[other]
            label = f"$p_{j + 1} = {p[j]:.2f}$" if number == 0 else None
            axes.plot([x0, x1], [y0, y1], label=label, zorder=0, **style)
        sheet.record(axes, "probability of matching", [j + 1], [p[j]], labels=[str(edges)])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2)
    axes.set_axis_off()
    axes.set(xlim=(-2.8, 2.8), ylim=(-1.0, 1.0))
