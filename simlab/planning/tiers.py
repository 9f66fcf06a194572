"""Tiers: how much of the domain is run, and how many runs may be spent on a case."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A budget.

    ``values`` thins each axis of a domain, ``instances`` the gallery of each problem family, ``runs`` limits
    the sampled runs of a case; ``all_noise`` checks every noise model on every case instead of in turn.
    ``sharpness`` multiplies the slack of a theorem where it is said to be exact: on attaining instances and
    for laws, where a constant that is wrong by a few per cent must show.
    """

    name: str
    values: int
    instances: int
    runs: int
    all_noise: bool
    sharpness: float


QUICK = Tier("quick", values=2, instances=1, runs=16_384, all_noise=False, sharpness=1.0)
DEFAULT = Tier("default", values=6, instances=4, runs=65_536, all_noise=False, sharpness=0.5)
FULL = Tier("full", values=1_000, instances=1_000, runs=1_048_576, all_noise=True, sharpness=0.1)
TIERS = {tier.name: tier for tier in (QUICK, DEFAULT, FULL)}
