"""Consensus over topologies and sizes."""

from typing import TYPE_CHECKING

import numpy as np

from problems.networks import tilted_quadratics
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, only_these
from simlab.kernels.arrays import Matrix
from simlab.kernels.quantities import consensus_error
from simlab.optimizers.decentralized import gossip
from simlab.running.simulate import case_of, curve
from simlab.topologies.networks import named_mixing, named_network
from simlab.topologies.spectra import closed_form_laplacian_spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOPOLOGIES = ("path", "ring", "torus", "hypercube", "complete")
WORKERS = 16
SIZES = {
    "path": (4, 8, 16, 32, 64),
    "ring": (4, 8, 16, 32, 64),
    "torus": (9, 16, 25, 36, 64),
    "hypercube": (4, 8, 16, 32, 64),
}


@figure(width="page", aspect=0.42)
def consensus(sheet: Sheet) -> None:
    """Gossip with maximum-degree weights I - L/(Delta + 1). (a) Disagreement of 16 workers, each topology under its
    bound rho^(2k) (dotted). (b) The spectral gap against the number of workers: computed from the mixing matrix
    (markers) and by the closed forms of the Laplacian spectra (lines).
    """
    decay, gaps = sheet.panels(1, 2)
    steps = range(0, 61, 4)
    for number, name in enumerate(TOPOLOGIES[:-1]):
        network = named_network(name, WORKERS, "max_degree")
        problem = tilted_quadratics(workers=WORKERS, dimension=1, start=unlike(WORKERS))
        case = case_of("consensus", gossip(), problem, consensus_error.last, steps, network=network)
        measured = curve(case)
        rho = named_mixing(name, WORKERS, "max_degree").consensus_rate
        sheet.line(decay, name, measured.k, measured.mean / measured.mean[0], number=number)
        sheet.bound(decay, f"bound of {name}", measured.k, rho ** (2 * measured.k), number=number)
    decay.set(yscale="log", ylim=(1e-8, 2), xlabel="step $k$", ylabel=r"$\|X_k - \bar X\|_F^2$, relative")
    _legend_of_curves(decay)
    for number, (name, sizes) in enumerate(SIZES.items()):
        computed = [named_mixing(name, n, "max_degree").spectral_gap for n in sizes]
        sheet.points(gaps, name, sizes, computed, number=number)
        sheet.line(
            gaps,
            f"closed form of {name}",
            sizes,
            [_closed_gap(name, n) for n in sizes],
            number=number,
            marker=False,
        )
    gaps.set(xscale="log", yscale="log", xlabel="workers", ylabel=r"spectral gap $1 - \rho$")
    only_these(gaps, SIZES["ring"])
    _legend_of_curves(gaps)


def unlike(workers: int) -> Matrix:
    """Starts of one coordinate that have a part in every mode: one worker differs from all others."""
    start = np.zeros((workers, 1))
    start[0] = 1.0
    return start


def _closed_gap(name: str, workers: int) -> float:
    """1 - |I - L/(Delta + 1) - J| from the formula of the Laplacian's spectrum."""
    spectrum = closed_form_laplacian_spectrum(name, workers)
    degree = {"path": 2, "ring": 2, "torus": 4}.get(name, int(np.log2(workers)))
    return 1 - float(np.abs(1 - spectrum[1:] / (degree + 1)).max())


def _legend_of_curves(axes: "Axes") -> None:
    """One entry a topology: the bounds and closed forms share its colour."""
    entries = [
        (h, label) for h, label in zip(*axes.get_legend_handles_labels(), strict=True) if " of " not in label
    ]
    axes.legend(*zip(*entries, strict=True))
