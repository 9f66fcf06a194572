"""Certifies problem instances: searches for points at which a declared constant fails, or is not approached.

:func:`certify` returns complaints, one sentence each. What it finds are numbers that occur on the instance itself
(slopes between two points, gradient norms, values), so a constant that they exceed is wrong. That a constant is
also reached, to ``REACHED``, is demanded unless the instance lists it in ``loose``.

On a network the local objectives take the place of the terms of a finite sum, and points are those of one worker.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simlab.kernels import oracle as roles
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary import assumptions as known
from simlab.vocabulary.assumptions import Assumption, closure
from simlab.vocabulary.problem import Problem

REACHED = 0.99  # a supremum must be approached to this fraction
ROUNDING = 1e-6  # relative errors of differences
Array = Any


@kernel
def evaluate(
    value: Any,
    gradient: Any,
    component: Any,
    hessian: Any,
    prox: Any,
    scalars: Vector,
    table: Matrix,
    step: float,
    points: Matrix,
    values: Vector,
    gradients: Matrix,
    components: Any,
    hessians: Any,
    proximal: Matrix,
) -> None:
    """Everything at every row of ``points``; empty arrays leave out what they would hold."""
    data = Data(scalars, table)
    for p in range(points.shape[0]):
        values[p] = value(data, points[p])
        gradient(data, points[p], gradients[p])
        for i in range(components.shape[1]):
            component(data, i, points[p], components[p, i])
        if hessians.shape[1] > 0:
            hessian(data, points[p], hessians[p])
        if proximal.shape[1] > 0:
            prox(data, step, points[p], proximal[p])


@functools.cache
def evaluator() -> Any:
    """``evaluate``, compiled once for all problems."""
    if jit_disabled():
        return evaluate.compiled()
    from numba import types

    vector, matrix, stack = types.float64[::1], types.float64[:, ::1], types.float64[:, :, ::1]
    pointers = roles.pointer_types("value", "gradient", "component", "hessian", "prox")
    arrays = (vector, matrix, types.float64, matrix, vector, matrix, stack, stack, matrix)
    return evaluate.compiled(types.void(*pointers, *arrays))


class View:
    """A problem as a function on R^d with n terms; ``table`` replaces its data."""

    def __init__(self, problem: Problem, table: Matrix | None = None) -> None:
        self.problem = problem
        self.table = np.asarray(problem.table if table is None else table, dtype=np.float64)
        network = problem.known.get(known.Workers)
        self.workers = int(network.workers) if isinstance(network, known.Workers) else 0
        self.size = problem.dimension // max(self.workers, 1)
        sums = problem.known.get(known.FiniteSum)
        self.terms = self.workers or (int(sums.terms) if isinstance(sums, known.FiniteSum) else 0)
        if table is not None and not self.workers:
            self.terms = len(self.table)
        self.start = np.asarray(problem.start).reshape(-1, self.size)[0]
        best = problem.minimizer
        self.minimizer = None if best is None else np.asarray(best).reshape(-1, self.size)[0]
        self.composite = known.Composite in problem.known
        self.positive = known.RelativelySmooth in problem.known
        self.barrier = known.SelfConcordant in problem.known
        self.random = np.random.default_rng(7)
        self.functions = [
            roles.compiled_role(getattr(problem.kernels, name), name)
            for name in ("value", "gradient", "component", "hessian", "prox")
        ]

    def _run(self, points: Matrix, parts: str = "", step: float = 1.0) -> tuple[Array, ...]:
        points = np.ascontiguousarray(points, dtype=np.float64)
        count, d = points.shape
        terms = self.terms if "components" in parts and not self.workers else 0
        values, gradients = np.empty(count), np.empty((count, d))
        components = np.empty((count, terms, d))
        hessians = np.empty((count, d, d) if "hessians" in parts else (count, 0, 0))
        proximal = np.empty((count, d) if "prox" in parts else (count, 0))
        with np.errstate(all="ignore"):
            evaluator()(
                *self.functions, np.asarray(self.problem.scalars), np.ascontiguousarray(self.table), step, points,
                values, gradients, components, hessians, proximal,
            )  # fmt: skip
        return values, gradients, components, hessians, proximal

    def values(self, points: Matrix) -> Array:
        """f, shape (P,)."""
        return self._run(self._tiled(points))[0]

    def gradients(self, points: Matrix) -> Array:
        """grad f, shape (P, d)."""
        if self.workers:
            return self.components(points).mean(axis=1)
        return self._run(points)[1]

    def components(self, points: Matrix) -> Array:
        """grad f_i, shape (P, n, d)."""
        if self.workers:
            return self._run(self._tiled(points))[1].reshape(len(points), self.workers, self.size)
        return self._run(points, "components")[2]

    def hessians(self, points: Matrix) -> Array:
        """By the kernel, shape (P, d, d)."""
        return self._run(points, "hessians")[3]

    def prox(self, points: Matrix, step: float) -> Array:
        """Shape (P, d)."""
        return self._run(points, "prox", step)[4]

    def _tiled(self, points: Matrix) -> Matrix:
        return np.tile(points, (1, self.workers)) if self.workers else points

    def fields(self, points: Matrix, terms: bool) -> Array:
        """The gradient, or those of the terms, shape (P, 1 or n, d)."""
        return self.components(points) if terms else self.gradients(points)[:, None, :]

    # --- points ---------------------------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """A typical distance."""
        far = 0.0 if self.minimizer is None else float(np.linalg.norm(self.start - self.minimizer))
        return max(1.0, far)

    def inside(self, points: Array) -> Array:
        """The points, those outside the region drawn back onto its boundary, or reflected to positive numbers."""
        if self.positive:
            return np.clip(np.abs(points), 1e-3, 1e3)
        if self.barrier:
            return self._in_domain(np.asarray(points))
        region = self.problem.region
        if region is None or self.minimizer is None:
            return points
        offset = points - self.minimizer
        length = np.linalg.norm(offset, axis=-1, keepdims=True)
        return self.minimizer + offset * np.minimum(1.0, (1 - 1e-5) * region / np.maximum(length, 1e-300))

    def _in_domain(self, points: Array) -> Array:
        """Points drawn towards the minimizer until f is finite there, and a tenth of the way more."""
        assert self.minimizer is not None
        offsets = (points - self.minimizer).reshape(-1, self.size)
        for _ in range(60):
            outside = ~np.isfinite(self._run(self.minimizer + offsets)[0])
            offsets[outside] /= 2
        return (self.minimizer + 0.9 * offsets).reshape(points.shape)

    def cloud(self, count: int, farthest: float = 1e2) -> Array:
        """Points at distances of all sizes from the minimizer, the start and 0, along axes and other directions."""
        centres = np.array([c for c in (self.minimizer, self.start, np.zeros(self.size)) if c is not None])
        directions = self.random.standard_normal((count, self.size))
        axes = np.eye(self.size)[self.random.integers(self.size, size=count)]
        along = self.random.random(count) < 0.3
        directions[along] = (axes * np.sign(directions))[along]
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        radii = self.scale * np.geomspace(1e-4, farthest, count)
        return self.inside(centres[np.arange(count) % len(centres)] + radii[:, None] * directions)

    def generic(self, count: int) -> Array:
        """Points off the axes, where a kink of the function would lie."""
        sizes = self.scale * np.geomspace(0.1, 10.0, count)[:, None]
        return self.inside(self.start + sizes * self.random.standard_normal((count, self.size)))

    def feasible(self, points: Array) -> Array:
        """Points at which the non-smooth part is finite, near the given ones."""
        return self.prox(points, 1e-9) if self.composite else points

    def climb(self, score: Callable[[Array], Array], points: Array, rounds: int = 10) -> tuple[float, Vector]:
        """The largest score found by hill climbing from the best of the points, and where it is.

        The steps tried around a point are as long as the step that led to it, or shorter each time.
        """

        def safe(where: Array) -> Array:
            found = score(where)
            return np.where(np.isfinite(found), found, -np.inf)

        keep, children = 5, int(np.clip(200_000 // (max(self.terms, 1) * self.size**2 * 5), 8, 40))
        scores = safe(points)
        order = np.argsort(-scores)[:keep]
        best, scores = points[order], scores[order]
        centres = [self.start] if self.minimizer is None else [self.start, self.minimizer]
        widths = np.min([np.linalg.norm(best - centre, axis=1) for centre in centres], axis=0)
        widths = np.maximum(widths, 1e-3)
        for _ in range(rounds):
            lengths = widths[:, None] * 2.0 ** self.random.uniform(-4, 1, (len(best), children))
            steps = self.random.standard_normal((len(best), children, self.size))
            one = self.random.integers(self.size, size=(len(best), children // 2))
            steps[:, ::2] *= np.eye(self.size)[one]  # every other step changes one coordinate only
            steps *= (lengths / np.linalg.norm(steps, axis=2))[..., None]
            young = self.inside(best[:, None, :] + steps).reshape(-1, self.size)
            every = np.concatenate([best, young])
            scores = np.concatenate([scores, safe(young)])
            widths = np.concatenate([0.5 * widths, 2.0 * lengths.ravel()])
            order = np.argsort(-scores)[:keep]
            best, scores, widths = every[order], scores[order], widths[order]
        return float(scores[0]), best[0]

    @property
    def budget(self) -> int:
        """Points to begin a search over all terms with."""
        return int(np.clip(60_000 // (max(self.terms, 1) * self.size**2), 30, 400))


# --- extremes: the worst of each declared quantity -------------------------------------------------------------


def spacing(view: View, points: Array) -> Array:
    """Steps of finite differences at each point in each coordinate, shape (P, d)."""
    if view.positive:
        return 1e-4 * points
    return np.tile(1e-6 * np.maximum(1.0, np.linalg.norm(points, axis=1))[:, None], (1, view.size))


def jacobians(view: View, points: Array, terms: bool) -> Array:
    """Symmetric parts of the Jacobians of the gradients by central differences, shape (P, 1 or n, d, d)."""
    h = spacing(view, points)
    shifts = h[:, None, :] * np.eye(view.size)

    moved = points[None, :, None, :] + np.array([1.0, -1.0])[:, None, None, None] * shifts
    fields = view.fields(moved.reshape(-1, view.size), terms)
    after, before = fields.reshape(2, len(points), view.size, -1, view.size).swapaxes(2, 3)
    rows = (after - before) / (2 * h[:, None, :, None])
    return (rows + rows.swapaxes(2, 3)) / 2


def slope_between(view: View, x: Vector, direction: Vector, terms: bool) -> Array:
    """(g(x + h u) - g(x - h u)) / 2h, shape (1 or n, d): a number that smoothness and convexity speak of."""
    h = spacing(view, x[None]).min()
    after, before = view.fields(np.array([x + h * direction, x - h * direction]), terms)
    return (after - before) / (2 * h)


def curvature(view: View, terms: bool, largest: bool) -> float:
    """The largest |difference of gradients| / distance, or the smallest along the difference of the points."""

    def score(points: Array) -> Array:
        eigenvalues = np.linalg.eigvalsh(jacobians(view, points, terms))
        return np.abs(eigenvalues).max(axis=(1, 2)) if largest else -eigenvalues.min(axis=(1, 2))

    # Eigenvalues in many dimensions take long; what is declared there is seen at most points, or on each axis.
    many = view.size > 50
    count = view.budget if terms else 30 if many else 300
    _, x = view.climb(score, view.cloud(count), rounds=2 if many else 10)
    eigenvalues, vectors = np.linalg.eigh(jacobians(view, x[None], terms)[0])
    extremes = np.abs(eigenvalues) if largest else -eigenvalues
    i, j = np.unravel_index(np.argmax(extremes), extremes.shape)
    direction = vectors[i, :, j]
    slope = slope_between(view, x, direction, terms)[i]
    return float(np.linalg.norm(slope)) if largest else float(slope @ direction)


def steepness(view: View, terms: bool) -> float:
    """The largest gradient norm."""
    return view.climb(lambda p: np.linalg.norm(view.fields(p, terms), axis=2).max(axis=1), view.cloud(400))[0]


def coordinate_bound(view: View) -> float:
    """The largest coordinate of a gradient, also of the terms."""

    def score(points: Array) -> Array:
        whole = np.abs(view.gradients(points)).max(axis=1)
        return np.maximum(whole, np.abs(view.components(points)).max(axis=(1, 2))) if view.terms else whole

    return view.climb(score, view.cloud(400))[0]


def bend(view: View) -> float:
    """The largest |g(x + hu) - 2 g(x) + g(x - hu)| / h^2, which is at most the Hessian's Lipschitz constant."""
    h, d = 1e-3, view.size

    def turned(points: Array, directions: Array) -> Array:
        """For directions of shape (U, P, d)."""
        moved = points + h * np.array([1.0, 0.0, -1.0])[:, None, None, None] * directions
        after, here, before = view.gradients(moved.reshape(-1, d)).reshape(moved.shape)
        return (after - 2 * here + before) / h**2

    def score(points: Array) -> Array:
        starts = np.concatenate([np.eye(d)[:8], view.random.standard_normal((2, d))])
        u = np.repeat((starts / np.linalg.norm(starts, axis=1, keepdims=True))[:, None], len(points), axis=1)
        best = np.zeros(len(points))
        for _ in range(1 if d == 1 else 4):  # power iteration on the third derivative
            image = turned(points, u)
            length = np.linalg.norm(image, axis=2)
            best = np.maximum(best, length.max(axis=0))
            u = np.where(length[..., None] > 0, image / np.maximum(length, 1e-300)[..., None], u)
        return best

    return view.climb(score, view.cloud(200, farthest=10.0))[0]


