"""Adam and RMSProp with their usual memories on smooth non-convex functions, and where AdamW ends."""

import math

from problems.noise import signs
from problems.pseudo_huber import pseudo_huber
from simlab.kernels.quantities import gradient_norm_squared, max_norm
from simlab.optimizers.adaptive import adam, adamw, rmsprop, unnormalized_adam
from simlab.vocabulary.assumptions import BoundedGradientCoordinates, Smooth
from simlab.vocabulary.claim import limit
from simlab.vocabulary.theorem import grid, only, theorem

bounded_noise = signs(variance=lambda sigma2: sigma2)

# At the start L = 2, d = 2, D = 1 and |grad f|^2 = 3/2, and with sigma2 = 2 no stochastic gradient has a coordinate
# above 2.
steep = pseudo_huber(dimension=2, threshold=0.5, start=math.sqrt(3) / 2)


def largest_gradient(Rb, sigma2, d):
    """What bounds every coordinate of a stochastic gradient: the noise has fair signs."""
    return Rb + math.sqrt(sigma2 / d)


def decay(Rb, sigma2, d, eps):
    """The shortest memory that is allowed."""
    return 1 - (eps / (4 * largest_gradient(Rb, sigma2, d))) ** 2


@theorem(
    method=rmsprop(
        step_size=lambda h, eps, L: h * eps / (2 * L),
        decay=lambda Rb, sigma2, d, eps: decay(Rb, sigma2, d, eps),
        epsilon=lambda eps: eps,
    ),
    assumes=Smooth & BoundedGradientCoordinates,
    noise=bounded_noise,
    measures=gradient_norm_squared.mean(),
    domain=grid(h=(0.1, 1.0), eps=(0.1, 1.0), sigma2=(0.0, 1.0), k=(1, 2, 3, 100)),
    attained_by=pseudo_huber.at(start=lambda h, eps, k: k * h * eps / (2 * (1 + eps))),
    at_least=0.49,
    attained_at=grid(h=1.0, eps=1.0, sigma2=0.0, k=10_000),
    source="Zaheer, Reddi, Sachan, Kale & Kumar 2018, Theorem 1 and its proof",
)
def rmsprop_zaheer(k, h, eps, sigma2, d, L, Rb, D):
    """RMSProp with a step size of h eps/(2 L), h <= 1, and a memory that is long enough for eps, on smooth
    functions with bounded stochastic gradients: the mean squared gradient norm before step k. The noise leaves a
    floor.

    On a slope that stays at 1 just until step k, half of it is reached.
    """
    B, b2, step = largest_gradient(Rb, sigma2, d), decay(Rb, sigma2, d, eps), h * eps / (2 * L)
    floor = (B * math.sqrt(1 - b2) / eps**2 + L * step / (2 * eps**2)) * sigma2
    return 2 * (math.sqrt(b2) * B + eps) * (D / (step * k) + floor)


# The shortest memory is 63/64, the step size 1/4 and the floor 1: the bound is 10 (1 + sqrt(63)/4).
rmsprop_zaheer.reaches(1.5 / (10 + 2.5 * math.sqrt(63)), by=steep, at=grid(h=1.0, eps=1.0, sigma2=2.0, k=1))
rmsprop_zaheer.control(
    "a step size of 30 eps",
    method=rmsprop(
        step_size=lambda eps: 30 * eps,
        decay=lambda Rb, sigma2, d, eps: decay(Rb, sigma2, d, eps),
        epsilon=lambda eps: eps,
    ),
    on=pseudo_huber(threshold=0.01, start=1.0),
    domain=grid(h=1.0, eps=0.1, sigma2=0.0, k=100_000),
)


@rmsprop_zaheer.control("0.48 of the bound", domain=grid(h=1.0, eps=1.0, sigma2=0.0, k=10_000))
def _(k, h, eps, sigma2, d, L, Rb, D):
    B, b2, step = largest_gradient(Rb, sigma2, d), decay(Rb, sigma2, d, eps), h * eps / (2 * L)
    return 0.96 * (math.sqrt(b2) * B + eps) * D / (step * k)


