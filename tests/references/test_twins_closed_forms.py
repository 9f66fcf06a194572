"""The NumPy update rules that PyTorch does not have, against closed forms; each test has its control."""

import itertools

import numpy as np
import pytest

from tests.references import twins
from tests.references.twins import Array

H = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.3], [0.0, 0.3, 3.0]])
START = np.array([1.0, -2.0, 0.5])

# Four workers with f_i(x) = h_i |x - b_i|^2 / 2 on a path, d = 2.
CURVATURES = np.array([[1.0], [2.0], [0.5], [3.0]])
CENTRES = np.array([[1.0, 0.0], [-1.0, 2.0], [3.0, 1.0], [0.0, -2.0]])
PATH = np.array([[2, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 2]]) / 3


def quadratic(k: int, x: Array) -> Array:
    g: Array = H @ x
    return g


def local_gradients(k: int, x: Array) -> Array:
    g: Array = CURVATURES * (x - CENTRES)
    return g


def no_gradients(k: int, x: Array) -> Array:
    return np.zeros_like(x)


def close(left: Array, right: Array, tolerance: float = 1e-12) -> bool:
    return bool(np.max(np.abs(np.asarray(left) - right)) <= tolerance * np.max(np.abs(right)))


# ---------------------------------------------------------------- first order


def test_sgd_takes_one_step_size_a_step() -> None:
    step_sizes = [0.3, 0.1, 0.05]
    expected = START
    for eta in step_sizes:
        expected = (np.eye(3) - eta * H) @ expected
    assert close(twins.sgd(quadratic, START, 3, step_sizes)[-1], expected)
    assert not close(
        twins.sgd(quadratic, START, 3, step_sizes[::-1])[1], twins.gd(quadratic, START, 1, 0.3)[1]
    )


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 10, 100])
def test_nesterov_attains_its_exact_rate_on_the_huber_function(steps: int) -> None:
    """f(x_N) = 2 L R^2 / ((N + 2)(N + 3)) with L = R = 1 at the threshold 4 / ((N + 2)(N + 3))."""
    threshold = 4 / ((steps + 2) * (steps + 3))

    def huber_gradient(k: int, x: Array) -> Array:
        return np.clip(x, -threshold, threshold)

    xs, ys = twins.nesterov(huber_gradient, np.array([1.0]), steps, smoothness=1.0)
    rate = 2 / ((steps + 2) * (steps + 3))
    value = threshold * xs[-1][0] - threshold**2 / 2
    assert value == pytest.approx(rate, rel=1e-12)
    if steps > 1:  # y_1 = x_1
        assert threshold * ys[-1][0] - threshold**2 / 2 != pytest.approx(rate, rel=1e-3)


# ---------------------------------------------------------------- second order, proximal, variance reduced


def test_newton_squares_the_error_of_x_minus_log_x() -> None:
    """f = x - log x: 1 - x+ = (1 - x)^2; the damped step does not."""
    start = np.array([0.3])

    def run(step_size: float) -> Array:
        return twins.newton(lambda k, x: 1 - 1 / x, lambda k, x: np.diag(1 / x**2), start, 4, step_size)[-1]

    assert close(1 - run(1.0), (1 - start) ** 16, 1e-10)
    assert not close(1 - run(0.5), (1 - start) ** 16, 1e-10)


def direct_bfgs(
    gradient: twins.Gradient, start: Array, steps: int, smoothness: float, sign: float
) -> list[Array]:
    """BFGS by its Hessian approximation: B+ = B - B s s'B / s'B s + y y' / y's; the right sign is 1."""
    iterates, b = [start], smoothness * np.eye(len(start))
    for k in range(steps):
        x = iterates[-1]
        s = np.linalg.solve(b, -gradient(k, x))
        y = gradient(k, x + s) - gradient(k, x)
        b = b - np.outer(b @ s, b @ s) / (s @ b @ s) + sign * np.outer(y, y) / (y @ s)
        iterates.append(x + s)
    return iterates


def test_inverse_bfgs_agrees_with_direct_bfgs() -> None:
    def gradient(k: int, x: Array) -> Array:
        return H @ x + 0.1 * x**3

    iterates = twins.bfgs(gradient, START, 8, smoothness=4.0)
    assert close(np.array(iterates), np.array(direct_bfgs(gradient, START, 8, 4.0, 1.0)), 1e-11)
    assert not close(np.array(iterates), np.array(direct_bfgs(gradient, START, 8, 4.0, -1.0)), 1e-3)
    assert np.linalg.norm(twins.bfgs(gradient, START, 40, smoothness=4.0)[-1]) <= 1e-12


