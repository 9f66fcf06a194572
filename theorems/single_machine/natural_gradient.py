"""Gauss-Newton, natural gradient and K-FAC: curvature of the squared loss without second derivatives."""

from problems.linear_layer import linear_layer
from problems.residuals import bent_residual, curved_residuals, hidden_layer
from simlab.kernels.quantities import distance, max_norm, suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.kronecker import kfac_linear
from simlab.optimizers.newton_type import gauss_newton, natural_gradient
from simlab.vocabulary.assumptions import FiniteSum, Quadratic
from simlab.vocabulary.claim import law, limit
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=gauss_newton(residuals=lambda n: n),
    assumes=FiniteSum,
    measures=max_norm.last,
    claim=limit(1e-6),
    domain=grid(c=(0.1, 0.3, 0.8, 0.99, 1.5), k=(1, 2, 3, 5)),
    on=(
        curved_residuals.at(targets=lambda c: (c,), start=1e-5),
        curved_residuals.at(targets=lambda c: (c, 0.05, 0.5 * c), start=1e-5),
    ),
    matched=False,
    source="Dennis & Schnabel 1996, Theorem 10.2.1; Bjorck 1996, section 9.2.2",
)
def gauss_newton_local(k, c, x0):
    """Gauss-Newton near a stationary point x = 0 with the residuals x_j, x_j^2/2 - c_j: the error is multiplied by
    the spectral radius of (J'J)^-1 sum r_i (Hessian of r_i) in each step, which is the largest c_j. It converges
    for c < 1 only; where c = 1.5 the point is a maximum, and Gauss-Newton leaves it.

    The factor is that of these residuals, so registered problems are left out; seen from 1e-5, to 1e-6.
    """
    return c**k * x0


gauss_newton_local.control("half steps", method=gauss_newton(residuals=lambda n: n, step_size=0.5))
gauss_newton_local.control(
    "far from the minimizer",
    on=curved_residuals.at(targets=lambda c: (c,), start=1.0),
    domain=grid(c=0.3, k=(1, 5)),
)


@gauss_newton_local.control("quadratic convergence", domain=grid(c=0.3, k=(1, 2)))
def _(x0):
    return x0**2


bent = bent_residual.at(
    slope=lambda sigma: sigma, bend=lambda M: M, start=lambda far, sigma, M: far * sigma / M
)


@theorem(
    method=gauss_newton(residuals=lambda n: n),
    assumes=FiniteSum,
    measures=distance.last,
    domain=grid(sigma=(1.0, 3.0), M=(0.2, 1.0), far=(-0.3, 0.01, 0.3, 0.6), k=(1, 2, 3, 4)),
    on=(
        curved_residuals.at(targets=(0.0,), start=lambda far: abs(far)),
        curved_residuals.at(targets=(0.0, 0.0), start=lambda far: abs(far) / 2),
    ),
    where=lambda sigma, M, n: n == 1 or sigma == M == 1,
    attained_by=bent,
    at_least=0.999999,
    attained_at=grid(sigma=(1.0, 3.0), M=(0.2, 1.0), far=(-0.3, 0.3, 0.6), k=(1, 2, 3)),
    searches=bent,
    matched=False,
    source="Dennis & Schnabel 1996, Theorem 10.2.1, for residuals that vanish",
)
def gauss_newton_zero_residual(k, sigma, M, R):
    """Gauss-Newton where one point makes all residuals 0, its Jacobian there has the smallest singular value
    sigma, and J is M-Lipschitz: from within 2 sigma/(3 M) of it the distance r falls to at most M r^2/(2 (sigma
    - M r)) in each step. As fast as Newton's method, without second derivatives; what is left of the residuals
    decides, see gauss-newton-local.

    x+ - x* = J^+ (r(x*) - r(x) - J (x* - x)), where |J^+| <= 1/(sigma - M r) and what is linearized away is M
    r^2/2 at most. Equality where a single residual is steepest at the minimizer. sigma and M are parameters of
    the instance (both 1 for those with several residuals), so registered problems are left out.
    """
    r = R
    for _ in range(k):
        r = M * r**2 / (2 * (sigma - M * r))
    return r


gauss_newton_zero_residual.control(
    "a residual that is left at the minimizer",
    on=curved_residuals.at(targets=(0.3,), start=lambda far: abs(far)),
    domain=grid(sigma=1.0, M=1.0, far=0.01, k=(1, 2, 3)),
)
gauss_newton_zero_residual.control("half steps", method=gauss_newton(residuals=lambda n: n, step_size=0.5))