def gradient_dominance(view: View) -> float:
    """The smallest |grad f|^2 / (2 (f - f*)), where f - f* is not rounding."""
    points = view.cloud(400)
    if view.minimizer is not None:
        vectors = np.linalg.eigh(jacobians(view, view.minimizer[None], False)[0, 0])[1].T
        rays = view.scale * np.geomspace(1e-3, 10, 12)[:, None, None] * np.concatenate([vectors, -vectors])
        points = np.concatenate([points, view.inside(view.minimizer + rays.reshape(-1, view.size))])

    def score(where: Array) -> Array:
        values = view.values(where)
        gap = values - view.problem.minimum
        exact = gap > 1e-7 * (np.abs(values) + abs(view.problem.minimum))
        if view.minimizer is not None:
            exact &= np.linalg.norm(where - view.minimizer, axis=1) > 1e-4 * view.scale
        with np.errstate(all="ignore"):
            return np.where(exact, -np.sum(view.gradients(where) ** 2, axis=1) / (2 * gap), -np.inf)

    return -view.climb(score, points)[0]


def relative_curvature(view: View) -> float:
    """The largest curvature relative to that of h(x) = -sum log x_i, which is 1 / x_i^2."""

    def score(points: Array) -> Array:
        scaled = points[:, :, None] * jacobians(view, points, False)[:, 0] * points[:, None, :]
        return np.linalg.eigvalsh(scaled).max(axis=1)

    return view.climb(score, view.cloud(200))[0]


