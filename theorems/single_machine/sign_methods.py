"""SignSGD: what the signs of gradients are enough for, what they are not, and how error feedback mends it."""

import math

import numpy as np

from problems.noise import signs
from problems.polyhedral import polyhedral
from problems.pseudo_huber import pseudo_huber
from problems.quadratic import quadratic
from problems.skewed import skewed
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Objective, Reference
from simlab.kernels.quantities import gradient_norm_squared, suboptimality
from simlab.optimizers.adaptive import adam, adamw, amsgrad, rmsprop
from simlab.optimizers.first_order import gradient_descent, sgd, sgd_momentum
from simlab.optimizers.sign import ef_signsgd, scaled_signsgd, signsgd
from simlab.running.given import states
from simlab.vocabulary.assumptions import BoundedVariance, Lipschitz, Smooth
from simlab.vocabulary.claim import LOWER, law
from simlab.vocabulary.quantity import quantity
from simlab.vocabulary.theorem import grid, theorem


@quantity(latex=r"\|\nabla f(x)\|_1")
@kernel
def gradient_one_norm(objective: Objective, reference: Reference, x: Vector, work: Matrix) -> float:
    """|grad f(x)|_1."""
    objective.gradient(objective.data, x, work[1])
    total = 0.0
    for i in range(x.size):
        total += abs(work[1, i])
    return total


@theorem(
    method=signsgd(step_size=lambda a: a),
    assumes=Smooth,
    measures=gradient_one_norm.mean(),
    domain=grid(a=(0.01, 0.3), k=(1, 2, 3, 10, 100)),
    attained_by=quadratic.at(spectrum=(2.0,), start=lambda a: (a / 2,)),
    at_least=0.999,
    attained_at=grid(a=(1e-3, 0.3), k=1000),
    source="Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Theorem 1 (its deterministic part)",
)
def signsgd_deterministic(k, a, d, L, D):
    """Gradient descent by signs with a constant step size a on smooth functions, convex or not: the mean 1-norm of
    the gradients before step k. It ends in a band that is proportional to the step size.

    Every coordinate has the smoothness L here. A parabola started at a/2 reaches the band: two points in turn.
    """
    return D / (a * k) + a * d * L / 2


@signsgd_deterministic.control("half of the term for the step size")
def _(k, a, d, L, D):
    return D / (a * k) + a * d * L / 4


signsgd_deterministic.control("half of the smoothness", declare={"L": lambda L: L / 2})


@theorem(
    method=signsgd(step_size=lambda d, L, K: 1 / math.sqrt(d * L * K)),
    assumes=Smooth & BoundedVariance,
    noise=[model(variance=lambda v, K: v / K) for model in (signs, skewed)],
    measures=gradient_one_norm.mean(),
    domain=grid(v=3.0, k=(2, 3, 100)),
    attained_by=quadratic(spectrum=(1.0,), start=(1.0,)),
    at_least=0.999,
    attained_at=grid(v=0.0, k=1),
    source="Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Theorem 1",
)
def signsgd_large_batch(k, d, L, D, sigma2):
    """SignSGD with k steps of size 1/sqrt(d L k) and large batches: the mean 1-norm of the gradients before step k.
    With batches of size k their variance is sigma2 = v/k, and the bound of order 1/sqrt(k).

    The batches must grow: signs of skewed noise point the wrong way, however short the steps are.
    """
    return math.sqrt(d * L / k) * (D + 1 / 2) + 2 * math.sqrt(d * sigma2)


signsgd_large_batch.control(
    "batches of size 1 in the bound for size k, and skewed noise",
    on=quadratic(spectrum=(1.0,), start=(1.0,)),
    noise=skewed(variance=lambda v: v),
    declare={"sigma2": lambda v, K: v / K},
    domain=grid(v=3.0, k=1000),
)


@signsgd_large_batch.control("half of the term with the step size", domain=grid(v=0.0, k=1))
def _(k, d, L, D, sigma2):
    return math.sqrt(d * L / k) * (D + 1 / 4) + 2 * math.sqrt(d * sigma2)


cross = polyhedral.at(
    slopes=lambda e: [(e + 1, e - 1), (e - 1, e + 1), (1 - e, -1 - e), (-1 - e, 1 - e)], start=(1.3, 0.5)
)


