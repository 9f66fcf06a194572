"""What stability says about the generalization gap: expectations over data sets and over SGD's indices.

The distribution of the examples is uniform on a few of them, so that the population risk is a mean of a few losses,
and small data sets and short runs can be listed completely.
"""

import functools
from dataclasses import replace

import numpy as np

from problems.bounded_losses import cosine_loss, sigmoid_loss
from problems.log_sum_exp import log_sum_exp
from problems.losses import linear_loss
from problems.sampling import mean_of_terms, minibatch
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data, Objective
from simlab.optimizers.first_order import sgd
from simlab.running.data_sets import coupled_records
from simlab.running.given import states
from simlab.vocabulary.assumptions import FiniteSum
from simlab.vocabulary.claim import law
from simlab.vocabulary.quantity import pair_quantity
from simlab.vocabulary.theorem import grid, theorem

# The examples that occur, with equal probabilities, are the problem's test examples.
LOSSES = {
    "slopes": linear_loss.at(terms=2),
    "simplex": linear_loss.at(terms=12, vertices=12),
    "parabola": linear_loss.at(terms=2, curvature=0.1, start=0.0),
    "steep parabola": linear_loss.at(terms=2, curvature=1.0, start=0.0),
    "sigmoid": sigmoid_loss.at(),
    "cosine": cosine_loss.at(frequency=2.0),
    "log-sum-exp": log_sum_exp.at(pushes=1),
}


def problem_on(loss, table):
    """The problem with a data set of one's own."""
    problem = LOSSES[loss].resolve({})
    return replace(problem, table=table, neighbours=(), assumptions=(FiniteSum(len(table)),))


@functools.cache
def expected_losses(loss, n, step_size, k):
    """E f(w_k; z) over SGD's indices for every data set S in Z^n and every z in Z, exactly: every sequence of
    indices is run. The shape is (m, ..., m, m) for m examples, the last axis being z.
    """
    examples = np.asarray(LOSSES[loss].resolve({}).test)
    m = len(examples)
    indices = np.indices((n,) * k).reshape(k, -1).T.astype(float)
    expected = np.empty((m,) * n + (m,))
    for chosen in np.ndindex((m,) * n):
        problem = problem_on(loss, examples[list(chosen)])
        starts = np.tile(np.asarray(problem.start), (len(indices), 1))
        runs = states(sgd(step_size=step_size), problem, starts, indices[:, :, None], disturb=mean_of_terms)
        for z in range(m):
            example = replace(problem, table=examples[[z]])
            expected[chosen][z] = np.mean([example.value(w) for w in runs[:, -1, 0]])
    return expected


def uniform_stability(expected):
    """The largest difference that replacing one example makes to an expected loss."""
    places = range(expected.ndim - 1)
    return max(np.max(expected.max(axis=i) - expected.min(axis=i)) for i in places)


def generalization_gap(expected):
    """E[F(w) - F_S(w)], with data sets drawn uniformly."""
    n, m = expected.ndim - 1, expected.shape[-1]
    data_sets = np.indices((m,) * n)
    empirical = np.mean([np.take_along_axis(expected, s[..., None], axis=-1) for s in data_sets])
    return expected.mean() - empirical


def gap_and_stability(loss, declared, n, step_size, k):
    """|E[F - F_S]| of a loss, and the stability of the same or, falsely, of another one."""
    gap = generalization_gap(expected_losses(loss, n, step_size, k))
    stability = uniform_stability(expected_losses(declared, n, step_size, k))
    return abs(gap), {"stability": stability}


@theorem(
    experiment=lambda loss, n, step_size, k: gap_and_stability(loss, loss, n, step_size, k),
    observes=("stability",),
    domain=grid(loss=tuple(LOSSES), n=(2, 3), step_size=0.5, k=(1, 3)),
    where=lambda loss, n: loss != "simplex" or n == 2,
    at_least=11 / 12 * (1 - 1e-9),
    attained_at=grid(loss="simplex", n=2, step_size=0.5, k=3),
    source="Hardt, Recht & Singer 2016, Theorem 2.2; Bousquet & Elisseeff 2002",
)
def stability_implies_generalization(stability):
    """The expected generalization gap E[F(A(S)) - F_S(A(S))] of an algorithm A is at most its uniform stability:
    the largest difference of expected losses over neighbouring data sets and examples.

    A is SGD here. All data sets of n examples and all sequences of indices are run, so both sides are exact. For
    slopes +-1 the ratio is 1/2, and for the m vertices of a simplex it is 1 - 1/m: the bound cannot be improved.
    """
    return stability


