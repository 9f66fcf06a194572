"""Both sides of every comparison compute the same: exactly for given noise, and in law for their own."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simlab.bench import twins, workloads
from simlab.bench.timing import Timing, timed
from simlab.bench.workloads import Sizes
from simlab.kernels.compilation import jit_disabled
from simlab.kernels.random import fill_normals, fill_signs, integer_below, streams
from simlab.running.simulate import case_of
from simlab.running.streams import run_states

SMALL = Sizes(sgd=(5, 40), stability=(6, 8), dpsgd=(4, 16), repetitions=1)
STATISTICAL = Sizes(sgd=(20, 800), stability=(25, 48), dpsgd=(20, 300), repetitions=1)


def replayed(
    monkeypatch: pytest.MonkeyPatch, name: str, count: int, size: int, fill: Any, scale: float
) -> twins.Draw:
    """A draw for twins that gives the numbers that the kernels draw for the case ``name``."""
    made: dict[str, Any] = {}

    def remember(*arguments: Any) -> Any:
        made[arguments[0]] = case_of(*arguments)
        return made[arguments[0]]

    monkeypatch.setattr(workloads, "case_of", remember)
    states: list[Any] = []

    def draw(out: NDArray[np.float64]) -> None:
        if not states:
            states.extend(run_states(0, made[name].key, 0, count))
        rows = out.reshape(count, size)
        with np.errstate(all="ignore"):
            for state, row in zip(states, rows, strict=True):
                fill(state, row, scale)

    return draw


@pytest.mark.parametrize(("index", "fill"), [(0, fill_normals), (1, fill_signs), (2, fill_signs)])
def test_sgd_is_the_same_on_both_sides(monkeypatch: pytest.MonkeyPatch, index: int, fill: Any) -> None:
    name = ("W1", "W1s", "W1s")[index]
    draw = replayed(monkeypatch, name, SMALL.sgd[1], 32, fill, math.sqrt(1 / 32))
    for maker in ("normals", "chosen_signs", "unpacked_signs"):
        monkeypatch.setattr(twins, maker, lambda random, scale: draw)
    workload = workloads.workloads(SMALL)[index]
    assert workload.name == name
    assert workload.kernels() == pytest.approx(workload.numpy(), rel=1e-12)


@pytest.mark.parametrize(("index", "fill"), [(5, fill_normals), (6, fill_signs)])
def test_dpsgd_is_the_same_on_both_sides(monkeypatch: pytest.MonkeyPatch, index: int, fill: Any) -> None:
    name = {5: "W3", 6: "W3s"}[index]
    draw = replayed(monkeypatch, name, SMALL.dpsgd[1], 16 * 16, fill, math.sqrt(1 / 16))
    for maker in ("normals", "chosen_signs"):
        monkeypatch.setattr(twins, maker, lambda random, scale: draw)
    workload = workloads.workloads(SMALL)[index]
    assert workload.name == name
    assert workload.kernels() == pytest.approx(workload.numpy(), rel=1e-11)


@pytest.mark.parametrize("index", [3, 4])
def test_stability_is_the_same_on_both_sides(monkeypatch: pytest.MonkeyPatch, index: int) -> None:
    """The kernels run in 8 parts, of one run here, each with streams of its own."""
    (steps, runs), n = SMALL.stability, 64
    drawn = np.empty((runs, steps), np.int64)
    with np.errstate(all="ignore"):
        for part, row in enumerate(drawn):
            (state,) = streams((0, part), 0, 1)
            row[:] = [integer_below(state, n) for _ in range(steps)]
    for twin in (twins.stability_pair_by_pair, twins.stability_shared_base):
        monkeypatch.setattr(twins, twin.__name__, lambda *a, twin=twin: twin(*a[:3], drawn))
    workload = workloads.workloads(SMALL)[index]
    assert workload.name == "W2"
    assert workload.kernels() == pytest.approx(workload.numpy(), rel=1e-10, abs=1e-13)


@pytest.mark.skipif(jit_disabled(), reason="too many steps for plain Python")
def test_both_sides_have_the_same_law() -> None:
    with ThreadPoolExecutor(2) as pool:
        compared = workloads.workloads(STATISTICAL, 7, pool)
        assert [w.name for w in compared] == ["W1", "W1s", "W1s", "W2", "W2", "W3", "W3s"]
        for workload in compared:
            ours, theirs = (side().reshape(-1, 64 if workload.name == "W2" else 1).mean(axis=1)
                            for side in (workload.kernels, workload.numpy))  # fmt: skip
            error = math.sqrt(ours.var(ddof=1) / ours.size + theirs.var(ddof=1) / theirs.size)
            assert abs(ours.mean() - theirs.mean()) < 4.5 * error, workload.title
            assert error < 0.1 * theirs.mean(), workload.title


def test_units_are_counted() -> None:
    units = {w.name: w.units for w in workloads.workloads(SMALL)}
    assert units == {
        "W1": 32 * 5 * 40,
        "W1s": 32 * 5 * 40,
        "W2": 64 * 6 * 8,
        "W3": 256 * 4 * 16,
        "W3s": 256 * 64,
    }


@pytest.mark.parametrize("draw", [twins.normals, twins.chosen_signs, twins.unpacked_signs])
def test_draws_have_the_wanted_scale(draw: Any) -> None:
    out = np.empty((300, 67))
    draw(np.random.default_rng(1), 0.25)(out)
    assert abs(out.mean()) < 4.5 * 0.25 / math.sqrt(out.size)
    assert (out**2).mean() == pytest.approx(0.25**2, rel=4.5 * math.sqrt(2 / out.size))
    assert draw is twins.normals or set(np.unique(out)) == {-0.25, 0.25}


def test_the_kernels_first_run_is_not_timed() -> None:
    calls: list[str] = []

    def side(name: str) -> Any:
        return lambda: calls.append(name)

    workload = workloads.Workload("W", "a title", "step", 10, 3.0, side("numpy"), side("kernels"))
    timing = timed(workload, 2)
    assert calls == ["kernels", "numpy", "kernels", "numpy", "kernels"]
    assert min(timing.numpy, timing.kernels) > 0


def test_a_timing_as_a_record() -> None:
    workload = workloads.Workload("W", "a title", "step", 10, None, lambda: None, lambda: None)  # type: ignore[arg-type, return-value]
    record = Timing(workload, 30.0, 4.0).record()
    assert record == {
        "workload": "W", "title": "a title", "unit": "step", "units": 10, "numpy_ns": 30.0, "kernels_ns": 4.0,
        "ratio": 7.5, "goal": None,
    }  # fmt: skip
