"""The random source of all kernels: eight interleaved xoshiro256++ generators for each run.

The state of one run is ``rng``, uint64 of shape (STATE_ROWS, 8), C-contiguous:

- rows 0-3: the four state words of the eight generators (column = generator);
- row 4: eight output words, of which the first ``rng[5, 0]`` have been used;
- row 5: the two counters, the rest is spare;
- rows 6-7: sixteen standard normals as bit patterns, of which the first ``rng[5, 1]`` have been used.

Words and normals are two sequences: neither depends on how it is divided into calls, so that filling 3 and
then 5 normals gives the same numbers as filling 8. Copying ``rng`` copies the whole future of a run.
Compiled and plain Python kernels give the same numbers to the last bit, since nothing here calls libm. In
plain Python call them under ``np.errstate(all="ignore")``: NumPy warns when uint64 scalars wrap around.

Sources: Blackman & Vigna 2021, Scrambled linear pseudorandom number generators, Figure 3 (xoshiro256++);
Lemire 2019, Fast random integer generation in an interval (bounded integers); Box & Muller 1958 (normals).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel

LANES = 8
STATE_ROWS = 8
WORDS, COUNTERS, NORMALS = 4, 5, 6  # rows of the state

# Mixed int64 and uint64 arithmetic is float64 in NumPy and in numba: every constant below is a uint64.
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
EMPTY_WORDS, EMPTY_NORMALS = np.uint64(LANES), np.uint64(2 * LANES)
ROTATE_23, ROTATE_41, ROTATE_45, ROTATE_19 = np.uint64(23), np.uint64(41), np.uint64(45), np.uint64(19)
SHIFT_11, SHIFT_12, SHIFT_17 = np.uint64(11), np.uint64(12), np.uint64(17)
SHIFT_32, SHIFT_52, SHIFT_63 = np.uint64(32), np.uint64(52), np.uint64(63)
LOW_32 = np.uint64(0xFFFFFFFF)
TWO_32 = np.uint64(1 << 32)


def streams(entropy: Sequence[int], first: int, count: int) -> NDArray[np.uint64]:
    """Initial states of the runs first, ..., first + count - 1: uint64 of shape (count, STATE_ROWS, 8).

    The 32 seed words of run r are outputs 32 r, ..., 32 r + 31 of the counter-based generator Philox4x64
    (four words a count) whose key comes from ``SeedSequence(entropy)``. So the state of a run depends on
    ``entropy`` and its number only: more runs never change earlier ones.
    """
    key = np.random.SeedSequence(entropy).generate_state(2, np.uint64)
    words = np.random.Philox(key=key, counter=first * LANES).random_raw(count * 4 * LANES)
    states = np.zeros((count, STATE_ROWS, LANES), np.uint64)
    states[:, :4] = words.reshape(count, 4, LANES)
    states[:, COUNTERS, 0] = EMPTY_WORDS
    states[:, COUNTERS, 1] = EMPTY_NORMALS
    return states


@kernel
def refill_words(rng: Stream) -> None:
    """Eight fresh words in row 4, one of each generator."""
    for lane in range(LANES):
        s0, s1, s2, s3 = rng[0, lane], rng[1, lane], rng[2, lane], rng[3, lane]
        total = s0 + s3
        rng[WORDS, lane] = ((total << ROTATE_23) | (total >> ROTATE_41)) + s0
        shifted = s1 << SHIFT_17
        s2 ^= s0
        s3 ^= s1
        rng[0, lane] = s0 ^ s3
        rng[1, lane] = s1 ^ s2
        rng[2, lane] = s2 ^ shifted
        rng[3, lane] = (s3 << ROTATE_45) | (s3 >> ROTATE_19)
    rng[COUNTERS, 0] = ZERO


@kernel
def next_word(rng: Stream) -> np.uint64:
    """64 independent uniform bits."""
    if rng[COUNTERS, 0] == EMPTY_WORDS:
        refill_words(rng)
    used = rng[COUNTERS, 0]
    rng[COUNTERS, 0] = used + ONE
    return rng[WORDS, used]


@kernel
def uniform(rng: Stream) -> float:
    """Uniform on the multiples of 2^-53 in [0, 1)."""
    return float(next_word(rng) >> SHIFT_11) * 2.0**-53


@kernel
def integer_below(rng: Stream, n: int) -> int:
    """Uniform on 0, ..., n - 1, exactly, for 1 <= n < 2^63."""
    bound = np.uint64(n)
    if bound < TWO_32:
        product = (next_word(rng) >> SHIFT_32) * bound
        if product & LOW_32 < bound:
            threshold = (TWO_32 - bound) % bound
            while product & LOW_32 < threshold:
                product = (next_word(rng) >> SHIFT_32) * bound
        return int(np.int64(product >> SHIFT_32))
    word = next_word(rng)
    while word < (ZERO - bound) % bound:  # 2^64 mod n words too many
        word = next_word(rng)
    return int(np.int64(word % bound))


@kernel
def refill_normals(rng: Stream) -> None:
    """Sixteen fresh normals in rows 6 and 7, from sixteen words: eight radii, then eight angles."""
    refill_words(rng)
    values = rng[NORMALS:].view(np.float64)
    for lane in range(LANES):
        values[0, lane] = math.sqrt(-2.0 * math.log(1.0 - float(rng[WORDS, lane] >> SHIFT_11) * 2.0**-53))
    refill_words(rng)
    for lane in range(LANES):
        angle = float(rng[WORDS, lane] >> SHIFT_11) * (2.0 * math.pi * 2.0**-53)
        radius = values[0, lane]
        values[0, lane] = radius * math.cos(angle)
        values[1, lane] = radius * math.sin(angle)
    rng[COUNTERS, 0] = EMPTY_WORDS
    rng[COUNTERS, 1] = ZERO


@kernel
def normal(rng: Stream) -> float:
    """A standard normal number."""
    if rng[COUNTERS, 1] == EMPTY_NORMALS:
        refill_normals(rng)
    used = rng[COUNTERS, 1]
    rng[COUNTERS, 1] = used + ONE
    return rng[NORMALS:].view(np.float64)[used // np.uint64(LANES), used % np.uint64(LANES)]


@kernel
def fill_normals(rng: Stream, out: Vector) -> None:
    """Independent standard normal numbers."""
    for i in range(out.size):
        out[i] = normal(rng)


@kernel
def fill_signs(rng: Stream, out: Vector) -> None:
    """Independent fair signs, -1.0 or 1.0; 64 of them from a word, the unused bits of the last one are lost."""
    word = ZERO
    for i in range(out.size):
        if i % 64 == 0:
            word = next_word(rng)
        out[i] = 1.0 - 2.0 * float(word & ONE)
        word >>= ONE


@kernel
def fill_uniforms(rng: Stream, out: Vector) -> None:
    """Independent uniforms: the same numbers as by :func:`uniform`."""
    for i in range(out.size):
        out[i] = uniform(rng)


@kernel
def shuffle(rng: Stream, order: Integers) -> None:
    """Permutes ``order`` uniformly at random (Fisher-Yates)."""
    for last in range(order.size - 1, 0, -1):
        other = integer_below(rng, last + 1)
        order[last], order[other] = order[other], order[last]
