"""Adaptive methods: the compiled rules against PyTorch's trajectories, and wrong rules that must be told apart."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.losses import linear_loss
from problems.quadratic import quadratic
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import adaptive
from simlab.optimizers.perturbed import perturbed_gradient_descent
from simlab.running.given import sample_as_gradient, states
from simlab.vocabulary.problem import Problem
from tests.references import Reference, load, relative_error

TOLERANCE = 1e-12
RULES = ("adagrad", "rmsprop", "adam", "amsgrad", "adamw")
REFERENCES = [reference for rule in RULES for reference in load(rule)]
Rule = Callable[[int, Vector, Matrix, Vector, Any], None]


def label(reference: Reference) -> str:
    return f"{reference.optimizer}, {reference.name}"


def bowl(hessian: Matrix, start: Vector) -> Problem:
    return Problem(
        scalars=[], table=hessian.copy(), start=start, minimizer=np.zeros(len(start)), minimum=0.0,
        assumptions=(), family=quadratic,
    )  # fmt: skip


def compiled_run(method: Any, reference: Reference) -> Matrix:
    """x_0, ..., x_60 of the compiled kernel, driven as theorems drive it."""
    problem = bowl(reference.hessian, reference.start)
    given = reference.mode == "given"
    samples = reference.gradients[None] if given else np.zeros((1, reference.steps, problem.dimension))
    options = {"disturb": sample_as_gradient} if given else {}
    return states(method, problem, reference.start[None], samples, **options)[0, :, 0]


@pytest.mark.parametrize("reference", REFERENCES, ids=label)
def test_kernel_reproduces_pytorch(reference: Reference) -> None:
    method = getattr(adaptive, reference.optimizer)(**reference.hyperparameters)
    assert relative_error(compiled_run(method, reference), reference) <= TOLERANCE


@pytest.mark.parametrize("rule", RULES)
def test_the_defaults_are_pytorchs(rule: str) -> None:
    defaults = next(r for r in load(rule) if r.name.startswith("default")).hyperparameters
    family = getattr(adaptive, rule)
    assert {n: v for n, v in family.parameters.items() if n != "step_size"} == {
        n: v for n, v in defaults.items() if n != "step_size"
    }


# --- the same code in plain Python, whole or with one piece replaced --------------------------------------------


def plain(rule: str, right: str = "", wrong: str = "") -> Rule:
    """The rule's kernel as a Python function; its oracle is a function (k, x) -> gradient."""
    source = inspect.getsource(adaptive)
    if right:
        assert source.count(right) == 1, f"{right!r} must occur once in the code"
        source = source.replace(right, wrong)
    for line, replacement in (
        ("from simlab.kernels.compilation import kernel", "kernel = lambda f: f"),
        ("import Oracle, proximal_map, stochastic_gradient", "import Oracle, proximal_map"),
        ("import REQUIRED, method", "import REQUIRED\nmethod = lambda **_: lambda f: f"),
    ):
        assert source.count(line) == 1
        source = source.replace(line, replacement)

    def stochastic_gradient(oracle: Any, k: int, x: Vector, out: Vector) -> None:
        out[:] = oracle(k, x)

    names: dict[str, Any] = {"stochastic_gradient": stochastic_gradient}
    exec(source, names)
    function: Rule = names[rule]
    return function


def plain_run(rule: str, function: Rule, reference: Reference) -> list[Vector]:
    family = getattr(adaptive, rule)
    parameters = np.array([reference.hyperparameters[name] for name in family.parameters])
    x, memory = reference.start.copy(), np.zeros((family.memory, len(reference.start)))
    iterates = [x.copy()]
    for k in range(reference.steps):
        function(k, x, memory, parameters, reference.gradient)
        iterates.append(x.copy())
    return iterates


@pytest.mark.parametrize("reference", REFERENCES, ids=label)
def test_the_plain_code_is_what_the_kernel_runs(reference: Reference) -> None:
    rule = reference.optimizer
    assert relative_error(plain_run(rule, plain(rule), reference), reference) <= TOLERANCE


