"""What the command line names: a problem, a method, a noise model and a network."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simlab.errors import InputError

if TYPE_CHECKING:
    from simlab.kernels.compilation import Kernel
    from simlab.vocabulary.method import Method, MethodFamily
    from simlab.vocabulary.network import Network
    from simlab.vocabulary.noise import NoiseSpec
    from simlab.vocabulary.problem import Problem


def chosen_problem(words: str, workers: int | None = None) -> "Problem":
    """The instance that the command line names; ``workers`` is the number of those of a network.

    Raises
    ------
    InputError
        When it cannot be built.
    """
    from simlab.arguments import called, literal
    from simlab.vocabulary.registry import REGISTRY

    name, given = called(words, REGISTRY.of("problem"), "problem")
    parameters = {key: literal(value, key) for key, value in given.items()}
    family = REGISTRY.of("problem")[name]
    if workers is not None:
        if parameters.setdefault("workers", workers) != workers:
            raise InputError(f"--workers {workers} contradicts {words}; give the number of workers once.")
        if "workers" not in _parameters(family.build):
            raise InputError(f"problem {name} takes no number of workers; leave --workers out.")
    try:
        instance: Problem = family(**parameters)
        number_of_workers(instance)  # what is known of it is found out on first use
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"problem {words} cannot be built: {error}.") from None
    return instance


def _parameters(build: Any) -> Mapping[str, Any]:
    import inspect

    return inspect.signature(build).parameters


def number_of_workers(instance: "Problem") -> int | None:
    """How many workers share a problem; None on one machine."""
    from simlab.vocabulary.assumptions import Workers

    shared = instance.known.get(Workers)
    return shared.workers if isinstance(shared, Workers) else None


def chosen_family(words: str, instance: "Problem") -> tuple["MethodFamily", dict[str, str]]:
    """The update rule that the command line names, and the hyper-parameters in its call.

    Raises
    ------
    InputError
        When it is unknown, needs what the problem does not have, or is not for as many machines.
    """
    from simlab.arguments import called
    from simlab.vocabulary.registry import REGISTRY

    name, given = called(words, REGISTRY.of("method"), "method")
    family: MethodFamily = REGISTRY.of("method")[name]
    several, shared = of_several_workers(family), number_of_workers(instance) is not None
    if several and not shared:
        raise InputError(
            f"method {name} is one of several workers; run it on a problem that is shared out over them: "
            f"{', '.join(_shared_problems())}."
        )
    if shared and not several:
        others = [n for n, other in REGISTRY.of("method").items() if of_several_workers(other)]
        raise InputError(
            f"problem {instance.label} is shared out over several workers, and method {name} is one of one "
            f"machine; run one of {', '.join(sorted(others))}."
        )
    lacking = [need for need in family.needs if need != "rng" and not instance.kernels.has(need)]
    if lacking:
        raise InputError(
            f"method {name} needs {', '.join(lacking)}, which problem {instance.label} does not have."
        )
    return family, given


def _shared_problems() -> list[str]:
    """The problems that can be shared out over any number of workers."""
    from simlab.vocabulary.registry import REGISTRY

    return sorted(n for n, family in REGISTRY.of("problem").items() if "workers" in _parameters(family.build))


def chosen_method(
    family: "MethodFamily", given: Mapping[str, str], options: tuple[str, ...], known: Mapping[str, Any]
) -> tuple["Method", dict[str, str]]:
    """The update rule with its hyper-parameters, and these as they were written.

    Raises
    ------
    InputError
        When it is incomplete.
    """
    from simlab.arguments import assignments, number_or_function

    texts = {**given, **assignments(options)}
    names = [*known, "k", "K"]
    return family(**{key: number_or_function(value, key, names) for key, value in texts.items()}), texts


def of_several_workers(family: "MethodFamily") -> bool:
    """Whether a rule reads a network, or how many workers there are (and not which component was drawn)."""
    read = _attributes(family.step)
    return "network" in read or ("scalars" in read and "component" not in family.needs)


def _attributes(step: "Kernel") -> set[str]:
    """The names that a kernel, or a kernel that it calls, reads."""
    from simlab.kernels.compilation import Kernel

    names = set(step.function.__code__.co_names)
    for name in list(names):
        inner = step.function.__globals__.get(name)
        if isinstance(inner, Kernel) and inner is not step:
            names |= _attributes(inner)
    return names


def chosen_noise(words: str | None, instance: "Problem") -> "NoiseSpec | None":
    """The noise model that the command line names.

    Raises
    ------
    InputError
        When it is unknown, or cannot be made for this problem.
    """
    from simlab.arguments import called, literal
    from simlab.vocabulary.registry import REGISTRY

    if words is None:
        return None
    name, given = called(words, REGISTRY.of("noise"), "noise model")
    spec: NoiseSpec = REGISTRY.of("noise")[name](**{key: literal(value, key) for key, value in given.items()})
    try:
        spec.resolve(instance, {})
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"noise {words} cannot be used on {instance.label}: {error}.") from None
    return spec


# --- networks ----------------------------------------------------------------------------------------------------


def chosen_network(words: str | None, family: "MethodFamily", instance: "Problem") -> "Network | None":
    """The network that the command line names: ``ring``, or ``erdos_renyi(probability=0.3, seed=1)``.

    ``rule`` in its call is a mixing rule; ``budget`` makes it MATCHA's random matchings.

    Raises
    ------
    InputError
        When the method needs one and there is none, or the other way round, or when it cannot be built.
    """
    from simlab.arguments import called
    from simlab.topologies.graphs import FAMILIES

    read = _attributes(family.step)
    if words is None:
        if "network" in read:
            raise InputError(
                f"method {family.name} talks over a network; give one, such as --network ring "
                "(python -m simlab list networks)."
            )
        return None
    if "network" not in read:
        raise InputError(f"method {family.name} reads no network; leave --network out.")
    name, bracket, rest = words.partition("(")
    name, given = called(name.replace("-", "_") + bracket + rest, FAMILIES, "network")
    options = {key: _word_or_literal(value, key) for key, value in given.items()}
    workers = number_of_workers(instance)
    assert workers is not None
    if ("budget" in options) is ("mix" in read):
        raise InputError(
            f"method {family.name} reads a mixing matrix; leave budget out of --network {words}."
            if "budget" in options
            else f"method {family.name} reads matchings; give a communication budget, such as "
            f"--network '{name}(budget=0.5)'."
        )
    try:
        return _built(name, workers, options)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"network {words} of {workers} workers cannot be built: {error}") from None


def _word_or_literal(value: str, key: str) -> Any:
    from simlab.arguments import literal

    return value if value.isidentifier() else literal(value, key)


def _built(name: str, workers: int, options: dict[str, Any]) -> "Network":
    """A mixing matrix of a named graph, or MATCHA's matchings of it with its probabilities and weight."""
    from simlab.topologies.graphs import graph
    from simlab.topologies.matchings import activation_probabilities, best_weight, matching_decomposition
    from simlab.topologies.mixing import mixing_matrix
    from simlab.topologies.networks import matching_network, mixing_network

    budget, rule = options.pop("budget", None), options.pop("rule", None)
    made = graph(name, workers, **options)
    if budget is None:
        return mixing_network(mixing_matrix(made, rule or "metropolis"))
    if rule is not None:
        raise ValueError("matchings have no mixing rule; leave rule out.")
    matchings = matching_decomposition(made)
    chances = activation_probabilities(matchings, float(budget))
    label = f"matchings of {made.name}, budget {budget:g}"
    return matching_network(matchings, chances, best_weight(matchings, chances), label)
