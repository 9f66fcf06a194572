"""Tiers: how much of the domain is run, and how many runs may be spent on a case."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A budget.

    ``values`` thins each axis of a domain, ``instances`` the gallery of each problem family, ``runs`` limits
    the sampled runs of a case; ``all_noise`` checks every noise model on every case instead of in turn.
    """

    name: str
    values: int
    instances: int
    runs: int
    all_noise: bool


QUICK = Tier("quick", values=2, instances=1, runs=16_384, all_noise=False)
DEFAULT = Tier("default", values=6, instances=3, runs=65_536, all_noise=False)
FULL = Tier("full", values=1_000, instances=1_000, runs=1_048_576, all_noise=True)
TIERS = {tier.name: tier for tier in (QUICK, DEFAULT, FULL)}
