"""Methods for quadratics that are optimal in a Krylov space: conjugate gradients and Chebyshev's iteration."""

import math

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, hessian
from simlab.vocabulary.method import method

# Below this square of a length, its product with a curvature may be 0 where the curvature is not.
UNDERFLOW = 1e-200


@kernel
def dot(x: Vector, y: Vector) -> float:
    """x' y."""
    total = 0.0
    for i in range(x.size):
        total += x[i] * y[i]
    return total


@kernel
def multiply(matrix: Matrix, x: Vector, out: Vector) -> None:
    """``out = matrix x``."""
    for i in range(x.size):
        out[i] = dot(matrix[i], x)


@kernel
def make_orthogonal(x: Vector, basis: Matrix, count: int) -> None:
    """Remove from ``x`` its components along the first ``count`` rows of ``basis``, which have length 1; twice, so
    that rounding leaves nothing of them (Daniel, Gragg, Kaufman & Stewart 1976).
    """
    for _ in range(2):
        for j in range(count):
            along = dot(basis[j], x)
            for i in range(x.size):
                x[i] -= along * basis[j, i]


@method(
    parameters={"reorthogonalize": 0.0},
    memory=lambda d, reorthogonalize: 4 + d + (d + 1 if reorthogonalize else 0),
    needs=("hessian",),
)
@kernel
def conjugate_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + a * p, r+ = r - a * H p, p+ = r+ + (r+'r+ / r'r) * p, a = r'r / p'Hp, r_0 = p_0 = -grad f(x_0)

    For quadratics with Hessian H. With ``reorthogonalize`` 1 each residual r is made orthogonal to all before it,
    as it is in exact arithmetic. Stays where r = 0, or where products of its size underflow.
    Hestenes & Stiefel 1952.
    """
    r, p, image, matrix = memory[0], memory[1], memory[2], memory[4 : 4 + x.size]
    lengths, residuals = memory[3], memory[4 + x.size :]  # lengths[0] is r'r
    if k == 0:
        full_gradient(oracle, x, r)
        for i in range(x.size):
            r[i] = -r[i]
            p[i] = r[i]
        lengths[0] = dot(r, r)
    before = lengths[0]
    if before < UNDERFLOW:
        return
    if parameters[0] != 0.0 and k < residuals.shape[0]:
        for i in range(x.size):
            residuals[k, i] = r[i] / math.sqrt(before)
    hessian(oracle, x, matrix)
    multiply(matrix, p, image)
    step = before / dot(p, image)
    for i in range(x.size):
        x[i] += step * p[i]
        r[i] -= step * image[i]
    if parameters[0] != 0.0:
        make_orthogonal(r, residuals, min(k + 1, residuals.shape[0]))
    lengths[0] = dot(r, r)
    for i in range(x.size):
        p[i] = r[i] + lengths[0] / before * p[i]


@method(parameters=("smallest", "largest"), memory=2, linear=True)
@kernel
def chebyshev_iteration(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_(k-1) + w_(k+1) * (x_k - x_(k-1) - 2 / (largest + smallest) * grad f(x_k)), with x_(-1) = x_0

    w_1 = 1, w_2 = 2 s^2/(2 s^2 - 1), w_(k+1) = 1/(1 - w_k/(4 s^2)) with
    s = (largest + smallest)/(largest - smallest): the residual polynomials are T_k((s - ...)/...)/T_k(s).
    Golub & Varga 1961; Young 1954.
    """
    gradient, previous = memory[0], memory[1]
    if k == 0:
        copy_into(previous, x)
    s = (parameters[1] + parameters[0]) / (parameters[1] - parameters[0])
    weight = 2.0  # w_1 counts twice in the recursion, since x_(-1) = x_0 is no step
    for _ in range(k):
        weight = 1.0 / (1.0 - weight / (4.0 * s**2))
    if k == 0:
        weight = 1.0
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        moved = previous[i] + weight * (
            x[i] - previous[i] - 2.0 / (parameters[1] + parameters[0]) * gradient[i]
        )
        previous[i] = x[i]
        x[i] = moved