@gauss_newton_zero_residual.control("half of the Lipschitz constant")
def _(k, sigma, M, R):
    r = R
    for _ in range(k):
        r = M * r**2 / (4 * (sigma - M * r / 2))
    return r


natural = natural_gradient(residuals=lambda n: n, step_size=lambda eta: eta)
wide = hidden_layer.at(terms=5, features=6, units=200)


@theorem(
    method=natural,
    assumes=FiniteSum,
    measures=suboptimality.last,
    claim=law(1e-8),
    domain=grid(eta=(0.01, 0.1, 0.5, 0.9, 1.5), k=(1, 2, 3, 10)),
    on=(
        hidden_layer(terms=5, features=6, units=10, linear=True),
        hidden_layer(terms=1, units=1, linear=True),
        hidden_layer(terms=5, features=20, units=10, linear=True),
    ),
    matched=False,
    source="Zhang, Martens & Grosse 2019, section 2",
)
def natural_gradient_linear(k, eta, D):
    """Natural gradient descent on the squared loss of a linear model whose Jacobian has full row rank: all
    residuals are multiplied by 1 - eta in each step, whatever the data. It is about linear models, so
    registered problems are left out.
    """
    return (1 - eta) ** (2 * k) * D


natural_gradient_linear.control(
    "gradient descent", method=gradient_descent(step_size=lambda eta: eta), domain=grid(eta=0.5, k=10)
)
natural_gradient_linear.control("a network of tanh units", on=wide, domain=grid(eta=0.5, k=(1, 3)))


@theorem(
    method=natural,
    assumes=FiniteSum,
    measures=suboptimality.last,
    domain=grid(eta=(0.01, 0.1, 0.5), k=(1, 2, 3, 10, 100)),
    on=(wide, hidden_layer.at(terms=3, features=4, units=400, seed=2)),
    attained_by=wide,
    at_least=0.9,
    attained_at=grid(eta=0.01, k=(1, 2, 3)),
    matched=False,
    source="Zhang, Martens & Grosse 2019, Theorem 1",
)
def natural_gradient_network(k, eta, D):
    """Natural gradient descent on the squared loss of a wide network: |u - y|^2 falls by 1 - eta in each step, as
    long as the Jacobian changes little. Width decides whether it does, so registered problems are left out.
    """
    return (1 - eta) ** k * D


natural_gradient_network.control(
    "two examples with the same features and different labels",
    on=hidden_layer(terms=6, features=4, units=50, rank=5),
    domain=grid(eta=0.5, k=(10, 30)),
)
natural_gradient_network.control(
    "gradient descent",
    method=gradient_descent(step_size=lambda eta: eta),
    domain=grid(eta=0.1, k=(10, 100)),
)


@natural_gradient_network.control("a rate of (1 - eta)^3")
def _(k, eta, D):
    return (1 - eta) ** (3 * k) * D


@theorem(
    method=kfac_linear(inputs=lambda inputs: inputs, step_size=lambda eta: eta),
    assumes=Quadratic,
    measures=suboptimality.last,
    claim=law(1e-7),
    domain=grid(inputs=(1, 5, 20), outputs=(1, 4), spread=(1.0, 300.0), eta=(0.1, 0.5, 1.5), k=(1, 2, 3, 10)),
    on=linear_layer.at(
        terms=40, inputs=lambda inputs: inputs, outputs=lambda outputs: outputs, spread=lambda spread: spread
    ),
    matched=False,
    source="Martens & Grosse 2015, section 3; exact for one linear layer",
)
def kfac_linear_layer(k, eta, D):
    """K-FAC on one linear layer with the squared loss, where its factors I (x) A are the whole Fisher matrix: all
    errors are multiplied by 1 - eta in each step, whatever the inputs; eta = 1 is done in one step. It is about
    layers, so registered problems are left out.
    """
    return (1 - eta) ** (2 * k) * D


kfac_linear_layer.control(
    "outputs that are weighted differently: the Fisher matrix is another product",
    on=linear_layer(inputs=5, outputs=2, terms=40, output_weights=(1.0, 1.9)),
    domain=grid(inputs=5, outputs=2, spread=3.0, eta=0.5, k=(1, 3)),
)
kfac_linear_layer.control(
    "gradient descent",
    method=gradient_descent(step_size=lambda eta: eta),
    domain=grid(inputs=5, outputs=4, spread=3.0, eta=0.1, k=(1, 3)),
)
