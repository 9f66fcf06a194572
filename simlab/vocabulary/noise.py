"""Noise models: how a stochastic gradient differs from the gradient, with its exact variance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import Kernel
from simlab.kernels.oracle import no_disturbance, no_draw
from simlab.vocabulary.assumptions import Assumption
from simlab.vocabulary.constants import evaluate
from simlab.vocabulary.problem import Problem


@dataclass(frozen=True, eq=False)
class Noise:
    """The stochastic gradient of one case.

    ``draw(k, parameters, order, rng, sample)`` fills ``sample`` with fresh randomness; ``disturb(objective,
    parameters, sample, x, out)`` evaluates the stochastic gradient at any x for that sample.

    Parameters
    ----------
    parameters
        What the kernels read, shape (p,).
    sample, order
        How many numbers a draw has, and how many whole numbers the model remembers (a permutation, say).
    assumptions
        What the noise adds to the problem's assumptions, such as ``BoundedVariance(1.0)``.
    covariance
        For additive noise: its covariance, shape (d, d); lets second moments be computed instead of sampled.
    support
        For finitely many outcomes: pairs (probability, sample), which are then enumerated.
    weight
        What sampled means are multiplied with when the model draws from a conditional law.
    fixed
        Whether every run sees the same draws, as with terms in a fixed order; one run is enough then.
    """

    name: str
    draw: Kernel = no_draw
    disturb: Kernel = no_disturbance
    parameters: ArrayLike = ()
    sample: int = 0
    order: int = 0
    assumptions: tuple[Assumption, ...] = ()
    covariance: Matrix | None = None
    support: Sequence[tuple[float, Vector]] | None = None
    weight: Callable[[int], float] | None = None
    fixed: bool = False
    label: str = ""

    @property
    def random(self) -> bool:
        """Whether runs differ by it: additive noise of variance 0 is none."""
        drawn = self.draw is not no_draw and not self.fixed
        return drawn and (self.covariance is None or bool(np.any(self.covariance)))

    @property
    def vector(self) -> Vector:
        """The parameters as an array."""
        return np.ascontiguousarray(self.parameters, dtype=np.float64)


@dataclass(frozen=True)
class NoiseSpec:
    """A noise model with parameters that are known only when the case is."""

    build: Callable[..., Noise]
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def resolve(self, problem: Problem, known: dict[str, Any]) -> Noise:
        """The model for one problem instance; its parameters may be functions of the case."""
        return self.build(
            problem,
            **{name: evaluate(value, known, f"noise {self.name}") for name, value in self.parameters.items()},
        )


@dataclass(frozen=True)
class NoiseFamily:
    """A registered kind of noise: ``gaussian(variance=0.5)`` makes a specification for any problem."""

    name: str
    build: Callable[..., Noise]
    bounded_variance: bool
    description: str

    def __call__(self, **parameters: Any) -> NoiseSpec:
        """The model with these parameters: numbers, or functions of the case."""
        return NoiseSpec(self.build, self.name, parameters)


EXACT = Noise(name="exact", label="exact gradient")


def noise(bounded_variance: bool = False) -> Callable[[Callable[..., Noise]], NoiseFamily]:
    """Declare a noise model: decorate the function ``(problem, **parameters) -> Noise``.

    ``bounded_variance`` says that it has a parameter ``variance`` that holds on every problem, so that theorems
    about noise of bounded variance can be checked with it.
    """
    from simlab.vocabulary.registry import REGISTRY

    def declare(build: Callable[..., Noise]) -> NoiseFamily:
        name = build.__name__.replace("_", "-")
        family = NoiseFamily(name, build, bounded_variance, (build.__doc__ or "").strip())
        REGISTRY.add("noise", name, family, build.__module__)
        return family

    return declare
