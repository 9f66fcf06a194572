"""Noise models with exact variance.

``variance`` is always that of one stochastic gradient in the space of the objective, E|xi|^2. On a network each of
the m workers computes one: ``variance`` is then the variance at each worker, E|xi_i|^2, the noise is independent
between workers, and all workers together have m times as much. ``shared_gaussian`` breaks the independence.
"""

import math
from dataclasses import replace

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import Kernel, kernel
from simlab.kernels.oracle import Objective, add_sample
from simlab.kernels.random import fill_normals, fill_signs, normal
from simlab.vocabulary.assumptions import BoundedVariance, Workers
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem


@kernel
def draw_gaussian(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Independent normals of standard deviation noise[0]."""
    fill_normals(rng, sample, noise[0])


@kernel
def draw_signs(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Independent fair signs times noise[0]."""
    fill_signs(rng, sample, noise[0])


@kernel
def draw_sphere(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Each worker's noise[1] coordinates are uniform on the sphere of radius noise[0] sqrt(noise[1])."""
    size = int(noise[1])
    for first in range(0, sample.size, size):
        own = sample[first : first + size]
        square = 0.0
        while not square > 0.0:
            fill_normals(rng, own)
            for i in range(size):
                square += own[i] ** 2
        scale = noise[0] * math.sqrt(size / square)
        for i in range(size):
            own[i] *= scale


@kernel
def draw_student(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """Independent Student t variables with noise[2] degrees of freedom, times noise[0]."""
    degrees = int(noise[2])
    for i in range(sample.size):
        square = 0.0
        for _ in range(degrees):
            square += normal(rng) ** 2
        sample[i] = noise[0] * normal(rng) / math.sqrt(square / degrees)


def workers_of(problem: Problem) -> int:
    """The number of workers; 1 for one machine."""
    network = problem.known.get(Workers)
    return int(network.workers) if isinstance(network, Workers) else 1


def additive(
    problem: Problem,
    name: str,
    draw: Kernel,
    variance: float,
    scale: float = 1.0,
    more: tuple[float, ...] = (),
) -> Noise:
    """Noise that is added to the gradient, of covariance variance/d times the identity, where d is the dimension
    of the objective: that of one worker's iterate on a network.

    The draw kernel reads ``scale`` times the standard deviation of a coordinate, d, then ``more``.
    """
    if not (math.isfinite(variance) and variance >= 0):
        raise InputError(
            f"noise {name}: the variance must be a finite number of at least 0, not {variance!r}."
        )
    size = problem.dimension // workers_of(problem)
    inside = ", ".join([f"variance={variance:g}", *(f"degrees={value:g}" for value in more)])
    return Noise(
        name=name,
        draw=draw,
        disturb=add_sample,
        parameters=[scale * math.sqrt(variance / size), size, *more],
        sample=problem.dimension,
        assumptions=(BoundedVariance(variance),),
        covariance=np.eye(problem.dimension) * variance / size,
        label=f"{name}({inside})",
    )


@noise(bounded_variance=True)
def gaussian(problem: Problem, variance: float = 1.0) -> Noise:
    """Gaussian noise with E|xi|^2 = variance, the same in every coordinate."""
    return additive(problem, "gaussian", draw_gaussian, variance)


@noise(bounded_variance=True)
def signs(problem: Problem, variance: float = 1.0) -> Noise:
    """Independent fair signs in every coordinate, scaled to E|xi|^2 = variance: the cheapest noise to draw."""
    return additive(problem, "signs", draw_signs, variance)


@noise(bounded_variance=True)
def sphere(problem: Problem, variance: float = 1.0) -> Noise:
    """Uniform on the sphere of radius sqrt(variance): bounded, and of constant length."""
    return additive(problem, "sphere", draw_sphere, variance)


@noise()
def heavy_tailed(problem: Problem, variance: float = 1.0, degrees: int = 3) -> Noise:
    """Student t noise with E|xi|^2 = variance. With 3 or 4 degrees of freedom its square has no variance.

    Sampled means of squares then have no confidence interval, so theorems about bounded variance do not choose
    it by themselves; name it in ``noise=``, best where moments are computed.
    """
    if int(degrees) != degrees or degrees < 3:
        raise InputError(
            f"noise heavy-tailed: degrees must be a whole number of at least 3, not {degrees!r}; "
            "below 3 there is no variance."
        )
    shrink = math.sqrt((degrees - 2) / degrees)
    return additive(problem, "heavy-tailed", draw_student, variance, shrink, (float(degrees),))


@kernel
def draw_shared_gaussian(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """The first worker's noise[1] normals of standard deviation noise[0], and copies for all others."""
    size = int(noise[1])
    fill_normals(rng, sample[:size])
    for i in range(size):
        sample[i] *= noise[0]
    for i in range(size, sample.size):
        sample[i] = sample[i - size]


@noise()
def shared_gaussian(problem: Problem, variance: float = 1.0) -> Noise:
    """Gaussian noise that is the same at all workers of a network: averaging does not reduce it. For controls."""
    independent = additive(problem, "shared-gaussian", draw_shared_gaussian, variance)
    workers = workers_of(problem)
    size = problem.dimension // workers
    return replace(
        independent, covariance=np.kron(np.ones((workers, workers)), np.eye(size)) * variance / size
    )


@kernel
def scale_displacement(objective: Objective, noise: Vector, sample: Vector, x: Vector, out: Vector) -> None:
    """grad f(x) + noise[0] * sample[0] * (x - x*), with x* in noise[1:]."""
    objective.gradient(objective.data, x, out)
    for i in range(x.size):
        out[i] += noise[0] * sample[0] * (x[i] - noise[1 + i])


@kernel
def draw_sign(k: int, noise: Vector, order: Integers, rng: Stream, sample: Vector) -> None:
    """One fair sign."""
    fill_signs(rng, sample)


@noise()
def multiplicative(problem: Problem, strength: float = 1.0) -> Noise:
    """A fair sign times strength * (x - x*): the variance strength^2 |x - x*|^2 vanishes at the minimizer."""
    if problem.minimizer is None:
        raise InputError(f"noise multiplicative: {problem.label} has no minimizer to vanish at.")
    if not (math.isfinite(strength) and strength >= 0):
        raise InputError(
            f"noise multiplicative: strength must be a finite number of at least 0, not {strength!r}."
        )
    return Noise(
        name="multiplicative",
        draw=draw_sign,
        disturb=scale_displacement,
        parameters=[strength, *np.asarray(problem.minimizer)],
        sample=1,
        support=[(0.5, np.array([1.0])), (0.5, np.array([-1.0]))],
        label=f"multiplicative(strength={strength:g})",
    )
