"""Signal propagation in wide random networks with tanh units: the mean-field maps of lengths and correlations."""

import math

import numpy as np

from simlab.kernels.arrays import Vector
from simlab.vocabulary.claim import limit
from simlab.vocabulary.theorem import grid, theorem

# Means over a standard normal by the trapezoidal rule. It converges exponentially for functions that are analytic
# near the real line, so 121 nodes leave only rounding errors.
NODES = np.linspace(-9.0, 9.0, 121)
WEIGHTS = (NODES[1] - NODES[0]) * np.exp(-(NODES**2) / 2) / math.sqrt(2 * math.pi)


def normal_mean(values: Vector) -> float:
    """E g(z) for a standard normal z, given g at NODES."""
    return float(WEIGHTS @ values)


def next_length(q: float, weight_variance: float, bias_variance: float) -> float:
    """The mean squared preactivation one layer on: weight_variance * E tanh(sqrt(q) z)^2 + bias_variance."""
    return weight_variance * normal_mean(np.tanh(math.sqrt(q) * NODES) ** 2) + bias_variance


def fixed_length(weight_variance: float, bias_variance: float) -> float:
    """The fixed point q* > 0 of the length map."""
    from scipy.optimize import brentq

    def excess(q: float) -> float:
        return next_length(q, weight_variance, bias_variance) - q

    return float(brentq(excess, 0.0, weight_variance + bias_variance + 1.0, xtol=1e-15, rtol=1e-15))


def next_gap(gap: float, q: float, weight_variance: float) -> float:
    """1 - c one layer on, for two inputs of length q with correlation c = 1 - gap.

    Half the mean of (tanh u - tanh v)^2 with u, v = a + b, a - b, where a and b are independent with variances
    q (1 - gap/2) and q gap/2. The difference of hyperbolic tangents is a quotient without cancellation, so that
    gaps of any size keep their relative accuracy (1 - c itself would drown in rounding at 1e-16).
    """
    a = math.sqrt(q * (1 - gap / 2)) * NODES[:, None]
    b = math.sqrt(q * gap / 2) * NODES[None, :]
    difference = np.sinh(2 * b) / (np.cosh(a + b) * np.cosh(a - b))
    return weight_variance * float(WEIGHTS @ difference**2 @ WEIGHTS) / (2 * q)


def decorrelation(k: int, weight_variance: float, bias_variance: float, gap: float) -> float:
    """1 - c after k layers, for inputs whose lengths are at the fixed point."""
    q = fixed_length(weight_variance, bias_variance)
    for _ in range(k):
        gap = next_gap(gap, q, weight_variance)
    return gap


@theorem(
    experiment=decorrelation,
    domain=grid(
        weight_variance=(0.8, 1.0, 1.3, 1.7),
        bias_variance=(0.05, 0.3),
        gap=(1.0, 0.3, 1e-6),
        k=(1, 2, 5, 20, 60),
    ),
    at_least=0.9999,
    attained_at=grid(
        weight_variance=(0.8, 1.3, 1.7), bias_variance=(0.05, 0.3), gap=1e-6, k=(1, 2, 5, 20, 60)
    ),
    source="Poole et al. 2016, section 3; Schoenholz et al. 2017, section 3 (the depth scale); the bound for every "
    "layer follows from the convexity of the correlation map on [0, 1]",
)
def edge_of_chaos_depth_scale(k, weight_variance, bias_variance, gap):
    """Two inputs of a wide random tanh network, of correlation 1 - gap >= 0 and with preactivations of the
    stationary length: their decorrelation after k layers. Below the edge of chaos, where chi < 1, it decays over a
    depth scale of -1 / log chi layers, exactly.
    """
    q = fixed_length(weight_variance, bias_variance)
    chi = weight_variance * normal_mean(np.cosh(math.sqrt(q) * NODES) ** -4)
    return chi**k * gap


@edge_of_chaos_depth_scale.control("chi at a length that is not the fixed point")
def _(k, weight_variance, gap):
    return (weight_variance * normal_mean(np.cosh(math.sqrt(1.5) * NODES) ** -4)) ** k * gap


@edge_of_chaos_depth_scale.control("the square of the mean slope in place of the mean squared slope")
def _(k, weight_variance, bias_variance, gap):
    q = fixed_length(weight_variance, bias_variance)
    return (weight_variance * normal_mean(np.cosh(math.sqrt(q) * NODES) ** -2) ** 2) ** k * gap


edge_of_chaos_depth_scale.control(
    "a network beyond the edge of chaos",
    experiment=lambda k, gap: decorrelation(k, 2.5, 0.1, gap),
    domain=grid(weight_variance=1.7, bias_variance=0.05, gap=1e-6, k=(1, 20)),
)


def rescaled_length(k: int, weight_variance: float) -> float:
    """2 k q_k for networks without biases, from q_0 = 1."""
    q = 1.0
    for _ in range(k):
        q = next_length(q, weight_variance, 0.0)
    return 2 * k * q


@theorem(
    experiment=rescaled_length,
    domain=grid(weight_variance=1.0, k=10_000),
    claim=limit(1e-3),
    labels=("asymptotic",),
    source="Schoenholz et al. 2017, section 3 (the critical line); the constant follows from "
    "E tanh(sqrt(q) z)^2 = q - 2 q^2 + O(q^3)",
)
def edge_of_chaos_critical_q(weight_variance):
    """At the end point of the critical line, weight variance 1 and no biases, lengths decay as 1/(2k) with the
    depth k instead of exponentially: 2 k q_k tends to 1. The deviation is 5 log(k) / (12 k) to leading order, below
    the stated tolerance at 10000 layers.
    """
    return weight_variance


edge_of_chaos_critical_q.control(
    "a weight variance of 0.98",
    experiment=lambda k: rescaled_length(k, 0.98),
    domain=grid(weight_variance=1.0, k=10_000),
)


@edge_of_chaos_critical_q.control("q - q^2 in place of q - 2 q^2")
def _(weight_variance):
    return 2 * weight_variance
