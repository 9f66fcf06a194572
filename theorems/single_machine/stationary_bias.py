"""Where stochastic gradient descent with a constant step size stays: not around the minimizer."""

import math

import numpy as np
from numpy.polynomial import chebyshev

from problems.exponential import exponential
from simlab.optimizers.first_order import sgd
from simlab.running.given import states
from simlab.vocabulary.claim import law, limit
from simlab.vocabulary.theorem import grid, theorem

NODES = 40


def stationary_mean(step, sigma):
    """The mean of the stationary law of SGD with fair signs times sigma < 1 as noise on f'(x) = e^x - 1.

    The iterates stay in [log(1 - sigma), log(1 + sigma)]. There u(x) -> E u(x+) is a matrix on the polynomials
    through Chebyshev's nodes, and its powers send u(x) = x to that mean.
    """
    low, high = math.log1p(-sigma), math.log1p(sigma)
    nodes = (low + high) / 2 + (high - low) / 2 * chebyshev.chebpts1(NODES)
    operator = np.zeros((NODES, NODES))
    to_unit = np.linalg.inv(chebyshev.chebvander(chebyshev.chebpts1(NODES), NODES - 1))
    for sign in (-sigma, sigma):
        after = states(sgd(step_size=step), exponential(), nodes[:, None], np.full((NODES, 1, 1), sign))[
            :, 1, 0, 0
        ]
        unit = (after - (low + high) / 2) / ((high - low) / 2)
        operator += chebyshev.chebvander(unit, NODES - 1) @ to_unit / 2
    means = np.linalg.matrix_power(operator, 1 << 14) @ nodes
    assert np.ptp(means) < 1e-9  # forgotten where it started
    return float(means.mean())


@theorem(
    experiment=stationary_mean,
    claim=limit(0.03),
    domain=grid(step=(0.005, 0.01, 0.02, 0.05), sigma=(0.2, 0.5)),
    source="Dieuleveut, Durmus & Bach 2020",
)
def sgd_constant_step_bias(step, sigma):
    """SGD with a constant step size a and additive noise stays around a point beside the minimizer: the stationary
    mean is x* - a f''' sigma^2/(4 f''^2) + O(a^2), here for f'(x) = e^x - 1.

    Averages of iterates tend to that point and not to x*. On quadratics it is x*.
    """
    return -step * sigma**2 / 4


@sgd_constant_step_bias.control("half of the third derivative")
def _(step, sigma):
    return -step * sigma**2 / 8


sgd_constant_step_bias.control("a step size of 1/2: no longer first order", domain=grid(step=0.5, sigma=0.5))


@sgd_constant_step_bias.refuted(
    claim=law(),
    domain=grid(step=(0.01, 0.05), sigma=0.5),
    source="Polyak-Ruppert averaging as it is often stated, for constant step sizes beyond quadratics",
)
def polyak_ruppert_constant_step(step, sigma):
    """The mean of the iterates of SGD with a constant step size tends to the minimizer, whatever the function:
    the stationary mean minus x* is 0. It is on quadratics only.
    """
    return 0.0
