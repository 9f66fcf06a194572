"""First-order methods: the compiled rules against PyTorch's trajectories and NumPy, and wrong rules told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.oracle import add_sample
from simlab.optimizers import first_order
from simlab.running.given import sample_as_gradient, states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.references import Reference, load, relative_error, twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-12
STEPS = 60
NOISE = 0.1 * np.random.default_rng(5).standard_normal((STEPS, 3))
PROBLEMS = {
    "quadratic": quadratic(spectrum=(0.05, 0.5, 1.0), rotation=1, start=(1.0, -2.0, 0.5)),
    "rippled bowl": rippled_bowl(dimension=3),
}


def distance(left: Any, right: Any) -> float:
    """The largest difference of the iterates, relative to the largest iterate."""
    one, two = np.asarray(left), np.asarray(right)
    assert one.shape == two.shape
    return float(np.abs(one - two).max() / np.abs(two).max())


# --- against PyTorch -------------------------------------------------------------------------------------------


def label(reference: Reference) -> str:
    return f"{reference.optimizer}, {reference.name}"


def run_on(method: Method, reference: Reference, row: int = 0) -> Matrix:
    """x_0, ..., x_60 of the compiled kernel (or a row of its memory), with the reference's gradients."""
    problem = Problem(
        scalars=[], table=reference.hessian.copy(), start=reference.start, minimizer=np.zeros(5), minimum=0.0,
        assumptions=(), family=quadratic,
    )  # fmt: skip
    given = reference.mode == "given"
    samples = reference.gradients[None] if given else np.zeros((1, reference.steps, 5))
    disturb = sample_as_gradient if given else add_sample
    return np.asarray(states(method, problem, reference.start[None], samples, disturb)[0, :, row])


def undecayed(optimizer: str, *modes: str) -> list[Reference]:
    return [r for r in load(optimizer) if r.hyperparameters["weight_decay"] == 0 and r.mode in modes]


@pytest.mark.parametrize("reference", undecayed("sgd", "quadratic"), ids=label)
def test_gradient_descent_is_pytorch_sgd(reference: Reference) -> None:
    method = first_order.gradient_descent(step_size=reference.hyperparameters["step_size"])
    assert relative_error(run_on(method, reference), reference) <= TOLERANCE


@pytest.mark.parametrize("reference", undecayed("sgd", "given", "quadratic"), ids=label)
def test_sgd_is_pytorch_sgd(reference: Reference) -> None:
    method = first_order.sgd(step_size=reference.hyperparameters["step_size"])
    assert relative_error(run_on(method, reference), reference) <= TOLERANCE


@pytest.mark.parametrize("reference", undecayed("sgd_momentum", "quadratic"), ids=label)
def test_heavy_ball_is_pytorch_momentum_at_a_constant_step_size(reference: Reference) -> None:
    step_size, momentum = (reference.hyperparameters[name] for name in ("step_size", "momentum"))
    method = first_order.heavy_ball(step_size=step_size, momentum=momentum)
    assert relative_error(run_on(method, reference), reference) <= TOLERANCE


@pytest.mark.parametrize("reference", undecayed("sgd_nesterov", "quadratic"), ids=label)
def test_extrapolated_points_are_pytorch_nesterov(reference: Reference) -> None:
    """PyTorch's parameters are the y of the scheme for strongly convex functions; y_0 is set in step 0."""
    step_size, b = (reference.hyperparameters[name] for name in ("step_size", "momentum"))
    strong_convexity = ((1 - b) / (1 + b)) ** 2 / step_size
    method = first_order.nesterov_strongly_convex(step_size=step_size, strong_convexity=strong_convexity)
    ys = run_on(method, reference, row=1 + method.family.outputs["y"])
    ys[0] = reference.start
    assert relative_error(ys, reference) <= TOLERANCE
    assert not relative_error(run_on(method, reference), reference) <= TOLERANCE


MOMENTUM = [*load("sgd"), *load("sgd_momentum"), *load("sgd_nesterov")]


def sgd_momentum(reference: Reference, **changes: float) -> Method:
    nesterov = 1.0 if reference.optimizer == "sgd_nesterov" else 0.0
    values = {"momentum": 0.0, **reference.hyperparameters, "nesterov": nesterov, **changes}
    return first_order.sgd_momentum(**values)


@pytest.mark.parametrize("reference", MOMENTUM, ids=label)
def test_sgd_momentum_is_pytorchs(reference: Reference) -> None:
    assert relative_error(run_on(sgd_momentum(reference), reference), reference) <= TOLERANCE


@pytest.mark.parametrize(
    "changes",
    [{"momentum": 0.899}, {"dampening": 0.01}, {"weight_decay": 0.001}, {"step_size": 0.0501}],
    ids=str,
)
def test_a_hyper_parameter_that_is_off_is_caught(changes: dict[str, float]) -> None:
    reference = load("sgd_momentum")[0]
    assert (
        not relative_error(run_on(sgd_momentum(reference, **changes), reference), reference) <= 10 * TOLERANCE
    )


