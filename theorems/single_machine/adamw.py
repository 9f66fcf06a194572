"""AdamW: its decoupled weight decay w makes it a method for the box of half side 1/w. Without moments it is the
Frank-Wolfe method on that box, and with equal betas nearly so; with others it stays in a multiple of the box; with
a large epsilon it ends elsewhere.
"""

import math
from typing import Any

import numpy as np

from problems.constrained import box_quadratic
from problems.least_squares import mean_estimation
from problems.noise import gaussian, signs
from problems.nonconvex_sums import rippled_bowl, waves
from problems.pl import double_well, wavy_parabola
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import max_norm, suboptimality
from simlab.optimizers.adaptive import adam, adamw
from simlab.running.given import states
from simlab.vocabulary.assumptions import BoundedVariance, CompactDomain, Composite, Smooth, StronglyConvex
from simlab.vocabulary.claim import limit
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem
from theorems.single_machine.adaptive import gradients, play
from theorems.single_machine.adaptive_signs import drift, longest_update

# Without moments a step is (1 - h) x - (h/w) sign(grad f): h of the way to the corner of the box where grad f is
# least, as in the Frank-Wolfe method. The diameter of the box of half side 1/w is Dm = 2 sqrt(d)/w.
# With equal betas b it leads to a point of the box that is near that corner.


def remembering(b):
    """Both betas b, and no epsilon."""
    return {"beta1": b, "beta2": b, "epsilon": 1e-300}


def age(b):
    """2 sum w_j j + (sum w_j j^2)^(1/2) for weights w_j proportional to b^j: how old the moments are."""
    return (2 * b + math.sqrt(b + b**2)) / (1 - b)


forgetful = remembering(0.0)


def half_side(Dm, d):
    """1/w."""
    return Dm / (2 * math.sqrt(d))


def decay(Dm, d):
    """w, for the problem's own box."""
    return 1 / half_side(Dm, d)


def falling(k, Dm, d):
    """2/((k + 2) w)."""
    return 2 / (k + 2) * half_side(Dm, d)


def constant(h, Dm, d):
    """h/w."""
    return h * half_side(Dm, d)


boxes = [
    *(box_quadratic(**parameters) for parameters in box_quadratic.gallery),
    box_quadratic(
        spectrum=np.geomspace(1e-6, 1.0, 100).tolist(), center=np.linspace(-2.0, 2.0, 100).tolist()
    ),
]


@theorem(
    method=adamw(step_size=falling, weight_decay=decay, **forgetful),
    assumes=Composite & CompactDomain,
    measures=suboptimality.last,
    domain=grid(k=(1, 2, 3, 10, 100, 1000)),
    on=boxes,
    matched=False,
    attained_by=box_quadratic(center=(0.999,)),
    at_least=0.749,
    attained_at=grid(k=1),
    source="Jaggi 2013, Theorem 1; AdamW as a method for the box: Xie & Li 2024",
)
def adamw_frank_wolfe(k, L, Dm):
    """AdamW without moments (both betas 0) and with the step sizes 2/((t + 2) w) is the Frank-Wolfe method on
    the box |x|_inf <= 1/w: on smooth convex functions it gets within 2 L Dm^2/(k + 2) of the least value in
    that box, of the diameter Dm, from any start in it. The weight decay decides what is minimized.

    Other sets do not come about in this way, so it runs on boxes only.
    """
    return 2 * L * Dm**2 / (k + 2)


adamw_frank_wolfe.control(
    "Adam, with the weight decay in the gradient",
    method=adam(
        step_size=falling,
        weight_decay=decay,
        **forgetful,
    ),
    on=box_quadratic(center=(0.9,)),
    domain=grid(k=1000),
)
adamw_frank_wolfe.control(
    "a constant step size",
    method=adamw(
        step_size=lambda Dm, d: half_side(Dm, d) / 2,
        weight_decay=decay,
        **forgetful,
    ),
    on=box_quadratic(center=(0.4,)),
    domain=grid(k=1000),
)


@adamw_frank_wolfe.control("0.74 of the bound", domain=grid(k=1))
def _(k, L, Dm):
    return 0.74 * 2 * L * Dm**2 / (k + 2)


