"""Named families of graphs: one registry, sizes checked before anything is built."""

import inspect
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simlab.kernels.arrays import Matrix

if TYPE_CHECKING:
    import networkx as nx

Sizes = tuple[Any, ...]


@dataclass(frozen=True)
class Family:
    """One family of graphs.

    Parameters
    ----------
    sizes
        ``(workers, **options)`` to the sizes that define the graph; raises ValueError for impossible ones.
    build
        ``(networkx, *sizes)`` to the graph; networkx is handed over so that nothing here imports it early.
    summary
        What it is, in a sentence.
    """

    sizes: Callable[..., Sizes]
    build: Callable[..., "nx.Graph[Any]"]
    summary: str

    @property
    def options(self) -> list[str]:
        """What it takes beside the number of workers."""
        return list(inspect.signature(self.sizes).parameters)[1:]


def graph(name: str, workers: int, **options: Any) -> "nx.Graph[int]":
    """The graph of a named family on the nodes 0, ..., workers - 1, labelled by how it was asked for.

    Parameters
    ----------
    name
        A key of ``FAMILIES``. Grids and tori are numbered row by row, hypercubes by the bits of the
        coordinates; node 0 is the centre of a star; the bridge of a barbell joins the two middle nodes.
    workers
        The number of nodes.
    options
        ``rows`` (torus, grid; by default the largest divisor up to the square root), ``left``
        (complete_bipartite; by default half), ``power`` (ring_power), ``probability`` and ``seed``
        (erdos_renyi, which may be disconnected), ``degree`` and ``seed`` (random_regular).

    Raises
    ------
    ValueError
        For an unknown name or option, or a size that the family does not have.
    """
    import networkx as nx

    arguments = _bind(name, workers, options)
    family = FAMILIES[name]
    built = family.build(nx, *family.sizes(*arguments.args, **arguments.kwargs))
    numbered: nx.Graph[int] = nx.convert_node_labels_to_integers(built, ordering="sorted")
    given = [f"{key}={value}" for key, value in arguments.arguments.items() if key != "workers"]
    numbered.name = f"{name}({', '.join([str(workers), *given])})"
    return numbered


def family_sizes(name: str, workers: int, **options: Any) -> Sizes:
    """The checked sizes that define a graph: the sides of a torus, the dimension of a hypercube, ...

    Raises ValueError as ``graph`` does.
    """
    arguments = _bind(name, workers, options)
    return FAMILIES[name].sizes(*arguments.args, **arguments.kwargs)


def adjacency_matrix(graph: "nx.Graph[Any]") -> Matrix:
    """A[i, j] = 1 when an edge joins the i-th and the j-th node; edge weights are ignored.

    Raises ValueError for directed graphs, multigraphs, self-loops and fewer than two nodes.
    """
    import networkx as nx

    if graph.is_directed() or graph.is_multigraph():
        raise ValueError("a network needs an undirected graph without parallel edges.")
    if len(graph) < 2:
        raise ValueError(f"a network needs at least 2 workers, not {len(graph)}.")
    if nx.number_of_selfloops(graph) > 0:
        raise ValueError("a network needs a graph without self-loops: a worker always keeps its own value.")
    # the stubs leave out that weight=None counts every edge as 1
    matrix: Matrix = nx.to_numpy_array(graph, weight=None, dtype=np.float64)  # type: ignore[call-overload]
    return matrix


def laplacian_matrix(graph: "nx.Graph[Any]") -> Matrix:
    """L = D - A, shape (workers, workers); raises ValueError as ``adjacency_matrix`` does."""
    adjacency = adjacency_matrix(graph)
    return np.diag(adjacency.sum(axis=1)) - adjacency


# --- sizes of the families -----------------------------------------------------------------------------------


def _bind(name: str, workers: int, options: dict[str, Any]) -> inspect.BoundArguments:
    if name not in FAMILIES:
        raise ValueError(f"there is no graph family {name!r}; there are {', '.join(FAMILIES)}.")
    signature = inspect.signature(FAMILIES[name].sizes)
    try:
        return signature.bind(workers, **options)
    except TypeError as error:
        takes = ", ".join(signature.parameters)
        raise ValueError(f"the graph family {name!r} takes ({takes}): {error}.") from None


