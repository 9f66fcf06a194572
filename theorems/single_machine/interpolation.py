"""Gradient noise that vanishes with the gradient: strong growth, and noise that multiplies the distance."""

import itertools

import numpy as np

from problems.growth import scale_gradient, scaled_at_random
from problems.lessard import lessard
from problems.logistic import logistic_regression
from problems.noise import gaussian, multiplicative
from problems.quadratic import quadratic
from simlab.kernels.quantities import distance_squared, gradient_norm_squared, suboptimality
from simlab.optimizers.first_order import sgd
from simlab.optimizers.stochastic_momentum import strong_growth_nesterov
from simlab.running.given import states
from simlab.vocabulary.assumptions import PolyakLojasiewicz, Smooth, StronglyConvex
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

scalar = quadratic(spectrum=(1.0,))

# The stochastic gradient is rho times the gradient with probability 1/rho, and else 0: E|G|^2 = rho |grad f|^2.
growing = scaled_at_random(growth=lambda growth: growth)


@theorem(
    method=sgd(step_size=lambda h, growth, L: h / (growth * L)),
    assumes=Smooth & PolyakLojasiewicz,
    noise=growing,
    measures=suboptimality.last,
    domain=grid(growth=(1.0, 4.0), h=(0.5, 1.5), k=(1, 2, 3, 6)),
    attained_by=scalar,
    at_least=0.999,
    attained_at=grid(growth=(2.0, 50.0), h=(0.5, 1.5), k=(1, 10, 30)),
    source="Vaswani, Bach & Schmidt 2019, section 5, for any step size below 2/(rho L)",
)
def sgd_strong_growth(k, growth, h, L, mu, D):
    """SGD under strong growth, E|G|^2 <= rho |grad f|^2, and the Polyak-Lojasiewicz inequality: linear convergence
    without a floor, rho times as many steps as without noise. Equality on a parabola.
    """
    return (1 - h * (2 - h) * mu / (L * growth)) ** k * D


sgd_strong_growth.control("additive noise", noise=gaussian(variance=1.0))
sgd_strong_growth.control(
    "the step size 1/L of the exact gradient",
    method=sgd(step_size=lambda L: 1 / L),
    domain=grid(growth=4.0, h=1.0, k=(1, 10)),
)


@sgd_strong_growth.control("a rate that is 1% faster", domain=grid(growth=4.0, h=0.5, k=(10, 100)))
def _(k, growth, h, L, mu, D):
    return (1 - 1.01 * h * (2 - h) * mu / (L * growth)) ** k * D


@theorem(
    method=sgd(step_size=lambda h, growth, L: h / (growth * L)),
    assumes=Smooth,
    noise=growing,
    measures=gradient_norm_squared.mean(),
    domain=grid(growth=(1.0, 2.0), h=(0.5, 1.5), k=(1, 2, 3, 10)),
    attained_by=scalar,
    at_least=0.99,
    attained_at=grid(growth=4.0, h=(0.5, 1.5), k=(30, 300)),
    source="Vaswani, Bach & Schmidt 2019, Theorem 3, for any step size below 2/(rho L)",
)
def sgd_strong_growth_nonconvex(k, growth, h, L, D):
    """SGD under strong growth, E|G|^2 <= rho |grad f|^2, on any smooth function that is bounded below: the mean
    squared gradient norm, and so the least one, falls as 1/k, as without noise.
    """
    return 2 * growth * L * D / (k * h * (2 - h))


sgd_strong_growth_nonconvex.control(
    "additive noise", noise=gaussian(variance=1.0), domain=grid(growth=4.0, h=0.5, k=300)
)
sgd_strong_growth_nonconvex.control(
    "the step size 2/L", method=sgd(step_size=lambda L: 2 / L), domain=grid(growth=4.0, h=1.5, k=30)
)


@sgd_strong_growth_nonconvex.control("0.98 of the bound")
def _(k, growth, h, L, D):
    return 0.98 * 2 * growth * L * D / (k * h * (2 - h))


