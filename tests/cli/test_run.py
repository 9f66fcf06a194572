"""run: a method on a problem."""

from pathlib import Path

import pytest

from simlab.cli import main


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["run", *arguments])
    out, err = capsys.readouterr()
    return left.value.code, out, err


def test_gradient_descent_on_a_parabola_is_printed_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys, "gradient-descent", "quadratic(spectrum=(2.0,), start=(1.0,))", "-p", "step_size=0.5/L",
        "--steps", "10",
    )  # fmt: skip
    assert code == 0
    rows = [line.split() for line in out.splitlines() if line.strip()[:1].isdigit()]
    assert [int(row[0]) for row in rows] == [0, 1, 2, 5, 10]
    for row in rows:
        k, value, distance, gradient = map(float, row)
        assert value == pytest.approx(0.25**k, rel=1e-5)
        assert distance == pytest.approx(0.25**k, rel=1e-5)
        assert gradient == pytest.approx(4 * 0.25**k, rel=1e-5)


def test_expectations_are_computed_where_they_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys, "sgd", "quadratic(spectrum=(1.0,))", "-p", "step_size=1",
        "--noise", "gaussian(variance=0.5)", "--steps", "2",
    )  # fmt: skip
    assert code == 0
    assert "exact moments" in out
    assert out.splitlines()[-1].split() == ["2", "0.25", "0.5", "0.5"]


