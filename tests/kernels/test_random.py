"""The random source: its words, its laws, its accuracy, and the promise that compilation changes no bit."""

import hashlib
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simlab.kernels import random as source
from simlab.kernels.arrays import Stream, Vector
from simlab.kernels.compilation import jit_disabled, kernel
from simlab.kernels.random import (
    fill_normals,
    fill_signs,
    fill_uniforms,
    integer_below,
    next_word,
    normal,
    shuffle,
    streams,
    uniform,
)

ROOT = Path(__file__).resolve().parents[2]
MANY = 3_000 if jit_disabled() else 600_000
# Two-sided tests of statistics whose law is known; the seeds are fixed, so a test passes always or never.
SMALLEST_P = 1e-4
LARGEST_Z = stats.norm.isf(SMALLEST_P / 2)


@pytest.fixture(autouse=True)
def _wrapping_is_meant() -> Iterator[None]:
    """In plain Python NumPy warns when uint64 scalars wrap around."""
    with np.errstate(all="ignore"):
        yield


def stream(*entropy: int, run: int = 0) -> Stream:
    return streams(entropy, run, 1)[0]


def normals(count: int, *entropy: int) -> Vector:
    out = np.empty(count)
    fill_normals(stream(*entropy), out)
    return out


# --- words -------------------------------------------------------------------------------------------------------

MASK = 2**64 - 1


def rotated(word: int, by: int) -> int:
    return ((word << by) | (word >> (64 - by))) & MASK


def xoshiro(state: list[int]) -> int:
    """The next word of xoshiro256++, as Blackman & Vigna print it in C."""
    out = (rotated((state[0] + state[3]) & MASK, 23) + state[0]) & MASK
    shifted = (state[1] << 17) & MASK
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotated(state[3], 45)
    return out


def test_words_are_those_of_eight_interleaved_xoshiro_generators() -> None:
    rng = stream(1)
    generators = [[int(word) for word in rng[:4, lane]] for lane in range(8)]
    expected = [xoshiro(generators[i % 8]) for i in range(200)]
    assert [int(next_word(rng)) for _ in range(200)] == expected


def test_the_reference_agrees_with_a_published_value() -> None:
    """The first word from the state (1, 2, 3, 4): rotl(1 + 4, 23) + 1."""
    state = [1, 2, 3, 4]
    assert xoshiro(state) == 41943041
    assert state == [7, 0, 262146, 211106232532992]


def test_streams_depend_on_entropy_and_number_only() -> None:
    several = streams([3, 1], 0, 12)
    assert np.array_equal(several[5:9], streams([3, 1], 5, 4))
    assert np.array_equal(several[:4], streams([3, 1], 0, 4))
    assert len({state[:4].tobytes() for state in [*several, *streams([3, 2], 0, 12)]}) == 24


def test_a_copy_of_the_state_has_the_same_future() -> None:
    rng = stream(2)
    fill_normals(rng, np.empty(5))
    copy = rng.copy()
    ours, theirs = np.empty(50), np.empty(50)
    fill_normals(rng, ours)
    fill_normals(copy, theirs)
    assert np.array_equal(ours, theirs)
    assert next_word(rng) == next_word(copy)


@pytest.mark.parametrize("sizes", [(8,), (3, 5), (1,) * 8, (16, 1, 40, 7), (100, 100)], ids=str)
@pytest.mark.parametrize("fill", [fill_normals, fill_uniforms], ids=lambda k: k.__name__)
def test_numbers_do_not_depend_on_how_they_are_divided_into_calls(
    fill: object, sizes: tuple[int, ...]
) -> None:
    assert callable(fill)
    whole, rng = np.empty(sum(sizes)), stream(4)
    fill(stream(4), whole)
    parts = [np.empty(size) for size in sizes]
    for part in parts:
        fill(rng, part)
    assert np.array_equal(whole, np.concatenate(parts))


def test_single_numbers_are_those_of_the_filled_arrays() -> None:
    rng = stream(5)
    assert np.array_equal(normals(40, 5), [normal(rng) for _ in range(40)])
    filled, rng = np.empty(40), stream(5)
    fill_uniforms(stream(5), filled)
    assert np.array_equal(filled, [uniform(rng) for _ in range(40)])


def test_words_and_normals_are_two_sequences() -> None:
    """A word that is drawn between two normals is not one that they are made of, and does not change them."""
    rng, words = stream(6), stream(6)
    first = [int(next_word(words)) for _ in range(4)]
    mixed = [int(next_word(rng))]
    before = normal(rng)
    mixed += [int(next_word(rng)) for _ in range(3)]
    assert mixed == first
    after, alone = normal(rng), stream(6)
    next_word(alone)
    assert [before, after] == [normal(alone), normal(alone)]


def test_scale_multiplies_what_is_drawn() -> None:
    scaled, signs, plain = np.empty(40), np.empty(70), np.empty(70)
    fill_normals(stream(7), scaled, 0.3)
    assert np.array_equal(scaled, 0.3 * normals(40, 7))
    fill_signs(stream(7), plain)
    fill_signs(stream(7), signs, -2.5)
    assert np.array_equal(signs, -2.5 * plain)


