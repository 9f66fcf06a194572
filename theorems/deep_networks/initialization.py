"""Random initialization at finite width: what is preserved in the mean is not what happens typically."""

import math

import numpy as np

from simlab.kernels.arrays import Matrix
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem


def squared_lengths(
    width: int, variance: float, relu: bool, checkpoints: tuple[int, ...], rng: np.random.Generator, runs: int
) -> Matrix:
    """|h_k|^2 after k layers, shape (runs, checkpoints), where |h_0| = 1.

    h_k = W_k h_(k-1), with the ReLU if ``relu``; the entries of the square matrices W_k are independent normals of
    the given variance.
    """
    hidden = np.full((runs, width), 1 / math.sqrt(width))
    lengths = np.empty((runs, checkpoints[-1] + 1))
    lengths[:, 0] = 1.0
    for k in range(1, checkpoints[-1] + 1):
        weights = rng.standard_normal((runs, width, width))
        hidden = math.sqrt(variance) * np.matmul(weights, hidden[:, :, None])[:, :, 0]
        if relu:
            hidden = np.maximum(hidden, 0.0)
        lengths[:, k] = np.sum(hidden**2, axis=1)
    return lengths[:, checkpoints]


@theorem(
    experiment=lambda width, gain, checkpoints, rng, runs: np.log(
        squared_lengths(width, gain / width, False, checkpoints, rng, runs)
    ),
    claim=law(),
    domain=grid(width=(2, 4), gain=(0.7, 1.0), k=(24, 48)),
    slack=0.05,
    source="Hanin & Nica 2019 (log-normal fluctuations); exact, because |W h|^2 / |h|^2 is gain chi^2_n / n",
)
def random_product_lognorm(k, width, gain):
    """Linear layers of width n with independent normal weights of variance gain/n: the mean logarithm of the
    squared length after k layers. With gain 1 the mean of the squared length itself is preserved, while its typical
    value decays like exp(-k/n).
    """
    from scipy.special import digamma

    return k * (digamma(width / 2) + math.log(2 * gain / width))


@random_product_lognorm.control("the logarithm of the mean", domain=grid(width=2, gain=0.7, k=24))
def _(k, gain):
    return k * math.log(gain)


@random_product_lognorm.control("the leading order log(gain) - 1/n", domain=grid(width=2, gain=0.7, k=24))
def _(k, width, gain):
    return k * (math.log(gain) - 1 / width)


@theorem(
    experiment=lambda width, checkpoints, rng, runs: squared_lengths(
        width, 2 / width, True, checkpoints, rng, runs
    ),
    claim=law(),
    domain=grid(width=16, k=(1, 3)),
    source="He, Zhang, Ren & Sun 2015, section 2.2",
)
def he_relu_second_moment():
    """ReLU layers with independent normal weights of variance 2/width, without biases: the mean squared length is
    preserved.
    """
    return 1.0


he_relu_second_moment.control(
    "the variance 1/width of linear layers",
    experiment=lambda width, checkpoints, rng, runs: squared_lengths(
        width, 1 / width, True, checkpoints, rng, runs
    ),
)


@theorem(
    experiment=lambda width, checkpoints, rng, runs: (
        squared_lengths(width, 2 / width, True, checkpoints, rng, runs) ** 2
    ),
    claim=law(),
    domain=grid(width=32, k=(1, 2)),
    source="Hanin 2018; exact, because E relu(g)^2 = 1/2 and E relu(g)^4 = 3/2 for a standard normal g",
)
def he_relu_fourth_moment(k, width):
    """ReLU layers with independent normal weights of variance 2/width, without biases: the mean fourth power of the
    length grows exponentially with the depth over the width.
    """
    return (1 + 5 / width) ** k


@he_relu_fourth_moment.control("1 + 2/width, as for linear layers")
def _(k, width):
    return (1 + 2 / width) ** k
