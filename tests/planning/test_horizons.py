"""Methods that are tuned to their last step, and constants that the noise brings along."""

from problems.coordinates import coordinates
from problems.norms import euclidean_norm
from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.coordinate import coordinate_descent
from simlab.optimizers.first_order import gradient_descent
from simlab.planning.cases import plan
from simlab.planning.tiers import DEFAULT
from simlab.vocabulary.assumptions import Convex, CoordinateSmooth, Quadratic, Smooth
from simlab.vocabulary.theorem import grid
from tests.planning.test_cases import declare, pytestmark

STEPS = grid(k=(1, 4))
__all__ = ["pytestmark"]  # the fixture that keeps what is declared here out of the registry


def test_each_step_is_a_run_of_its_own_when_the_method_asks_for_the_last() -> None:
    tuned = declare(method=gradient_descent(step_size=lambda K, L: 1 / (L * K)), domain=STEPS)
    assert {case.checkpoints for case in plan(tuned, DEFAULT).claims} == {(1,), (4,)}
    assert all(case.known["K"] == case.checkpoints[0] for case in plan(tuned, DEFAULT).claims)
    plain = declare(method=gradient_descent(step_size=lambda k, L: 1 / (L + k)), domain=STEPS)
    assert {case.checkpoints for case in plan(plain, DEFAULT).claims} == {(1, 4)}


def test_what_the_noise_brings_along_is_not_asked_of_the_problem() -> None:
    made = plan(
        declare(
            method=coordinate_descent(),
            noise=coordinates(),
            assumes=Convex & Smooth & Quadratic & CoordinateSmooth,
            domain=STEPS,
            measures=suboptimality.last,
        ),
        DEFAULT,
    )
    families = {case.problem.label.split("(")[0] for case in made.claims if case.problem is not None}
    assert {"quadratic", "least-squares"} <= families
    assert all(case.known["R_L"] > 0 for case in made.claims)


def test_the_minimum_is_known() -> None:
    assert quadratic(spectrum=(1.0,)).universal["f_star"] == 0.0
    assert euclidean_norm(slope=2.0).universal["f_star"] == 0.0
