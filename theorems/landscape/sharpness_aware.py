"""Sharpness-aware minimization: where it ends."""

from problems.quadratic import quadratic
from simlab.kernels.quantities import suboptimality
from simlab.optimizers.first_order import gradient_descent
from simlab.optimizers.landscape import sam
from simlab.vocabulary.assumptions import Quadratic, Smooth
from simlab.vocabulary.claim import limit
from simlab.vocabulary.theorem import grid, theorem


@theorem(
    method=sam(step_size=lambda h, L: h / L, radius=lambda radius: radius),
    assumes=Quadratic & Smooth,
    measures=suboptimality.last,
    claim=limit(1e-9),
    domain=grid(
        spectrum=((1.0, 0.5), (1.0, 0.9, 0.1), (3.0,)),
        h=(0.05, 0.2, 0.8, 1.6),
        radius=(0.1, 1.0),
        k=(2000, 2001),
    ),
    on=quadratic.at(spectrum=lambda spectrum: spectrum, rotation=1),
    matched=False,
    source="Bartlett, Long & Bousquet 2023, on quadratics (the amplitude by solving the cycle)",
)
def sam_quadratic_bouncing(h, radius, L):
    """Sharpness-aware minimization with a constant radius does not converge to the minimizer of a quadratic: from
    almost every start it ends bouncing between two points w and -w on the eigenvector of the largest eigenvalue L,
    with |w| = h * radius / (2 - h) for the step size h/L, h < 2. The value there is the claim.

    It is a limit for exactly the largest eigenvalue, so it is checked on given spectra, with a generic basis.
    """
    return L / 2 * (h * radius / (2 - h)) ** 2


@sam_quadratic_bouncing.control(
    "2 in place of 2 - h", domain=grid(spectrum=((1.0, 0.5),), h=0.2, radius=0.1, k=2000)
)
def _(h, radius, L):
    return L / 2 * (h * radius / 2) ** 2


sam_quadratic_bouncing.control(
    "a start on the eigenvector of the second eigenvalue, where it stays",
    on=quadratic(spectrum=(1.0, 0.5), start=(0.0, 1.0)),
    domain=grid(h=0.2, radius=0.1, k=2000),
)
sam_quadratic_bouncing.control(
    "a step size above 2/L", method=sam(step_size=lambda L: 2.1 / L, radius=0.1),
    domain=grid(spectrum=((1.0, 0.5),), h=0.2, radius=0.1, k=2000),
)  # fmt: skip
sam_quadratic_bouncing.control(
    "gradient descent", method=gradient_descent(step_size=lambda h, L: h / L),
    domain=grid(spectrum=((1.0, 0.5),), h=0.2, radius=0.1, k=2000),
)  # fmt: skip
