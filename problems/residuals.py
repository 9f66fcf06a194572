"""Nonlinear least squares: f = |r|^2 / (2n).

Besides the gradients r_i grad r_i of its n terms, a problem gives those of the residuals themselves, grad r_i, as
its components n, ..., 2n - 1.
"""

import math
from collections.abc import Sequence

import numpy as np

from simlab.errors import InputError
from simlab.kernels.arrays import Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data
from simlab.vocabulary.assumptions import BoundedBelow, FiniteSum
from simlab.vocabulary.problem import Problem, problem

# Curved residuals, scalars c_j: r_(2j) = x_j and r_(2j+1) = x_j^2 / 2 - c_j.


@kernel
def curved_value(data: Data, x: Vector) -> float:
    """sum of x_j^2 + (x_j^2 / 2 - c_j)^2, over 2n."""
    total = 0.0
    for j in range(x.size):
        total += x[j] ** 2 + (0.5 * x[j] ** 2 - data.scalars[j]) ** 2
    return total / (4.0 * x.size)


@kernel
def curved_gradient(data: Data, x: Vector, out: Vector) -> None:
    """x_j (1 + x_j^2 / 2 - c_j) / n."""
    for j in range(x.size):
        out[j] = x[j] * (1.0 + 0.5 * x[j] ** 2 - data.scalars[j]) / (2.0 * x.size)


@kernel
def curved_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """r_i grad r_i for i < n, and grad r_(i-n) beyond."""
    n = 2 * x.size
    j, bent = (i % n) // 2, i % 2 == 1
    slope = x[j] if bent else 1.0
    residual = 0.5 * x[j] ** 2 - data.scalars[j] if bent else x[j]
    for m in range(x.size):
        out[m] = 0.0
    out[j] = slope * residual if i < n else slope


@problem(
    value=curved_value,
    gradient=curved_gradient,
    component=curved_component,
    gallery=({"targets": (0.3, 0.8), "start": 0.1},),
    formula=r"f(x) = \frac1{2n} \sum_j x_j^2 + (x_j^2 / 2 - c_j)^2",
)
def curved_residuals(targets: Sequence[float] = (0.5,), start: float = 0.1) -> Problem:
    """Residuals x_j and x_j^2/2 - c_j with the ``targets`` c_j: curved, and not 0 at the minimum.

    The minimizer is 0 in coordinates with c_j <= 1, and sqrt(2 (c_j - 1)) in others.
    """
    c = np.asarray(targets, dtype=np.float64)
    if not (c.size and start > 0):
        raise InputError("curved_residuals: give at least one target, and a start above 0.")
    minimizer = np.sqrt(2 * np.maximum(c - 1, 0))
    n = 2 * c.size
    return Problem(
        scalars=c,
        start=np.full(c.size, start),
        minimizer=minimizer,
        minimum=float(np.sum(minimizer**2 + (minimizer**2 / 2 - c) ** 2)) / (2 * n),
        assumptions=(BoundedBelow(), FiniteSum(n)),
    )


# One residual that bends: scalars sigma and M. Its slope is sigma - M |x| up to |x| = 2 sigma/(3 M), and constant
# beyond.


@kernel
def bent_slope(data: Data, x: Vector) -> float:
    """r'(x)."""
    return data.scalars[0] - data.scalars[1] * min(abs(x[0]), 2.0 * data.scalars[0] / (3.0 * data.scalars[1]))


@kernel
def bent_residual_at(data: Data, x: Vector) -> float:
    """r(x)."""
    slope, bend = data.scalars[0], data.scalars[1]
    inner = min(abs(x[0]), 2.0 * slope / (3.0 * bend))
    size = slope * inner - 0.5 * bend * inner**2 + (abs(x[0]) - inner) * (slope - bend * inner)
    return size if x[0] > 0.0 else -size


@kernel
def bent_value(data: Data, x: Vector) -> float:
    """r(x)^2 / 2."""
    return 0.5 * bent_residual_at(data, x) ** 2


@kernel
def bent_gradient(data: Data, x: Vector, out: Vector) -> None:
    """r(x) r'(x)."""
    out[0] = bent_residual_at(data, x) * bent_slope(data, x)


@kernel
def bent_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """r r' for i = 0, and r' beyond."""
    out[0] = bent_slope(data, x) * (bent_residual_at(data, x) if i == 0 else 1.0)


