"""show: everything that is known of an entry."""

import pytest

from simlab.cli import main


def shown(capsys: pytest.CaptureFixture[str], *names: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["show", *names])
    assert left.value.code == 0
    return capsys.readouterr().out


def test_a_theorem_is_shown_with_all_that_it_depends_on(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "gd-convex-tight")
    for words in (
        "suboptimality at x_k <= L * R^2 / 2 * max(1 / (2 * k * h + 1), (1 - h)^(2 * k))",
        r"f(x_k) - f^\star \leq \frac{L R^{2}}{2} \cdot \max",
        "Smooth: the gradient of f is L-Lipschitz",
        "gradient-descent: x+ = x - step_size * grad f(x)",
        "step_size = h / L",
        "h in {0.1, 0.5, 1, 1.5, 1.9}, k in {1, 2, 3, 10, 100}",
        "huber(threshold = 1 / (2 * k * h + 1)): ratio at least 0.999",
        "quadratic(spectrum=(1.0, 10.0), start=None, rotation=0)",
        "4kh + 3 in place of 4kh + 2 (bound = L * R^2 / (4 * k * h + 3)",
        "Drori & Teboulle 2014, Theorem 3.1",
        "last result",
    ):
        assert words in out
    refused = out[out.index("does not run on") :]
    assert "zigzag" in refused[: refused.index(": not Convex")]


def test_one_name_may_be_a_theorem_and_a_method(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "svrg")
    assert "svrg (theorem, single-machine)" in out
    assert "svrg (method)" in out


def test_problems_methods_and_noise_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "quadratic", "nesterov", "gaussian")
    assert "Smooth(L=10)" in out
    assert "StronglyConvex(mu=0.05)" in out
    assert "y_(k+1) = x_(k+1) + k / (k + 3) * (x_(k+1) - x_k)" in out
    assert "E|xi|^2 = variance" in out


@pytest.mark.parametrize("name", ["gd-convex-tigth", "quadratik", "nonsense"])
def test_an_unknown_name_gets_the_nearest_ones(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["show", name])
    assert left.value.code == 2
    words = capsys.readouterr().err
    assert words.startswith(f"error: there is no theorem, problem, method or noise model called '{name}'")
    assert words.count("\n") == 1
