"""Stochastic gradients with momentum: averages of gradients, the stochastic unified form, and last iterates that
are averages.
"""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, stochastic_gradient
from simlab.vocabulary.method import method


@method(parameters=("step_size", "momentum", "shift"), memory=2, linear=True)
@kernel
def stochastic_unified_momentum(
    k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle
) -> None:
    """y+ = x - step_size * G(x), z+ = x - shift * step_size * G(x), x+ = y+ + momentum * (z+ - z), with z_0 = x_0

    ``shift`` 0 is the heavy-ball method, 1 Nesterov's momentum, of which x is the extrapolated point, and
    1 / (1 - momentum) plain SGD with the step size step_size / (1 - momentum). Yang, Lin & Li 2016, (4).
    """
    gradient, z = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        if k == 0:
            z[i] = x[i]
        shifted = x[i] - parameters[2] * parameters[0] * gradient[i]
        x[i] += parameters[1] * (shifted - z[i]) - parameters[0] * gradient[i]
        z[i] = shifted


@method(parameters=("step_size", "momentum"), memory=2, linear=True)
@kernel
def averaged_momentum(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """m+ = momentum * m + (1 - momentum) * G(x), x+ = x - step_size * m+, with m_0 = 0

    The momentum is a moving average of gradients: the step size is that of SGD, and not 1 / (1 - momentum) times
    as long. Liu, Gao & Yin 2020, (3).
    """
    gradient, average = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        average[i] = parameters[1] * average[i] + (1.0 - parameters[1]) * gradient[i]
        x[i] -= parameters[0] * average[i]


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def iterate_averaging_momentum(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_k - step_size / (k + 2) * G(x_k) + k / (k + 2) * (x_k - x_(k-1))

    The last iterate is the mean of z_0, ..., z_k, where z_(j+1) = z_j - step_size * G(x_j) and z_0 = x_0: the
    heavy-ball form of iterate averaging of Sebbouh, Gower & Defazio 2021, section 3.
    """
    gradient, previous = memory[0], memory[1]
    stochastic_gradient(oracle, k, x, gradient)
    for i in range(x.size):
        if k == 0:
            previous[i] = x[i]
        moved = x[i] - parameters[0] / (k + 2.0) * gradient[i] + k / (k + 2.0) * (x[i] - previous[i])
        previous[i] = x[i]
        x[i] = moved


@method(parameters=("step_size", "coupling", "strong_convexity"), memory=3, outputs={"v": 2}, linear=True)
@kernel
def strong_growth_nesterov(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """y = (x + coupling * v) / (1 + coupling), x+ = y - step_size * G(y), v+ = (1 - coupling) * v + coupling * y -
    coupling / strong_convexity * G(y), with v_0 = x_0

    The output "v" can be measured from k = 1 on. Vaswani, Bach & Schmidt 2019, Algorithm 1, for strongly convex
    functions.
    """
    gradient, y, v = memory[0], memory[1], memory[2]
    step_size, coupling = parameters[0], parameters[1]
    for i in range(x.size):
        if k == 0:
            v[i] = x[i]
        y[i] = (x[i] + coupling * v[i]) / (1.0 + coupling)
    stochastic_gradient(oracle, k, y, gradient)
    for i in range(x.size):
        x[i] = y[i] - step_size * gradient[i]
        v[i] = (1.0 - coupling) * v[i] + coupling * y[i] - coupling / parameters[2] * gradient[i]
