"""L-BFGS and the Barzilai-Borwein method: curvature from differences of gradients."""

import math

import numpy as np

from problems.exponential import exponential
from problems.logistic import logistic_regression
from problems.quadratic import quadratic
from problems.spectra import clustered_quadratic
from simlab.kernels.compilation import kernel
from simlab.kernels.quantities import gradient_norm, suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.quasi_newton import barzilai_borwein, bfgs_from_hessian, lbfgs, two_loop
from simlab.optimizers.second_order import bfgs, newton
from simlab.running.given import states
from simlab.running.simulate import constants
from simlab.vocabulary.assumptions import Quadratic, Smooth, StronglyConvex
from simlab.vocabulary.claim import LOWER, law, limit
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, only, theorem
from theorems.single_machine.conjugate_gradient import krylov, krylov_bound

# --- exact line searches on quadratics ---------------------------------------------------------------------------

searching = lbfgs(pairs=lambda pairs: pairs, exact=1, initial_curvature=lambda fixed: fixed)


@theorem(
    method=searching,
    assumes=Quadratic,
    measures=suboptimality.last,
    domain=grid(pairs=(1, 2, 20), fixed=(0.0, 1.0), m=(2, 6), copies=(1, 20), k=(0, 1, 2, 3, 4, 5, 6)),
    on=clustered_quadratic.at(clusters=lambda m: m, copies=lambda copies: copies),
    matched=False,
    source="Nazareth 1979; Nocedal & Wright 2006, Theorem 6.4 and section 7.2",
)
def bfgs_lbfgs_termination(k, m, D):
    """L-BFGS with any number of pairs, with an exact line search on a quadratic with m different eigenvalues: done
    in m steps, like conjugate gradients. With 20 pairs and a fixed P_0 = I (``fixed`` = 1) it is BFGS itself.

    The number of different eigenvalues is a parameter of the instance, so registered problems are left out. Zero is
    meant up to rounding: 1e-11 of the initial suboptimality.
    """
    return D if k < m else 0.0


bfgs_lbfgs_termination.control(
    "unit steps in place of the line search", method=lbfgs(pairs=5), domain=grid(m=6, copies=1, k=(0, 3, 6))
)
bfgs_lbfgs_termination.control(
    "one eigenvalue more than is counted",
    on=clustered_quadratic.at(clusters=lambda m: m + 1),
    domain=grid(pairs=5, fixed=0.0, m=(3, 5), k=(0, 3, 5)),
)


@theorem(
    method=searching,
    **{**krylov, "attained_at": grid(pairs=(1, 5), fixed=(0.0, 1.0), k=(1, 3, 10))},
    domain=grid(pairs=(1, 5, 20), fixed=(0.0, 1.0), k=(1, 2, 3, 5, 10, 20)),
    source="Nazareth 1979 (the iterates are those of conjugate gradients); as cg-chebyshev",
)
def lbfgs_chebyshev(k, L, mu, D):
    """L-BFGS with any number of pairs, with an exact line search on a quadratic whose positive eigenvalues lie
    between mu and L: as fast as conjugate gradients, and attained where they are at their worst.
    """
    return krylov_bound(k, L, mu, D)


lbfgs_chebyshev.control("unit steps in place of the line search", method=lbfgs(pairs=5))


@lbfgs_chebyshev.control("1.001 times T_k")
def _(k, L, mu, D):
    return krylov_bound(k, L, mu, D) / 1.001


# --- the matrix of L-BFGS ----------------------------------------------------------------------------------------


def inverse_approximation(s, y):
    """P as a matrix, shape (d, d), from the pairs in the rows of s and y (m, d): the two loops on a basis."""
    count, d = s.shape
    scale, scratch = s[-1] @ y[-1] / (y[-1] @ y[-1]), np.zeros((count, d))
    rows = np.eye(d)
    for row in rows:
        two_loop(row, s, y, 0, count, scale, scratch)
    return rows


def pairs_between(d, m, spread, seed):
    """m random steps with y = H s, each with its own random H of eigenvalues between 1 and ``spread``."""
    random = np.random.default_rng([d, m, seed])
    s = random.standard_normal((m, d))
    y = np.empty_like(s)
    for j in range(m):
        basis = np.linalg.qr(random.standard_normal((d, d)))[0]
        spectrum = spread ** random.random(d)
        spectrum[0], spectrum[-1] = 1.0, spread
        y[j] = basis @ (spectrum * (basis.T @ s[j]))
    return s, y