@theorem(
    method=signsgd(step_size=lambda a: a),
    measures=suboptimality.last,
    claim=LOWER,
    domain=grid(e=(0.1, 0.5, 0.9), a=(1e-3, 0.05), k=(1, 2, 3, 10, 1000, 5000)),
    on=cross,
    matched=False,
    attained_by=cross,
    at_least=0.99,
    attained_at=grid(e=(0.1, 0.9), a=1e-3, k=5000),
    source="Karimireddy, Rebjock, Stich & Jaggi 2019, Counterexample 2",
)
def signsgd_karimireddy(e):
    """SignSGD does not converge on e |x_1 + x_2| + |x_1 - x_2|, e < 1: every subgradient has the signs (1, -1) or
    (-1, 1), so that x_1 + x_2 stays what it is, 1.8 here. The claim is of this function and start.
    """
    return 1.8 * e


signsgd_karimireddy.control(
    "error feedback, which converges",
    method=ef_signsgd(step_size=lambda a: a),
    domain=grid(e=0.5, a=1e-3, k=5000),
)
signsgd_karimireddy.control(
    "the subgradient itself",
    method=gradient_descent(step_size=lambda a: a),
    domain=grid(e=0.5, a=1e-3, k=5000),
)


@signsgd_karimireddy.control("a bound that is 2% larger", domain=grid(e=0.9, a=1e-3, k=5000))
def _(e):
    return 1.02 * 1.8 * e


@theorem(
    method=ef_signsgd(step_size=lambda a: a),
    assumes=Smooth & Lipschitz & BoundedVariance,
    noise=signs(variance=lambda sigma2: sigma2),
    measures=gradient_norm_squared.mean(),
    domain=grid(a=(0.01, 0.3), sigma2=(0.0, 1.0), k=(1, 2, 3, 100)),
    attained_by=pseudo_huber.at(start=lambda a, k: a * k),
    at_least=0.48,
    attained_at=grid(a=1e-3, sigma2=0.0, k=10_000),
    source="Karimireddy, Rebjock, Stich & Jaggi 2019, Theorem II (with constants derived anew)",
)
def ef_signsgd_nonconvex(k, a, d, L, G, sigma2, D):
    """SignSGD with error feedback and a constant step size a on smooth functions with bounded stochastic gradients,
    convex or not: the mean squared gradient norm before step k. The signs cost a term of second order in a only.

    Signs with the mean magnitude keep at least 1/d of the squared length of a vector. In one dimension the method
    is SGD, and a slope that stays at 1 until step k reaches half of the bound.
    """
    second_moment, kept = G**2 + sigma2, 1 / d
    compression = 4 * a**2 * L**2 * second_moment * (1 - kept) / kept**2
    return 2 * D / (a * k) + a * L * second_moment + compression


# The squared gradient 3/2 at the start, of the bound 8 + 2 + 8: L = 2, D = 1, G^2 = 2, and 1/2 of a vector is kept.
ef_signsgd_nonconvex.reaches(
    1 / 12,
    by=pseudo_huber(dimension=2, threshold=0.5, start=math.sqrt(3) / 2),
    at=grid(a=0.25, sigma2=2.0, k=1),
)
ef_signsgd_nonconvex.control(
    "no error feedback, and skewed noise",
    method=scaled_signsgd(step_size=lambda a: a),
    noise=skewed(variance=lambda sigma2: sigma2),
    on=pseudo_huber(dimension=2, start=0.0),
    domain=grid(a=0.003, sigma2=24.0, k=3000),
)


@ef_signsgd_nonconvex.control("0.4 of the first term", domain=grid(a=1e-3, sigma2=0.0, k=10_000))
def _(k, a, d, L, G, sigma2, D):
    return 0.8 * D / (a * k) + a * L * (G**2 + sigma2)


# --- the same rule under several names ---------------------------------------------------------------------------

