"""The workloads in NumPy, written well: vectorised over runs, in place, in blocks that stay in the cache.

Each twin draws its randomness through a function that it is given, so that tests can feed it the very numbers
that the kernels draw and compare the results to the last digits.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simlab.kernels.arrays import Matrix, Vector

# Fills an array with noise of the wanted scale.
Draw = Callable[[NDArray[np.float64]], None]

# Runs that are advanced together: what was fastest among the powers of 2.
BLOCK = 1024


def normals(random: np.random.Generator, scale: float) -> Draw:
    """Normal numbers of this standard deviation, by NumPy's ziggurat."""

    def draw(out: NDArray[np.float64]) -> None:
        random.standard_normal(out=out)
        out *= scale

    return draw


def chosen_signs(random: np.random.Generator, scale: float) -> Draw:
    """Signs as they are mostly drawn: ``choice([-1, 1])``."""
    signs = np.array([-scale, scale])

    def draw(out: NDArray[np.float64]) -> None:
        out[...] = random.choice(signs, size=out.shape)

    return draw


def unpacked_signs(random: np.random.Generator, scale: float) -> Draw:
    """Signs as they are drawn fastest: random bytes, unpacked to bits."""

    def draw(out: NDArray[np.float64]) -> None:
        packed = random.integers(0, 256, size=(out.size + 7) // 8, dtype=np.uint8)
        np.multiply(np.unpackbits(packed)[: out.size].reshape(out.shape), -2 * scale, out=out)
        out += scale

    return draw


def sgd_on_quadratic(
    spectrum: Vector, start: Vector, step_size: float, steps: int, runs: int, draw: Draw
) -> Vector:
    """f(x_steps) - f* of SGD on f(x) = sum of spectrum_i x_i^2 / 2, shape (runs,)."""
    out = np.empty(runs)
    for first in range(0, runs, BLOCK):
        block = out[first : first + BLOCK]
        x = np.tile(start, (block.size, 1))
        gradient, noise = np.empty_like(x), np.empty_like(x)
        for _ in range(steps):
            draw(noise)
            np.multiply(x, spectrum, out=gradient)
            gradient += noise
            gradient *= step_size
            x -= gradient
        block[:] = (x * x) @ spectrum / 2
    return out


def dpsgd_on_parabolas(
    weights: Matrix,
    curvature: float,
    tilts: Matrix,
    start: Matrix,
    step_size: float,
    steps: int,
    runs: int,
    draw: Draw,
) -> Vector:
    """|X - mean X|_F^2 after steps X+ = W X - step_size * G(X) with gradients curvature * x_i + tilts_i, shape
    (runs,); ``weights`` is W (m, m), ``tilts`` and ``start`` are (m, d).
    """
    block = max(1, BLOCK // len(weights))
    out = np.empty(runs)
    for first in range(0, runs, block):
        part = out[first : first + block]
        x = np.tile(start, (part.size, 1, 1))
        gradient, noise, mixed = np.empty_like(x), np.empty_like(x), np.empty_like(x)
        for _ in range(steps):
            draw(noise)
            np.multiply(x, curvature, out=gradient)
            gradient += tilts
            gradient += noise
            gradient *= step_size
            np.matmul(weights, x, out=mixed)
            np.subtract(mixed, gradient, out=x)
        part[:] = ((x - x.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2))
    return out


def stability_pair_by_pair(
    rows: Matrix, start: Vector, step_size: float, indices: NDArray[np.int64]
) -> Matrix:
    """|w - w'| after SGD on the logistic loss, shape (runs, n), each pair with two trajectories of its own.

    ``rows`` (n, d) holds the examples y_i a_i; neighbour j flips the label of example j. ``indices`` (runs, steps)
    says which example is drawn.
    """
    (runs, steps), n = indices.shape, len(rows)
    base = np.tile(start, (runs, n, 1))
    other, everyone = base.copy(), np.arange(n)
    for k in range(steps):
        drawn = rows[indices[:, k]][:, None, :]
        flipped = np.where(indices[:, k, None] == everyone, -1.0, 1.0)[:, :, None] * drawn
        for w, examples in ((base, np.broadcast_to(drawn, base.shape)), (other, flipped)):
            margins = np.einsum("rjd,rjd->rj", w, examples)
            w += (step_size / (1 + np.exp(margins)))[:, :, None] * examples
    return np.asarray(np.linalg.norm(base - other, axis=2))


def stability_shared_base(
    rows: Matrix, start: Vector, step_size: float, indices: NDArray[np.int64]
) -> Matrix:
    """The same with one base trajectory a run and every operation in place: all that NumPy can save."""
    (runs, steps), n = indices.shape, len(rows)
    w = np.tile(start, (runs, 1 + n, 1))
    moved, margins, signs = np.empty_like(w), np.empty((runs, 1 + n)), np.ones((runs, 1 + n))
    everyone = np.arange(runs)
    for k in range(steps):
        drawn = indices[:, k]
        examples = rows[drawn]
        signs[everyone, 1 + drawn] = -1.0
        np.matmul(w, examples[:, :, None], out=margins[:, :, None])
        margins *= signs
        np.exp(margins, out=margins)
        margins += 1.0
        np.divide(step_size, margins, out=margins)
        margins *= signs
        np.multiply(margins[:, :, None], examples[:, None, :], out=moved)
        w += moved
        signs[everyone, 1 + drawn] = 1.0
    return np.asarray(np.linalg.norm(w[:, 1:] - w[:, :1], axis=2))
