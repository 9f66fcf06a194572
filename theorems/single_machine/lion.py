"""Lion: signs of an average of gradients, with a decoupled weight decay w. Like AdamW with equal betas, it is a
method for the box |x|_inf <= 1/w, but without a second moment.
"""

from typing import Any

from problems.constrained import box_quadratic
from problems.pseudo_huber import pseudo_huber
from simlab.kernels.quantities import max_norm, suboptimality
from simlab.optimizers.sign import lion
from simlab.vocabulary.assumptions import CompactDomain, Composite
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.adamw import LANDSCAPES, boxes, constant, decay, half_side, mean_gap_of

betas = {"beta1": lambda b1: b1, "beta2": lambda b2: b2}


def age(b1, b2):
    """The mean of j over the weights of the gradients G_(t-j) whose mean has the sign of the step."""
    return b1 / (1 - b2)


@theorem(
    method=lion(step_size=lambda h, w: h / w, weight_decay=lambda w: w, **betas),
    measures=max_norm.last,
    domain=grid(h=(0.01, 0.5), w=(0.5, 2.0), b1=(0.0, 0.9), b2=0.99, k=(1, 2, 3, 10, 100, 1000)),
    attained_by=pseudo_huber.at(start=lambda w: 3 / w, center=1e3),
    at_least=0.9999,
    attained_at=grid(h=(0.01, 0.5), w=(0.5, 2.0), b1=(0.5, 0.95), b2=(0.9, 0.99), k=(1, 2, 3, 10, 100, 1000)),
    source="as adamw-linf-norm; Chen, Liu, Liang & Liu 2024",
)
def lion_linf_norm(k, h, w, x0):
    """Lion keeps its iterates in the box of half side 1/w, where w is the weight decay, or moves there at the rate
    1 - h, where the step size is h/w: whatever the objective and the betas. Equality on a constant slope.
    """
    return (1 - h) ** k * (x0 - 1 / w) + 1 / w


lion_linf_norm.control(
    "half of the weight decay",
    method=lion(step_size=lambda h, w: h / w, weight_decay=lambda w: w / 2, **betas),
    on=pseudo_huber(start=3.0, center=1e3),
    domain=grid(h=0.5, w=1.0, b1=0.9, b2=0.99, k=(3, 10)),
)


@lion_linf_norm.control("the box at once", on=pseudo_huber(start=9.0, center=1e3))
def _(w):
    return 1 / w


@theorem(
    method=lion(step_size=constant, weight_decay=decay, **betas),
    assumes=Composite & CompactDomain,
    measures=suboptimality.last,
    domain=grid(h=(0.001, 0.03, 0.3), b1=(0.0, 0.9), b2=(0.9, 0.99), k=(1, 2, 3, 10, 100, 1000)),
    on=boxes,
    matched=False,
    attained_by=box_quadratic(center=(1 - 1e-6,)),
    at_least=0.999,
    attained_at=grid(h=(0.01, 0.1), b1=0.0, b2=0.9, k=1),
    source="as adamw-convex, with the sign of an average in place of m/sqrt(v)",
)
def lion_convex(k, h, b1, b2, L, D, Dm):
    """Lion with the constant step size h/w on smooth convex functions, from a start in the box |x|_inf <= 1/w of
    the diameter Dm: the least value in the box is approached at the rate 1 - h, whatever the curvatures, up to a
    floor that is proportional to h and to the age of the average whose signs are taken.

    Where this average c of gradients and g have different signs in a coordinate, |g| <= |c - g|, and the step loses
    2 |g| there. Iterates move by 2h/w a step, so grad f . s is above its least value by h L Dm^2 age at most, and
    the descent lemma adds h L Dm^2/2. Other sets do not come about in this way, so it runs on boxes only.
    """
    return (1 - h) ** k * D + h * (1 - (1 - h) ** k) * L * Dm**2 / 2 * (1 + 2 * age(b1, b2))


lion_convex.control(
    "a step size that is 100 times as long",
    method=lion(step_size=lambda Dm, d: half_side(Dm, d) / 10, weight_decay=decay, beta1=0.0, beta2=0.9),
    on=box_quadratic(center=(0.4,)),
    domain=grid(h=0.001, b1=0.0, b2=0.9, k=range(10_000, 10_020)),
)


@lion_convex.control(
    "the rate 1 - 2h",
    on=box_quadratic(center=(100.0,), start=(-1.0,)),
    domain=grid(h=0.1, b1=0.0, b2=0.9, k=10),
)
def _(k, h, L, D, Dm):
    return (1 - 2 * h) ** k * D + h * L * Dm**2 / 2


def mean_gap(name, w, h, b1, b2, k):
    """Of adamw-nonconvex, for Lion."""
    return mean_gap_of(lion(step_size=h / w, weight_decay=w, beta1=b1, beta2=b2), name, w, k)


def undecayed_gap(name, w, h, b1, b2, k):
    """Without weight decay."""
    return mean_gap_of(lion(step_size=h / w, beta1=b1, beta2=b2), name, w, k)


into_the_corner: dict[str, Any] = {"name": "slope into a corner", "w": 1.0, "h": 0.001}


@theorem(
    experiment=mean_gap,
    observes=("L", "D", "d"),
    domain=grid(
        name=tuple(LANDSCAPES), w=(0.3, 3.0), h=(0.001, 0.03, 0.3), b1=(0.0, 0.9), b2=(0.9, 0.99),
        k=(1, 2, 3, 30, 300),
    ),
    attained_at=grid(**into_the_corner, b1=0.5, b2=0.5, k=3000),
    at_least=0.8,
    source="as adamw-nonconvex; without weight decay signsgd-deterministic",
)  # fmt: skip
def lion_nonconvex(k, w, h, b1, b2, d, L, D):
    """Lion with the constant step size h/w on any smooth function, from a start in the box |x|_inf <= 1/w: the mean
    before step k of sum |df/dx_i|/w + x_i df/dx_i, which is 0 at the points of the box that satisfy the first-order
    conditions of the constrained problem, and only there. By the argument of lion-convex.
    """
    return D / (h * k) + h * L * 2 * d / w**2 * (1 + 2 * age(b1, b2))


lion_nonconvex.control(
    "no weight decay",
    experiment=undecayed_gap,
    domain=grid(name="wavy parabola", w=1.0, h=0.001, b1=0.5, b2=0.5, k=3000),
)


@lion_nonconvex.control("0.7 of the first term", domain=grid(**into_the_corner, b1=0.5, b2=0.5, k=3000))
def _(k, w, h, b1, b2, d, L, D):
    return 0.7 * D / (h * k) + h * L * 2 * d / w**2 * (1 + 2 * age(b1, b2))
