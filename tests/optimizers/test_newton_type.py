"""Variants of Newton's method: the compiled rules against NumPy and SciPy, and wrong rules told apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from problems.barriers import logarithmic_barrier, slabs_barrier
from problems.linear_layer import linear_layer
from problems.logistic import logistic_regression
from problems.nonconvex_sums import rippled_bowl
from problems.quadratic import quadratic
from problems.residuals import curved_residuals, hidden_layer
from problems.saddles import factorization
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.optimizers import kronecker, newton_type
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import newton_type as references
from tests.references.test_twins import mutated

TOLERANCE = 1e-9
STEPS = 4
LOGISTIC = logistic_regression(terms=30, dimension=5, ridge=0.1)


def compiled(method: Method, problem: Problem, steps: int = STEPS, **constants: Any) -> Matrix:
    samples = np.zeros((1, steps, problem.dimension))
    run = states(method, problem, np.array([problem.start]), samples, constants=constants)
    return np.asarray(run[0, :, 0])


def of(problem: Problem) -> tuple[Any, Any, Vector]:
    """Gradient, Hessian and start as the twins ask for them."""
    return (lambda k, x: problem.gradient(x)), (lambda k, x: problem.hessian(x)), np.asarray(problem.start)


CASES: dict[str, tuple[Method, Problem, tuple[float, ...]]] = {
    "damped_newton": (newton_type.damped_newton(), slabs_barrier(decrement=1.0), ()),
    "cubic_newton": (
        newton_type.cubic_newton(hessian_lipschitz=2.0),
        factorization(start=(0.5, 0.1)),
        (2.0,),
    ),
    "inexact_newton": (newton_type.inexact_newton(forcing=0.3, power=0.5), LOGISTIC, (0.3, 0.5)),
    "newton_cg": (newton_type.newton_cg(forcing=0.3, power=0.5), LOGISTIC, (0.3, 0.5)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_kernel_follows_its_twin(name: str) -> None:
    method, problem, parameters = CASES[name]
    wanted = getattr(references, name)(*of(problem), STEPS, *parameters)
    assert distance(compiled(method, problem), wanted) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("damped_newton", "1 + np.sqrt(gradient(k, x) @ direction)", "1 + gradient(k, x) @ direction"),
        ("damped_newton", "np.linalg.solve(hessian(k, x), gradient(k, x))", "gradient(k, x)"),
        ("cubic_newton", "identity, -g)", "identity, g)"),
        ("inexact_newton", "-g + e * g", "-g - e * g"),
        ("inexact_newton", "** power)", "** 2)"),
        ("newton_cg", "rtol=e", "rtol=0.01 * e"),
        ("newton_cg", "hessian(k, x), -g", "hessian(k, start), -g"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    method, problem, parameters = CASES[name]
    twin = mutated(name, right, wrong, references)
    assert not distance(compiled(method, problem), twin(*of(problem), STEPS, *parameters)) <= 10 * TOLERANCE


@pytest.mark.parametrize("forcing", [0.9, 0.1, 1e-10])
def test_hessian_free_steps_keep_their_word(forcing: float) -> None:
    x, after = compiled(newton_type.newton_cg(forcing=forcing), LOGISTIC, 1)
    residual = LOGISTIC.hessian(x) @ (after - x) + LOGISTIC.gradient(x)
    assert np.linalg.norm(residual) <= forcing * np.linalg.norm(LOGISTIC.gradient(x)) * (1 + 1e-6)


def test_hessian_free_steps_turn_to_the_gradient_where_the_curvature_is_negative() -> None:
    problem = rippled_bowl(dimension=1, start=0.01)
    x, after = compiled(newton_type.newton_cg(forcing=0.1), problem, 1)
    assert after == pytest.approx(x - problem.gradient(x))


def test_cubic_steps_are_global_minimizers_also_at_a_saddle() -> None:
    """From the origin of x y = 1 the gradient is 0 along the saddle's axis: the hard case is filled up."""
    problem = factorization(start=(1e-3, 1e-3))
    x, after = compiled(newton_type.cubic_newton(hessian_lipschitz=6.0), problem, 1)
    step, h = after - x, problem.hessian(x)
    r = np.linalg.norm(step)
    assert h @ step + 3.0 * r * step == pytest.approx(-problem.gradient(x), abs=1e-9)
    assert np.linalg.eigvalsh(h + 3.0 * r * np.eye(2))[0] >= -1e-9


def test_the_hard_case_is_filled_up() -> None:
    """g = (1, 0) and curvatures (-2, 1): the step has length 2 / M * 2 and a part along the first direction."""
    out = np.zeros(2)
    newton_type.cubic_step(np.array([0.0, 1.0]), np.array([-2.0, 1.0]), np.eye(2), 1.0, out)
    assert np.linalg.norm(out) == pytest.approx(4.0)
    assert out[1] == pytest.approx(-1 / 3)