def test_bfgs_stays_at_a_minimizer() -> None:
    assert np.array_equal(twins.bfgs(quadratic, np.zeros(3), 3, smoothness=4.0), np.zeros((4, 3)))


def test_soft_threshold_minimizes_its_objective() -> None:
    grid = np.linspace(-4, 4, 80001)
    for x in (-2.0, -0.3, 0.0, 0.3, 0.7, 3.0):
        best = grid[np.argmin((grid - x) ** 2 / 2 + 0.5 * np.abs(grid))]
        assert twins.soft_threshold(np.array([x]), 0.5)[0] == pytest.approx(best, abs=2e-4)


def optimality_residual(x: Array, b: Array, penalty: float) -> float:
    """Distance of 0 from the subdifferential of x'Hx / 2 - b'x + penalty |x|_1."""
    g = H @ x - b
    at_zero = np.maximum(np.abs(g) - penalty, 0.0)
    return float(np.max(np.where(x == 0, at_zero, np.abs(g + penalty * np.sign(x)))))


def test_proximal_gradient_reaches_the_optimality_conditions() -> None:
    b, penalty = np.array([3.0, 0.2, -2.0]), 0.7
    x = twins.proximal_gradient(lambda k, x: H @ x - b, START, 400, 0.3, penalty)[-1]
    assert np.count_nonzero(x) == 2
    assert optimality_residual(x, b, penalty) <= 1e-12
    assert optimality_residual(x, b, 1.1 * penalty) > 1e-3


def test_svrg() -> None:
    """One component: gradient descent. Many: the first inner step is full, a later one in the mean."""
    step_size = 0.1

    def component(i: int, x: Array) -> Array:
        return np.asarray(CURVATURES[i] * (x - CENTRES[i]))

    def full(k: int, x: Array) -> Array:
        return np.asarray(np.mean([component(i, x) for i in range(4)], axis=0))

    start = np.array([2.0, -1.0])
    snapshots, epochs = twins.svrg(component, 1, start, step_size, [[0] * 5, [0] * 5], [3, 4])
    descent = twins.gd(lambda k, x: component(0, x), start, 7, step_size)
    assert close(snapshots[2], descent[7])
    assert not close(snapshots[2], descent[6])

    ends = []
    for i in range(4):
        _, epochs = twins.svrg(component, 4, start, step_size, [[2, i]], [1])
        assert close(epochs[0][1], twins.gd(full, start, 1, step_size)[1])
        ends.append(epochs[0][2])
    assert close(np.mean(ends, axis=0), twins.gd(full, start, 2, step_size)[2])
    assert not close(ends[0], ends[1], 1e-3)


# ---------------------------------------------------------------- landscape aware


def test_sam_ends_in_its_two_cycle() -> None:
    """On x'diag(l)x / 2: +-a v_1 with a = eta rho l_1 / (2 - eta l_1)."""
    curvature, step_size, radius = np.array([4.0, 1.0]), 0.1, 0.3
    iterates = twins.sam(lambda k, x: curvature * x, np.array([1.0, 1.0]), 3000, step_size, radius)
    amplitude = step_size * radius * 4 / (2 - step_size * 4)
    assert close(iterates[-1], -iterates[-2])
    assert abs(iterates[-1][0]) == pytest.approx(amplitude, rel=1e-12)
    assert abs(iterates[-1][0]) != pytest.approx(step_size * radius * 4 / 2, rel=1e-3)


def test_sam_stays_where_the_gradient_is_zero() -> None:
    iterates = twins.sam(lambda k, x: x, np.zeros(2), 3, 0.1, 0.3)
    assert np.array_equal(iterates, np.zeros((4, 2)))


def test_lpf_sgd_averages_gradients_not_points() -> None:
    """f = x^3 / 6, u = +-1: the mean gradient is (x^2 + s^2) / 2; at the mean point it would be x^2 / 2."""
    step_size, smoothing, x = 0.1, 0.5, np.array([1.0])
    directions = np.array([[[1.0], [-1.0]]])
    step = twins.lpf_sgd(lambda k, x: x**2 / 2, x, step_size, smoothing, directions)[1]
    assert close(step, x - step_size * (x**2 + smoothing**2) / 2)
    assert not close(step, x - step_size * x**2 / 2, 1e-3)


# ---------------------------------------------------------------- several workers and one centre


def test_parallel_sgd_descends_the_mean() -> None:
    x = twins.parallel_sgd(local_gradients, np.zeros(2), 4, 300, 0.3)[-1]
    assert close(x, np.sum(CURVATURES * CENTRES, axis=0) / CURVATURES.sum())
    assert not close(x, CENTRES.mean(axis=0), 1e-3)


