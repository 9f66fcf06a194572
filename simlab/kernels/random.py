"""The random source of all kernels: eight interleaved xoshiro256++ generators for each run.

The state of one run is ``rng``, uint64 of shape (STATE_ROWS, 8), C-contiguous:

- rows 0-3: the four state words of the eight generators (column = generator);
- row 4: two counters, how many of the words and of the normals below have been used; the rest is spare;
- rows 5-6: sixteen standard normals as bit patterns;
- rows 7-10: thirty-two output words.

Words and normals are two sequences: neither depends on how it is divided into calls, so that filling 3 and
then 5 normals gives the same numbers as filling 8. Copying ``rng`` copies the whole future of a run.
Compiled and plain Python kernels give the same numbers to the last bit, since nothing here calls libm: the
logarithm, sine and cosine are polynomials, and IEEE 754 fixes every operation that evaluates them (the square
root included). In plain Python call the kernels under ``np.errstate(all="ignore")``: NumPy warns when uint64
scalars wrap around.

The loops over the eight generators are written so that the compiler turns them into vector instructions. It
does when it knows the shape, which is why a refill says it first (no state has any other); and it does not when
it unrolls a short loop first, which is why a refill makes several words of each generator at once.

Sources: Blackman & Vigna 2021, Scrambled linear pseudorandom number generators, Figure 3 (xoshiro256++);
Lemire 2019, Fast random integer generation in an interval (bounded integers); Box & Muller 1958 (normals);
the C library FreeBSD msun, files e_log.c, k_sin.c and k_cos.c (coefficients of the polynomials).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simlab.kernels.arrays import Integers, Stream, Vector
from simlab.kernels.compilation import kernel

LANES = 8
STATE_ROWS = 11
COUNTERS, NORMALS, WORDS = 4, 5, 7  # rows of the state
NORMAL_ROWS, WORD_ROWS = WORDS - NORMALS, STATE_ROWS - WORDS
BUFFERED_NORMALS, BUFFERED_WORDS = LANES * NORMAL_ROWS, LANES * WORD_ROWS

# Mixed int64 and uint64 arithmetic is float64 in NumPy and in numba: every constant below is a uint64.
ZERO, ONE, THREE, SEVEN = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(7)
FIRST_NORMALS, ALL_NORMALS, WORD_BITS = np.uint64(NORMALS), np.uint64(BUFFERED_NORMALS), np.uint64(64)
ROTATE_23, ROTATE_41, ROTATE_45, ROTATE_19 = np.uint64(23), np.uint64(41), np.uint64(45), np.uint64(19)
SHIFT_11, SHIFT_12, SHIFT_17 = np.uint64(11), np.uint64(12), np.uint64(17)
SHIFT_32, SHIFT_52, SHIFT_63 = np.uint64(32), np.uint64(52), np.uint64(63)
LOW_32 = np.uint64(0xFFFFFFFF)
TWO_32 = np.uint64(1 << 32)

# Bit patterns of float64 numbers.
FRACTION = np.uint64((1 << 52) - 1)
BITS_OF_ONE = np.uint64(0x3FF0000000000000)
BITS_OF_ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)  # sqrt(1/2)
BITS_OF_TWO_52 = np.uint64(0x4330000000000000)
ONE_OVER_ROOT_HALF = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
TWO_52 = 2.0**52
EXPONENT_BIAS = 1023.0

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LOG_3, LOG_5, LOG_7 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01
LOG_9, LOG_11, LOG_13 = 2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01
LOG_15 = 1.479819860511658591e-01
HALF_PI = 0.5 * math.pi
SIN_3, SIN_5, SIN_7 = -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04
SIN_9, SIN_11, SIN_13 = 2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10
COS_4, COS_6, COS_8 = 4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05
COS_10, COS_12, COS_14 = -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11


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
    states[:, COUNTERS, 0] = BUFFERED_WORDS
    states[:, COUNTERS, 1] = BUFFERED_NORMALS
    return states


@kernel
def scrambled(s0: np.uint64, s3: np.uint64) -> np.uint64:
    """The output word of a generator in the state (s0, s1, s2, s3)."""
    total = s0 + s3
    return ((total << ROTATE_23) | (total >> ROTATE_41)) + s0


@kernel
def advanced(
    s0: np.uint64, s1: np.uint64, s2: np.uint64, s3: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """The state after (s0, s1, s2, s3)."""
    t2, t3 = s2 ^ s0, s3 ^ s1
    return s0 ^ t3, s1 ^ t2, t2 ^ (s1 << SHIFT_17), (t3 << ROTATE_45) | (t3 >> ROTATE_19)


@kernel
def refill_words(rng: Stream) -> None:
    """Thirty-two fresh words, four of each generator."""
    if rng.shape[1] != LANES:
        return
    for lane in range(LANES):
        s0, s1, s2, s3 = rng[0, lane], rng[1, lane], rng[2, lane], rng[3, lane]
        rng[WORDS, lane] = scrambled(s0, s3)
        s0, s1, s2, s3 = advanced(s0, s1, s2, s3)
        rng[WORDS + 1, lane] = scrambled(s0, s3)
        s0, s1, s2, s3 = advanced(s0, s1, s2, s3)
        rng[WORDS + 2, lane] = scrambled(s0, s3)
        s0, s1, s2, s3 = advanced(s0, s1, s2, s3)
        rng[WORDS + 3, lane] = scrambled(s0, s3)
        s0, s1, s2, s3 = advanced(s0, s1, s2, s3)
        rng[0, lane], rng[1, lane], rng[2, lane], rng[3, lane] = s0, s1, s2, s3
    rng[COUNTERS, 0] = ZERO


@kernel
def next_word(rng: Stream) -> np.uint64:
    """64 independent uniform bits."""
    used = int(np.int64(rng[COUNTERS, 0]))
    if used == BUFFERED_WORDS:
        refill_words(rng)
        used = 0
    rng[COUNTERS, 0] = np.uint64(used + 1)
    return rng[WORDS + (used >> 3), used & 7]


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
def log_unit(u: float) -> float:
    """log(u) for normal numbers 0 < u <= 1, within 1 unit in the last place.

    u = 2^e m with sqrt(1/2) <= m < sqrt(2); then log m = 2 artanh(s) with s = f / (2 + f), f = m - 1.
    """
    shifted = np.float64(u).view(np.uint64) + ONE_OVER_ROOT_HALF
    e = np.uint64((shifted >> SHIFT_52) | BITS_OF_TWO_52).view(np.float64) - (TWO_52 + EXPONENT_BIAS)
    f = np.uint64((shifted & FRACTION) + BITS_OF_ROOT_HALF).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = z * (LOG_3 + w * (LOG_7 + w * (LOG_11 + w * LOG_15)))
    even = w * (LOG_5 + w * (LOG_9 + w * LOG_13))
    half_square = 0.5 * f * f
    return e * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + e * LN2_LOW)) - f)


@kernel
def sine(a: float) -> float:
    """sin(a) for |a| <= pi/4, within 1 unit in the last place."""
    z = a * a
    w = z * z
    tail = (SIN_3 + z * SIN_5) + w * (SIN_7 + z * SIN_9) + w * w * (SIN_11 + z * SIN_13)
    return a + a * z * tail


@kernel
def cosine(a: float) -> float:
    """cos(a) for |a| <= pi/4, within 1 unit in the last place."""
    z = a * a
    w = z * z
    tail = (COS_4 + z * COS_6) + w * (COS_8 + z * COS_10) + w * w * (COS_12 + z * COS_14)
    return 1.0 - (0.5 * z - w * tail)


@kernel
def refill_normals(rng: Stream) -> None:
    """Sixteen fresh normals: the coordinates of eight points in the plane, by Box and Muller's transformation.

    The first word of a point gives its radius. Bits 12 to 63 of the second give an angle in [-pi/4, pi/4); its
    bit 0 decides whether the point is rotated by pi, and its bit 1 whether the coordinates change places.
    """
    if rng.shape[1] != LANES:
        return
    for lane in range(LANES):
        s0, s1, s2, s3 = rng[0, lane], rng[1, lane], rng[2, lane], rng[3, lane]
        word = scrambled(s0, s3)
        s0, s1, s2, s3 = advanced(s0, s1, s2, s3)
        rng[NORMALS + 1, lane] = scrambled(s0, s3)
        s0, s1, s2, s3 = advanced(s0, s1, s2, s3)
        rng[0, lane], rng[1, lane], rng[2, lane], rng[3, lane] = s0, s1, s2, s3
        u = 2.0 - np.uint64((word >> SHIFT_12) | BITS_OF_ONE).view(np.float64)  # uniform on (0, 1]
        rng[NORMALS, lane] = np.float64(math.sqrt(-2.0 * log_unit(u))).view(np.uint64)
    for lane in range(LANES):
        word = rng[NORMALS + 1, lane]
        radius = np.uint64(rng[NORMALS, lane]).view(np.float64)
        angle = (np.uint64((word >> SHIFT_12) | BITS_OF_ONE).view(np.float64) - 1.5) * HALF_PI
        one = np.float64(radius * cosine(angle)).view(np.uint64)
        other = np.float64(radius * sine(angle)).view(np.uint64)
        swap = (one ^ other) & (ZERO - ((word >> ONE) & ONE))
        flip = word << SHIFT_63
        rng[NORMALS, lane] = one ^ swap ^ flip
        rng[NORMALS + 1, lane] = other ^ swap ^ flip
    rng[COUNTERS, 1] = ZERO


@kernel
def normal(rng: Stream) -> float:
    """A standard normal number."""
    used = int(np.int64(rng[COUNTERS, 1]))
    if used == BUFFERED_NORMALS:
        refill_normals(rng)
        used = 0
    rng[COUNTERS, 1] = np.uint64(used + 1)
    return np.uint64(rng[NORMALS + (used >> 3), used & 7]).view(np.float64)


@kernel
def fill_normals(rng: Stream, out: Vector, scale: float = 1.0) -> None:
    """Independent normal numbers of standard deviation ``scale``: the same as by :func:`normal`, times scale."""
    if rng.shape[1] != LANES:
        return
    # Unsigned, because numba asks of every signed index whether it counts from the end.
    used, done, size = rng[COUNTERS, 1], ZERO, np.uint64(out.size)
    while done < size:
        if used == ALL_NORMALS:
            refill_normals(rng)
            used = ZERO
        count = min(ALL_NORMALS - used, size - done)
        for i in range(count):
            j = used + np.uint64(i)
            drawn = np.uint64(rng[FIRST_NORMALS + (j >> THREE), j & SEVEN]).view(np.float64)
            out[done + np.uint64(i)] = scale * drawn
        used += count
        done += count
    rng[COUNTERS, 1] = used


@kernel
def fill_signs(rng: Stream, out: Vector, scale: float = 1.0) -> None:
    """Independent fair signs, -scale or scale; 64 of them from a word, the unused bits of the last one are lost."""
    done, size, magnitude = ZERO, np.uint64(out.size), np.float64(scale).view(np.uint64)
    while done < size:
        word = next_word(rng)
        count = min(WORD_BITS, size - done)
        for i in range(count):
            sign = (word >> np.uint64(i)) << SHIFT_63
            out[done + np.uint64(i)] = np.uint64(magnitude ^ sign).view(np.float64)
        done += count


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