equal_betas: dict[str, Any] = {
    "method": adamw(
        step_size=constant, weight_decay=decay, beta1=lambda b: b, beta2=lambda b: b, epsilon=1e-300
    ),
    "measures": suboptimality.last,
    "on": boxes,
    "matched": False,
}


def convex_bound(k, b, h, L, D, Dm):
    """Without noise."""
    return (1 - h) ** k * D + h * (1 - (1 - h) ** k) * L * Dm**2 / 2 * (1 + age(b))


@theorem(
    **equal_betas,
    assumes=Composite & CompactDomain,
    domain=grid(b=(0.0, 0.5, 0.9, 0.99), h=(0.001, 0.03, 0.3), k=(1, 2, 3, 10, 100, 1000)),
    attained_by=box_quadratic(center=(1 - 1e-6,)),
    at_least=0.999,
    attained_at=grid(b=0.0, h=(0.01, 0.1), k=1),
    source="the Frank-Wolfe method with an inexact corner, as in Jaggi 2013; the corner as in adam-sign-descent",
)
def adamw_convex(k, b, h, L, D, Dm):
    """AdamW with equal betas b and the constant step size h/w on smooth convex functions, from a start in the box
    |x|_inf <= 1/w of the diameter Dm: the least value in the box is approached at the rate 1 - h, whatever the
    curvatures, up to a floor that is proportional to h and to the age of the moments.

    A step goes h of the way to s = -m/(w sqrt v), a point of the box. By the argument of adam-sign-descent, with
    r = 1 and iterates that move by 2h/w, grad f . s is above its least value by h L Dm^2 age(b)/2 at most, and
    the descent lemma adds h L Dm^2/2. Other sets do not come about in this way, so it runs on boxes only.
    """
    return convex_bound(k, b, h, L, D, Dm)


adamw_convex.control(
    "Adam, with the weight decay in the gradient",
    method=adam(step_size=constant, weight_decay=decay, beta1=0.9, beta2=0.9),
    on=box_quadratic(center=(0.9,)),
    domain=grid(b=0.9, h=0.001, k=10_000),
)
adamw_convex.control(
    "a step size that is 100 times as long",
    method=adamw(step_size=lambda Dm, d: half_side(Dm, d) / 10, weight_decay=decay, **remembering(0.0)),
    on=box_quadratic(center=(0.4,)),
    domain=grid(b=0.0, h=0.001, k=range(10_000, 10_020)),
)


@adamw_convex.control(
    "the floor of signs, without the age of the moments",
    on=box_quadratic(center=(0.99,)),
    domain=grid(b=0.99, h=0.001, k=(20, 40, 60)),
)
def _(k, h, L, D, Dm):
    return (1 - h) ** k * D + h * (1 - (1 - h) ** k) * L * Dm**2 / 2


def noise_floor(k, b, h, sigma2, Dm):
    """What is left of the errors of all corners: w_j averages the noise in m, but not in v."""
    t = np.arange(1, k + 1)
    errors = 2 * np.sqrt((1 - b) / (1 + b) * (1 + b**t) / (1 - b**t)) + 1
    return Dm / 2 * math.sqrt(sigma2) * h * float(np.sum((1 - h) ** (k - t) * errors))


@theorem(
    **equal_betas,
    assumes=Composite & CompactDomain & BoundedVariance,
    noise=[signs(variance=1e-4), gaussian(variance=0.1)],
    domain=grid(b=(0.0, 0.9), h=(0.001, 0.1), k=(1, 2, 3, 10, 100, 1000)),
    attained_by=box_quadratic(center=(100.0,), start=(-1.0,)),
    at_least=0.9,
    attained_at=grid(b=(0.0, 0.9), h=0.1, k=(1, 3)),
    source="as adamw-convex, with the noise in the corner",
)
def adamw_convex_stochastic(k, b, h, L, D, Dm, sigma2):
    """AdamW with equal betas b, the constant step size h/w and stochastic gradients of bounded variance on smooth
    convex functions, from a start in the box |x|_inf <= 1/w of the diameter Dm: as adamw-convex, up to what the
    noise does to the corner. It runs on boxes only, as there.
    """
    return convex_bound(k, b, h, L, D, Dm) + noise_floor(k, b, h, sigma2, Dm)


