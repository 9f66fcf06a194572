"""Coupled runs on given data sets, against closed forms of slopes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from problems.losses import linear_loss
from problems.sampling import Order, epochs, minibatch
from simlab.errors import InputError
from simlab.kernels.quantities import argument_stability, loss_stability
from simlab.optimizers.first_order import gradient_descent, sgd
from simlab.running.data_sets import coupled_records

PROBLEM = linear_loss(terms=4)


def table(*labels: float) -> NDArray[np.float64]:
    return np.array(labels)[:, None]


def test_each_run_has_its_own_data_sets() -> None:
    """Gradient descent on slopes: w_k = -k eta mean z, and losses are g z w."""
    pairs = [(table(1, 1, 1, 1), table(-1, 1, 1, 1)), (table(1, -1, 1, -1), table(1, -1, 1, -1))]
    records = coupled_records(
        argument_stability, gradient_descent(step_size=0.5), PROBLEM, np.array(pairs), [0, 1, 10], 2, (1,)
    )
    assert records.shape == (2, 3, 1, 1)
    assert records[:, :, 0, 0] == pytest.approx(np.array([[0, 0.25, 2.5], [0, 0, 0]]), abs=1e-15)


def test_several_neighbours_and_signed_gaps() -> None:
    tables = np.array([[table(1, 1, -1, -1), table(-1, 1, -1, -1), table(1, 1, 1, -1)]])
    records = coupled_records(loss_stability, gradient_descent(step_size=0.5), PROBLEM, tables, [10], 3, (1,))
    # Test examples +1 and -1; w is 0 for the base, +2.5 and -2.5 for the neighbours.
    expected = [[-2.5, 2.5, 2.5, -2.5], [2.5, -2.5, -2.5, 2.5]]
    assert records[:, 0] == pytest.approx(np.tile(expected, (3, 1, 1)), abs=1e-15)


def test_coupled_runs_share_indices_and_uncoupled_ones_do_not() -> None:
    """In one shuffled epoch the replaced example comes up exactly once: coupled runs are 2 eta apart, always."""
    tables = np.array([[table(1, 1, -1, -1), table(-1, 1, -1, -1)]])
    apart = {}
    for shared in (True, False):
        records = coupled_records(
            argument_stability, sgd(step_size=0.5), PROBLEM, tables, [2, 4, 5], 200, (1,),
            epochs(order=Order.RESHUFFLED), shared=shared,
        )  # fmt: skip
        apart[shared] = records[:, :, 0, 0]
    assert apart[True][:, 1] == pytest.approx(np.ones(200))
    assert set(np.unique(apart[True][:, 0])) == {0.0, 1.0}
    assert np.unique(apart[False][:, 0]).size > 2


def test_runs_are_those_of_their_entropy() -> None:
    tables = np.array([[table(1, 1, -1, -1), table(-1, 1, -1, -1)]])

    def run(runs: int, *entropy: int) -> NDArray[np.float64]:
        return coupled_records(
            argument_stability, sgd(step_size=0.5), PROBLEM, tables, [7], runs, entropy, minibatch(batch=1)
        )

    assert np.array_equal(run(9, 1, 2)[:4], run(4, 1, 2))
    assert not np.array_equal(run(9, 1, 2), run(9, 1, 3))


def test_tables_that_do_not_fit_are_refused() -> None:
    method = gradient_descent(step_size=0.5)
    for tables in (np.zeros((3, 2, 4, 1)), np.zeros((1, 1, 4, 1)), np.zeros((2, 4, 1))):
        with pytest.raises(InputError, match="tables must have the shape"):
            coupled_records(argument_stability, method, PROBLEM, tables, [1], 2, (1,))
