"""Results: what was measured and judged, as plain data for every report."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from simlab.errors import InputError
from simlab.planning.cases import Case
from simlab.shown import Shown
from simlab.statistics.verdicts import Status, Verdict

TIGHT, LOOSE, VACUOUS = 0.9, 0.1, 1e-3
COARSE = 1.5  # a resolution beyond which verify warns
_ORDER = (Status.ERROR, Status.DIVERGED, Status.VIOLATED, Status.UNRESOLVED, Status.HOLDS)


@dataclass(frozen=True, eq=False)
class CaseResult(Shown):
    """A case with its verdict, and what was measured at each checkpoint: of several comparisons (neighbours, test
    examples) the one nearest to breaking the claim, between its confidence limits.
    """

    case: Case
    verdict: Verdict
    how: str  # "deterministic", "exact moments" or "sampled"
    measured: tuple[float, ...] = ()
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()
    bounds: tuple[float, ...] = ()
    slack: float = 0.0
    resolution: float = math.inf

    @property
    def half_widths(self) -> tuple[float, ...]:
        """The larger distance of the two limits from what was measured, at each checkpoint."""
        return tuple(
            max(high - value, value - low)
            for low, value, high in zip(self.lows, self.measured, self.highs, strict=True)
        )

    def record(self) -> dict[str, Any]:
        """Plain data, for JSON: the verdict with its interval, where it was reached, how it was measured, and what
        it would have taken to say otherwise.
        """
        verdict = self.verdict
        return {
            "case": self.case.label,
            "role": self.case.role,
            "claim": str(self.case.claim),
            "status": str(verdict.status),
            "ratio": verdict.ratio,
            "ratio_low": verdict.low,
            "ratio_high": verdict.high,
            "k": verdict.k,
            "comparison": verdict.comparison,
            "runs": verdict.runs,
            "how": self.how,
            "tolerance": self.case.claim.tolerance,
            "slack": self.slack,
            "resolution": self.resolution,
            "floor": self.case.floor,
            "attained": None if verdict.attained is None else str(verdict.attained),
            "message": verdict.message,
            "checkpoints": list(self.case.checkpoints),
            "measured": list(self.measured),
            "measured_low": list(self.lows),
            "measured_high": list(self.highs),
            "bounds": list(self.bounds),
        }


@dataclass(frozen=True, eq=False)
class ControlResult:
    """A control: caught when one of its cases is refused."""

    title: str
    caught: bool
    cases: tuple[CaseResult, ...]


@dataclass(eq=False)
class TheoremResult(Shown):
    """A theorem's cases and controls, and the verdict over all of them."""

    id: str
    chapter: str
    kind: str
    claims: list[CaseResult] = field(default_factory=list)
    attained: list[CaseResult] = field(default_factory=list)
    controls: list[ControlResult] = field(default_factory=list)
    replayed: list[CaseResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    message: str = ""
    input_error: bool = False
    status: Status = Status.HOLDS
    digest: str = ""

    @property
    def worst(self) -> CaseResult | None:
        """The claim or attaining case that comes nearest to breaking the bound, or breaks it most."""
        return worst_of((*self.replayed, *self.claims, *self.attained))

    @property
    def failing(self) -> list[CaseResult]:
        """The cases that have the verdict of the whole: counterexamples that were known, or else all others."""
        known = [r for r in self.replayed if r.verdict.status is self.status]
        return known or [r for r in (*self.claims, *self.attained) if r.verdict.status is self.status]

    @property
    def coarsest(self) -> CaseResult | None:
        """The claim or attaining case with the worst resolution; None where nothing is claimed to hold."""
        judged = (*self.claims, *self.attained) if self.status is not Status.REFUTED else ()
        return max(judged, key=lambda r: r.resolution, default=None)

    @property
    def resolution(self) -> float | None:
        """The factor by which what is measured could exceed the bound in a case and still be missed, with a chance
        of at most 1 %: that of its coarsest case, since a theorem is false when it is false in one.
        """
        coarsest = self.coarsest
        return None if coarsest is None else coarsest.resolution

    @property
    def runs(self) -> int:
        """How many runs were sampled in all, controls included."""
        controls = (result for control in self.controls for result in control.cases)
        return sum(result.verdict.runs for result in (*self.claims, *self.attained, *controls))

    @property
    def caught(self) -> int:
        """How many controls were caught."""
        return sum(control.caught for control in self.controls)

    @property
    def passed(self) -> bool:
        """Holds (or is refuted, when it is known to be false), with every control caught."""
        return self.status in (Status.HOLDS, Status.REFUTED) and self.caught == len(self.controls)

    @property
    def flag(self) -> str:
        """tight, loose or vacuous, by the worst ratio."""
        worst = self.worst
        if worst is None or self.status is Status.REFUTED or worst.case.claim.side.value == "equality":
            return ""
        ratio = worst.verdict.ratio
        return (
            "tight" if ratio >= TIGHT else "vacuous" if ratio < VACUOUS else "loose" if ratio < LOOSE else ""
        )

    def record(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        worst = self.worst
        return {
            "theorem": self.id,
            "chapter": self.chapter,
            "kind": self.kind,
            "status": str(self.status),
            "passed": self.passed,
            "flag": self.flag,
            "message": self.message,
            "ratio": None if worst is None else worst.verdict.ratio,
            "ratio_low": None if worst is None else worst.verdict.low,
            "ratio_high": None if worst is None else worst.verdict.high,
            "attained_at": None if worst is None else f"{worst.case.label}, k={worst.verdict.k}",
            "how": None if worst is None else worst.how,
            "resolution": self.resolution,
            "coarsest": None if self.coarsest is None else self.coarsest.case.label,
            "runs": self.runs,
            "seconds": self.seconds,
            "digest": self.digest,
            "claims": [r.record() for r in self.claims],
            "attained": [r.record() for r in self.attained],
            "replayed": [r.record() for r in self.replayed],
            "notes": list(self.notes),
            "controls": [
                {"title": c.title, "caught": c.caught, "cases": [r.record() for r in c.cases]}
                for c in self.controls
            ],
        }


def worst_of(cases: Iterable[CaseResult]) -> CaseResult | None:
    """The case that comes nearest to breaking its bound, or breaks it most; None where no ratio is a number."""
    judged = [r for r in cases if r.verdict.ratio == r.verdict.ratio]
    if not judged:
        return None
    equality = judged[0].case.claim.side.value == "equality"
    return max(judged, key=lambda r: abs(r.verdict.ratio - 1) if equality else r.verdict.ratio)


class Results(Shown, Sequence[TheoremResult]):
    """The results of one verification, in the order in which the theorems ran."""

    def __init__(self, results: list[TheoremResult], seed: int, tier: str) -> None:
        self._results, self.seed, self.tier = results, seed, tier

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        """A line a theorem, as an interactive session shows it."""
        return "\n".join(
            f"{r.id}: {r.status}{f', {r.flag}' if r.flag else ''}, {r.caught}/{len(r.controls)} controls caught"
            for r in self
        )

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, str):
            return next(r for r in self._results if r.id == index)
        return self._results[index]

    def __iter__(self) -> Iterator[TheoremResult]:
        return iter(self._results)

    @property
    def passed(self) -> bool:
        """Whether every theorem holds with every control caught."""
        return all(r.passed for r in self)

    def records(self) -> list[dict[str, Any]]:
        """One flat record a case: ready for a data frame or for plotting."""
        return [
            {"theorem": result.id, "chapter": result.chapter, **case.record()}
            for result in self
            for case in (*result.claims, *result.attained, *(c for k in result.controls for c in k.cases))
        ]

    def table(self) -> list[dict[str, Any]]:
        """One flat record a theorem: the table that the command line prints."""
        keep = (
            "theorem",
            "chapter",
            "kind",
            "status",
            "passed",
            "flag",
            "ratio",
            "resolution",
            "attained_at",
            "seconds",
        )
        return [
            {
                **{key: record[key] for key in keep},
                "cases": len(record["claims"]) + len(record["attained"]),
                "controls": len(record["controls"]),
                "caught": sum(c["caught"] for c in record["controls"]),
            }
            for record in (result.record() for result in self)
        ]

    def to_frame(self, cases: bool = False) -> Any:
        """The table as a pandas data frame, one row a theorem, or with ``cases`` one row a case.

        Raises
        ------
        InputError
            When pandas is not installed: simlab does without it.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            name = "records()" if cases else "table()"
            raise InputError(
                f"to_frame() needs pandas; install it, or use {name}, which gives the same rows as plain records."
            ) from None
        return pandas.DataFrame(self.records() if cases else self.table())


def overall(statuses: list[Status]) -> Status:
    """The status of a theorem from those of its cases: the worst one."""
    return next((status for status in _ORDER if status in statuses), Status.HOLDS)
