"""simlab: unit tests for optimization theory.

Does a theorem's bound hold, how tight is it, and where does it break? ``simlab.verify()`` runs the registered
theorems on problems whose constants are known; ``@theorem``, ``@problem``, ``@noise`` and ``@method`` add entries.
"""

from typing import TYPE_CHECKING, Any

from simlab.errors import InputError
from simlab.kernels.arrays import Integers, Matrix, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import (
    Data,
    Objective,
    Oracle,
    Reference,
    component_gradient,
    draw_sample,
    full_gradient,
    hessian,
    proximal_map,
    sampled_gradient,
    stochastic_gradient,
)
from simlab.kernels.quantities import (
    argument_stability,
    consensus_error,
    distance,
    distance_squared,
    gradient_norm,
    gradient_norm_squared,
    loss_stability,
    max_norm,
    mean_distance_squared,
    mean_gradient_norm_squared,
    suboptimality,
)
from simlab.shown import Shown
from simlab.vocabulary.assumptions import (
    Assumption,
    BoundedBelow,
    BoundedHeterogeneity,
    BoundedLoss,
    BoundedVariance,
    ComponentsConvex,
    ComponentsLipschitz,
    ComponentsSmooth,
    ComponentsStronglyConvex,
    Composite,
    Convex,
    Differentiable,
    DoublyStochastic,
    FiniteSum,
    Interpolation,
    Lipschitz,
    LipschitzHessian,
    NondegenerateMinimizer,
    PolyakLojasiewicz,
    Quadratic,
    QuadraticGrowth,
    RandomMixing,
    SelfConcordant,
    Smooth,
    StronglyConvex,
    Workers,
)
from simlab.vocabulary.claim import LOWER, UPPER, UPPER_AS_COMPUTED, exponent, law, limit, probability
from simlab.vocabulary.method import REQUIRED, method
from simlab.vocabulary.network import Network
from simlab.vocabulary.noise import Noise, noise
from simlab.vocabulary.problem import Problem, problem
from simlab.vocabulary.quantity import pair_quantity, quantity
from simlab.vocabulary.theorem import grid, theorem

if TYPE_CHECKING:
    from simlab.verification import verify

__version__ = "0.1.0"

__all__ = [
    name for name in dir() if not name.startswith("_") and name not in ("TYPE_CHECKING", "Any", "Shown")
]
__all__ += ["verify"]


def __getattr__(name: str) -> Any:
    """``simlab.verify``, imported when it is first asked for: ``list`` and ``--help`` do without it."""
    if name == "verify":
        from simlab.verification import verify

        return verify
    raise AttributeError(f"module 'simlab' has no attribute {name!r}")


def _view(thing: object) -> str:
    """How a notebook shows a thing; the reports are loaded when it shows one."""
    from simlab.reports.notebook import html

    return html(thing)


Shown.view = _view
