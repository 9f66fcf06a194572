"""Least squares with a nuclear-norm penalty: the recovery of a matrix of low rank."""

import math

import numpy as np

from problems.least_squares import least_squares_gradient, least_squares_hessian, least_squares_value
from simlab.errors import InputError
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import Composite
from simlab.vocabulary.problem import Problem, problem

# Scalars: the ridge 0 of the least-squares kernels, the penalty, the number of columns. x is the matrix X, row
# by row.
SWEEPS = 60
ORTHOGONAL = 1e-15


@kernel
def rotate_columns(matrix: Matrix, p: int, q: int, cosine: float, sine: float) -> None:
    """Columns p and q turned by an angle."""
    for i in range(matrix.shape[0]):
        left, right = matrix[i, p], matrix[i, q]
        matrix[i, p] = cosine * left - sine * right
        matrix[i, q] = sine * left + cosine * right


@kernel
def orthogonalize(w: Matrix, v: Matrix) -> None:
    """One-sided Jacobi rotations: the columns of w become orthogonal, and v collects the rotations.

    From w = X and v = I it leaves w = X v with v orthogonal: the lengths of the columns of w are the singular
    values of X. Hestenes 1958.
    """
    for _ in range(SWEEPS):
        turned = False
        for p in range(w.shape[1] - 1):
            for q in range(p + 1, w.shape[1]):
                a, b, c = 0.0, 0.0, 0.0
                for i in range(w.shape[0]):
                    a += w[i, p] ** 2
                    b += w[i, q] ** 2
                    c += w[i, p] * w[i, q]
                if abs(c) > ORTHOGONAL * math.sqrt(a * b):
                    turned = True
                    ratio = (b - a) / (2.0 * c)
                    tangent = 1.0 / (abs(ratio) + math.sqrt(1.0 + ratio * ratio))
                    tangent = tangent if ratio >= 0.0 else -tangent
                    cosine = 1.0 / math.sqrt(1.0 + tangent * tangent)
                    rotate_columns(w, p, q, cosine, tangent * cosine)
                    rotate_columns(v, p, q, cosine, tangent * cosine)
        if not turned:
            break


@kernel
def column_length(w: Matrix, j: int) -> float:
    """The length of column j."""
    total = 0.0
    for i in range(w.shape[0]):
        total += w[i, j] ** 2
    return math.sqrt(total)


@kernel
def nuclear_norm_value(data: Data, x: Vector) -> float:
    """Mean of (<A_i, X> - y_i)^2 / 2, plus penalty times the sum of the singular values of X."""
    columns = int(data.scalars[2])
    w, v = np.empty((x.size // columns, columns)), np.zeros((columns, columns))
    for j in range(x.size):
        w[j // columns, j % columns] = x[j]
    orthogonalize(w, v)
    total = 0.0
    for j in range(columns):
        total += column_length(w, j)
    return least_squares_value(data, x) + data.scalars[1] * total


@kernel
def nuclear_norm_prox(data: Data, step: float, x: Vector, out: Vector) -> None:
    """All singular values reduced by step * penalty, and not below 0."""
    columns = int(data.scalars[2])
    w, v = np.empty((x.size // columns, columns)), np.zeros((columns, columns))
    for j in range(x.size):
        w[j // columns, j % columns] = x[j]
        out[j] = 0.0 * x[j]  # 0, unless x_j is not a number, which must show
    for j in range(columns):
        v[j, j] = 1.0
    orthogonalize(w, v)
    threshold = step * data.scalars[1]
    for j in range(columns):
        length = column_length(w, j)
        if length > threshold:
            kept = 1.0 - threshold / length
            for i in range(w.shape[0]):
                for m in range(columns):
                    out[i * columns + m] += kept * w[i, j] * v[m, j]


@problem(
    value=nuclear_norm_value,
    gradient=least_squares_gradient,
    hessian=least_squares_hessian,
    prox=nuclear_norm_prox,
    gallery=(
        {"rows": 4, "columns": 3, "terms": 20},
        {"rows": 3, "columns": 5, "terms": 10, "rank": 2, "penalty": 0.1},
    ),
    formula=r"F(X) = \frac1n \sum_{i=1}^n \tfrac12 (\langle A_i, X \rangle - y_i)^2 + \lambda \|X\|_*",
)
def nuclear_norm(
    rows: int = 4, columns: int = 3, terms: int = 20, rank: int = 1, penalty: float = 0.3, seed: int = 1
) -> Problem:
    """Random measurements A_i of a matrix, and a minimizer that is known: of the given ``rank``, with singular
    values 1.

    X* minimizes F when S = sum e_i A_i / n = penalty * (U V' + W) for the residuals e_i = y_i - <A_i, X*>, with
    X* = U V' and a W of norm at most 1 orthogonal to U and V. Measurements and residuals are drawn; then all A_i
    are multiplied from the left by one matrix that turns the largest singular values of S into the penalty, and
    the others into half of it at most.
    """
    if not (1 <= rank <= min(rows, columns) and penalty > 0 and terms >= 1):
        raise InputError(
            "nuclear_norm: rank must lie between 1 and the number of rows and columns, penalty above 0."
        )
    random = np.random.default_rng(seed)
    measured, residual = random.standard_normal((terms, rows, columns)), random.standard_normal(terms)
    left, sizes, right = np.linalg.svd(np.tensordot(residual, measured, 1) / terms)
    scales = np.ones(rows)
    scales[: sizes.size] = np.minimum(1.0, 0.5 * penalty / sizes)
    scales[:rank] = penalty / sizes[:rank]
    measured = (left * scales) @ left.T @ measured
    minimizer = (left[:, :rank] @ right[:rank]).ravel()
    table = measured.reshape(terms, -1)
    return Problem(
        scalars=[0.0, penalty, columns],
        table=np.column_stack([table, table @ minimizer + residual]),
        start=np.zeros(rows * columns),
        minimizer=minimizer,
        minimum=float(np.mean(residual**2)) / 2 + penalty * rank,
        assumptions=(Composite(float(np.linalg.eigvalsh(table.T @ table / terms)[-1])),),
    )
