"""Solving a performance estimation problem, with the accuracy that was reached."""

import contextlib
import io
import math
import warnings
from dataclasses import dataclass

from simlab.estimation.symbols import UntranslatableError
from simlab.estimation.translation import Translation

# Interior-point tolerances of CLARABEL, in turn: an ill-conditioned problem reaches only the second ones.
TOLERANCES = (1e-10, 1e-8)
# First-order solvers (SCS) are wrong by up to 1 % here.
SOLVER = "CLARABEL"


@dataclass(frozen=True)
class Solution:
    """The largest measured / bound of a class of functions.

    ``gap`` is how far the best instance that was found (primal) and the best proof (dual) are apart, relatively.
    """

    ratio: float
    gap: float


def solve(translation: Translation) -> Solution:
    """Maximize measured / bound.

    Raises
    ------
    UntranslatableError
        When the solver finds no worst case, or fails.
    """
    from cvxpy.error import SolverError

    failure = ""
    for tolerance in TOLERANCES:
        options = {f"tol_{name}": tolerance for name in ("gap_abs", "gap_rel", "feas")}
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):  # PEPit prints there
                warnings.simplefilter("ignore")  # of inaccurate solutions, which the gap tells
                dual = translation.model.pep.solve(verbose=0, solver=SOLVER, **options)
        except (SolverError, ZeroDivisionError) as error:
            failure = str(error).partition(".")[0]
            continue
        if dual is None:
            status = translation.model.pep.wrapper.prob.status
            raise UntranslatableError(f"the solver finds no worst case ({status})")
        return _read(translation, float(dual))
    raise UntranslatableError(f"the solver fails ({failure})")


def _read(translation: Translation, dual: float) -> Solution:
    primal = float(translation.model.pep.wrapper.objective.value)
    gap = abs(dual - primal) / max(abs(primal), 1e-300)
    return Solution(math.sqrt(max(dual, 0.0)) if translation.root else dual, gap)
