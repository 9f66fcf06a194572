"""Softmax policy gradient on multi-armed bandits, with exact gradients."""

import math
from typing import Any

import numpy as np

from simlab.kernels.arrays import Integers, Vector
from simlab.kernels.compilation import kernel
from simlab.vocabulary.claim import LOWER, limit
from simlab.vocabulary.theorem import grid, theorem


@kernel
def follow_policy(
    gaps: Vector, logits: Vector, step_size: float, natural: bool, checkpoints: Integers, records: Vector
) -> float:
    """Gradient ascent on the expected reward of softmax(logits), from ``logits`` (overwritten).

    ``gaps[i]`` is the best reward minus the i-th, and sum p_i gaps_i the loss of the policy p. A step adds
    step_size * p_i * (loss - gaps_i) to the i-th logit, without the p_i if ``natural``. Writes the loss after
    ``checkpoints[c]`` steps to ``records[c]``; returns the least probability of the best arms over the run.
    """
    arms, c, least = gaps.size, 0, 1.0
    policy = np.empty(arms)
    for k in range(checkpoints[-1] + 1):
        top, total = logits[0], 0.0
        for i in range(1, arms):
            top = max(top, logits[i])
        for i in range(arms):
            policy[i] = math.exp(logits[i] - top)
            total += policy[i]
        loss, best = 0.0, 0.0
        for i in range(arms):
            policy[i] /= total
            loss += policy[i] * gaps[i]
            best += policy[i] if gaps[i] == 0.0 else 0.0
        least = min(least, best)
        if checkpoints[c] == k:
            records[c] = loss
            c += 1
        for i in range(arms):
            logits[i] += step_size * (1.0 if natural else policy[i]) * (loss - gaps[i])
    return least


def policy_losses(
    rewards: tuple[float, ...],
    step_size: float,
    checkpoints: tuple[int, ...],
    start: tuple[float, ...] = (),
    natural: bool = False,
) -> tuple[Vector, dict[str, float]]:
    """The expected reward that the policy misses at the checkpoints, from the logits ``start`` (all 0 if empty),
    and ``c``, the least probability of the best arms over the run.
    """
    gaps, records = max(rewards) - np.array(rewards), np.empty(len(checkpoints))
    logits = np.array(start or np.zeros(len(rewards)))
    least = follow_policy(gaps, logits, step_size, natural, np.array(checkpoints), records)
    return records, {"c": least}


def losses(rewards: Any, step_size: float, checkpoints: tuple[int, ...]) -> Vector:
    """The expected reward that the policy misses, from the uniform policy."""
    return policy_losses(rewards, step_size, checkpoints)[0]


def natural_losses(rewards: Any, step_size: float, checkpoints: tuple[int, ...]) -> Vector:
    """The same for the natural gradient."""
    return policy_losses(rewards, step_size, checkpoints, natural=True)[0]


def least_gap(rewards: tuple[float, ...]) -> float:
    """How much less than the best arms the next best one gives."""
    return min(max(rewards) - reward for reward in rewards if reward < max(rewards))


# Fifty arms, and a start that all but knows the best one.
SETTLED = ((1.0, *(0.0,) * 49), (9.0, *(0.0,) * 49))
FEW_ARMS = ((1.0, 0.0), (1.0, 0.9), (1.0, 0.9, 0.3), (1.0, 1.0, 0.6, 0.3, 0.0))


@theorem(
    experiment=losses,
    claim=limit(1e-3),
    domain=grid(rewards=FEW_ARMS, step_size=(0.4, 1.0), k=1_000_000),
    labels=("asymptotic",),
    source="the rate is that of Mei, Xiao, Szepesvari & Schuurmans 2020, section 3; the constant follows from "
    "d/dt log(p_i gap_i) = -eta (p_i gap_i + loss / m) for each arm i that is not best, near the limit",
)
def softmax_pg_bandit_asymptotic(k, rewards, step_size):
    """Softmax policy gradient with exact gradients, from the uniform policy, on A arms of which m are best: the
    expected loss is asymptotically m (A - m) / (A * step_size * k), whatever the gaps between the rewards. The
    deviation is of the order of log(k) / k.
    """
    arms, best = len(rewards), rewards.count(max(rewards))
    return best * (arms - best) / (arms * step_size * k)


