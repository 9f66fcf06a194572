"""Decentralized methods: the compiled rules against the twins step by step, and wrong rules that are told apart."""

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from problems.networks import heterogeneous_quadratics
from simlab.kernels import oracle as roles
from simlab.kernels.arrays import Matrix, Stream, Vector
from simlab.kernels.random import integer_below, streams, uniform
from simlab.optimizers import decentralized
from simlab.running.given import follower, given_draw, states
from simlab.topologies.graphs import graph
from simlab.topologies.matchings import matching_decomposition
from simlab.topologies.mixing import mixing_matrix, row_stochastic
from simlab.topologies.networks import matching_network, neighbour_table
from tests.references import twins

TOLERANCE = 1e-12
STEPS = 25
PROBLEM = heterogeneous_quadratics(workers=6, dimension=3, seed=4)
WORKERS, SIZE = 6, 3
RANDOM = np.random.default_rng(3)
START = RANDOM.standard_normal((WORKERS, SIZE))
NOISE = RANDOM.standard_normal((STEPS, WORKERS, SIZE))
GRAPHS = {name: graph(name, WORKERS) for name in ("ring", "star", "barbell")}
MIXING = {name: mixing_matrix(g, "metropolis").matrix for name, g in GRAPHS.items()}
GIVEN = tuple(MIXING)


def exact_gradients(k: int, x: Matrix) -> Matrix:
    return PROBLEM.gradient(x.ravel()).reshape(x.shape)


def noisy_gradients(k: int, x: Matrix) -> Matrix:
    return exact_gradients(k, x) + NOISE[k]


def activations(rng: Stream, probabilities: Vector) -> Matrix:
    """The B_j of every step, from the numbers that the kernel draws."""
    with np.errstate(all="ignore"):
        return np.array([[float(uniform(rng) < p) for p in probabilities] for _ in range(STEPS)])


def kept_entries(rng: Stream, kept: int) -> twins.Gradient:
    """Q that keeps uniformly drawn entries, from the numbers that the kernel draws."""

    def compress(k: int, rows: Matrix) -> Matrix:
        out = np.zeros_like(rows)
        for i in range(len(rows)):
            wanted = kept
            for j in range(rows.shape[1]):
                with np.errstate(all="ignore"):
                    chosen = integer_below(rng, rows.shape[1] - j) < wanted
                if chosen:
                    out[i, j], wanted = rows[i, j], wanted - 1
        return out

    return compress


def directed(name: str) -> Matrix:
    """Column-stochastic shares that are not symmetric."""
    return row_stochastic(GRAPHS[name]).T


# For each rule: hyper-parameters, the network's table on a graph, and the twin's states there.
Twin = Callable[[str, Stream], list[Matrix]]
MATCHINGS = {name: matching_decomposition(g) for name, g in GRAPHS.items()}
CHANCES = {name: np.linspace(0.3, 1.0, len(found)) for name, found in MATCHINGS.items()}


def with_twin(twin: Any, gradients: twins.Gradient) -> Twin:
    return lambda name, rng: twin(gradients, MIXING[name], START, STEPS, 0.3)


def matcha_twin(name: str, rng: Stream) -> list[Matrix]:
    laplacians = np.array([MATCHINGS[name].laplacian(row) for row in np.eye(len(MATCHINGS[name]))])
    return twins.matcha(noisy_gradients, laplacians, activations(rng, CHANCES[name]), START, 0.3, 0.4)