@pytest.mark.parametrize("delay", [0, 1, 5])
def test_delayed_sgd_is_stable_up_to_the_known_step_size(delay: int) -> None:
    """x_(k+1) = x_k - a x_(k - tau) is stable just for a < 2 sin(pi / (2 (2 tau + 1))). Levin & May 1976."""
    edge = 2 * np.sin(np.pi / (2 * (2 * delay + 1)))

    def size(step_size: float) -> float:
        iterates = twins.delayed_sgd(lambda k, x: x, np.ones(1), 2000, step_size, delay)
        return float(np.max(np.abs(iterates[-2 * delay - 2 :])))

    assert size(0.95 * edge) < 1e-3
    assert size(1.05 * edge) > 1e3


@pytest.mark.parametrize("local_steps", [1, 3, 20])
def test_fedavg_fixed_point(local_steps: int) -> None:
    """sum c_i b_i / sum c_i with c_i = 1 - (1 - eta h_i)^H, which is the minimizer only for H = 1."""
    step_size = 0.1
    x = twins.fedavg(local_gradients, np.zeros(2), 4, 400, local_steps, step_size)[-1]
    weights = 1 - (1 - step_size * CURVATURES) ** local_steps
    minimizer = np.sum(CURVATURES * CENTRES, axis=0) / CURVATURES.sum()
    assert close(x, np.sum(weights * CENTRES, axis=0) / weights.sum())
    assert close(x, minimizer, 1e-3) == (local_steps == 1)


def test_fedavg_counts_local_steps_through_the_rounds() -> None:
    seen: list[int] = []

    def gradients(k: int, x: Array) -> Array:
        seen.append(k)
        return x

    twins.fedavg(gradients, np.zeros(2), 4, 3, 2, 0.1)
    assert seen == [0, 1, 2, 3, 4, 5]


def test_easgd_centre_follows_its_closed_form() -> None:
    """Zhang, Choromanska & LeCun 2015, Lemma 3.1, without noise; the sequential update has another centre."""
    h, step_size, elasticity, workers, steps = 1.0, 0.2, 0.1, 3, 12
    x, c = np.array([[1.0], [2.0], [-0.5]]), np.array([4.0])
    states = twins.easgd(lambda k, x: h * x, x, c, steps, step_size, elasticity)
    a, product = step_size * h + (workers + 1) * elasticity, step_size * h * workers * elasticity
    g, f = (1 - (a - sign * np.sqrt(a**2 - 4 * product)) / 2 for sign in (1, -1))
    u = np.sum(x - elasticity / (1 - workers * elasticity - f) * c)
    expected = g**steps * c + (g**steps - f**steps) / (g - f) * elasticity * u
    assert close(states[-1][1], expected)

    for _ in range(steps):  # the control: the centre reads the new workers
        x = x - step_size * h * x - elasticity * (x - c)
        c = c + elasticity * np.sum(x - c, axis=0)
    assert not close(c, expected, 1e-3)


def test_easgd_keeps_the_sum_of_workers_and_centre_without_gradients() -> None:
    states = twins.easgd(no_gradients, CENTRES, np.array([5.0, -5.0]), 10, 0.1, 0.15)
    totals = np.array([x.sum(axis=0) + c for x, c in states])
    assert close(totals, np.tile(totals[0], (11, 1)))
    assert not close(states[-1][1], states[0][1], 1e-3)


def test_lsgd_leader_takes_a_plain_step_and_the_others_are_pulled() -> None:
    start, step_size, pull = np.array([[3.0], [-1.0], [2.0]]), 0.1, 0.4
    states = twins.lsgd(lambda k, x: x, lambda k, x: x[:, 0] ** 2 / 2, start, 1, step_size, pull)
    assert close(states[1][1], (1 - step_size) * start[1])
    # a follower is on the segment between its own step and the leader: x+ = (1 - eta - eta lam) x + eta lam z
    assert close(states[1][0], (1 - step_size - step_size * pull) * 3.0 + step_size * pull * np.array([-1.0]))
    assert not close(states[1][0], (1 - step_size) * start[0], 1e-3)


