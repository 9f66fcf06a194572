"""Stochastic gradient descent with Polyak's step size for the term that is drawn."""

from problems.least_squares import least_squares, mean_estimation, orthogonal_least_squares
from problems.sampling import minibatch
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.polyak_steps import stochastic_polyak_step
from simlab.vocabulary.assumptions import ComponentsConvex, ComponentsSmooth, FiniteSum, StronglyConvex
from simlab.vocabulary.theorem import grid, theorem


def shortest_step(c, t, Lmax):
    """min(1/(2 c Lmax), largest step): no step of the method is shorter."""
    return min(1 / (2 * c), t) / Lmax


@theorem(
    method=stochastic_polyak_step(scale=lambda c: c, largest_step=lambda t, Lmax: t / Lmax),
    assumes=FiniteSum & ComponentsConvex & ComponentsSmooth & StronglyConvex,
    noise=minibatch(batch=1),
    measures=distance_squared.last,
    domain=grid(c=(0.5, 1.0), t=(0.5, 1.0, 4.0), k=(1, 2, 3, 10, 30)),
    on=[
        least_squares(terms=12, dimension=3, spread=3.0),
        least_squares(terms=6, dimension=2, residual=1.0),
        mean_estimation(targets=(-1.0, 1.0), start=4.0),
        orthogonal_least_squares(terms=100),
    ],
    matched=False,
    attained_by=orthogonal_least_squares(terms=5),
    at_least=0.99,
    attained_at=grid(c=0.5, t=(1.0, 4.0), k=(1, 3)),
    source="Loizou, Vaswani, Laradji & Lacoste-Julien 2021, Theorem 3.1",
)
def sgd_sps_max(k, c, t, Lmax, mu, R, f_star):
    """SGD on one random convex term a step with the step size min((f_i(x) - f_i*)/(c |grad f_i|^2), t/Lmax),
    c >= 1/2: linear convergence to a floor, without knowing the smoothness of any term. Equality on
    orthogonal rows.

    The floor has the mean of f_i(x*) - f_i*, which is f* on least squares, where all f_i* are 0. The rule takes a
    row of the data for a term and 0 for its least value, so it is checked on least squares without a ridge only.
    """
    shortest = shortest_step(c, t, Lmax)
    return (1 - mu * shortest) ** k * R**2 + 2 * t / Lmax * f_star / (mu * shortest)


@sgd_sps_max.control(
    "no floor on noisy data",
    on=mean_estimation(targets=(-1.0, 1.0), start=4.0),
    domain=grid(c=0.5, t=0.5, k=(10, 30)),
)
def _(k, c, t, Lmax, mu, R):
    return (1 - mu * shortest_step(c, t, Lmax)) ** k * R**2


@sgd_sps_max.control("a rate that is 10% faster", domain=grid(c=0.5, t=1.0, k=3))
def _(k, c, t, Lmax, mu, R):
    return (1 - 1.1 * mu * shortest_step(c, t, Lmax)) ** k * R**2
