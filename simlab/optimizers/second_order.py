"""Second-order and quasi-Newton methods."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, hessian
from simlab.vocabulary.method import REQUIRED, method


@kernel
def solve_in_place(matrix: Matrix, right: Vector) -> None:
    """``right = matrix^(-1) right`` by Gaussian elimination with row pivoting; overwrites ``matrix`` (d, d).

    A singular matrix leaves infinities or NaN in ``right``.
    """
    d = right.size
    for column in range(d):
        pivot = column
        for row in range(column + 1, d):
            if abs(matrix[row, column]) > abs(matrix[pivot, column]):
                pivot = row
        for j in range(d):
            matrix[column, j], matrix[pivot, j] = matrix[pivot, j], matrix[column, j]
        right[column], right[pivot] = right[pivot], right[column]
        for row in range(column + 1, d):
            factor = matrix[row, column] / matrix[column, column]
            for j in range(column, d):
                matrix[row, j] -= factor * matrix[column, j]
            right[row] -= factor * right[column]
    for row in range(d - 1, -1, -1):
        for j in range(row + 1, d):
            right[row] -= matrix[row, j] * right[j]
        right[row] /= matrix[row, row]


@method(parameters={"step_size": 1.0}, memory=lambda d: d + 1, needs=("hessian",))
@kernel
def newton(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * H(x)^(-1) grad f(x), with H the Hessian

    Pure Newton steps for ``step_size`` 1 (the default), damped ones below.
    """
    direction, matrix = memory[0], memory[1:]
    full_gradient(oracle, x, direction)
    hessian(oracle, x, matrix)
    solve_in_place(matrix, direction)
    for i in range(x.size):
        x[i] -= parameters[0] * direction[i]


@kernel
def update_inverse(inverse: Matrix, s: Vector, y: Vector, image: Vector) -> None:
    """P+ = (I - s y'/y's) P (I - y s'/y's) + s s'/y's, the BFGS update of an inverse Hessian approximation P.

    P stays where y's is not positive (at a minimizer s = 0). ``image`` (d,) is scratch.
    """
    curvature = 0.0
    for i in range(s.size):
        curvature += y[i] * s[i]
    if not curvature > 0.0:
        return
    quadratic = 0.0
    for i in range(s.size):
        image[i] = 0.0
        for j in range(s.size):
            image[i] += inverse[i, j] * y[j]
        quadratic += y[i] * image[i]
    # Expanded, and ordered so that no square of the tiny curvature is formed: it would underflow.
    scale = 1.0 + quadratic / curvature
    for i in range(s.size):
        for j in range(s.size):
            inverse[i, j] += scale * (s[i] / curvature) * s[j] - (
                (s[i] / curvature) * image[j] + image[i] * (s[j] / curvature)
            )


@kernel
def bfgs_step(x: Vector, memory: Matrix, oracle: Oracle) -> None:
    """x+ = x - P grad f(x), then P is updated; P is in the rows of ``memory`` from 4 on, the rest is scratch."""
    gradient, s, y, image, inverse = memory[0], memory[1], memory[2], memory[3], memory[4:]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        s[i] = 0.0
        for j in range(x.size):
            s[i] -= inverse[i, j] * gradient[j]
    for i in range(x.size):
        x[i] += s[i]
    full_gradient(oracle, x, y)
    for i in range(x.size):
        y[i] -= gradient[i]
    update_inverse(inverse, s, y, image)


@method(parameters={"initial_curvature": REQUIRED}, memory=lambda d: d + 4)
@kernel
def bfgs(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + s with s = -P grad f(x), and P+ = (I - s y'/y's) P (I - y s'/y's) + s s'/y's

    y = grad f(x+) - grad f(x); P, the inverse of the Hessian approximation B, starts from
    B_0 = initial_curvature * I, and stays where y's is not positive. Unit steps, no line search.
    Nocedal & Wright 2006, (6.17).
    """
    if k == 0:
        for i in range(x.size):
            memory[4 + i, i] = 1.0 / parameters[0]
    bfgs_step(x, memory, oracle)
