"""The update rules in plain NumPy, to compare with compiled kernels step by step.

Conventions. Iterates are numbered from 0 and step k takes x_k to x_(k+1). ``gradient(k, x)`` is what step k
uses at x: a rule that asks twice in one step (SAM, LPF-SGD) gets the same sample twice. For n workers it is
``gradients(k, X)``: row i is what worker i uses at X[i]. Unless said otherwise a function returns the list
x_0, x_1, ..., x_steps; vectors have shape (d,), the workers' states (n, d).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Gradient = Callable[[int, Array], Array]


# ---------------------------------------------------------------- first order


def gd(gradient: Gradient, start: Array, steps: int, step_size: float) -> list[Array]:
    """x+ = x - eta g(x)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        iterates.append(x - step_size * gradient(k, x))
    return iterates


def sgd(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float | Sequence[float] | Array,
    weight_decay: float = 0.0,
) -> list[Array]:
    """x+ = x - eta_k (g_k(x) + w x), w the weight decay; ``step_size`` is eta or (eta_0, eta_1, ...)."""
    iterates = [start]
    for k, eta in enumerate(np.broadcast_to(step_size, steps)):
        x = iterates[-1]
        iterates.append(x - eta * (gradient(k, x) + weight_decay * x))
    return iterates


def heavy_ball(
    gradient: Gradient, start: Array, steps: int, step_size: float, momentum: float
) -> list[Array]:
    """x_(k+1) = x_k - eta g(x_k) + beta (x_k - x_(k-1)), x_(-1) = x_0. Polyak 1964."""
    iterates = [start]
    previous = start
    for k in range(steps):
        x = iterates[-1]
        iterates.append(x - step_size * gradient(k, x) + momentum * (x - previous))
        previous = x
    return iterates


def nesterov(
    gradient: Gradient, start: Array, steps: int, smoothness: float
) -> tuple[list[Array], list[Array]]:
    """x_(k+1) = y_k - g(y_k) / L, y_(k+1) = x_(k+1) + k / (k + 3) (x_(k+1) - x_k), y_0 = x_0. Nesterov 1983.

    Returns the x and the y.
    """
    xs, ys = [start], [start]
    for k in range(steps):
        xs.append(ys[k] - gradient(k, ys[k]) / smoothness)
        ys.append(xs[k + 1] + k / (k + 3) * (xs[k + 1] - xs[k]))
    return xs, ys


def nesterov_strongly_convex(
    gradient: Gradient, start: Array, steps: int, smoothness: float, strong_convexity: float
) -> tuple[list[Array], list[Array]]:
    """x_(k+1) = y_k - g(y_k) / L, y_(k+1) = x_(k+1) + b (x_(k+1) - x_k), y_0 = x_0.

    b = (1 - sqrt q) / (1 + sqrt q) with q = mu / L. Nesterov 2004, scheme (2.2.9) with constant step.
    Returns the x and the y.
    """
    root = np.sqrt(strong_convexity / smoothness)
    b = (1 - root) / (1 + root)
    xs, ys = [start], [start]
    for k in range(steps):
        xs.append(ys[k] - gradient(k, ys[k]) / smoothness)
        ys.append(xs[k + 1] + b * (xs[k + 1] - xs[k]))
    return xs, ys


def sgd_momentum(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    momentum: float,
    weight_decay: float = 0.0,
) -> list[Array]:
    """b+ = beta b + g, x+ = x - eta b+, b_0 = 0: no factor 1 - beta (PyTorch's SGD without dampening)."""
    iterates = [start]
    b = np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        b = momentum * b + gradient(k, x) + weight_decay * x
        iterates.append(x - step_size * b)
    return iterates


def sgd_nesterov(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    momentum: float,
    weight_decay: float = 0.0,
) -> list[Array]:
    """b+ = beta b + g, x+ = x - eta (g + beta b+), b_0 = 0 (PyTorch's SGD with nesterov=True)."""
    iterates = [start]
    b = np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x) + weight_decay * x
        b = momentum * b + g
        iterates.append(x - step_size * (g + momentum * b))
    return iterates


# ---------------------------------------------------------------- adaptive
# PyTorch's conventions: epsilon is added to the root; weight decay w adds w x to the gradient (not in AdamW).


def adagrad(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    initial_accumulator: float = 0.0,
    epsilon: float = 1e-10,
    weight_decay: float = 0.0,
) -> list[Array]:
    """s+ = s + g^2, x+ = x - eta g / (sqrt(s+) + epsilon). Duchi, Hazan & Singer 2011, diagonal form."""
    iterates = [start]
    s = np.full_like(start, initial_accumulator)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x) + weight_decay * x
        s = s + g**2
        iterates.append(x - step_size * g / (np.sqrt(s) + epsilon))
    return iterates


