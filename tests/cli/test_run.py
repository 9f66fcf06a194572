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
        (["fedavg", "huber", "-p", "step_size=1"], "of one machine"),
        (["sgd", "heterogeneous-quadratics", "-p", "step_size=1"], "of one machine"),
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


def test_divergence_is_shown_and_not_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(
        capsys, "gradient-descent", "quadratic(spectrum=(1.0,))", "-p", "step_size=1e9", "--steps", "20"
    )
    assert code == 0
    assert out.splitlines()[-1].split() == ["20", "inf", "inf", "inf"]
