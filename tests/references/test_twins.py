"""The NumPy update rules against PyTorch's trajectories, and wrong rules that must be told apart."""

import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from tests.references import OPTIMIZERS, Reference, load, relative_error, twins

TOLERANCE = 1e-12
REFERENCES = [reference for optimizer in OPTIMIZERS for reference in load(optimizer)]


def label(reference: Reference) -> str:
    return f"{reference.optimizer}, {reference.name}"


def run(rule: Callable[..., Any], reference: Reference) -> list[twins.Array]:
    iterates: list[twins.Array] = rule(
        reference.gradient, reference.start, reference.steps, **reference.hyperparameters
    )
    return iterates


@pytest.mark.parametrize("reference", REFERENCES, ids=label)
def test_twin_reproduces_pytorch(reference: Reference) -> None:
    assert relative_error(run(getattr(twins, reference.optimizer), reference), reference) <= TOLERANCE


PLAIN_MOMENTUM = [r for r in load("sgd_momentum") if r.hyperparameters["weight_decay"] == 0]
PLAIN_NESTEROV = [r for r in load("sgd_nesterov") if r.hyperparameters["weight_decay"] == 0]
PLAIN_SGD = [r for r in load("sgd") if r.hyperparameters["weight_decay"] == 0]


@pytest.mark.parametrize("reference", PLAIN_SGD, ids=label)
def test_gradient_descent_is_pytorch_sgd(reference: Reference) -> None:
    step_size = reference.hyperparameters["step_size"]
    iterates = twins.gd(reference.gradient, reference.start, reference.steps, step_size)
    assert relative_error(iterates, reference) <= TOLERANCE


@pytest.mark.parametrize("reference", PLAIN_MOMENTUM, ids=label)
def test_heavy_ball_is_pytorch_momentum_at_a_constant_step_size(reference: Reference) -> None:
    step_size, momentum = reference.hyperparameters["step_size"], reference.hyperparameters["momentum"]
    iterates = twins.heavy_ball(reference.gradient, reference.start, reference.steps, step_size, momentum)
    assert relative_error(iterates, reference) <= TOLERANCE


@pytest.mark.parametrize("reference", PLAIN_NESTEROV, ids=label)
def test_extrapolated_points_of_strongly_convex_nesterov_are_pytorch_nesterov(reference: Reference) -> None:
    """PyTorch's parameters are the y of the scheme with 1/L its step size and b its momentum."""
    smoothness, b = 1 / reference.hyperparameters["step_size"], reference.hyperparameters["momentum"]
    strong_convexity = smoothness * ((1 - b) / (1 + b)) ** 2
    xs, ys = twins.nesterov_strongly_convex(
        reference.gradient, reference.start, reference.steps, smoothness, strong_convexity
    )
    assert relative_error(ys, reference) <= TOLERANCE
    assert not (relative_error(xs, reference) <= TOLERANCE)


