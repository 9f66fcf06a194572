"""The regret of Adam and RMSProp when their memory of squared gradients grows, which is then that of AdaGrad,
and the bound that Adam was published with, whose memory does not.

Moments are not corrected here, as in Reddi et al. 2018. Linear losses on a box are the worst convex ones.
"""

import math
from dataclasses import replace

import numpy as np

from simlab.optimizers.adaptive import projected_adam, projected_amsgrad, projected_rmsprop
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.adaptive import gradients, play


def decay_of(memory, forgets):
    """beta2 in step k: 1 - forgets/(k + 1) when the memory grows, else 1 - forgets."""
    return lambda k: 1 - forgets / (k + 1 if memory == "growing" else 1)


def adam_of(a, b1, decay):
    """Adam with the step sizes a/sqrt(k + 1), without its corrections of the moments: the step size undoes
    them.
    """

    def step_size(k):
        second = 1 - decay(k) ** (k + 1)
        return a / math.sqrt(k + 1) * (1 - b1 ** (k + 1)) / math.sqrt(second)

    return projected_adam(step_size=step_size, beta1=b1, beta2=lambda k: decay(k), epsilon=1e-100)


def amsgrad_of(a, b1, decay):
    """AMSGrad in the same way."""
    return replace(adam_of(a, b1, decay), family=projected_amsgrad)


def rmsprop_of(a, b1, decay):
    """RMSProp with the step sizes a/sqrt(k + 1)."""
    return projected_rmsprop(
        step_size=lambda k: a / math.sqrt(k + 1), decay=lambda k: decay(k), epsilon=1e-100
    )


def regret_of(rule, adversary, memory, forgets, a, b1, radius, k, told=1.0):
    """The regret of k rounds from a corner of the box; ``roots`` is the sum over coordinates of sqrt(k v)."""
    slopes = gradients(adversary, k)
    run = play(rule(a, b1, decay_of(memory, forgets)), slopes, radius, start=radius, told=told)
    best = -radius * np.sum(np.abs(np.sum(slopes, axis=0)))
    norms = np.sum(np.linalg.norm(slopes, axis=0))
    seen = {"roots": np.sum(np.sqrt(k * run[-1, -1])), "norms": norms, "steepest": np.max(np.abs(slopes))}
    return np.sum(slopes * run[:-1, 0]) - best, seen


def adam_game(adversary, memory, forgets, a, b1, radius, k):
    """Adam's regret."""
    return regret_of(adam_of, adversary, memory, forgets, a, b1, radius, k)


def rmsprop_game(adversary, memory, forgets, a, b1, radius, k):
    """RMSProp's regret."""
    return regret_of(rmsprop_of, adversary, memory, forgets, a, b1, radius, k)


def amsgrad_game(adversary, memory, forgets, a, b1, radius, k):
    """AMSGrad's regret; ``roots`` is then the sum of sqrt(k v) with the largest v so far."""
    return regret_of(amsgrad_of, adversary, memory, forgets, a, b1, radius, k)


def flipped_amsgrad_game(adversary, memory, forgets, a, b1, radius, k):
    """The regret of AMSGrad that is told the opposite of each slope."""
    return regret_of(amsgrad_of, adversary, memory, forgets, a, b1, radius, k, told=-1.0)


def flipped_adam_game(adversary, memory, forgets, a, b1, radius, k):
    """The regret of Adam that is told the opposite of each slope."""
    return regret_of(adam_of, adversary, memory, forgets, a, b1, radius, k, told=-1.0)


def flipped_rmsprop_game(adversary, memory, forgets, a, b1, radius, k):
    """The regret of RMSProp that is told the opposite of each slope."""
    return regret_of(rmsprop_of, adversary, memory, forgets, a, b1, radius, k, told=-1.0)


ADVERSARIES = ("constant", "rarely large", "fair signs", "sparse")
rounds = {"memory": "growing", "forgets": (0.5, 1.0), "radius": 2.0, "k": (1, 2, 3, 30, 1000)}
first_round = {"memory": "growing", "forgets": 1.0, "radius": 1.0, "k": 1}
reddi = {"adversary": "rarely large", "a": 0.5, "radius": 1.0, "k": (1000, 10_000)}


