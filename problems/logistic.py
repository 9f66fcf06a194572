"""Logistic regression, on synthetic data or on your own."""

import math

import numpy as np
from numpy.typing import ArrayLike

from problems.losses import replaced
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector, row_dot
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedGradientCoordinates,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    FiniteSum,
    LipschitzHessian,
    NondegenerateMinimizer,
    Smooth,
)
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.ranges import real, whole

# The derivatives of the logistic function s(t) = 1 / (1 + e^-t): s' is at most 1/4, |s''| at most 1/(6 sqrt 3).
STEEPEST, BENDIEST = 1 / 4, 1 / (6 * math.sqrt(3))
# Newton's method gives up after this many steps; it needs about ten.
NEWTON_STEPS = 200


@kernel
def signed_margin(data: Data, i: int, x: Vector) -> float:
    """y_i a_i . x; the rows of the table are y_i a_i."""
    return row_dot(data.table, i, x)


@kernel
def logistic(t: float) -> float:
    """1 / (1 + e^-t), without overflow."""
    small = math.exp(-abs(t))
    top = 1.0 if t >= 0.0 else small  # a choice of numbers, not of ways: the sign cannot be predicted
    return top / (1.0 + small)


@kernel
def logistic_regression_value(data: Data, x: Vector) -> float:
    """Mean of log(1 + exp(-y_i a_i . x)), plus ridge |x|^2 / 2."""
    total, square = 0.0, 0.0
    for i in range(data.table.shape[0]):
        margin = signed_margin(data, i, x)
        total += max(-margin, 0.0) + math.log1p(math.exp(-abs(margin)))
    for j in range(x.size):
        square += x[j] ** 2
    return total / data.table.shape[0] + 0.5 * data.scalars[0] * square


@kernel
def logistic_regression_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """-s(-y_i a_i . x) y_i a_i + ridge x."""
    weight = -logistic(-signed_margin(data, i, x))
    for j in range(x.size):
        out[j] = weight * data.table[i, j] + data.scalars[0] * x[j]


@kernel
def logistic_regression_gradient(data: Data, x: Vector, out: Vector) -> None:
    """Mean of -s(-y_i a_i . x) y_i a_i, plus ridge x."""
    for j in range(x.size):
        out[j] = 0.0
    for i in range(data.table.shape[0]):
        weight = -logistic(-signed_margin(data, i, x))
        for j in range(x.size):
            out[j] += weight * data.table[i, j]
    for j in range(x.size):
        out[j] = out[j] / data.table.shape[0] + data.scalars[0] * x[j]


@kernel
def logistic_regression_hessian(data: Data, x: Vector, out: Matrix) -> None:
    """Mean of s'(a_i . x) a_i a_i', plus ridge on the diagonal."""
    for j in range(x.size):
        for k in range(x.size):
            out[j, k] = 0.0
        out[j, j] = data.scalars[0]
    for i in range(data.table.shape[0]):
        margin = signed_margin(data, i, x)
        weight = logistic(margin) * logistic(-margin) / data.table.shape[0]
        for j in range(x.size):
            for k in range(x.size):
                out[j, k] += weight * data.table[i, j] * data.table[i, k]


def synthetic(terms: int, dimension: int, seed: int) -> Matrix:
    """Rows y_i a_i: normal features of mean square length 1, labels drawn from a logistic model."""
    random = np.random.default_rng(seed)
    features = random.standard_normal((terms, dimension)) / math.sqrt(dimension)
    direction = random.standard_normal(dimension)
    scores = (
        features @ direction * (2 * math.sqrt(dimension) / np.linalg.norm(direction))
    )  # standard deviation 2
    likely = 1 / (1 + np.exp(-scores))
    labels = np.where(random.random(terms) < likely, 1.0, -1.0)
    return labels[:, None] * features


