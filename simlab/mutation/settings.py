"""Mutants of what surrounds the rule: the coupling of runs, the order of mixing, the window of an average."""

from dataclasses import replace

from simlab.kernels.trajectory import Selection
from simlab.mutation.rules import with_step
from simlab.vocabulary.quantity import Measure, PairMeasure
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Grid, Theorem

# Rules that differ in the order of averaging and stepping only; with exact gradients, the last one as well.
OTHER_ORDER = {
    "dpsgd-combine-then-adapt": "dpsgd-adapt-then-combine",
    "dpsgd-adapt-then-combine": "dpsgd-combine-then-adapt",
    "dgd": "dpsgd-adapt-then-combine",
}


def uncoupled(theorem: Theorem) -> Theorem | None:
    """Coupled runs without their shared indices and noise, in all runs and not only where they differ.

    None for runs that are not coupled or not random, and for expected differences of losses (signed), which do not
    depend on the coupling at all.
    """
    measures = theorem.setting.measures
    if not isinstance(measures, PairMeasure) or measures.quantity.signed or not theorem.setting.noise:
        return None
    minibatch = REGISTRY.of("noise")["minibatch"]
    setting = replace(theorem.setting, measures=measures.uncoupled(), noise=(minibatch(batch=1),))
    return replace(theorem, setting=setting)


def other_order(theorem: Theorem) -> Theorem | None:
    """Averaging before the step in place of after it, or the other way round; None where no such rule is known."""
    method = theorem.setting.method
    other = OTHER_ORDER.get(method.family.name) if method is not None else None
    return None if other is None else with_step(theorem, REGISTRY.of("method")[other])


def shifted_window(theorem: Theorem) -> Theorem | None:
    """x_1, ..., x_k in place of x_0, ..., x_(k-1), or the other way round; None where one iterate is measured.

    The weights of the iterates stay with their numbers. Step 0, at which one of the windows is empty, is left out.
    """
    measures = theorem.setting.measures
    if not isinstance(measures, Measure | PairMeasure) or measures.selection is Selection.LAST:
        return None
    if not any(theorem.setting.domain.checkpoints):
        return None
    if measures.lag:
        moved = replace(measures, first=measures.first + 1, lag=0)
    else:
        moved = replace(measures, first=max(measures.first - 1, 0), lag=1)
    setting = replace(theorem.setting, measures=moved, domain=_later(theorem.setting.domain))
    attained = tuple(replace(a, at=_later(a.at)) for a in theorem.attained if any(a.at.checkpoints))
    return replace(theorem, setting=setting, attained=attained)


def _later(domain: Grid) -> Grid:
    return Grid({**domain.axes, "k": tuple(k for k in domain.checkpoints if k > 0)})