adamw_convex_stochastic.control(
    "a standard deviation that is a hundred times what is declared",
    noise=gaussian(variance=1.0),
    on=box_quadratic(center=(0.9,), start=(0.9,)),
    declare={"sigma2": 1e-4},
    domain=grid(b=0.0, h=0.01, k=(300, 1000)),
)


@adamw_convex_stochastic.control("0.9 of the bound", domain=grid(b=0.0, h=0.1, k=(1, 3)))
def _(k, b, h, L, D, Dm, sigma2):
    return 0.9 * (convex_bound(k, b, h, L, D, Dm) + noise_floor(k, b, h, sigma2, Dm))


@quantity(latex=r"\|x - x^\star\|_\infty")
@kernel
def farthest_coordinate(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """The largest |x_i - x*_i|."""
    largest = 0.0
    for i in range(x.size):
        gap = abs(x[i] - reference.minimizer[i])
        if not (gap <= largest):
            largest = gap
    return largest


outside = box_quadratic(center=(5.0,), start=(-1.0,))


@theorem(
    method=adamw(step_size=constant, weight_decay=decay, **forgetful),
    assumes=Composite & CompactDomain,
    measures=farthest_coordinate.last,
    domain=grid(h=(0.001, 0.1, 0.5), k=(1, 2, 3, 10, 100, 1000)),
    on=(*boxes, box_quadratic(spectrum=(1e-3, 1.0, 1e6), center=(0.2, -0.7, 9.0), start=(-1.0, 1.0, -1.0))),
    matched=False,
    attained_by=outside,
    at_least=0.999999,
    attained_at=grid(h=(0.001, 0.1), k=(1, 3, 10)),
    source="by one step of a coordinate",
)
def adamw_separable(k, h, d, R, Dm):
    """AdamW without moments and with the constant step size a = h/w on separable strongly convex functions,
    here quadratics: all coordinates get within 2 a of the minimizer over the box |x|_inf <= 1/w at the rate 1 -
    h, whatever their curvatures, strong convexity or not.

    Where x is above the minimizer c of its coordinate, a step goes down by h (x + 1/w): at least h (x - c), as
    c >= -1/w, and at most 2 a. The same holds below. If c is outside the box then x - x* falls by exactly h.
    """
    return max((1 - h) ** k * R, 2 * h * half_side(Dm, d))


adamw_separable.control(
    "Adam, with the weight decay in the gradient",
    method=adam(
        step_size=constant, weight_decay=decay, **forgetful
    ),
    on=outside, domain=grid(h=0.1, k=100),
)  # fmt: skip
adamw_separable.control(
    "the usual moments",
    method=adamw(step_size=constant, weight_decay=decay),
    on=box_quadratic(center=(0.3,), start=(-1.0,)),
    domain=grid(h=0.01, k=(10, 30, 100, 300)),
)


@adamw_separable.control("the rate 1 - 2h", domain=grid(h=0.1, k=10))
def _(k, h, R):
    return (1 - 2 * h) ** k * R


@adamw_separable.control(
    "half a step size",
    on=box_quadratic(center=(0.9,), start=(-1.0,)),
    domain=grid(h=0.1, k=tuple(range(30, 50))),
)
def _(k, h, Dm, d):
    return h * half_side(Dm, d) / 2


LANDSCAPES = {
    "slope into a corner": lambda w: pseudo_huber(threshold=0.1, start=1 / w, center=-1 / w),
    "ripples": lambda w: rippled_bowl(dimension=3, start=0.3 / w),
    "waves": lambda w: waves(dimension=2, start=1 / w),
    "wavy parabola": lambda w: wavy_parabola(start=1 / w),
    "two wells": lambda w: double_well(start=1 / w),
}


def mean_gap_of(method, name, w, k):
    """The mean over the iterates before step k of max over the box of grad f . (x - s), and constants."""
    problem = LANDSCAPES[name](w)
    start = np.asarray(problem.start)
    path = states(method, problem, start[None], np.zeros((1, k, start.size)))[0, :-1, 0]
    slopes = np.array([problem.gradient(x) for x in path])
    gaps = np.sum(np.abs(slopes) / w + slopes * path, axis=1)
    smooth = problem.known[Smooth]
    assert isinstance(smooth, Smooth)
    return np.mean(gaps), {"L": smooth.smoothness, "D": problem.universal["D"], "d": start.size}


def mean_gap(name, w, h, b, k):
    """With AdamW."""
    return mean_gap_of(adamw(step_size=h / w, weight_decay=w, **remembering(b)), name, w, k)


def mean_gap_of_adam(name, w, h, b, k):
    """With Adam, whose weight decay is in the gradient."""
    return mean_gap_of(adam(step_size=h / w, weight_decay=w, **remembering(b)), name, w, k)


into_the_corner = grid(name="slope into a corner", w=1.0, h=0.001, b=(0.0, 0.5), k=3000)


@theorem(
    experiment=mean_gap,
    observes=("L", "D", "d"),
    domain=grid(
        name=tuple(LANDSCAPES),
        w=(0.3, 1.0, 3.0),
        h=(0.001, 0.03, 0.3),
        b=(0.0, 0.9, 0.99),
        k=(1, 2, 3, 30, 300),
    ),
    attained_at=into_the_corner,
    at_least=0.8,
    source="as adamw-convex; for b = 0 Lacoste-Julien 2016, Theorem 1, with constant step sizes",
)
def adamw_nonconvex(k, w, h, b, d, L, D):
    """AdamW with equal betas b and the constant step size h/w on any smooth function, from a start in the box
    |x|_inf <= 1/w: the mean before step k of sum |df/dx_i|/w + x_i df/dx_i, which is 0 at the points of the box
    that satisfy the first-order conditions of the constrained problem, and only there.

    A step lowers f by h times this number at least, up to h^2 times the constant of adamw-convex.
    """
    return D / (h * k) + h * L * 2 * d / w**2 * (1 + age(b))


# Without momentum the gap is 2 e^(-h t), so that D = 2 is spent but for e^(-h k), and the second term is small.
adamw_nonconvex.reaches(
    1 - math.exp(-3), at=grid(name="slope into a corner", w=1.0, h=0.001, b=0.0, k=3000), within=0.003
)
adamw_nonconvex.control(
    "Adam, with the weight decay in the gradient",
    experiment=mean_gap_of_adam,
    domain=grid(name="slope into a corner", w=1.0, h=0.001, b=0.0, k=10_000),
)


@adamw_nonconvex.control("0.7 of the first term", domain=into_the_corner)
def _(k, w, h, b, d, L, D):
    return 0.7 * D / (h * k) + h * L * 2 * d / w**2 * (1 + age(b))


shifted = mean_estimation.at(targets=(3.0,), smoothness=lambda lam: lam, start=0.5)
slow = {"step_size": lambda eps: 0.01 * eps, "epsilon": lambda eps: eps, "weight_decay": lambda w: w}


@theorem(
    method=adamw(**slow, beta1=lambda b1: b1, beta2=lambda b2: b2),
    measures=max_norm.last,
    claim=limit(1e-6),
    domain=grid(w=(0.2, 1.0), lam=(0.5, 2.0), eps=(0.3, 1.0, 10.0), b1=(0.0, 0.9), b2=0.99, k=20_000),
    on=shifted,
    matched=False,
    source="by solving for the fixed point",
)
def adamw_fixed_point(w, lam, eps):
    """AdamW does not minimize f, nor f + w |x|^2/2, nor f over the box |x|_inf <= 1/w, but something between
    the latter two that depends on epsilon: where it stands still, w x = -g/(|g| + eps) for each coordinate g of
    the gradient, whatever the betas. On a parabola of curvature lam with the minimizer c = 3, u = c - x solves
    w lam u^2 + (lam + w eps - w c lam) u = w c eps.

    With eps to 0 it is the nearest point of the box, and with lam u << eps what a penalty w eps |x|^2/2 makes
    of it. It is about parabolas, for which it can be solved.
    """
    linear = lam + w * eps - 3 * w * lam
    return 3 - (math.sqrt(linear**2 + 12 * w**2 * lam * eps) - linear) / (2 * w * lam)


adamw_fixed_point.control("Adam, with the weight decay in the gradient", method=adam(**slow))


@adamw_fixed_point.control(
    "the nearest point of the box", domain=grid(w=1.0, lam=0.5, eps=1.0, b1=0.9, b2=0.99, k=20_000)
)
def _(w):
    return min(3.0, 1 / w)


@adamw_fixed_point.control(
    "the minimizer of f + w eps |x|^2/2", domain=grid(w=1.0, lam=2.0, eps=0.3, b1=0.9, b2=0.99, k=20_000)
)
def _(w, lam, eps):
    return 3 * lam / (lam + w * eps)


STRONG = {
    "far bowl": pseudo_huber(dimension=3, threshold=0.5, start=2.0, center=1.0),
    "parabola": quadratic(spectrum=(1.0,), start=(1.0,)),
    "unequal curvatures": quadratic(spectrum=(0.01, 1.0), start=(3.0, -1.0)),
}


def penalized(problem, penalty):
    """x and the least value of f + penalty |x|^2/2, by Newton's method from the minimizer of f."""
    x = np.array(problem.minimizer)
    for _ in range(60):
        x -= np.linalg.solve(problem.hessian(x) + penalty * np.eye(x.size), problem.gradient(x) + penalty * x)
    return x, problem.value(x) + penalty / 2 * x @ x


def penalized_gap(name, penalty, eps, h, b2, k, scale=1.0):
    """f + penalty |x|^2/2 at x_k above its least value, for AdamW with w eps = penalty and without momentum."""
    problem = STRONG[name]
    smooth, curved = problem.known[Smooth], problem.known.get(StronglyConvex)
    assert isinstance(smooth, Smooth)
    convexity = curved.strong_convexity if isinstance(curved, StronglyConvex) else 0.0
    L, mu = smooth.smoothness + penalty, convexity + penalty
    method = adamw(
        step_size=scale * h * eps / L, weight_decay=penalty / eps, beta1=0.0, beta2=b2, epsilon=eps
    )
    start = np.asarray(problem.start)
    path = states(method, problem, start[None], np.zeros((1, k, start.size)))[0, :, 0]
    steepest = max(np.abs(problem.gradient(x)).max() for x in path)
    best, least = penalized(problem, penalty)
    gaps = [problem.value(x) + penalty / 2 * x @ x - least for x in path[[0, -1]]]
    return gaps[1], {
        "initial": gaps[0],
        "L": L,
        "mu": mu,
        "steepest": steepest,
        "reach": np.linalg.norm(best),
    }


def gap_with_penalty(name, penalty, eps, h, b2, k):
    """With the step size of the theorem."""
    return penalized_gap(name, penalty, eps, h, b2, k)


def gap_of_long_steps(name, penalty, eps, h, b2, k):
    """With a step size that is three times the longest allowed."""
    return penalized_gap(name, penalty, eps, h, b2, k, scale=3 / h)


@theorem(
    experiment=gap_with_penalty,
    observes=("initial", "L", "mu", "steepest", "reach"),
    domain=grid(
        name=tuple(STRONG),
        penalty=(0.1, 1.0),
        eps=(100.0, 1e4),
        h=(0.1, 1.0),
        b2=(0.0, 0.999),
        k=(1, 2, 3, 30, 300),
    ),
    attained_at=grid(name="parabola", penalty=0.1, eps=1e4, h=0.01, b2=0.999, k=(1, 3)),
    at_least=0.9,
    source="by the descent lemma, with the second moment as an error of the gradient",
)
def adamw_large_epsilon(k, penalty, eps, h, L, mu, initial, steepest, reach):
    """AdamW without momentum, with any b2 and the step size h eps/L, h <= 1, on smooth convex functions: with w
    eps fixed as ``penalty`` and eps above the gradients, F = f + penalty |x|^2/2 converges linearly to its
    least value, up to a floor of order 1/eps^2. L and mu are the constants of F, G (``steepest``) bounds the
    coordinates of the gradients of f on the way, and ``reach`` is the length of F's minimizer.

    With the diagonal P of step sizes, between p = h eps/(L (eps + G)) and 1/L, a step is P (grad F + e), |e| <=
    w G |x|. So F falls by p |grad F|^2/2 - |e|^2/(2 L) h at least, and |x|^2 <= 2 reach^2 + 4 (F - F*)/mu.
    """
    p, error = h * eps / (L * (eps + steepest)), h / L * (penalty * steepest / eps) ** 2
    rate = 1 - mu * p + 2 * error / mu
    return rate**k * initial + error * reach**2 / (1 - rate)


@adamw_large_epsilon.control(
    "steps that are three times too long, which need not lower F",
    experiment=gap_of_long_steps,
    domain=grid(name="parabola", penalty=1.0, eps=100.0, h=1.0, b2=0.999, k=(3, 30)),
)
def _(initial):
    return initial


@adamw_large_epsilon.control(
    "without a floor", domain=grid(name="far bowl", penalty=1.0, eps=100.0, h=1.0, b2=0.999, k=300)
)
def _(k, eps, h, L, mu, initial, steepest):
    return (1 - mu * h * eps / (L * (eps + steepest))) ** k * initial


@adamw_large_epsilon.control(
    "the cube of the rate", domain=grid(name="parabola", penalty=0.1, eps=1e4, h=0.01, b2=0.999, k=(10, 30))
)
def _(k, eps, h, L, mu, initial, steepest):
    return (1 - mu * h * eps / (L * (eps + steepest))) ** (3 * k) * initial


BOWLS = {  # functions of the distance from their minimizer: the best point of the box is the one nearest to it
    "minimizer outside": mean_estimation(targets=(3.0,), smoothness=2.0, start=-1.0),
    "minimizer inside": mean_estimation(targets=(0.3,), start=1.0),
    "far bowl": pseudo_huber(dimension=3, threshold=0.5, start=1.0, center=5.0),
}


def gap_of(rule, bowl, h, b1, b2, k):
    """How far f(x_k) is above the least value in the box |x|_inf <= 1, and constants."""
    problem = BOWLS[bowl]
    method = rule(step_size=h, weight_decay=1.0, beta1=b1, beta2=b2, epsilon=1e-300)
    start, best = np.asarray(problem.start), np.clip(np.asarray(problem.minimizer), -1.0, 1.0)
    x = states(method, problem, start[None], np.zeros((1, k, start.size)))[0, -1, 0]
    smooth = problem.known[Smooth]
    assert isinstance(smooth, Smooth)
    D = problem.value(start) - problem.value(best)
    return max(problem.value(x) - problem.value(best), 0.0), {"L": smooth.smoothness, "D": D, "d": start.size}


def gap_of_adamw(bowl, h, b1, b2, k):
    """With AdamW."""
    return gap_of(adamw, bowl, h, b1, b2, k)


def gap_of_adam(bowl, h, b1, b2, k):
    """With Adam, whose weight decay is in the gradient."""
    return gap_of(adam, bowl, h, b1, b2, k)


@theorem(
    experiment=gap_of_adamw,
    observes=("L", "D", "d"),
    domain=grid(bowl=tuple(BOWLS), h=(1e-5, 1e-3), b1=(0.0, 0.9), b2=(0.9, 0.999), k=(1, 2, 3, 300, 3000)),
    where=lambda b1, b2: b1**2 < b2,
    attained_at=grid(bowl="minimizer outside", h=1e-6, b1=0.9, b2=(0.9, 0.999), k=(1, 3, 1000)),
    at_least=0.9,
    source="as adamw-convex, with the r of adam-sign-descent",
)
def adamw_convex_any_betas(k, h, b1, b2, d, L, D):
    """AdamW with b1^2 < b2, such as the usual 0.9 and 0.999, and the constant step size h/w on smooth convex
    functions: the least value in the box |x|_inf <= 1/w, here w = 1, is approached at the rate 1 - h from a start
    in that box, up to a floor that is proportional to h. Iterates may leave the box, see adamw-norm-any-betas, and
    then be better.

    Iterates stay in r times the box, and move by 2 h r a step. As grad f . (x - s) >= f - f* for the corner s where
    grad f . s is least, f - f* falls by h (f - f*), up to h^2 times r^2 + r drift(b1, b2), times 2 L d.
    """
    r = longest_update(b1, b2)
    return (1 - h) ** k * D + h * (1 - (1 - h) ** k) * 2 * L * d * (r**2 + r * drift(b1, b2))


adamw_convex_any_betas.control(
    "Adam, with the weight decay in the gradient",
    experiment=gap_of_adam,
    domain=grid(bowl="minimizer inside", h=1e-4, b1=0.0, b2=0.5, k=100_000),
)


@adamw_convex_any_betas.control(
    "twice the rate", domain=grid(bowl="minimizer outside", h=1e-5, b1=0.0, b2=0.5, k=10_000)
)
def _(k, h, b1, b2, d, L, D):
    r = longest_update(b1, b2)
    return (1 - 2 * h) ** k * D + h * 2 * L * d * (r**2 + r * drift(b1, b2))


def end_of(adversary, h, w, b1, b2, k, decay):
    """|x_k|_inf from 2/w with step size h/w on the gradients of an adversary, constant ones pointing outwards."""
    method = adamw(step_size=h / w, weight_decay=decay, beta1=b1, beta2=b2, epsilon=1e-200)
    return np.max(np.abs(play(method, -gradients(adversary, k, growth=b2 / b1), start=2 / w)[-1, 0]))


def farthest_end(adversary, h, w, b1, b2, k):
    """With the weight decay w."""
    return end_of(adversary, h, w, b1, b2, k, decay=w)


def undecayed_end(adversary, h, w, b1, b2, k):
    """Without weight decay: Adam."""
    return end_of(adversary, h, w, b1, b2, k, decay=0.0)


@theorem(
    experiment=farthest_end,
    domain=grid(
        adversary=("growing", "constant", "rarely large", "fair signs", "sparse"),
        h=(0.003, 0.3), w=(0.1, 1.0), b1=(0.5, 0.9), b2=(0.9, 0.999), k=(1, 2, 3, 300),
    ),
    where=lambda b1, b2: b1**2 < b2 and b1 != b2,
    attained_at=grid(adversary="growing", h=0.01, w=1.0, b1=0.9, b2=0.999, k=(1, 10, 1000)),
    at_least=0.999999,
    source="by summing the bound of adam-update-magnitude",
)  # fmt: skip
def adamw_norm_any_betas(k, h, w, b1, b2):
    """AdamW with b1^2 < b2 and the step size h/w on any gradients: how large its iterates can get from
    |x_0|_inf = 2/w. Each update is at most r_t step sizes, t = 1, ..., k, with the r_t of
    adam-update-magnitude, and the weight decay shrinks what was before. Equality for gradients that grow like
    (b2/b1)^t.

    For the usual betas 0.9 and 0.999 r_t tends to 7.27, so the box of half side 1/w is left: that AdamW stays
    in it needs equal betas, as in adamw-linf-norm, or gradients that do not change as fast as its memory.
    """
    t, r = np.arange(1, k + 1), b1**2 / b2
    longest = (1 - b1) / (1 - b1**t) * np.sqrt((1 - b2**t) * (1 - r**t) / ((1 - b2) * (1 - r)))
    return (1 - h) ** k * 2 / w + h / w * float(np.sum((1 - h) ** (k - t) * longest))


adamw_norm_any_betas.control(
    "without weight decay",
    experiment=undecayed_end,
    domain=grid(adversary="constant", h=0.3, w=0.1, b1=0.9, b2=0.999, k=1000),
)


@adamw_norm_any_betas.control(
    "the box itself", domain=grid(adversary="growing", h=0.01, w=1.0, b1=0.9, b2=0.999, k=1000)
)
def _(h, w, k):
    return (1 - h) ** k * 2 / w + (1 - (1 - h) ** k) / w