SAME = {
    "Adam without moments": (
        adam(step_size=0.01, beta1=0.0, beta2=0.0, epsilon=1e-300),
        signsgd(step_size=0.01),
    ),
    "AdamW without moments": (
        adamw(step_size=0.01, beta1=0.0, beta2=0.0, epsilon=1e-300, weight_decay=0.0),
        signsgd(step_size=0.01),
    ),
    "RMSProp without memory": (rmsprop(step_size=0.01, decay=0.0, epsilon=1e-300), signsgd(step_size=0.01)),
    "error feedback in one dimension": (ef_signsgd(step_size=0.01), sgd(step_size=0.01)),
    "AMSGrad without moments": (
        amsgrad(step_size=0.01, beta1=0.0, beta2=0.0, epsilon=1e-300),
        signsgd(step_size=0.01),
    ),
    "Adam with its usual moments": (adam(step_size=0.01), signsgd(step_size=0.01)),
}


def distance_after(method, k):
    """How far x_k is from 7 in one dimension, with the same Gaussian noise for every method."""
    start, noise = np.array([[1.5]]), np.random.default_rng(4).standard_normal((1, k, 1))
    return abs(states(method, quadratic(spectrum=(2.0,)), start, noise)[0, -1, 0, 0] - 7.0)


@theorem(
    experiment=lambda pair, k: distance_after(SAME[pair][0], k),
    claim=law(1e-12),
    domain=grid(
        pair=(
            "Adam without moments",
            "AdamW without moments",
            "RMSProp without memory",
            "error feedback in one dimension",
        ),
        k=(1, 2, 3, 300),
    ),
    source="Balles & Hennig 2018, section 1 (Adam and RMSProp); Karimireddy et al. 2019 (error feedback)",
)
def sign_identities(pair, k):
    """Adam, AdamW without weight decay and RMSProp are signSGD when they forget at once (betas 0, epsilon
    vanishing), and signSGD with error feedback is SGD in one dimension: their k-th iterates on a parabola with
    noise agree. Measured is their distance from a far point.
    """
    return distance_after(SAME[pair][1], k)


sign_identities.control("Adam with its usual moments", domain=grid(pair="Adam with its usual moments", k=10))
sign_identities.control("AMSGrad, which does not forget", domain=grid(pair="AMSGrad without moments", k=10))


# --- weight decay ------------------------------------------------------------------------------------------------

FLAT = 1e10  # an epsilon beside which no second moment counts


def decayed(rule, h, w, b1=0.0, epsilon=FLAT):
    """An adaptive method with the step size h and the weight decay w, whose steps epsilon makes all alike."""
    decay = {"weight_decay": w / epsilon} if rule is adamw else {"weight_decay": w}
    return rule(step_size=h * epsilon, beta1=b1, beta2=0.9, epsilon=epsilon, **decay)


def decoupled(h, w, k):
    """SGD whose weight decay shrinks x."""
    return distance_after(decayed(adamw, h, w), k)


def decoupled_momentum(h, w, k):
    """With momentum."""
    return distance_after(decayed(adamw, h, w, b1=0.9), k)


def decoupled_adam(h, w, k):
    """With step sizes that adapt to the gradients."""
    return distance_after(adamw(step_size=h, weight_decay=w), k)


@theorem(
    experiment=decoupled,
    claim=law(1e-7),
    domain=grid(h=(0.01, 0.3), w=(0.01, 1.0), k=(1, 2, 3, 300)),
    source="Loshchilov & Hutter 2019, Proposition 1",
)
def decoupled_decay_of_sgd(h, w, k):
    """For SGD with the step size h, a weight decay of h w that shrinks x and one of w in the gradient are the
    same: their k-th iterates on a parabola with noise agree. For momentum and for Adam they are not, see
    adamw-kkt. Measured is the distance from a far point; SGD with decoupled decay is AdamW without momentum,
    with an epsilon of 1e10.
    """
    return distance_after(sgd_momentum(step_size=h, momentum=0.0, weight_decay=w), k)


@decoupled_decay_of_sgd.control("no weight decay in the gradient", domain=grid(h=0.3, w=1.0, k=10))
def _(h, k):
    return distance_after(sgd(step_size=h), k)


@decoupled_decay_of_sgd.control("momentum", experiment=decoupled_momentum, domain=grid(h=0.3, w=1.0, k=10))
def _(h, w, k):
    return distance_after(decayed(adam, h, w, b1=0.9), k)


@decoupled_decay_of_sgd.control("Adam", experiment=decoupled_adam, domain=grid(h=0.1, w=1.0, k=10))
def _(h, w, k):
    return distance_after(adam(step_size=h, weight_decay=w), k)
