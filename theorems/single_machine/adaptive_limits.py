"""What AdaGrad and RMSProp cannot do: step sizes that only shrink, and ones that never do."""

import math

import numpy as np

from problems.norms import euclidean_norm
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.adaptive import adagrad, adam, amsgrad, rmsprop
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.claim import LOWER, law, limit
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.adaptive import play

cone = euclidean_norm.at(slope=lambda G: G, radius=lambda far, a: far * a)
separable = quadratic.at(
    spectrum=lambda spectrum: spectrum,
    start=lambda spectrum: tuple(2.3 - 0.6 * i for i in range(len(spectrum))),
)


@theorem(
    method=adagrad(step_size=lambda a: a, epsilon=0.0),
    measures=suboptimality.last,
    claim=LOWER,
    domain=grid(G=(0.1, 10.0), a=(0.01, 1.0), far=(5.0, 30.0, 1000.0), k=(1, 2, 3, 10, 100, 200)),
    on=cone,
    matched=False,
    attained_by=cone,
    at_least=0.999999,
    attained_at=grid(G=(0.1, 10.0), a=(0.01, 1.0), far=(30.0, 1000.0), k=(1, 2, 3, 10, 100, 200)),
    source="by summing the steps",
)
def adagrad_slope(k, G, a, far):
    """AdaGrad has no step size that fits all: on G |x|, started R = far * a away, k steps cover no more than a
    (1 + 1/sqrt(2) + ... + 1/sqrt(k)) < 2 a sqrt(k), and exactly that before the minimizer is reached. It takes
    (R/(2a))^2 steps, whatever G is: the rate of the subgradient method whose constants are known, but with a in
    place of R.

    It is about this function, on which all gradients are alike. Where no step is left out f - f* is at least 0.
    """
    return G * max(0.0, far - np.sum(1 / np.sqrt(np.arange(1, k + 1)))) * a


adagrad_slope.control(
    "RMSProp, whose steps do not shrink", method=rmsprop(step_size=lambda a: a, epsilon=0.0)
)
adagrad_slope.control(
    "gradient descent",
    method=gradient_descent(step_size=lambda a, G: a / G),
    domain=grid(G=0.1, a=1.0, far=30.0, k=10),
)


@adagrad_slope.control("a way of sqrt(k)", domain=grid(G=0.1, a=1.0, far=1000.0, k=(10, 100)))
def _(k, G, a, far):
    return G * (far - math.sqrt(k)) * a


def way_after_an_outlier(method, outlier, a, k):
    """How far a method gets in k steps on gradients of 1, of which the first is ``outlier``, and |b|."""
    run = play(method, np.array([[outlier]] + [[1.0]] * (k - 1)))
    return abs(run[-1, 0, 0])


def adagrad_way(outlier, a, k):
    """AdaGrad's."""
    return way_after_an_outlier(adagrad(step_size=a, epsilon=0.0), outlier, a, k)


def rmsprop_way(outlier, a, k):
    """RMSProp's."""
    return way_after_an_outlier(rmsprop(step_size=a, decay=0.9, epsilon=0.0), outlier, a, k)


@theorem(
    experiment=adagrad_way,
    claim=law(1e-12),
    domain=grid(outlier=(1.0, 30.0, 1e6), a=(0.1, 1.0), k=(1, 2, 3, 100, 3000)),
    source="by summing the steps",
)
def adagrad_never_forgets(outlier, a, k):
    """AdaGrad never forgets: after one gradient that is M times as large as all others, k - 1 more steps of the
    same direction cover a sum 1/sqrt(M^2 + j), j < k: about a k/M, as long as k < M^2. Its theorems assume
    bounded gradients, and pay for the bound in just this way.
    """
    return a * (1 + np.sum(1 / np.sqrt(outlier**2 + np.arange(1, k))))


adagrad_never_forgets.control("RMSProp, which forgets", experiment=rmsprop_way)


@adagrad_never_forgets.control(
    "as if the outlier were like the others", domain=grid(outlier=30.0, a=1.0, k=100)
)
def _(a, k):
    return a * np.sum(1 / np.sqrt(np.arange(1, k + 1)))


@theorem(
    method=rmsprop(step_size=lambda a: a, decay=lambda b: b, epsilon=1e-300),
    measures=suboptimality.last,
    claim=limit(1e-9),
    domain=grid(
        spectrum=((0.1,), (1.0, 30.0, 1000.0)), a=(0.01, 1.0), b=(0.5, 0.9, 0.99), k=(10_000, 10_001)
    ),
    on=separable,
    matched=False,
    source="by linearizing the step about its cycle",
)
def rmsprop_cycle(a, spectrum):
    """RMSProp with a constant step size does not converge, not even on a strongly convex quadratic with exact
    gradients: every coordinate ends in the cycle a/2, -a/2, whatever its curvature h.

    There the root of v is h a/2, so that a step is a. With r = v/(h a/2)^2 and y = |x|/(a/2), r+ = b r + (1 -
    b) y^2 and y+ = y (2/sqrt(r+) - 1), whose linearization at (1, 1) has the determinant b and, for b > 1/9,
    complex eigenvalues: it attracts by sqrt(b) a step. Coordinates of a diagonal quadratic do not see each
    other; so it is about these.
    """
    return a**2 / 8 * sum(spectrum)


