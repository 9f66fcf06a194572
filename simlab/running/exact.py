"""Exact expectations: second moments of linear methods on quadratics, computed from the kernels themselves.

On a quadratic, many methods map the state z = (x, memory) and the noise to the next state by an affine map. The
map is read off the compiled step kernel by probing it, so the update rule is still written in one place. Then
E z z^T follows the exact recursion, and every quadratic quantity has an exact expectation: nothing is sampled.
"""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simlab.errors import InputError
from simlab.kernels import oracle as roles
from simlab.kernels.arrays import Integers, Matrix, Vector
from simlab.kernels.probe import quantity_prober, step_prober
from simlab.kernels.random import STATE_ROWS
from simlab.kernels.trajectory import Selection
from simlab.planning.cases import Case
from simlab.running import precise
from simlab.running.given import given_draw
from simlab.running.trajectories import as_called, iterate_weights, layout, parts
from simlab.vocabulary.assumptions import FiniteSum, Quadratic
from simlab.vocabulary.quantity import Measure

# Above this many numbers of state the recursion on z z^T costs more than sampling. Random terms of a sum multiply
# the state: tails are heavy, sampling decides late or never, and it pays up to so many operations a step.
LARGEST_STATE, MOST_OPERATIONS = 130, 1e9
# Steps that are compared with the one before in one call: with the largest states, 4 MB.
COMPARED = 32
# Relative differences between a step and an affine map that rounding explains, and that only nonlinearity does.
ROUNDING, NO_LONGER_AFFINE = 1e-13, 1e-7
LINEAR = (Selection.LAST, Selection.MEAN, Selection.SUM, Selection.AVERAGE)


def applies(case: Case) -> bool:
    """Whether the expectation of this case can be computed instead of sampled."""
    problem, method, measures = case.problem, case.setting.method, case.setting.measures
    if problem is None or method is None or not isinstance(measures, Measure):
        return False
    return (
        method.family.linear
        and "rng" not in method.family.needs
        and measures.quantity.quadratic
        and measures.selection in LINEAR
        and Quadratic in problem.known
        and (case.noise.covariance is not None or case.noise.support is not None)
        and _pays((layout(case).memory + 2) * problem.dimension, case)
    )


def _pays(size: int, case: Case) -> bool:
    """Whether the recursion for a state of this size costs no more than sampling."""
    if size <= LARGEST_STATE:
        return True
    assert case.problem is not None
    terms, support = FiniteSum in case.problem.known, case.noise.support
    return terms and support is not None and len(support) * size**3 <= MOST_OPERATIONS