# --- compiled and plain ------------------------------------------------------------------------------------------

DIGEST = """
import hashlib
import numpy as np
from simlab.kernels import random as source

def digest():
    sha = hashlib.sha256()
    for run in range(3):
        rng = source.streams([11], run, 1)[0]
        for size in (1, 16, 3, 40, 129):
            out, order = np.empty(size), np.arange(size)
            for fill in (source.fill_normals, source.fill_signs, source.fill_uniforms):
                fill(rng, out)
                sha.update(out.tobytes())
            source.shuffle(rng, order)
            numbers = [source.integer_below(rng, n) for n in (1, 7, 2**32 - 1, 2**32, 2**40, 2**62 + 1)]
            sha.update(order.tobytes() + repr(numbers).encode() + np.float64(source.normal(rng)).tobytes())
    return sha.hexdigest()

with np.errstate(all="ignore"):
    print(digest())
"""


def test_compiled_and_plain_kernels_give_the_same_bits() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", DIGEST],
            cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": disabled, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        ).stdout
        for disabled in ("0", "1")
    }  # fmt: skip
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2


# --- the functions that normals are made of ---------------------------------------------------------------------


log_unit, sine, cosine = source.log_unit, source.sine, source.cosine


@kernel
def logarithms(points: Vector, out: Vector) -> None:
    for i in range(points.size):
        out[i] = log_unit(points[i])


@kernel
def sines_and_cosines(points: Vector, sines: Vector, cosines: Vector) -> None:
    for i in range(points.size):
        sines[i], cosines[i] = sine(points[i]), cosine(points[i])


def in_last_places(found: Vector, exact: list[float]) -> Vector:
    """Errors in units in the last place."""
    return np.array([abs(f - e) / math.ulp(e) for f, e in zip(found, exact, strict=True)])


