"""One linear layer with several outputs and the squared loss: a quadratic whose Hessian is a Kronecker product."""

from collections.abc import Sequence

import numpy as np

from problems.quadratic import quadratic_gradient, quadratic_hessian, quadratic_value
from simlab.errors import InputError
from simlab.vocabulary.assumptions import Convex, Quadratic, Smooth, StronglyConvex
from simlab.vocabulary.problem import Problem, problem


@problem(
    value=quadratic_value,
    gradient=quadratic_gradient,
    hessian=quadratic_hessian,
    gallery=({"terms": 12, "inputs": 3, "outputs": 2},),
    formula=r"f(W) = \tfrac12 \mathrm{tr}(S W A W^\top), \quad A = \tfrac1n \sum_i a_i a_i^\top",
)
def linear_layer(
    terms: int = 12,
    inputs: int = 3,
    outputs: int = 2,
    spread: float = 3.0,
    output_weights: Sequence[float] | None = None,
    seed: int = 1,
) -> Problem:
    """The weights W of ``outputs`` rows, minus the best ones: normal inputs a_i, of which the last coordinate is
    ``spread`` times as large as the first, and the loss of output o weighted with ``output_weights`` (1 for the
    first, and for all by default). The Hessian is diag(output_weights) (x) A.
    """
    weights = np.ones(outputs) if output_weights is None else np.asarray(output_weights, dtype=np.float64)
    if not (terms >= inputs >= 1 and weights.shape == (outputs,) and weights[0] == 1 and (weights > 0).all()):
        raise InputError("linear_layer: terms must be at least inputs, and output_weights positive, 1 first.")
    random = np.random.default_rng(seed)
    a = random.standard_normal((terms, inputs)) * np.geomspace(1.0, spread, inputs)
    hessian = np.kron(np.diag(weights), a.T @ a / terms)
    eigenvalues = np.linalg.eigvalsh(hessian)
    return Problem(
        scalars=[],
        table=hessian,
        start=random.standard_normal(inputs * outputs),
        minimizer=np.zeros(inputs * outputs),
        minimum=0.0,
        assumptions=(
            Quadratic(), Convex(), Smooth(float(eigenvalues[-1])), StronglyConvex(float(eigenvalues[0])),
        ),
    )  # fmt: skip
