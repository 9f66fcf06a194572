"""Decentralized methods that remove the bias of D-PSGD where the workers' objectives differ: exact laws.

On parabolas of one curvature L at all workers, f_i(x) = L |x|^2/2 + <c_i, x> with sum c_i = 0, every eigenvector
of W is a recursion of its own. From a common start the mean of the workers moves as gradient descent does,
whatever the method, and a mode with the eigenvalue w, in which z_0 = 0, follows z_(k+2) = t z_(k+1) - p z_k from
z_1. So

    sum_i |x_i - x*|^2 = m (1 - h)^(2k) |x_0 - x*|^2 + z_k^2,   z_k = z_1 (r^k - s^k)/(r - s),

with the step size h/L and the roots r, s of z^2 - t z + p. The tilts c lie in one mode, and m zeta2 = |c|^2. The
laws need the modes, so they are checked on these objectives only.
"""

from typing import Any

import numpy as np

from problems.networks import tilted_quadratics
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.decentralized import d2, dgd, exact_diffusion, extra, gradient_tracking, nids
from simlab.topologies.networks import named_mixing, named_network
from simlab.vocabulary.assumptions import BoundedHeterogeneity, ComponentsSmooth, DoublyStochastic, Workers
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

WORKERS = 8


def eigenpair(topology, mode):
    """An eigenvalue of W and its eigenvector; modes are counted from the smallest eigenvalue."""
    values, vectors = np.linalg.eigh(named_mixing(topology, WORKERS).matrix)
    return float(values[mode]), vectors[:, mode]


def step_of(h, Lmax):
    """The step size."""
    return h / Lmax


settings: dict[str, Any] = {
    "assumes": Workers & ComponentsSmooth & BoundedHeterogeneity & DoublyStochastic,
    "measures": distance_squared.last,
    "claim": law(),
    "network": lambda topology: named_network(topology, WORKERS),
    "domain": grid(topology=("ring", "star", "path"), mode=(0, 3, 6), h=(0.1, 0.6), k=(1, 2, 3, 10, 30)),
    "on": tilted_quadratics.at(
        workers=WORKERS, dimension=1, curvature=2.0, heterogeneity=3.0,
        pattern=lambda topology, mode: eigenpair(topology, mode)[1],
    ),
    "matched": False,
}  # fmt: skip


def distance_of(k, h, m, Lmax, zeta2, R, first, trace, product):
    """The law for a mode with z_1 = first (h/L) |c|, and t and p."""
    start = first * h / Lmax * (m * zeta2) ** 0.5
    z = np.linalg.matrix_power(np.array([[trace, -product], [1.0, 0.0]]), k)[1, 0] * start
    return m * (1 - h) ** (2 * k) * R**2 + z**2


@theorem(
    method=dgd(step_size=step_of), **settings, source="the recursion of a mode, solved; Yuan, Ling & Yin 2016"
)
def dgd_bias(k, h, topology, mode, m, Lmax, zeta2, R):
    """Decentralized gradient descent on tilted parabolas: where it is at each step. The workers stay apart: a
    mode of the tilts ends at h/(1 - w + h) of |c|/L, and not at 0.
    """
    w = eigenpair(topology, mode)[0]
    apart = h / Lmax * (1 - (w - h) ** k) / (1 - w + h) * (m * zeta2) ** 0.5
    return m * (1 - h) ** (2 * k) * R**2 + apart**2


@theorem(
    method=extra(step_size=step_of), **settings, source="the recursion of a mode; Shi, Ling, Wu & Yin 2015"
)
def extra_quadratic_exact(k, h, topology, mode, m, Lmax, zeta2, R):
    """EXTRA on tilted parabolas: t = 1 + w - h and p = (1 + w)/2 - h. The bias of DGD is removed: both roots lie
    in the unit disc while h < (5 + 3 w)/4 for the smallest w.
    """
    w = eigenpair(topology, mode)[0]
    return distance_of(k, h, m, Lmax, zeta2, R, 1.0, 1 + w - h, (1 + w) / 2 - h)


@theorem(
    method=exact_diffusion(step_size=step_of),
    **settings,
    source="the recursion of a mode; Yuan, Ying, Zhao & Sayed 2019",
)
def exact_diffusion_quadratic_exact(k, h, topology, mode, m, Lmax, zeta2, R):
    """Exact diffusion on tilted parabolas: with q = (1 + w)/2, z_1 is q times that of EXTRA, t = q (2 - h) and
    p = q (1 - h). It converges for h < 2, as one machine does, whatever the network.
    """
    q = (1 + eigenpair(topology, mode)[0]) / 2
    return distance_of(k, h, m, Lmax, zeta2, R, q, q * (2 - h), q * (1 - h))


@theorem(method=nids(step_size=step_of), **settings, source="the recursion of a mode; Li, Shi & Yan 2019")
def nids_quadratic_exact(k, h, topology, mode, m, Lmax, zeta2, R):
    """NIDS on tilted parabolas: exact diffusion whose first step does not average."""
    q = (1 + eigenpair(topology, mode)[0]) / 2
    return distance_of(k, h, m, Lmax, zeta2, R, 1.0, q * (2 - h), q * (1 - h))


@theorem(
    method=d2(step_size=step_of),
    **settings,
    source="the recursion of a mode; Tang, Lian, Yan, Zhang & Liu 2018",
)
def d2_quadratic_exact(k, h, topology, mode, m, Lmax, zeta2, R):
    """D2 on tilted parabolas: exact diffusion with W in place of (I + W)/2, so that an eigenvalue below -1/(3 -
    2h) makes it diverge.
    """
    w = eigenpair(topology, mode)[0]
    return distance_of(k, h, m, Lmax, zeta2, R, w, w * (2 - h), w * (1 - h))


@theorem(
    method=gradient_tracking(step_size=step_of),
    **settings,
    source="the recursion of a mode; Nedic, Olshevsky & Shi 2017; Qu & Li 2018",
)
def gradient_tracking_quadratic_exact(k, h, topology, mode, m, Lmax, zeta2, R):
    """Gradient tracking (DIGing) on tilted parabolas: t = 2w - h and p = w^2 - h. It converges for h < (1 +
    w)^2/2 with the smallest w, so that an eigenvalue near -1 leaves only short steps.
    """
    w = eigenpair(topology, mode)[0]
    return distance_of(k, h, m, Lmax, zeta2, R, 1.0, 2 * w - h, w**2 - h)


for exact in (
    extra_quadratic_exact,
    exact_diffusion_quadratic_exact,
    nids_quadratic_exact,
    d2_quadratic_exact,
    gradient_tracking_quadratic_exact,
):
    exact.control("DGD, which keeps its bias", method=dgd(step_size=step_of))

dgd_bias.control("EXTRA, which removes it", method=extra(step_size=step_of))


@dgd_bias.control("the bias of adapt-then-combine", domain=grid(topology="ring", mode=6, h=0.6, k=30))
def _(k, h, topology, mode, m, Lmax, zeta2, R):
    w = eigenpair(topology, mode)[0]
    apart = w * h / Lmax * (1 - (w * (1 - h)) ** k) / (1 - w * (1 - h)) * (m * zeta2) ** 0.5
    return m * (1 - h) ** (2 * k) * R**2 + apart**2


extra_quadratic_exact.control("NIDS in place of EXTRA", method=nids(step_size=step_of))
exact_diffusion_quadratic_exact.control("NIDS, whose first step differs", method=nids(step_size=step_of))
nids_quadratic_exact.control("D2, which averages with W itself", method=d2(step_size=step_of))
