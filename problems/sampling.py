"""Noise from a finite sum: which terms a stochastic gradient looks at, and its exact variance."""

import itertools
import math
from collections import Counter
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import Kernel, kernel
from simlab.kernels.oracle import Objective
from simlab.kernels.random import integer_below, shuffle, uniform
from simlab.vocabulary.assumptions import FiniteSum
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem

# Minibatches are listed for exact moments up to this many different ones.
LARGEST_SUPPORT = 512


class Order(StrEnum):
    """In which order single terms are visited. An epoch is n steps, counted from step 0."""

    WITH_REPLACEMENT = "with replacement"  # an independent uniform index each step
    RESHUFFLED = "reshuffled"  # a new uniformly random permutation each epoch
    SINGLE_SHUFFLE = "single shuffle"  # one uniformly random permutation, used in every epoch
    CYCLIC = "cyclic"  # 0, 1, ..., n - 1 in every epoch


@kernel
def single_term(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """The gradient of the term whose number is in ``sample``."""
    objective.component(objective.data, int(sample[0]), x, out)


@kernel
def mean_of_terms(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """The mean gradient of the terms whose numbers are in ``sample``."""
    objective.component(objective.data, int(sample[0]), x, out)
    if sample.size > 1:
        term = np.empty(x.size)
        for j in range(1, sample.size):
            objective.component(objective.data, int(sample[j]), x, term)
            for i in range(x.size):
                out[i] += term[i]
        for i in range(x.size):
            out[i] /= sample.size


@kernel
def draw_indices(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Independent uniform indices below noise[0]."""
    for j in range(sample.size):
        sample[j] = integer_below(rng, int(noise[0]))


@kernel
def draw_after_first_hit(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Uniform indices below n = noise[0], given that index 0 is among the first noise[1] of the run.

    The number of its first occurrence, counted from 0, is drawn from the truncated geometric law by inversion;
    indices before it are uniform over the others, and those after it over all. ``order`` holds how many indices
    were drawn, and that number. noise[2] = log(1 - 1/n), noise[3] = 1 - (1 - 1/n)^noise[1].
    """
    if order[0] == 0:
        first = math.log1p(-uniform(rng) * noise[3]) / noise[2]
        order[1] = min(int(first), int(noise[1]) - 1)  # rounding may reach the end of the interval
    for j in range(sample.size):
        if order[0] < order[1]:
            sample[j] = 1 + integer_below(rng, int(noise[0]) - 1)
        elif order[0] == order[1]:
            sample[j] = 0.0
        else:
            sample[j] = integer_below(rng, int(noise[0]))
        order[0] += 1


@kernel
def number_terms(order: Integers) -> None:
    """The identity permutation."""
    for i in range(order.size):
        order[i] = i


@kernel
def draw_subset(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """A uniform subset: the first steps of a shuffle of ``order``, which may start from any permutation."""
    if k == 0:
        number_terms(order)
    for j in range(sample.size):
        other = j + integer_below(rng, order.size - j)
        order[j], order[other] = order[other], order[j]
        sample[j] = order[j]


@kernel
def draw_reshuffled(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """The next index of a permutation that is drawn afresh every ``order.size`` steps."""
    if k == 0:
        number_terms(order)
    if k % order.size == 0:
        shuffle(rng, order)
    sample[0] = order[k % order.size]


@kernel
def draw_single_shuffle(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """The next index of the permutation that was drawn at step 0."""
    if k == 0:
        number_terms(order)
        shuffle(rng, order)
    sample[0] = order[k % order.size]


@kernel
def draw_cyclic(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """0, 1, ..., n - 1 again and again."""
    sample[0] = k % int(noise[0])


@noise()
def minibatch(problem: Problem, batch: int = 1, replacement: bool = True) -> Noise:
    """The mean gradient of ``batch`` uniformly random terms of a finite sum, fresh in every step.

    With ``replacement`` the indices are independent, otherwise they are distinct. For the exact variance see
    :func:`minibatch_variance`; where there are at most ``LARGEST_SUPPORT`` different minibatches they are listed.
    """
    n = terms_of(problem)
    if int(batch) != batch or not 1 <= batch <= (batch if replacement else n):
        limit = "at least 1" if replacement else f"between 1 and {n}"
        raise InputError(f"noise minibatch: batch must be a whole number, {limit}, not {batch!r}.")
    kind = "with" if replacement else "without"
    return Noise(
        name="minibatch",
        draw=draw_indices if replacement else draw_subset,
        disturb=single_term if batch == 1 else mean_of_terms,
        parameters=[n],
        sample=batch,
        order=0 if replacement else n,
        support=_minibatches(n, batch, replacement),
        label=f"minibatch(batch={batch}, {kind} replacement)",
    )


@noise()
def first_hit(problem: Problem, steps: int, batch: int = 1) -> Noise:
    """``minibatch(batch)`` with replacement, given that term 0 is drawn within the first ``steps`` minibatches.

    For coupled runs whose data differ in example 0: they agree until it is drawn, so only these runs contribute.
    Means are multiplied by the probability P = 1 - (1 - 1/n)^(batch * steps) of such a run. Where hits are rare
    this needs far fewer runs: for the number of hits itself the variance shrinks from (1 - 1/n) / m to
    P ((1 - 1/n) / m + 1) - 1 in units of its squared mean, with m = batch * steps / n, 216 times at n = 1000 and
    m = 1/10. ``steps=lambda k: k`` draws for each step of the domain on its own. The method must draw one minibatch
    a step, and runs may not be longer than ``steps``.
    """
    n = terms_of(problem)
    if n < 2:
        raise InputError(f"noise first-hit: {problem.label} has one term only; there is nothing to wait for.")
    for name, number in (("steps", steps), ("batch", batch)):
        if int(number) != number or number < 1:
            raise InputError(f"noise first-hit: {name} must be a whole number above 0, not {number!r}.")
    draws, miss = int(batch * steps), math.log1p(-1 / n)
    probability = -math.expm1(draws * miss)

    def weight(last: int) -> float:
        if last > steps:
            raise InputError(
                f"noise first-hit: the run has {last} steps, but the first hit is within {steps}."
            )
        return probability

    return Noise(
        name="first-hit",
        draw=draw_after_first_hit,
        disturb=mean_of_terms,
        parameters=[n, draws, miss, probability],
        sample=int(batch),
        order=2,
        weight=weight,
        label=f"minibatch(batch={batch}, with replacement), first hit within {steps}",
    )


@noise()
def epochs(problem: Problem, order: Order = Order.RESHUFFLED) -> Noise:
    """One term of a finite sum a step, in the given order: see :class:`Order`.

    Within an epoch the gradients of all orders but the first are neither independent nor unbiased.
    """
    choice = Order(order)
    if choice is Order.WITH_REPLACEMENT:
        return minibatch.build(problem, batch=1)
    n = terms_of(problem)
    draws: dict[Order, Kernel] = {
        Order.RESHUFFLED: draw_reshuffled,
        Order.SINGLE_SHUFFLE: draw_single_shuffle,
        Order.CYCLIC: draw_cyclic,
    }
    return Noise(
        name="epochs",
        draw=draws[choice],
        disturb=mean_of_terms,
        parameters=[n],
        sample=1,
        order=n,
        fixed=choice is Order.CYCLIC,
        label=f"epochs({choice})",
    )


def terms_of(problem: Problem) -> int:
    """The number of terms of a finite sum.

    Raises
    ------
    InputError
        When the problem is no finite sum or has no component kernel.
    """
    sums = problem.known.get(FiniteSum)
    if not isinstance(sums, FiniteSum) or not problem.kernels.has("component"):
        raise InputError(f"{problem.label} is no finite sum with component gradients: no terms can be drawn.")
    return int(sums.terms)


def _minibatches(n: int, batch: int, replacement: bool) -> list[tuple[float, Vector]] | None:
    """Every minibatch (up to the order of its indices) with its probability; None when there are too many."""
    if math.comb(n + batch - 1 if replacement else n, batch) > LARGEST_SUPPORT:
        return None
    if not replacement:
        chosen = list(itertools.combinations(range(n), batch))
        return [(1 / len(chosen), np.array(indices, dtype=np.float64)) for indices in chosen]
    listed = []
    for indices in itertools.combinations_with_replacement(range(n), batch):
        arrangements = math.factorial(batch)
        for count in Counter(indices).values():
            arrangements //= math.factorial(count)
        listed.append((arrangements / n**batch, np.array(indices, dtype=np.float64)))
    return listed


def minibatch_variance(problem: Problem, x: ArrayLike, batch: int = 1, replacement: bool = True) -> float:
    """E|G(x) - grad f(x)|^2 of a minibatch gradient, exactly.

    It is v / b with replacement and v / b * (n - b) / (n - 1) without, where v is the mean of
    |grad f_i(x) - grad f(x)|^2 over the n terms (Cochran 1977, Theorem 2.2).
    """
    n = terms_of(problem)
    gradients = np.array([problem.component(i, x) for i in range(n)])
    spread = float(np.mean(np.sum((gradients - gradients.mean(axis=0)) ** 2, axis=1)))
    if replacement or n == 1:
        return spread / batch if replacement else 0.0
    return spread / batch * (n - batch) / (n - 1)
