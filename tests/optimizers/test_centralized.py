"""Methods with a centre: the compiled rules against plain NumPy, and wrong rules that must be told apart."""

import functools
import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from problems.networks import heterogeneous_quadratics, tilted_quadratics
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import centralized
from simlab.optimizers.first_order import sgd
from simlab.running.given import states
from simlab.vocabulary.problem import Problem
from tests.references import twins

TOLERANCE = 1e-12
STEPS = 60
RANDOM = np.random.default_rng(1)
WORKERS, SIZE = 4, 3
STARTS = RANDOM.standard_normal((WORKERS, SIZE))
NOISE = 0.1 * RANDOM.standard_normal((STEPS, WORKERS, SIZE))
NETWORK = heterogeneous_quadratics(
    workers=WORKERS, dimension=SIZE, smoothness=2.0, strong_convexity=0.1, start=STARTS
)
MACHINE = quadratic(spectrum=(0.1, 0.7, 2.0), rotation=1, start=(1.0, -1.0, 0.5))


def gradients(k: int, x: Matrix) -> Matrix:
    """Every worker's stochastic gradient at its own row of x."""
    return NETWORK.gradient(x.ravel()).reshape(x.shape) + NOISE[k]


def gradient(k: int, x: Vector) -> Vector:
    return MACHINE.gradient(x) + NOISE[k, 0]


def values(k: int, x: Matrix) -> Vector:
    """The common objective at every row of x."""
    return np.array([NETWORK.value(np.tile(row, WORKERS)) for row in x])


def in_turn(steps: int, step_size: float) -> list[Matrix]:
    """Round-robin Downpour SGD: the workers' copies and the server below them."""
    server = STARTS.mean(axis=0)
    copies = np.tile(server, (WORKERS, 1))
    found = [np.vstack([copies, server])]
    for k in range(steps):
        i = k % WORKERS
        server = server - step_size * gradients(k, copies)[i]
        copies = copies.copy()
        copies[i] = server
        found.append(np.vstack([copies, server]))
    return found


# The hyper-parameters of each rule, the states that NumPy gives after every step, and how to read them off the
# kernel's x and memory. States that a rule defines only now and then are compared only then.
Reader = Callable[[Vector, Matrix], Matrix]


def iterates(x: Vector, memory: Matrix) -> Matrix:
    return x.reshape(-1, SIZE).copy()


def with_row(row: int) -> Reader:
    def read(x: Vector, memory: Matrix) -> Matrix:
        return np.vstack([x.reshape(-1, SIZE), memory[row, :SIZE]])

    return read