def one_norm_curvature(view: View) -> float:
    """The smallest u.Hu / |u|_1^2, which is 1 / max s.H^-1 s over signs s (all of them in up to 10 dimensions)."""
    d = view.size
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=d))) if d <= 10 else None
    signs = view.random.choice([-1.0, 1.0], (1000, d)) if signs is None else signs

    def score(points: Array) -> Array:
        inverses = np.linalg.inv(jacobians(view, points, False)[:, 0])
        return np.sum((signs @ inverses) * signs, axis=2).max(axis=1)

    return 1 / view.climb(score, view.cloud(20), rounds=3)[0]


def diameter(view: View) -> float:
    """The largest distance between projections of far points."""
    from scipy.spatial.distance import pdist

    far = [np.eye(view.size), -np.eye(view.size), view.random.choice([-1.0, 1.0], (200, view.size))]
    found = view.prox(
        1e6 * np.concatenate([*far, -far[2], view.random.standard_normal((200, view.size))]), 1.0
    )
    return float(pdist(found).max())


def curvature_at_minimizer(view: View) -> float:
    """The smallest eigenvalue of the Hessian there."""
    assert view.minimizer is not None
    there = view.minimizer[None]
    by_kernel = view.problem.kernels.has("hessian")
    return float(
        np.linalg.eigvalsh(view.hessians(there) if by_kernel else jacobians(view, there, False)).min()
    )