MUTANTS = [
    ("adagrad", "total[i] += gradient[i] ** 2", "total[i] = gradient[i] ** 2"),
    ("adagrad", "math.sqrt(total[i]) + parameters[2]", "math.sqrt(total[i] + parameters[2])"),
    ("adagrad", "total[:] = parameters[1]", "total[:] = 0.0"),
    ("adagrad", "total[:] = parameters[1]", "total[:] = parameters[1] ** 2"),
    ("adagrad", "out[i] += weight_decay * x[i]", "out[i] -= weight_decay * x[i]"),
    ("rmsprop", "math.sqrt(v[i]) + parameters[2]", "math.sqrt(v[i] + parameters[2])"),
    ("rmsprop", "(1.0 - parameters[1]) * gradient[i] ** 2", "gradient[i] ** 2"),
    ("rmsprop", "out[i] += weight_decay * x[i]", "out[i] -= weight_decay * x[i]"),
    ("adam", "beta1 * m[i] + (1.0 - beta1) * gradient[i]", "beta1 * m[i] + gradient[i]"),
    ("adam", "beta1 * m[i] + (1.0 - beta1) * gradient[i]", "-beta1 * m[i] + (1.0 - beta1) * gradient[i]"),
    ("adam", "(1.0 - beta2) * gradient[i] ** 2", "(1.0 - beta2) * (gradient[i] - m[i]) ** 2"),
    ("adam", "1.0 - parameters[1] ** (k + 1)", "1.0"),
    ("adam", "1.0 - parameters[2] ** (k + 1)", "1.0"),
    ("adam", "1.0 - parameters[2] ** (k + 1)", "1.0 - parameters[2] ** (k + 2)"),
    ("adam", "math.sqrt(v[i] / second) + parameters[3]", "math.sqrt(v[i] / second + parameters[3])"),
    ("adam", "math.sqrt(v[i] / second) + parameters[3]", "(math.sqrt(v[i]) + parameters[3]) / second**0.5"),
    ("amsgrad", "max(largest[i], v[i])", "v[i]"),
    ("amsgrad", "max(largest[i], v[i])", "max(largest[i], v[i] / (1.0 - parameters[2] ** (k + 1)))"),
    ("amsgrad", "corrected_step(k, x, m, largest,", "corrected_step(k, x, m, v,"),
    ("adamw", "x[i] -= parameters[0] * parameters[4] * x[i]", "x[i] += parameters[0] * parameters[4] * x[i]"),
    ("adamw", "x[i] -= parameters[0] * parameters[4] * x[i]", "x[i] -= parameters[4] * x[i]"),
    ("adamw", "x[i] -= parameters[0] * parameters[4] * x[i]", "gradient[i] += parameters[4] * x[i]"),
]


@pytest.mark.parametrize(("rule", "right", "wrong"), MUTANTS)
def test_a_wrong_rule_is_caught(rule: str, right: str, wrong: str) -> None:
    """By ten times the tolerance at least, so that the verdict does not rest on rounding."""
    errors = [relative_error(plain_run(rule, plain(rule, right, wrong), r), r) for r in load(rule)]
    assert any(not (error <= 10 * TOLERANCE) for error in errors)


@pytest.mark.parametrize("rule", RULES)
def test_a_hyper_parameter_that_is_off_is_caught(rule: str) -> None:
    """Each of them, by one percent (or to 0.01 from 0), in the compiled kernel."""
    references = load(rule)
    for name in references[0].hyperparameters:
        errors = []
        for reference in references:
            value = reference.hyperparameters[name]
            changed = {**reference.hyperparameters, name: 0.99 * value if value else 0.01}
            errors.append(
                relative_error(compiled_run(getattr(adaptive, rule)(**changed), reference), reference)
            )
        assert any(not (error <= 10 * TOLERANCE) for error in errors), name


