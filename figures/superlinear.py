"""Superlinear convergence of quasi-Newton methods."""

import numpy as np

from problems.logistic import logistic_regression
from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.kernels.quantities import gradient_norm
from simlab.optimizers.first_order import gradient_descent, nesterov_strongly_convex
from simlab.optimizers.quasi_newton import lbfgs
from simlab.optimizers.second_order import bfgs, newton
from simlab.running.simulate import case_of, constants, curve


@figure(width="column", aspect=0.8)
def superlinear(sheet: Sheet) -> None:
    """Gradient norm on a regularized logistic regression (40 examples, 5 coordinates): first-order methods
    converge linearly, L-BFGS with two pairs faster but linearly too, BFGS superlinearly, Newton's method
    quadratically, down to the rounding of double precision. All take unit steps; the quasi-Newton methods
    begin with the curvature L.
    """
    (axes,) = sheet.panels()
    problem = logistic_regression(terms=40, dimension=5, ridge=0.05)
    known = constants(problem)
    methods = {
        "gradient descent": gradient_descent(step_size=1 / known["L"]),
        "Nesterov": nesterov_strongly_convex(step_size=1 / known["L"], strong_convexity=known["mu"]),
        "L-BFGS, 2 pairs": lbfgs(pairs=2, initial_curvature=known["L"]),
        "BFGS": bfgs(initial_curvature=known["L"]),
        "Newton": newton(),
    }
    for number, (label, method) in enumerate(methods.items()):
        measured = curve(case_of("superlinear", method, problem, gradient_norm.last, range(61)))
        seen = measured.mean > 1e-15
        last = int(np.argmin(seen)) if not seen.all() else len(seen)
        sheet.line(
            axes, label, measured.k[:last], measured.mean[:last], number=number, markevery=1 + last // 16
        )
    axes.set(yscale="log", xlabel="iteration $k$", ylabel=r"$\|\nabla f(x_k)\|$", ylim=(1e-15, 10))
    axes.legend()