def loss_range(view: View) -> float:
    """The largest loss of an example."""
    return max(
        one.climb(one.values, one.cloud(200))[0]
        for one in (View(view.problem, row[None]) for row in distinct(view.table))
    )


def heterogeneity(view: View) -> float:
    """The largest mean of |grad f_i - grad f|^2."""

    def score(points: Array) -> Array:
        local = view.components(points)
        return np.mean(np.sum((local - local.mean(axis=1, keepdims=True)) ** 2, axis=2), axis=1)

    return view.climb(score, view.cloud(300))[0]


def distinct(table: Matrix) -> Matrix:
    """At most twelve different rows."""
    return np.unique(table, axis=0)[:12]


@dataclass(frozen=True)
class Extreme:
    """How to find the extreme number that a constant bounds, from above (``upper``) or from below."""

    find: Callable[[View], float]
    upper: bool = True
    terms: bool = False


EXTREMES: dict[type[Assumption], Extreme] = {
    known.Smooth: Extreme(lambda v: curvature(v, False, True)),
    known.Composite: Extreme(lambda v: curvature(v, False, True)),
    known.StronglyConvex: Extreme(lambda v: curvature(v, False, False), upper=False),
    known.PolyakLojasiewicz: Extreme(gradient_dominance, upper=False),
    known.NondegenerateMinimizer: Extreme(curvature_at_minimizer, upper=False),
    known.SmoothPartStronglyConvex: Extreme(lambda v: curvature(v, False, False), upper=False),
    known.OneNormStronglyConvex: Extreme(one_norm_curvature, upper=False),
    known.RelativelySmooth: Extreme(relative_curvature),
    known.CompactDomain: Extreme(diameter),
    known.LipschitzHessian: Extreme(bend),
    known.Lipschitz: Extreme(lambda v: steepness(v, False)),
    known.BoundedGradientCoordinates: Extreme(coordinate_bound),
    known.ComponentsSmooth: Extreme(lambda v: curvature(v, True, True), terms=True),
    known.ComponentsStronglyConvex: Extreme(lambda v: curvature(v, True, False), upper=False, terms=True),
    known.ComponentsLipschitz: Extreme(lambda v: steepness(v, True), terms=True),
    known.BoundedLoss: Extreme(loss_range, terms=True),
    known.BoundedHeterogeneity: Extreme(heterogeneity),
}


def constant_of(assumption: Assumption) -> float:
    """Its number, the first one where there are several."""
    return float(next(iter(vars(assumption).values())))


