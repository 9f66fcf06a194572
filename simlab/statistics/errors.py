"""The promise about errors: how the chance of a false violation is shared out.

Over one run of ``verify`` on a correct registry, the chance that *any* sampled case is called violated is at
most ``FALSE_VIOLATION``. The share of a case does not depend on which other entries run: the registry may have up
to ``CASES`` sampled cases, each of which may look at its runs ``LOOKS`` times, at every checkpoint and every
comparison (Bonferroni's inequality throughout).
"""

FALSE_VIOLATION = 1e-3
CASES = 4096
FIRST_LOOK = 256
GROWTH = 4
LOOKS = 7


def look_sizes(budget: int) -> list[int]:
    """The numbers of runs at which a sampled case is judged, up to the budget: 256, 1024, 4096, ..."""
    sizes = [FIRST_LOOK * GROWTH**i for i in range(LOOKS)]
    return [size for size in sizes if size <= budget] or sizes[:1]


def error_share(comparisons: int) -> float:
    """The chance of a false alarm that each comparison at each look may have."""
    return FALSE_VIOLATION / (CASES * LOOKS * comparisons)
