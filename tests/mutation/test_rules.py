"""Slips in update rules, and what surrounds them: which are made, and that kernels do what their titles say."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from problems.quadratic import quadratic
from simlab.discovery import discover
from simlab.kernels.quantities import distance, suboptimality
from simlab.kernels.trajectory import Selection
from simlab.mutation.rules import MOST, mirrored, slips, slips_in_experiment
from simlab.mutation.settings import other_order, shifted_window, uncoupled
from simlab.optimizers.first_order import gradient_descent, heavy_ball
from simlab.planning.cases import case_on
from simlab.running.given import states
from simlab.running.measure import numbers_of
from simlab.vocabulary.claim import law
from simlab.vocabulary.method import Method
from simlab.vocabulary.quantity import PairMeasure
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem, grid, theorem

discover()


def about(method: Method) -> Theorem:
    """A theorem about a method, which is forgotten by the registry."""

    def some_rate(k: int) -> float:
        """A bound."""
        return 1.0 + k

    made = theorem(
        method=method, measures=distance.last, domain=grid(k=(1,)), on=quadratic(spectrum=(1.0,)), source="-"
    )(some_rate)
    REGISTRY.drop("theorem", made.id)
    return made


def after_one_step(entry: Theorem) -> float:
    """How far from the minimizer of x^2/2 a step from x = 1 leads."""
    case = case_on(entry, quadratic(spectrum=(1.0,)), (1,))
    moments = numbers_of(case, seed=0).exact
    assert moments is not None
    return float(np.asarray(moments.mean)[0, 0])


def test_gradient_descent_has_a_wrong_sign_and_a_wrong_step_size() -> None:
    found = dict(slips(about(gradient_descent(step_size=0.25))))
    assert [title.partition(" -> ")[2] for title in found] == [
        "x[i] += parameters[0] * gradient[i]",
        "x[i] -= 1.1 * parameters[0] * gradient[i]",
    ]
    assert [after_one_step(entry) for entry in found.values()] == pytest.approx([1.25, 0.725])


def test_a_mirrored_step_leads_the_other_way() -> None:
    entry = about(gradient_descent(step_size=0.25))
    assert after_one_step(entry) == pytest.approx(0.75)
    assert after_one_step(mirrored(entry)) == pytest.approx(1.25)


def test_a_rule_has_few_slips_spread_over_its_code() -> None:
    found = [title for title, _ in slips(about(heavy_ball(step_size=0.1, momentum=0.5)))]
    assert len(found) == len({*found}) <= 2 * MOST
    assert any("x[i] + previous[i]" in title for title in found)
    assert any("1.1 * parameters[1]" in title for title in found)


def titles_of(name: str) -> str:
    family = REGISTRY.of("method")[name]
    entry = about(gradient_descent(step_size=0.25))
    method = replace(Method(family, dict.fromkeys(family.parameters, 0.1)))
    return "\n".join(
        title for title, _ in slips(replace(entry, setting=replace(entry.setting, method=method)))
    )


def test_kernels_that_a_rule_calls_are_changed_too() -> None:
    assert "combine_and_adapt: x[i] = mixed[i] - step_size * gradient[i] -> x[i] = mixed[i] + " in titles_of(
        "dgd"
    )


def test_counts_and_loops_without_a_count_are_left_alone() -> None:
    assert "workers =" not in titles_of("matcha")  # an index out of range would end the process
    assert "while" not in titles_of("backtracking")
    assert "step *=" not in titles_of("backtracking")
    assert "value - 0.5" not in titles_of("backtracking")


def test_windows_are_shifted_both_ways() -> None:
    entry = about(gradient_descent(step_size=0.25))
    assert shifted_window(entry) is None
    for measures, first, lag in (
        (suboptimality.at_average(), 1, 0),
        (suboptimality.mean(first=1, lag=0), 0, 1),
        (suboptimality.best(), 0, 1),
    ):
        made = shifted_window(replace(entry, setting=replace(entry.setting, measures=measures)))
        assert made is not None
        shifted = made.setting.measures
        assert shifted is not None
        assert (shifted.first, shifted.lag) == (first, lag)
        assert shifted.selection is not Selection.LAST


def test_a_shifted_window_leaves_out_step_0() -> None:
    entry = about(gradient_descent(step_size=0.25))
    setting = replace(entry.setting, measures=suboptimality.best(), domain=grid(k=(0, 1, 2)))
    made = shifted_window(replace(entry, setting=setting))
    assert made is not None
    assert made.setting.domain.checkpoints == (1, 2)


def test_the_order_of_mixing_is_swapped_where_both_rules_exist() -> None:
    made = other_order(REGISTRY.of("theorem")["dsgd-disagreement-adapt-then-combine"])
    assert made is not None
    assert made.setting.method is not None
    assert made.setting.method.name == "dpsgd-combine-then-adapt"
    assert other_order(about(gradient_descent(step_size=0.25))) is None


def test_coupled_runs_lose_their_coupling() -> None:
    made = uncoupled(REGISTRY.of("theorem")["hrs-sgd-strongly-convex-const"])
    assert made is not None
    measures = made.setting.measures
    assert isinstance(measures, PairMeasure)
    assert not measures.shared
    for name in ("gd-full-batch-convex", "gd-convex-tight", "hrs-sgd-convex"):
        assert uncoupled(REGISTRY.of("theorem")[name]) is None, name


# --- rules inside experiments -------------------------------------------------------------------------------------

quarter = gradient_descent(step_size=0.25)
BOXED = {"descent": [quarter]}


@functools.cache
def remembered(k: int) -> float:
    """What is left of 1 after k steps on a parabola; remembered, which must not hide a broken rule."""
    run = states(BOXED["descent"][0], quadratic(spectrum=(1.0,)), np.ones((1, 1)), np.zeros((1, k, 1)))
    return float(run[0, -1, 0, 0])


def left(k: int) -> float:
    """It, by another function."""
    return remembered(k)


def test_the_rule_that_an_experiment_runs_is_broken_while_it_runs() -> None:
    def kept(k: int) -> float:
        """Three quarters a step."""
        return 0.75**k

    entry = theorem(experiment=left, domain=grid(k=(1, 2)), claim=law(), source="-")(kept)
    REGISTRY.drop("theorem", entry.id)
    assert left(2) == 0.75**2
    found = dict(slips_in_experiment(entry))
    steps = {title.partition(": ")[0] for title in found}
    assert steps == {"gradient-descent"}
    ways = sorted(made.setting.experiment(k=2) for made in found.values() if made.setting.experiment)
    assert ways == pytest.approx([0.725**2, 1.25**2])
    assert left(2) == 0.75**2, "the rule is put back"


def test_a_bound_about_many_rules_is_about_none_of_them() -> None:
    assert not list(slips_in_experiment(REGISTRY.of("theorem")["lb-minimax-smooth"]))
    assert list(slips_in_experiment(REGISTRY.of("theorem")["sign-identities"])), "a law is about each"