def compare(assumption: Assumption, found: float, loose: bool) -> Iterator[str]:
    """Complaints about a constant whose extreme was found."""
    name, stated, extreme = type(assumption).__name__, constant_of(assumption), EXTREMES[type(assumption)]
    slack = ROUNDING * max(stated, 1e-3)
    if not (found <= stated + slack if extreme.upper else found >= stated - slack):
        yield f"{name}: {stated:.6g} is declared, but {found:.6g} occurs"
    elif not loose and not (found >= REACHED * stated if extreme.upper else REACHED * found <= stated):
        yield f"{name}: {stated:.6g} is declared, but only {found:.6g} is reached: make it better, or loose"


def without_hessian(problem: Problem, cls: type[Assumption]) -> bool:
    """Whether an implied assumption says nothing here: there is no Hessian, or it is constant."""
    if cls is known.NondegenerateMinimizer:
        return problem.minimizer is None or known.Smooth not in problem.known
    return cls is known.LipschitzHessian


@functools.cache
def extreme_of(problem: Problem, cls: type[Assumption]) -> float:
    """The extreme that a class of assumptions bounds, found once for each instance."""
    return EXTREMES[cls].find(View(problem))


def constants(problem: Problem) -> Iterator[str]:
    """Complaints about numeric constants: what is declared must be reached, what is implied must hold."""
    declared = {type(item) for item in problem.assumptions}
    for item in problem.assumptions:
        if type(item) in EXTREMES:
            yield from compare(item, extreme_of(problem, type(item)), type(item) in problem.loose)
    for cls, item in closure(problem.assumptions).items():
        if cls in EXTREMES and cls not in declared and not without_hessian(problem, cls):
            yield from compare(item, extreme_of(problem, cls), loose=True)


# --- facts: what has no constant ------------------------------------------------------------------------------


def derivative_errors(f: Callable[[Array], Array], gradients: Array, points: Array, u: Array) -> Array:
    """By how much differences of f in the directions u miss the gradient, relative to it, at the best step."""
    claimed, size = np.sum(gradients * u, axis=1), np.linalg.norm(gradients, axis=1)
    best = np.full(len(points), np.inf)
    for step in (1e-3, 1e-4, 1e-5, 1e-6):
        h = step * np.maximum(1.0, np.linalg.norm(points, axis=1))
        after, before = f(points + h[:, None] * u), f(points - h[:, None] * u)
        with np.errstate(invalid="ignore"):
            error = np.abs((after - before) / (2 * h) - claimed)
            error -= 1e-14 * np.maximum(np.abs(after), np.abs(before)) / h  # rounding
        best = np.fmin(best, error / (size + 1e-12))
    return best


def unit(vectors: Array) -> Array:
    """Of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def gradient_is_the_derivative(view: View) -> Iterator[str]:
    """With a non-smooth part g, between feasible points; g's derivative is (x - prox(x)) / step for a tiny step."""
    if not view.problem.kernels.has("value"):
        return
    points = view.generic(100)
    directions, gradients = unit(view.random.standard_normal(points.shape)), view.gradients(points)
    if view.composite:
        ends = view.prox(points, 1.0)
        apart = np.linalg.norm(np.diff(ends, axis=0), axis=1) > 1e-2
        points, directions = ((ends[1:] + ends[:-1]) / 2)[apart], unit(np.diff(ends, axis=0)[apart])
        if len(points) < 20:
            yield "prox: its values are all the same"
        gradients = view.gradients(points) + (points - view.prox(points, 1e-7)) / 1e-7
    error = derivative_errors(view.values, gradients, points, directions)
    if not (error < 1e-5).all():
        yield f"gradient: it is not the derivative of the value (error {np.max(error):.3g})"


def hessian_is_the_derivative(view: View) -> Iterator[str]:
    """Against differences of gradients."""
    if not view.problem.kernels.has("hessian"):
        return
    points = view.cloud(60, farthest=10.0)
    stated, found = view.hessians(points), jacobians(view, points, False)[:, 0]
    size = np.abs(found).max() + 1e-12
    if not np.abs(stated - found).max() < 1e-4 * size:
        yield f"hessian: it is not the derivative of the gradient (error {np.abs(stated - found).max() / size:.3g})"


def numbers_are_finite(view: View) -> Iterator[str]:
    """Values (but for the indicator of a set) and gradients."""
    points = view.feasible(view.cloud(300))
    values, gradients = view.values(points), view.gradients(points)
    if not (np.isfinite(values).all() and np.isfinite(gradients).all()):
        yield "value or gradient: not finite at some point"


def terms_average_to_the_whole(view: View) -> Iterator[str]:
    """The mean of the terms' gradients is the gradient."""
    if not view.terms or view.workers or not view.problem.kernels.has("component"):
        return
    points = view.cloud(50, farthest=10.0)
    components, gradients = view.components(points), view.gradients(points)
    size = np.abs(components).max() + 1e-300
    if not np.abs(components.mean(axis=1) - gradients).max() < 1e-10 * size:
        yield "component: the mean of the terms' gradients is not the gradient"


