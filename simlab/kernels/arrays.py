"""Names for the arrays that kernels take."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Integers = NDArray[np.int64]
Stream = NDArray[np.uint64]
