"""Timing two sides of a comparison side by side."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simlab.bench.workloads import Workload


@dataclass(frozen=True)
class Timing:
    """Nanoseconds a unit on both sides, each the best of the repetitions; ``ratio`` is how often faster the
    kernels are.
    """

    workload: Workload
    numpy: float
    kernels: float

    @property
    def ratio(self) -> float:
        """NumPy's time in units of the kernels'."""
        return self.numpy / self.kernels

    def record(self) -> dict[str, Any]:
        """The numbers by name, for JSON."""
        return {
            "workload": self.workload.name,
            "title": self.workload.title,
            "unit": self.workload.unit,
            "units": self.workload.units,
            "numpy_ns": self.numpy,
            "kernels_ns": self.kernels,
            "ratio": self.ratio,
            "goal": self.workload.goal,
        }


def timed(workload: Workload, repetitions: int) -> Timing:
    """Both sides in turn, so that a busy moment of the machine meets both; the first run of the kernels, which
    compiles them, does not count.
    """
    workload.kernels()
    pairs = [(_seconds(workload.numpy), _seconds(workload.kernels)) for _ in range(repetitions)]
    numpy, kernels = (min(side) / workload.units * 1e9 for side in zip(*pairs, strict=True))
    return Timing(workload, numpy, kernels)


def _seconds(function: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin
