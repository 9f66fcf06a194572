"""Balancing the loads of a mixture of experts by biases that are added to the routing scores."""

import math

import numpy as np

from simlab.kernels.arrays import Integers, Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.vocabulary.theorem import grid, theorem


@kernel
def route(scores: Matrix, biases: Vector, top: int, keys: Vector, loads: Vector) -> None:
    """Send each token (a row of ``scores``) to the ``top`` experts of largest score + bias, the first of equals.

    ``loads`` (experts,) becomes the number of tokens that each expert gets; ``keys`` (experts,) is scratch.
    """
    experts = biases.size
    for i in range(experts):
        loads[i] = 0.0
    for token in range(scores.shape[0]):
        for i in range(experts):
            keys[i] = scores[token, i] + biases[i]
        for _ in range(top):
            chosen = 0
            for i in range(1, experts):
                if keys[i] > keys[chosen]:
                    chosen = i
            keys[chosen] = -math.inf
            loads[chosen] += 1.0


@kernel
def balance(
    batches: Matrix, speed: float, top: int, by_sign: bool, checkpoints: Integers, means: Matrix
) -> None:
    """Route the batches (batches, tokens, experts), over and over, and adapt the biases after each.

    A bias moves by speed * (target - load) / tokens, or by speed * sign(target - load) if ``by_sign``. ``means[c]``
    becomes the mean over the first ``checkpoints[c]`` batches of what ``speed`` multiplies, expert by expert.
    """
    tokens, experts = batches.shape[1], batches.shape[2]
    target = tokens * top / experts
    biases, keys, loads, total = np.zeros(experts), np.empty(experts), np.empty(experts), np.zeros(experts)
    c = 0
    for k in range(1, checkpoints[-1] + 1):
        route(batches[(k - 1) % batches.shape[0]], biases, top, keys, loads)
        due = checkpoints[c] == k
        for i in range(experts):
            change = (target - loads[i]) / tokens
            if by_sign and change != 0.0:
                change = math.copysign(1.0, change)
            biases[i] += speed * change
            total[i] += change
            if due:
                means[c, i] = total[i] / k
        if due:
            c += 1


def token_scores(stream: str, experts: int, tokens: int) -> Matrix:
    """Batches of scores in [0, 1], shape (batches, tokens, experts), that are routed over and over.

    "random" scores; "constant": one random batch; "favourite": all tokens want expert 0 and no other; "switching":
    the favourite changes every 40 batches; "mixed": half of the tokens want expert 0, the others are random.
    """
    rng = np.random.default_rng([experts, tokens])
    if stream in ("random", "constant"):
        return rng.random((1 if stream == "constant" else 199, tokens, experts))
    if stream == "mixed":
        scores = rng.random((199, tokens, experts))
        scores[:, ::2] = np.eye(experts)[0]
        return scores
    wanted = np.zeros(1, int) if stream == "favourite" else np.repeat(np.arange(experts), 40)
    return np.repeat(np.eye(experts)[wanted][:, None, :], tokens, axis=1)


def mean_changes(
    scores: Matrix, top: int, speed: float, checkpoints: tuple[int, ...], by_sign: bool = False
) -> Matrix:
    """What :func:`balance` measures, shape (checkpoints, experts)."""
    means = np.empty((len(checkpoints), scores.shape[2]))
    balance(scores, speed, top, by_sign, np.array(checkpoints), means)
    return means


def worst(changes: Matrix) -> Vector:
    """The largest magnitude over the experts, shape (checkpoints,)."""
    largest: Vector = np.abs(changes).max(axis=1)
    return largest


def imbalance(
    stream: str, experts: int, tokens: int, top: int, speed: float, checkpoints: tuple[int, ...]
) -> Vector:
    """max over experts of |mean load - target| / tokens."""
    scores = token_scores(stream, experts, tokens)
    return worst(mean_changes(scores, top, speed, checkpoints))


STREAMS = ("random", "constant", "favourite", "switching", "mixed")

routed = grid(
    stream=STREAMS, experts=(4, 16), tokens=16, top=(1, 2, 3), speed=(0.001, 0.01, 0.125), k=(10, 300, 3000)
)


