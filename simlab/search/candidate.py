"""Candidates: cases that a search may try."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simlab.errors import InputError
from simlab.planning.cases import Case, case_on, unfit
from simlab.vocabulary.constants import argument_names
from simlab.vocabulary.noise import NoiseSpec
from simlab.vocabulary.problem import Problem, ProblemFamily, ProblemSpec
from simlab.vocabulary.theorem import AnyProblem, Theorem


@dataclass(frozen=True)
class Candidate:
    """One theorem's parameters, instance, noise and steps.

    ``source`` is a finished instance, or a family or its specification, of which ``free`` are further parameters;
    None for an experiment.
    """

    source: AnyProblem | None
    point: Mapping[str, Any]
    steps: tuple[int, ...]
    free: Mapping[str, Any] = field(default_factory=dict)
    noise: NoiseSpec | None = None

    def case(self, theorem: Theorem) -> Case:
        """The case of the theorem.

        Raises
        ------
        InputError
            When the theorem is not about it.
        """
        source = self._problem()
        if isinstance(source, Problem) and is_matched(theorem):
            missing = unfit(theorem, source)
            if missing:
                raise InputError(f"theorem {theorem.id} is about problems that are {', '.join(missing)}.")
        made = case_on(theorem, source, self.steps, self.noise, **self.point)
        unknown = [n for n in argument_names(theorem.bound) if n not in (*made.known, *theorem.observes, "k")]
        if unknown:
            raise InputError(
                f"the bound of {theorem.id} asks for {', '.join(unknown)}, which is not known here."
            )
        return made

    def _problem(self) -> AnyProblem | None:
        if self.source is None or isinstance(self.source, Problem):
            return self.source
        if isinstance(self.source, ProblemFamily):
            return self.source(**self.free)
        return ProblemSpec(self.source.family, {**self.source.parameters, **self.free})


def is_matched(theorem: Theorem) -> bool:
    """Whether a theorem is about every problem that satisfies its assumptions: a statement that is refuted is about
    what the corrected one is about.
    """
    return theorem.corrected.matched if theorem.corrected is not None else theorem.matched
