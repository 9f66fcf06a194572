"""Probing: one step, or one quantity, at given states."""

import numpy as np
import pytest

from problems.quadratic import quadratic
from simlab.kernels import oracle as roles
from simlab.kernels.probe import quantity_prober, step_prober
from simlab.kernels.quantities import distance_squared, suboptimality
from simlab.kernels.random import STATE_ROWS
from simlab.optimizers.first_order import sgd_momentum
from simlab.running.given import given_draw

PROBLEM = quadratic(spectrum=(0.5, 1.0, 2.0), rotation=2)
HESSIAN = np.asarray(PROBLEM.table)


def parts() -> list[object]:
    names = ("value", "gradient", "component", "hessian", "prox")
    return [roles.compiled_role(getattr(PROBLEM.kernels, name), name) for name in names]


def test_a_step_is_applied_to_every_state() -> None:
    random = np.random.default_rng(1)
    states, samples = random.standard_normal((4, 9)), random.standard_normal((4, 3))
    before, buffer = states[:, :3].copy(), states[:, 6:].copy()
    functions = [
        roles.compiled_role(sgd_momentum.step, "step"), *parts(),
        roles.compiled_role(given_draw, "draw"), roles.compiled_role(roles.add_sample, "disturb"),
    ]  # fmt: skip
    row = np.array([0.1, 0.9, 0.0, 0.0, 0.0])
    step_prober()(
        *functions, PROBLEM.data.scalars, PROBLEM.data.table, np.zeros(0), np.zeros((0, 0)),
        np.full(4, 3), row, 2, states, samples, np.zeros((STATE_ROWS, 8), np.uint64),
    )  # fmt: skip
    moved = 0.9 * buffer + before @ HESSIAN + samples
    assert states[:, 6:] == pytest.approx(moved, rel=1e-14)
    assert states[:, :3] == pytest.approx(before - 0.1 * moved, rel=1e-14)


@pytest.mark.parametrize("quantity", [distance_squared, suboptimality], ids=lambda q: q.name)
def test_a_quantity_is_measured_at_every_point(quantity: object) -> None:
    points, minimizer = np.random.default_rng(2).standard_normal((5, 3)), np.array([0.5, 0.0, -1.0])
    out = np.empty(5)
    quantity_prober()(
        roles.compiled_role(quantity.kernel, "quantity"), *parts(),  # type: ignore[attr-defined]
        PROBLEM.data.scalars, PROBLEM.data.table, np.asarray(PROBLEM.start), minimizer, 0.25, points, out,
    )  # fmt: skip
    if quantity is distance_squared:
        assert out == pytest.approx(((points - minimizer) ** 2).sum(axis=1), rel=1e-14)
    else:
        assert out == pytest.approx(np.sum(points * (points @ HESSIAN), axis=1) / 2 - 0.25, rel=1e-14)