def rmsprop(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    decay: float = 0.99,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> list[Array]:
    """v+ = a v + (1 - a) g^2, x+ = x - eta g / (sqrt(v+) + epsilon), v_0 = 0. Tieleman & Hinton 2012."""
    iterates = [start]
    v = np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x) + weight_decay * x
        v = decay * v + (1 - decay) * g**2
        iterates.append(x - step_size * g / (np.sqrt(v) + epsilon))
    return iterates


def adam(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> list[Array]:
    """m+ = b1 m + (1 - b1) g, v+ = b2 v + (1 - b2) g^2, x+ = x - eta m^ / (sqrt(v^) + epsilon).

    m^ = m+ / (1 - b1^(k+1)), v^ = v+ / (1 - b2^(k+1)). Kingma & Ba 2015, Algorithm 1.
    """
    iterates = [start]
    m, v = np.zeros_like(start), np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x) + weight_decay * x
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1 ** (k + 1)), v / (1 - beta2 ** (k + 1))
        iterates.append(x - step_size * m_hat / (np.sqrt(v_hat) + epsilon))
    return iterates


def amsgrad(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> list[Array]:
    """Adam with the running maximum of v in place of v. Reddi, Kale & Kumar 2018, Algorithm 2.

    PyTorch's form, which the paper does not have: the maximum is of the uncorrected v, and both m and the
    maximum are bias-corrected afterwards.
    """
    iterates = [start]
    m, v, largest = np.zeros_like(start), np.zeros_like(start), np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x) + weight_decay * x
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        largest = np.maximum(largest, v)
        m_hat, v_hat = m / (1 - beta1 ** (k + 1)), largest / (1 - beta2 ** (k + 1))
        iterates.append(x - step_size * m_hat / (np.sqrt(v_hat) + epsilon))
    return iterates


def adamw(
    gradient: Gradient,
    start: Array,
    steps: int,
    step_size: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 1e-2,
) -> list[Array]:
    """x+ = (1 - eta w) x - eta m^ / (sqrt(v^) + epsilon), m^ and v^ as in Adam, of the gradient without w x.

    Loshchilov & Hutter 2019, Algorithm 2, with PyTorch's factor eta on the weight decay.
    """
    iterates = [start]
    m, v = np.zeros_like(start), np.zeros_like(start)
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1 ** (k + 1)), v / (1 - beta2 ** (k + 1))
        iterates.append(x - step_size * weight_decay * x - step_size * m_hat / (np.sqrt(v_hat) + epsilon))
    return iterates


# ---------------------------------------------------------------- second order, proximal, variance reduced


def newton(
    gradient: Gradient, hessian: Gradient, start: Array, steps: int, step_size: float = 1.0
) -> list[Array]:
    """x+ = x - eta H(x)^(-1) g(x); ``hessian(k, x)`` has shape (d, d)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        iterates.append(x - step_size * np.linalg.solve(hessian(k, x), gradient(k, x)))
    return iterates


def bfgs(gradient: Gradient, start: Array, steps: int, smoothness: float) -> list[Array]:
    """BFGS with unit steps from B_0 = L I, by the inverse P = B^(-1). Nocedal & Wright 2006, (6.17).

    s = x+ - x = -P g(x), y = g(x+) - g(x), P+ = (I - s y' / y's) P (I - y s' / y's) + s s' / y's.
    P stays when y's is not positive (at a minimizer s = 0).
    """
    iterates = [start]
    identity = np.eye(len(start))
    inverse = identity / smoothness
    for k in range(steps):
        x = iterates[-1]
        s = -inverse @ gradient(k, x)
        y = gradient(k, x + s) - gradient(k, x)
        if y @ s > 0:
            left = identity - np.outer(s, y) / (y @ s)
            inverse = left @ inverse @ left.T + np.outer(s, s) / (y @ s)
        iterates.append(x + s)
    return iterates


def soft_threshold(x: Array, threshold: float) -> Array:
    """argmin over u of |u - x|^2 / 2 + threshold |u|_1: every coordinate moves towards 0 by the threshold."""
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0.0)


def proximal_gradient(
    gradient: Gradient, start: Array, steps: int, step_size: float, penalty: float
) -> list[Array]:
    """x+ = soft_threshold(x - eta g(x), eta lambda), for f(x) + lambda |x|_1, g the gradient of f (ISTA)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        iterates.append(soft_threshold(x - step_size * gradient(k, x), step_size * penalty))
    return iterates