@functools.cache
def expected(rule: str) -> tuple[dict[str, float], list[Any], Reader, int]:
    """Hyper-parameters, reference states at every ``stride`` steps, their reader and the stride."""
    centre = STARTS.mean(axis=0)
    if rule == "parallel_sgd":
        run = twins.parallel_sgd(gradients, centre, WORKERS, STEPS, 0.3)
        return {"step_size": 0.3}, [np.tile(x, (WORKERS, 1)) for x in run], iterates, 1
    if rule == "delayed_sgd":
        run = twins.delayed_sgd(gradient, np.asarray(MACHINE.start), STEPS, 0.05, 5)
        return {"step_size": 0.05, "delay": 5}, [x[None] for x in run], iterates, 1
    if rule == "downpour":
        return {"step_size": 0.1}, in_turn(STEPS, 0.1), with_row(1), 1
    if rule == "fedavg":
        run = twins.fedavg(gradients, centre, WORKERS, STEPS // 5, 5, 0.3)
        return {"step_size": 0.3, "local_steps": 5}, [np.tile(x, (WORKERS, 1)) for x in run], iterates, 5
    if rule == "easgd":
        pairs = twins.easgd(gradients, STARTS, centre, STEPS, 0.3, 0.15)
        return {"step_size": 0.3, "elasticity": 0.15}, [np.vstack(pair) for pair in pairs], with_row(1), 1
    run = twins.lsgd(gradients, values, STARTS, STEPS, 0.2, 0.5)
    return {"step_size": 0.2, "pull": 0.5}, run, iterates, 1


RULES = ("parallel_sgd", "delayed_sgd", "downpour", "fedavg", "easgd", "lsgd")
COMMON_START = (
    "parallel_sgd",
    "downpour",
    "fedavg",
)  # what step 0 does to unequal starts is compared from k = 1 on


def setting(rule: str) -> tuple[Problem, Vector, Matrix]:
    """The problem, the start and the given noise of a rule."""
    if rule == "delayed_sgd":
        return MACHINE, np.asarray(MACHINE.start), NOISE[:, 0]
    start = np.tile(STARTS.mean(axis=0), (WORKERS, 1)) if rule == "fedavg" else STARTS
    return NETWORK, start.ravel(), NOISE.reshape(STEPS, -1)


def error(rule: str, run: Iterator[Matrix]) -> float:
    """The largest relative distance of the states from the reference, from k = 1 on; nan when a state is nan."""
    _, references, _, stride = expected(rule)
    found = [state for k, state in enumerate(run) if k % stride == 0]
    assert len(found) == len(references)
    pairs = list(zip(found, references, strict=True))[1:]
    return float(np.max([np.abs(a - b).max() / np.abs(b).max() for a, b in pairs]))


@pytest.mark.parametrize("rule", RULES)
def test_kernel_reproduces_numpy(rule: str) -> None:
    hyperparameters, _, read, _ = expected(rule)
    problem, start, noise = setting(rule)
    method = getattr(centralized, rule)(**hyperparameters)
    run = states(method, problem, start[None], noise[None])[0]
    assert error(rule, (read(state[0], state[1:]) for state in run)) <= TOLERANCE


# --- the same code in plain Python, whole or with one piece replaced --------------------------------------------


def plain(rule: str, right: str = "", wrong: str = "") -> Callable[..., None]:
    """The rule's kernel as a Python function."""
    source = inspect.getsource(centralized)
    if right:
        begin = source.index(f"def {rule}(")
        end = source.find("\n@method", begin)
        body = source[begin:end]
        assert body.count(right) == 1, f"{right!r} must occur once in the code of {rule}"
        source = source[:begin] + body.replace(right, wrong) + source[end:]
    for line, replacement in (
        ("from simlab.kernels.compilation import kernel", "kernel = lambda f: f"),
        ("import Oracle, stochastic_gradient", "import Oracle"),
        ("from simlab.kernels.quantities import spread_mean", ""),
        ("from simlab.vocabulary.method import method", "method = lambda **_: lambda f: f"),
    ):
        assert source.count(line) == 1
        source = source.replace(line, replacement)

    def stochastic_gradient(oracle: Any, k: int, x: Vector, out: Vector) -> None:
        out[:] = oracle.gradient(k, x)

    def spread_mean(objective: Any, x: Vector, out: Vector) -> None:
        out[:] = np.tile(x.reshape(WORKERS, SIZE).mean(axis=0), WORKERS)

    names: dict[str, Any] = {"stochastic_gradient": stochastic_gradient, "spread_mean": spread_mean}
    exec(source, names)
    function: Callable[..., None] = names[rule]
    return function


def plain_run(rule: str, step: Callable[..., None]) -> Iterator[Matrix]:
    hyperparameters, _, read, _ = expected(rule)
    problem, start, noise = setting(rule)
    family = getattr(centralized, rule)
    parameters = np.array([hyperparameters[name] for name in family.parameters])
    rows = family(**hyperparameters).memory_rows({})
    oracle = SimpleNamespace(
        gradient=lambda k, x: problem.gradient(x) + noise[k],
        objective=SimpleNamespace(value=lambda _, x: problem.value(x), data=problem.data),
    )
    x, memory = start.copy(), np.zeros((rows, len(start)))
    yield read(x, memory)
    for k in range(STEPS):
        step(k, x, memory, parameters, oracle)
        yield read(x, memory)


@pytest.mark.parametrize("rule", RULES)
def test_the_plain_code_is_what_the_kernel_runs(rule: str) -> None:
    assert error(rule, plain_run(rule, plain(rule))) <= TOLERANCE


MUTANTS = [
    ("parallel_sgd", "parameters[0] * mean[i]", "parameters[0] * gradient[i]"),
    ("parallel_sgd", "x[i] -= ", "x[i] += "),
    ("parallel_sgd", "copy_into(x, mean)", "copy_into(mean, x)"),
    ("delayed_sgd", "past[int(parameters[1])]", "past[int(parameters[1]) - 1]"),
    ("delayed_sgd", "past[int(parameters[1])]", "x"),
    ("delayed_sgd", "copy_into(past[age], x)", "copy_into(past[0], x)"),
    ("delayed_sgd", "range(int(parameters[1]), 0, -1)", "range(1, int(parameters[1]) + 1)"),
    ("downpour", "k % workers", "(k + 1) % workers"),
    ("downpour", "server[j] - ", "x[first + j] - "),
    ("downpour", "gradient[first + j]", "gradient[j]"),
    ("fedavg", "(k + 1) % int(parameters[1])", "k % int(parameters[1])"),
    ("fedavg", "copy_into(x, mean)", "copy_into(mean, x)"),
    ("fedavg", "x[i] -= ", "x[i] += "),
    ("easgd", "+ parameters[1] * (x[i] - old)", "- parameters[1] * (x[i] - old)"),
    ("easgd", "old + parameters[1] * pull", "old + parameters[1] * pull / workers"),
    # the centre moved by the new iterates instead of the old ones (Gauss-Seidel)
    ("easgd", "pull += x[i] - old\n            x[i] -= parameters[0] * gradient[i] + parameters[1] * (x[i] - old)",
     "x[i] -= parameters[0] * gradient[i] + parameters[1] * (x[i] - old)\n            pull += x[i] - old"),
    ("lsgd", "value < least", "value > least"),
    ("lsgd", "+ parameters[1] * (x[j] - leader[j])", "- parameters[1] * (x[j] - leader[j])"),
    ("lsgd", "parameters[0] * (gradient[j] + parameters[1] * (x[j] - leader[j]))",
     "parameters[0] * gradient[j] + parameters[1] * (x[j] - leader[j])"),
    ("lsgd", "if i == 0 or value < least", "if i == 0"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "right", "wrong"), MUTANTS)
def test_wrong_rule_is_caught(rule: str, right: str, wrong: str) -> None:
    """By ten times the tolerance at least, so that the verdict does not rest on rounding."""
    assert not (error(rule, plain_run(rule, plain(rule, right, wrong))) <= 10 * TOLERANCE)


# --- relations between the rules ---------------------------------------------------------------------------------


def test_downpour_on_equal_workers_is_delayed_sgd() -> None:
    workers = 5
    noise = 0.1 * np.random.default_rng(2).standard_normal((STEPS, workers))
    equal = tilted_quadratics(workers=workers, dimension=1, curvature=2.0, heterogeneity=0.0)
    server = states(centralized.downpour(step_size=0.1), equal, np.ones((1, workers)), noise[None])[
        0, 1:, 2, 0
    ]
    own = noise[np.arange(STEPS), np.arange(STEPS) % workers]
    run = twins.delayed_sgd(lambda k, x: 2.0 * x + own[k], np.ones(1), STEPS, 0.1, workers - 1)
    assert np.abs(server - np.concatenate(run[1:])).max() <= TOLERANCE


@pytest.mark.parametrize("rule", ["delayed_sgd", "fedavg"])
def test_no_delay_and_one_local_step_are_plain_rules(rule: str) -> None:
    if rule == "delayed_sgd":
        one, other, problem = centralized.delayed_sgd(step_size=0.3, delay=0), sgd(step_size=0.3), MACHINE
        start, noise = np.asarray(MACHINE.start), NOISE[:, 0]
    else:
        one, other = centralized.fedavg(step_size=0.3, local_steps=1), centralized.parallel_sgd(step_size=0.3)
        problem, start, noise = setting("fedavg")
    runs = [states(method, problem, start[None], noise[None])[0, :, 0] for method in (one, other)]
    assert np.abs(runs[0] - runs[1]).max() <= TOLERANCE * np.abs(runs[0]).max()


def test_the_leader_is_the_first_of_equals() -> None:
    problem = tilted_quadratics(workers=3, dimension=1, heterogeneity=0.0)
    method, start = centralized.lsgd(step_size=0.0, pull=1.0), np.array([[2.0, 1.0, -1.0]])
    run = states(method, problem, start, np.zeros((1, 1, 3)))
    assert run[0, 1, 3].tolist() == [1.0, 1.0, 1.0]