def terms_are_losses_of_examples(view: View) -> Iterator[str]:
    """Where a table of one row is an example: its value has the term's gradient, and the mean is sigma2_star."""
    problem = view.problem
    if not len(problem.neighbours):
        return
    points, random = view.generic(12), view.random
    for i in random.choice(view.terms, min(view.terms, 6), replace=False):
        one = View(problem, view.table[i : i + 1])
        directions = unit(random.standard_normal(points.shape))
        error = derivative_errors(one.values, view.components(points)[:, i], points, directions)
        if not (error < 1e-5).all():
            yield f"component: the gradient of term {i} is not the derivative of its example's loss"
            return


def minimum_is_the_infimum(view: View) -> Iterator[str]:
    """Nothing lies below; the minimizer has this value, or without one it is approached far out."""
    problem = view.problem
    if not problem.kernels.has("value"):
        return
    lowest = -view.climb(lambda p: -view.values(view.feasible(p)), view.cloud(300))[0]
    height = abs(float(view.values(view.start[None])[0]) - problem.minimum)
    slack = 1e-9 * (abs(problem.minimum) + height)
    if not lowest >= problem.minimum - slack:
        yield f"minimum: {problem.minimum:.9g} is declared, but {lowest:.9g} occurs"
    if view.minimizer is None:
        if not lowest <= problem.minimum + 0.01 * height:
            yield f"minimum: {problem.minimum:.9g} is declared, but nothing below {lowest:.9g} was found"
        return
    there = float(view.values(view.minimizer[None])[0])
    if not abs(there - problem.minimum) <= slack:
        yield f"minimum: {problem.minimum:.9g} is declared, but the minimizer has {there:.9g}"


def minimizer_is_stationary(view: View) -> Iterator[str]:
    """The gradient vanishes; with a non-smooth part, a proximal step does not move."""
    problem, x = view.problem, view.minimizer
    if x is None:
        return
    gradient = view.gradients(x[None])
    around = np.linalg.norm(
        view.gradients(view.inside(x + view.random.standard_normal((20, view.size)))), axis=1
    )
    if view.composite:
        moved = np.linalg.norm(view.prox(x[None] - 0.1 * gradient, 0.1) - x)
        if not moved <= 1e-9 * (1 + np.linalg.norm(x)):
            yield f"minimizer: a proximal step moves it by {moved:.3g}"
    elif known.Smooth in problem.known and not np.linalg.norm(gradient) <= 1e-8 * around.max():
        yield f"minimizer: the gradient there is {np.linalg.norm(gradient):.3g}"


def convexity(view: View) -> Iterator[str]:
    """f(y) >= f(x) + (y - x).g(x), and gradients of convex terms are monotone."""
    problem = view.problem
    if known.Convex in problem.known and not view.composite:
        x, y = view.cloud(300), view.random.permutation(view.cloud(300))
        values, others, gradients = view.values(x), view.values(y), view.gradients(x)
        below = values + np.sum((y - x) * gradients, axis=1)
        size = (
            np.abs(values)
            + np.abs(others)
            + np.linalg.norm(gradients, axis=1) * np.linalg.norm(y - x, axis=1)
        )
        if not (others >= below - 1e-9 * size).all():
            yield "Convex: a tangent lies above the function"
        if known.Smooth in problem.known and not curvature(view, False, False) >= -slack_of(problem):
            yield "Convex: the curvature is negative at some point"
    if known.ComponentsConvex in problem.known and not curvature(view, True, False) >= -slack_of(problem):
        yield "ComponentsConvex: a term has negative curvature at some point"


def slack_of(problem: Problem) -> float:
    """What rounding may make of a curvature of 0."""
    smooth = problem.known.get(known.ComponentsSmooth) or problem.known.get(known.Smooth)
    return 1e-7 * max(1.0, constant_of(smooth) if smooth else 1.0)


def self_concordance(view: View) -> Iterator[str]:
    """|D^3 f[u, u, u]| <= 2 (u.Hu)^(3/2), by differences of Hessians; f is not finite far away."""
    if not view.barrier:
        return
    points, h = view.cloud(300, farthest=10.0), 1e-5
    u = unit(view.random.standard_normal(points.shape))
    # Steps that are short in the norm of the Hessian stay in the domain.
    second = np.einsum("pi,pij,pj->p", u, view.hessians(points), u)
    u /= np.sqrt(second)[:, None]
    change = (view.hessians(points + h * u) - view.hessians(points - h * u)) / (2 * h)
    if not np.abs(np.einsum("pi,pij,pj->p", u, change, u)).max() <= 2 + 1e-4:
        yield "SelfConcordant: a third derivative is too large"
    if np.isfinite(view._run(1e9 * np.concatenate([u, -u]))[0]).all():
        yield "SelfConcordant: f is finite everywhere"