@theorem(
    experiment=adam_game,
    observes=("roots", "norms", "steepest"),
    domain=grid(adversary=ADVERSARIES, **rounds, a=(0.3, 3.0), b1=(0.0, 0.5, 0.9)),
    where=lambda memory: memory == "growing",
    attained_at=grid(adversary="constant", **first_round, a=2**0.5, b1=0.0),
    at_least=0.707,
    source="by the decomposition of Alacaoglu, Malitsky, Mertikopoulos & Cevher 2020, section 3",
)
def adam_regret(forgets, a, b1, radius, roots):
    """Adam with constant b1, with 1 - b2 = c/t in round t, c <= 1 (``forgets``), and step sizes a/sqrt(t), on
    convex losses over a box with sides S = 2 radius: its regret by ``roots``, the sum over coordinates of s_k =
    sqrt(k v_k). For c = 1 it is AdaGrad's sum of the norms of a coordinate of all gradients.

    As (1 - b1) g = m+ - b1 m, the regret is that of the directions m, times 1 + b1/(1 - b1) for the last of
    them, and b1/(1 - b1) times what m loses by its movement: S^2 s_k/(2a (1 - b1)) + a (1 + b1)/(1 - b1) sum
    m^2/(2 s). Because s never falls and s+^2 >= s^2 + c g^2, sum m^2/s <= sum g^2/s <= 2 s_k/c. In the first
    round it is sqrt(2) too large.
    """
    S = 2 * radius
    return (S**2 / (2 * a) + a * (1 + b1) / forgets) / (1 - b1) * roots


# In the first round from a corner S is lost, and roots = sqrt(c).
lost_at_once = {**first_round, "adversary": "constant", "a": 2**0.5}
adam_regret.reaches(2**0.5 / 5, at=grid(**{**lost_at_once, "b1": 0.5}))
adam_regret.reaches(2**0.5 / 7, at=grid(**{**lost_at_once, "b1": 0.5, "forgets": 0.25}))
adam_regret.reaches(2 / 5 * 2**0.5, at=grid(**{**lost_at_once, "b1": 0.0, "radius": 2.0}))
adam_regret.control(
    "a memory that stays short",
    where=lambda memory: memory == "constant",
    domain=grid(**reddi, memory="constant", forgets=100 / 101, b1=0.0),
)
adam_regret.control(
    "the sign of every gradient flipped",
    experiment=flipped_adam_game,
    domain=grid(adversary="constant", memory="growing", forgets=1.0, a=1.0, b1=0.9, radius=1.0, k=10_000),
)


@adam_regret.control("0.7 of the bound", domain=grid(adversary="constant", **first_round, a=2**0.5, b1=0.0))
def _(forgets, a, b1, radius, roots):
    S = 2 * radius
    return 0.7 * (S**2 / (2 * a) + a * (1 + b1) / forgets) / (1 - b1) * roots


@adam_regret.refuted(
    domain=grid(**reddi, memory="constant", forgets=(100 / 101, 50 / 101), b1=0.0),
    where=lambda memory: memory == "constant",
    source="Kingma & Ba 2015, Theorem 4.1; its proof was found wrong by Reddi, Kale & Kumar 2018",
)
def adam_regret_as_printed(forgets, a, b1, radius, roots, norms, steepest):
    """Adam's regret with constant betas on losses over a box with sides S, as printed: at most of order
    sqrt(k), whatever b2 = 1 - ``forgets`` is. In the game with losses 10 x, -x, -x in turn it grows as k.

    Here b1 = 0, so that gamma = b1^2/sqrt(b2) = 0; lambda = 1/2 in the term for the decay of b1. ``steepest``
    is G.
    """
    S, b2 = 2 * radius, 1 - forgets
    first = S**2 / (2 * a * (1 - b1)) * roots / math.sqrt(forgets)
    second = a * (1 + b1) * steepest / ((1 - b1) * math.sqrt(1 - b2)) * norms
    return first + second + S**2 * steepest * math.sqrt(1 - b2) / (2 * a * (1 - b1) * (1 - 1 / 2) ** 2)


