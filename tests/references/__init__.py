"""Reference trajectories made with PyTorch, and the update rules in plain NumPy (twins.py).

The JSON files are made by make_torch_references.py, which says how and documents the inputs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
OPTIMIZERS = ("sgd", "sgd_momentum", "sgd_nesterov", "adagrad", "rmsprop", "adam", "amsgrad", "adamw")


@dataclass(frozen=True, eq=False)
class Reference:
    """One run of one PyTorch optimizer: 60 steps in dimension 5.

    ``iterates`` (61, 5) is x_0, ..., x_60. ``gradients`` (60, 5) is the table of the mode "given" and
    ``hessian`` (5, 5) the matrix of the mode "quadratic"; :meth:`gradient` picks the right one. The
    hyper-parameters are named as the arguments of the function of twins.py that has the optimizer's name.
    Arrays are read-only.
    """

    name: str
    optimizer: str
    mode: str
    hyperparameters: Mapping[str, float]
    gradients: NDArray[np.float64]
    hessian: NDArray[np.float64]
    iterates: NDArray[np.float64]

    @property
    def start(self) -> NDArray[np.float64]:
        """x_0."""
        start: NDArray[np.float64] = self.iterates[0]
        return start

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.iterates) - 1

    def gradient(self, k: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """What step k uses at x."""
        g: NDArray[np.float64] = self.gradients[k] if self.mode == "given" else self.hessian @ x
        return g


def load(optimizer: str) -> list[Reference]:
    """The references of one of :data:`OPTIMIZERS`."""
    inputs = _read("inputs")
    gradients, hessian = _frozen(inputs["gradients"]), _frozen(inputs["hessian"])
    return [
        Reference(
            name=entry["name"],
            optimizer=optimizer,
            mode=entry["mode"],
            hyperparameters=entry["hyperparameters"],
            gradients=gradients,
            hessian=hessian,
            iterates=_frozen([inputs["start"], *entry["iterates"]]),
        )
        for entry in _read(optimizer)["references"]
    ]


def relative_error(
    iterates: Sequence[NDArray[np.float64]] | NDArray[np.float64], reference: Reference
) -> float:
    """max over k of |x_k - r_k| / |r_k| in the maximum norm; nan when an iterate is nan.

    ``iterates`` (61, 5) starts with x_0. The norm is the scale, not the coordinate: one that crosses zero
    keeps no relative accuracy.

    Raises
    ------
    ValueError
        When the shapes differ.
    """
    x, r = np.asarray(iterates, dtype=np.float64), reference.iterates
    if x.shape != r.shape:
        raise ValueError(f"iterates of shape {x.shape} against a reference of shape {r.shape}")
    return float((np.abs(x - r).max(axis=1) / np.abs(r).max(axis=1)).max())


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return document


def _frozen(rows: list[Any]) -> NDArray[np.float64]:
    array = np.array(rows, dtype=np.float64)
    array.flags.writeable = False
    return array
