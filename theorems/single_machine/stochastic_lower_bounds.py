"""What no method can do with noisy gradients."""

import math

import numpy as np

from problems.noise import gaussian
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.adaptive import adagrad, adam
from simlab.optimizers.first_order import sgd, sgd_momentum
from simlab.running.given import states
from simlab.vocabulary.claim import LOWER
from simlab.vocabulary.theorem import grid, theorem

# The minimizer theta of mu/2 (x - theta)^2 is normal with mean 0 and variance tau2, and each of k gradients has
# independent normal noise of variance sigma2. The gap of the posterior mean is the least that is possible.


def bayes_risk(k, mu, sigma2, tau2):
    """Half of mu over the precision of theta after k gradients."""
    return mu / 2 / (k * mu**2 / sigma2 + 1 / tau2)


parabola = quadratic.at(spectrum=lambda mu: (mu,), start=lambda tau2: (math.sqrt(tau2),))


@theorem(
    method=sgd(step_size=lambda k, c, mu, sigma2, tau2: c / (mu * (k + c + sigma2 / (mu**2 * tau2)))),
    measures=suboptimality.last,
    claim=LOWER,
    domain=grid(c=(0.3, 1.0, 3.0), mu=0.5, sigma2=(0.1, 10.0), tau2=4.0, k=(1, 2, 3, 10, 100)),
    on=parabola,
    matched=False,
    noise=gaussian(variance=lambda sigma2: sigma2),
    attained_by=parabola,
    at_least=1 - 1e-9,
    attained_at=grid(c=1.0, mu=0.5, sigma2=(0.1, 10.0), tau2=4.0, k=(1, 10, 100)),
    source="the risk of the posterior mean; cf. Agarwal, Bartlett, Ravikumar & Wainwright 2012, Theorem 2",
)
def lb_stochastic_sc(k, mu, sigma2, tau2):
    """No method that sees k noisy gradients of a strongly convex parabola, whose minimizer is drawn from a normal
    law of variance tau2 around the start, has a smaller expected suboptimality. SGD with step sizes
    1/(mu (t + sigma2/(mu^2 tau2))), t = 1, 2, ..., has exactly this one: c = 1.

    SGD is linear, so the expectation over the minimizer is the one from a start at distance sqrt(tau2), and all
    expectations are computed. A prior makes it a statement about one parabola only.
    """
    return bayes_risk(k, mu, sigma2, tau2)


lb_stochastic_sc.control("an oracle that cheats: no noise", noise=gaussian(variance=0.0))
lb_stochastic_sc.control(
    "two gradients in each step, averaged", noise=gaussian(variance=lambda sigma2: sigma2 / 2)
)


@lb_stochastic_sc.control("a bound that is 1% larger")
def _(k, mu, sigma2, tau2):
    return 1.01 * bayes_risk(k, mu, sigma2, tau2)


METHODS = {
    "sgd": sgd(step_size=lambda k, mu, r: 1 / (mu * (k + 1 + r))),
    "constant step": sgd(step_size=lambda mu: 0.1 / mu),
    "momentum": sgd_momentum(step_size=lambda k, mu, r: 0.1 / (mu * (k + 1 + r)), momentum=0.9),
    "adagrad": adagrad(step_size=1.0),
    "adam": adam(step_size=0.1),
}


def sampled_gaps(name, mu, sigma2, tau2, checkpoints, rng, runs, scale=1.0):
    """The suboptimality of each run at each checkpoint, with a minimizer of its own: shifted to 0 by the start.

    The noise that the method sees is ``scale`` times as large as stated.
    """
    problem, known = quadratic(spectrum=(mu,)), {"mu": mu, "r": sigma2 / (mu**2 * tau2)}
    found = np.empty((runs, len(checkpoints)))
    for first in range(0, runs, 4096):  # so that memory does not grow with the runs
        rows = found[first : first + 4096]
        starts = math.sqrt(tau2) * rng.standard_normal((len(rows), 1))
        samples = scale * math.sqrt(sigma2) * rng.standard_normal((len(rows), checkpoints[-1], 1))
        run = states(METHODS[name], problem, starts, samples, constants=known)
        rows[...] = mu / 2 * run[:, list(checkpoints), 0, 0] ** 2
    return found


def gaps(name, mu, sigma2, tau2, checkpoints, rng, runs):
    """With the stated noise."""
    return sampled_gaps(name, mu, sigma2, tau2, checkpoints, rng, runs)


def cheating_gaps(name, mu, sigma2, tau2, checkpoints, rng, runs):
    """With noise that is three times smaller than stated."""
    return sampled_gaps(name, mu, sigma2, tau2, checkpoints, rng, runs, scale=1 / 3)


@theorem(
    experiment=gaps,
    claim=LOWER,
    domain=grid(name=tuple(METHODS), mu=1.0, sigma2=(0.1, 10.0), tau2=1.0, k=(1, 2, 3, 10, 30)),
    attained_at=grid(name="sgd", mu=1.0, sigma2=(0.1, 10.0), tau2=1.0, k=(1, 2, 3, 10, 30)),
    at_least=0.97,
    source="as lb-stochastic-sc",
)
def lb_stochastic_sc_sampled(k, mu, sigma2, tau2):
    """The lower bound for strongly convex parabolas with a random minimizer, for methods that are not linear too:
    momentum, AdaGrad and Adam, by sampling the minimizer. All of them move alike when everything is shifted, so the
    start is drawn in place of the minimizer.
    """
    return bayes_risk(k, mu, sigma2, tau2)


lb_stochastic_sc_sampled.control(
    "an oracle whose noise is three times smaller than it says",
    experiment=cheating_gaps,
    domain=grid(name="sgd", mu=1.0, sigma2=10.0, tau2=1.0, k=(10, 30)),
)


@lb_stochastic_sc_sampled.control(
    "a bound that is 20% larger", domain=grid(name="sgd", mu=1.0, sigma2=0.1, tau2=1.0, k=30)
)
def _(k, mu, sigma2, tau2):
    return 1.2 * bayes_risk(k, mu, sigma2, tau2)
