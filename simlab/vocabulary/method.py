"""Methods: an exact update rule as a kernel, and its hyper-parameters as functions of the constants."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Matrix
from simlab.kernels.compilation import Kernel
from simlab.vocabulary.constants import argument_names, evaluate, number


@dataclass(frozen=True, eq=False)
class MethodFamily:
    """An update rule: calling it with hyper-parameters makes a :class:`Method`.

    ``step(k, x, memory, parameters, oracle)`` turns the iterate x_k into x_(k+1) in place. ``memory`` has
    ``memory(...)`` rows of the dimension of x, zero before step 0. ``outputs`` names memory rows that may be
    measured instead of x.
    """

    name: str
    step: Kernel
    parameters: Mapping[str, Any]
    memory: int | Callable[..., int]
    outputs: Mapping[str, int]
    needs: tuple[str, ...]
    linear: bool
    rule: str
    module: str

    def __call__(self, **given: Any) -> "Method":
        """The rule with these hyper-parameters: numbers, or functions of the constants (and of k)."""
        unknown = [name for name in given if name not in self.parameters]
        if unknown:
            raise InputError(
                f"method {self.name} has no hyper-parameter {', '.join(unknown)}; "
                f"it has {', '.join(self.parameters) or 'none'}."
            )
        values = {**self.parameters, **given}
        missing = [name for name, value in values.items() if value is REQUIRED]
        if missing:
            raise InputError(f"method {self.name} needs {', '.join(missing)}; give a number or a function.")
        return Method(self, values)


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


@dataclass(frozen=True, eq=False)
class Method:
    """An update rule with its hyper-parameters: numbers, or functions of the constants (and of k)."""

    family: MethodFamily
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The family's name."""
        return self.family.name

    def schedule(self, known: Mapping[str, Any], steps: int) -> Matrix:
        """Hyper-parameters of the steps 0, 1, ...: one row a step, or one row in all when they are constant.

        Raises
        ------
        InputError
            When a hyper-parameter is not a finite number.
        """
        varying = any(callable(v) and "k" in argument_names(v) for v in self.parameters.values())
        rows = steps if varying else 1
        table, at = np.empty((max(rows, 1), len(self.parameters))), dict(known)
        for column, (name, value) in enumerate(self.parameters.items()):
            what = f"{name} of {self.name}"
            for row in range(len(table)):
                at["k"] = row
                table[row, column] = number(evaluate(value, at, what), what)
                if not (callable(value) and "k" in argument_names(value)):
                    table[:, column] = table[row, column]
                    break
        return table

    def memory_rows(self, known: Mapping[str, Any]) -> int:
        """How many vectors the method remembers."""
        rows = self.family.memory
        if not callable(rows):
            return rows
        first = dict(zip(self.parameters, self.schedule(known, 1)[0], strict=True))
        return int(evaluate(rows, {**known, **first}, f"memory of {self.name}"))


def method(
    *,
    parameters: Sequence[str] | Mapping[str, Any] = (),
    memory: int | Callable[..., int] = 1,
    outputs: Mapping[str, int] | None = None,
    needs: Sequence[str] = (),
    linear: bool = False,
) -> Callable[[Kernel], MethodFamily]:
    """Declare an update rule: decorate its step kernel.

    Parameters
    ----------
    parameters
        Names of the hyper-parameters in the order in which the kernel reads them; a mapping gives defaults.
    memory
        Number of vectors that the rule remembers, or a function of constants and hyper-parameters.
    outputs
        Memory rows that may be measured instead of x, by name.
    needs
        Kernels of the problem beyond the gradient: "value", "component", "hessian", "prox".
    linear
        Whether, on a quadratic, the next state is an affine function of the state and of the noise; then second
        moments are computed exactly (from this same kernel) instead of being sampled.
    """
    from simlab.vocabulary.registry import REGISTRY

    def declare(step: Kernel) -> MethodFamily:
        if not isinstance(step, Kernel):
            raise InputError(f"method {step}: put @kernel below @method.")
        defaults = parameters if isinstance(parameters, Mapping) else dict.fromkeys(parameters, REQUIRED)
        family = MethodFamily(
            name=step.function.__name__.replace("_", "-"),
            step=step,
            parameters=defaults,
            memory=memory,
            outputs=dict(outputs or {}),
            needs=tuple(needs),
            linear=linear,
            rule=inspect.cleandoc(step.function.__doc__ or ""),
            module=step.function.__module__,
        )
        REGISTRY.add("method", family.name, family, family.module)
        return family

    return declare