@theorem(
    experiment=imbalance,
    domain=routed,
    at_least=0.999,
    attained_at=grid(stream="favourite", experts=(2, 4, 16), tokens=16, top=1, speed=1 / 64, k=65),
    source="the rule of Wang et al. 2024 and DeepSeek-V3 (2024), section 2.1.2, with the imbalance in place of its "
    "sign; the bound follows from the range that the biases cannot leave",
)
def moe_bias_balancing_avg_load(k, experts, top, speed):
    """Top-k routing with scores in [0, 1] and biases that follow the imbalance of the loads: the time-averaged load
    of each expert, minus its target and relative to the number of tokens, is O(1/k) for every sequence of tokens.

    The sum of the imbalances is the change of the bias, so only the biases' range matters. An expert whose bias is
    more than 1 below the k-th largest gets no token and rises as fast as any can; nearer ones fall by less than
    ``speed`` against it. So this gap stays below 1 + speed, and likewise the gap on the other side, which is absent
    when one expert is chosen, or all but one. The biases sum to 0, which gives the first factor.
    """
    sides = 1 if top == 1 or top == experts - 1 else 2
    return (1 - 1 / experts) * sides * (1 + speed) / (speed * k)


@moe_bias_balancing_avg_load.control("a gap of 1 in place of 1 + speed")
def _(k, experts, speed):
    return (1 - 1 / experts) / (speed * k)


moe_bias_balancing_avg_load.control(
    "biases that are never adapted",
    experiment=lambda experts, checkpoints: imbalance("random", experts, 16, 1, 0.0, checkpoints),
    domain=grid(experts=16, top=1, speed=0.125, k=3000),
)
moe_bias_balancing_avg_load.control(
    "scores up to 100",
    experiment=lambda experts, top, speed, checkpoints: worst(
        mean_changes(100 * token_scores("favourite", experts, 16), top, speed, checkpoints)
    ),
    domain=grid(experts=4, top=1, speed=0.01, k=3000),
)
moe_bias_balancing_avg_load.control(
    "biases that follow the sign of the imbalance",
    experiment=lambda experts, top, speed, checkpoints: worst(
        mean_changes(token_scores("mixed", experts, 16), top, speed, checkpoints, by_sign=True)
    ),
    domain=grid(experts=4, top=1, speed=0.125, k=3000),
)


def sign_imbalance(
    stream: str, experts: int, tokens: int, top: int, speed: float, checkpoints: tuple[int, ...]
) -> Vector:
    """The largest difference between two experts' mean sign of target - load, with biases that follow the sign."""
    means = mean_changes(token_scores(stream, experts, tokens), top, speed, checkpoints, by_sign=True)
    widest: Vector = np.ptp(means, axis=1)
    return widest


@theorem(
    experiment=sign_imbalance,
    domain=routed,
    at_least=0.999,
    attained_at=grid(stream="favourite", experts=(2, 4, 16), tokens=16, top=1, speed=1 / 64, k=33),
    source="the rule of Wang et al. 2024 and DeepSeek-V3 (2024), section 2.1.2; the bound follows from the range "
    "that the biases cannot leave",
)
def moe_bias_balancing_sign(k, experts, top, speed):
    """Top-k routing with scores in [0, 1] and biases that follow the sign of the imbalance of the loads: no expert
    is over its target much more often than another, for every sequence of tokens. That is a statement about how
    often, not by how much: the loads themselves need not be balanced.
    """
    sides = 1 if top == 1 or top == experts - 1 else 2
    return sides * (1 + 2 * speed) / (speed * k)


@moe_bias_balancing_sign.control("a gap of 1 + speed in place of 1 + 2 speed")
def _(k, speed):
    return (1 + speed) / (speed * k)


moe_bias_balancing_sign.control(
    "biases that are never adapted",
    experiment=lambda experts, checkpoints: sign_imbalance("favourite", experts, 16, 1, 0.0, checkpoints),
    domain=grid(experts=16, top=1, speed=0.125, k=3000),
)
