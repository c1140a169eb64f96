"""A reliability diagram compares what is shown with what is true."""

from __future__ import annotations

import numpy as np
import pytest

from register.identity.evaluate.calibration import calibrate


def test_each_bin_has_its_share_true_and_the_error_weighs_pairs_or_bins() -> None:
    """Prevents one full bin from hiding that the others are wrong."""
    probabilities = np.array([0.05] * 8 + [0.95, 0.95])
    is_true = np.array([False] * 8 + [True, False])
    calibration = calibrate(probabilities, is_true)
    assert [each.pair_count for each in calibration.bins] == [8, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert calibration.bins[9].true_share == 0.5
    assert calibration.bins[9].mean_probability == pytest.approx(0.95)
    assert calibration.bins[1].true_share is None
    assert calibration.mean_absolute_error == pytest.approx((8 * 0.05 + 2 * 0.45) / 10)
    assert calibration.mean_absolute_error_of_bins == pytest.approx((0.05 + 0.45) / 2)


def test_an_error_is_of_all_pairs_that_a_sample_stands_for() -> None:
    """Prevents the few doubtful pairs, drawn as often as the many clear ones, from being the error.

    Of 90 clear pairs one in ten was drawn, and all ten doubtful ones.
    """
    probabilities = np.array([0.95] * 9 + [0.5] * 10)
    is_true = np.array([True] * 9 + [False] * 10)
    calibration = calibrate(probabilities, is_true, np.array([10.0] * 9 + [1.0] * 10))
    assert calibration.mean_absolute_error == pytest.approx((90 * 0.05 + 10 * 0.5) / 100)
    assert calibration.pair_count == 19


def test_certainty_is_in_the_last_bin_and_its_interval_has_a_width() -> None:
    """Prevents a probability of one from falling out of the diagram."""
    calibration = calibrate(np.array([1.0, 1.0]), np.array([True, True]))
    last = calibration.bins[9]
    assert last.pair_count == 2
    assert last.true_share_interval is not None
    assert last.true_share_interval.lower < 0.5


def test_no_pair_has_no_error() -> None:
    """Prevents an empty set from being called calibrated."""
    calibration = calibrate(np.array([]), np.array([], dtype=bool))
    assert calibration.mean_absolute_error is None
    assert calibration.mean_absolute_error_of_bins is None
