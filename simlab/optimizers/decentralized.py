"""Decentralized methods: workers that keep their own iterates and talk to their neighbours only.

x of shape (m d,) holds the iterates of the m workers one after the other; X is the same as an array (m, d), and
G(X) holds the local (stochastic) gradients. W is the network's mixing matrix, in the form of neighbour lists
(``simlab.topologies.networks``). The order of averaging and stepping is part of a rule's name: combine-then-adapt
steps from the average but with the gradient before it, adapt-then-combine averages after the step.
"""

from simlab.kernels.arrays import Matrix, Stream, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Oracle, full_gradient, stochastic_gradient
from simlab.kernels.random import integer_below, uniform
from simlab.vocabulary.method import method

# Loops, since assignments to slices would take seconds to compile.


@kernel
def fill(out: Vector, value: float) -> None:
    """``value`` everywhere in ``out``."""
    for i in range(out.size):
        out[i] = value


@kernel
def copy(source: Vector, out: Vector) -> None:
    """``out`` = ``source``."""
    for i in range(out.size):
        out[i] = source[i]


@kernel
def mix(network: Matrix, x: Vector, out: Vector) -> None:
    """OUT = W X; row i of ``network`` is (number of weights, j_1, W[i, j_1], j_2, W[i, j_2], ...)."""
    size = x.size // network.shape[0]
    for i in range(network.shape[0]):
        own = out[i * size : (i + 1) * size]
        fill(own, 0.0)
        for c in range(int(network[i, 0])):
            first, weight = int(network[i, 1 + 2 * c]) * size, network[i, 2 + 2 * c]
            other = x[first : first + size]
            for t in range(size):
                own[t] += weight * other[t]


@kernel
def lazy_mix(network: Matrix, x: Vector, out: Vector) -> None:
    """OUT = (X + W X) / 2."""
    mix(network, x, out)
    for i in range(x.size):
        out[i] = 0.5 * (x[i] + out[i])


