"""Spaces: what a search may try."""

from dataclasses import replace

import numpy as np
import pytest

from problems.huber import huber
from problems.quadratic import quadratic
from simlab.discovery import discover
from simlab.errors import InputError
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.search.space import (
    PROBLEM,
    STEP,
    VARIANCE,
    axis_range,
    domains,
    family_ranges,
    spaces,
)
from simlab.vocabulary.problem import ProblemFamily
from simlab.vocabulary.ranges import Choice, Range, array, check_ranges, real, whole
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem, grid, only, theorem


def named(name: str) -> Theorem:
    discover()
    found: Theorem = REGISTRY.of("theorem")[name]
    return found


def test_ends_have_a_share_and_wide_ranges_go_by_orders_of_magnitude() -> None:
    wide, narrow = real(1e-4, 1.0), real(1.0, 2.0)
    assert wide.at(0.0) == wide.at(0.03) == 1e-4
    assert wide.at(1.0) == wide.at(0.97) == 1.0
    assert wide.at(0.5) == pytest.approx(1e-2)
    assert narrow.at(0.5) == pytest.approx(1.5)


def test_around_zero_small_numbers_of_both_signs_are_tried() -> None:
    found = np.array([real(-1.0, 2.0).at(u) for u in np.linspace(0, 1, 1001)])
    assert found.min() == -1.0
    assert found.max() == 2.0
    assert np.mean(np.abs(found) < 0.01) > 0.1
    assert (np.diff(found) >= 0).all()


def test_whole_ranges_give_every_whole_number_and_no_other() -> None:
    assert {whole(2, 6).at(u) for u in np.linspace(0, 1, 500)} == {2, 3, 4, 5, 6}
    assert all(isinstance(whole(1, 1000).at(u), int) for u in (0.0, 0.3, 1.0))


def test_a_domain_is_what_lies_between_its_numbers() -> None:
    assert axis_range((0.25, 1.0, 1.5)) == Range(0.25, 1.5)
    assert axis_range((1, 2, 10)) == Range(1, 10, whole=True)
    assert axis_range((0, 0.5)) == Range(0.0, 0.5)
    assert axis_range(("ring", "star", "ring")) == Choice(("ring", "star"))
    assert axis_range((True, False)) == Choice((True, False))
    assert axis_range(only(1, 3, 7)) == Choice((1, 3, 7))
    assert axis_range((0.7,)) == Choice((0.7,))


def test_where_the_bound_is_said_to_be_attained_is_searched_as_well() -> None:
    own, attained = domains(named("nag-strongly-convex"))
    assert (max(own["k"]), max(attained["k"])) == (100, 300)
    assert len(domains(named("bfgs-quadratic-linear"))) == 1  # attained within its domain
    assert domains(named("adam-update-magnitude-as-printed"))[0]["k"] == (1, 2500)
    assert set(domains(named("hb-quadratic-as-printed"))[0]["k"]) >= {1, 2, 3, 10, 60}


def test_arrays_are_cut_to_their_sizes_and_what_is_cut_does_not_matter() -> None:
    space = next(s for s in spaces(named("gd-sc-contraction")) if s.name == "quadratic")
    point = np.full(len(space.coordinates), 0.5)
    index = next(i for i, c in enumerate(space.coordinates) if c.key == f"{PROBLEM}d")
    for u, size in ((0.0, 1), (0.99, 4)):
        point[index] = u
        values = space.values(point)
        assert len(values[f"{PROBLEM}spectrum"]) == len(values[f"{PROBLEM}start"]) == size
        used = [c for c, on in zip(space.coordinates, space.active(values), strict=True) if on and c.index]
        assert len(used) == 2 * size
        assert space.candidate(values).case(named("gd-sc-contraction")).problem.dimension == size  # type: ignore[union-attr]


def test_one_run_measures_all_steps_unless_the_method_is_tuned_to_the_last() -> None:
    free = next(s for s in spaces(named("gd-convex-tight")) if s.name == "huber")
    tuned = next(s for s in spaces(named("subgrad-last-linear-decay")) if s.name == "euclidean-norm")
    assert STEP not in free.ranges
    assert {1, 2, 3, 4, 10, 100} <= set(free.steps)
    assert tuned.ranges[STEP] == Range(1, 300, whole=True)


def test_noise_of_bounded_variance_may_have_any_variance() -> None:
    space = next(s for s in spaces(named("sgd-pl-constant")) if s.name == "quadratic")
    values = space.values(np.full(len(space.coordinates), 0.99))
    assert values[VARIANCE] == 100.0
    assert space.candidate(values).case(named("sgd-pl-constant")).known["sigma2"] == 100.0


def test_a_false_statement_is_not_searched_on_its_own_counterexample() -> None:
    assert all(s.source is REGISTRY.of("problem")[s.name] for s in spaces(named("hb-average-of-long-steps")))


def test_families_without_ranges_are_searched_around_their_gallery() -> None:
    plain = replace(huber, search={}, gallery=({"threshold": 0.2, "start": -2.0}, {"threshold": 1.0}))
    assert family_ranges(plain) == {
        "smoothness": Range(0.1, 10.0), "threshold": Range(0.01, 10.0), "start": Range(-6.0, 6.0),
    }  # fmt: skip
    seeded = replace(quadratic, search={}, gallery=({"rotation": 3},))
    assert family_ranges(seeded) == {
        "rotation": Range(0, 999, whole=True)
    }  # arrays stay those of the gallery


def test_ranges_of_what_a_problem_does_not_have_are_refused() -> None:
    with pytest.raises(InputError, match="names slope, which is no parameter"):
        check_ranges("huber", {"slope": real(0, 1)}, huber.signature)
    with pytest.raises(InputError, match="size d"):
        check_ranges("quadratic", {"spectrum": array(real(0, 1), "d")}, quadratic.signature)
    with pytest.raises(InputError, match="finite number to a larger one"):
        real(2.0, 1.0)


@pytest.mark.usefixtures("registry")
def test_a_theorem_about_its_own_instances_is_searched_on_what_it_names() -> None:
    @theorem(
        method=gradient_descent(step_size=0.1), measures=suboptimality.last, domain=grid(k=(1, 5)),
        on=huber(threshold=0.3), searches=huber.at(smoothness=2.0), matched=False, source="a test",
    )  # fmt: skip
    def narrow(k, D):  # type: ignore[no-untyped-def]
        """Gradient descent gets no worse."""
        return D

    free, own = spaces(narrow)
    assert set(free.ranges) == {f"{PROBLEM}threshold", f"{PROBLEM}start"}
    assert not own.ranges
    assert own.candidate({}).case(narrow).problem is narrow.setting.on[0]


def test_a_theorem_about_all_problems_is_searched_on_its_own_instances_too() -> None:
    theorem = named("sgd-sc-rakhlin")
    sources = [space.source for space in spaces(theorem)]
    assert all(any(source is own for source in sources) for own in theorem.setting.on)
    assert "linear-loss" in {
        space.name for space in spaces(theorem) if isinstance(space.source, ProblemFamily)
    }


def test_what_a_theorem_fixes_is_fixed_and_all_else_is_free() -> None:
    theorem = named("subgrad-strongly-convex-weighted")
    (named_by_it,) = [space for space in spaces(theorem) if any(space.source is s for s in theorem.searches)]
    assert "problem slopes" in named_by_it.ranges
    assert "problem curvature" not in named_by_it.ranges
