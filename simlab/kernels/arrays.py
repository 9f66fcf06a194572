"""Names for the arrays that kernels take, and how one is copied into another."""

import numpy as np
from numpy.typing import NDArray

from simlab.kernels.compilation import inline_kernel, kernel

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Integers = NDArray[np.int64]
Stream = NDArray[np.uint64]


@kernel
def copy_into(target: Vector, source: Vector) -> None:
    """``target[:] = source``, which numba would compile to a hundred times the code, with an allocation."""
    for i in range(target.size):
        target[i] = source[i]


@inline_kernel
def row_dot(table: Matrix, i: int, x: Vector) -> float:
    """table[i] . x, in four sums side by side: in one, every addition would wait for the one before."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    whole = x.size - x.size % 4
    for j in range(0, whole, 4):
        first += table[i, j] * x[j]
        second += table[i, j + 1] * x[j + 1]
        third += table[i, j + 2] * x[j + 2]
        fourth += table[i, j + 3] * x[j + 3]
    for j in range(whole, x.size):
        first += table[i, j] * x[j]
    return (first + second) + (third + fourth)