def quadratics_have_one_hessian(view: View) -> Iterator[str]:
    """The same at all points."""
    if known.Quadratic in view.problem.known:
        found = jacobians(view, view.cloud(20, farthest=10.0), False)
        if not np.ptp(found, axis=0).max() <= 1e-6 * (np.abs(found).max() + 1e-12):
            yield "Quadratic: the Hessian changes from point to point"


def interpolation(view: View) -> Iterator[str]:
    """Every term is stationary at the minimizer."""
    if known.Interpolation in view.problem.known:
        assert view.minimizer is not None
        there = np.abs(view.components(view.minimizer[None])).max()
        around = np.abs(view.components(view.minimizer[None] + 1.0)).max()
        if not there <= 1e-9 * around:
            yield f"Interpolation: a term has the gradient {there:.3g} at the minimizer"


def losses_are_not_negative(view: View) -> Iterator[str]:
    """As BoundedLoss says too."""
    if known.BoundedLoss in view.problem.known:
        for row in distinct(view.table):
            one = View(view.problem, row[None])
            if not one.climb(lambda p, one=one: -one.values(p), one.cloud(200))[0] <= 1e-12:  # type: ignore[misc]
                yield "BoundedLoss: an example has a negative loss"
                return


def region_contains_the_start(view: View) -> Iterator[str]:
    """Or the constants would not hold from the beginning."""
    region = view.problem.region
    if region is not None:
        if view.minimizer is None:
            yield "region: it is a ball around the minimizer, but there is none"
        elif not np.linalg.norm(view.start - view.minimizer) <= region * (1 + 1e-12):
            yield "region: the start lies outside"


def proximal_map(view: View) -> Iterator[str]:
    """p minimizes g(u) + |u - x|^2 / (2 step): (x - p) / step is a subgradient of g at p."""
    problem = view.problem
    if not problem.kernels.has("prox"):
        return
    whole = known.Proximable in problem.known
    x = View(replace(problem, region=None), view.table).cloud(60, farthest=10.0)
    for step in (0.1, 1.0, 10.0):
        p = view.prox(x, step)
        other = view.random.permutation(p)
        if view.composite or whole:
            smooth = np.zeros_like(p) if whole else view.gradients(p)
            subgradient = (x - p) / step + smooth
            # Values near 0 are differences of large ones where the smooth part is steep.
            rounding = 1e-14 * np.sum(np.abs(smooth) * (1 + np.abs(p)), axis=1)
            near = p + 1e-4 * view.random.standard_normal(p.shape)
            for u in (near, other, p + 1e-4 * (other - p)):
                below = view.values(p) + np.sum(subgradient * (u - p), axis=1)
                size = np.abs(view.values(p)) + np.abs(below) + 1e-3
                if not (view.values(u) >= below - 1e-9 * size - rounding).all():
                    yield f"prox: with the step {step:g} it does not minimize g(u) + |u - x|^2 / (2 step)"
                    return
        else:
            yield from projection(view, x, p, step)
    if known.CompactDomain in problem.known:
        v, feasible = view.prox(x, np.inf), view.prox(x, 1.0)
        best = (x @ feasible.T).max(axis=1)
        far = np.abs(view.prox(v, 1.0) - v).max() > 1e-9 * (1 + np.abs(v).max())
        if far or not (np.sum(x * v, axis=1) >= best - 1e-9 * (1 + np.abs(best))).all():
            yield "prox: with an infinite step it is not the feasible point farthest in the direction"


def projection(view: View, x: Array, p: Array, step: float) -> Iterator[str]:
    """Idempotent, at an obtuse angle to all feasible points, and still within the region."""
    angle = np.einsum("ij,ikj->ik", x - p, p[None, :, :] - p[:, None, :])
    rounding = 1e-12 * (1 + np.abs(x).max())
    if not (
        np.abs(view.prox(p, step) - p).max() <= rounding and angle.max() <= rounding * (1 + np.abs(x).max())
    ):
        yield "prox: it is no projection"
    elif not np.abs(view.prox(view.inside(x), step) - view.inside(x)).max() <= rounding:
        yield "prox: it moves points of the region"


def other_examples_keep_the_constants(view: View) -> Iterator[str]:
    """Neighbours differ in example 0 only, and their examples and the test examples obey the terms' constants."""
    problem = view.problem
    if not len(problem.neighbours):
        return
    tables = [np.asarray(table) for table in problem.neighbours]
    if any(t.shape != view.table.shape or (t[1:] != view.table[1:]).any() for t in tables):
        yield "neighbours: a data set differs in more than example 0"
        return
    if any((t[0] == view.table[0]).all() for t in tables):
        yield "neighbours: a data set is the original one"
    rows = [t[:1] for t in tables]
    if np.asarray(problem.test).size:
        rows.append(np.asarray(problem.test))
    other = View(problem, np.unique(np.concatenate(rows), axis=0))
    for cls, assumption in problem.known.items():
        if cls in EXTREMES and EXTREMES[cls].terms:
            for complaint in compare(assumption, EXTREMES[cls].find(other), loose=True):
                yield f"neighbours or test: {complaint}"
    if known.ComponentsConvex in problem.known and not curvature(other, True, False) >= -slack_of(problem):
        yield "neighbours or test: an example's loss is not convex"


