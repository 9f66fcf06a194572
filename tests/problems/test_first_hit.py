"""First-hit stratification: the conditional law exactly, weighted means that agree with plain sampling, fewer runs.

Comparisons of sampled numbers are z-scores against ``LIMIT``; see test_noise.py.
"""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from problems.bounded_losses import cosine_loss
from problems.losses import linear_loss
from problems.sampling import first_hit, minibatch
from simlab.entry import verify_one
from simlab.errors import InputError
from simlab.kernels.compilation import jit_disabled
from simlab.kernels.quantities import argument_stability, loss_stability, suboptimality
from simlab.kernels.random import streams
from simlab.optimizers.first_order import sgd
from simlab.planning.tiers import QUICK
from simlab.running.data_sets import coupled_records
from simlab.statistics.verdicts import Status
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import PairQuantity
from simlab.vocabulary.theorem import grid, theorem
from tests.problems.test_noise import LIMIT

RUNS = 1_000 if jit_disabled() else 20_000
Array = NDArray[np.float64]


def index_sequences(terms: int, steps: int, batch: int, runs: int) -> Array:
    """The indices of whole runs, shape (runs, steps * batch), drawn by the model's kernel."""
    noise = first_hit(steps=steps, batch=batch).resolve(linear_loss(terms=terms), {})
    sample, order = np.zeros(noise.sample), np.zeros(noise.order, np.int64)
    out = np.empty((runs, steps, batch))
    with np.errstate(all="ignore"):
        for r, rng in enumerate(streams((5, terms, steps), 0, runs)):
            order[:] = 0
            for k in range(steps):
                noise.draw(k, noise.vector, order, rng, sample)
                out[r, k] = sample
    return out.reshape(runs, -1)


def frequency_scores(sequences: Array, terms: int, probability: float) -> Array:
    """z-scores of the frequencies of index sequences: those with a 0 should have terms^-length / probability."""
    runs, length = sequences.shape
    numbers = sequences @ terms ** np.arange(length)[::-1]
    counts = np.bincount(numbers.astype(int), minlength=terms**length)
    hit = np.array([0 in sequence for sequence in itertools.product(range(terms), repeat=length)])
    assert counts[~hit].sum() == 0
    p = terms**-length / probability
    return np.asarray((counts[hit] - runs * p) / math.sqrt(runs * p * (1 - p)))


@pytest.mark.parametrize(("terms", "steps", "batch"), [(2, 6, 1), (4, 3, 1), (4, 2, 2)])
def test_every_sequence_of_indices_with_a_hit_is_equally_likely(terms: int, steps: int, batch: int) -> None:
    sequences = index_sequences(terms, steps, batch, RUNS)
    probability = 1 - (1 - 1 / terms) ** (steps * batch)
    assert np.abs(frequency_scores(sequences, terms, probability)).max() <= LIMIT
    if not jit_disabled():  # with this many runs the same scores see a probability that is off
        assert not np.abs(frequency_scores(sequences, terms, probability / 2)).max() <= LIMIT


def means(
    quantity: PairQuantity, problem: Problem, noise: NoiseSpec, checkpoints: list[int], runs: int = RUNS
) -> tuple[Array, Array]:
    """Weighted means and their standard errors, shape (checkpoints, comparisons)."""
    tables = np.stack([problem.data.table, *map(np.asarray, problem.neighbours)])[None]
    method = sgd(step_size=lambda k: 0.7 / (k + 1))
    records = coupled_records(quantity, method, problem, tables, checkpoints, runs, (11,), noise)
    weight = noise.resolve(problem, {}).weight
    records = records.reshape(runs, len(checkpoints), -1) * (
        1.0 if weight is None else weight(checkpoints[-1])
    )
    return records.mean(axis=0), records.std(axis=0) / math.sqrt(runs)


STEPS = [1, 5, 20]


