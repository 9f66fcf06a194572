"""Stability of full-batch gradient descent: one coupled pair of runs, no randomness."""

from problems.losses import huber_loss, linear_loss
from simlab.kernels.quantities import argument_stability
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.assumptions import ComponentsConvex, ComponentsLipschitz, ComponentsSmooth, FiniteSum
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=gradient_descent(step_size=lambda h, Lmax: h / Lmax),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & ComponentsLipschitz,
    measures=argument_stability.last,
    domain=grid(h=(0.1, 1.0, 2.0), k=(1, 10, 100, 500)),
    attained_by=(huber_loss(terms=10, far=1e4), linear_loss(terms=1000)),
    at_least=1 - 1e-9,
    source="Hardt, Recht & Singer 2016, their growth recursion with every example in every step",
)
def gd_full_batch_convex(k, h, n, Lmax, G):
    """Gradient descent on the mean of n convex, smooth, Lipschitz losses, with a step size up to 2/Lmax: replacing
    one example moves the k-th iterate by at most 2 G / n times the sum of the step sizes, and so any loss by at
    most G times that. Steps on the common examples bring no two points farther apart, and each step on the replaced
    one adds its share. Equality for opposite slopes.
    """
    return 2 * G * h / Lmax * k / n


@gd_full_batch_convex.control("0.999 of the bound")
def _(k, h, n, Lmax, G):
    return 0.999 * 2 * G * h / Lmax * k / n


gd_full_batch_convex.control(
    "a step size of 3/L, for which the map of the common examples is chaotic",
    on=huber_loss.at(
        terms=10_000, steepest=2.0, spread=0.0, start=0.3
    ),  # made when it is run: it needs SciPy
    domain=grid(h=3.0, k=(10, 20, 30, 60)),
)
