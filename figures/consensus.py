"""Consensus over topologies and sizes."""

from collections.abc import Iterable

import numpy as np

from problems.networks import tilted_quadratics
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet, named_curves, only_these
from simlab.kernels.arrays import Matrix
from simlab.kernels.quantities import consensus_error
from simlab.optimizers.decentralized import gossip
from simlab.planning.cases import Case
from simlab.running.simulate import case_of, curve
from simlab.topologies.networks import named_mixing, named_network
from simlab.topologies.spectra import closed_form_laplacian_spectrum

WORKERS, STEPS = 64, 20
SIZES = {
    "path": (4, 8, 16, 32, 64),
    "ring": (4, 8, 16, 32, 64),
    "torus": (9, 16, 25, 36, 64),
    "hypercube": (4, 8, 16, 32, 64),
}


@figure(width="page", aspect=0.36)
def consensus(sheet: Sheet) -> None:
    """Gossip with maximum-degree weights I - L/(Delta + 1), where one worker starts apart from all others.
    (a) Disagreement of 64 workers against the step, each topology under its bound rho^(2k) (dotted). (b)
    After 20 steps, against the number of workers m, under the same bounds. (c) The spectral gap against the
    number of workers: computed from the mixing matrix (markers) and by the closed forms of the Laplacian
    spectra (lines).
    """
    decay, disagreement, gaps = sheet.panels(1, 3)
    steps = range(0, 61, 4)
    for number, (name, sizes) in enumerate(SIZES.items()):
        case, rate = _gossip(name, WORKERS, steps)
        measured = curve(case)
        sheet.line(decay, name, measured.k, measured.mean / measured.mean[0], number=number)
        sheet.bound(decay, f"bound of {name}", measured.k, rate ** (2 * measured.k), number=number)
        left = [_left_after(name, m) for m in sizes]
        mixings = [named_mixing(name, m, "max_degree") for m in sizes]
        sheet.line(disagreement, name, sizes, left, number=number)
        bounds = [mixing.consensus_rate ** (2 * STEPS) for mixing in mixings]
        sheet.bound(disagreement, f"bound of {name}", sizes, bounds, number=number)
        sheet.points(gaps, name, sizes, [mixing.spectral_gap for mixing in mixings], number=number)
        closed = [_closed_gap(name, m) for m in sizes]
        sheet.line(gaps, f"closed form of {name}", sizes, closed, number=number, marker=False)
    lowest = 1e-9
    decay.set(yscale="log", ylim=(lowest, 2), xlabel="step $k$")
    decay.set_ylabel(r"$\|X_k - \bar X\|_F^2 \,/\, \|X_0 - \bar X\|_F^2$")
    disagreement.set(xscale="log", yscale="log", ylim=(lowest, 2), xlabel="workers $m$")
    disagreement.set_ylabel(f"the same at $k = {STEPS}$")
    gaps.set(xscale="log", yscale="log", xlabel="workers $m$", ylabel=r"spectral gap $1 - \rho$")
    for axes in (disagreement, gaps):
        only_these(axes, SIZES["ring"])
    named_curves(gaps, loc="lower left")


def _gossip(name: str, workers: int, steps: Iterable[int]) -> tuple[Case, float]:
    """Gossip on a topology, and the rate of its mixing matrix."""
    network = named_network(name, workers, "max_degree")
    problem = tilted_quadratics(workers=workers, dimension=1, start=unlike(workers))
    case = case_of("consensus", gossip(), problem, consensus_error.last, steps, network=network)
    return case, named_mixing(name, workers, "max_degree").consensus_rate


def _left_after(name: str, workers: int) -> float:
    """The part of the disagreement that is left after ``STEPS`` steps."""
    first, last = curve(_gossip(name, workers, (0, STEPS))[0]).mean
    return float(last / first)


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