def svrg(
    component_gradient: Gradient,
    components: int,
    start: Array,
    step_size: float,
    indices: Sequence[Sequence[int]] | NDArray[np.int64],
    choices: Sequence[int] | NDArray[np.int64],
) -> tuple[list[Array], list[list[Array]]]:
    """SVRG, option II: the next snapshot is one of the first m inner iterates. Johnson & Zhang 2013.

    Epoch e: x_0 = w, x_(t+1) = x_t - eta (g_i(x_t) - g_i(w) + mean_j g_j(w)) with i = ``indices[e][t]``,
    t = 0 .. m - 1; then w+ = x_c with c = ``choices[e]`` in 0 .. m - 1. g_i(x) is
    ``component_gradient(i, x)``.

    Returns the snapshots w_0, w_1, ..., and for each epoch its x_0, ..., x_m.
    """
    snapshots, epochs = [start], []
    for order, choice in zip(indices, choices, strict=True):
        w = snapshots[-1]
        full = np.mean([component_gradient(j, w) for j in range(components)], axis=0)
        inner = [w]
        for i in order:
            x = inner[-1]
            inner.append(x - step_size * (component_gradient(i, x) - component_gradient(i, w) + full))
        epochs.append(inner)
        snapshots.append(inner[choice])
    return snapshots, epochs


# ---------------------------------------------------------------- landscape aware


