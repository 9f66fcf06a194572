"""Landscape-aware methods: the compiled rules step by step against NumPy, and wrong rules that must be told apart.

The randomness is the compiled one, drawn a second time from a copy of the stream; only the rules are compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from problems.least_squares import least_squares
from problems.noise import gaussian
from problems.nonconvex_sums import rippled_bowl
from problems.sampling import mean_of_terms, minibatch
from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data, Objective, add_sample
from simlab.kernels.random import normal, streams, uniform
from simlab.optimizers import landscape
from simlab.optimizers.first_order import gradient_descent, sgd
from simlab.running.data_sets import coupled_records
from simlab.running.given import states
from simlab.vocabulary.method import Method
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.quantity import PairQuantity
from tests.references import twins
from tests.references.test_twins import mutated

TOLERANCE = 1e-12
STEPS = 20
ENTROPY = (7, 1)


@kernel
def copy_iterate(
    objective: Objective, base: Data, test: Matrix, x: Vector, other: Vector, out: Vector
) -> None:
    """The base run's iterate itself."""
    out[:] = x


@dataclass(frozen=True, eq=False)
class Setting:
    """A problem with a noise model, whose draws can be repeated."""

    problem: Problem
    noise: NoiseSpec

    def gradient(self, samples: Sequence[Vector]) -> twins.Gradient:
        """(k, x) -> the stochastic gradient of draw number k, in NumPy."""

        def of_terms(k: int, x: Vector) -> Vector:
            terms = [self.problem.component(int(i), x) for i in samples[k]]
            return np.asarray(np.mean(terms, axis=0))

        def added(k: int, x: Vector) -> Vector:
            return self.problem.gradient(x) + samples[k]

        return of_terms if self.noise.name == "minibatch" else added


SETTINGS = {
    "least squares, minibatch": Setting(
        least_squares(terms=6, dimension=3, residual=1.0), minibatch(batch=2)
    ),
    "rippled bowl, gaussian": Setting(rippled_bowl(dimension=3), gaussian(variance=0.5)),
}
settings = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())


def compiled_run(method: Method, setting: Setting) -> Matrix:
    """x_0, ..., x_STEPS of the compiled kernel, driven as theorems drive it."""
    problem = setting.problem
    iterate = PairQuantity("iterate", copy_iterate, "", lambda tests: problem.dimension, "")
    tables = np.stack([problem.data.table] * 2)[None]
    records = coupled_records(iterate, method, problem, tables, range(STEPS + 1), 1, ENTROPY, setting.noise)
    return np.asarray(records[0, :, 0])


def repeated_draws(
    setting: Setting, rounds: int, own: Callable[[Any], float] = normal, count: int = 0
) -> tuple[list[Vector], NDArray[np.float64]]:
    """Again from the same stream: ``rounds`` times a draw of the noise, then ``count`` numbers of the method's."""
    noise = setting.noise.resolve(setting.problem, {})
    rng = streams(ENTROPY, 0, 1)[0]
    sample, order = np.zeros(noise.sample), np.zeros(noise.order, np.int64)
    samples, numbers = [], np.zeros((rounds, count))
    with np.errstate(all="ignore"):
        for k in range(rounds):
            noise.draw(k, noise.vector, order, rng, sample)
            samples.append(sample.copy())
            for i in range(count):
                numbers[k, i] = own(rng)
    return samples, numbers


def distance(left: Sequence[Vector] | Matrix, right: Sequence[Vector] | Matrix) -> float:
    """The largest difference of the iterates, relative to the largest iterate."""
    one, two = np.asarray(left), np.asarray(right)
    assert one.shape == two.shape
    return float(np.abs(one - two).max() / np.abs(two).max())


# Each function: the compiled run and the twin's, for a twin that may be wrong.
Comparison = tuple[Matrix, Sequence[Vector] | Matrix]