def checked(features: ArrayLike, labels: ArrayLike) -> Matrix:
    """Rows y_i a_i from a user's data.

    Raises
    ------
    InputError
        When the shapes do not fit, a number is not finite, or the labels are not two classes.
    """
    try:
        a, y = np.array(features, dtype=np.float64), np.array(labels, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("logistic_regression: features and labels must be arrays of numbers.") from None
    if a.ndim != 2 or y.shape != a.shape[:1] or not a.size:
        raise InputError(
            "logistic_regression: features must have the shape (n, d) and labels (n,), "
            f"not {a.shape} and {y.shape}."
        )
    if not (np.isfinite(a).all() and a.any()):
        raise InputError("logistic_regression: features must be finite and not all 0; fill the missing ones.")
    if not (np.isin(y, (-1.0, 1.0)).all() or np.isin(y, (0.0, 1.0)).all()):
        raise InputError(
            "logistic_regression: labels must be -1 and 1, or 0 and 1; encode the two classes so."
        )
    return np.where(y > 0, 1.0, -1.0)[:, None] * a


def minimize(rows: Matrix, ridge: float, start: Vector) -> tuple[Vector, Matrix]:
    """The minimizer nearest to the start, by damped Newton steps until rounding stops them, and the Hessian there.

    Raises
    ------
    InputError
        When there is no minimizer: a hyperplane separates the classes and there is no ridge.
    """
    # From the nearest point at which all margins are 0, where the Hessian is largest, however the data are scaled.
    x, size = start - np.linalg.lstsq(rows, rows @ start, rcond=1e-13)[0], len(rows)

    def hessian(x: Vector) -> Matrix:
        weight = 1 / (2 + 2 * np.cosh(np.clip(rows @ x, -700, 700)))
        return np.asarray((rows.T * weight) @ rows / size + ridge * np.eye(x.size))

    def gradient(x: Vector) -> Vector:
        return np.asarray(-rows.T @ (1 / (1 + np.exp(np.clip(rows @ x, -700, 700)))) / size + ridge * x)

    for _ in range(NEWTON_STEPS):
        slope = gradient(x)
        # The least-squares solution leaves directions without curvature as they are.
        step = np.linalg.lstsq(hessian(x), -slope, rcond=1e-13)[0]
        before, length = np.linalg.norm(slope), 1.0
        while length > 1e-6 and np.linalg.norm(gradient(x + length * step)) > (1 - length / 4) * before:
            length /= 2
        if length <= 1e-6:  # rounding: no shorter step makes the gradient smaller
            break
        x = x + length * step
        if np.linalg.norm(step) <= 1e-16 * np.linalg.norm(x):
            break
    separated = ridge == 0 and bool((rows @ x > 0).all())
    if separated or not np.linalg.norm(gradient(x)) <= 1e-13 * np.linalg.norm(rows, axis=1).max():
        raise InputError(
            "logistic_regression: a hyperplane separates the classes, so that there is no minimizer; "
            "set ridge above 0 or give more examples."
        )
    return x, hessian(x)


@problem(
    value=logistic_regression_value,
    gradient=logistic_regression_gradient,
    component=logistic_regression_component,
    hessian=logistic_regression_hessian,
    gallery=(
        {"terms": 20, "dimension": 3, "ridge": 0.1},
        {"terms": 20, "dimension": 2},
        {"terms": 12, "dimension": 15, "ridge": 0.02},
        {"terms": 10, "dimension": 100, "ridge": 1e-6},
    ),
    formula=r"f(x) = \frac1n \sum_{i=1}^n \log\bigl(1 + e^{-y_i a_i^\top x}\bigr) + \tfrac\lambda2 \|x\|^2",
    search={"terms": whole(2, 12), "dimension": whole(1, 3), "ridge": real(1e-3, 1.0), "seed": whole(0, 999)},
)
def logistic_regression(
    terms: int = 64,
    dimension: int = 16,
    ridge: float = 0.0,
    seed: int = 1,
    features: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> Problem:
    """Two classes, synthetic (``terms`` examples in ``dimension`` coordinates) or from your own ``features`` of
    shape (n, d) and ``labels`` of shape (n,), which are -1 and 1 or 0 and 1.

    The Hessian is largest at 0, where all margins are, so that the smoothness is exact: the largest eigenvalue of
    A'A/(4n) plus the ridge. The Hessian's Lipschitz constant is a bound: the largest eigenvalue of
    sum |a_i| a_i a_i' / (6 sqrt(3) n). Without a ridge the losses are Lipschitz, but not strongly convex.
    Neighbours flip the label of example 0, or replace it with the longest example, its label flipped.
    """
    if not (ridge >= 0 and math.isfinite(ridge)):
        raise InputError(f"logistic_regression: the ridge must be a number of at least 0, not {ridge!r}.")
    if (features is None) != (labels is None):
        raise InputError("logistic_regression: give features and labels together, or neither.")
    if features is not None and labels is not None:
        rows = checked(features, labels)
    else:
        rows = synthetic(terms, dimension, seed)
    n, d = rows.shape
    lengths = np.linalg.norm(rows, axis=1)
    longest = float(lengths.max())
    minimizer, curvature = minimize(rows, ridge, np.ones(d))
    assumptions: list[Assumption] = [
        FiniteSum(n),
        ComponentsSmooth(STEEPEST * longest**2 + ridge),
        Smooth(STEEPEST * float(np.linalg.eigvalsh(rows.T @ rows / n)[-1]) + ridge),
        LipschitzHessian(BENDIEST * float(np.linalg.eigvalsh((rows.T * lengths) @ rows / n)[-1])),
    ]
    if ridge > 0:
        assumptions.append(ComponentsStronglyConvex(ridge))
    else:
        largest = float(np.abs(rows).max())
        assumptions += [ComponentsConvex(), ComponentsLipschitz(longest), BoundedGradientCoordinates(largest)]
    flattest = float(np.linalg.eigvalsh(curvature)[0])
    if flattest > 1e-12:
        assumptions.append(NondegenerateMinimizer(flattest))
    return Problem(
        scalars=[ridge],
        table=rows,
        start=np.ones(d),
        minimizer=minimizer,
        minimum=float(np.mean(np.logaddexp(0, -rows @ minimizer)) + ridge / 2 * minimizer @ minimizer),
        assumptions=assumptions,
        neighbours=replaced(rows, -rows[0], -rows[np.argmax(lengths)]),
        test=[rows[0], -rows[0]],
        loose=(LipschitzHessian,),
    )