def test_the_logarithm_is_exact_to_the_last_places() -> None:
    random = np.random.default_rng(1)
    powers = 2.0 ** -np.arange(53.0)
    points = np.concatenate(
        [
            random.random(MANY // 30) + 2.0**-53,
            1 - random.integers(0, 1000, 200) * 2.0**-52,
            random.integers(1, 1000, 200) * 2.0**-52,
            powers, np.nextafter(powers, 1), math.sqrt(0.5) + np.arange(-9, 10) * 2.0**-53,
        ]
    )  # fmt: skip
    points = np.minimum(points, 1.0)
    out = np.empty_like(points)
    logarithms(points, out)
    # math.log is itself off by up to half a unit.
    assert in_last_places(out, [math.log(u) for u in points]).max() <= 1.5


def test_sine_and_cosine_are_exact_to_the_last_places() -> None:
    random = np.random.default_rng(2)
    points = np.concatenate(
        [random.uniform(-math.pi / 4, math.pi / 4, MANY // 30), [0.0, math.pi / 4, -math.pi / 4, 2.0**-53]]
    )
    sines, cosines = np.empty_like(points), np.empty_like(points)
    sines_and_cosines(points, sines, cosines)
    assert in_last_places(sines, [math.sin(a) for a in points]).max() <= 1.5
    assert in_last_places(cosines, [math.cos(a) for a in points]).max() <= 1.5


def test_a_wrong_coefficient_would_be_seen() -> None:
    points = np.linspace(-math.pi / 4, math.pi / 4, 101)
    wrong = [a + (source.SIN_3 * (1 + 1e-12)) * a**3 + (math.sin(a) - a + a**3 / 6) for a in points]
    assert in_last_places(np.array(wrong), [math.sin(a) for a in points]).max() > 1.5


# --- the normal law ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> Vector:
    with np.errstate(all="ignore"):
        return normals(MANY, 2024)


def test_normals_are_finite_and_different(sample: Vector) -> None:
    assert np.isfinite(sample).all()
    assert len(np.unique(sample)) == sample.size


@pytest.mark.parametrize("power", [1, 2, 3, 4, 5, 6, 8])
def test_moments(sample: Vector, power: int) -> None:
    def moment(k: int) -> float:
        return 0.0 if k % 2 else float(math.prod(range(1, k, 2)))

    error = math.sqrt((moment(2 * power) - moment(power) ** 2) / sample.size)
    assert abs(np.mean(sample**power) - moment(power)) < LARGEST_Z * error


def test_kolmogorov_and_smirnov_see_a_normal_law(sample: Vector) -> None:
    assert stats.kstest(sample, "norm").pvalue > SMALLEST_P


def test_kolmogorov_and_smirnov_would_see_another_law(sample: Vector) -> None:
    assert stats.kstest(sample * (1 + 6 / math.sqrt(sample.size)), "norm").pvalue < SMALLEST_P


@pytest.mark.parametrize("bins", [16, 256])
def test_chi_square_sees_a_normal_law(sample: Vector, bins: int) -> None:
    counts = np.bincount((stats.norm.cdf(sample) * bins).astype(int), minlength=bins)
    p = stats.chisquare(counts).pvalue
    assert SMALLEST_P < p < 1 - SMALLEST_P  # neither too far from uniform nor too near


@pytest.mark.parametrize("beyond", [2.0, 3.0, 4.0])
@pytest.mark.parametrize("side", [-1, 1])
def test_tails(sample: Vector, beyond: float, side: int) -> None:
    count = int(np.sum(side * sample > beyond))
    assert stats.binomtest(count, sample.size, stats.norm.sf(beyond)).pvalue > SMALLEST_P


def test_the_largest_of_all_is_as_large_as_it_should_be(sample: Vector) -> None:
    p = stats.norm.cdf(np.abs(sample).max()) * 2 - 1
    assert SMALLEST_P < p**sample.size < 1 - SMALLEST_P


@pytest.mark.parametrize("lag", [1, 2, 4, 8, 12, 16, 32])
def test_numbers_and_their_squares_are_uncorrelated(sample: Vector, lag: int) -> None:
    """Lag 8 joins the two coordinates of a point, lag 16 successive points of a generator."""
    for values in (sample, sample**2 - 1, np.sign(sample)):
        product = values[:-lag] * values[lag:]
        assert abs(product.mean()) < LARGEST_Z * product.std() / math.sqrt(product.size)


def test_the_two_coordinates_of_a_point_have_a_uniform_direction(sample: Vector) -> None:
    blocks = sample[: sample.size // 16 * 16].reshape(-1, 2, 8)
    turns = np.arctan2(blocks[:, 1], blocks[:, 0]).ravel() / (2 * math.pi) + 0.5
    assert stats.kstest(turns, "uniform").pvalue > SMALLEST_P
    squares = (blocks**2).sum(axis=1).ravel()
    assert stats.kstest(squares, stats.chi2(2).cdf).pvalue > SMALLEST_P


# --- signs, uniforms, integers, shuffles -------------------------------------------------------------------------


def test_signs_are_fair_at_every_place_of_a_word() -> None:
    rows = np.empty((MANY // 64, 64))
    rng = stream(12)
    for row in rows[: 40 if jit_disabled() else None]:
        fill_signs(rng, row)
    rows = rows[: 40 if jit_disabled() else None]
    assert set(np.unique(rows)) == {-1.0, 1.0}
    z = rows.mean(axis=0) * math.sqrt(len(rows))
    assert np.abs(z).max() < stats.norm.isf(SMALLEST_P / 2 / 64)
    pairs = (rows[:, :-1] * rows[:, 1:]).mean(axis=0) * math.sqrt(len(rows))
    assert np.abs(pairs).max() < stats.norm.isf(SMALLEST_P / 2 / 63)


def test_uniforms_are_uniform_on_a_grid() -> None:
    out = np.empty(MANY)
    fill_uniforms(stream(13), out)
    assert out.min() >= 0
    assert out.max() < 1
    assert np.array_equal(np.floor(out * 2.0**53), out * 2.0**53)
    assert stats.kstest(out, "uniform").pvalue > SMALLEST_P


@kernel
def draw_integers(rng: Stream, n: int, out: NDArray[np.int64]) -> None:
    for i in range(out.size):
        out[i] = integer_below(rng, n)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 1000])
def test_integers_are_uniform(n: int) -> None:
    out = np.empty(MANY, np.int64)
    draw_integers(stream(14, n), n, out)
    assert out.min() >= 0
    assert out.max() < n
    assert n == 1 or stats.chisquare(np.bincount(out, minlength=n)).pvalue > SMALLEST_P


@pytest.mark.parametrize("n", [3 * 2**30, 2**32 - 1, 2**32, 3 * 2**40, 3 * 2**61])
def test_large_integers_are_uniform(n: int) -> None:
    """Without the rejection of some words, two thirds of 3 * 2^61 would be twice as likely as the rest."""
    out = np.empty(MANY // 10, np.int64)
    draw_integers(stream(15), n, out)
    assert out.min() >= 0
    assert out.max() < n
    assert stats.kstest(out / n, "uniform").pvalue > SMALLEST_P


@pytest.mark.parametrize("n", [2**32 - 1, 2**40 + 1, 2**62 + 1])
def test_integers_follow_their_words(n: int) -> None:
    """Lemire's method below 2^32, else the remainder, each after the rejection that makes it exact."""
    rng, words = stream(16), stream(16)
    for _ in range(50):
        found = integer_below(rng, n)
        if n < 2**32:
            product = (int(next_word(words)) >> 32) * n
            while product % 2**32 < (2**32 - n) % n:
                product = (int(next_word(words)) >> 32) * n
            assert found == product >> 32
        else:
            word = int(next_word(words))
            while word < 2**64 % n:
                word = int(next_word(words))
            assert found == word % n


def test_shuffles_are_uniform_over_permutations() -> None:
    rng, counts = stream(17), dict[tuple[int, ...], int]()
    for _ in range(MANY // 25):
        order = np.arange(4)
        shuffle(rng, order)
        counts[tuple(map(int, order))] = counts.get(tuple(map(int, order)), 0) + 1
    assert len(counts) == 24
    assert stats.chisquare(list(counts.values())).pvalue > SMALLEST_P