rmsprop_cycle.control(
    "an epsilon that limits the steps", method=rmsprop(step_size=lambda a: a, decay=0.9, epsilon=1e4)
)
rmsprop_cycle.control(
    "step sizes that fall",
    method=rmsprop(step_size=lambda k, a: a / math.sqrt(k + 1), decay=lambda b: b, epsilon=1e-300),
)
rmsprop_cycle.control(
    "gradient descent", method=gradient_descent(step_size=lambda a, spectrum: a / max(spectrum))
)


@rmsprop_cycle.control("a cycle of a, -a")
def _(a, spectrum):
    return a**2 / 2 * sum(spectrum)


def amsgrad_way(outlier, a, b, k):
    """AMSGrad's, without momentum."""
    return way_after_an_outlier(amsgrad(step_size=a, beta1=0.0, beta2=b, epsilon=0.0), outlier, a, k)


def adam_way(outlier, a, b, k):
    """Adam's."""
    return way_after_an_outlier(adam(step_size=a, beta1=0.0, beta2=b, epsilon=0.0), outlier, a, k)


@theorem(
    experiment=amsgrad_way,
    claim=law(1e-12),
    domain=grid(outlier=(30.0, 1e6), a=(0.1, 1.0), b=(0.5, 0.99), k=(1, 2, 3, 100, 3000)),
    where=lambda outlier, b: outlier**2 * (1 - b) > 1,
    source="by summing the steps; the method is that of Reddi, Kale & Kumar 2018",
)
def amsgrad_never_forgets(outlier, a, b, k):
    """AMSGrad never forgets either: after one gradient that is M times as large as all others its largest v is
    (1 - b) M^2 for good, b = b2, and only the correction of v, 1 - b^t in step t, still changes the steps. Adam's
    get as long as if there had been no outlier.
    """
    return a * (1 + np.sum(np.sqrt((1 - b ** np.arange(2, k + 1)) / (1 - b))) / outlier)


amsgrad_never_forgets.control("Adam, which forgets", experiment=adam_way)


@amsgrad_never_forgets.control(
    "as AdaGrad, which divides by the root of the sum", domain=grid(outlier=30.0, a=1.0, b=0.99, k=100)
)
def _(outlier, a, k):
    return a * (1 + np.sum(1 / np.sqrt(outlier**2 + np.arange(1, k))))


def way_of_a_round(method, C, k):
    """How far a method goes in the last round of three steps, on the slopes C, -1, -1 in turn, k times."""
    run = play(method, np.tile([[C], [-1.0], [-1.0]], (k, 1)), radius=1e9)
    return run[-1, 0, 0] - run[-4, 0, 0]


def rmsprop_round(C, a, b, k):
    """RMSProp's."""
    return way_of_a_round(rmsprop(step_size=a, decay=b, epsilon=0.0), C, k)


def adagrad_round(C, a, b, k):
    """AdaGrad's."""
    return way_of_a_round(adagrad(step_size=a, epsilon=0.0), C, k)


def root(b, newest, middle, oldest):
    """The root of an average of three squared slopes that come in turn."""
    return math.sqrt((1 - b) / (1 - b**3) * (newest**2 + b * middle**2 + b**2 * oldest**2))


@theorem(
    experiment=rmsprop_round,
    claim=limit(1e-9),
    domain=grid(C=(3.0, 10.0, 100.0), a=(0.1, 1.0), b=(0.0, 1e-4, 0.01, 0.3, 0.9), k=300),
    source="by solving for the second moment; the game of Reddi, Kale & Kumar 2018, section 3",
)
def rmsprop_drift(C, a, b):
    """RMSProp can climb: on losses C x, -x, -x in turn, C > 2, whose mean slopes up, a round of three steps leads
    to a (1/r_2 + 1/r_3 - C/r_1), with r_i the root of v after the i-th loss. Nothing stops it where that is above
    0, as for b = 1/(1 + C^2): the large gradient is divided by itself, and the small ones hardly by it. With a
    long memory, b near 1, all roots are alike and it descends.
    """
    return a * (1 / root(b, 1, C, 1) + 1 / root(b, 1, 1, C) - C / root(b, C, 1, 1))


rmsprop_drift.control("AdaGrad, whose roots are alike", experiment=adagrad_round)


@rmsprop_drift.control("the way of a gradient step of the same mean length")
def _(C, a):
    return -a * (C - 2) / (C + 2)
