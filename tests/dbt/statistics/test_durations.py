"""Means and deviations of hours: SQL against NumPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.dbt.functions import evaluated, rendered

RANDOM = np.random.default_rng(20261127)


def _summed(hours: list[float | None]) -> tuple[float | None, float | None]:
    """The mean and the deviation of hours by the macros."""
    cases = pd.DataFrame({"hours": pd.array(hours, dtype="Float64")})
    found = evaluated(
        cases, mean=rendered("mean_of_hours('hours')"), wide=rendered("deviation_of_hours('hours')")
    )
    mean, wide = (None if pd.isna(value) else float(value) for value in found.iloc[0])
    return mean, wide


@pytest.mark.parametrize("size", [2, 3, 1000])
def test_means_and_deviations_are_those_of_numpy(size: int) -> None:
    """Prevents a mean of half seconds, and a deviation as of a whole population."""
    seconds = RANDOM.integers(-900_000, 90_000_000, size)
    mean, wide = _summed([*(seconds / 3600), None])
    assert mean == pytest.approx(np.mean(seconds / 3600), rel=1e-12)
    assert wide == pytest.approx(np.std(seconds / 3600, ddof=1), rel=1e-12)


def test_hours_that_are_all_the_same_do_not_deviate() -> None:
    """Prevents a deviation of what arithmetic lost."""
    assert _summed([1 / 7200] * 3) == (1 / 7200, 0.0)
    assert _summed([-100.1] * 50)[1] == 0.0


def test_one_difference_has_no_deviation_and_none_no_mean() -> None:
    """Prevents a division by 0, and a mean of nothing that is 0."""
    assert _summed([14.0]) == (14.0, None)
    assert _summed([None]) == (None, None)