def networks(view: View) -> Iterator[str]:
    """Each local gradient depends on its worker's point only; the constants belong to the mean."""
    problem, m, d = view.problem, view.workers, view.size
    if not m:
        return
    if np.asarray(problem.scalars)[0] != m or problem.dimension % m:
        yield "Workers: the first scalar is not their number"
        return
    points = view.generic(m)
    mixed = view._run(points.reshape(1, -1))
    apart = mixed[1].reshape(m, d)
    if not np.allclose(apart, view.components(points)[np.arange(m), np.arange(m)], rtol=1e-12, atol=1e-12):
        yield "gradient: a worker's gradient depends on the other workers' points"
    directions = unit(view.random.standard_normal((1, m * d)))
    error = derivative_errors(lambda p: view._run(p)[0], mixed[1] / m, points.reshape(1, -1), directions)
    if not (error < 1e-5).all():
        yield "gradient: the workers' gradients over m are not the derivative of the value"
    mean = np.asarray(problem.start).reshape(m, d).mean(axis=0)
    assert view.minimizer is not None
    found = {
        "d": d,
        "D": float(view.values(mean[None])[0]) - problem.minimum,
        "R": float(np.linalg.norm(mean - view.minimizer)),
        "g0": float(np.linalg.norm(view.gradients(mean[None]))),
        "disagreement": float(np.linalg.norm(np.asarray(problem.start).reshape(m, d) - mean)),
    }
    for name, number in found.items():
        if not np.isclose(problem.universal[name], number, rtol=1e-9, atol=1e-9):
            yield f"{name}: {problem.universal[name]:.9g} is declared, but it is {number:.9g}"


def bregman_distance(view: View) -> Iterator[str]:
    """The declared divergence is D_h(x*, x_0) for h = -sum log."""
    smooth = view.problem.known.get(known.RelativelySmooth)
    if isinstance(smooth, known.RelativelySmooth):
        assert view.minimizer is not None
        ratio = view.minimizer / view.start
        found = float(np.sum(ratio - 1 - np.log(ratio)))
        if not abs(smooth.divergence - found) <= 1e-9 * (1 + found):
            yield f"RelativelySmooth: the divergence {smooth.divergence:.6g} is declared, but it is {found:.6g}"


def noise_at_the_minimizer(view: View) -> Iterator[str]:
    """sigma2_star is the mean of the squared gradient norms of the terms."""
    stated = view.problem.universal.get("sigma2_star")
    if stated is not None and view.minimizer is not None:
        there = view.components(view.minimizer[None])[0]
        found = float(np.mean(np.sum(there**2, axis=1)))
        if not abs(stated - found) <= 1e-9 * (1 + found):
            yield f"sigma2_star: {stated:.6g} is declared, but it is {found:.6g}"


FACTS = (
    numbers_are_finite,
    gradient_is_the_derivative,
    hessian_is_the_derivative,
    terms_average_to_the_whole,
    terms_are_losses_of_examples,
    minimum_is_the_infimum,
    minimizer_is_stationary,
    convexity,
    self_concordance,
    quadratics_have_one_hessian,
    interpolation,
    losses_are_not_negative,
    region_contains_the_start,
    proximal_map,
    other_examples_keep_the_constants,
    networks,
    bregman_distance,
    noise_at_the_minimizer,
)

# Assumptions without a number, which facts cover or which say nothing that could be wrong.
WITHOUT_CONSTANT = {
    known.Convex,
    known.ComponentsConvex,
    known.Differentiable,
    known.BoundedBelow,
    known.Quadratic,
    known.Interpolation,
    known.FiniteSum,
    known.Workers,
    known.Proximable,
    known.SelfConcordant,
    known.QuadraticGrowth,  # implied by the Polyak-Lojasiewicz inequality
}


def certify(problem: Problem) -> list[str]:
    """All complaints about an instance; none when everything that it declares holds and is reached."""
    view = View(problem)
    complaints = [c for fact in FACTS for c in fact(view)]
    unknown = {type(item) for item in problem.assumptions} - set(EXTREMES) - WITHOUT_CONSTANT
    if any(isinstance(item, known.QuadraticGrowth) for item in problem.assumptions):
        unknown.add(known.QuadraticGrowth)
    complaints += [f"{cls.__name__}: certification has no check for it; write one" for cls in unknown]
    complaints += constants(problem)
    return complaints