@method(linear=True)
@kernel
def gossip(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X+ = W X"""
    mix(oracle.network, x, memory[0])
    copy(memory[0], x)


# --- gradient steps with averaging -------------------------------------------------------------------------------


@kernel
def combine_and_adapt(x: Vector, gradient: Vector, mixed: Vector, step_size: float, network: Matrix) -> None:
    """X+ = W X - step_size * gradient; ``mixed`` is scratch."""
    mix(network, x, mixed)
    for i in range(x.size):
        x[i] = mixed[i] - step_size * gradient[i]


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def dgd(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X+ = W X - step_size * grad F(X), with the exact local gradients

    Decentralized gradient descent, combine-then-adapt. Nedic & Ozdaglar 2009; Yuan, Ling & Yin 2016.
    """
    full_gradient(oracle, x, memory[0])
    combine_and_adapt(x, memory[0], memory[1], parameters[0], oracle.network)


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def dpsgd_combine_then_adapt(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X+ = W X - step_size * G(X)

    Lian et al. 2017, Algorithm 1 (D-PSGD): the gradient is that at X, not at W X.
    """
    stochastic_gradient(oracle, k, x, memory[0])
    combine_and_adapt(x, memory[0], memory[1], parameters[0], oracle.network)


@method(parameters=("step_size",), linear=True)
@kernel
def dpsgd_adapt_then_combine(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X+ = W (X - step_size * G(X))"""
    stepped = memory[0]
    stochastic_gradient(oracle, k, x, stepped)
    for i in range(x.size):
        stepped[i] = x[i] - parameters[0] * stepped[i]
    mix(oracle.network, stepped, x)


@method(parameters=("step_size",), needs=("rng",))
@kernel
def matcha(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X+ = W_k (X - step_size * G(X)), W_k = I - a sum_j B_j L_j, with B_j = 1 with probability p_j, else 0

    L_j is the Laplacian of matching j; the B_j are drawn anew each step, after the gradient. The network is not a
    mixing matrix: its first row begins with a, and row 1 + j is (p_j, partner of each worker in matching j).
    Wang et al. 2019 (adapt-then-combine).
    """
    network, stepped = oracle.network, memory[0]
    workers = network.shape[1] - 1
    size = x.size // workers
    stochastic_gradient(oracle, k, x, stepped)
    for i in range(x.size):
        stepped[i] = x[i] - parameters[0] * stepped[i]
        x[i] = stepped[i]
    for j in range(1, network.shape[0]):
        if not uniform(oracle.rng) < network[j, 0]:
            continue
        for i in range(workers):
            partner = int(network[j, 1 + i])
            if partner > i:  # each pair once
                for t in range(size):
                    exchange = network[0, 0] * (stepped[i * size + t] - stepped[partner * size + t])
                    x[i * size + t] -= exchange
                    x[partner * size + t] += exchange


# --- methods that remove the bias of the workers' differences -----------------------------------------------------


@method(parameters=("step_size",), memory=3, outputs={"tracker": 0}, linear=True)
@kernel
def gradient_tracking(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X+ = W X - step_size * S, S+ = W S + grad F(X+) - grad F(X), with S_0 = grad F(X_0)

    The mean of S is always the mean of the local gradients. Nedic, Olshevsky & Shi 2017 (DIGing); Qu & Li 2018.
    """
    tracker, gradient, mixed = memory[0], memory[1], memory[2]
    if k == 0:
        full_gradient(oracle, x, gradient)
        copy(gradient, tracker)
    combine_and_adapt(x, tracker, mixed, parameters[0], oracle.network)
    mix(oracle.network, tracker, mixed)
    for i in range(x.size):
        tracker[i] = mixed[i] - gradient[i]
    full_gradient(oracle, x, gradient)
    for i in range(x.size):
        tracker[i] += gradient[i]


@method(parameters=("step_size",), memory=4, linear=True)
@kernel
def extra(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X_1 = W X_0 - step_size * G_0, and
    X_(k+2) = (I + W) X_(k+1) - (I + W)/2 X_k - step_size * (G_(k+1) - G_k), with G_k = grad F(X_k)

    Shi, Ling, Wu & Yin 2015.
    """
    lazy, previous, gradient, mixed = memory[0], memory[1], memory[2], memory[3]
    if k == 0:  # with these two the general step gives X_1
        copy(x, lazy)
        fill(previous, 0.0)
    full_gradient(oracle, x, gradient)
    mix(oracle.network, x, mixed)
    for i in range(x.size):
        both = x[i] + mixed[i]
        x[i] = both - lazy[i] - parameters[0] * (gradient[i] - previous[i])
        lazy[i], previous[i] = 0.5 * both, gradient[i]


@kernel
def correct(k: int, x: Vector, gradient: Vector, memory: Matrix, step_size: float) -> None:
    """Y+ = X - step_size * gradient and the corrected point Z = Y+ + X - Y, with Y_0 = X_0.

    Y is kept in memory[0]; Z takes the place of ``gradient``.
    """
    y = memory[0]
    if k == 0:
        copy(x, y)
    for i in range(x.size):
        stepped = x[i] - step_size * gradient[i]
        gradient[i] = stepped + x[i] - y[i]
        y[i] = stepped


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def exact_diffusion(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """Y+ = X - step_size * grad F(X), X+ = (I + W)/2 (Y+ + X - Y), with Y_0 = X_0

    Yuan, Ying, Zhao & Sayed 2019, Algorithm 1.
    """
    full_gradient(oracle, x, memory[1])
    correct(k, x, memory[1], memory, parameters[0])
    lazy_mix(oracle.network, memory[1], x)


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def nids(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X_1 = X_0 - step_size * G_0, and
    X_(k+2) = (I + W)/2 (2 X_(k+1) - X_k - step_size * (G_(k+1) - G_k)), with G_k = grad F(X_k)

    Exact diffusion with a first step that does not average. Li, Shi & Yan 2019, with one step size for all workers.
    """
    full_gradient(oracle, x, memory[1])
    correct(k, x, memory[1], memory, parameters[0])
    if k == 0:
        copy(memory[1], x)
    else:
        lazy_mix(oracle.network, memory[1], x)


@method(parameters=("step_size",), memory=2, linear=True)
@kernel
def d2(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """X_1 = W (X_0 - step_size * G_0), and
    X_(k+2) = W (2 X_(k+1) - X_k - step_size * (G_(k+1) - G_k)), with G_k the stochastic gradients of step k

    Tang, Lian, Yan, Zhang & Liu 2018. W needs eigenvalues above -1/3.
    """
    stochastic_gradient(oracle, k, x, memory[1])
    correct(k, x, memory[1], memory, parameters[0])
    mix(oracle.network, memory[1], x)


# --- averaging with compressed messages, and on directed graphs ---------------------------------------------------


@kernel
def keep_largest(vector: Vector, kept: int, out: Vector) -> None:
    """``out`` is ``vector`` with 0 in place of all but its ``kept`` largest entries; the first of equals stay."""
    fill(out, 0.0)
    for _ in range(min(kept, vector.size)):
        best, largest = -1, -1.0
        for i in range(vector.size):
            if out[i] == 0.0 and abs(vector[i]) > largest:
                best, largest = i, abs(vector[i])
        if best >= 0:
            out[best] = vector[best]


@kernel
def keep_random(rng: Stream, vector: Vector, kept: int, out: Vector) -> None:
    """``out`` is ``vector`` with all but ``kept`` entries, chosen uniformly, set to 0; the rest is not rescaled."""
    wanted = min(kept, vector.size)
    for i in range(vector.size):
        if integer_below(rng, vector.size - i) < wanted:
            out[i] = vector[i]
            wanted -= 1
        else:
            out[i] = 0.0


@kernel
def move_towards_copies(network: Matrix, x: Vector, copies: Vector, mixed: Vector, step: float) -> None:
    """x_i += step * sum_j W_ij (copy_j - copy_i); ``mixed`` is scratch."""
    mix(network, copies, mixed)
    for i in range(x.size):
        x[i] += step * (mixed[i] - copies[i])


@method(parameters=("consensus_step", "kept"), memory=3)
@kernel
def choco_gossip_top(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """c_i+ = c_i + Q(x_i - c_i), x_i+ = x_i + consensus_step * sum_j W_ij (c_j+ - c_i+), with c_i = 0 at first

    Q keeps the ``kept`` largest entries of each worker's difference; c_i is the copy of x_i that its neighbours
    have. Koloskova, Stich & Jaggi 2019, Algorithm 1, with top-k.
    """
    copies, difference, message = memory[0], memory[1], memory[2]
    size = x.size // oracle.network.shape[0]
    for i in range(x.size):
        difference[i] = x[i] - copies[i]
    for first in range(0, x.size, size):
        last = first + size
        keep_largest(difference[first:last], int(parameters[1]), message[first:last])
    for i in range(x.size):
        copies[i] += message[i]
    move_towards_copies(oracle.network, x, copies, difference, parameters[0])


@method(parameters=("consensus_step", "kept"), memory=3, needs=("rng",))
@kernel
def choco_gossip_random(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """c_i+ = c_i + Q(x_i - c_i), x_i+ = x_i + consensus_step * sum_j W_ij (c_j+ - c_i+), with c_i = 0 at first

    Q keeps ``kept`` entries of each worker's difference, drawn anew for each worker and step, and does not rescale
    them. Koloskova, Stich & Jaggi 2019, Algorithm 1, with rand-k.
    """
    copies, difference, message = memory[0], memory[1], memory[2]
    size = x.size // oracle.network.shape[0]
    for i in range(x.size):
        difference[i] = x[i] - copies[i]
    for first in range(0, x.size, size):
        last = first + size
        keep_random(oracle.rng, difference[first:last], int(parameters[1]), message[first:last])
    for i in range(x.size):
        copies[i] += message[i]
    move_towards_copies(oracle.network, x, copies, difference, parameters[0])


@method(memory=3, outputs={"sum": 0, "weight": 1})
@kernel
def push_sum(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """S+ = A S, y+ = A y, x_i+ = S_i+ / y_i+, with S_0 = X_0 and y_0 = 1

    A is column-stochastic, A[i, j] the share that worker j sends to i, in the form of neighbour lists. The weight
    y_i is kept in each of worker i's coordinates. Kempe, Dobra & Gehrke 2003.
    """
    total, weight, mixed = memory[0], memory[1], memory[2]
    if k == 0:
        copy(x, total)
        fill(weight, 1.0)
    mix(oracle.network, total, mixed)
    copy(mixed, total)
    mix(oracle.network, weight, mixed)
    copy(mixed, weight)
    for i in range(x.size):
        x[i] = total[i] / weight[i]
