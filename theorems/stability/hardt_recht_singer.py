"""Stability of stochastic gradient descent, after Hardt, Recht & Singer.

Coupled runs on data sets that differ in one example share the start and the drawn indices. They agree until that
example is drawn, so only runs that draw it are sampled (``first_hit``).
"""

import numpy as np

from problems.bounded_losses import cosine_loss, sigmoid_loss
from problems.log_sum_exp import log_sum_exp
from problems.losses import huber_loss, linear_loss
from problems.sampling import Order, epochs, first_hit, minibatch
from simlab.kernels.quantities import argument_stability, loss_stability
from simlab.optimizers.first_order import sgd
from simlab.optimizers.proximal import proximal_sgd
from simlab.vocabulary.assumptions import (
    BoundedLoss,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    FiniteSum,
)
from simlab.vocabulary.theorem import grid, theorem

single_examples = first_hit(steps=lambda k: k)


@theorem(
    method=sgd(step_size=lambda k, h, p, Lmax: h / Lmax * (k + 1) ** -p),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & ComponentsLipschitz,
    noise=single_examples,
    measures=loss_stability.last,
    domain=grid(h=(0.5, 2.0), p=(0.0, 0.5), k=(10, 100)),
    attained_by=(linear_loss(terms=1000), huber_loss(terms=1000, far=1e4)),
    at_least=0.999,
    attained_at=grid(h=2.0, p=(0.0, 0.5), k=(1, 10, 100)),
    source="Hardt, Recht & Singer 2016, Theorem 3.8",
)
def hrs_sgd_convex(k, h, p, n, Lmax, G):
    """SGD on convex, smooth, Lipschitz losses, one uniformly drawn example a step, with step sizes up to 2/Lmax,
    here (h/Lmax) (t + 1)^-p: uniformly stable with 2 G^2 / n times their sum. This is the largest difference, over
    neighbouring data sets and test examples, of the *expected* losses. Equality for opposite slopes.
    """
    return 2 * G**2 / n * np.sum(h / Lmax * np.arange(1, k + 1) ** -p)


@hrs_sgd_convex.control("half of the bound", domain=grid(h=2.0, p=0.5, k=10))
def _(k, h, p, n, Lmax, G):
    return G**2 / n * np.sum(h / Lmax * np.arange(1, k + 1) ** -p)


@hrs_sgd_convex.control(
    "the distance, with independent indices",
    measures=argument_stability.last.uncoupled(),
    noise=minibatch(batch=1),
    domain=grid(h=2.0, p=0.0, k=100),
)
def _(k, h, p, n, Lmax, G):
    return 2 * G / n * np.sum(h / Lmax * np.arange(1, k + 1) ** -p)


hrs_sgd_convex.control(
    "step sizes of 10^4/L in a hundred dimensions",
    on=log_sum_exp(terms=200, dimension=100, smoothing=5e-5, threshold=0.002),
    domain=grid(h=1e4, p=0.0, k=100),
)
hrs_sgd_convex.control(
    "one fixed order in place of random indices, with decreasing steps and the replaced example first",
    noise=epochs(order=Order.CYCLIC),
    on=linear_loss(terms=100),
    domain=grid(h=0.5, p=0.5, k=100),
)


@theorem(
    method=proximal_sgd(step_size=lambda h, Lmax: h / Lmax),
    assumes=FiniteSum & ComponentsStronglyConvex & ComponentsSmooth & ComponentsLipschitz,
    noise=single_examples,
    measures=argument_stability.last,
    domain=grid(h=(0.01, 0.1, 1.0), k=(1, 10, 100)),
    on=(linear_loss(curvature=0.1, radius=1.0), linear_loss(terms=12, vertices=3, curvature=2.0, radius=0.5)),
    attained_by=linear_loss(curvature=1.0, radius=0.1),
    at_least=0.9,
    attained_at=grid(h=0.002, k=(1, 100, 500)),
    source="Hardt, Recht & Singer 2016, Theorem 3.9, whose 2 G^2 / (mu n) is G times the limit of this one",
)
def hrs_sgd_strongly_convex_const(k, h, n, mu, Lmax, G):
    """Projected SGD on strongly convex, smooth losses that are Lipschitz on the set, with a step size up to 1/Lmax:
    replacing one example moves the k-th iterate by a bounded distance in expectation, whatever k. Each step
    contracts by 1 - step * mu, and with probability 1/n adds 2 G times the step size.

    A parabola with slopes +-1 comes within 1/(1 + mu * radius) of the bound: all of G but the part of the parabola.
    """
    return 2 * G / (mu * n) * (1 - (1 - h / Lmax * mu) ** k)