@softmax_pg_bandit_asymptotic.control("the formula for one best arm")
def _(k, rewards, step_size):
    return (len(rewards) - 1) / (len(rewards) * step_size * k)


@softmax_pg_bandit_asymptotic.control("proportional to the least gap")
def _(k, rewards, step_size):
    arms, best = len(rewards), rewards.count(max(rewards))
    return (
        best
        * (arms - best)
        / (arms * step_size * k)
        * min(max(rewards) - r for r in rewards if r < max(rewards))
    )


softmax_pg_bandit_asymptotic.control("the natural gradient", experiment=natural_losses)


@theorem(
    experiment=lambda bandit, checkpoints: policy_losses(bandit[0], 0.4, checkpoints, bandit[1]),
    domain=grid(
        bandit=(
            ((1.0, 0.0), (0.0, 0.0)),
            ((1.0, 0.9, 0.0), (0.0, 4.0, 0.0)),
            ((0.7, 0.7, 0.2, 0.5), (-2.0, 0.0, 1.0, 1.0)),
            (tuple(np.linspace(0, 1, 50)), (0.0,) * 50),
        ),
        k=(0, 1, 10, 100, 1000, 10_000),
    ),
    observes=("c",),
    at_least=0.45,
    attained_at=grid(bandit=(SETTLED,), k=100_000),
    source="Mei, Xiao, Szepesvari & Schuurmans 2020, Theorem 2 (their t counts from 1)",
)
def softmax_pg_bandit(k, c):
    """Softmax policy gradient with exact gradients and step size 2/5 on a bandit with rewards in [0, 1]: the
    expected loss, with c the least probability of the best arms over the run (observed). With one best arm the loss
    tends to less than 5 / (2 k), half of the bound for c = 1, and an instance with many arms comes near that.
    """
    return 5 / (c**2 * (k + 1))


@softmax_pg_bandit.control(
    "the uniform policy's c = 1/2 for a start that has all but forgotten the best arm",
    domain=grid(bandit=(((1.0, 0.0), (-14.0, 0.0)),), k=1000),
)
def _(k):
    return 5 * 2**2 / (k + 1)


@softmax_pg_bandit.control("2 in place of 5", domain=grid(bandit=(SETTLED,), k=100_000))
def _(k, c):
    return 2 / (c**2 * (k + 1))


@theorem(
    experiment=losses,
    claim=LOWER,
    domain=grid(rewards=FEW_ARMS, step_size=(0.4, 1.0), k=(10_000, 100_000)),
    at_least=0.33,
    attained_at=grid(rewards=((1.0, 0.0),), step_size=1.0, k=100_000),
    labels=("asymptotic",),
    source="Mei, Xiao, Szepesvari & Schuurmans 2020, the lower bound for bandits (step sizes up to 1, large k)",
)
def softmax_pg_bandit_lower(k, rewards):
    """Softmax policy gradient with exact gradients on a bandit cannot be faster than 1/k: a lower bound on the
    expected loss for large k, with the least gap between the rewards. Two arms with rewards 1 and 0 come within a
    factor of 3.
    """
    return least_gap(rewards) ** 2 / (6 * (k + 1))


softmax_pg_bandit_lower.control("the natural gradient, which is faster", experiment=natural_losses)


@softmax_pg_bandit_lower.control(
    "1.9 in place of 6", domain=grid(rewards=((1.0, 0.0),), step_size=1.0, k=100_000)
)
def _(k, rewards):
    return least_gap(rewards) ** 2 / (1.9 * (k + 1))