@theorem(
    experiment=rmsprop_game,
    observes=("roots",),
    domain=grid(adversary=ADVERSARIES, **rounds, a=(0.3, 3.0), b1=0.0),
    attained_at=grid(adversary="constant", **first_round, a=2**0.5, b1=0.0),
    at_least=0.707,
    source="Mukkamala & Hein 2017, Theorem 4.1 (with a (2 - c)/c for a/c)",
)
def rmsprop_regret(forgets, a, radius, roots):
    """RMSProp with the decay 1 - c/t in round t, c <= 1 (``forgets``), and step sizes a/sqrt(t), on convex
    losses over a box with sides S = 2 radius: its regret by ``roots``, the sum over coordinates of sqrt(k v_k).
    For c = 1 it is AdaGrad.

    By the argument of adam-regret, without momentum.
    """
    S = 2 * radius
    return (S**2 / (2 * a) + a / forgets) * roots


rmsprop_regret.reaches(2 / 5 * 2**0.5, at=grid(**{**lost_at_once, "b1": 0.0, "forgets": 0.25}))
rmsprop_regret.reaches(2 / 5 * 2**0.5, at=grid(**{**lost_at_once, "b1": 0.0, "radius": 2.0}))
rmsprop_regret.control(
    "a memory that stays short", domain=grid(**reddi, memory="constant", forgets=100 / 101, b1=0.0)
)
rmsprop_regret.control(
    "the sign of every gradient flipped",
    experiment=flipped_rmsprop_game,
    domain=grid(adversary="constant", memory="growing", forgets=1.0, a=1.0, b1=0.0, radius=1.0, k=3000),
)


@rmsprop_regret.control(
    "0.7 of the bound", domain=grid(adversary="constant", **first_round, a=2**0.5, b1=0.0)
)
def _(forgets, a, radius, roots):
    S = 2 * radius
    return 0.7 * (S**2 / (2 * a) + a / forgets) * roots


constant = {"memory": "constant", "radius": 2.0, "k": (1, 2, 3, 30, 1000)}


@theorem(
    experiment=amsgrad_game,
    observes=("roots", "norms"),
    domain=grid(adversary=ADVERSARIES, **constant, forgets=(0.1, 0.001), a=(0.1, 0.9), b1=(0.0, 0.5, 0.9)),
    attained_at=grid(adversary="constant", memory="constant", forgets=0.25, radius=1.0, k=1, a=1.0, b1=0.0),
    at_least=0.999,
    source="Alacaoglu, Malitsky, Mertikopoulos & Cevher 2020, Theorem 1 (with (1 + b1)/2 in the second term)",
)
def amsgrad_momentum_regret(k, forgets, a, b1, radius, roots, norms):
    """AMSGrad with momentum: constant betas, b2 = 1 - ``forgets``, and step sizes a/sqrt(t), on convex losses
    over a box with sides S = 2 radius: its regret by ``roots``, the sum over coordinates of sqrt(k v_k) with
    the largest v, and ``norms``, that of the norm of a coordinate of all gradients. The published proof for
    decaying b1 has a gap (Tran & Phong 2019).

    As for adam-regret, with s_k = sqrt(k v_k), which never falls, and sum m^2/s <= sum g^2/s <= sum |g|/sqrt((1
    - b2) t). With b1 = 0 it is amsgrad-regret.
    """
    S = 2 * radius
    second = a * (1 + b1) / 2 * math.sqrt((1 + math.log(k)) / forgets) * norms
    return (S**2 / (2 * a) * roots + second) / (1 - b1)


amsgrad_momentum_regret.control(
    "Adam in place of AMSGrad",
    experiment=adam_game,
    domain=grid(
        adversary="rarely large", memory="constant", forgets=100 / 101, a=0.5, b1=0.0, radius=1.0, k=3000
    ),
)
amsgrad_momentum_regret.control(
    "the sign of every gradient flipped",
    experiment=flipped_amsgrad_game,
    domain=grid(adversary="constant", memory="constant", forgets=0.1, a=0.5, b1=0.5, radius=1.0, k=10_000),
)


@amsgrad_momentum_regret.control(
    "0.99 of the bound",
    domain=grid(adversary="constant", memory="constant", forgets=0.25, radius=1.0, k=1, a=1.0, b1=0.0),
)
def _(k, forgets, a, b1, radius, roots, norms):
    S = 2 * radius
    return 0.99 * (S**2 / (2 * a) * roots + a / 2 * norms / math.sqrt(forgets))
