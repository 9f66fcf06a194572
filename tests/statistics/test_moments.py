"""Moments merged batch by batch."""

import numpy as np
from scipy.stats import kurtosis

from simlab.statistics.moments import Moments, exactly


def test_merged_batches_are_the_whole() -> None:
    records = np.random.default_rng(0).standard_exponential((1000, 3, 2)) + 1e6
    whole = Moments.of(records)
    merged = Moments.of(records[:10]).merge(Moments.of(records[10:300])).merge(Moments.of(records[300:]))
    assert merged.count == 1000
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-14)
    np.testing.assert_allclose(merged.squares, whole.squares, rtol=1e-7)
    assert np.array_equal(merged.least, records.min(axis=0))
    assert np.array_equal(merged.most, records.max(axis=0))


def test_kurtosis_is_the_largest_of_any_batch() -> None:
    records = np.random.default_rng(1).standard_normal((2000, 1, 1))
    one, two = Moments.of(records[:1000]), Moments.of(records[1000:])
    np.testing.assert_allclose(one.kurtosis.item(), kurtosis(records[:1000, 0, 0], fisher=False), rtol=1e-12)
    assert one.merge(two).kurtosis == max(one.kurtosis, two.kurtosis)


def test_rounding_has_no_tails() -> None:
    records = np.full((1000, 1, 1), 1.0)
    records[0] += 2e-16
    assert Moments.of(records).kurtosis == 1.0
    assert Moments.of(np.ones((10, 1, 1))).kurtosis == 1.0


def test_one_run_that_is_not_a_number_is_never_dropped() -> None:
    for bad in (np.nan, np.inf):
        records = np.ones((100, 2, 1))
        records[17, 1, 0] = bad
        moments = Moments.of(np.ones((100, 2, 1))).merge(Moments.of(records))
        assert np.isfinite(moments.mean[0, 0])
        assert not np.isfinite(moments.mean[1, 0])


def test_scaled() -> None:
    records = np.random.default_rng(3).random((50, 1, 2))
    one, two = Moments.of(0.25 * records), Moments.of(records).scaled(0.25)
    for name in ("mean", "squares", "kurtosis", "least", "most"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-12)


def test_exactly() -> None:
    moments = exactly(np.array([[2.0]]))
    assert moments.count == 0
    assert moments.least == moments.most == moments.mean == 2.0
