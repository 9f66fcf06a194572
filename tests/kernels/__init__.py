"""What tests of kernels share."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle
from simlab.vocabulary.method import MethodFamily


@kernel
def _nothing(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x"""


# A method that stays where it is. It is not registered, since it belongs to these tests only.
standing_still = MethodFamily("standing-still", _nothing, {}, 1, {}, (), False, "x+ = x", __name__)