@theorem(
    method=strong_growth_nesterov(
        step_size=lambda growth, L: 1 / (growth * L),
        coupling=lambda growth, L, mu: (mu / L) ** 0.5 / growth,
        strong_convexity=lambda mu: mu,
    ),
    assumes=Smooth & StronglyConvex,
    noise=growing,
    measures=suboptimality.last,
    domain=grid(growth=(2.0, 4.0), k=(1, 2, 3)),
    attained_by=quadratic(spectrum=(1e-4, 1.0), start=(1.0, 0.0)),
    at_least=0.45,
    attained_at=grid(growth=(1.0, 4.0), k=(1, 10)),
    source="Vaswani, Bach & Schmidt 2019, Theorem 1; the potential f - f* + mu/2 |v - x*|^2 by its own recursion",
)
def sgd_strong_growth_accelerated(k, growth, L, mu, D, R):
    """Nesterov's method with stochastic gradients of strong growth, E|G|^2 <= rho |grad f|^2: the square root of
    the condition number, and rho times as many steps as without noise.

    The noise multiplies, so that few runs carry the mean after many steps: the first three are sampled, and
    strong-growth-potential follows all sequences for longer.
    """
    return (1 - (mu / L) ** 0.5 / growth) ** k * (D + mu / 2 * R**2)


# Along the flat direction, sqrt(mu/L) = 1/100, the two roots are equal without noise: x_k = 0.99^k (1 + k/100) x_0.
sgd_strong_growth_accelerated.reaches(
    lambda k: 0.99**k * (1 + k / 100) ** 2 / 2,
    by=quadratic(spectrum=(1e-4, 1.0), start=(1.0, 0.0)),
    at=grid(growth=1.0, k=(1, 10, 100, 300)),
)
sgd_strong_growth_accelerated.control(
    "the step size 1/L of the exact gradient",
    method=strong_growth_nesterov(
        step_size=lambda L: 1 / L,
        coupling=lambda growth, L, mu: (mu / L) ** 0.5 / growth,
        strong_convexity=lambda mu: mu,
    ),
    on=quadratic(spectrum=(1e-4, 1.0)),
    domain=grid(growth=4.0, k=(10, 30)),
)
sgd_strong_growth_accelerated.control(
    "additive noise", noise=gaussian(variance=1.0), domain=grid(growth=2.0, k=300)
)
sgd_strong_growth_accelerated.control(
    "plain SGD", method=sgd(step_size=lambda growth, L: 1 / (growth * L)), domain=grid(growth=1.0, k=1000),
    on=quadratic(spectrum=(1e-4, 1.0)),
)  # fmt: skip


BOWLS = {
    "one curvature": quadratic.at(spectrum=(1.0,)),
    "one flat direction": quadratic.at(spectrum=(1e-4, 1.0), start=(1.0, 0.0)),
    "three curvatures": quadratic.at(spectrum=(0.05, 0.5, 1.0), rotation=1),
    "two curvatures": lessard.at(start=3.3),
    "logistic": logistic_regression.at(terms=10, dimension=2, ridge=0.1),
}


def potential_after(name, growth, longer, checkpoints):
    """E[f(x_k) - f* + mu/2 |v_k - x*|^2] over what it was, over all sequences of the noise; and sqrt(mu/L)."""
    problem = BOWLS[name].resolve({})
    smooth, convex = problem.known[Smooth], problem.known[StronglyConvex]
    assert isinstance(smooth, Smooth)
    assert isinstance(convex, StronglyConvex)
    L, mu = smooth.smoothness, convex.strong_convexity
    root = (mu / L) ** 0.5
    steps, start = checkpoints[-1], np.asarray(problem.start)
    hits = np.array(list(itertools.product((growth, 0.0) if growth > 1 else (1.0,), repeat=steps)))
    weights = np.prod(np.where(hits > 0, 1 / growth, 1 - 1 / growth), axis=1)
    method = strong_growth_nesterov(
        step_size=longer / (growth * L), coupling=root / growth, strong_convexity=mu
    )
    run = states(method, problem, np.tile(start, (len(hits), 1)), hits[:, :, None], disturb=scale_gradient)
    found = []
    for k in (0, *checkpoints):
        v = run[:, k, 3] if k else run[:, 0, 0]
        values = np.array([problem.value(x) for x in run[:, k, 0]]) - problem.minimum
        found.append(weights @ (values + mu / 2 * np.sum((v - np.asarray(problem.minimizer)) ** 2, axis=1)))
    return np.array(found[1:]) / found[0], {"root": root}