def curvatures(d, m, spread, seed):
    """The eigenvalues of B = P^(-1)."""
    return 1 / np.linalg.eigvalsh(inverse_approximation(*pairs_between(d, m, spread, seed)))


def largest_curvature(d, m, spread, seed):
    """The largest eigenvalue of B."""
    return curvatures(d, m, spread, seed).max()


def smallest_curvature(d, m, spread, seed):
    """The smallest eigenvalue of B."""
    return curvatures(d, m, spread, seed).min()


def curvature_of_bad_pairs(d, m, spread, seed):
    """The largest eigenvalue of B when the last y is nearly orthogonal to s, as no such Hessian makes it."""
    s, y = pairs_between(d, m, spread, seed)
    y[-1] -= (y[-1] @ s[-1] - 1e-3) / (s[-1] @ s[-1]) * s[-1]
    return (1 / np.linalg.eigvalsh(inverse_approximation(s, y))).max()


matrices = grid(d=(1, 2, 10, 50), m=(1, 5, 20), spread=(1.0, 10.0, 1e4), seed=(1, 2))


@theorem(
    experiment=largest_curvature,
    domain=matrices,
    attained_at=grid(d=2, m=1, spread=1e4, seed=2),
    at_least=0.9,
    source="as Byrd, Hansen, Nocedal & Singer 2016, Lemma 3.1, who add traces (d + m in place of 1 + m)",
)
def lbfgs_eigenvalue_bounds(m, spread):
    """The Hessian approximation B of L-BFGS from m pairs y = H s with I <= H <= Lam I (Lam = ``spread``) and
    B_0 = y'y/y's I: its largest eigenvalue. B_0 <= Lam I, and each update adds yy'/y's, of the norm Lam at most.
    """
    return (1 + m) * spread


lbfgs_eigenvalue_bounds.reaches(lambda m: 1 / (1 + m), at=grid(d=(1, 10), m=(1, 5), spread=1.0, seed=1))
lbfgs_eigenvalue_bounds.control(
    "a pair whose curvature is not that of a Hessian", experiment=curvature_of_bad_pairs
)


@lbfgs_eigenvalue_bounds.control("half of the largest curvature")
def _(spread):
    return spread / 2


def largest_inverse(L, mu, pairs):
    """c2, which no eigenvalue of P exceeds after updates by ``pairs`` pairs, y = H s with mu <= H <= L."""
    ratio = (L + mu) ** 2 / (4 * L * mu)
    return (ratio**pairs + sum(ratio**j for j in range(pairs))) / mu


@theorem(
    experiment=smallest_curvature,
    claim=LOWER,
    domain=grid(d=(1, 2, 5, 50), m=(1, 2, 5), spread=(1.0, 3.0, 100.0), seed=(1, 2)),
    labels=("loose",),
    source="by the norms of the updates; smaller ones in Byrd, Hansen, Nocedal & Singer 2016, Lemma 3.1",
)
def lbfgs_smallest_eigenvalue(m, spread):
    """The Hessian approximation B of L-BFGS from m pairs y = H s with I <= H <= Lam I (Lam = ``spread``): its
    smallest eigenvalue, in any dimension. By far too small, but positive.

    An update makes P+ = V'PV + ss'/y's of P, V = I - y s'/y's, and by Kantorovich's inequality |V|^2 =
    |y|^2 |s|^2/(y's)^2 is at most q = (1 + Lam)^2/(4 Lam), so |P| grows to q |P| + 1 at most, from 1.
    """
    return 1 / largest_inverse(spread, 1, m)


lbfgs_smallest_eigenvalue.reaches(lambda m: 1 / (1 + m), at=grid(d=(1, 10), m=(1, 5), spread=1.0, seed=1))


@lbfgs_smallest_eigenvalue.control("as if B were at least 2 I")
def _():
    return 2.0


# --- L-BFGS with safe steps --------------------------------------------------------------------------------------

