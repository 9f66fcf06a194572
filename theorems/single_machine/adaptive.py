"""Adaptive methods: AdaGrad, Adam, AMSGrad and AdamW."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from problems.adversarial import flipped
from problems.noise import signs
from problems.online import linear_game
from problems.pseudo_huber import pseudo_huber
from problems.sampling import Order, epochs, minibatch
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import gradient_norm_squared, max_norm
from simlab.optimizers.adaptive import (
    adagrad,
    adam,
    adamw,
    projected_adam,
    projected_amsgrad,
    unnormalized_adam,
)
from simlab.optimizers.proximal import proximal_sgd
from simlab.running.given import sample_as_gradient, states
from simlab.vocabulary.assumptions import BoundedGradientCoordinates, Smooth
from simlab.vocabulary.claim import LOWER, law
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, only, theorem

in_turn = epochs(order=Order.CYCLIC)

# --- Stationarity of AdaGrad and of Adam without momentum. Coordinates of stochastic gradients are bounded by
# Rb, the bound of the gradient's own coordinates, plus the size of the noise, which has fair signs.

stationarity: dict[str, Any] = {
    "assumes": Smooth & BoundedGradientCoordinates,
    "noise": signs(variance=lambda sigma2: sigma2),
    "measures": gradient_norm_squared.mean(),
}

# At the start L = 2, d = 2, D = 1 and |grad f|^2 = 3/2, and with sigma2 = 2 no stochastic gradient has a coordinate
# above 2.
steep = pseudo_huber(dimension=2, threshold=0.5, start=math.sqrt(3) / 2)


@theorem(
    **stationarity,
    method=adagrad(step_size=lambda a: a, initial_accumulator=lambda eps: eps, epsilon=0.0),
    domain=grid(a=(0.1, 1.0), eps=(1e-8, 1e-2), sigma2=(0.0, 1.0), k=(1, 2, 3, 10, 300)),
    attained_by=pseudo_huber.at(start=lambda a, k: 2 * a * math.sqrt(k)),
    at_least=0.22,
    attained_at=grid(a=1.0, eps=1e-8, sigma2=0.0, k=100_000),
    source="Défossez, Bottou, Bach & Usunier 2022, Theorem 1",
)
def adagrad_defossez(k, a, eps, sigma2, d, L, Rb, D):
    """AdaGrad, x+ = x - a G / sqrt(eps + sum of G^2), on smooth functions with bounded stochastic gradients: the
    mean squared gradient norm before step k, of order log(k)/sqrt(k) for any step size a.

    On a slope that stays at 1 just until step k the leading term is four times what is measured, so a ratio of 1/4
    is the most that this instance can reach.
    """
    B = Rb + math.sqrt(sigma2 / d) + math.sqrt(eps)
    return (2 * B * D / a + d * B * (4 * B + a * L) * math.log(1 + k * B**2 / eps)) / math.sqrt(k)


adagrad_defossez.survives(
    "every step in the opposite direction",
    "the bound contains the length of the steps; its own control ascends for 100000 steps",
)
adagrad_defossez.reaches(1.5 / (24 + 75 * math.log(10)), by=steep, at=grid(a=0.25, eps=1.0, sigma2=2.0, k=1))
adagrad_defossez.control(
    "the sign of the oracle flipped",
    noise=flipped(),
    on=pseudo_huber(start=1.0),
    domain=grid(a=1.0, eps=0.01, sigma2=0.0, k=100_000),
)


@adagrad_defossez.control("without the term with the initial suboptimality")
def _(k, a, eps, sigma2, d, L, Rb):
    B = Rb + math.sqrt(sigma2 / d) + math.sqrt(eps)
    return d * B * (4 * B + a * L) * math.log(1 + k * B**2 / eps) / math.sqrt(k)


@theorem(
    **stationarity,
    method=unnormalized_adam(step_size=lambda a: a, beta2=lambda b2: b2, epsilon=lambda eps: eps),
    domain=grid(a=(0.01, 0.1), b2=(0.9, 0.999), eps=1e-2, sigma2=(0.0, 1.0), k=(1, 2, 3, 10, 300)),
    attained_by=pseudo_huber.at(start=lambda a, k: a * k),
    at_least=0.4,
    attained_at=grid(a=0.003, b2=1 - 1e-5, eps=1e-8, sigma2=0.0, k=100_000),
    source="Défossez, Bottou, Bach & Usunier 2022, Theorem 2",
)
def adam_defossez(k, a, b2, eps, sigma2, d, L, Rb, D):
    """Adam without momentum, which is RMSProp with a step correction, on smooth functions with bounded stochastic
    gradients: the mean squared gradient norm before step k. The second moment is the sum v+ = b2 v + G^2, not an
    average, and eps stands under the root with it.

    With a = 1/sqrt(k) and b2 = 1 - 1/k it is of order log(k)/sqrt(k). On a slope that stays at 1 just until step k
    the leading term is twice what is measured.
    """
    B = Rb + math.sqrt(sigma2 / d) + math.sqrt(eps)
    E = 4 * d * B**2 / math.sqrt(1 - b2) + a * d * B * L / (1 - b2)
    return 2 * B * D / (a * k) + E * (math.log(1 + B**2 / ((1 - b2) * eps)) / k - math.log(b2))


adam_defossez.survives(
    "every step in the opposite direction",
    "the bound contains the length of the steps; its own control ascends for 100000 steps",
)
adam_defossez.reaches(
    1.5 / (24 + 156 * math.log(148 / 3)), by=steep, at=grid(a=0.25, b2=0.75, eps=1.0, sigma2=2.0, k=1)
)
adam_defossez.control(
    "the sign of the oracle flipped",
    noise=flipped(),
    on=pseudo_huber(start=1.0),
    domain=grid(a=0.1, b2=1 - 1e-4, eps=0.01, sigma2=0.0, k=100_000),
)
adam_defossez.control(
    "the step size for an averaged second moment",
    method=unnormalized_adam(
        step_size=lambda a, b2: a * math.sqrt(1 - b2), beta2=lambda b2: b2, epsilon=lambda eps: eps
    ),
    on=pseudo_huber.at(start=lambda a, k: a * k / 10),
    domain=grid(a=0.003, b2=1 - 1e-5, eps=1e-8, sigma2=0.0, k=100_000),
)

# --- Online games with linear losses on the interval [-1, 1]. In Adam's original form, which Reddi et al. treat,
# moments are not corrected; with b1 = 0 the correction of the second moment goes into the step size.

uncorrected = {"beta1": 0.0, "epsilon": 1e-100}  # not 0: gradients may begin with zeros


def decaying(k, a, b2):
    """The step size with which corrected moments make the uncorrected step a / sqrt(k + 1)."""
    return a / math.sqrt((k + 1) * (1 - b2 ** (k + 1)))


@quantity(latex=r"x - x^\star", signed=True)
@kernel
def displacement(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """x_1 - x*_1: times the slope of a linear loss, the regret of one round."""
    return float(x[0] - reference.minimizer[0])


three_rounds = linear_game.at(slopes=lambda C: ((C,), (-1.0,), (-1.0,)), radius=1.0, start=1.0)
short_memory = {
    "step_size": lambda k, a, C: decaying(k, a, 1 / (1 + C**2)),
    "beta2": lambda C: 1 / (1 + C**2),
    **uncorrected,
}


@theorem(
    method=projected_adam(**short_memory),
    noise=in_turn,
    measures=displacement.sum().weighted(lambda j: 1.0 if j % 3 == 0 else 0.0),
    claim=law(),
    domain=grid(C=(2.5, 3.0, 4.0, 10.0), a=(0.3, 0.9), k=only(3, 30, 300, 3000)),
    on=three_rounds,
    matched=False,
    source="Reddi, Kale & Kumar 2018, proof of Theorem 1",
)
def adam_reddi_returns(k):
    """Adam in the game with losses C x, -x, -x in turn, C > 2, is at the worst action +1 before every large loss:
    its distances from the best action -1 at these k/3 times sum to 2k/3. Here b1 = 0, b2 = 1/(1 + C^2), and the
    step sizes are a/sqrt(t) with a < sqrt(1 - b2).

    It is a statement about this one game, so it is run on no other problem.
    """
    return 2 * k / 3


adam_reddi_returns.control("AMSGrad in place of Adam", method=projected_amsgrad(**short_memory))
adam_reddi_returns.control(
    "SGD in place of Adam", method=proximal_sgd(step_size=lambda k, a: a / math.sqrt(k + 1))
)
adam_reddi_returns.control("C = 1.5", domain=grid(C=1.5, a=0.9, k=300))


@theorem(
    method=projected_adam(**short_memory),
    noise=in_turn,
    measures=displacement.sum().weighted(lambda j, C: C if j % 3 == 0 else -1.0),
    claim=LOWER,
    domain=grid(C=(2.5, 3.0, 4.0, 10.0), a=(0.3, 0.9), k=only(3, 30, 300, 9000)),
    on=three_rounds,
    matched=False,
    attained_by=three_rounds,
    at_least=0.97,
    attained_at=grid(C=(2.5, 3.0, 4.0, 10.0), a=0.9, k=9000),
    source="Reddi, Kale & Kumar 2018, Theorem 1",
)
def adam_reddi_online(k, C):
    """Adam does not converge: in the game of adam-reddi-returns its regret after k = 3t rounds is at least
    2 (C - 2) k / 3, and in the limit no larger. It is a statement about this one game too.
    """
    return 2 * (C - 2) * k / 3


adam_reddi_online.control(
    "AMSGrad in place of Adam",
    method=projected_amsgrad(**short_memory),
    domain=grid(C=(2.5, 10.0), a=0.9, k=3000),
)
adam_reddi_online.control(
    "SGD in place of Adam",
    method=proximal_sgd(step_size=lambda k, a: a / math.sqrt(k + 1)),
    domain=grid(C=(2.5, 10.0), a=0.9, k=3000),
)
adam_reddi_online.control(
    "a long memory of the second moment, b2 = 0.9999",
    method=projected_adam(step_size=lambda k, a: decaying(k, a, 0.9999), beta2=0.9999, **uncorrected),
    domain=grid(C=10.0, a=0.9, k=9000),
)


@adam_reddi_online.refuted(
    on=three_rounds,
    method=projected_adam(step_size=lambda k, a: decaying(k, a, 0.9999), beta2=0.9999, **uncorrected),
    domain=grid(C=(3.0, 10.0), a=0.9, k=9000),
    source="often quoted as: Adam diverges in this game, without the condition on beta2",
)
def adam_reddi_any_memory(k, C):
    """Adam does not converge in the game of adam-reddi-returns, whatever its memory. With b2 = 0.9999 in place
    of 1/(1 + C^2) it does: Reddi et al.'s game depends on b2. It needs C > 2 too: for C = 2 all actions are
    equally good.
    """
    return 2 * (C - 2) * k / 3


@adam_reddi_online.control("C = 1.5, where +1 is the best action", domain=grid(C=1.5, a=0.9, k=3000))
def _(k, C):
    return 2 * abs(C - 2) * k / 3


@adam_reddi_online.control("a regret that is 3% larger", domain=grid(C=10.0, a=0.9, k=9000))
def _(k, C):
    return 1.03 * 2 * (C - 2) * k / 3


rare_push = linear_game.at(slopes=lambda N, delta: [[N - 1 + N * delta]] + [[-1.0]] * (N - 1))


@theorem(
    method=projected_adam(step_size=lambda k, a, b2: decaying(k, a, b2), beta2=lambda b2: b2, **uncorrected),
    noise=minibatch(batch=1),
    measures=displacement.last,
    claim=replace(LOWER, ceiling=2.0),  # the interval's length
    domain=grid(N=(10, 100), delta=0.01, a=0.5, b2=(0.5, 0.9), k=(300, 3000)),
    on=rare_push,
    matched=False,
    labels=("loose", "direction only"),
    source="Reddi, Kale & Kumar 2018, Theorem 3",
)
def adam_reddi_stochastic(k):
    """Adam does not converge with independent losses either. One of N equally likely losses has the slope
    N - 1 + N delta, all others have -1, so that their mean has the slope delta and -1 is the best action. From the
    middle Adam without momentum drifts the wrong way: its mean distance from the best action stays above 1.

    The source proves that some such game exists for every b1 < sqrt(b2). The drift's sign is checked, not where it
    ends: near +1, at distance 2.
    """
    return 1.0


adam_reddi_stochastic.control(
    "AMSGrad in place of Adam",
    method=projected_amsgrad(
        step_size=lambda k, a, b2: decaying(k, a, b2), beta2=lambda b2: b2, **uncorrected
    ),
    domain=grid(N=10, delta=0.1, a=0.5, b2=0.9, k=3000),
)
adam_reddi_stochastic.control(
    "SGD in place of Adam",
    method=proximal_sgd(step_size=lambda k, a: a / math.sqrt(k + 1)),
    domain=grid(N=10, delta=0.1, a=0.5, b2=0.9, k=3000),
)
adam_reddi_stochastic.control(
    "a long memory of the second moment, b2 = 0.9999",
    domain=grid(N=10, delta=0.1, a=0.5, b2=0.9999, k=3000),
)


def gradients(adversary, rounds, growth=1.0):
    """The slopes of the losses that an adversary has chosen, one row a round."""
    t, random = np.arange(rounds), np.random.default_rng(3)
    return {
        "constant": np.ones((rounds, 1)),
        "growing": growth ** (t - rounds + 1.0)[:, None],
        "rarely large": np.where(t % 3 == 0, 10.0, -1.0)[:, None],
        "fair signs": random.choice([-1.0, 1.0], (rounds, 3)),
        "sparse": random.standard_normal((rounds, 3)) * (random.random((rounds, 3)) < 0.1),
    }[adversary]


def play(method, slopes, radius=1.0, start=0.0, told=1.0):
    """The states of a method on a box (which only projected methods heed), told ``told`` times each slope."""
    game = linear_game(slopes=slopes, radius=radius, start=start)
    first = np.asarray(game.start)[None]
    return states(method, game, first, told * slopes[None], disturb=sample_as_gradient)[0]


def regret(rule, adversary, a, b2, radius, k, told=1.0):
    """The regret of k rounds from a corner of the box, with the sums over coordinates of the root of the second
    moment that the method has divided by last, and of the norm of all gradients.
    """
    slopes = gradients(adversary, k)
    method = rule(step_size=lambda k: decaying(k, a, b2), beta2=b2, **uncorrected)
    run = play(method, slopes, radius, start=radius, told=told)
    best = -radius * np.sum(np.abs(np.sum(slopes, axis=0)))
    seen = {"roots": np.sum(np.sqrt(run[-1, -1])), "norms": np.sum(np.linalg.norm(slopes, axis=0))}
    return np.sum(slopes * run[:-1, 0]) - best, seen


def amsgrad_game(adversary, a, b2, radius, k):
    """AMSGrad's regret."""
    return regret(projected_amsgrad, adversary, a, b2, radius, k)