@stability_implies_generalization.control(
    "0.9 of the stability", domain=grid(loss="simplex", n=2, step_size=0.5, k=3)
)
def _(stability):
    return 0.9 * stability


stability_implies_generalization.control(
    "the stability of losses of ten times the curvature",
    experiment=gap_and_stability,
    domain=grid(loss="parabola", declared="steep parabola", n=2, step_size=0.5, k=8),
)


def _two(tests: int) -> int:
    return 2


@pair_quantity(latex=r"F(w) - F_S(w), \\; f(w^{(i)}; z_i) - f(w; z_i)", outputs=_two, signed=True)
@kernel
def generalization_gaps(
    objective: Objective, base: Data, test: Matrix, x: Vector, other: Vector, out: Vector
) -> None:
    """F(w) - F_S(w), with F the mean over the test examples, and f(w'; z_0) - f(w; z_0) for the replaced z_0."""
    replaced = Data(base.scalars, base.table[0:1])
    out[0] = objective.value(Data(base.scalars, test), x) - objective.value(base, x)
    out[1] = objective.value(replaced, other) - objective.value(replaced, x)


def sampled_gaps(loss, n, step_size, k, rng, runs, least=0):
    """Both gaps in runs on random data sets whose example 0 is replaced by an independent copy; with ``least`` 1 by
    a random example other than itself.
    """
    examples = np.asarray(LOSSES[loss].resolve({}).test)
    m = len(examples)
    chosen = rng.integers(m, size=(runs, n))
    other = chosen[:, 0] + rng.integers(least, m, size=runs)
    tables = np.repeat(examples[chosen][:, None], 2, axis=1)
    tables[:, 1, 0] = examples[other % m]
    return coupled_records(
        generalization_gaps, sgd(step_size=step_size), problem_on(loss, tables[0, 0]), tables, [k], runs,
        rng.integers(2**32, size=4).tolist(), minibatch(batch=1),
    )[:, 0, 0]  # fmt: skip


@theorem(
    experiment=lambda loss, n, step_size, k, rng, runs: sampled_gaps(loss, n, step_size, k, rng, runs),
    claim=law(),
    domain=grid(loss=("slopes", "parabola", "sigmoid", "log-sum-exp"), n=2, step_size=8.0, k=(2, 5)),
    slack=0.1,
    source="Bousquet & Elisseeff 2002, Lemma 7; Shalev-Shwartz, Shamir, Srebro & Sridharan 2010",
)
def on_average_replace_one_identity(loss, n, step_size, k):
    """The expected generalization gap is exactly the expected change of the loss of an example when this example is
    replaced by an independent copy: E[F(A(S)) - F_S(A(S))] = E[f(A(S^(i)); z_i) - f(A(S); z_i)].

    Both sides are measured in coupled runs on random data sets (with i = 0: the examples are exchangeable), and
    compared with the gap over all data sets and all sequences of SGD's indices. The steps are long because the gap
    must be seen above the differences between runs.
    """
    return generalization_gap(expected_losses(loss, n, step_size, k))


on_average_replace_one_identity.control(
    "replaced by another example in place of an independent copy",
    experiment=lambda loss, n, step_size, k, rng, runs: sampled_gaps(loss, n, step_size, k, rng, runs, 1),
    domain=grid(loss="slopes", n=3, step_size=8.0, k=4),
)


@on_average_replace_one_identity.control(
    "a gap that is 10% larger", domain=grid(loss="slopes", n=3, step_size=8.0, k=4)
)
def _(loss, n, step_size, k):
    return 1.1 * generalization_gap(expected_losses(loss, n, step_size, k))