SMOOTH = {
    "parabola": quadratic.at(spectrum=(0.5, 1.0)),
    "quadratic": quadratic.at(spectrum=(0.001, 0.03, 1.0), rotation=1),
    "logistic": logistic_regression.at(terms=30, dimension=3, ridge=0.1),
    "wide logistic": logistic_regression.at(terms=12, dimension=15, ridge=0.02),
}


def step_from(name, pairs, k, scale):
    """(f - f*) after over before one step of length ``scale`` c1/(L c2^2), along the direction of L-BFGS after k of
    its steps; with the eigenvalues c1 and c2 between which its matrix lies.
    """
    problem = SMOOTH[name].resolve({})
    known = constants(problem)
    convexity = problem.known[StronglyConvex]
    assert isinstance(convexity, StronglyConvex)
    L, mu = known["L"], convexity.strong_convexity
    run = states(lbfgs(pairs=pairs), problem, np.array([problem.start]), np.zeros((1, k, problem.dimension)))
    path = run[0, :, 0]
    slopes = np.array([problem.gradient(x) for x in path])
    matrix = inverse_approximation(np.diff(path, axis=0)[-pairs:], np.diff(slopes, axis=0)[-pairs:])
    eigenvalues = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    c1, c2 = eigenvalues[0], eigenvalues[-1]
    after = path[-1] - scale * c1 / (L * c2**2) * matrix @ slopes[-1]
    gaps = [problem.value(x) - problem.minimum for x in (path[-1], after)]
    return gaps[1] / gaps[0], {"c1": c1, "c2": c2, "L": L, "mu": mu}


def safe_step(name, pairs, k):
    """With the length of the theorem."""
    return step_from(name, pairs, k, 1.0)


def long_step(name, pairs, k):
    """With a length that the smoothness does not allow."""
    return step_from(name, pairs, k, 60.0)


one_step = grid(name=tuple(SMOOTH), pairs=(1, 2, 5), k=(1, 2, 3, 5))


@theorem(
    experiment=safe_step,
    observes=("c1", "c2", "L", "mu"),
    domain=one_step,
    attained_at=grid(name="quadratic", pairs=5, k=5),
    at_least=0.999,
    source="Bottou, Curtis & Nocedal 2018, section 6.1 (with exact gradients); by the descent lemma",
)
def lbfgs_linear(c1, c2, L, mu):
    """One step of length c1/(L c2^2) along the direction of L-BFGS on a smooth strongly convex function, when its
    inverse Hessian approximation lies between c1 and c2: what remains of the suboptimality. The two are measured,
    after k unit steps.
    """
    return 1 - mu * c1**2 / (L * c2**2)


lbfgs_linear.control("a step that is sixty times as long", experiment=long_step, domain=one_step)


@lbfgs_linear.control("as much as a Newton step", domain=grid(name="quadratic", pairs=2, k=(1, 2, 3)))
def _(c1, c2):
    return (1 - c1 / c2) ** 2


# --- BFGS near a minimizer ---------------------------------------------------------------------------------------


def error_from_nearby(name, far, checkpoints, method):
    """|H*^(1/2) (x_k - x*)| over its initial value, from ``far`` times mu^(3/2)/(300 M) in this norm."""
    problem = SMOOTH[name].resolve({})
    known, convexity = constants(problem), problem.known[StronglyConvex]
    assert isinstance(convexity, StronglyConvex)
    minimizer = np.asarray(problem.minimizer)
    hessian = problem.hessian(minimizer)
    u = np.random.default_rng(1).standard_normal(problem.dimension)
    radius = far * convexity.strong_convexity**1.5 / (300 * known["M"])
    start = minimizer + radius * u / np.sqrt(u @ hessian @ u)
    zeros = np.zeros((1, checkpoints[-1], problem.dimension))
    errors = states(method, problem, np.array([start]), zeros, constants=known)[0, :, 0] - minimizer
    lengths = np.sqrt(np.einsum("ki,ij,kj->k", errors, hessian, errors))
    return lengths[list(checkpoints)] / lengths[0]


def bfgs_from_nearby(name, far, checkpoints):
    """With B_0 = H(x_0)."""
    return error_from_nearby(name, far, checkpoints, bfgs_from_hessian())


def bfgs_from_a_multiple(name, far, checkpoints):
    """With B_0 = 10 L I."""
    return error_from_nearby(name, far, checkpoints, bfgs(initial_curvature=lambda L: 10 * L))


