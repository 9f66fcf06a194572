"""The promise about errors: how sure a verdict must be, and what it takes for granted.

**False violations.** Over one run of ``verify`` on a correct registry, the chance that *any* sampled case is
called violated is at most ``FALSE_VIOLATION``. The share of a case does not depend on which other entries run:
there may be up to ``CASES`` sampled cases, each of which may look at its runs ``LOOKS`` times, on both sides of
every checkpoint and every comparison (Bonferroni's inequality throughout).

**False holds.** A sampled case whose claim is wrong by more than its slack is said to hold with a chance of
at most ``FALSE_HOLDS``.

What is taken for granted beyond independent runs, and where (see ``intervals`` for the proofs):

- a value that is *too large* for a number that cannot be negative: nothing at all;
- a failure rate that is too large, or too small, for a claim with a ``ceiling``: nothing at all;
- a value that is *too small*, and either side of a number of both signs: that the number's kurtosis
  E(X - EX)^4 / (Var X)^2 is at most that of the level, or at most what its own runs show. A number carried by
  rare large values is not measurable by sampling: until the first of them turns up it cannot be told from a
  smaller one. In words: whatever carries the number must not be rarer than one in ``kurtosis``.
"""

from dataclasses import dataclass

FALSE_VIOLATION = 1e-3
FALSE_HOLDS = 1e-3
CASES = 65_536
FIRST_LOOK = 256
GROWTH = 2
LOOKS = 13
GRANTED_KURTOSIS = 20.0


@dataclass(frozen=True)
class Level:
    """How sure a statement about one mean must be.

    ``error`` is the chance that a one-sided limit is wrong; ``kurtosis`` is the kurtosis that is granted where
    a limit cannot do without.
    """

    error: float
    kurtosis: float


@dataclass(frozen=True)
class Promise:
    """How often verdicts may be wrong, and over how much each of these chances is shared out."""

    false_violation: float = FALSE_VIOLATION
    false_holds: float = FALSE_HOLDS
    cases: int = CASES
    looks: int = LOOKS

    def violating(self, comparisons: int) -> Level:
        """What it takes to call one of ``comparisons`` numbers violated at one look."""
        return Level(self.false_violation / (self.cases * self.looks * 2 * comparisons), kurtosis=100.0)

    @property
    def holding(self) -> Level:
        """What it takes to say that a claim holds: it only does if every limit passes, so one wrong limit at any
        look is the whole of the error.
        """
        return Level(self.false_holds / self.looks, kurtosis=GRANTED_KURTOSIS)


PROMISE = Promise()


def look_sizes(budget: int) -> list[int]:
    """The numbers of runs at which a sampled case is judged, up to the budget: 256, 512, 1024, ..."""
    sizes = [FIRST_LOOK * GROWTH**i for i in range(LOOKS)]
    return [size for size in sizes if size <= budget] or sizes[:1]
