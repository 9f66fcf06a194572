"""Adaptive methods: every coordinate has a step size of its own, made from its past gradients.

The rules are PyTorch's where PyTorch has them: ``epsilon`` is added to the root, and ``weight_decay`` w adds w x to
the gradient (in AdamW it shrinks x instead). All operations are coordinate by coordinate.
"""

import math

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, proximal_map, stochastic_gradient
from simlab.vocabulary.method import REQUIRED, method

ADAM = {"step_size": REQUIRED, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.0}


@kernel
def decayed_gradient(oracle: Oracle, k: int, x: Vector, weight_decay: float, out: Vector) -> None:
    """out = G(x) + weight_decay * x"""
    stochastic_gradient(oracle, k, x, out)
    for i in range(x.size):
        out[i] += weight_decay * x[i]


@method(
    parameters={"step_size": REQUIRED, "initial_accumulator": 0.0, "epsilon": 1e-10, "weight_decay": 0.0},
    memory=2,
)
@kernel
def adagrad(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """s+ = s + G^2, x+ = x - step_size * G / (sqrt(s+) + epsilon), with s_0 = initial_accumulator

    Duchi, Hazan & Singer 2011, diagonal form.
    """
    gradient, total = memory[0], memory[1]
    if k == 0:
        total[:] = parameters[1]
    decayed_gradient(oracle, k, x, parameters[3], gradient)
    for i in range(x.size):
        total[i] += gradient[i] ** 2
        x[i] -= parameters[0] * gradient[i] / (math.sqrt(total[i]) + parameters[2])


RMSPROP = {"step_size": REQUIRED, "decay": 0.99, "epsilon": 1e-8, "weight_decay": 0.0}


@kernel
def rmsprop_step(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """One step of RMSProp; memory: the gradient, v."""
    gradient, v = memory[0], memory[1]
    decayed_gradient(oracle, k, x, parameters[3], gradient)
    for i in range(x.size):
        v[i] = parameters[1] * v[i] + (1.0 - parameters[1]) * gradient[i] ** 2
        x[i] -= parameters[0] * gradient[i] / (math.sqrt(v[i]) + parameters[2])


@method(parameters=RMSPROP, memory=2)
@kernel
def rmsprop(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """v+ = decay * v + (1 - decay) * G^2, x+ = x - step_size * G / (sqrt(v+) + epsilon), with v_0 = 0

    Tieleman & Hinton 2012.
    """
    rmsprop_step(k, x, memory, parameters, oracle)


@kernel
def update_moments(gradient: Vector, m: Vector, v: Vector, beta1: float, beta2: float) -> None:
    """m+ = beta1 * m + (1 - beta1) * gradient, v+ = beta2 * v + (1 - beta2) * gradient^2"""
    for i in range(gradient.size):
        m[i] = beta1 * m[i] + (1.0 - beta1) * gradient[i]
        v[i] = beta2 * v[i] + (1.0 - beta2) * gradient[i] ** 2


@kernel
def corrected_step(k: int, x: Vector, m: Vector, v: Vector, parameters: Vector) -> None:
    """x+ = x - step_size * m^ / (sqrt(v^) + epsilon)

    m^ = m / (1 - beta1^(k+1)) and v^ = v / (1 - beta2^(k+1)) undo the bias towards the start from 0.
    """
    first, second = 1.0 - parameters[1] ** (k + 1), 1.0 - parameters[2] ** (k + 1)
    for i in range(x.size):
        x[i] -= parameters[0] * (m[i] / first) / (math.sqrt(v[i] / second) + parameters[3])


@kernel
def adam_step(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """One step of Adam; memory: the gradient, m, v."""
    gradient, m, v = memory[0], memory[1], memory[2]
    decayed_gradient(oracle, k, x, parameters[4], gradient)
    update_moments(gradient, m, v, parameters[1], parameters[2])
    corrected_step(k, x, m, v, parameters)


@kernel
def amsgrad_step(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """One step of AMSGrad; memory: the gradient, m, v, the largest v so far."""
    gradient, m, v, largest = memory[0], memory[1], memory[2], memory[3]
    decayed_gradient(oracle, k, x, parameters[4], gradient)
    update_moments(gradient, m, v, parameters[1], parameters[2])
    for i in range(x.size):
        largest[i] = max(largest[i], v[i])
    corrected_step(k, x, m, largest, parameters)


@kernel
def project(oracle: Oracle, scratch: Vector, x: Vector) -> None:
    """x+ = the point of the problem's feasible set that is nearest to x"""
    copy_into(scratch, x)
    proximal_map(oracle, 1.0, scratch, x)


@method(parameters=ADAM, memory=3)
@kernel
def adam(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * m^ / (sqrt(v^) + epsilon), where m+ = beta1 * m + (1 - beta1) * G and
    v+ = beta2 * v + (1 - beta2) * G^2

    m^ = m+ / (1 - beta1^(k+1)) and v^ = v+ / (1 - beta2^(k+1)), with m_0 = v_0 = 0. Kingma & Ba 2015, Algorithm 1.
    """
    adam_step(k, x, memory, parameters, oracle)


@method(parameters=ADAM, memory=4)
@kernel
def amsgrad(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * m^ / (sqrt(v^) + epsilon): Adam with the largest v so far in place of v

    The maximum is of the v before bias correction; m and the maximum are corrected afterwards, as PyTorch does it.
    Reddi, Kale & Kumar 2018, Algorithm 2, has no bias correction.
    """
    amsgrad_step(k, x, memory, parameters, oracle)


@method(parameters=RMSPROP, memory=2, needs=("prox",))
@kernel
def projected_rmsprop(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = P(x - step_size * G / (sqrt(v+) + epsilon)): RMSProp, projected onto the feasible set in each step

    The set is the one whose indicator function is the problem's non-smooth part. In a box the Euclidean
    projection P is also the projection in the norms that v defines.
    """
    rmsprop_step(k, x, memory, parameters, oracle)
    project(oracle, memory[0], x)


@method(parameters=ADAM, memory=3, needs=("prox",))
@kernel
def projected_adam(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = P(x - step_size * m^ / (sqrt(v^) + epsilon)): Adam, projected onto the feasible set in each step

    The set is the one whose indicator function is the problem's non-smooth part. In a box the Euclidean
    projection P is also the projection in the norms that v defines.
    """
    adam_step(k, x, memory, parameters, oracle)
    project(oracle, memory[0], x)


@method(parameters=ADAM, memory=4, needs=("prox",))
@kernel
def projected_amsgrad(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = P(x - step_size * m^ / (sqrt(v^) + epsilon)): AMSGrad, projected onto the feasible set in each step

    The set is the one whose indicator function is the problem's non-smooth part. In a box the Euclidean
    projection P is also the projection in the norms that v defines.
    """
    amsgrad_step(k, x, memory, parameters, oracle)
    project(oracle, memory[0], x)


@method(parameters={**ADAM, "weight_decay": 1e-2}, memory=3)
@kernel
def adamw(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = (1 - step_size * weight_decay) * x - step_size * m^ / (sqrt(v^) + epsilon), with m^ and v^ as in Adam

    The weight decay is not part of the gradient. Loshchilov & Hutter 2019, Algorithm 2, with PyTorch's factor
    step_size on the weight decay.
    """
    gradient, m, v = memory[0], memory[1], memory[2]
    stochastic_gradient(oracle, k, x, gradient)
    update_moments(gradient, m, v, parameters[1], parameters[2])
    for i in range(x.size):
        x[i] -= parameters[0] * parameters[4] * x[i]
    corrected_step(k, x, m, v, parameters)


@method(parameters={"step_size": REQUIRED, "beta1": 0.0, "beta2": REQUIRED, "epsilon": REQUIRED}, memory=3)
@kernel
def unnormalized_adam(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - a_k * m+ / sqrt(epsilon + v+), where m+ = beta1 * m + G, v+ = beta2 * v + G^2 and
    a_k = step_size * (1 - beta1) * sqrt((1 - beta2^(k+1)) / (1 - beta2))

    Adam as Defossez et al. 2022, section 2.2, analyse it: the moments are sums and not averages, ``epsilon``
    stands under the root, and only v is corrected for its start from 0. With epsilon 0 and beta1 0 it is Adam with
    the same step size; without momentum it is RMSProp with a step correction.
    """
    beta1, beta2 = parameters[1], parameters[2]
    gradient, m, v = memory[0], memory[1], memory[2]
    stochastic_gradient(oracle, k, x, gradient)
    step = parameters[0] * (1.0 - beta1) * math.sqrt((1.0 - beta2 ** (k + 1)) / (1.0 - beta2))
    for i in range(x.size):
        m[i] = beta1 * m[i] + gradient[i]
        v[i] = beta2 * v[i] + gradient[i] ** 2
        x[i] -= step * m[i] / math.sqrt(parameters[3] + v[i])
