"""Random streams by name: they depend on the seed and on the case, on nothing else."""

import hashlib

import numpy as np

from simlab.kernels.arrays import Stream
from simlab.kernels.random import streams


def entropy(seed: int, key: str) -> list[int]:
    """The seed's and the case's words, from which all its randomness is derived."""
    digest = hashlib.sha256(key.encode()).digest()
    return [seed, *(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))]


def run_states(seed: int, key: str, first: int, count: int) -> Stream:
    """Generator states of the runs ``first``, ..., ``first + count - 1`` of a case."""
    return streams(entropy(seed, key), first, count)


def generator(seed: int, key: str, batch: int) -> np.random.Generator:
    """NumPy's generator for one batch of an experiment."""
    return np.random.default_rng(np.random.SeedSequence(entropy(seed, key), spawn_key=(batch,)))
