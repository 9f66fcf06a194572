"""Writing results to files: JSON and JUnit."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simlab.environment import environment, sources_digest
from simlab.errors import InputError
from simlab.running.results import Results, TheoremResult, worst_of
from simlab.statistics.errors import FALSE_VIOLATION
from simlab.statistics.verdicts import Status
from simlab.vocabulary.claim import Claim, Side

SCHEMA_VERSION = 1


def document(results: Results) -> dict[str, Any]:
    """Everything about one verification as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": results.seed,
        "tier": results.tier,
        "false_violation_probability": FALSE_VIOLATION,
        "environment": environment(),
        "sources_sha256": sources_digest(),
        "passed": results.passed,
        "theorems": [result.record() for result in results],
    }


def to_json(results: Results) -> str:
    """The document as JSON; numbers that are not finite become strings, which JSON lacks."""
    return json.dumps(plain(document(results)), indent=1, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """``value`` with numbers that are not finite as strings, and tuples as lists."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def to_junit(results: Results) -> str:
    """JUnit XML: a suite a chapter, a test case a theorem and one for each of its controls."""
    from junitparser import JUnitXml, TestSuite

    xml = JUnitXml("simlab")
    for chapter in dict.fromkeys(result.chapter for result in results):
        suite = TestSuite(chapter)
        for result in results:
            if result.chapter == chapter:
                for case in _test_cases(result):
                    suite.add_testcase(case)
        xml.add_testsuite(suite)
    xml.update_statistics()
    text: bytes | str = xml.tostring()
    return text.decode() if isinstance(text, bytes) else text


def _test_cases(result: TheoremResult) -> list[Any]:
    from junitparser import Error, Failure, Skipped, TestCase

    claim = TestCase(result.id, f"simlab.{result.chapter}", result.seconds)
    if result.status is Status.ERROR:
        claim.result = [Error(result.message)]
    elif result.status is Status.UNRESOLVED:
        claim.result = [Skipped("unresolved: the budget of runs ended first")]
    elif result.status not in (Status.HOLDS, Status.REFUTED):
        claim.result = [Failure(describe(result))]
    made = [claim]
    for control in result.controls:
        case = TestCase(f"{result.id} control: {control.title}", f"simlab.{result.chapter}", 0.0)
        if not control.caught:
            case.result = [Failure("the checker did not refuse this control")]
        made.append(case)
    return made


def describe(result: TheoremResult) -> str:
    """One line on why a theorem did not pass."""
    if result.message:
        return result.message
    worst, missed = worst_of(result.failing) or result.worst, len(result.controls) - result.caught
    if worst is None or (result.status is Status.HOLDS and missed):
        return f"{result.status}, but {missed} of {len(result.controls)} controls not caught"
    verdict = worst.verdict
    words = (
        f"{result.status}: {ratio_name(worst.case.claim)} = {verdict.ratio:.6g} at k={verdict.k} "
        f"for {worst.case.label or 'its case'}"
    )
    return f"{words} ({verdict.message})" if verdict.message else words


def ratio_name(claim: Claim) -> str:
    """What the ratio is: above 1 it always breaks a bound."""
    return "bound / measured" if claim.side is Side.LOWER else "measured / bound"


def write(path: str, text: str) -> None:
    """Write a report; ``-`` is standard output. An unwritable path is one clear sentence."""
    if path == "-":
        import click

        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another path.") from None


def check_writable(path: str | None) -> None:
    """Refuse an unwritable path before anything runs, so that no result is lost."""
    if path is None or path == "-":
        return
    target = Path(path)
    try:
        existed = target.exists()
        with target.open("a"):
            pass
        if not existed:
            target.unlink()
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another path.") from None
