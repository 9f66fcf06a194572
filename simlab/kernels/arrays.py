"""Names for the arrays that kernels take, and how one is copied into another."""

import numpy as np
from numpy.typing import NDArray

from simlab.kernels.compilation import kernel

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Integers = NDArray[np.int64]
Stream = NDArray[np.uint64]


@kernel
def copy_into(target: Vector, source: Vector) -> None:
    """``target[:] = source``, which numba would compile to a hundred times the code, with an allocation."""
    for i in range(target.size):
        target[i] = source[i]