def sam_runs(setting: Setting, rule: Callable[..., Any] = twins.sam) -> Comparison:
    samples, _ = repeated_draws(setting, STEPS)
    start = np.asarray(setting.problem.start)
    twin = rule(setting.gradient([*samples, samples[0]]), start, STEPS, step_size=0.05, radius=0.3)
    return compiled_run(landscape.sam(step_size=0.05, radius=0.3), setting), twin


def lpf_sgd_runs(setting: Setting, rule: Callable[..., Any] = twins.lpf_sgd) -> Comparison:
    d, perturbations = setting.problem.dimension, 3
    samples, normals = repeated_draws(setting, STEPS, normal, perturbations * d)
    directions = normals.reshape(STEPS, perturbations, d)
    twin = rule(
        setting.gradient([*samples, samples[0]]), np.asarray(setting.problem.start), 0.05, 0.4, directions
    )
    method = landscape.lpf_sgd(step_size=0.05, smoothing=0.4, perturbations=perturbations)
    return compiled_run(method, setting), twin


def smoothout_runs(setting: Setting, rule: Callable[..., Any] = twins.smoothout) -> Comparison:
    samples, uniforms = repeated_draws(setting, STEPS, uniform, setting.problem.dimension)
    start = np.asarray(setting.problem.start)
    twin = rule(setting.gradient([*samples, samples[0]]), start, 0.05, 0.4 * (2 * uniforms - 1))
    return compiled_run(landscape.smoothout(step_size=0.05, radius=0.4), setting), twin


def entropy_sgd_runs(setting: Setting, rule: Callable[..., Any] = twins.entropy_sgd) -> Comparison:
    d, inner = setting.problem.dimension, 5
    samples, normals = repeated_draws(setting, STEPS * inner, normal, d)
    twin = rule(
        setting.gradient([*samples, samples[0]]), np.asarray(setting.problem.start), 0.5, 0.8, 0.1, 0.25, 0.3,
        normals.reshape(STEPS, inner, d),
    )  # fmt: skip
    method = landscape.entropy_sgd(
        step_size=0.5, scope=0.8, inner_steps=inner, inner_step_size=0.1, averaging=0.25, noise=0.3
    )
    return compiled_run(method, setting), twin


def swa_runs(setting: Setting, rule: Callable[..., Any] = twins.swa) -> Comparison:
    """The averages: they contain the iterates."""
    samples, _ = repeated_draws(setting, STEPS)
    start = np.asarray(setting.problem.start)
    disturb = mean_of_terms if setting.noise.name == "minibatch" else add_sample
    method = landscape.swa(step_size=0.05, first=4, cycle=3)
    run = states(method, setting.problem, start[None], np.array(samples)[None], disturb=disturb)[0]
    iterates, averages = rule(setting.gradient(samples), start, STEPS, 0.05, first=4, cycle=3)
    assert distance(run[:, 0], iterates) <= TOLERANCE
    return run[1:, 1 + landscape.swa.outputs["average"]], averages[1:]


RUNS = {
    "sam": sam_runs,
    "lpf_sgd": lpf_sgd_runs,
    "smoothout": smoothout_runs,
    "entropy_sgd": entropy_sgd_runs,
    "swa": swa_runs,
}


@settings
@pytest.mark.parametrize("name", RUNS)
def test_the_kernel_follows_its_twin(name: str, setting: Setting) -> None:
    compiled, twin = RUNS[name](setting)
    assert distance(compiled, twin) <= TOLERANCE


