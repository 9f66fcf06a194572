"""What a network contributes to a case: a matrix for the method, and its constants."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from simlab.kernels.arrays import Matrix
from simlab.vocabulary.assumptions import Assumption


@dataclass(frozen=True, eq=False)
class Network:
    """The matrix that a decentralized method reads, and what is known of it.

    Parameters
    ----------
    matrix
        A mixing matrix (m, m), or whatever table the method's docstring asks for.
    assumptions, constants
        What holds of it (``DoublyStochastic(rho)``) and further constants by symbol.
    label
        How tables and seeds name it.
    """

    matrix: ArrayLike
    label: str
    assumptions: tuple[Assumption, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)

    @property
    def array(self) -> Matrix:
        """The matrix as the kernels read it."""
        return np.ascontiguousarray(self.matrix, dtype=np.float64)