def adam_game(adversary, a, b2, radius, k):
    """Adam's regret."""
    return regret(projected_adam, adversary, a, b2, radius, k)


def flipped_game(adversary, a, b2, radius, k):
    """The regret of AMSGrad that is told the opposite of each slope."""
    return regret(projected_amsgrad, adversary, a, b2, radius, k, told=-1.0)


@theorem(
    experiment=amsgrad_game,
    observes=("roots", "norms"),
    domain=grid(
        adversary=("constant", "rarely large", "fair signs", "sparse"),
        a=(0.1, 0.9),
        b2=(0.9, 0.999),
        radius=2.0,
        k=(1, 2, 3, 30, 1000),
    ),
    attained_at=grid(adversary="constant", a=1.0, b2=0.75, radius=1.0, k=1),
    at_least=0.999,
    source="Reddi, Kale & Kumar 2018, Theorem 4 and Corollary 1, for beta1 = 0, where the proof is complete",
)
def amsgrad_regret(k, a, b2, radius, roots, norms):
    """AMSGrad without momentum, with step sizes a/sqrt(t), on convex losses over a box with sides D = 2 radius: a
    bound on its regret after k rounds. ``roots`` is the sum over coordinates of the root of the largest second
    moment so far, and ``norms`` that of the norm of the coordinate of all gradients.

    Linear losses are the worst convex ones. The bound is reached in the first round, from a corner and with
    a = D sqrt(1 - b2), when both terms are equal. With momentum the published proof has a gap (Tran & Phong 2019).
    """
    D = 2 * radius
    return D**2 * math.sqrt(k) * roots / (2 * a) + a * math.sqrt((1 + math.log(k)) / (1 - b2)) * norms / 2