@pytest.mark.parametrize("batch", [1, 3])
def test_weighted_means_are_the_closed_form_for_slopes(batch: int) -> None:
    """Each step moves the two runs apart by twice its size with the frequency of the replaced example."""
    problem = linear_loss(terms=40)
    mean, error = means(argument_stability, problem, first_hit(steps=20, batch=batch), STEPS)
    exact = np.array([2 * sum(0.7 / (k + 1) for k in range(steps)) / 40 for steps in STEPS])
    assert np.abs((mean[:, 0] - exact) / error[:, 0]).max() <= LIMIT
    assert not np.abs((mean[:, 0] - 1.5 * exact) / error[:, 0]).max() <= LIMIT


@pytest.mark.parametrize("quantity", [argument_stability, loss_stability], ids=lambda quantity: quantity.name)
def test_weighted_means_agree_with_plain_minibatches(quantity: PairQuantity) -> None:
    """On a loss that is not convex, for all neighbours and test examples."""
    problem = cosine_loss(terms=15, frequency=2.0)
    weighted, one = means(quantity, problem, first_hit(steps=20), STEPS)
    plain, two = means(quantity, problem, minibatch(batch=1), STEPS)
    scale = np.maximum(np.hypot(one, two), 1e-15)
    assert np.abs((weighted - plain) / scale).max() <= LIMIT
    probability = 1 - (1 - 1 / 15) ** 20
    assert not np.abs((weighted / probability - plain) / scale).max() <= LIMIT


@pytest.mark.skipif(jit_disabled(), reason="needs more runs than plain Python can make")
def test_rare_hits_need_far_fewer_runs() -> None:
    """n = 1000, 100 constant steps: the number of hits, whose variances are known for both ways of sampling."""
    problem, runs = linear_loss(terms=1000), 100_000
    tables = np.stack([problem.data.table, *map(np.asarray, problem.neighbours)])[None]
    spread = {}
    for name, noise in {"plain": minibatch(batch=1), "first hit": first_hit(steps=100)}.items():
        weight = noise.resolve(problem, {}).weight
        records = coupled_records(
            argument_stability, sgd(step_size=0.5), problem, tables, [100], runs, (3,), noise
        )
        values = records[:, 0, 0, 0] * (1.0 if weight is None else weight(100)) / 0.1
        assert values.mean() == pytest.approx(1.0, abs=LIMIT * values.std() / math.sqrt(runs))
        spread[name] = values.var()
    probability = 1 - 0.999**100
    assert spread["plain"] == pytest.approx(9.99, rel=0.05)
    assert spread["first hit"] == pytest.approx(probability * (9.99 + 1) - 1, rel=0.05)
    assert spread["plain"] / spread["first hit"] > 200


def test_bad_requests_are_one_sentence() -> None:
    problem = linear_loss(terms=40)
    with pytest.raises(InputError, match="steps must be a whole number above 0, not 0"):
        first_hit(steps=0).resolve(problem, {})
    with pytest.raises(InputError, match="one term only"):
        first_hit(steps=5).resolve(cosine_loss(terms=1), {})
    weight = first_hit(steps=5).resolve(problem, {}).weight
    assert weight is not None
    with pytest.raises(InputError, match="the run has 6 steps, but the first hit is within 5"):
        weight(6)


def test_it_is_refused_where_runs_without_a_hit_count(registry: None) -> None:
    @theorem(
        source="a test",
        method=sgd(step_size=0.1),
        measures=suboptimality.last,
        noise=first_hit(steps=lambda k: k),
        domain=grid(k=10),
        on=cosine_loss(),
        matched=False,
    )
    def a_mean_over_all_runs(k):  # type: ignore[no-untyped-def]
        """A mean that is not about coupled runs."""
        return 1.0

    a_mean_over_all_runs.control("none", domain=grid(k=10))
    result = verify_one(a_mean_over_all_runs, QUICK, seed=0)
    assert result.status is Status.ERROR
    assert "can only be used with stability measures of coupled runs" in result.message