def test_the_two_kinds_of_momentum_are_told_apart() -> None:
    reference = load("sgd_momentum")[0]
    assert (
        not relative_error(run_on(sgd_momentum(reference, nesterov=1.0), reference), reference)
        <= 10 * TOLERANCE
    )


def test_dampening_spares_the_first_step() -> None:
    """PyTorch: the first buffer is the gradient itself, and later ones add (1 - dampening) times it."""
    reference = load("sgd_momentum")[0]
    x, buffer, wanted = reference.start, reference.gradients[0], [reference.start]
    for k in range(reference.steps):
        buffer = buffer if k == 0 else 0.9 * buffer + 0.7 * reference.gradients[k]
        x = x - 0.05 * buffer
        wanted.append(x)
    compiled = run_on(first_order.sgd_momentum(step_size=0.05, momentum=0.9, dampening=0.3), reference)
    assert distance(compiled, wanted) <= TOLERANCE


# --- against NumPy, on a quadratic and on a function that is not convex -----------------------------------------

STEP, MOMENTUM_OF_TESTS, STRONG_CONVEXITY = 0.4, 0.7, 0.05
Twin = Callable[..., Any]


def compiled(method: Method, problem: Problem, row: int = 0, noise: Matrix | None = None) -> Matrix:
    samples = np.zeros((1, STEPS, 3)) if noise is None else noise[None]
    return np.asarray(states(method, problem, np.asarray(problem.start)[None], samples)[0, :, row])


def both(name: str, problem: Problem, twin: Twin) -> list[tuple[Matrix, Any]]:
    """The compiled run of a rule with that of a twin; for the accelerated ones, of their x and of their y."""
    start = np.asarray(problem.start)

    def gradient(k: int, x: Vector) -> Vector:
        return problem.gradient(x)

    def noisy(k: int, x: Vector) -> Vector:
        return problem.gradient(x) + NOISE[k]

    if name == "gd":
        return [
            (
                compiled(first_order.gradient_descent(step_size=STEP), problem),
                twin(gradient, start, STEPS, STEP),
            )
        ]
    if name == "sgd":
        method = first_order.sgd(step_size=lambda k: STEP / (k + 1))
        decreasing = [STEP / (k + 1) for k in range(STEPS)]
        return [(compiled(method, problem, noise=NOISE), twin(noisy, start, STEPS, decreasing))]
    if name == "heavy_ball":
        method = first_order.heavy_ball(step_size=STEP, momentum=MOMENTUM_OF_TESTS)
        return [(compiled(method, problem), twin(gradient, start, STEPS, STEP, MOMENTUM_OF_TESTS))]
    if name == "nesterov":
        method = first_order.nesterov(step_size=STEP)
        xs, ys = twin(gradient, start, STEPS, 1 / STEP)
    else:
        method = first_order.nesterov_strongly_convex(step_size=STEP, strong_convexity=STRONG_CONVEXITY)
        xs, ys = twin(gradient, start, STEPS, 1 / STEP, STRONG_CONVEXITY)
    row = 1 + method.family.outputs["y"]
    return [(compiled(method, problem), xs), (compiled(method, problem, row)[1:], ys[1:])]


RULES = ("gd", "sgd", "heavy_ball", "nesterov", "nesterov_strongly_convex")


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
@pytest.mark.parametrize("name", RULES)
def test_the_kernel_follows_its_twin(name: str, problem: Problem) -> None:
    for found, wanted in both(name, problem, getattr(twins, name)):
        assert distance(found, wanted) <= TOLERANCE


MUTANTS = [
    ("gd", "x - step_size", "x + step_size"),
    ("sgd", "x - eta", "x - eta**2"),
    ("sgd", "gradient(k, x)", "gradient(k - 1, x)"),
    ("heavy_ball", "+ momentum * (x - previous)", "- momentum * (x - previous)"),
    ("heavy_ball", "step_size * gradient(k, x)", "(1 - momentum) * step_size * gradient(k, x)"),
    ("heavy_ball", "step_size * gradient(k, x)", "step_size * gradient(k, x + momentum * (x - previous))"),
    ("nesterov", "k / (k + 3)", "(k - 1) / (k + 2)"),
    ("nesterov", "k / (k + 3)", "(k + 1) / (k + 4)"),
    ("nesterov", "xs.append(ys[k] - gradient(k, ys[k])", "xs.append(ys[k] - gradient(k, xs[k])"),
    ("nesterov_strongly_convex", "(1 - root) / (1 + root)", "1 - root"),
    ("nesterov_strongly_convex", "np.sqrt(strong_convexity / smoothness)", "strong_convexity / smoothness"),
    ("nesterov_strongly_convex", "b * (xs[k + 1] - xs[k])", "b * (xs[k + 1] - ys[k])"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), MUTANTS)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    """By ten times the tolerance at least, so that the verdict does not rest on rounding."""
    runs = both(name, PROBLEMS["quadratic"], mutated(name, right, wrong))
    assert any(not distance(found, wanted) <= 10 * TOLERANCE for found, wanted in runs)