amsgrad_regret.control(
    "Adam in place of AMSGrad",
    experiment=adam_game,
    domain=grid(adversary="rarely large", a=0.5, b2=1 / 101, radius=1.0, k=3000),
)
amsgrad_regret.control(
    "the sign of every gradient flipped",
    experiment=flipped_game,
    domain=grid(adversary="constant", a=0.5, b2=0.99, radius=1.0, k=3000),
)


@amsgrad_regret.control("half of the first term")
def _(k, a, b2, radius, roots, norms):
    D = 2 * radius
    return D**2 * math.sqrt(k) * roots / (4 * a) + a * math.sqrt((1 + math.log(k)) / (1 - b2)) * norms / 2


@amsgrad_regret.control("half of the second term")
def _(k, a, b2, radius, roots, norms):
    D = 2 * radius
    return D**2 * math.sqrt(k) * roots / (2 * a) + a * math.sqrt((1 + math.log(k)) / (1 - b2)) * norms / 4


# --- Updates are bounded whatever the gradients are.


def last_update(adversary, a, b1, b2, k):
    """The largest coordinate of Adam's k-th update."""
    method = adam(step_size=a, beta1=b1, beta2=b2, epsilon=1e-100)
    run = play(method, gradients(adversary, k, growth=b2 / b1))
    return np.max(np.abs(run[-1, 0] - run[-2, 0]))