class _Maps:
    """The affine maps of a case's steps, in the augmented form [z; s; 1] with s the running sum of iterates."""

    def __init__(self, case: Case, extended: bool = False) -> None:
        problem, method = case.problem, case.setting.method
        assert problem is not None
        assert method is not None
        self.case, self.sizes, self.dimension = case, layout(case), problem.dimension
        self.size = (1 + self.sizes.memory) * self.dimension
        self.parameters = method.schedule(case.known, max(case.checkpoints[-1], 1))
        self.additive = case.noise.covariance is not None
        functions = [part for part in parts(case) if part[1] != "quantity"]
        functions[-2] = given_draw, "draw"
        if self.additive:
            functions[-1] = roles.add_sample, "disturb"
        self.functions = as_called(functions, extended)
        self.prober = precise.probe_steps if extended else step_prober()
        self.type: type[np.floating[Any]] = precise.EXTENDED if extended else np.float64

    @property
    def method(self) -> str:
        """The method's name."""
        assert self.case.setting.method is not None
        return self.case.setting.method.name

    def after(self, k: int | Integers, states: Matrix, samples: Matrix) -> Matrix:
        """The rows of ``states`` after step k, or after a step each, all with the first one's hyper-parameters."""
        steps = np.broadcast_to(k, len(states)).astype(np.int64)
        problem, out = self.case.problem, np.ascontiguousarray(states, self.type)
        assert problem is not None
        network = self.case.network.array if self.case.network is not None else np.zeros((0, 0))
        row = self.parameters[min(steps[0], len(self.parameters) - 1)]
        with np.errstate(all="ignore"):
            self.prober(
                *self.functions, problem.data.scalars, problem.data.table, self.case.noise.vector, network, steps,
                row, self.sizes.memory, out, np.ascontiguousarray(samples),
                np.zeros((STATE_ROWS, 8), np.uint64),
            )  # fmt: skip
        return out

    def affine(self, k: int, sample: Vector) -> Matrix:
        """T with [z'; 1] = T [z; 1] for one sample."""
        states = np.vstack([np.eye(self.size), np.zeros(self.size)])
        images = self.after(k, states, np.tile(sample, (self.size + 1, 1)))
        matrix = np.zeros((self.size + 1, self.size + 1), self.type)
        matrix[: self.size, : self.size] = (images[:-1] - images[-1]).T
        matrix[: self.size, self.size], matrix[self.size, self.size] = images[-1], 1.0
        return matrix

    def at(self, k: int) -> "_Step":
        """What step k does, read off by probing, and checked to be affine."""
        if not self.additive:
            assert self.case.noise.support is not None
            outcomes = [(p, np.asarray(s)) for p, s in self.case.noise.support]
            step = _Step([(p, self.affine(k, sample)) for p, sample in outcomes], None)
        else:
            d = self.dimension
            quiet = self.affine(k, np.zeros(d))
            noisy = self.after(k, np.zeros((d, self.size)), np.eye(d)) - quiet[: self.size, self.size]
            step = _Step([(1.0, quiet)], noisy)
        if self.gaps(np.array([k]), self.expected(step))[0] > NO_LONGER_AFFINE:
            raise InputError(
                f"{self.case.label}: method {self.method} is declared linear, but its step {k} is no affine "
                "function of its state and of the noise; declare it without linear=True."
            )
        return step

    def expected(self, step: "_Step") -> Matrix:
        """Where a step maps the trials."""
        states, samples = self.trials
        images = np.vstack([
            states[2 * i : 2 * i + 2] @ matrix[: self.size, : self.size].T + matrix[: self.size, self.size]
            for i, (_, matrix) in enumerate(step.maps)
        ])  # fmt: skip
        return images if step.noisy is None else images + samples @ step.noisy

    def gaps(self, steps: Integers, expected: Matrix) -> Vector:
        """How far from where they are expected each of these steps maps the trials.

        The largest difference, relative to the largest number of its row. Not a number counts as no gap: it shows
        in the expectation.
        """
        states, samples = (np.tile(given, (len(steps), 1)) for given in self.trials)
        images = self.after(np.repeat(steps, len(expected)), states, samples)
        differences = np.abs(images.reshape(len(steps), *expected.shape) - expected).max(axis=2)
        relative = differences / np.maximum(1.0, np.abs(expected).max(axis=1))
        return np.asarray(relative.max(axis=1))

    @functools.cached_property
    def trials(self) -> tuple[Matrix, Matrix]:
        """States and samples on which maps are compared: two in general position for each outcome of the noise,
        one of the size of 1 and one of 1000, which a threshold would show.
        """
        draw, sizes = np.random.default_rng(0).standard_normal, np.array([[1.0], [1000.0]])
        if self.additive:
            return sizes * draw((2, self.size)), sizes * draw((2, self.dimension))
        assert self.case.noise.support is not None
        outcomes = [np.asarray(sample, dtype=np.float64) for _, sample in self.case.noise.support]
        states = np.vstack([sizes * draw((2, self.size)) for _ in outcomes])
        return states, np.repeat(np.vstack(outcomes), 2, axis=0)


class _Step(NamedTuple):
    """One step: its affine maps with their probabilities, and what additive noise of the unit vectors adds."""

    maps: list[tuple[float, Matrix]]
    noisy: Matrix | None


