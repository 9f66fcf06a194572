"""Domains are swept: few steps and many, condition numbers from about 1 to 1e6, one coordinate and a hundred, and
every branch of a bound.

Nothing is run here. The full tier of each theorem of the single-machine chapter is planned, and what its cases
leave out is a complaint, unless it is listed below with the reason. So is an exception that is not needed any more.
"""

import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from simlab.discovery import discover
from simlab.planning.cases import Case, Plan, plan
from simlab.planning.tiers import FULL, QUICK
from simlab.vocabulary import assumptions as known
from simlab.vocabulary.assumptions import Assumption
from simlab.vocabulary.problem import Problem
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

CHAPTER = "single-machine"
WORST_CONDITION, MANY_COORDINATES, MANY_STEPS = 1e6, 100, 10

SMOOTH = (known.Smooth, known.ComponentsSmooth, known.Composite)
CURVED = (
    known.StronglyConvex,
    known.ComponentsStronglyConvex,
    known.SmoothPartStronglyConvex,
    known.PolyakLojasiewicz,
)

ONE_STEP = "it speaks of one step"
EPOCHS = "it speaks of the ends of epochs: steps that end epochs of every number of terms that divides 60"
OTHER_STEPS = {
    "gd-descent-lemma": ONE_STEP,
    "gd-pl-tight": ONE_STEP,
    "polyak-step-barre": ONE_STEP,
    "sgd-one-step-variance-at-optimum": ONE_STEP,
    "newton-self-concordant-decrease": ONE_STEP,
    "ig-any-order": EPOCHS,
    "rr-convex-components": EPOCHS,
    "sgd-random-reshuffling": EPOCHS,
    "gd-silver-stepsize": "its schedules have 2^j - 1 steps",
    "gd-silver-stepsize-sharp": "its schedules have 2^j - 1 steps",
    "adagrad-norm-short": "it is stated from the second step on",
    "adgd-rate": "it is stated from the second step on",
    "frank-wolfe-dual-gap": "it is stated from the second step on",
    "sgd-last-iterate-log": "log(1) = 0: it is stated from the second step on",
    "adam-defossez-momentum": "it is stated for k > b1/(1 - b1) only, and its weights depend on the last step",
    "sum-nonconvex": "rare noise decides k = 2 and 3 where slopes are nearly constant, and cannot be resolved",
    "svrg": "a step is a stage, and after many of them rare runs carry the mean: one of any length is svrg-stage",
    "pgd-escape-logd": "it is about the time of an escape, as a function of the dimension",
    "adam-reddi-online": "it is stated for whole rounds of three losses",
    "adam-reddi-returns": "it is stated for whole rounds of three losses",
    "adam-reddi-stochastic": "it is about the long run",
    "hb-stochastic-stationary": "it is about the long run",
    "swa-constant-lr": "it is about the long run",
}
DONE = "it is at the minimizer, up to rounding, after a few steps"
FEW_STEPS = {
    **{name: why for name, why in OTHER_STEPS.items() if why == ONE_STEP},
    **dict.fromkeys(
        (
            "barzilai-borwein-plane",
            "bfgs-jin-mokhtari",
            "bfgs-lbfgs-termination",
            "cg-termination",
            "gauss-newton-zero-residual",
            "newton-cg-residual",
            "newton-inexact-des",
            "newton-local-quadratic",
            "newton-self-concordant",
            "newton-self-concordant-damped",
        ),
        DONE,
    ),
    "lbfgs-linear": "it speaks of one step, after k others: L-BFGS is at the minimizer after more of them",
    "newton-cubic-nonconvex": DONE,
    "strong-growth-potential": "all outcomes of its noise are listed, twice as many for each step",
    "svrg": OTHER_STEPS["svrg"],
}
BETTER_CONDITIONED = {
    "svrg": "a stage of c L/mu steps would be too long to be sampled: one of any length is svrg-stage",
}
FLAT_AND_STEEP = "one coordinate of a quadratic is solved in one step, or has mu = L, which is left out"
MORE_COORDINATES = dict.fromkeys(
    (
        "bfgs-quadratic-linear",
        "bfgs-quadratic-superlinear",
        "cg-chebyshev",
        "chebyshev-semi-iteration",
        "gs-greedy",
        "hb-quadratic-optimal",
        "lbfgs-chebyshev",
        "rcd-strongly-convex",
    ),
    FLAT_AND_STEEP,
) | dict.fromkeys(
    ("sgd-critical-batch", "sgd-interpolation-linear", "sarah-inner-curved-terms"),
    "terms that fit exactly, or that are curved unequally, are registered in two and more coordinates",
)
FEWER_COORDINATES = {
    "svrg": "it is sampled where L <= 20 mu only",
}