@theorem(
    experiment=bfgs_from_nearby,
    domain=grid(name=("logistic", "wide logistic"), far=(0.1, 1.0), k=(1, 2, 3, 4)),
    labels=("vacuous",),
    source="Jin & Mokhtari 2023",
)
def bfgs_jin_mokhtari(k):
    """BFGS with unit steps from B_0 = H(x_0), started where |H*^(1/2) (x - x*)| <= mu^(3/2)/(300 M), on smooth
    strongly convex functions with an M-Lipschitz Hessian: this norm falls to (1/k)^(k/2) of what it was. Later
    steps are below rounding. Vacuous: so near, the first step already leaves less than a thousandth.
    """
    return (1 / k) ** (k / 2)


bfgs_jin_mokhtari.control(
    "B_0 = 10 L I in place of the Hessian",
    experiment=bfgs_from_a_multiple,
    domain=grid(name="wide logistic", far=1.0, k=(1, 2, 3, 4, 6)),
)


SECANT = {
    "bfgs": bfgs(initial_curvature=1.0),
    "bfgs from the hessian": bfgs_from_hessian(),
    "l-bfgs": lbfgs(pairs=1, initial_curvature=1.0),
    "newton": newton(),  # for controls
    "gradient descent": gradient_descent(step_size=1.0),
}


def secant_ratio(name, start, k):
    """e_k/(e_(k-1) e_(k-2)) for the errors e of a method on e^x - 1 - x."""
    errors = states(SECANT[name], exponential(), np.array([[start]]), np.zeros((1, k, 1)))[0, :, 0, 0]
    return errors[-1] / (errors[-2] * errors[-3])


@theorem(
    experiment=secant_ratio,
    claim=limit(0.01),
    domain=grid(name=("bfgs", "bfgs from the hessian", "l-bfgs"), start=(0.3, -0.3), k=(4, 5)),
    source="the secant method; Dennis & Schnabel 1996, section 2.6",
)
def bfgs_secant():
    """BFGS and L-BFGS with unit steps are the secant method on one coordinate, whatever B_0: near the minimizer the
    errors follow e_(k+1) = f^(3)/(2 f^(2)) e_k e_(k-1), so that their order of convergence is the golden ratio,
    1.618. Here f' = e^x - 1, seen in steps 4 and 5 and to 1%; later ones are below rounding.
    """
    return 1 / 2


bfgs_secant.control("Newton's method", domain=grid(name="newton", start=0.3, k=(3, 4)))
bfgs_secant.control("gradient descent", domain=grid(name="gradient descent", start=0.3, k=(2, 3)))


@bfgs_secant.control("a third derivative that is 2% smaller")
def _():
    return 0.98 / 2


# --- Barzilai and Borwein ----------------------------------------------------------------------------------------


@quantity(latex=r"|\partial_1 f(x)|")
@kernel
def first_slope(objective, reference, x, work):
    """|d f / d x_1|."""
    objective.gradient(objective.data, x, work[1])
    return abs(work[1, 0])


between = quadratic.at(spectrum=lambda kappa: np.linspace(1.0, kappa, 6), start=np.ones(6))


@theorem(
    method=barzilai_borwein(first_step=lambda L: 1 / L, short=lambda short: short),
    assumes=Quadratic & Smooth & StronglyConvex,
    measures=first_slope.last,
    domain=grid(short=only(0.0, 1.0), kappa=(1.5, 20.0, 100.0, 2000.0), k=(1, 2, 3, 20, 50, 200)),
    on=between,
    matched=False,
    attained_by=between,
    at_least=0.999999,
    attained_at=grid(short=(0.0, 1.0), kappa=(20.0, 2000.0), k=1),
    source="Li & Sun 2021, proof of Theorem 1; Dai & Liao 2002",
)
def barzilai_borwein_linear(k, L, mu, x0):
    """The Barzilai-Borwein method on quadratics, with either of its two step sizes: the slope along the flattest
    direction, x_1 here, falls at the rate 1 - mu/L or faster, in every step. Equality in the first step.

    All step sizes lie between 1/L and 1/mu. With more directions the slope along the next one falls as fast once
    those before are small beside it, and so on: this is why the method converges R-linearly, though its gradients
    may grow meanwhile, see barzilai-borwein-without-factor. It is about quadratics whose Hessian is diagonal,
    flattest along x_1, that start at x0 (1, ..., 1), so that registered problems are left out.
    """
    return (1 - mu / L) ** k * mu * x0


