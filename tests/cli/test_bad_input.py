"""Bad input gets one sentence and exit code 2, and one broken entry never stops the others."""

import os
from pathlib import Path

import pytest

from simlab.cli import main
from tests.cli import GOOD, simlab

HEAD = '''
from problems.quadratic import quadratic
from simlab import Convex, Smooth, grid, kernel, method, problem, suboptimality, theorem
from simlab.optimizers.first_order import gradient_descent


def inverse(k):
    """One over k."""
    return 1 / k

'''

ENTRY = '''
@theorem(experiment=inverse, domain=grid(k=(1, 2)), source="arithmetic")
def {name}(k):
    """Broken in one way."""
    {body}

'''

CONTROL = """
@{name}.control("half of it")
def _(k):
    return 1 / (2 * k)

"""

DESCENT = '''
@theorem(
    method=gradient_descent(step_size={step}), assumes=Convex & Smooth, measures=suboptimality.last,
    domain=grid(k=(1, 2)), on=quadratic.at(spectrum=lambda: ({curvature},)), matched=False, source="a book",
)
def {name}(k, L, R):
    """Broken in one way."""
    return L * R**2


{name}.control("later", domain=grid(k=1), method=gradient_descent(step_size=lambda L: 9 / L))

'''


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    """Exit code, standard output and standard error of the command line, in this process."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    out, err = capsys.readouterr()
    return left.value.code, out, err


def entry(name: str, body: str = "return 1 / k", control: bool = True) -> str:
    return ENTRY.format(name=name, body=body) + (CONTROL.format(name=name) if control else "")


BROKEN = {
    "no-control": (entry("no_control", control=False), "has no control"),
    "no-number": (entry("no_number", 'return float("nan")'), "gives nan at k=1"),
    "infinite": (entry("infinite", 'return float("inf")'), "gives inf at k=1"),
    "nothing": (entry("nothing", "k + 1"), "gives None at k=1"),
    "negative": (entry("negative", "return -1 / k"), "bounds must be at least 0"),
    "text-step": (DESCENT.format(name="text_step", step='lambda L: "fast"', curvature="1.0"), "step_size of gradient-descent must be a number"),  # noqa: E501
    "negative-smoothness": (DESCENT.format(name="negative_smoothness", step="lambda L: 1 / L", curvature="-1.0"), "smoothness must be a finite number, at least 0"),  # noqa: E501
}  # fmt: skip


def test_broken_entries_are_error_rows_and_the_others_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(HEAD + "".join(source for source, _ in BROKEN.values()) + entry("good"))
    done = simlab("verify", str(path))
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    rows = {line.split()[0]: line for line in lines[1 : 2 + len(BROKEN)]}
    assert "holds" in rows["good"]
    for name, (_, words) in BROKEN.items():
        assert "error" in rows[name]
        (sentence,) = [line for line in lines if line.startswith(f"{name}: ")]
        assert words in sentence
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.usefixtures("registry")
def test_a_crash_is_no_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(HEAD + entry("crash", "return 1 / (k - 1)") + entry("good"))
    code, out, _ = called(capsys, "verify", str(path))
    assert code == 1
    line = path.read_text().splitlines().index("    return 1 / (k - 1)") + 1
    assert f"crash: ZeroDivisionError: division by zero (mine.py, line {line}; case k=1)" in out


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def broken(:\n", "line 1 does not load: SyntaxError"),
        ("import nothing_like_it\n", "line 1 does not load: ModuleNotFoundError"),
        ("1 / 0\n", "line 1 does not load: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "line 2 does not load: SystemExit"),
        (
            HEAD + entry("unknown_constant").replace("(k):", "(k, Lipschitz):"),
            "uses Lipschitz, which is neither",
        ),
        (HEAD + "quadratic(spectrum=(-1.0,))\n", "smoothness must be a finite number, at least 0, not -1.0"),
        (HEAD + "gradient_descent(pace=1)\n", "has no hyper-parameter pace"),
        (HEAD + "grid(k=(1, -2))\n", "k must be whole numbers of at least 0"),
        ("x = 1\n", "no theorem is declared there"),
    ],
)
@pytest.mark.usefixtures("registry")
def test_a_file_that_does_not_load_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, source: str, words: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(source)
    code, out, err = called(capsys, "verify", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {path}")
    assert words in err
    assert err.count("\n") == 1


def test_a_file_that_does_not_load_does_not_stop_others(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("1 / 0\n")
    (tmp_path / "good.py").write_text(GOOD.format(name="good"))
    done = simlab("verify", str(tmp_path))
    assert done.returncode == 2
    assert "1 of 2 theorems hold, 1 error" in done.stdout
    assert "bad.py, line 1 does not load: ZeroDivisionError" in done.stdout


def test_a_problem_that_cannot_be_built_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        HEAD
        + '''
from problems.quadratic import quadratic_gradient
from simlab import Problem


@problem(gradient=quadratic_gradient, gallery=({"curvature": -1.0},))
def upside_down(curvature: float = 1.0) -> Problem:
    """A parabola."""
    return Problem([], [1.0], [0.0], 0.0, [Smooth(curvature)], table=[[curvature]])
'''
        + GOOD.format(name="good")
    )
    done = simlab("verify", str(path))
    assert done.returncode == 2
    assert "problem upside-down has a gallery that cannot be built: Smooth: smoothness must be" in done.stdout
    assert "1 of 2 theorems hold, 1 error" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["verify", "gd-convex-tihgt"],
            "there is no theorem 'gd-convex-tihgt'; did you mean gd-convex-tight",
        ),
        (["verify", "nothing-*"], "there is no theorem 'nothing-*'"),
        (["verify", "-m", "single-machines"], "there is no chapter 'single-machines'; the chapters are"),
        (["verify", "-k", "gd and"], "-k 'gd and' is no expression"),
        (["verify", "-k", "gd()"], "is no expression"),
        (["verify", "-k", ""], "is no expression"),
        (["verify", "-k", "("], "is no expression"),
        (["verify", "--seed", "-1"], "the seed must lie between 0 and"),
        (["verify", "--seed", str(2**63)], "the seed must lie between 0 and"),
        (["verify", "--seed", "1.5"], "not a valid integer"),
        (["verify", "-j", "0"], "the number of threads must lie between 1 and 1024"),
        (["verify", "-j", "5000"], "the number of threads must lie between 1 and 1024"),
        (["verify", "-j", "many"], "not a valid integer"),
        (["verify", "--fast"], "No such option"),
        (["verify", "no/such/file.py"], "cannot be read: No such file or directory"),
        (["verify", "no/such/file.py::thing"], "cannot be read: No such file or directory"),
        (["verify", "./pyproject.toml"], "is no Python file"),
        (["verify", "gd-convex-tight", "--json", "no/such/folder/out.json"], "cannot be written"),
        (["verify", "gd-convex-tight", "--junit", "/"], "cannot be written: Is a directory"),
        (["verfy"], "there is no command 'verfy'; did you mean verify"),
        (["list", "theorem"], "is not one of"),
        (["list", "-m", "nowhere"], "there is no chapter 'nowhere'"),
        (["list", "problems", "-m", "single-machine"], "only theorems have chapters"),
        (["list", "-f", "no/such/file.py"], "cannot be read"),
        (["show"], "Missing argument"),
    ],
)
def test_bad_arguments_get_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, out, err = called(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_the_real_command_line_does_the_same() -> None:
    done = simlab("verify", "gd-convex-tihgt")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "error: there is no theorem 'gd-convex-tihgt'; did you mean gd-convex-tight"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_gets_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("")
    path.chmod(0)
    assert "cannot be read: Permission denied" in simlab("verify", str(path)).stderr


def test_a_case_that_does_not_exist_gets_the_nearest_one() -> None:
    done = simlab(
        "verify", "gd-convex-tight", "--quick", "--case", "hubbr(smoothness=1, threshold=0.1, start=1), h=1"
    )
    assert done.returncode == 2
    assert "no case of gd-convex-tight contains" in done.stdout
    assert "one of its cases is 'huber(smoothness=1, threshold=0.1, start=1), h=" in done.stdout


@pytest.mark.parametrize("place", ["theorems/__init__.py", "theorems.py"])
def test_a_package_that_hides_ours_is_named(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    done = simlab("show", "gd-convex-tight", folder=tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path}/{place.split('/')[0]} hides simlab's own package 'theorems'" in done.stderr