# --- what a plan covers ------------------------------------------------------------------------------------------


def cases_of(planned: Plan) -> list[Case]:
    """All but the controls."""
    return [*planned.claims, *planned.attained]


def constant(problem: Problem, classes: tuple[type[Assumption], ...]) -> float | None:
    """The number of the first of these assumptions that holds."""
    for cls in classes:
        if cls in problem.known:
            return float(next(iter(vars(problem.known[cls]).values())))
    return None


def condition_numbers(planned: Plan) -> set[float]:
    """L/mu of the instances, with the constants that the theorem assumes."""
    assumed = planned.theorem.assumes
    smooth, curved = (tuple(c for c in group if c in assumed) for group in (SMOOTH, CURVED))
    found = set()
    for case in cases_of(planned):
        if case.problem is not None and smooth and curved:
            above, below = constant(case.problem, smooth), constant(case.problem, curved)
            assert above is not None
            assert below is not None
            found.add(above / below)
    return found


def steps(planned: Plan) -> set[int]:
    """At which it is checked, where it is about every step; empty for others."""
    theorem = planned.theorem
    long_run = theorem.claim.name in ("limit", "exponent") or theorem.corrected is not None
    if long_run or "k" not in theorem.setting.domain.axes:
        return set()
    return {k for case in cases_of(planned) for k in case.checkpoints}


def lacking_first_steps(planned: Plan) -> Iterator[str]:
    """k = 1, 2 and 3."""
    found = steps(planned)
    if found and (missing := {1, 2, 3} - found):
        yield f"no k = {', '.join(map(str, sorted(missing)))}"


def lacking_many_steps(planned: Plan) -> Iterator[str]:
    """A large k."""
    found = steps(planned)
    if found and max(found) < MANY_STEPS:
        yield f"no k above {max(found)}"


def lacking_conditions(planned: Plan) -> Iterator[str]:
    """Well and badly conditioned instances."""
    found = condition_numbers(planned)
    if planned.theorem.matched and found:
        if max(found) < WORST_CONDITION * (1 - 1e-9):
            yield f"no condition number above {max(found):.3g}"
        if min(found) > 10:
            yield f"no condition number below {min(found):.3g}"


def dimensions(planned: Plan) -> set[int]:
    """Of the instances of a theorem that holds on all that satisfy its assumptions; empty for others."""
    if not planned.theorem.matched:
        return set()
    return {case.problem.dimension for case in cases_of(planned) if case.problem is not None}


def lacking_one_coordinate(planned: Plan) -> Iterator[str]:
    """An instance on the line."""
    found = dimensions(planned)
    if found and min(found) > 1:
        yield f"no dimension below {min(found)}"


def lacking_many_coordinates(planned: Plan) -> Iterator[str]:
    """An instance in a hundred dimensions or more."""
    found = dimensions(planned)
    if found and max(found) < MANY_COORDINATES:
        yield f"no dimension above {max(found)}"


# --- branches ----------------------------------------------------------------------------------------------------

Seen = dict[tuple[str, int], tuple[int, set[int]]]