barzilai_borwein_linear.control(
    "half of the shortest step", method=gradient_descent(step_size=lambda L: 0.5 / L)
)


@barzilai_borwein_linear.control("one step more")
def _(k, L, mu, x0):
    return (1 - mu / L) ** (k + 1) * mu * x0


@barzilai_borwein_linear.refuted(
    measures=gradient_norm.last,
    on=between,
    domain=grid(short=0.0, kappa=2712.0, k=(20, 30, 39, 50)),
    source="the R-linear rate of Dai & Liao 2002 and Li & Sun 2021, where its factor is left out",
)
def barzilai_borwein_without_factor(k, L, mu, g0):
    """The same of the whole gradient: it may be several times as long as at the start, after steps that were made
    for flat directions.
    """
    return (1 - mu / L) ** k * g0


def log_ratio(kappa, short, k):
    """log (g_1/g_2)^2 in step k on a quadratic with the eigenvalues 1 and kappa."""
    problem = quadratic(spectrum=(1.0, kappa), start=(1.0, 0.7))
    method = barzilai_borwein(first_step=FIRST_STEP / kappa, short=short)
    x = states(method, problem, np.array([problem.start]), np.zeros((1, k, 2)))[0, -1, 0]
    return math.log((x[0] / (kappa * x[1])) ** 2)


def log_ratio_of_descent(kappa, short, k):
    """The same of gradient descent."""
    problem = quadratic(spectrum=(1.0, kappa), start=(1.0, 0.7))
    method = gradient_descent(step_size=FIRST_STEP / kappa)
    x = states(method, problem, np.array([problem.start]), np.zeros((1, k, 2)))[0, -1, 0]
    return math.log((x[0] / (kappa * x[1])) ** 2)


FIRST_STEP = 2 / 3  # over kappa
plane = grid(kappa=(2.0, 10.0, 100.0), short=only(0.0, 1.0), k=(1, 2, 3, 4, 5))


def spiral(kappa, short, k, growth):
    """M_k with M_(j+1) = M_j - growth^2 M_(j-1) for the distances of the M_j from ``short`` log kappa."""
    center, angle = short * math.log(kappa), math.acos(1 / (2 * growth))
    first = -2 * math.log(0.7 * kappa) - center
    second = first + 2 * math.log((1 - FIRST_STEP / kappa) / (1 - FIRST_STEP))
    tilt = (second / growth - first * math.cos(angle)) / math.sin(angle)
    return growth**k * (first * math.cos(k * angle) + tilt * math.sin(k * angle)) + center


@theorem(
    experiment=log_ratio,
    claim=law(1e-6),
    domain=plane,
    where=lambda kappa, k: kappa <= 30 or k < 5,  # later steps are below rounding
    source="Barzilai & Borwein 1988, section 3; solved, and for the short step size too",
)
def barzilai_borwein_plane(kappa, short, k):
    """The Barzilai-Borwein method in the plane: with q the squared ratio of the components of the gradient
    along the eigenvectors of 1 and kappa, q_(k+1) = q_k/q_(k-1)^2 for the long step size, and q_k
    kappa^2/q_(k-1)^2 for the short one. So log q_k swings by an angle of arccos(1/sqrt(8)) a step and grows as
    sqrt(2)^k: each component in turn is eliminated by more and more, and the gradient falls R-superlinearly, of
    the order sqrt(2).

    A step multiplies the components by (kappa - 1)/(q_(k-1) + kappa) and -(kappa - 1) q_(k-1)/(q_(k-1) +
    kappa). Later steps are below rounding. For three eigenvalues and more the convergence is linear.
    """
    return spiral(kappa, short, k, math.sqrt(2))


barzilai_borwein_plane.control("gradient descent", experiment=log_ratio_of_descent)


@barzilai_borwein_plane.control("a growth of 1.4 a step", domain=grid(kappa=10.0, short=0.0, k=5))
def _(kappa, short, k):
    return spiral(kappa, short, k, 1.4)
