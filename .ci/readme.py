"""Rewrites the generated parts of README.md, between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.

python .ci/readme.py             the tables of theorems, problems and commands
python .ci/readme.py --outputs   the outputs of the shown commands as well: this runs them all, for minutes
"""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
# Commands whose output the README shows as it is: the name of its part, and the arguments of python -m simlab.
SHOWN_COMMANDS: dict[str, tuple[str, ...]] = {
    "pep": ("pep", "frank-wolfe", "nag-convex", "nag-convex-index-as-printed", "gs-greedy", "--k", "3", "-q"),
    "calibrate": ("calibrate", "--quick", "--summary"),
    "attack": ("attack", "polyak-step-last-iterate", "--quiet", "--time-limit", "120"),
    "mutate": ("mutate", "gd-convex-tight", "gd-convex-textbook"),
}
OUTPUTS = ("verify", "tests", "example", "broken", *SHOWN_COMMANDS)
SHOWN = 6  # theorems whose rows are shown of the whole table
sys.path.insert(0, str(ROOT))


def example(text: str, name: str) -> str:
    """The code block of the README that follows ``<!-- example: NAME -->``."""
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```python\n(.*?)```\n", text, re.DOTALL)
    if found is None:
        raise SystemExit(f"README.md has no example {name}.")
    return found[1]


def replaced(text: str, name: str, content: str) -> str:
    """The README with the generated part of that name replaced."""
    pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no part {name}.")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def tables() -> dict[str, str]:
    """The parts that depend on the registry and the command line only."""
    from simlab.cli import COMMANDS
    from simlab.discovery import discover
    from simlab.reports.catalogue import catalogue, markdown

    discover()
    commands = "\n".join(f"| `python -m simlab {name}` | {words} |" for name, (_, words) in COMMANDS.items())
    return {
        "theorems": markdown("theorems", catalogue()["theorems"]),
        "problems": markdown("problems", catalogue()["problems"]),
        "commands": f"| command | what it does |\n|---|---|\n{commands}",
    }


def output(text: str, name: str) -> str:
    """The output of one of the commands that the README shows."""
    source = example(text, "my_bound.py")
    if name in SHOWN_COMMANDS:
        arguments = SHOWN_COMMANDS[name]
        return console(
            [
                f"$ {shlex.join(['python', '-m', 'simlab', *arguments])}",
                *ran("-m", "simlab", *arguments).splitlines(),
            ]
        )
    match name:
        case "verify":
            return console(shortened(verified()))
        case "tests":
            last = ran("-m", "pytest", "-q", "--no-header").splitlines()[-1]
            if "failed" in last or "error" in last:
                raise SystemExit(f"tests fail: {last}")
            return console([last])
        case "example":
            return console(of_example(source))
        case "broken":
            return console(of_example(source.replace("(2 * h * k)", "(3 * h * k)")))
    raise SystemExit(f"there is no output {name}; choose {', '.join(OUTPUTS)}.")


def console(lines: list[str]) -> str:
    """Lines as a block."""
    return "\n".join(["```text", *(line.rstrip() for line in lines), "```"])


def verified(*targets: str) -> list[str]:
    """What ``verify`` prints on a terminal of 120 columns."""
    import simlab
    from simlab.reports.terminal import failure_lines, summary, table_lines

    results = simlab.verify(*targets)
    failures = [line for r in results if not r.passed for line in failure_lines(r, results)]
    lines = [line.plain for line in table_lines(results, 120)]
    return "\n".join([*lines, *failures, summary(results).plain]).splitlines()


def shortened(lines: list[str]) -> list[str]:
    """The head of the table and its summary."""
    return [*lines[: 2 * (SHOWN + 1)], "...", *lines[-2:]]


def of_example(source: str) -> list[str]:
    """The command that checks a file, and what it prints."""
    path = Path(tempfile.gettempdir()) / "readme" / "my_bound.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)
    lines = verified(str(path))
    return ["$ python -m simlab verify my_bound.py", *(line.replace(str(path), path.name) for line in lines)]


def ran(*arguments: str) -> str:
    """The standard output of a Python process in the repository."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout


def main() -> None:
    """Rewrite README.md."""
    text = README.read_text()
    for name, content in tables().items():
        text = replaced(text, name, content)
    if "--outputs" in sys.argv[1:]:
        for name in [word for word in sys.argv[1:] if word != "--outputs"] or OUTPUTS:
            text = replaced(text, name, output(text, name))
    README.write_text(text)


if __name__ == "__main__":
    main()
