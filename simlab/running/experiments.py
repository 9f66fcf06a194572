"""Free experiments: what a theorem's own function measures, as records like those of runs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix
from simlab.planning.cases import Case
from simlab.running.streams import generator
from simlab.vocabulary.constants import argument_names


def is_sampled(case: Case) -> bool:
    """Whether the experiment of a case draws random numbers."""
    assert case.setting.experiment is not None
    return "rng" in argument_names(case.setting.experiment)


def computed(case: Case) -> tuple[Matrix, Mapping[str, Any]]:
    """What an experiment without randomness measures, shape (checkpoints, comparisons), and what it observed."""
    function = case.setting.experiment
    assert function is not None
    with np.errstate(all="ignore"):
        outcome = function(**_arguments(case))
    observed: Mapping[str, Any] = {}
    if isinstance(outcome, tuple):
        outcome, observed = outcome
    return _shaped(case, outcome, (len(case.checkpoints),)), observed


def sampled_records(case: Case, seed: int, first: int, count: int) -> Matrix:
    """What an experiment measures in the runs ``first``, ..., shape (count, checkpoints, comparisons)."""
    function = case.setting.experiment
    assert function is not None
    with np.errstate(all="ignore"):
        outcome = function(**_arguments(case), rng=generator(seed, case.key, first), runs=count)
    array = np.asarray(outcome, dtype=np.float64)
    if array.shape[:1] != (count,):
        raise InputError(
            f"an experiment with runs={count} must return one row a run, not an array of shape {array.shape}."
        )
    return _shaped(case, array, (count, len(case.checkpoints)))


def _arguments(case: Case) -> dict[str, Any]:
    """What the experiment asks for besides ``rng`` and ``runs``."""
    assert case.setting.experiment is not None
    names = argument_names(case.setting.experiment)
    given = {name: case.known[name] for name in names if name in case.known}
    if "checkpoints" in names:
        given["checkpoints"] = case.checkpoints
    missing = [n for n in names if n not in given and n not in ("rng", "runs")]
    if missing:
        raise InputError(
            f"the experiment of {case.theorem.id} asks for {', '.join(missing)}; add them to its domain."
        )
    return given


def _shaped(case: Case, outcome: Any, shape: tuple[int, ...]) -> Matrix:
    array = np.asarray(outcome, dtype=np.float64)
    if array.size == 0 or array.size % int(np.prod(shape)):
        raise InputError(
            f"the experiment of {case.theorem.id} returned an array of shape {array.shape} for "
            f"{len(case.checkpoints)} step(s); return one number, or one row of numbers, for each."
        )
    return array.reshape(*shape, -1)
