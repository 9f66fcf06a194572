"""Zeroth-order methods, which see values of the objective only."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, draw_sample
from simlab.vocabulary.method import method


@method(parameters=("step_size", "smoothing"), needs=("value",), linear=True)
@kernel
def random_gradient_free(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * (f(x + smoothing * u) - f(x)) / smoothing * u, with u the sample of the noise

    With independent standard normals u, noise ``standard_normal``: Nesterov & Spokoiny 2017, method RG_mu. Given u
    it is affine in x on a quadratic, and of degree 3 in u.
    """
    shifted = memory[0]
    draw_sample(oracle, k)
    for i in range(x.size):
        shifted[i] = x[i] + parameters[1] * oracle.sample[i]
    rise = oracle.objective.value(oracle.objective.data, shifted) - oracle.objective.value(
        oracle.objective.data, x
    )
    for i in range(x.size):
        x[i] -= parameters[0] * rise / parameters[1] * oracle.sample[i]
