"""Coordinate descent: one coordinate at a time, random, in turn, or the steepest."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, draw_sample, full_gradient
from simlab.vocabulary.method import method


@method(parameters={"step_size": 1.0}, linear=True)
@kernel
def coordinate_descent(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i - step_size / L_i * df/dx_i, for the coordinate i that is drawn; the others stay

    The noise ``coordinates`` draws i, uniformly or in turn, and holds the L_i. Nesterov 2012.
    """
    gradient = memory[0]
    draw_sample(oracle, k)
    full_gradient(oracle, x, gradient)
    i = int(oracle.sample[0])
    x[i] -= parameters[0] / oracle.noise[i] * gradient[i]


@method(parameters=("step_size",))
@kernel
def greedy_coordinate_descent(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_i+ = x_i - step_size * df/dx_i, for the first coordinate i with the largest |df/dx_i|; the others stay

    The Gauss-Southwell rule.
    """
    gradient = memory[0]
    full_gradient(oracle, x, gradient)
    i = 0
    for j in range(1, x.size):
        if not (abs(gradient[j]) <= abs(gradient[i])):
            i = j
    x[i] -= parameters[0] * gradient[i]