def _whole(what: str, value: Any, smallest: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{what} must be a whole number, not {value!r}.") from None
    if isinstance(value, bool) or number < smallest:
        raise ValueError(f"{what} must be a whole number of at least {smallest}, not {value!r}.")
    return number


def _at_least(smallest: int) -> Callable[[int], Sizes]:
    def sizes(workers: int) -> Sizes:
        return (_whole("the number of workers", workers, smallest),)

    return sizes


def _ring_power(workers: int, power: int) -> Sizes:
    power = _whole("the power of a ring", power, 1)
    workers = _whole("the number of workers", workers, 3)
    if workers <= 2 * power:
        raise ValueError(f"the power {power} of a ring needs more than {2 * power} workers, not {workers}.")
    return workers, power


def _sides(workers: int, rows: int | None, smallest: int, reason: str) -> Sizes:
    workers = _whole("the number of workers", workers, 1)
    if rows is None:
        rows = next(side for side in range(math.isqrt(workers), 0, -1) if workers % side == 0)
    rows = _whole("the number of rows", rows, 1)
    if workers % rows != 0:
        raise ValueError(f"{workers} workers do not fill {rows} equal rows.")
    columns = workers // rows
    if min(rows, columns) < smallest:
        raise ValueError(f"both sides must be at least {smallest}, not {rows} x {columns}: {reason}.")
    return rows, columns


def _torus(workers: int, rows: int | None = None) -> Sizes:
    # networkx drops the wrap-around of a side of 2 without a word; the spectrum is then another one.
    return _sides(workers, rows, 3, "wrapping a side of 2 around would double its edges")


def _grid(workers: int, rows: int | None = None) -> Sizes:
    return _sides(workers, rows, 2, "a grid with a side of 1 is a path")


def _hypercube(workers: int) -> Sizes:
    workers = _whole("the number of workers", workers, 2)
    if workers & (workers - 1):
        raise ValueError(f"a hypercube needs a power of two of workers, not {workers}.")
    return (workers.bit_length() - 1,)


def _complete_bipartite(workers: int, left: int | None = None) -> Sizes:
    workers = _whole("the number of workers", workers, 2)
    left = workers // 2 if left is None else _whole("the left side", left, 1)
    if left >= workers:
        raise ValueError(f"the left side must leave a worker for the right side: {left} of {workers} do not.")
    return left, workers - left


def _petersen(workers: int) -> Sizes:
    if _whole("the number of workers", workers, 1) != 10:
        raise ValueError(f"the Petersen graph has 10 workers, not {workers}.")
    return ()


def _two_halves(workers: int) -> Sizes:
    workers = _whole("the number of workers", workers, 6)
    if workers % 2:
        raise ValueError(f"two equal halves need an even number of workers, not {workers}.")
    return (workers // 2,)


def _erdos_renyi(workers: int, probability: float, seed: int) -> Sizes:
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"the probability of an edge must lie between 0 and 1, not {probability!r}.")
    return _whole("the number of workers", workers, 2), float(probability), _whole("the seed", seed, 0)


def _random_regular(workers: int, degree: int, seed: int) -> Sizes:
    workers, degree = _whole("the number of workers", workers, 2), _whole("the degree", degree, 1)
    if degree >= workers or workers * degree % 2:
        raise ValueError(
            f"{workers} workers of degree {degree} do not exist: "
            "the degree must be below the number of workers and their product even."
        )
    return degree, workers, _whole("the seed", seed, 0)


FAMILIES: dict[str, Family] = {
    "ring": Family(_at_least(3), lambda nx, n: nx.cycle_graph(n), "Every worker has two neighbours."),
    "ring_power": Family(
        _ring_power,
        lambda nx, n, power: nx.circulant_graph(n, range(1, power + 1)),
        "Every worker is joined to the next ``power`` workers on both sides of a ring.",
    ),
    "path": Family(_at_least(2), lambda nx, n: nx.path_graph(n), "A ring with one edge cut."),
    "complete": Family(_at_least(2), lambda nx, n: nx.complete_graph(n), "All workers are neighbours."),
    "star": Family(
        _at_least(2), lambda nx, n: nx.star_graph(n - 1), "All workers are neighbours of worker 0 only."
    ),
    "torus": Family(
        _torus,
        lambda nx, rows, columns: nx.grid_2d_graph(rows, columns, periodic=True),
        "Rows and columns that close, ``rows`` of them; both at least 3.",
    ),
    "grid": Family(
        _grid,
        lambda nx, rows, columns: nx.grid_2d_graph(rows, columns),
        "Rows and columns that end, ``rows`` of them.",
    ),
    "hypercube": Family(
        _hypercube,
        lambda nx, dimension: nx.grid_graph([2] * dimension),
        "A power of two of workers; neighbours differ in one bit.",
    ),
    "complete_bipartite": Family(
        _complete_bipartite,
        lambda nx, left, right: nx.complete_bipartite_graph(left, right),
        "Two sides, ``left`` workers on one; every worker is joined to the other side.",
    ),
    "petersen": Family(_petersen, lambda nx: nx.petersen_graph(), "The Petersen graph, of 10 workers."),
    "barbell": Family(
        _two_halves, lambda nx, half: nx.barbell_graph(half, 0), "Two complete halves, joined by one edge."
    ),
    "erdos_renyi": Family(
        _erdos_renyi,
        lambda nx, n, p, seed: nx.gnp_random_graph(n, p, seed),
        "Each edge is there with a ``probability``, by a ``seed``; it may be disconnected.",
    ),
    "random_regular": Family(
        _random_regular,
        lambda nx, degree, n, seed: nx.random_regular_graph(degree, n, seed),
        "A random graph in which every worker has ``degree`` neighbours, by a ``seed``.",
    ),
    "disconnected": Family(
        _two_halves,
        lambda nx, half: nx.disjoint_union(nx.cycle_graph(half), nx.cycle_graph(half)),
        "Two rings that do not hear of each other, for controls.",
    ),
}