def potential(name, growth, checkpoints):
    """With the step size 1/(rho L)."""
    return potential_after(name, growth, 1.0, checkpoints)


def potential_of_long_steps(name, growth, checkpoints):
    """With the step size of the exact gradient, 1/L."""
    return potential_after(name, growth, growth, checkpoints)


@theorem(
    experiment=potential,
    observes=("root",),
    domain=grid(name=tuple(BOWLS), growth=(1.0, 2.0, 5.0), k=(1, 2, 3, 8)),
    attained_at=grid(name="one flat direction", growth=(1.0, 5.0), k=(1, 2, 3, 8)),
    at_least=0.98,
    source="Vaswani, Bach & Schmidt 2019, Theorem 1; this potential by its own recursion",
)
def strong_growth_potential(k, growth, root):
    """The potential of Nesterov's method under strong growth, E|G|^2 <= rho |grad f|^2: E[f(x_k) - f* + mu/2
    |v_k - x*|^2] falls by 1 - sqrt(mu/L)/rho in each step. It bounds the suboptimality of
    sgd-strong-growth-accelerated, and the distance of the v_k as well. All sequences of the noise are followed,
    up to step 8, so that nothing is sampled.
    """
    return (1 - root / growth) ** k


strong_growth_potential.control(
    "the step size 1/L of the exact gradient",
    experiment=potential_of_long_steps,
    domain=grid(name="one curvature", growth=5.0, k=8),
)


@strong_growth_potential.control(
    "the square of the rate", domain=grid(name="one flat direction", growth=1.0, k=8)
)
def _(k, growth, root):
    return (1 - root / growth) ** (4 * k)


# --- noise that multiplies the distance --------------------------------------------------------------------------


def relative_step(c, lam, s):
    """c times the longest stable step size."""
    return 2 * c * lam / (lam**2 + s**2)


def multiplicative_law(k, c, lam, s):
    """E x_k^2 from x_0 = 1."""
    step = relative_step(c, lam, s)
    return (1 - 2 * step * lam + step**2 * (lam**2 + s**2)) ** k


@theorem(
    method=sgd(step_size=relative_step),
    measures=distance_squared.last,
    claim=law(),
    domain=grid(c=(0.02, 0.5, 0.98, 1.02, 1.3), lam=(0.3, 1.0), s=(0.5, 3.0), k=(1, 2, 3, 10, 200)),
    on=quadratic.at(spectrum=lambda lam: (lam,)),
    noise=multiplicative(strength=lambda s: s),
    matched=False,
    source="by squaring the recursion; cf. Ma, Bassily & Belkin 2018, section 3",
)
def sgd_multiplicative_stability(k, c, lam, s):
    """SGD on a parabola of curvature lam with the gradient noise s xi x, of the fair sign xi: E x_k^2 falls if the
    step size is below 2 lam/(lam^2 + s^2), and grows beyond. It is no matter of the curvature alone.

    Above that limit almost every path may still converge: few runs that grow carry the mean. Sampling cannot see
    them, so the moment is computed; the law is about given constants, so it is checked on parabolas made of them.
    """
    return multiplicative_law(k, c, lam, s)


@sgd_multiplicative_stability.control("without the noise's own term")
def _(k, c, lam, s):
    return (1 - relative_step(c, lam, s) * lam) ** (2 * k)


@sgd_multiplicative_stability.control(
    "contraction at 1.02 of the limit, as at 0.98", domain=grid(c=1.02, lam=1.0, s=0.5, k=(10, 200))
)
def _(k, lam, s):
    return multiplicative_law(k, 0.98, lam, s)