TWINS: dict[str, Twin] = {
    "gossip": lambda name, rng: twins.gossip(MIXING[name], START, STEPS),
    "dgd": with_twin(twins.dpsgd_combine_then_adapt, exact_gradients),
    "dpsgd_combine_then_adapt": with_twin(twins.dpsgd_combine_then_adapt, noisy_gradients),
    "dpsgd_adapt_then_combine": with_twin(twins.dpsgd_adapt_then_combine, noisy_gradients),
    "matcha": matcha_twin,
    "gradient_tracking": with_twin(twins.gradient_tracking, exact_gradients),
    "extra": with_twin(twins.extra, exact_gradients),
    "exact_diffusion": with_twin(twins.exact_diffusion, exact_gradients),
    "nids": with_twin(twins.nids, exact_gradients),
    "d2": with_twin(twins.d2, noisy_gradients),
    "choco_gossip_top": lambda name, rng: twins.choco_gossip(
        lambda k, rows: twins.top(rows, 2), MIXING[name], START, STEPS, 0.3
    ),
    "choco_gossip_random": lambda name, rng: twins.choco_gossip(
        kept_entries(rng, 2), MIXING[name], START, STEPS, 0.3
    ),
    "push_sum": lambda name, rng: twins.push_sum(directed(name), START, STEPS),
}
RULES = tuple(TWINS)


def parameters(rule: str) -> dict[str, float]:
    given = {"step_size": 0.3, "consensus_step": 0.3, "kept": 2}
    return {name: given[name] for name in getattr(decentralized, rule).parameters}


def table(rule: str, name: str) -> Matrix:
    if rule == "matcha":
        return matching_network(MATCHINGS[name], CHANCES[name], 0.4, name).array
    return neighbour_table(directed(name) if rule == "push_sum" else MIXING[name])


def stream() -> Stream:
    return streams([7], 0, 1)[0]


def error(found: list[Matrix] | Matrix, expected: list[Matrix]) -> float:
    """max over k of |X_k - R_k| / |R_k| in the maximum norm; nan when a state is nan."""
    x, r = np.asarray(found), np.asarray(expected)
    assert x.shape == r.shape == (STEPS + 1, WORKERS, SIZE)
    return float((np.abs(x - r).max(axis=(1, 2)) / np.abs(r).max(axis=(1, 2))).max())


# --- compiled kernels --------------------------------------------------------------------------------------------


def compiled_run(rule: str, name: str) -> Matrix:
    """X_0, ..., X_25 of the compiled kernel; rules with randomness of their own draw it from ``stream()``."""
    method = getattr(decentralized, rule)(**parameters(rule))
    samples = NOISE.reshape(1, STEPS, -1)
    if "rng" not in method.family.needs:
        found = states(method, PROBLEM, START.reshape(1, -1), samples, network=table(rule, name))
    else:
        kernels = PROBLEM.kernels
        functions = [
            roles.compiled_role(method.family.step, "step"),
            *(
                roles.compiled_role(getattr(kernels, kind), kind)
                for kind in ("value", "gradient", "component", "hessian", "prox")
            ),
            roles.compiled_role(given_draw, "draw"),
            roles.compiled_role(roles.add_sample, "disturb"),
        ]
        found = np.zeros((1, STEPS + 1, 1 + method.memory_rows({}), WORKERS * SIZE))
        found[:, 0, 0] = START.ravel()
        with np.errstate(all="ignore"):
            follower()(
                *functions, PROBLEM.data.scalars, PROBLEM.data.table, table(rule, name),
                method.schedule({}, STEPS), samples.copy(), stream(), found,
            )  # fmt: skip
    return found[0, :, 0].reshape(STEPS + 1, WORKERS, SIZE)


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("rule", RULES)
def test_kernel_follows_the_twin(rule: str, name: str) -> None:
    assert error(compiled_run(rule, name), TWINS[rule](name, stream())) <= TOLERANCE


@pytest.mark.parametrize("rule", RULES)
def test_a_hyper_parameter_that_is_off_is_caught(rule: str) -> None:
    expected = TWINS[rule]("star", stream())
    for changed in parameters(rule):
        given = parameters(rule)
        given[changed] = given[changed] * 1.01 if changed != "kept" else 1
        method = getattr(decentralized, rule)(**given)
        if "rng" in method.family.needs:
            continue  # their plain code below
        found = states(
            method, PROBLEM, START.reshape(1, -1), NOISE.reshape(1, STEPS, -1), network=table(rule, "star")
        )
        assert not error(found[0, :, 0].reshape(STEPS + 1, WORKERS, SIZE), expected) <= 10 * TOLERANCE


# --- the same code in plain Python, whole or with one piece replaced ---------------------------------------------