class _Steps:
    """The steps in turn. With constant hyper-parameters, a step that acts like the one before is not probed."""

    def __init__(self, maps: _Maps, total: int, measured: Sequence[int] = ()) -> None:
        self.maps, self.total, self.constant = maps, total, len(maps.parameters) == 1
        self.wide: list[tuple[float, Matrix]] = []
        self.measured = measured
        self.read = self.kept = np.arange(total)
        self.expected, self.covariance = np.zeros((0, 0)), np.zeros((total, total), maps.type)
        self.alike = 0  # steps before this one act like the last one that was read

    def advance(self, k: int, second: Matrix) -> Matrix:
        """E z z^T after step k, from that before."""
        if self.constant and self.wide and k >= self.alike:
            differs = self.maps.gaps(np.arange(k, k + COMPARED), self.expected) > ROUNDING
            self.alike = k + (int(np.argmax(differs)) if differs.any() else COMPARED)
        if k >= self.alike:
            self._read(k)
        moved = self.covariance.copy()
        if len(self.read) < self.total:
            self._add_narrow(moved, second, whole=k + 1 >= self.alike)
            return moved
        for probability, matrix in self.wide:
            moved += probability * (matrix @ second @ matrix.T)
        return moved

    def _add_narrow(self, moved: Matrix, second: Matrix, whole: bool) -> None:
        """The same for a large state of which a step reads a part, such as one without work space.

        The rows that a step like this one reads are kept, and those that are measured; of a step that is not yet
        known (``whole``) it may be any.
        """
        rows = np.arange(self.total) if whole else self.kept
        state, at = second[np.ix_(self.read, self.read)], np.ix_(rows, rows)
        for probability, matrix in self.wide:
            part = matrix[np.ix_(rows, self.read)]
            moved[at] += probability * (part @ state @ part.T)

    def _read(self, k: int) -> None:
        """The maps of step k as they act on all of z, and the covariance that it adds."""
        step, size = self.maps.at(k), self.maps.size + 1
        self.alike = k + 1
        self.expected, self.wide = self.maps.expected(step), []
        for probability, matrix in step.maps:
            wide = np.eye(self.total, dtype=self.maps.type)
            wide[:size, :size] = matrix
            self.wide.append((probability, wide))
        if self.total > LARGEST_STATE:
            self.read = np.flatnonzero(np.any([matrix.any(axis=0) for _, matrix in self.wide], axis=0))
            self.kept = np.union1d(self.read, self.measured).astype(np.int64)
        noise = self.maps.case.noise.covariance
        if step.noisy is not None and noise is not None:
            self.covariance[: size - 1, : size - 1] = step.noisy.T @ noise @ step.noisy


def growth(case: Case, period: int = 1) -> float:
    """The factor a step by which deviations grow in the long run, for a linear method on a quadratic.

    The spectral radius of the ``period`` steps from k = ``period`` on, to the power 1 / period: what the first
    steps do to the memory does not count.
    """
    maps = _Maps(case)
    product = np.eye(maps.size)
    for k in range(period, 2 * period):
        product = maps.affine(k, np.zeros(case.noise.sample))[: maps.size, : maps.size] @ product
    return float(np.max(np.abs(np.linalg.eigvals(product))) ** (1 / period))


