"""Kronecker-factored curvature."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, hessian
from simlab.optimizers.second_order import solve_in_place
from simlab.vocabulary.method import REQUIRED, method


@method(parameters={"inputs": REQUIRED, "step_size": 1.0}, memory=lambda d: d + 1, needs=("hessian",))
@kernel
def kfac_linear(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """W+ = W - step_size * grad f(W) A^(-1), with A the second moment of the layer's ``inputs``

    K-FAC for one linear layer with the squared loss, whose Fisher matrix is taken to be I (x) A: the rows of W lie
    in x one after the other, and A is the Hessian's block of the first one. Martens & Grosse 2015.
    """
    gradient, matrix = memory[0], memory[1:]
    inputs = int(parameters[0])
    full_gradient(oracle, x, gradient)
    for first in range(0, x.size, inputs):
        hessian(oracle, x, matrix)
        factor = matrix[:inputs, :inputs].copy()  # which elimination overwrites
        right = gradient[first : first + inputs]
        solve_in_place(factor, right)
        for i in range(inputs):
            x[first + i] -= parameters[1] * right[i]
