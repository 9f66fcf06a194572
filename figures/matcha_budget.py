"""MATCHA: what a communication budget buys."""

from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.drawing.style import colours
from simlab.topologies.graphs import graph
from simlab.topologies.matchings import (
    activation_probabilities,
    best_weight,
    gossip_rate,
    matching_decomposition,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRAPHS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("barbell", 8, {}),
    ("erdos_renyi", 12, {"probability": 0.35, "seed": 3}),
    ("hypercube", 8, {}),
)


@figure(width="page", aspect=0.42)
def matcha_budget(sheet: Sheet) -> None:
    """MATCHA. (a) The contraction rho_M = |E[W'W] - J| against the communication budget, the mean fraction of the
    matchings that take part: with the best probabilities (markers) and with equal ones (dotted), which are never
    better. (b) The matchings of a barbell of 8 workers, one colour and line style each; widths are
    the probabilities at budget 0.4: the bridge, on which everything depends, is active most.
    """
    rates, drawn = sheet.panels(1, 2)
    budgets = np.linspace(0.1, 1.0, 10)
    for number, (name, workers, more) in enumerate(GRAPHS):
        matchings = matching_decomposition(graph(name, workers, **more))
        best, equal = [], []
        for budget in budgets:
            p = activation_probabilities(matchings, float(budget))
            best.append(gossip_rate(matchings, p, best_weight(matchings, p)))
            same = np.full(len(matchings), budget)
            equal.append(gossip_rate(matchings, same, best_weight(matchings, same)))
        sheet.line(rates, f"{name.replace('_', '-')}, {workers} workers", budgets, best, number=number)
        sheet.bound(rates, "", budgets, equal, number=number)
    rates.set(xlabel="communication budget", ylabel=r"$\rho_M$")
    rates.legend()
    _draw_matchings(sheet, drawn)


def _draw_matchings(sheet: Sheet, axes: "Axes") -> None:
    import networkx as nx

    network = graph("barbell", 8)
    matchings = matching_decomposition(network)
    p = activation_probabilities(matchings, 0.4)
    left = {i: (np.cos(np.pi / 4 + i * np.pi / 2) - 1.6, np.sin(np.pi / 4 + i * np.pi / 2)) for i in range(4)}
    places = {**left, **{7 - i: (-x, y) for i, (x, y) in left.items()}}
    places[3], places[4] = (-0.7, 0.0), (0.7, 0.0)
    nx.draw_networkx_nodes(network, places, ax=axes, node_size=40, node_color="0.2")
    styles = ("solid", "dashed", "dotted", "dashdot")
    for j, edges in enumerate(matchings.edges):
        nx.draw_networkx_edges(
            network, places, edgelist=list(edges), ax=axes, edge_color=colours()[j % 10], style=styles[j % 4],
            width=0.5 + 3 * p[j],
        )  # fmt: skip
        sheet.record(axes, "probability of matching", [j], [p[j]], labels=[str(edges)])
    axes.set_axis_off()
    axes.set_aspect("equal")
