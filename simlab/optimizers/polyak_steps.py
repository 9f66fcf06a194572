"""Stochastic gradient descent whose step size comes from the value of the term that is drawn."""

from simlab.kernels.arrays import Matrix, Vector
from simlab.kernels.compilation import kernel
from simlab.kernels.oracle import Data, Oracle, stochastic_gradient
from simlab.optimizers.line_search import square
from simlab.vocabulary.method import method


@method(parameters=("scale", "largest_step"), needs=("value", "component"))
@kernel
def stochastic_polyak_step(k: int, x: Vector, memory: Matrix, parameters: Vector, oracle: Oracle) -> None:
    """x+ = x - min(f_i(x) / (scale * |g|^2), largest_step) * g, with g = grad f_i(x) for the drawn term i

    For losses that are not below 0, which is taken for the least value of each. It stays where g = 0. The noise is
    a minibatch of one term, and a row of the problem's table is a term. Loizou, Vaswani, Laradji & Lacoste-Julien
    2021, (3).
    """
    gradient, data = memory[0], oracle.objective.data
    stochastic_gradient(oracle, k, x, gradient)
    slope, i = square(gradient), int(oracle.sample[0])
    if slope == 0.0:
        return
    value = oracle.objective.value(Data(data.scalars, data.table[i : i + 1]), x)
    step = min(value / (parameters[0] * slope), parameters[1])
    for j in range(x.size):
        x[j] -= step * gradient[j]