@theorem(
    experiment=last_update,
    domain=grid(
        adversary=("growing", "constant", "rarely large", "fair signs", "sparse"),
        a=(0.01, 1.0),
        b1=(0.5, 0.9),
        b2=(0.9, 0.99, 0.999),
        k=(1, 2, 3, 300),
    ),
    attained_at=grid(
        adversary="growing", a=0.1, b1=(0.5, 0.9), b2=(0.9, 0.99, 0.999), k=(1, 2, 10, 100, 2500)
    ),
    at_least=0.999999,
    source="Cauchy and Schwarz's inequality; Kingma & Ba 2015, section 2.1, state less",
)
def adam_update_magnitude(k, a, b1, b2):
    """How long a coordinate of Adam's k-th update can be, whatever the gradients were; equality for gradients that
    grow like (b2/b1)^t. For the usual b1 = 0.9 and b2 = 0.999 it tends to 7.27 step sizes, not to 1.
    """
    r = b1**2 / b2
    return a * (1 - b1) / (1 - b1**k) * math.sqrt((1 - b2**k) * (1 - r**k) / ((1 - b2) * (1 - r)))


grown = grid(adversary="growing", a=0.1, b1=0.9, b2=0.999, k=2500)


@adam_update_magnitude.refuted(
    domain=grown,
    search_domain=grid(
        adversary=("growing", "constant", "rarely large", "fair signs", "sparse"),
        a=(0.01, 1.0), b1=(0.5, 0.9), b2=(0.9, 0.999), k=(1, 2500),
    ),
    source="Kingma & Ba 2015, section 2.1, the two upper bounds",
)  # fmt: skip
def adam_update_magnitude_as_printed(a, b1, b2):
    """How long Adam's update can be, as printed: (1 - b1)/sqrt(1 - b2) step sizes where that is above 1, which is
    called the most severe case of sparsity, else one. Gradients that grow like (b2/b1)^t make more than twice that:
    6.97 against 3.16 step sizes.
    """
    return a * max(1.0, (1 - b1) / math.sqrt(1 - b2))