def sam(gradient: Gradient, start: Array, steps: int, step_size: float, radius: float) -> list[Array]:
    """x+ = x - eta g(x + rho g(x) / |g(x)|); where g(x) = 0 the ascent is 0. Foret et al. 2021."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        g = gradient(k, x)
        norm = np.linalg.norm(g)
        ascent = radius * g / norm if norm > 0 else np.zeros_like(g)
        iterates.append(x - step_size * gradient(k, x + ascent))
    return iterates


def lpf_sgd(
    gradient: Gradient, start: Array, step_size: float, smoothing: float, directions: Array
) -> list[Array]:
    """x+ = x - (eta / M) sum_m g(x + s u_m); ``directions`` (steps, M, d). Bisla, Wang & Choromanska 2022."""
    iterates = [start]
    for k, drawn in enumerate(directions):
        x = iterates[-1]
        mean = sum(gradient(k, x + smoothing * u) for u in drawn) / len(drawn)
        iterates.append(x - step_size * mean)
    return iterates


# ---------------------------------------------------------------- several workers and one centre


def parallel_sgd(
    gradients: Gradient, start: Array, workers: int, steps: int, step_size: float
) -> list[Array]:
    """x+ = x - (eta / n) sum_i g_i(x)."""
    iterates = [start]
    for k in range(steps):
        x = iterates[-1]
        iterates.append(x - step_size * gradients(k, np.tile(x, (workers, 1))).mean(axis=0))
    return iterates


def delayed_sgd(gradient: Gradient, start: Array, steps: int, step_size: float, delay: int) -> list[Array]:
    """x_(k+1) = x_k - eta g_k(x_(k - tau)), x_j = x_0 for j < 0."""
    iterates = [start]
    for k in range(steps):
        read = iterates[max(k - delay, 0)]
        iterates.append(iterates[-1] - step_size * gradient(k, read))
    return iterates


def fedavg(
    gradients: Gradient, start: Array, workers: int, rounds: int, local_steps: int, step_size: float
) -> list[Array]:
    """A round: every worker takes H steps x_i+ = x_i - eta g_i(x_i) from x; then x+ = mean_i x_i.

    ``gradients(t, X)`` counts local steps, t = 0 .. rounds H - 1. McMahan et al. 2017, full participation.
    Returns the averages x_0, ..., x_rounds.
    """
    iterates = [start]
    for r in range(rounds):
        local = np.tile(iterates[-1], (workers, 1))
        for h in range(local_steps):
            local = local - step_size * gradients(r * local_steps + h, local)
        iterates.append(local.mean(axis=0))
    return iterates


def easgd(
    gradients: Gradient, start: Array, centre: Array, steps: int, step_size: float, elasticity: float
) -> list[tuple[Array, Array]]:
    """x_i+ = x_i - eta g_i(x_i) - alpha (x_i - c), c+ = c + alpha sum_i (x_i - c), both from the old states.

    Zhang, Choromanska & LeCun 2015, (3)-(4) with tau = 1. Returns the pairs (workers (n, d), centre (d,)).
    """
    states = [(start, centre)]
    for k in range(steps):
        x, c = states[-1]
        pull = elasticity * (x - c)
        states.append((x - step_size * gradients(k, x) - pull, c + pull.sum(axis=0)))
    return states


def lsgd(
    gradients: Gradient, values: Gradient, start: Array, steps: int, step_size: float, pull: float
) -> list[Array]:
    """x_i+ = x_i - eta (g_i(x_i) + lambda (x_i - z)), z the worker of least value (the first of equals).

    ``values(k, X)`` has shape (n,). Teng et al. 2019 with one leader, chosen anew at every step.
    Returns the workers' states (n, d).
    """
    states = [start]
    for k in range(steps):
        x = states[-1]
        leader = x[np.argmin(values(k, x))]
        states.append(x - step_size * (gradients(k, x) + pull * (x - leader)))
    return states


# ---------------------------------------------------------------- networks; all return the states (n, d)


def gossip(mixing_matrix: Array, start: Array, steps: int) -> list[Array]:
    """X+ = W X."""
    states = [start]
    for _ in range(steps):
        states.append(mixing_matrix @ states[-1])
    return states


def dpsgd_combine_then_adapt(
    gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float
) -> list[Array]:
    """X+ = W X - eta G(X). Lian et al. 2017, Algorithm 1."""
    states = [start]
    for k in range(steps):
        x = states[-1]
        states.append(mixing_matrix @ x - step_size * gradients(k, x))
    return states


def dpsgd_adapt_then_combine(
    gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float
) -> list[Array]:
    """X+ = W (X - eta G(X))."""
    states = [start]
    for k in range(steps):
        x = states[-1]
        states.append(mixing_matrix @ (x - step_size * gradients(k, x)))
    return states


def matcha(
    gradients: Gradient,
    laplacians: Array,
    activations: Array,
    start: Array,
    step_size: float,
    mixing_weight: float,
) -> list[Array]:
    """X+ = W_k (X - eta G(X)), W_k = I - alpha sum_j B_kj L_j. Wang et al. 2019.

    ``laplacians`` (M, n, n) are the Laplacians L_j of the matchings, ``activations`` (steps, M) the B_kj,
    each 0 or 1.
    """
    states = [start]
    for k, active in enumerate(activations):
        x = states[-1]
        w = np.eye(len(x)) - mixing_weight * np.tensordot(active, laplacians, axes=1)
        states.append(w @ (x - step_size * gradients(k, x)))
    return states


def gradient_tracking(
    gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float
) -> list[Array]:
    """X+ = W X - eta S, S+ = W S + G(X+) - G(X), S_0 = G(X_0). Nedic, Olshevsky & Shi 2017 (DIGing)."""
    states = [start]
    tracker = gradients(0, start)
    for k in range(steps):
        x = states[-1]
        states.append(mixing_matrix @ x - step_size * tracker)
        tracker = mixing_matrix @ tracker + gradients(k + 1, states[-1]) - gradients(k, x)
    return states


def extra(
    gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float
) -> list[Array]:
    """X_1 = W X_0 - eta G_0, X_(k+2) = (I + W) X_(k+1) - (I + W)/2 X_k - eta (G_(k+1) - G_k).

    Shi, Ling, Wu & Yin 2015, Algorithm 1.
    """
    identity = np.eye(len(start))
    lazy = (identity + mixing_matrix) / 2
    states = [start, mixing_matrix @ start - step_size * gradients(0, start)]
    for k in range(steps - 1):
        old, x = states[-2:]
        change = gradients(k + 1, x) - gradients(k, old)
        states.append((identity + mixing_matrix) @ x - lazy @ old - step_size * change)
    return states[: steps + 1]


def nids(
    gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float
) -> list[Array]:
    """X_1 = X_0 - eta G_0, X_(k+2) = (I + W)/2 (2 X_(k+1) - X_k - eta (G_(k+1) - G_k)). Li, Shi & Yan 2019."""
    lazy = (np.eye(len(start)) + mixing_matrix) / 2
    states = [start, start - step_size * gradients(0, start)]
    for k in range(steps - 1):
        old, x = states[-2:]
        change = gradients(k + 1, x) - gradients(k, old)
        states.append(lazy @ (2 * x - old - step_size * change))
    return states[: steps + 1]


def exact_diffusion(
    gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float
) -> list[Array]:
    """Adapt: P+ = X - eta G(X); correct: Q = P+ + X - P; combine: X+ = (I + W)/2 Q; P_0 = X_0.

    Yuan, Ying, Zhao & Sayed 2019, Algorithm 1.
    """
    lazy = (np.eye(len(start)) + mixing_matrix) / 2
    states, adapted = [start], start
    for k in range(steps):
        x, before = states[-1], adapted
        adapted = x - step_size * gradients(k, x)
        states.append(lazy @ (adapted + x - before))
    return states


def d2(gradients: Gradient, mixing_matrix: Array, start: Array, steps: int, step_size: float) -> list[Array]:
    """X_1 = W (X_0 - eta G_0), X_(k+2) = W (2 X_(k+1) - X_k - eta (G_(k+1) - G_k)), G_k drawn once.

    Tang, Lian, Yan, Zhang & Liu 2018, Algorithm 1.
    """
    states, drawn = [start], [gradients(0, start)]
    states.append(mixing_matrix @ (start - step_size * drawn[0]))
    for k in range(steps - 1):
        old, x = states[-2:]
        drawn.append(gradients(k + 1, x))
        states.append(mixing_matrix @ (2 * x - old - step_size * (drawn[-1] - drawn[-2])))
    return states[: steps + 1]


def top(rows: Array, kept: int) -> Array:
    """Every row with all but its ``kept`` entries of largest magnitude set to 0, the first of equals."""
    out = np.zeros_like(rows)
    for row, into in zip(rows, out, strict=True):
        chosen = np.argsort(-np.abs(row), kind="stable")[:kept]
        into[chosen] = row[chosen]
    return out


def choco_gossip(
    compress: Gradient, mixing_matrix: Array, start: Array, steps: int, consensus_step: float
) -> list[Array]:
    """C+ = C + Q(X - C), X+ = X + gamma (W - I) C+, C_0 = 0; ``compress(k, V)`` is Q at step k.

    Koloskova, Stich & Jaggi 2019, Algorithm 1.
    """
    states, copies = [start], np.zeros_like(start)
    for k in range(steps):
        copies = copies + compress(k, states[-1] - copies)
        states.append(states[-1] + consensus_step * (mixing_matrix - np.eye(len(start))) @ copies)
    return states


def push_sum(shares: Array, start: Array, steps: int) -> list[Array]:
    """S+ = A S, y+ = A y, X+ = S+ / y+, S_0 = X_0, y_0 = 1; A column-stochastic. Kempe, Dobra & Gehrke 2003."""
    states, total, weight = [start], start, np.ones((len(start), 1))
    for _ in range(steps):
        total, weight = shares @ total, shares @ weight
        states.append(total / weight)
    return states


# ---------------------------------------------------------------- landscape aware, with given randomness


def smoothout(gradient: Gradient, start: Array, step_size: float, perturbations: Array) -> list[Array]:
    """x+ = x - eta g(x + v_k), v_k = ``perturbations[k]``, shape (steps, d). Wen et al. 2018."""
    iterates = [start]
    for k, v in enumerate(perturbations):
        x = iterates[-1]
        iterates.append(x - step_size * gradient(k, x + v))
    return iterates


def entropy_sgd(
    gradient: Gradient,
    start: Array,
    step_size: float,
    scope: float,
    inner_step_size: float,
    averaging: float,
    noise: float,
    normals: Array,
) -> list[Array]:
    """x+ = x - eta gamma (x - m); with y = m = x and ``normals`` (steps, L, d), L times

    y+ = y - eta' (g(y) - gamma (x - y)) + sqrt(eta') epsilon u, m+ = (1 - alpha) m + alpha y+.

    ``gradient(t, y)`` counts inner steps, t = 0 .. steps L - 1. Chaudhari et al. 2017, Algorithm 1.
    """
    iterates, t = [start], 0
    for drawn in normals:
        x = y = m = iterates[-1]
        for u in drawn:
            dy = gradient(t, y) - scope * (x - y)
            y = y - inner_step_size * dy + np.sqrt(inner_step_size) * noise * u
            m = (1 - averaging) * m + averaging * y
            t += 1
        iterates.append(x - step_size * scope * (x - m))
    return iterates


def swa(
    gradient: Gradient, start: Array, steps: int, step_size: float, first: int, cycle: int
) -> tuple[list[Array], list[Array]]:
    """SGD, and the mean of x_first, x_(first + c), x_(first + 2c), ... so far (before: the iterate itself).

    Izmailov et al. 2018, Algorithm 1. Returns the iterates and the averages.
    """
    iterates = sgd(gradient, start, steps, step_size)
    averages = [
        np.mean(iterates[first : k + 1 : cycle], axis=0) if k >= first else iterates[k]
        for k in range(steps + 1)
    ]
    return iterates, averages