def watched(function: Callable[..., Any], seen: Seen) -> Callable[..., Any]:
    """The function, with a max and a min that note which of their arguments wins at each place of its module."""

    def noting(choose: Callable[..., Any]) -> Callable[..., Any]:
        def chosen(*values: Any, **options: Any) -> Any:
            best = choose(*values, **options)
            if len(values) > 1:
                place = sys._getframe(1)
                found = seen.setdefault((place.f_code.co_name, place.f_lasti), (len(values), set()))[1]
                found.update(i for i, value in enumerate(values) if value == best)
            return best

        return chosen

    if not isinstance(function, types.FunctionType):
        return function
    space = {**function.__globals__, "max": noting(max), "min": noting(min)}
    for name, item in function.__globals__.items():
        if isinstance(item, types.FunctionType) and item.__module__ == function.__module__:
            space[name] = types.FunctionType(item.__code__, space, name, item.__defaults__, item.__closure__)
    return types.FunctionType(
        function.__code__, space, function.__name__, function.__defaults__, function.__closure__
    )


def lacking_branches(planned: Plan) -> Iterator[str]:
    """Each argument of a max or a min in the bound is the one that counts somewhere."""
    theorem, seen = planned.theorem, Seen()
    if theorem.observes or theorem.corrected is not None:
        return
    bound = watched(theorem.bound, seen)
    names = bound.__code__.co_varnames[: bound.__code__.co_argcount]
    for case in cases_of(planned):
        for k in case.checkpoints:
            values: Mapping[str, Any] = {**case.known, "k": k}
            bound(**{name: values[name] for name in names})
    for (name, _), (count, found) in seen.items():
        if len(found) < count:
            yield f"one side only of a max or min in {name if name != '_' else 'its bound'}"


# --- the chapter -------------------------------------------------------------------------------------------------

discover()
THEOREMS: dict[str, Theorem] = {
    name: entry
    for name, entry in sorted(REGISTRY.of("theorem").items())
    if entry.chapter == CHAPTER and entry.module.startswith("theorems.")
}
ASPECTS = {
    "first steps": (lacking_first_steps, OTHER_STEPS),
    "many steps": (lacking_many_steps, FEW_STEPS),
    "condition numbers": (lacking_conditions, BETTER_CONDITIONED),
    "one coordinate": (lacking_one_coordinate, MORE_COORDINATES),
    "many coordinates": (lacking_many_coordinates, FEWER_COORDINATES),
    "branches": (lacking_branches, {}),
}


@functools.cache
def planned(name: str) -> Plan:
    return plan(THEOREMS[name], FULL)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_domain_is_swept(aspect: str) -> None:
    lacking, exceptions = ASPECTS[aspect]
    found = {name: "; ".join(lacking(planned(name))) for name in THEOREMS}
    assert {name: what for name, what in found.items() if what and name not in exceptions} == {}
    assert [name for name in exceptions if not found.get(name)] == [], "exceptions that are not needed"


def test_what_a_thin_sweep_leaves_out_is_seen() -> None:
    thin = plan(THEOREMS["gd-pl"], QUICK)
    assert list(lacking_first_steps(thin)) == ["no k = 2, 3"]
    assert list(lacking_many_coordinates(thin)) == [f"no dimension above {max(dimensions(thin))}"]
    mild = Plan(thin.theorem, [case for case in thin.claims if case.known["L"] < 100 * case.known["mu"]])
    assert [what.rpartition(" ")[0] for what in lacking_conditions(mild)] == ["no condition number above"]


def test_a_branch_that_no_case_reaches_is_seen() -> None:
    thin = plan(THEOREMS["gd-convex-tight"], FULL)
    short = Plan(thin.theorem, [case for case in thin.claims if case.parameters["h"] < 0.5])
    assert list(lacking_branches(short)) == ["one side only of a max or min in gd_convex_tight"]