def quadratic_form(case: Case, extended: bool = False) -> Matrix:
    """Q with quantity(x) = [x; 1]^T Q [x; 1], by polarization of the quantity's kernel."""
    problem, measures = case.problem, case.setting.measures
    assert problem is not None
    assert isinstance(measures, Measure)
    d = problem.dimension
    minimizer = problem.minimizer
    shift = np.zeros(d) if minimizer is None else np.asarray(minimizer)
    units = np.eye(d)
    pairs = [units[i] + units[j] for i in range(d) for j in range(i + 1, d)]
    trial = np.random.default_rng(0).standard_normal(d)  # in general position, to see that it is quadratic
    points = np.ascontiguousarray(
        np.vstack([np.zeros((1, d)), units, -units, *pairs, 1 + trial - shift]) + shift
    )
    out: Any = np.empty(len(points), precise.EXTENDED if extended else np.float64)
    prober = precise.probe_quantity if extended else quantity_prober()
    prober(
        *as_called(parts(case)[1:7], extended),
        problem.data.scalars, problem.data.table, np.asarray(problem.start), shift,
        problem.minimum, points, out,
    )  # fmt: skip
    base, plus, minus = out[0], out[1 : d + 1], out[d + 1 : 2 * d + 1]
    form = np.zeros((d + 1, d + 1), out.dtype)
    form[range(d), range(d)] = (plus + minus) / 2 - base
    form[:d, d] = form[d, :d] = (plus - minus) / 4
    form[d, d] = base
    rows, columns = np.triu_indices(d, 1)
    form[rows, columns] = (out[2 * d + 1 : -1] - plus[rows] - plus[columns] + base) / 2
    form[columns, rows] = form[rows, columns]
    back = np.eye(d + 1)  # from coordinates around the minimizer to x itself
    back[:d, d] = -shift
    form = back.T @ form @ back
    x = np.append(1 + trial, 1.0)
    if not np.isclose(x @ form @ x, out[-1], rtol=1e-7, atol=1e-7, equal_nan=True):
        raise InputError(
            f"{case.label}: {measures.quantity.name} is declared quadratic, but is no quadratic function of x "
            "here; declare it without quadratic=True."
        )
    return form


def expectations(case: Case, extended: bool = False) -> Vector:
    """The expected measurement at each checkpoint, shape (checkpoints,): compiled, or in ``extended`` precision."""
    measures, sizes, maps = case.setting.measures, layout(case), _Maps(case, extended)
    assert isinstance(measures, Measure)
    d, size, form, weights = maps.dimension, maps.size, quadratic_form(case, extended), iterate_weights(case)
    averaging = sizes.selection == Selection.AVERAGE
    first = (sizes.output + 1) * d
    iterate, averages = slice(first, first + d), slice(size + 1, None)
    point = np.ix_([*range(first, first + d), size], [*range(first, first + d), size])
    total = size + 1 + (d if averaging else 0)
    z = np.zeros(total, maps.type)
    assert case.problem is not None
    z[:d], z[size] = np.asarray(case.problem.start), 1.0
    second = np.outer(z, z)
    measured = [*range(first, first + d), *range(size, total)]
    steps, out = _Steps(maps, total, measured), np.empty(len(case.checkpoints), maps.type)
    seen = running = 0.0
    with np.errstate(all="ignore"):
        for k in range(case.checkpoints[-1] + 1):
            if k > 0:
                second = steps.advance(k - 1, second)
            value = np.sum(form * second[point])
            for lag in (1, 0):
                if k in case.checkpoints and sizes.lag == lag:
                    c = case.checkpoints.index(k)
                    if sizes.selection == Selection.LAST:
                        out[c] = value
                    elif averaging:
                        out[c] = _at_average(second, form, size, seen)
                    else:
                        out[c] = running / (seen if sizes.selection == Selection.MEAN else 1.0)
                if lag == 1 and k >= sizes.first:
                    weight = weights[min(k, len(weights) - 1)]
                    seen, running = seen + weight, running + weight * value
                    if averaging:
                        second[averages] += weight * second[iterate]
                        second[:, averages] += weight * second[:, iterate]
    return out


def _at_average(second: Matrix, form: Matrix, size: int, seen: float) -> Any:
    indices = [*range(size + 1, len(second)), size]
    scale = np.append(np.full(len(indices) - 1, 1.0 / seen if seen else np.nan), 1.0)
    return np.sum(form * second[np.ix_(indices, indices)] * np.outer(scale, scale))