MUTANTS = [
    ("sam", "x + ascent", "x - ascent"),
    ("sam", "radius * g / norm", "radius * g"),
    ("sam", "gradient(k, x + ascent)", "gradient(k + 1, x + ascent)"),
    ("sam", "iterates.append(x -", "iterates.append(x + ascent -"),
    ("lpf_sgd", "/ len(drawn)", ""),
    ("lpf_sgd", "for u in drawn", "for u in drawn[:1] * len(drawn)"),
    ("lpf_sgd", "smoothing * u", "smoothing**2 * u"),
    ("lpf_sgd", "gradient(k, x + smoothing * u)", "gradient(k + 1, x + smoothing * u)"),
    ("smoothout", "x + v)", "x - v)"),
    ("smoothout", "iterates.append(x -", "iterates.append(x + v -"),
    ("smoothout", "gradient(k, x + v)", "gradient(k + 1, x + v)"),
    ("entropy_sgd", "scope * (x - y)", "scope * (y - x)"),
    ("entropy_sgd", "step_size * scope * (x - m)", "step_size * (x - m)"),
    ("entropy_sgd", "np.sqrt(inner_step_size)", "np.sqrt(2 * inner_step_size)"),
    ("entropy_sgd", "(1 - averaging) * m + averaging * y", "averaging * m + (1 - averaging) * y"),
    ("entropy_sgd", "x = y = m = iterates[-1]", "x = y = iterates[-1]; m = 0 * x"),
    ("entropy_sgd", "(x - m)", "(x - y)"),
    ("entropy_sgd", "gradient(t, y)", "gradient(t // len(drawn), y)"),
    ("swa", "first : k + 1", "first - 1 : k + 1"),
    ("swa", "k + 1 : cycle", "k + 1"),
    ("swa", "k >= first", "k > first + cycle"),
    ("swa", "if k >= first else iterates[k]", "if k >= first else iterates[0]"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), MUTANTS)
def test_a_wrong_rule_is_caught(name: str, right: str, wrong: str) -> None:
    """By a thousand times the tolerance at least, so that the verdict does not rest on rounding."""
    rule = mutated(name, right, wrong)
    distances = [distance(*RUNS[name](setting, rule)) for setting in SETTINGS.values()]
    assert any(not (d <= 1000 * TOLERANCE) for d in distances)


@pytest.mark.parametrize(
    ("method", "plain"),
    [
        (landscape.sam(step_size=0.05, radius=0.0), sgd(step_size=0.05)),
        (landscape.swa(step_size=0.05, first=0, cycle=1), sgd(step_size=0.05)),
        (landscape.lpf_sgd(step_size=0.05, smoothing=0.0, perturbations=1), sgd(step_size=0.05)),
        (landscape.smoothout(step_size=0.05, radius=0.0), sgd(step_size=0.05)),
    ],
    ids=lambda method: method.name,
)
def test_without_a_radius_the_rules_are_sgd(method: Method, plain: Method) -> None:
    """For the rules that draw numbers of their own only at step 0, before which the streams agree."""
    setting = SETTINGS["rippled bowl, gaussian"]
    steps = 2 if "rng" in method.family.needs else STEPS + 1
    assert distance(compiled_run(method, setting)[:steps], compiled_run(plain, setting)[:steps]) <= 1e-14


def test_sam_stays_at_a_stationary_point() -> None:
    problem = rippled_bowl(dimension=2, start=0.0)
    run = states(landscape.sam(step_size=0.1, radius=0.5), problem, np.zeros((1, 2)), np.zeros((1, 5, 2)))
    assert np.array_equal(run[0, :, 0], np.zeros((6, 2)))


def test_one_noiseless_inner_step_of_entropy_sgd_is_gradient_descent() -> None:
    """m = x - averaging * inner_step_size * grad f(x), so the step is gradient descent's with a product for eta."""
    problem = rippled_bowl(dimension=3)
    quiet = Setting(problem, gaussian(variance=0.0))
    method = landscape.entropy_sgd(
        step_size=0.5, scope=0.8, inner_steps=1, inner_step_size=0.4, averaging=0.25, noise=0.0
    )
    product = 0.5 * 0.8 * 0.4 * 0.25
    assert distance(
        compiled_run(method, quiet), compiled_run(gradient_descent(step_size=product), quiet)
    ) <= TOLERANCE  # fmt: skip