def test_a_plot_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "curve.png"
    code, out, _ = ran(
        capsys, "adam", "huber", "-p", "step_size=0.1", "--noise", "signs(variance=0.01)",
        "--runs", "64", "--steps", "20", "--plot", str(path),
    )  # fmt: skip
    assert code == 0
    assert "mean of 64 runs" in out
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gradient-descnt", "huber"], "did you mean gradient-descent"),
        (["gradient-descent", "hubr"], "did you mean huber"),
        (["gradient-descent", "huber"], "needs step_size"),
        (["gradient-descent", "huber", "-p", "step_size=fast"], "step_size=fast is neither a number nor"),
        (["gradient-descent", "huber", "-p", "step_size=nan"], "step_size=nan is neither"),
        (["gradient-descent", "huber", "-p", "step_size=1e999"], "must be finite"),
        (["gradient-descent", "huber", "-p", "step_size=1/0"], "division by zero"),
        (["gradient-descent", "huber", "-p", "step_size=1/(L-1)"], "no value here"),
        (["gradient-descent", "huber", "-p", "step_size=__import__('os')"], "is neither a number nor"),
        (["gradient-descent", "huber", "-p", "0.1"], "sets nothing"),
        (["gradient-descent", "huber", "-p", "pace=0.1"], "has no hyper-parameter pace"),
        (
            ["gradient-descent", "huber(smoothness=-1)", "-p", "step_size=1"],
            "smoothness must be a finite number",
        ),
        (["gradient-descent", "huber(pace=1)", "-p", "step_size=1"], "has no parameter pace"),
        (["gradient-descent", "quadratic(spectrum='a')", "-p", "step_size=1"], "cannot be built"),
        (["gradient-descent", "huber(1", "-p", "step_size=1"], "is no problem"),
        (["newton", "huber"], "needs hessian"),
        (["fedavg", "huber", "-p", "step_size=1"], "of several workers; run it on a problem"),
        (["sgd", "tilted-quadratics", "-p", "step_size=1"], "shared out over several workers"),
        (["sgd", "huber", "-p", "step_size=1", "--workers", "4"], "takes no number of workers"),
        (["sgd", "huber", "-p", "step_size=1", "--network", "ring"], "reads no network"),
        (["fedavg", "tilted-quadratics", "--network", "ring"], "reads no network"),
        (["dgd", "tilted-quadratics", "-p", "step_size=1"], "--network ring"),
        (["dgd", "tilted-quadratics", "--network", "rng"], "did you mean ring"),
        (["dgd", "tilted-quadratics", "--network", "ring(rule=fast)"], "there is no mixing rule 'fast'"),
        (["dgd", "tilted-quadratics", "--network", "ring(degree=3)"], "takes (workers)"),
        (["dgd", "tilted-quadratics", "--network", "ring(budget=0.5)"], "reads a mixing matrix"),
        (["dgd", "tilted-quadratics", "--workers", "6", "--network", "hypercube"], "a power of two"),
        (["dgd", "tilted-quadratics(workers=4)", "--workers", "6"], "--workers 6 contradicts"),
        (["matcha", "tilted-quadratics", "--network", "ring"], "ring(budget=0.5)"),
        (["matcha", "tilted-quadratics", "--network", "ring(budget=2)"], "cannot be built"),
        (["matcha", "tilted-quadratics", "--network", "ring(budget=0.5, rule=metropolis)"], "no mixing rule"),
        (["sgd", "huber", "-p", "step_size=1", "--noise", "gausian"], "did you mean gaussian"),
        (["sgd", "huber", "-p", "step_size=1", "--noise", "gaussian(variance=-1)"], "variance must be"),
        (["sgd", "huber", "-p", "step_size=1", "--noise", "gaussian(sigma=1)"], "cannot be used"),
        (["sgd", "huber", "-p", "step_size=1", "--steps", "0"], "--steps"),
        (["sgd", "huber", "-p", "step_size=1", "--runs", "1"], "--runs"),
        (["sgd", "huber", "-p", "step_size=1", "--seed", "-1"], "the seed must lie"),
        (["sgd", "huber", "-p", "step_size=1", "--plot", "/nowhere/curve.png"], "cannot be written"),
        (["sgd", "huber", "-p", "step_size=1", "--plot", "curve.data"], "no ending that can be plotted"),
    ],
)
def test_bad_input_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, out, err = ran(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert words in err
    assert err.count("\n") == 1


def columns(out: str) -> list[list[float]]:
    return [list(map(float, line.split())) for line in out.splitlines() if line.strip()[:1].isdigit()]


def test_workers_of_a_network_agree_as_their_mixing_matrix_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Gossip over the complete graph agrees in a step; over a ring not faster than rho^(2k), and the mean stays."""
    start = "start=((1.0,), (0.0,), (0.0,), (0.0,), (0.0,))"
    problem = f"tilted-quadratics(dimension=1, {start})"
    arguments = ("gossip", problem, "--workers", "5", "--steps", "20")
    code, out, _ = ran(capsys, *arguments, "--network", "ring")
    assert code == 0
    assert "over the metropolis mixing matrix of ring(5)" in out
    (line,) = [line for line in out.splitlines() if "rho = " in line]
    rho = float(line.partition("rho = ")[2].split(",")[0])
    for k, value, _, _, apart in columns(out):
        assert value == pytest.approx(0.5 * 0.2**2)  # f(x) = x^2 / 2 at the mean of the starts
        assert apart <= 0.8 * rho ** (2 * k) * (1 + 1e-5)
    _, out, _ = ran(capsys, *arguments, "--network", "complete")
    assert columns(out)[1][-1] < 1e-30


def test_the_noise_floor_falls_with_the_number_of_workers(capsys: pytest.CaptureFixture[str]) -> None:
    """h sigma^2 / (m (2 - h)) for curvature 1, by exact moments: the law of dsgd-quadratic-exact."""
    for workers in (4, 16):
        code, out, _ = ran(
            capsys, "dpsgd-combine-then-adapt", "tilted-quadratics(dimension=1)", "--workers", str(workers),
            "--network", "ring", "-p", "step_size=0.5/L", "--noise", "gaussian(variance=1.0)", "--steps", "50",
        )  # fmt: skip
        assert code == 0
        assert "exact moments" in out
        assert columns(out)[-1][2] == pytest.approx(0.5 / (1.5 * workers), rel=1e-5)


def test_random_matchings_are_drawn_for_matcha(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plot = tmp_path / "matcha.pdf"
    code, out, _ = ran(
        capsys, "matcha", "tilted-wells", "--workers", "8", "--network", "barbell(budget=0.4)", "--steps", "20",
        "-p", "step_size=0.1/L", "--runs", "1024", "--plot", str(plot),
    )  # fmt: skip
    assert code == 0
    assert "over the matchings of barbell(8), budget 0.4" in out
    assert "rho2 = 0.893" in out
    assert "inf" not in out
    assert plot.read_bytes().startswith(b"%PDF")


def test_methods_without_a_network_share_a_centre(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys, "fedavg", "heterogeneous-quadratics", "--workers", "6", "-p", "step_size=0.5", "-p", "local_steps=2"
    )  # fmt: skip
    assert code == 0
    apart = {int(row[0]): row[-1] for row in columns(out)}
    assert apart[1] > 1e-3
    assert apart[2] < 1e-25  # the end of a round


def test_a_rule_that_draws_components_is_one_of_one_machine(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys, "stochastic-polyak-step", "logistic-regression", "-p", "scale=1", "-p", "largest_step=1",
        "--noise", "minibatch(batch=1)", "--steps", "5",
    )  # fmt: skip
    assert code == 0, out


def test_divergence_is_shown_and_not_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys, "gradient-descent", "quadratic(spectrum=(1.0,))", "-p", "step_size=1e9", "--steps", "20"
    )
    assert code == 0
    assert out.splitlines()[-1].split() == ["20", "inf", "inf", "inf"]
