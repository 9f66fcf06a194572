"""Newton's method made global, cheap, or for residuals: damped, cubic, inexact, Gauss-Newton, natural gradient."""

import math

import numpy as np

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, component_gradient, full_gradient, hessian
from simlab.optimizers.conjugate import dot, multiply
from simlab.optimizers.second_order import solve_in_place
from simlab.vocabulary.method import REQUIRED, method


@method(memory=lambda d: d + 2, needs=("hessian",))
@kernel
def damped_newton(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - H(x)^(-1) grad f(x) / (1 + t), with t = sqrt(grad f' H^(-1) grad f), the Newton decrement

    For self-concordant functions: the step stays in the domain. Nesterov 2004, (4.1.15).
    """
    gradient, direction, matrix = memory[0], memory[1], memory[2:]
    full_gradient(oracle, x, gradient)
    copy_into(direction, gradient)
    hessian(oracle, x, matrix)
    solve_in_place(matrix, direction)
    decrement = math.sqrt(dot(gradient, direction))
    for i in range(x.size):
        x[i] -= direction[i] / (1.0 + decrement)


@kernel
def cubic_step(gradient: Vector, curvatures: Vector, basis: Matrix, change: float, out: Vector) -> None:
    """``out`` minimizes g's + s'Hs/2 + change |s|^3/6 over s, H = basis diag(curvatures) basis', ascending.

    s = -(H + change r/2)^(-1) g with r = |s| and H + change r/2 >= 0, found by bisection over r; where g has no
    part along the lowest curvature, s is filled up with it to the length r.
    """
    d, size = gradient.size, math.sqrt(dot(gradient, gradient))
    low = max(0.0, -2.0 * curvatures[0] / change)
    high = low + math.sqrt(2.0 * size / change)
    length = 0.0
    for _ in range(120):
        r = 0.5 * (low + high)
        length = 0.0
        for i in range(d):
            along = 0.0
            for j in range(d):
                along += basis[j, i] * gradient[j]
            length += (along / (curvatures[i] + 0.5 * change * r)) ** 2 if along != 0.0 else 0.0
        if length > r * r:
            low = r
        else:
            high = r
    for i in range(d):
        out[i] = 0.0
    for i in range(d):
        along = 0.0
        for j in range(d):
            along += basis[j, i] * gradient[j]
        along = -along / (curvatures[i] + 0.5 * change * high) if along != 0.0 else 0.0
        for j in range(d):
            out[j] += along * basis[j, i]
    missing = high * high - dot(out, out)
    if curvatures[0] < 0.0 and missing > 1e-12 * high * high:
        for j in range(d):
            out[j] += math.sqrt(missing) * basis[j, 0]


@method(parameters=("hessian_lipschitz",), memory=lambda d: d + 2, needs=("hessian",))
@kernel
def cubic_newton(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + s, where s minimizes grad f's + s'Hs / 2 + hessian_lipschitz / 6 * |s|^3

    The global minimizer, also where H is indefinite. Nesterov & Polyak 2006, (2.4).
    """
    gradient, step, matrix = memory[0], memory[1], memory[2:]
    full_gradient(oracle, x, gradient)
    if dot(gradient, gradient) == 0.0:
        return
    hessian(oracle, x, matrix)
    curvatures, basis = np.linalg.eigh(matrix)
    cubic_step(gradient, curvatures, basis, parameters[0], step)
    for i in range(x.size):
        x[i] += step[i]


@kernel
def forcing_term(gradient: Vector, forcing: float, power: float) -> float:
    """min(forcing, |g|^power)."""
    return min(forcing, dot(gradient, gradient) ** (0.5 * power))


@method(parameters={"forcing": REQUIRED, "power": 0.0}, memory=lambda d: d + 2, needs=("hessian",))
@kernel
def inexact_newton(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + s with H s + grad f = e * grad f, e = min(forcing, |grad f|^power)

    The inexact Newton step whose residual is along the gradient and as large as the forcing term allows.
    Dembo, Eisenstat & Steihaug 1982.
    """
    gradient, direction, matrix = memory[0], memory[1], memory[2:]
    full_gradient(oracle, x, gradient)
    share = 1.0 - forcing_term(gradient, parameters[0], parameters[1])
    copy_into(direction, gradient)
    hessian(oracle, x, matrix)
    solve_in_place(matrix, direction)
    for i in range(x.size):
        x[i] -= share * direction[i]


@method(parameters={"forcing": REQUIRED, "power": 0.0}, memory=lambda d: d + 5, needs=("hessian",))
@kernel
def newton_cg(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x + s, s from conjugate gradients on H s = -grad f until |H s + grad f| <= e |grad f|

    e = min(forcing, |grad f|^power). Only products of the Hessian H with vectors are used ("Hessian-free"). Where a
    direction does not curve up it ends with what it has, or with -grad f. Martens 2010; Nocedal & Wright 2006,
    Algorithm 7.1.
    """
    gradient, step, r, p, image, matrix = memory[0], memory[1], memory[2], memory[3], memory[4], memory[5:]
    full_gradient(oracle, x, gradient)
    hessian(oracle, x, matrix)
    for i in range(x.size):
        step[i], r[i], p[i] = 0.0, -gradient[i], -gradient[i]
    before = dot(r, r)
    goal = forcing_term(gradient, parameters[0], parameters[1]) ** 2 * before
    for inner in range(10 * x.size):
        if before <= goal:
            break
        multiply(matrix, p, image)
        curvature = dot(p, image)
        if not curvature > 0.0:
            if inner == 0:
                copy_into(step, p)
            break
        for i in range(x.size):
            step[i] += before / curvature * p[i]
            r[i] -= before / curvature * image[i]
        after = dot(r, r)
        for i in range(x.size):
            p[i] = r[i] + after / before * p[i]
        before = after
    for i in range(x.size):
        x[i] += step[i]


# --- sums of squared residuals: the gradients of the n residuals are the components n, ..., 2n - 1 ---------------


@kernel
def add_outer(matrix: Matrix, v: Vector) -> None:
    """``matrix += v v'``."""
    for i in range(v.size):
        for j in range(v.size):
            matrix[i, j] += v[i] * v[j]


@method(parameters={"residuals": REQUIRED, "step_size": 1.0}, memory=lambda d: d + 2, needs=("component",))
@kernel
def gauss_newton(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * (J'J)^(-1) J'r, with J the Jacobian of the residuals r of f = |r|^2 / (2n)

    n = ``residuals``; the problem gives the gradient of residual i as its component n + i.
    """
    row, direction, matrix = memory[0], memory[1], memory[2:]
    count = int(parameters[0])
    for i in range(x.size):
        for j in range(x.size):
            matrix[i, j] = 0.0
    for i in range(count):
        component_gradient(oracle, count + i, x, row)
        add_outer(matrix, row)
    full_gradient(oracle, x, direction)
    solve_in_place(matrix, direction)
    for i in range(x.size):
        x[i] -= parameters[1] * count * direction[i]


@method(
    parameters=("residuals", "step_size"),
    memory=lambda residuals: 3 + 2 * int(residuals),
    needs=("component",),
)
@kernel
def natural_gradient(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * F^+ grad f = x - step_size * J'(JJ')^(-1) r, with the Fisher matrix F = J'J / n

    For f = |r|^2 / (2n), the loss of a Gaussian model, with no more residuals n than parameters: F is singular, and
    F^+ its pseudo-inverse. The problem gives the gradient of residual i as its component n + i.
    Amari 1998; Zhang, Martens & Grosse 2019.
    """
    count = int(parameters[0])
    right, work, jacobian = memory[0], memory[1], memory[3 : 3 + count]
    gram = memory[3 + count : 3 + 2 * count, :count].copy()
    for i in range(count):
        component_gradient(oracle, count + i, x, jacobian[i])
        component_gradient(oracle, i, x, work)
        right[i] = dot(work, jacobian[i]) / dot(
            jacobian[i], jacobian[i]
        )  # the residual: a component is r_i times it
    for i in range(count):
        for j in range(count):
            gram[i, j] = dot(jacobian[i], jacobian[j])
    solve_in_place(gram, right[:count])
    for i in range(count):
        for j in range(x.size):
            x[j] -= parameters[1] * right[i] * jacobian[i, j]