@hrs_sgd_strongly_convex_const.control("half of the bound", domain=grid(h=0.002, k=100))
def _(k, h, n, mu, Lmax, G):
    return G / (mu * n) * (1 - (1 - h / Lmax * mu) ** k)


hrs_sgd_strongly_convex_const.control(
    "independent indices", measures=argument_stability.last.uncoupled(), noise=minibatch(batch=1),
    domain=grid(h=1.0, k=10),
)  # fmt: skip
hrs_sgd_strongly_convex_const.control(
    "no curvature, but mu = 0.1 is claimed",
    on=linear_loss(), declare={"mu": 0.1}, domain=grid(h=1.0, k=100),
)  # fmt: skip


def balanced(k, q, n, Lmax, G, B):
    """The bound of ``hrs_sgd_nonconvex`` before it is cut at B."""
    c = q / Lmax
    return (1 + 1 / q) / (n - 1) * (2 * c * G**2) ** (1 / (q + 1)) * (B * k) ** (q / (q + 1))


@theorem(
    method=sgd(step_size=lambda k, q, Lmax: q / Lmax / (k + 1)),
    assumes=FiniteSum & ComponentsSmooth & ComponentsLipschitz & BoundedLoss,
    noise=single_examples,
    measures=loss_stability.last,
    domain=grid(q=(0.1, 0.3, 1.0, 3.0), k=(1, 10, 100)),
    on=sigmoid_loss(terms=200, positive=1.0),
    where=lambda k, q, n, Lmax, G, B: n > 1 and balanced(k, q, n, Lmax, G, B) < B,
    attained_by=cosine_loss(terms=1000, arc=0.0, start=0.0),
    at_least=0.97,
    attained_at=grid(q=101 * np.pi, k=1),
    source="Hardt, Recht & Singer 2016, Theorem 3.12, with the range B of the losses in place of 1",
)
def hrs_sgd_nonconvex(k, q, n, Lmax, G, B):
    """SGD on smooth, Lipschitz losses in [0, B], convex or not, with the step sizes c/t, t = 1, 2, ...: uniformly
    stable with an exponent q/(q + 1) of k, where q = c Lmax. Checked where this says more than that losses in
    [0, B] differ by no more than B.

    Before the replaced example is drawn nothing differs; a first draw in the early, long steps has probability
    at most t0/n and costs B, and a later one grows by 1 + q/t a step. Balancing the two gives the bound. In one
    step of huge q the replaced example costs all of B, so the bound is attained as q grows; for q up to 3 the ratio
    is at most 0.6 on these losses.
    """
    c = q / Lmax
    return (1 + 1 / q) / (n - 1) * (2 * c * G**2) ** (1 / (q + 1)) * (B * k) ** (q / (q + 1))


hrs_sgd_nonconvex.survives(
    "every step in the opposite direction",
    "losses may have any sign: ascent on f is descent on -f, with the same constants",
)


@hrs_sgd_nonconvex.control("0.8 of the bound")
def _(k, q, n, Lmax, G, B):
    c = q / Lmax
    return 0.8 * (1 + 1 / q) / (n - 1) * (2 * c * G**2) ** (1 / (q + 1)) * (B * k) ** (q / (q + 1))


@hrs_sgd_nonconvex.control(
    "losses in [0, 10^4] and the bound for [0, 1]",
    on=sigmoid_loss(terms=200, positive=1.0, scale=1e4),
    domain=grid(q=1.0, k=10),
)
def _(k, q, n, Lmax, G):
    c = q / Lmax
    return (1 + 1 / q) / (n - 1) * (2 * c * G**2) ** (1 / (q + 1)) * k ** (q / (q + 1))


hrs_sgd_nonconvex.control(
    "constant step sizes",
    method=sgd(step_size=lambda q, Lmax: q / Lmax),
    on=sigmoid_loss(terms=200, positive=0.5, start=0.0),
    domain=grid(q=0.03, k=100),
)
