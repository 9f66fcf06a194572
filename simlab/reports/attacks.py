"""What ``attack`` prints and writes."""

import json
import shlex
from collections.abc import Sequence
from typing import Any

from simlab.environment import environment, sources_digest
from simlab.reports.columns import columns
from simlab.reports.files import plain, ratio_name
from simlab.reports.terminal import numbers_text
from simlab.search.attack import Attack
from simlab.search.database import FILE
from simlab.search.text import Written
from simlab.statistics.verdicts import Status
from simlab.vocabulary.claim import Side

SCHEMA_VERSION = 1


def document(found: Sequence[Attack]) -> str:
    """Everything that was found, as JSON."""
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "environment": environment(),
        "sources_sha256": sources_digest(),
        "attacks": [made.record() for made in found],
    }
    return json.dumps(plain(record), indent=1, allow_nan=False) + "\n"


def attack_lines(made: Attack) -> list[str]:
    """What one attack came to: the verdict, the case with its numbers, and how to see it again."""
    if made.result is None:
        late = "time ended before an instance was found" if made.cut else ""
        reason = next(iter(made.unjudged), late or "no instance that was tried satisfies its assumptions")
        return [f"{made.theorem.id}: nothing to measure ({reason})", *_searched_lines(made)]
    lines = [f"{made.theorem.id}: {_headline(made)}", f"  case: {numbers_text(made.result)}"]
    if made.case is not None:
        lines.append(f"  reproduce: {command(made, made.case)}")
    if made.violated and made.evaluations > 1:
        lines.append(f"  kept in {FILE}; python -m simlab verify {target(made)} runs it first")
    return lines + _searched_lines(made)


def _headline(made: Attack) -> str:
    assert made.result is not None
    verdict, name = made.result.verdict, ratio_name(made.result.case.claim)
    known = ", as is known" if made.theorem.corrected is not None else ""
    if made.violated:
        where = "" if verdict.status is Status.DIVERGED else f": {name} = {verdict.ratio:.6g}"
        return f"violated{known}{where}"
    if made.result.case.claim.side is Side.EQUAL:
        return f"no counterexample; {name} is at most {abs(verdict.ratio - 1):.3g} from 1"
    sampled = f" [{verdict.low:.3g}, {verdict.high:.3g}]" if verdict.runs else ""
    return f"no counterexample; the largest {name} is {verdict.ratio:.6g}{sampled}"


def _searched_lines(made: Attack) -> list[str]:
    if made.evaluations <= 1:
        return []
    ended = ""
    if made.cut:
        ended = "; ended by the time limit, so a faster machine may find more"
    if made.interrupted:
        ended = "; interrupted"
    if made.slow:
        ended = f", {made.slow} of them too slow to be measured{ended}"
    lines = [
        f"  searched: {made.evaluations} cases, of which {made.refused} are not in its domain, in "
        f"{made.seconds:.1f} s (seed {made.seed}){ended}"
    ]
    for reason, times in sorted(made.unjudged.items(), key=lambda item: -item[1])[:3]:
        lines.append(f"  could not be judged, {times} times: {reason}")
    return lines


def table_lines(found: Sequence[Attack]) -> list[str]:
    """All attacks side by side, and how many of them found something; nothing for a single one."""
    if len(found) < 2:
        return []
    heads = ("theorem", "kind", "cases", "time", "largest ratio", "found")
    lines = columns(heads, map(_cells, found), right=(2, 3, 4))
    theorems = [made for made in found if made.theorem.corrected is None]
    printed = [made for made in found if made.theorem.corrected is not None]
    counted = (
        [f"{sum(made.violated for made in theorems)} of {len(theorems)} theorems broken"] if theorems else []
    )
    if printed:
        counted.append(f"{sum(made.violated for made in printed)} of {len(printed)} false statements refuted")
    cases, seconds = sum(made.evaluations for made in found), sum(made.seconds for made in found)
    return ["", *lines, "", f"{', '.join(counted)}, {cases} cases in {seconds:.1f} s (seed {found[0].seed})."]


def _cells(made: Attack) -> tuple[str, ...]:
    ratio = "-"
    if made.result is not None:
        law = made.result.case.claim.side is Side.EQUAL
        ratio = (
            f"1 +- {abs(made.result.verdict.ratio - 1):.1e}" if law else f"{made.result.verdict.ratio:.6g}"
        )
    words = "nothing to measure" if made.result is None else "nothing"
    if made.violated:
        words = "counterexample" if made.theorem.corrected is None else "refuted"
    ended = " (interrupted)" if made.interrupted else ""
    return (
        made.theorem.id, made.theorem.kind, str(made.evaluations), f"{made.seconds:.1f} s", ratio, words + ended,
    )  # fmt: skip


def command(made: Attack, case: Written) -> str:
    """The command that runs this case alone."""
    words = ["python", "-m", "simlab", "attack", target(made)]
    words += ["--on", case.on] if case.on else []
    words += [word for name, value in case.at.items() for word in ("--at", f"{name}={value}")]
    words += ["--noise", case.noise] if case.noise else []
    words += ["--seed", str(made.seed)] if made.result is not None and made.result.verdict.runs else []
    return shlex.join(words)


def target(made: Attack) -> str:
    """The id, or the file and the id of a user's own theorem."""
    from simlab.discovery import file_of

    path = file_of(made.theorem.id)
    return f"{path}::{made.theorem.id}" if path else made.theorem.id
