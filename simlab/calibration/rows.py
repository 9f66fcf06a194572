"""Rows of the calibration: a measured rate beside what was promised, and what is concluded from the two."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from simlab.calibration.rates import Rate, clopper_pearson
from simlab.planning.tiers import Tier


class Conclusion(StrEnum):
    """What a measured rate says of the promised one."""

    KEPT = "kept"
    UNDECIDED = "undecided"
    BROKEN = "broken"
    FOUND_OUT = "found out"
    NOT_FOUND_OUT = "not found out"
    NONE = ""


@dataclass(frozen=True)
class Size:
    """How much is run: runs of a case and trials of a rate; trials of rates that must be small; both for power."""

    name: str
    runs: int
    trials: int
    many: int
    power_runs: int
    power_trials: int

    def tier(self, runs: int = 0) -> Tier:
        """The budget of a case."""
        return Tier("calibration", 64, 1, runs or self.runs, all_noise=True, sharpness=1.0)


QUICK = Size("quick", runs=4096, trials=100, many=780, power_runs=16_384, power_trials=64)
WHOLE = Size("whole", runs=65_536, trials=1000, many=2000, power_runs=65_536, power_trials=400)
SIZES = {size.name: size for size in (QUICK, WHOLE)}


@dataclass(frozen=True)
class Row:
    """One measured rate: what was judged, how often it happened, and what was promised.

    ``wrong`` marks a judge that has a fault and must be found out.
    """

    claim: str
    law: str
    rate: Rate
    promised: float | None = None
    wrong: bool = False
    note: str = ""

    @property
    def conclusion(self) -> Conclusion:
        """Whether the rate lies below what was promised: kept when its upper limit does, broken when its lower
        limit does not, at the end or up to any of the looks.
        """
        if self.promised is None:
            return Conclusion.NONE
        above = self.rate.low > self.promised or self._above_at_a_look(self.promised)
        if self.wrong:
            return Conclusion.FOUND_OUT if above else Conclusion.NOT_FOUND_OUT
        if above:
            return Conclusion.BROKEN
        return Conclusion.KEPT if self.rate.high <= self.promised else Conclusion.UNDECIDED

    def _above_at_a_look(self, promised: float) -> bool:
        """Whether more went wrong up to some look than its share of the promise."""
        hits, number = 0, len(self.rate.looks)
        for look, count in enumerate(self.rate.looks):
            hits += count
            if clopper_pearson(hits, self.rate.trials)[0] > promised * (look + 1) / number:
                return True
        return False

    @property
    def failed(self) -> bool:
        """Whether this row breaks the suite."""
        return self.conclusion in (Conclusion.BROKEN, Conclusion.NOT_FOUND_OUT)

    def record(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "claim": self.claim,
            "law": self.law,
            "trials": self.rate.trials,
            "rate": self.rate.value,
            "rate_low": self.rate.low,
            "rate_high": self.rate.high,
            "at_look": list(self.rate.looks),
            "promised": self.promised,
            "wrong_judge": self.wrong,
            "note": self.note,
            "conclusion": str(self.conclusion),
        }


Task = Callable[[], Row]