# Each row: a rule, a piece of its code, and a wrong piece in its place.
MUTANTS = [
    ("sgd", "+ weight_decay * x", "- weight_decay * x"),
    ("sgd", "x - eta", "x + eta"),
    ("sgd_momentum", "momentum * b +", "momentum * b -"),
    ("sgd_momentum", "momentum * b + gradient(k, x)", "momentum * b + (1 - momentum) * gradient(k, x)"),
    ("sgd_momentum", "+ weight_decay * x", "- weight_decay * x"),
    ("sgd_nesterov", "(g + momentum * b)", "(g - momentum * b)"),
    ("sgd_nesterov", "(g + momentum * b)", "b"),
    ("adagrad", "np.sqrt(s) + epsilon", "np.sqrt(s + epsilon)"),
    ("adagrad", "np.sqrt(s) + epsilon", "np.sqrt(s) - epsilon"),
    ("adagrad", "s + g**2", "g**2"),
    ("adagrad", "np.full_like(start, initial_accumulator)", "np.zeros_like(start)"),
    ("rmsprop", "np.sqrt(v) + epsilon", "np.sqrt(v + epsilon)"),
    ("rmsprop", "(1 - decay) * g**2", "g**2"),
    ("rmsprop", "+ weight_decay * x", "- weight_decay * x"),
    ("adam", "np.sqrt(v_hat) + epsilon", "np.sqrt(v_hat + epsilon)"),
    ("adam", "np.sqrt(v_hat) + epsilon", "np.sqrt(v_hat) + epsilon / np.sqrt(1 - beta2 ** (k + 1))"),
    ("adam", "1 - beta1 ** (k + 1)", "1"),
    ("adam", "1 - beta2 ** (k + 1)", "1 - beta2 ** (k + 2)"),
    ("adam", "beta1 * m +", "beta1 * m -"),
    ("adam", "(1 - beta2) * g**2", "(1 - beta2) * (g - m) ** 2"),
    ("amsgrad", "np.maximum(largest, v)", "v"),
    ("amsgrad", "np.maximum(largest, v)", "np.maximum(largest, v / (1 - beta2 ** (k + 1)))"),
    ("amsgrad", "np.sqrt(v_hat) + epsilon", "np.sqrt(v_hat + epsilon)"),
    ("adamw", "- step_size * weight_decay * x", "+ step_size * weight_decay * x"),
    ("adamw", "- step_size * weight_decay * x", "- weight_decay * x"),
    ("adamw", "g = gradient(k, x)", "g = gradient(k, x) + weight_decay * x"),
    ("adamw", "np.sqrt(v_hat) + epsilon", "np.sqrt(v_hat + epsilon)"),
]


def mutated(optimizer: str, right: str, wrong: str, module: ModuleType = twins) -> FunctionType:
    """The rule with one piece of its code replaced."""
    source = inspect.getsource(getattr(module, optimizer))
    body = source.rindex('"""')
    assert source.count(right, body) == 1, f"{right!r} must occur once in the code of {optimizer}"
    names = dict(vars(module))
    exec(source[:body] + source[body:].replace(right, wrong), names)
    rule: FunctionType = names[optimizer]
    return rule


@pytest.mark.parametrize(("optimizer", "right", "wrong"), MUTANTS)
def test_wrong_rule_is_caught(optimizer: str, right: str, wrong: str) -> None:
    """By ten times the tolerance at least, so that the verdict does not rest on rounding."""
    errors = [relative_error(run(mutated(optimizer, right, wrong), r), r) for r in load(optimizer)]
    assert any(not (error <= 10 * TOLERANCE) for error in errors)


@pytest.mark.parametrize("reference", REFERENCES, ids=label)
def test_one_flipped_sign_in_one_gradient_is_caught(reference: Reference) -> None:
    def flipped(k: int, x: twins.Array) -> twins.Array:
        g = reference.gradient(k, x).copy()
        g[0] *= -1.0 if k == 10 else 1.0
        return g

    rule = getattr(twins, reference.optimizer)
    iterates = rule(flipped, reference.start, reference.steps, **reference.hyperparameters)
    assert not (relative_error(iterates, reference) <= 10 * TOLERANCE)


def test_nan_is_not_within_the_tolerance() -> None:
    reference = REFERENCES[0]
    iterates = reference.iterates.copy()
    iterates[7, 2] = np.nan
    assert not (relative_error(iterates, reference) <= TOLERANCE)


def test_missing_step_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        relative_error(REFERENCES[0].iterates[:-1], REFERENCES[0])


def test_given_gradients_are_as_documented() -> None:
    table = REFERENCES[0].gradients
    assert table.shape == (60, 5)
    assert np.all(table[30] == 0)
    assert np.all(np.sign(table[:29, 1]) == (-1.0) ** np.arange(29))
    assert np.all(table[:10, 4] == 0)
    assert np.array_equal(np.flatnonzero(table[:, 3]), [3, 10, 17, 24, 31, 38, 45, 52, 59])
    ordinary = np.abs(table[10:20]).max()
    assert np.abs(table[40:45]).max() > 100 * ordinary
    assert np.abs(table[20:25]).max() < ordinary / 100
