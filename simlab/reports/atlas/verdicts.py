"""What the page on how verdicts are made states: the promise, the environment, and the run."""

from dataclasses import dataclass
from typing import Any

from simlab.environment import environment, sources_digest
from simlab.reports.terminal import summary
from simlab.running.results import LOOSE, TIGHT, VACUOUS, Results
from simlab.statistics import errors

PROMISED = ("FALSE_VIOLATION", "FALSE_HOLDS", "CASES", "LOOKS")


@dataclass(frozen=True)
class VerdictFacts:
    """Numbers and words about one verification."""

    summary: str
    passed: bool
    promise: str
    promised: dict[str, float]
    tight: float
    loose: float
    vacuous: float
    run: dict[str, Any]
    made_with: dict[str, Any]


def verdict_facts(results: Results, made: str) -> VerdictFacts:
    """The facts about these results, written at the time ``made``."""
    found = environment()
    packages = {name: version or "not installed" for name, version in found.pop("packages").items()}
    if packages["simlab"] == "not installed":
        packages["simlab"] = "(a checkout)"
    return VerdictFacts(
        summary=summary(results).plain.strip(),
        passed=results.passed,
        promise=errors.__doc__ or "",
        promised={name: getattr(errors, name) for name in PROMISED},
        tight=TIGHT,
        loose=LOOSE,
        vacuous=VACUOUS,
        run={"made": made, "seed": results.seed, "tier": results.tier, "sources (SHA-256)": sources_digest()},
        made_with={**packages, **found},
    )
