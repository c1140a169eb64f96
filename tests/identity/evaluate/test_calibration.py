"""A reliability diagram compares what is shown with what is true."""

from __future__ import annotations

import numpy as np
import pytest

from register.identity.evaluate.calibration import calibrate


def test_each_bin_has_its_share_true_and_the_error_weighs_pairs_or_bins() -> None:
    """Prevents one full bin from hiding that the others are wrong."""
    shown = np.array([0.05] * 8 + [0.95, 0.95])
    is_true = np.array([False] * 8 + [True, False])
    found = calibrate(shown, is_true)
    assert [each.pair_count for each in found.bins] == [8, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert found.bins[9].true_share == 0.5
    assert found.bins[9].mean_probability == pytest.approx(0.95)
    assert found.bins[1].true_share is None
    assert found.mean_absolute_error == pytest.approx((8 * 0.05 + 2 * 0.45) / 10)
    assert found.mean_absolute_error_of_bins == pytest.approx((0.05 + 0.45) / 2)


def test_an_error_is_of_all_pairs_that_a_sample_stands_for() -> None:
    """Prevents the few doubtful pairs, drawn as often as the many clear ones, from being the error.

    Of 90 clear pairs one in ten was drawn, and all ten doubtful ones.
    """
    shown = np.array([0.95] * 9 + [0.5] * 10)
    is_true = np.array([True] * 9 + [False] * 10)
    found = calibrate(shown, is_true, np.array([10.0] * 9 + [1.0] * 10))
    assert found.mean_absolute_error == pytest.approx((90 * 0.05 + 10 * 0.5) / 100)
    assert found.pair_count == 19


def test_certainty_is_in_the_last_bin_and_its_interval_has_a_width() -> None:
    """Prevents a probability of one from falling out of the diagram."""
    found = calibrate(np.array([1.0, 1.0]), np.array([True, True]))
    last = found.bins[9]
    assert last.pair_count == 2
    assert last.true_share_interval is not None
    assert last.true_share_interval.lower < 0.5


def test_no_pair_has_no_error() -> None:
    """Prevents an empty set from being called calibrated."""
    found = calibrate(np.array([]), np.array([], dtype=bool))
    assert found.mean_absolute_error is None
    assert found.mean_absolute_error_of_bins is None