def test_lsgd_chooses_the_leader_anew() -> None:
    """Worker 1 leads at first; worker 0 descends faster and leads later."""
    curvature, start = np.array([[10.0], [0.5]]), np.array([[1.0], [1.5]])
    states = twins.lsgd(
        lambda k, x: curvature * x, lambda k, x: x[:, 0] ** 2 * curvature[:, 0], start, 8, 0.05, 0.5
    )
    leaders = [int(np.argmin(x[:, 0] ** 2 * curvature[:, 0])) for x in states]
    assert leaders[0] == 1
    assert leaders[-1] == 0
    change = leaders.index(0)
    assert close(states[change + 1][0], 0.5 * states[change][0])  # the new leader: a plain step
    assert not close(states[1][0], 0.5 * states[0][0], 1e-3)  # before, it was pulled


# ---------------------------------------------------------------- networks


def test_gossip_is_a_power_and_keeps_the_mean() -> None:
    """For a matrix that is not symmetric too: W X, not W'X."""
    w = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5]])
    states = twins.gossip(w, CENTRES[:3], 7)
    assert close(states[-1], np.linalg.matrix_power(w, 7) @ CENTRES[:3])
    assert not close(states[-1], np.linalg.matrix_power(w.T, 7) @ CENTRES[:3], 1e-3)
    assert close(np.array([x.mean(axis=0) for x in states]), np.tile(CENTRES[:3].mean(axis=0), (8, 1)))


def test_dpsgd_fixed_points() -> None:
    """CTA: (I - W + eta h) X = eta h b. ATC: (I - W (I - eta h)) X = eta W h b. They differ."""
    step_size, curvature = 0.2, np.diagflat(CURVATURES)
    start, identity = np.zeros((4, 2)), np.eye(4)
    cta = np.linalg.solve(identity - PATH + step_size * curvature, step_size * CURVATURES * CENTRES)
    atc = np.linalg.solve(
        identity - PATH @ (identity - step_size * curvature), step_size * PATH @ (CURVATURES * CENTRES)
    )
    x = twins.dpsgd_combine_then_adapt(local_gradients, PATH, start, 500, step_size)[-1]
    y = twins.dpsgd_adapt_then_combine(local_gradients, PATH, start, 500, step_size)[-1]
    assert close(x, cta)
    assert close(y, atc)
    assert not close(x, atc, 1e-3)
    assert not close(y, cta, 1e-3)


MATCHINGS = (((0, 1), (2, 3)), ((1, 2),))  # of the path of four


def matching_laplacians() -> Array:
    laplacians = np.zeros((2, 4, 4))
    for laplacian, matching in zip(laplacians, MATCHINGS, strict=True):
        for i, j in matching:
            laplacian[[i, j], [i, j]] += 1
            laplacian[[i, j], [j, i]] -= 1
    return laplacians


def test_matcha_second_moment() -> None:
    """E W'W = I - 2 alpha E L + alpha^2 ((E L)^2 + 2 sum p_j (1 - p_j) L_j), by enumerating activations."""
    laplacians, p, alpha = matching_laplacians(), np.array([0.7, 0.4]), 0.3
    second = np.zeros((4, 4))
    for active in itertools.product((0.0, 1.0), repeat=2):
        weight = np.prod(np.where(np.array(active) == 1, p, 1 - p))
        w = twins.matcha(no_gradients, laplacians, np.array([active]), np.eye(4), 0.1, alpha)[1]
        second += weight * w.T @ w
    mean = np.tensordot(p, laplacians, axes=1)
    spread = np.tensordot(p * (1 - p), laplacians, axes=1)
    expected = np.eye(4) - 2 * alpha * mean + alpha**2 * (mean @ mean + 2 * spread)
    assert close(second, expected)
    assert not close(second, expected - alpha**2 * spread, 1e-3)


def test_matcha_adapts_then_combines() -> None:
    laplacians, alpha = matching_laplacians(), 0.3
    w = np.eye(4) - alpha * laplacians.sum(axis=0)
    states = twins.matcha(local_gradients, laplacians, np.ones((6, 2)), CENTRES[::-1], 0.1, alpha)
    atc = twins.dpsgd_adapt_then_combine(local_gradients, w, CENTRES[::-1], 6, 0.1)
    cta = twins.dpsgd_combine_then_adapt(local_gradients, w, CENTRES[::-1], 6, 0.1)
    assert close(np.array(states), np.array(atc))
    assert not close(np.array(states), np.array(cta), 1e-3)


def test_matcha_activates_matchings_step_by_step() -> None:
    laplacians, alpha = matching_laplacians(), 0.3
    first, second = (np.eye(4) - alpha * laplacian for laplacian in laplacians)
    state = twins.matcha(no_gradients, laplacians, np.eye(2), np.eye(4), 0.1, alpha)[-1]
    assert close(state, second @ first)
    assert not close(state, first @ second, 1e-3)