def test_cubic_steps_stay_at_a_minimizer() -> None:
    problem = quadratic(spectrum=(1.0, 2.0), start=(0.0, 0.0))
    assert not compiled(newton_type.cubic_newton(hessian_lipschitz=1.0), problem, 2).any()


# --- residuals ---------------------------------------------------------------------------------------------------

CURVED = curved_residuals(targets=(0.3, 0.8), start=0.7)
NETWORK = hidden_layer(terms=4, features=3, units=6)


def residuals_of(
    problem: Problem, count: int
) -> tuple[Callable[[Vector], Vector], Callable[[Vector], Matrix]]:
    """Residuals and Jacobian written anew."""
    if problem is CURVED:
        c = np.array([0.3, 0.8])
        return (
            lambda x: np.ravel(np.column_stack([x, x**2 / 2 - c])),
            lambda x: np.array([[1, 0], [x[0], 0], [0, 1], [0, x[1]]]),
        )
    rows, labels = np.hsplit(np.asarray(problem.table), [3])
    signs = np.where(np.arange(6) % 2 == 0, 1, -1) / np.sqrt(6)

    def residuals(x: Vector) -> Vector:
        return np.asarray(np.tanh(rows @ x.reshape(6, 3).T) @ signs - labels[:, 0])

    def jacobian(x: Vector) -> Matrix:
        slopes = signs / np.cosh(rows @ x.reshape(6, 3).T) ** 2
        return np.asarray((slopes[:, :, None] * rows[:, None, :]).reshape(4, 18))

    return residuals, jacobian


@pytest.mark.parametrize(("problem", "count"), [(CURVED, 4), (NETWORK, 4)], ids=["curved", "network"])
def test_problems_of_residuals_are_consistent(problem: Problem, count: int) -> None:
    x = np.asarray(problem.start)
    residuals, jacobian = residuals_of(problem, count)
    r, j = residuals(x), jacobian(x)
    assert problem.value(x) == pytest.approx(r @ r / (2 * count))
    assert problem.gradient(x) == pytest.approx(j.T @ r / count)
    for i in range(count):
        assert problem.component(i, x) == pytest.approx(r[i] * j[i])
        assert problem.component(count + i, x) == pytest.approx(j[i])


RESIDUALS = {
    "gauss_newton": (newton_type.gauss_newton(residuals=4, step_size=0.7), CURVED),
    "natural_gradient": (newton_type.natural_gradient(residuals=4, step_size=0.3), NETWORK),
}


@pytest.mark.parametrize("name", RESIDUALS)
def test_methods_of_residuals_follow_their_twins(name: str) -> None:
    method, problem = RESIDUALS[name]
    wanted = getattr(references, name)(
        *residuals_of(problem, 4), np.asarray(problem.start), STEPS, method.parameters["step_size"]
    )
    assert distance(compiled(method, problem), wanted) <= 1e-7


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("gauss_newton", "-residuals(x)", "residuals(x)"),
        ("gauss_newton", "jacobian(x), -", "jacobian(start), -"),
        ("natural_gradient", "j.T @ j / n", "j.T @ j"),
        ("natural_gradient", "step_size * fisher", "step_size * np.eye(len(start))"),
    ],
)
def test_wrong_methods_of_residuals_are_caught(name: str, right: str, wrong: str) -> None:
    method, problem = RESIDUALS[name]
    twin = mutated(name, right, wrong, references)
    args = (*residuals_of(problem, 4), np.asarray(problem.start), STEPS, method.parameters["step_size"])
    assert not distance(compiled(method, problem), twin(*args)) <= 1e-6


def test_kfac_inverts_its_factors() -> None:
    problem = linear_layer(inputs=3, outputs=2, output_weights=(1.0, 2.0))
    x, after = compiled(kronecker.kfac_linear(inputs=3, step_size=0.7), problem, 1)
    factor = problem.hessian(x)[:3, :3]
    fisher = np.kron(np.eye(2), factor)
    assert after == pytest.approx(x - 0.7 * np.linalg.solve(fisher, problem.gradient(x)), rel=1e-9)
    for wrong in (problem.hessian(x), np.kron(factor, np.eye(2)), np.eye(6)):
        assert after != pytest.approx(x - 0.7 * np.linalg.solve(wrong, problem.gradient(x)), rel=1e-6)


def test_a_layer_without_weights_for_its_outputs_is_refused() -> None:
    with pytest.raises(InputError, match="output_weights"):
        linear_layer(outputs=2, output_weights=(1.0,))


# --- barriers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decrement", [0.01, 0.5, 1.2])
def test_barriers_start_at_their_decrement(decrement: float) -> None:
    for problem in (slabs_barrier(decrement=decrement), logarithmic_barrier(decrement=decrement, weight=2.0)):
        g, h = problem.gradient(problem.start), problem.hessian(problem.start)
        assert np.sqrt(g @ np.linalg.solve(h, g)) == pytest.approx(decrement)


def test_a_decrement_that_no_point_has_is_refused() -> None:
    with pytest.raises(InputError, match="stays below"):
        slabs_barrier(decrement=50.0)
