"""Krylov methods: conjugate gradients against SciPy and the best point of the space, Chebyshev by polynomials."""

import numpy as np
import pytest
from scipy.sparse.linalg import cg

from problems.least_squares import least_squares
from problems.quadratic import quadratic
from problems.spectra import chebyshev_quadratic, clustered_quadratic
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix
from simlab.optimizers import conjugate
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.problem import Problem
from tests.optimizers.test_first_order import distance
from tests.references import krylov
from tests.references.test_twins import mutated

TOLERANCE = 1e-10
PROBLEM = quadratic(
    spectrum=(0.1, 0.4, 0.7, 1.0, 2.0, 3.0), rotation=1, start=(1.0, -2.0, 0.5, 3.0, 0.0, 1.0)
)
HESSIAN, START = PROBLEM.hessian(PROBLEM.start), np.asarray(PROBLEM.start)
STEPS = 5


def compiled(method: Method, problem: Problem = PROBLEM, steps: int = STEPS) -> Matrix:
    samples = np.zeros((1, steps, problem.dimension))
    return np.asarray(states(method, problem, np.array([problem.start]), samples)[0, :, 0])


@pytest.mark.parametrize("again", [0, 1])
def test_conjugate_gradients_are_those_of_scipy(again: int) -> None:
    seen = [START]
    cg(
        HESSIAN, -HESSIAN @ START, x0=np.zeros(6), rtol=0, atol=0, maxiter=STEPS,
        callback=lambda step: seen.append(START + step),
    )  # fmt: skip
    assert distance(compiled(conjugate.conjugate_gradient(reorthogonalize=again)), seen) <= TOLERANCE


@pytest.mark.parametrize("again", [0, 1])
def test_conjugate_gradients_find_the_best_point_of_the_krylov_space(again: int) -> None:
    wanted = krylov.best_in_krylov_space(HESSIAN, START, STEPS)
    assert distance(compiled(conjugate.conjugate_gradient(reorthogonalize=again)), wanted) <= TOLERANCE


def test_conjugate_gradients_solve_least_squares_with_a_residual() -> None:
    problem = least_squares(terms=6, dimension=2, residual=1.0, ridge=0.2)
    assert compiled(conjugate.conjugate_gradient(), problem, 2)[-1] == pytest.approx(
        problem.minimizer, abs=1e-12
    )


def test_conjugate_gradients_stay_at_a_minimizer() -> None:
    problem = quadratic(spectrum=(1.0, 2.0), start=(0.0, 0.0))
    assert not compiled(conjugate.conjugate_gradient(), problem, 3).any()


def test_residuals_stay_orthogonal_only_when_they_are_made_so() -> None:
    problem = clustered_quadratic(clusters=20, copies=1, outliers=5, largest=2.0)

    def overlap(again: int) -> float:
        path = compiled(conjugate.conjugate_gradient(reorthogonalize=again), problem, 13)
        slopes = np.array([problem.gradient(x) for x in path])
        slopes /= np.linalg.norm(slopes, axis=1)[:, None]
        return float(np.abs(slopes @ slopes.T - np.eye(len(slopes))).max())

    assert overlap(1) < 1e-6 < 1e-2 < overlap(0)


def test_chebyshev_follows_its_polynomials() -> None:
    wanted = krylov.chebyshev_polynomials(HESSIAN, START, 30, 0.1, 3.0)
    found = compiled(conjugate.chebyshev_iteration(smallest=0.1, largest=3.0), PROBLEM, 30)
    assert distance(found, wanted) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("best_in_krylov_space", "basis.T @ hessian @ start", "basis.T @ start"),
        ("best_in_krylov_space", "v = hessian @ basis[:, -1]", "v = hessian @ start"),
        ("chebyshev_polynomials", "s - 2 * eigenvalues", "s - eigenvalues"),
        ("chebyshev_polynomials", "factors / chebyshev.chebval(s, series)", "factors"),
        ("chebyshev_polynomials", "[0.0] * k + [1.0]", "[0.0] * (k // 2) + [1.0]"),
    ],
)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    rule = mutated(name, right, wrong, krylov)
    if name == "best_in_krylov_space":
        found, wanted = compiled(conjugate.conjugate_gradient()), rule(HESSIAN, START, STEPS)
    else:
        found = compiled(conjugate.chebyshev_iteration(smallest=0.1, largest=3.0))
        wanted = rule(HESSIAN, START, STEPS, 0.1, 3.0)
    assert not distance(found, wanted) <= 10 * TOLERANCE


def test_chebyshev_with_wrong_ends_is_caught() -> None:
    wanted = krylov.chebyshev_polynomials(HESSIAN, START, STEPS, 0.1, 3.0)
    assert not distance(compiled(conjugate.chebyshev_iteration(smallest=0.2, largest=3.0)), wanted) <= 1e-9


# --- the spectra that these methods are judged on --------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_worst_start_balances_the_energies(steps: int) -> None:
    """The polynomial that is +-1/T_n at the n + 1 eigenvalues is the best one if, with these signs, the weighted
    moments of degree 1 to n vanish.
    """
    problem = chebyshev_quadratic(steps=steps, condition_number=7.0)
    eigenvalues = np.diag(problem.hessian(problem.start))
    energies = eigenvalues * np.asarray(problem.start) ** 2
    signs = (-1.0) ** np.arange(steps + 1)
    for degree in range(1, steps + 1):
        assert np.sum(energies * signs * eigenvalues**degree) == pytest.approx(
            0, abs=1e-9 * np.sum(energies * eigenvalues**degree)
        )


def test_clusters_are_counted() -> None:
    problem = clustered_quadratic(clusters=3, copies=4, outliers=2)
    spectrum = np.linalg.eigvalsh(problem.hessian(problem.start))
    assert len(set(np.round(spectrum, 6))) == 5


def test_spectra_refuse_what_they_cannot_make() -> None:
    with pytest.raises(InputError, match="above 1"):
        chebyshev_quadratic(condition_number=1.0)
    with pytest.raises(InputError, match="at least 1"):
        clustered_quadratic(copies=0)