def plain_run(rule: str, name: str, right: str = "", wrong: str = "") -> list[Matrix]:
    """X_0, ..., X_25 of the rule's code as Python, after replacing one piece of its function or its helpers."""
    source = inspect.getsource(decentralized)
    if right:
        assert source.count(right) == 1, f"{right!r} must occur once in the code"
        source = source.replace(right, wrong)
    for line, replacement in (
        ("from simlab.kernels.compilation import kernel", "kernel = lambda f: f"),
        ("import Oracle, full_gradient, stochastic_gradient", "import Oracle"),
        ("from simlab.vocabulary.method import method", "method = lambda **_: lambda f: f"),
    ):
        assert source.count(line) == 1
        source = source.replace(line, replacement)

    def full_gradient(oracle: Any, x: Vector, out: Vector) -> None:
        out[:] = PROBLEM.gradient(x)

    def stochastic_gradient(oracle: Any, k: int, x: Vector, out: Vector) -> None:
        out[:] = PROBLEM.gradient(x) + NOISE[k].ravel()

    names: dict[str, Any] = {"full_gradient": full_gradient, "stochastic_gradient": stochastic_gradient}
    exec(source, names)
    family = getattr(decentralized, rule)
    x, memory = START.ravel().copy(), np.zeros((family.memory, WORKERS * SIZE))
    oracle = SimpleNamespace(network=table(rule, name), rng=stream())
    row = np.array(list(parameters(rule).values()))
    found = [START.copy()]
    for k in range(STEPS):
        with np.errstate(all="ignore"):
            names[rule](k, x, memory, row, oracle)
        found.append(x.reshape(WORKERS, SIZE).copy())
    return found


@pytest.mark.parametrize("rule", RULES)
def test_the_plain_code_is_what_the_kernel_runs(rule: str) -> None:
    assert error(plain_run(rule, "star"), TWINS[rule]("star", stream())) <= TOLERANCE


CORRECTION = "gradient[i] = stepped + x[i] - y[i]"
MUTANTS = [
    ("gossip", "own[t] += weight * other[t]", "own[t] += other[t] / len(network)"),
    ("gossip", "int(network[i, 1 + 2 * c]) * size", "(network.shape[0] - 1 - i) * size"),
    ("dgd", "x[i] = mixed[i] - step_size * gradient[i]", "x[i] = mixed[i] + step_size * gradient[i]"),
    (
        "dpsgd_combine_then_adapt",
        "stochastic_gradient(oracle, k, x, memory[0])\n    combine",
        "mix(oracle.network, x, memory[1])\n    stochastic_gradient(oracle, k, memory[1], memory[0])\n    combine",
    ),
    (
        "dpsgd_combine_then_adapt",
        "x[i] = mixed[i] - step_size * gradient[i]",
        "x[i] = x[i] - step_size * gradient[i]",
    ),
    (
        "dpsgd_adapt_then_combine",
        "stepped[i] = x[i] - parameters[0] * stepped[i]\n    mix",
        "stepped[i] = x[i] + parameters[0] * stepped[i]\n    mix",
    ),
    (
        "dpsgd_adapt_then_combine",
        "mix(oracle.network, stepped, x)",
        "mix(oracle.network, x.copy(), x)",
    ),
    ("matcha", "if not uniform(oracle.rng) < network[j, 0]", "if uniform(oracle.rng) < network[j, 0]"),
    ("matcha", "if not uniform(oracle.rng) < network[j, 0]", "if not uniform(oracle.rng) < 0.5"),
    ("matcha", "if partner > i:", "if partner != i:"),
    ("matcha", "x[partner * size + t] += exchange", "pass"),
    (
        "matcha",
        "(stepped[i * size + t] - stepped[partner * size + t])",
        "(x[i * size + t] - x[partner * size + t])",
    ),
    ("gradient_tracking", "tracker[i] = mixed[i] - gradient[i]", "tracker[i] = tracker[i] - gradient[i]"),
    ("gradient_tracking", "tracker[i] = mixed[i] - gradient[i]", "tracker[i] = mixed[i]"),
    ("gradient_tracking", "copy(gradient, tracker)", "fill(tracker, 0.0)"),
    ("extra", "lazy[i], previous[i] = 0.5 * both, gradient[i]", "lazy[i], previous[i] = both, gradient[i]"),
    ("extra", "copy(x, lazy)", "fill(lazy, 0.0)"),
    (
        "extra",
        "both - lazy[i] - parameters[0] * (gradient[i] - previous[i])",
        "both - lazy[i] - parameters[0] * gradient[i]",
    ),
    ("exact_diffusion", CORRECTION, "gradient[i] = stepped"),
    ("exact_diffusion", CORRECTION, "gradient[i] = stepped - x[i] + y[i]"),
    ("exact_diffusion", "parameters[0])\n    lazy_mix(", "parameters[0])\n    mix("),
    ("nids", "if k == 0:\n        copy(memory[1], x)", "if k < 0:\n        copy(memory[1], x)"),
    ("nids", "out[i] = 0.5 * (x[i] + out[i])", "out[i] = out[i]"),
    (
        "d2",
        "    mix(oracle.network, memory[1], x)\n\n\n# ---",
        "    lazy_mix(oracle.network, memory[1], x)\n\n\n# ---",
    ),
    ("d2", "if k == 0:\n        copy(x, y)", "if k < 0:\n        copy(x, y)"),
    ("choco_gossip_top", "abs(vector[i]) > largest", "vector[i] > largest"),
    ("choco_gossip_top", "x[i] += step * (mixed[i] - copies[i])", "x[i] += step * (mixed[i] - x[i])"),
    (
        "choco_gossip_random",
        "integer_below(rng, vector.size - i) < wanted",
        "integer_below(rng, vector.size) < wanted",
    ),
    (
        "choco_gossip_random",
        "out[i] = vector[i]\n            wanted",
        "out[i] = vector[i] * vector.size / kept\n            wanted",
    ),
    ("push_sum", "x[i] = total[i] / weight[i]", "x[i] = total[i]"),
    ("push_sum", "fill(weight, 1.0)", "fill(weight, 0.5)"),
]