@theorem(
    method=unnormalized_adam(
        step_size=lambda a: a, beta1=lambda b1: b1, beta2=lambda b2: b2, epsilon=lambda eps: eps
    ),
    assumes=Smooth & BoundedGradientCoordinates,
    noise=bounded_noise,
    measures=gradient_norm_squared.mean().weighted(lambda j, b1, K: 1 - b1 ** (K - j)),
    domain=grid(a=(0.001, 0.1), b1=(0.5, 0.9), b2=(0.95, 0.999), eps=1e-2, sigma2=(0.0, 1.0), k=(10, 300)),
    attained_by=pseudo_huber.at(start=lambda a, k: a * k),
    at_least=0.21,
    attained_at=grid(a=0.003, b1=0.5, b2=1 - 1e-5, eps=1e-8, sigma2=0.0, k=100_000),
    labels=("loose",),
    source="Défossez, Bottou, Bach & Usunier 2022, Theorem 4",
)
def adam_defossez_momentum(k, a, b1, b2, eps, sigma2, d, L, Rb, D):
    """Adam with momentum, b1 < b2, on smooth functions with bounded stochastic gradients: the mean squared gradient
    norm at x_j, j < k, drawn with weights 1 - b1^(k - j). Moments are sums, and eps stands under the root.
    """
    B = Rb + math.sqrt(sigma2 / d) + math.sqrt(eps)
    rest, steps = 1 - b1 / b2, k - b1 / (1 - b1)
    E = (
        a * d * B * L * (1 - b1) / (rest * (1 - b2))
        + 12 * d * B**2 * math.sqrt(1 - b1) / (rest**1.5 * math.sqrt(1 - b2))
        + 2 * a**2 * d * L**2 * b1 / (rest * (1 - b2) ** 1.5)
    )
    return 2 * B * D / (a * steps) + E * (math.log(1 + B**2 / ((1 - b2) * eps)) - k * math.log(b2)) / steps


# With sqrt(eps) = 1, B = 3; E is the sum in the bracket.
adam_defossez_momentum.reaches(
    1 / (24 + (9 + 432 * math.sqrt(3) + math.sqrt(2)) * math.log(38)),
    by=steep,
    at=grid(a=0.25, b1=0.25, b2=0.5, eps=1.0, sigma2=2.0, k=1),
)
adam_defossez_momentum.survives(
    "every step in the opposite direction",
    "the bound contains the length of the steps",
)


@adam_defossez_momentum.control(
    "0.4 of the first term", domain=grid(a=0.003, b1=0.5, b2=1 - 1e-5, eps=1e-8, sigma2=0.0, k=100_000)
)
def _(k, a, b1, eps, sigma2, d, Rb, D):
    B = Rb + math.sqrt(sigma2 / d) + math.sqrt(eps)
    return 0.8 * B * D / (a * (k - b1 / (1 - b1)))


slow = {"step_size": lambda k: 0.2 / math.sqrt(k + 1), "weight_decay": lambda w: w}


@theorem(
    method=adamw(**slow, beta1=lambda b1: b1, beta2=lambda b2: b2),
    measures=max_norm.last,
    claim=limit(2e-3),
    domain=grid(w=only(0.1, 0.5, 2.0), b1=(0.0, 0.9), b2=(0.9, 0.999), k=20_000),
    on=pseudo_huber(center=3.0, start=5.0, threshold=0.5),
    matched=False,
    labels=("asymptotic",),
    source="Xie & Li 2024, Theorem 1.1",
)
def adamw_kkt(w):
    """AdamW with decreasing step sizes ends where f is least under the constraint |x|_inf <= 1/w, w the weight
    decay: not where the penalized f + w |x|^2 / 2 is least. Here the minimizer 3 of f is moved to 1/w if that is
    nearer.

    The limit of separable functions is known, so it is checked on these. The nearer 1/w is to the minimizer, the
    more steps it takes (at w = 0.3 half a percent is missing after these), so nothing is said between these w.
    """
    return min(3.0, 1 / w)


adamw_kkt.control(
    "Adam, with the weight decay in the gradient",
    method=adam(**slow, beta1=0.9, beta2=0.999),
    domain=grid(w=0.5, b1=0.9, b2=0.999, k=20_000),
)