# --- what PyTorch does not have --------------------------------------------------------------------------------


def noisy_run(method: Any, problem: Problem, steps: int = 60) -> Matrix:
    samples = np.random.default_rng(5).standard_normal((1, steps, problem.dimension))
    return states(method, problem, np.asarray(problem.start)[None], samples, disturb=sample_as_gradient)[0]


MOMENTS = {"beta1": 0.5, "beta2": 0.9}


@pytest.mark.parametrize(
    ("projected", "free", "memory"),
    [
        (adaptive.projected_adam, adaptive.adam, MOMENTS),
        (adaptive.projected_amsgrad, adaptive.amsgrad, MOMENTS),
        (adaptive.projected_rmsprop, adaptive.rmsprop, {"decay": 0.9}),
    ],
)
def test_projected_methods_step_and_then_project(projected: Any, free: Any, memory: dict[str, float]) -> None:
    """Each step from the state before it: the free rule, clipped to the interval; and the clip matters."""
    problem = linear_loss(terms=2, radius=0.3)
    method = projected(step_size=0.2, **memory)
    run = noisy_run(method, problem)
    assert np.abs(run[:, 0]).max() == 0.3
    wide = noisy_run(free(step_size=0.2, **memory), problem)
    # The moments do not depend on x here, so both rules make the same updates.
    updates = np.diff(wide[:, 0], axis=0)
    assert run[1:, 0] == pytest.approx(np.clip(run[:-1, 0] + updates, -0.3, 0.3), rel=1e-12, abs=1e-15)
    assert not np.allclose(run[1:, 0], run[:-1, 0] + updates)


@pytest.mark.parametrize("beta1", [0.0, 0.7])
def test_unnormalized_adam_is_the_rule_of_its_docstring(beta1: float) -> None:
    problem = quadratic(spectrum=(1.0, 3.0))
    gradients = np.random.default_rng(5).standard_normal((60, 2))
    method = adaptive.unnormalized_adam(step_size=0.1, beta1=beta1, beta2=0.9, epsilon=0.01)
    run = states(method, problem, np.ones((1, 2)), gradients[None], disturb=sample_as_gradient)[0, :, 0]
    x, m, v = np.ones(2), np.zeros(2), np.zeros(2)
    for k in range(60):
        m, v = beta1 * m + gradients[k], 0.9 * v + gradients[k] ** 2
        correction = np.sqrt((1 - 0.9 ** (k + 1)) / (1 - 0.9))
        x = x - 0.1 * (1 - beta1) * correction * m / np.sqrt(0.01 + v)
        assert run[k + 1] == pytest.approx(x, rel=1e-12)


def test_unnormalized_adam_without_momentum_and_epsilon_is_adam() -> None:
    """Sums in place of averages cancel; the control keeps an epsilon."""
    problem = quadratic(spectrum=(1.0, 3.0))
    adam = noisy_run(adaptive.adam(step_size=0.1, beta1=0.0, beta2=0.9, epsilon=0.0), problem)[:, 0]
    same = noisy_run(adaptive.unnormalized_adam(step_size=0.1, beta2=0.9, epsilon=0.0), problem)[:, 0]
    other = noisy_run(adaptive.unnormalized_adam(step_size=0.1, beta2=0.9, epsilon=1e-3), problem)[:, 0]
    assert same == pytest.approx(adam, rel=1e-12)
    assert not np.allclose(other, adam, rtol=1e-6)


def test_given_runs_refuse_what_cannot_be_given() -> None:
    problem, samples = quadratic(spectrum=(1.0, 3.0)), np.zeros((1, 3, 2))
    with pytest.raises(InputError, match="randomness of its own"):
        states(perturbed_gradient_descent(step_size=0.1, radius=1.0), problem, np.ones((1, 2)), samples)
    with pytest.raises(InputError, match="starts must have the shape"):
        states(adaptive.adam(step_size=0.1), problem, np.ones((2, 2)), samples)
