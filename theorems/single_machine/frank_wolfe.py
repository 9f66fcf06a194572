"""The Frank-Wolfe method on compact sets."""

from problems.constrained import box_quadratic, simplex_quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.projection_free import frank_wolfe as frank_wolfe_method
from simlab.optimizers.projection_free import lowest_point
from simlab.vocabulary.assumptions import CompactDomain, Composite
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem

half = {"method": frank_wolfe_method(step_size=0.5)}


@theorem(
    method=frank_wolfe_method(),
    assumes=Composite & CompactDomain,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100, 1000)),
    # The first step goes to the far end of the interval, away from a minimizer near the start.
    attained_by=box_quadratic(center=(0.999,)),
    attained_at=grid(k=1),
    at_least=0.749,
    source="Frank & Wolfe 1956; Jaggi 2013, Theorem 1",
)
def frank_wolfe(k, L, Dm):
    """The Frank-Wolfe method with the step sizes 2/(t + 2), t = 0, 1, ..., on smooth convex functions over a
    compact convex set of diameter Dm.

    No function attains it: performance estimation finds 3/4 of it for k = 1, 0.625 for 2 and 0.470 for 10.
    """
    return 2 * L * Dm**2 / (k + 2)


# In the limit of a minimizer at the vertex; then two thirds of the way back.
frank_wolfe.reaches(3 / 16 * 1.999**2, by=box_quadratic(center=(0.999,)), at=grid(k=1))
frank_wolfe.reaches((0.999 - 1 / 3) ** 2 / 4, by=box_quadratic(center=(0.999,)), at=grid(k=2))
frank_wolfe.control(
    "a constant step size of 1/2", **half, on=box_quadratic(center=(0.4,)), domain=grid(k=(100, 1000))
)


@frank_wolfe.control("0.74 of the bound", domain=grid(k=1))
def _(k, L, Dm):
    return 0.74 * 2 * L * Dm**2 / (k + 2)


@quantity(latex=r"\max_{s} \nabla f(x)^\top (x - s)")
@kernel
def dual_gap(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """max over the points s of the set of grad f(x) . (x - s), which bounds f(x) - f*."""
    objective.gradient(objective.data, x, work[1])
    lowest_point(objective, work[1], work[2], work[3])
    total = 0.0
    for i in range(x.size):
        total += work[1, i] * (x[i] - work[3, i])
    return total


@theorem(
    method=frank_wolfe_method(),
    assumes=Composite & CompactDomain,
    measures=dual_gap.best(first=1),
    domain=grid(k=(2, 3, 10, 100, 1000)),
    # Equal coordinates at the minimizer, and a start at a vertex.
    attained_by=[
        simplex_quadratic(dimension=d, support=d, condition_number=1.0, tilt=0.0) for d in (3, 4, 5, 6)
    ],
    attained_at=grid(k=2),
    at_least=0.16,
    source="Jaggi 2013, Theorem 2",
)
def frank_wolfe_dual_gap(k, L, Dm):
    """The Frank-Wolfe method with the step sizes 2/(t + 2): the smallest duality gap of x_1, ..., x_k, k >= 2,
    which the method knows.
    """
    return 27 / 4 * L * Dm**2 / (k + 2)


# From the second vertex x_2 = (2, 1, 0)/3 with the gap 5/9, and x_3 = (2, 1, 3)/6 with 2/9.
third = simplex_quadratic(dimension=3, support=3, condition_number=1.0, tilt=0.0)
frank_wolfe_dual_gap.reaches(40 / 243, by=third, at=grid(k=2))
frank_wolfe_dual_gap.reaches(20 / 243, by=third, at=grid(k=3))
frank_wolfe_dual_gap.control(
    "a constant step size of 1/2", **half, on=box_quadratic(center=(0.4,)), domain=grid(k=10_000)
)


@frank_wolfe_dual_gap.control("1/8 of the squared diameter")
def _(k, L, Dm):
    return 27 / 4 * L * Dm**2 / 8 / (k + 2)
