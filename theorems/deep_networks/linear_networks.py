"""Deep linear networks trained by gradient flow on the squared distance to a target matrix."""

import functools
from collections.abc import Sequence

import numpy as np

from simlab.kernels.arrays import Matrix, Vector
from simlab.vocabulary.theorem import grid, theorem


def multiplied(layers: Sequence[Matrix], size: int) -> Matrix:
    """W_N ... W_1, the identity for no layers."""
    return functools.reduce(np.matmul, reversed(layers), np.eye(size))


def balanced_layers(product: Matrix, depth: int, rng: np.random.Generator) -> list[Matrix]:
    """Square layers W_1, ..., W_N with W_N ... W_1 = ``product`` and W_(j+1)' W_(j+1) = W_j W_j'."""
    left, singular, right = np.linalg.svd(product)
    root = np.diag(singular ** (1 / depth))
    inner = [np.linalg.qr(rng.standard_normal(product.shape))[0] for _ in range(depth - 1)]
    bases = [right.T, *inner, left]
    return [bases[j + 1] @ root @ bases[j].T for j in range(depth)]


def loss(layers: Sequence[Matrix], target: Matrix) -> float:
    """|W_N ... W_1 - target|_F^2 / 2."""
    return float(np.sum((multiplied(layers, len(target)) - target) ** 2)) / 2


def loss_after_flow(layers: Sequence[Matrix], target: Matrix, t: float) -> float:
    """The loss after gradient flow of duration ``t`` that starts from ``layers``: dW_j/dt = -grad_j loss."""
    from scipy.integrate import solve_ivp

    size, shape = len(target), (len(layers), *target.shape)

    def velocity(_: float, flat: Vector) -> Vector:
        weights = list(flat.reshape(shape))
        error = multiplied(weights, size) - target
        return np.concatenate(
            [
                -(multiplied(weights[j + 1 :], size).T @ error @ multiplied(weights[:j], size).T).ravel()
                for j in range(len(weights))
            ]
        )

    start = np.concatenate([layer.ravel() for layer in layers])
    flow = solve_ivp(velocity, (0.0, t), start, method="DOP853", rtol=1e-12, atol=1e-14)
    return loss(list(flow.y[:, -1].reshape(shape)), target)


def balanced_flow(depth: int, size: int, margin: float, seed: int, t: float) -> float:
    """The loss after balanced gradient flow towards a random target of smallest singular value 1.

    The first error has Frobenius norm 1 - margin. Seed 0 stands for the slowest direction: the error then shrinks
    the smallest singular value of the product to ``margin``; other seeds draw the direction.
    """
    rng = np.random.default_rng([depth, size, seed])
    left, right = (np.linalg.qr(rng.standard_normal((size, size)))[0] for _ in range(2))
    target = left @ np.diag([1.0, *rng.uniform(1.0, 3.0, size - 1)]) @ right.T
    error = -np.outer(left[:, 0], right[:, 0]) if seed == 0 else rng.standard_normal((size, size))
    product = target + (1 - margin) * error / np.linalg.norm(error)
    return loss_after_flow(balanced_layers(product, depth, rng), target, t)


@theorem(
    experiment=balanced_flow,
    domain=grid(depth=(2, 3, 5), size=(1, 3), margin=(0.2, 0.9), seed=(0, 1), t=(0.1, 1.0, 3.0)),
    at_least=0.99,
    attained_at=grid(depth=(2, 3, 5), size=(1, 3), margin=0.9999, seed=0, t=(0.1, 1.0)),
    source="Arora, Cohen, Golowich & Hu 2019, section 3 (the analysis of gradient flow); the constant follows from "
    "|grad|^2 >= N s^(2 - 2/N) |error|_F^2 for balanced layers, where s is the product's smallest singular value",
)
def deep_linear_balanced_flow_rate(depth, margin, t):
    """Gradient flow on a linear network of N = ``depth`` layers, from balanced layers: the loss converges linearly
    when the first product is nearer to the target than every singular matrix is. The margin is the target's
    smallest singular value, 1 here, minus the Frobenius norm of the first error.
    """
    return (1 - margin) ** 2 / 2 * np.exp(-2 * depth * margin ** (2 - 2 / depth) * t)


@deep_linear_balanced_flow_rate.control(
    "the target's smallest singular value in place of the margin",
    domain=grid(depth=3, size=1, margin=0.2, seed=0, t=0.1),
)
def _(depth, margin, t):
    return (1 - margin) ** 2 / 2 * np.exp(-2 * depth * t)


deep_linear_balanced_flow_rate.control(
    "no margin: a product of the wrong sign, which flows into the saddle 0",
    experiment=lambda t: loss_after_flow(
        balanced_layers(np.array([[-0.125]]), 3, np.random.default_rng(0)), np.eye(1), t
    ),
    domain=grid(depth=3, margin=0.2, t=10.0),
)

SHEARED = np.array([[1.0, -0.5], [0.0, 1.0]])
SCALE = 1 / np.linalg.norm(SHEARED, -2)  # makes 1 the smallest singular value of the target

deep_linear_balanced_flow_rate.control(
    "layers that are not balanced",
    experiment=lambda t: loss_after_flow(
        [np.sqrt(SCALE) * np.diag([10.0, 0.1]), np.sqrt(SCALE) * np.diag([0.1, 10.0])], SCALE * SHEARED, t
    ),
    domain=grid(depth=2, margin=1 - 0.5 * float(SCALE), t=3.0),
)
