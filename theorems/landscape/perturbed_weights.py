"""Smoothing by perturbed weights, and averages of weights, on a parabola: exact laws.

The updates of SmoothOut, Entropy-SGD and stochastic weight averaging are linear in x and in their noise there, so
that E x_k^2 can be solved. The laws are about x^2 with the curvature lam, so they are checked on it alone.
"""

from typing import Any

from problems.quadratic import quadratic
from simlab.kernels.quantities import distance_squared
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.landscape import entropy_sgd, smoothout, swa
from simlab.vocabulary.claim import law
from simlab.vocabulary.theorem import grid, theorem

parabola: dict[str, Any] = {
    "claim": law(),
    "on": quadratic.at(spectrum=lambda lam: (lam,), start=lambda start: (start,)),
    "matched": False,
}


def autoregression(k, kept, start, variance):
    """E x_k^2 for x+ = kept x + noise of this variance."""
    return kept ** (2 * k) * start**2 + variance * (1 - kept ** (2 * k)) / (1 - kept**2)


@theorem(
    method=smoothout(step_size=lambda h, lam: h / lam, radius=lambda radius: radius),
    measures=distance_squared.last,
    domain=grid(lam=(0.5, 3.0), start=(0.0, 1.0), radius=(0.1, 2.0), h=(0.1, 1.0, 1.8), k=(1, 2, 3, 20)),
    **parabola,
    source="by squaring the recursion; the method is that of Wen et al. 2018",
)
def smoothout_quadratic_exact(k, h, start, radius):
    """SmoothOut with exact gradients on a parabola of curvature lam, step size h/lam: the uniform perturbation u
    in [-radius, radius] is noise of the variance radius^2/3, whatever the curvature. It does not vanish at the
    minimizer.
    """
    return autoregression(k, 1 - h, start, (h * radius) ** 2 / 3)


smoothout_quadratic_exact.control(
    "gradient descent", method=gradient_descent(step_size=lambda h, lam: h / lam)
)


@smoothout_quadratic_exact.control(
    "a normal perturbation of that deviation",
    domain=grid(lam=0.5, start=0.0, radius=2.0, h=1.0, k=(1, 20)),
)
def _(k, h, start, radius):
    return autoregression(k, 1 - h, start, (h * radius) ** 2)


def averaged_run(length, averaging, total):
    """Weights of an exponential average over a run that keeps ``length`` = p of itself a step: alpha (q^n -
    p^n)/(q - p) with q = 1 - alpha, which is what the last of n steps has from the first one.
    """
    q = 1 - averaging
    return averaging * (q**total - length**total) / (q - length)


@theorem(
    method=entropy_sgd(
        step_size=lambda h: h,
        scope=lambda scope: scope,
        inner_steps=lambda steps: steps,
        inner_step_size=lambda inner: inner,
        averaging=lambda averaging: averaging,
        noise=lambda noise: noise,
    ),
    measures=distance_squared.last,
    domain=grid(
        lam=(0.5, 3.0), start=(0.0, 1.0), scope=(0.2, 2.0), h=0.7, inner=0.1, averaging=(0.3, 0.9), steps=(1, 5),
        noise=(0.0, 0.5), k=(1, 2, 20),
    ),
    where=lambda start, noise: start > 0 or noise > 0,
    **parabola,
    source="by solving both linear recursions; the method is that of Chaudhari et al. 2017, Algorithm 1",
)  # fmt: skip
def entropy_sgd_quadratic_exact(k, h, lam, start, scope, inner, averaging, steps, noise):
    """Entropy-SGD with exact gradients on a parabola of curvature lam: x moves by h scope (x - m) towards the
    average m of its inner run, which starts at x, keeps p = 1 - inner (lam + scope) of its distance from scope
    x/(lam + scope) in a step, and is averaged with the weight alpha. With q = 1 - alpha and w_n = alpha (q^n -
    p^n)/(q - p), m is off that point by q^J + p w_J times the way from there to x, plus noise of the variance
    inner noise^2 sum w_n^2.
    """
    kept = 1 - inner * (lam + scope)
    left = (1 - averaging) ** steps + kept * averaged_run(kept, averaging, steps)
    variance = inner * noise**2 * sum(averaged_run(kept, averaging, n) ** 2 for n in range(1, steps + 1))
    return autoregression(
        k, 1 - h * scope * lam / (lam + scope) * (1 - left), start, (h * scope) ** 2 * variance
    )


entropy_sgd_quadratic_exact.control("gradient descent", method=gradient_descent(step_size=lambda h: h))


@entropy_sgd_quadratic_exact.control(
    "the local entropy's own gradient, as if the inner run had ended",
    domain=grid(
        lam=3.0, start=1.0, scope=2.0, h=0.7, inner=0.1, averaging=0.3, steps=(1, 5), noise=0.0, k=(1, 2)
    ),
)
def _(k, h, lam, start, scope):
    return (1 - h * scope * lam / (lam + scope)) ** (2 * k) * start**2


@theorem(
    method=swa(step_size=lambda h, lam: h / lam, first=lambda first: first, cycle=lambda cycle: cycle),
    measures=distance_squared.last.of("average"),
    domain=grid(lam=(0.5, 3.0), start=1.0, h=(0.1, 1.8), first=(0, 3), cycle=(1, 2, 5), k=(1, 2, 3, 4, 10, 31)),
    **parabola,
    source="by summing the iterates that are averaged; Izmailov et al. 2018, Algorithm 1",
)  # fmt: skip
def swa_quadratic_exact(k, h, start, first, cycle):
    """Stochastic weight averaging with exact gradients on a parabola: the mean of x_j, j = first, first + cycle,
    ..., of which n have been seen by step k, each of which is (1 - h)^cycle of the one before.
    """
    n = max(0, (k - first) // cycle) + 1
    mean = (1 - h) ** min(first, k) * (1 - (1 - h) ** (cycle * n)) / (n * (1 - (1 - h) ** cycle))
    return (mean * start) ** 2


swa_quadratic_exact.control("the last iterate", measures=distance_squared.last)


@swa_quadratic_exact.control(
    "one iterate fewer", domain=grid(lam=0.5, start=1.0, h=0.1, first=0, cycle=1, k=10)
)
def _(k, h, start):
    return ((1 - (1 - h) ** k) / (k * h) * start) ** 2
