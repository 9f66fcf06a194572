"""Gradient clipping where the curvature grows with the slope: |f''| <= L0 + L1 |f'|, (L0, L1)-smoothness.

It is no assumption that problems declare: statements run on named instances whose L0 and L1 are known.
"""

import math

from problems.cosh import cosh_bowl
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.quantities import gradient_norm_squared
from simlab.optimizers.clipped import clipped_sgd
from simlab.optimizers.first_order import gradient_descent
from simlab.vocabulary.theorem import grid, theorem

# Started so high that a part ``c`` of the k steps may be clipped.
bowl = cosh_bowl.at(
    curvature=lambda L0: L0,
    growth=lambda L1: L1,
    start=lambda k, L1, c: math.acosh(1 + c * k / (20 * max(1.0, L1**-2))) / L1,
)


@theorem(
    method=clipped_sgd(step_size=lambda L0: 1 / (10 * L0), longest=lambda L1: min(1.0, 1 / (10 * L1))),
    measures=gradient_norm_squared.best(lag=1),
    domain=grid(L0=(0.1, 100.0), L1=(0.1, 1.0, 10.0), c=(0.1, 0.9), k=(1, 2, 3, 300)),
    on=bowl,
    matched=False,
    attained_by=pseudo_huber.at(threshold=lambda L0: 1 / L0, start=lambda k, L0: (k + 50) / (10 * L0)),
    at_least=0.48,
    attained_at=grid(L0=100.0, L1=1e-3, c=0.0, k=10_000),
    source="Zhang, He, Sra & Jadbabaie 2020, Theorem 3 (solved for the gradient)",
)
def clipped_gd_l0l1(k, L0, L1, D):
    """Gradient descent with the step size 1/(10 L0) and steps of at most min(1, 1/(10 L1)) on (L0, L1)-smooth
    functions, convex or not: once the 20 max(1, L1^2) D/L0 steps are over in which gradients may be clipped, the
    least squared gradient norm before step k.

    A slope that stays at 1 until step k reaches half of it: every step gains at least 0.89 step |grad f|^2.
    """
    return 20 * L0 * D / (k - 20 * max(1.0, L1**2) * D / L0)


# A parabola from 1/10, where nothing is clipped: 20 max(1, L1^2) D is 1/10 or 4/10, and a step leaves 9/10.
low = quadratic(spectrum=(1.0,), start=(0.1,))
clipped_gd_l0l1.reaches(0.09, by=low, at=grid(L0=1.0, L1=0.5, c=0.0, k=1))
clipped_gd_l0l1.reaches(0.06, by=low, at=grid(L0=1.0, L1=2.0, c=0.0, k=1))
clipped_gd_l0l1.reaches(0.1296, by=low, at=grid(L0=1.0, L1=2.0, c=0.0, k=2))
clipped_gd_l0l1.control(
    "gradient descent without clipping",
    method=gradient_descent(step_size=lambda L0: 1 / (10 * L0)),
    on=bowl,
    domain=grid(L0=1.0, L1=1.0, c=0.9, k=5000),
)


@clipped_gd_l0l1.control("0.45 of the bound", domain=grid(L0=100.0, L1=1e-3, c=0.0, k=10_000))
def _(k, L0, L1, D):
    return 9 * L0 * D / (k - 20 * max(1.0, L1**2) * D / L0)


def remainder(x, c, L0, L1):
    """f(x + c/L1) - f(x) - f'(x) c/L1 on the cosh bowl, which is even: c of both signs is x of both signs."""
    y = L1 * x
    # cosh(y + c) - cosh(y) - c sinh(y), in terms without cancellation
    return L0 / L1**2 * (2 * math.cosh(y) * math.sinh(c / 2) ** 2 + math.sinh(y) * (math.sinh(c) - c))


@theorem(
    experiment=remainder,
    domain=grid(x=(-3.0, -0.3, 0.0, 0.3, 3.0), c=(0.01, 0.5, 2.0), L0=(0.5, 4.0), L1=(0.2, 3.0)),
    attained_at=grid(x=(0.0, 5.0), c=0.01, L0=1.0, L1=3.0),
    at_least=0.99,
    source="Zhang, Jin, Fang & Wang 2020, Lemma A.3",
)
def l0l1_descent(x, c, L0, L1):
    """The descent lemma of (L0, L1)-smooth functions: what f rises above its tangent within a step of length c/L1.

    The remainder on the cosh bowl, in closed form. For short steps it is reached, at the bottom and far away.
    """
    slope = L0 / L1 * abs(math.sinh(L1 * x))
    A, B = 1 + math.exp(c) - math.expm1(c) / c, math.expm1(c) / c
    return (A * L0 + B * L1 * slope) / 2 * (c / L1) ** 2


@l0l1_descent.control("the lemma of L0-smooth functions", domain=grid(x=4.0, c=0.01, L0=1.0, L1=1.0))
def _(c, L0, L1):
    return L0 / 2 * (c / L1) ** 2


@l0l1_descent.control(
    "without the growth of the slope within the step", domain=grid(x=3.0, c=2.0, L0=1.0, L1=1.0)
)
def _(x, c, L0, L1):
    return (L0 + L0 * abs(math.sinh(L1 * x))) / 2 * (c / L1) ** 2
