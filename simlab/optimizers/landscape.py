"""Landscape-aware methods, which look for flat minima: sharpness-aware, smoothing and averaging methods."""

import math

from simlab.kernels.arrays import Matrix, Vector, copy_into
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, draw_sample, sampled_gradient, stochastic_gradient
from simlab.kernels.random import normal, uniform
from simlab.vocabulary.method import method


@method(parameters=("step_size", "radius"), memory=2)
@kernel
def sam(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * G(x + radius * G(x) / |G(x)|), with the same sample at both points

    Where G(x) = 0 there is no ascent. Foret, Kleiner, Mobahi & Neyshabur 2021, Algorithm 1 with p = 2.
    """
    gradient, ascended = memory[0], memory[1]
    draw_sample(oracle, k)
    sampled_gradient(oracle, x, gradient)
    square = 0.0
    for i in range(x.size):
        square += gradient[i] ** 2
    scale = parameters[1] / math.sqrt(square) if square != 0.0 else 0.0
    for i in range(x.size):
        ascended[i] = x[i] + scale * gradient[i]
    sampled_gradient(oracle, ascended, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]


@method(parameters=("step_size", "smoothing", "perturbations"), memory=3, needs=("rng",))
@kernel
def lpf_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size / M * sum_m G(x + smoothing * u_m), with M = perturbations normal vectors u_m a step

    All M gradients are of the same sample. Their expectation over u is the gradient of the loss smoothed with a
    Gaussian kernel, here the same in all directions. Bisla, Wang & Choromanska 2022.
    """
    gradient, moved, total = memory[0], memory[1], memory[2]
    perturbations = int(parameters[2])
    draw_sample(oracle, k)
    total[:] = 0.0
    for _ in range(perturbations):
        for i in range(x.size):
            moved[i] = x[i] + parameters[1] * normal(oracle.rng)
        sampled_gradient(oracle, moved, gradient)
        for i in range(x.size):
            total[i] += gradient[i]
    for i in range(x.size):
        x[i] -= parameters[0] * total[i] / perturbations


@method(parameters=("step_size", "radius"), memory=2, needs=("rng",))
@kernel
def smoothout(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * G(x + radius * u), with u uniform in the box [-1, 1]^d

    Perturb, differentiate, take the perturbation back. Wen, Wang, Yan, Xu, Wu, Chen & Li 2018, SmoothOut.
    """
    gradient, moved = memory[0], memory[1]
    draw_sample(oracle, k)
    for i in range(x.size):
        moved[i] = x[i] + parameters[1] * (2.0 * uniform(oracle.rng) - 1.0)
    sampled_gradient(oracle, moved, gradient)
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]


@method(
    parameters=("step_size", "scope", "inner_steps", "inner_step_size", "averaging", "noise"),
    memory=3,
    needs=("rng",),
)
@kernel
def entropy_sgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - step_size * scope * (x - m), where m averages a run of Langevin dynamics around x: with y = m = x
    and normal u, inner_steps times y+ = y - inner_step_size * (G(y) - scope * (x - y))
    + sqrt(inner_step_size) * noise * u, m+ = (1 - averaging) * m + averaging * y+

    x - m estimates the gradient of the local entropy over scope. Inner step j of step k draws the sample numbered
    k * inner_steps + j. Chaudhari et al. 2017, Algorithm 1; the authors' code leaves scope out of the outer step,
    and has sqrt(2 * inner_step_size) before the noise.
    """
    scope, inner_steps, inner = parameters[1], int(parameters[2]), parameters[3]
    gradient, y, mean = memory[0], memory[1], memory[2]
    copy_into(y, x)
    copy_into(mean, x)
    for j in range(inner_steps):
        stochastic_gradient(oracle, k * inner_steps + j, y, gradient)
        for i in range(x.size):
            drift = gradient[i] - scope * (x[i] - y[i])
            y[i] += math.sqrt(inner) * parameters[5] * normal(oracle.rng) - inner * drift
            mean[i] += parameters[4] * (y[i] - mean[i])
    for i in range(x.size):
        x[i] -= parameters[0] * scope * (x[i] - mean[i])


@method(parameters=("step_size", "first", "cycle"), memory=2, outputs={"average": 1})
@kernel
def swa(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x_(k+1) = x_k - step_size * G(x_k), and the output "average" is the mean of the x_j seen so far with
    j = first, first + cycle, first + 2 * cycle, ...

    Up to x_first the average is the iterate itself; it can be measured from k = 1 on. Izmailov, Podoprikhin,
    Garipov, Vetrov & Wilson 2018, Algorithm 1, whose starting weights are x_first.
    """
    gradient, average = memory[0], memory[1]
    first, cycle = int(parameters[1]), int(parameters[2])
    if k == 0:
        copy_into(average, x)
    stochastic_gradient(oracle, k, x, gradient)
    since = k + 1 - first
    for i in range(x.size):
        x[i] -= parameters[0] * gradient[i]
        if since <= 0:
            average[i] = x[i]
        elif since % cycle == 0:
            average[i] += (x[i] - average[i]) / (since // cycle + 1)