@problem(
    value=bent_value,
    gradient=bent_gradient,
    component=bent_component,
    gallery=({},),
    formula=r"f(x) = \tfrac12 r(x)^2, \quad r(0) = 0, \quad r'(x) = \sigma - M \min(|x|, 2\sigma/(3M))",
)
def bent_residual(slope: float = 1.0, bend: float = 1.0, start: float = 0.5) -> Problem:
    """One residual, 0 at its minimizer 0, where its ``slope`` sigma is largest; the slope changes by ``bend``
    M.

    Linearized anywhere it is least true at the minimizer: the worst case for Gauss-Newton's method.
    """
    if not (slope > 0 and bend > 0):
        raise InputError("bent_residual: slope and bend must be above 0.")
    return Problem(
        scalars=[slope, bend],
        start=[start],
        minimizer=[0.0],
        minimum=0.0,
        assumptions=(BoundedBelow(), FiniteSum(1)),
    )


# A network with one hidden layer: rows of the table are (features, label), scalars are the fixed output weights and
# then whether the units are linear.


@kernel
def hidden(data: Data, i: int, unit: int, x: Vector) -> float:
    """The input of a hidden unit for example i."""
    features = data.table.shape[1] - 1
    total = 0.0
    for j in range(features):
        total += x[unit * features + j] * data.table[i, j]
    return total


@kernel
def network_residual(data: Data, i: int, x: Vector) -> float:
    """u(x; a_i) - y_i."""
    features = data.table.shape[1] - 1
    units = x.size // features
    total = -data.table[i, features]
    for unit in range(units):
        t = hidden(data, i, unit, x)
        total += data.scalars[unit] * (t if data.scalars[units] != 0.0 else math.tanh(t))
    return total


@kernel
def network_component(data: Data, i: int, x: Vector, out: Vector) -> None:
    """r_i grad r_i for i < n, and grad r_(i-n) beyond."""
    n, features = data.table.shape[0], data.table.shape[1] - 1
    units, row = x.size // features, i % n
    scale = network_residual(data, row, x) if i < n else 1.0
    for unit in range(units):
        slope = 1.0 if data.scalars[units] != 0.0 else 1.0 - math.tanh(hidden(data, row, unit, x)) ** 2
        for j in range(features):
            out[unit * features + j] = scale * data.scalars[unit] * slope * data.table[row, j]


@kernel
def network_value(data: Data, x: Vector) -> float:
    """sum of r_i^2, over 2n."""
    total = 0.0
    for i in range(data.table.shape[0]):
        total += network_residual(data, i, x) ** 2
    return total / (2.0 * data.table.shape[0])


@kernel
def network_gradient(data: Data, x: Vector, out: Vector) -> None:
    """sum of r_i grad r_i, over n."""
    n, features = data.table.shape[0], data.table.shape[1] - 1
    units = x.size // features
    for m in range(x.size):
        out[m] = 0.0
    for i in range(n):
        residual = network_residual(data, i, x) / n
        for unit in range(units):
            slope = 1.0 if data.scalars[units] != 0.0 else 1.0 - math.tanh(hidden(data, i, unit, x)) ** 2
            for j in range(features):
                out[unit * features + j] += residual * data.scalars[unit] * slope * data.table[i, j]


@problem(
    value=network_value,
    gradient=network_gradient,
    component=network_component,
    gallery=({"terms": 4, "features": 3, "units": 20},),
    formula=r"f(w) = \frac1{2n} \sum_{i=1}^n \Bigl(\sum_{u=1}^m \pm m^{-1/2} \tanh(w_u^\top a_i) - y_i\Bigr)^2",
)
def hidden_layer(
    terms: int = 4, features: int = 3, units: int = 20, linear: bool = False, rank: int = 0, seed: int = 1
) -> Problem:
    """A network with one hidden layer of ``units`` tanh (or linear) units, whose input weights are trained from
    normal ones; output weights are +-1/sqrt(units). Features and labels are normal, features of length 1.

    ``rank`` above 0 repeats the first examples' features after that many, with other labels: no weights fit these.
    """
    if not (terms >= 1 and features >= 1 and units >= 1):
        raise InputError("hidden_layer: terms, features and units must be at least 1.")
    random = np.random.default_rng(seed)
    rows = random.standard_normal((terms, features))
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    if rank:
        rows = rows[np.arange(terms) % rank]
    signs = np.where(np.arange(units) % 2 == 0, 1.0, -1.0) / math.sqrt(units)
    return Problem(
        scalars=[*signs, float(linear)],
        table=np.column_stack([rows, random.standard_normal(terms)]),
        start=random.standard_normal(units * features),
        minimizer=None,
        minimum=0.0,
        assumptions=(BoundedBelow(), FiniteSum(terms)),
    )