@pytest.mark.parametrize(("rule", "right", "wrong"), MUTANTS)
def test_a_wrong_rule_is_caught(rule: str, right: str, wrong: str) -> None:
    """By ten times the tolerance at least, so that the verdict does not rest on rounding."""
    assert not error(plain_run(rule, "star", right, wrong), TWINS[rule]("star", stream())) <= 10 * TOLERANCE


# --- what the rules promise ---------------------------------------------------------------------------------------


def limit(rule: str, steps: int = 3000) -> float:
    """The distance from the minimizer after many exact steps, for gradients that differ between workers."""
    method = getattr(decentralized, rule)(step_size=0.15)
    silence = np.zeros((1, steps, WORKERS * SIZE))
    found = states(method, PROBLEM, START.reshape(1, -1), silence, network=table(rule, "ring"))
    assert PROBLEM.minimizer is not None
    return float(np.abs(found[0, -1, 0] - PROBLEM.minimizer).max())


@pytest.mark.parametrize("rule", ["gradient_tracking", "extra", "exact_diffusion", "nids", "d2"])
def test_corrected_methods_find_the_minimizer(rule: str) -> None:
    assert limit(rule) < 1e-12


@pytest.mark.parametrize("rule", ["dgd", "dpsgd_adapt_then_combine"])
def test_plain_averaging_has_a_bias(rule: str) -> None:
    assert limit(rule) > 0.01


def test_push_sum_finds_the_mean_that_plain_averaging_misses() -> None:
    shares, mean = directed("star"), START.mean(axis=0)
    assert np.abs(np.linalg.matrix_power(shares, 200) @ START - mean).max() > 0.01
    method = decentralized.push_sum()
    found = states(
        method, PROBLEM, START.reshape(1, -1), np.zeros((1, 200, 18)), network=neighbour_table(shares)
    )
    assert np.abs(found[0, -1, 0].reshape(WORKERS, SIZE) - mean).max() < 1e-12