@adam_update_magnitude.control("the step size itself", domain=grown)
def _(a):
    return a


@adam_update_magnitude.control("(1 - b1)/sqrt(1 - b2) times the step size", domain=grown)
def _(a, b1, b2):
    return a * (1 - b1) / math.sqrt(1 - b2)


@theorem(
    method=adamw(
        step_size=lambda h, w: h / w, weight_decay=lambda w: w, beta1=lambda b: b, beta2=lambda b: b
    ),
    measures=max_norm.last,
    domain=grid(h=(0.01, 0.5), w=(0.5, 2.0), b=(0.5, 0.99), k=(1, 2, 3, 10, 100, 1000)),
    attained_by=pseudo_huber.at(start=lambda w: 3 / w, center=1e3),
    at_least=0.9999,
    attained_at=grid(h=(0.01, 0.5), w=(0.5, 2.0), b=(0.5, 0.99), k=(1, 2, 3, 10, 100, 1000)),
    source="Xie & Li 2024, section 4 (equal betas)",
)
def adamw_linf_norm(k, h, w, x0):
    """AdamW with equal betas keeps its iterates in the box of half side 1/w, where w is the weight decay, or moves
    there at the rate 1 - h, where the step size is h/w: whatever the objective. Equality on a constant slope.
    """
    return (1 - h) ** k * (x0 - 1 / w) + 1 / w


adamw_linf_norm.control(
    "b1 = 0.99 with b2 = 0.5, and gradients that drop by a factor of a million",
    method=adamw(step_size=lambda h, w: h / w, weight_decay=lambda w: w, beta1=0.99, beta2=0.5),
    on=linear_game(slopes=[[1e6]] * 100 + [[1.0]] * 100),
    noise=in_turn,
    domain=grid(h=0.01, w=1.0, b=0.99, k=200),
)
adamw_linf_norm.control(
    "Adam, with the weight decay in the gradient",
    method=adam(step_size=lambda h, w: h / w, weight_decay=lambda w: w, beta1=0.9, beta2=0.9),
    on=linear_game(slopes=[[10.0]]),
    noise=in_turn,
    domain=grid(h=0.1, w=1.0, b=0.9, k=1000),
)
