"""Intervals of counts, and changes outside noise: SQL against SciPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.dbt.functions import evaluated

RANDOM = np.random.default_rng(20261201)
CHANGE = "is_clear_change(n0, n0, d0, n1, n1, d1)"


def test_an_interval_of_children_is_near_the_exact_poisson_interval() -> None:
    """Prevents an interval of few children that is too narrow: it is SciPy's to a fiftieth."""
    count = np.concatenate([np.arange(1, 60), [100, 1000, 20_000]])
    found = evaluated(
        pd.DataFrame({"n": count}), lower="count_lower(n, n, n)", upper="count_upper(n, n, n)"
    )
    lower, upper = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert np.abs(found["lower"].to_numpy() - lower).max() < 0.02
    assert np.abs(found["upper"].to_numpy() / upper - 1).max() < 0.003


def test_an_interval_of_no_child_has_an_upper_end() -> None:
    """Prevents an area without a missing child from being taken for one that has none for sure."""
    found = evaluated(
        pd.DataFrame({"n": [0]}), lower="count_lower(n, n, n)", upper="count_upper(n, n, n)"
    ).iloc[0]
    assert found["lower"] == 0
    assert found["upper"] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2, abs=0.03)


def test_an_interval_of_absences_covers_the_true_number() -> None:
    """Prevents an interval that takes each absence of one child for a child of its own."""
    children = RANDOM.poisson(80, 1500)
    drawn = [RANDOM.geometric(0.25, count) for count in children]
    cases = pd.DataFrame(
        {"t": [d.sum() for d in drawn], "v": [(d**2).sum() for d in drawn], "n": children}
    )
    found = evaluated(cases, lower="count_lower(t, v, n)", upper="count_upper(t, v, n)")
    covered = (found["lower"] < 80 * 4) & (found["upper"] > 80 * 4)
    assert covered.mean() == pytest.approx(0.95, abs=0.02)
    alone = evaluated(cases, lower="count_lower(t, t, t)", upper="count_upper(t, t, t)")
    assert ((alone["lower"] < 80 * 4) & (alone["upper"] > 80 * 4)).mean() < 0.7


@pytest.mark.parametrize(
    ("first", "last", "is_clear"),
    [(100, 130, False), (100, 131, True), (131, 100, True), (0, 5, False), (0, 6, True)],
)
def test_a_change_is_clear_only_outside_noise(first: int, last: int, is_clear: bool) -> None:
    """Prevents an arrow for what chance explains, and none for what it does not."""
    cases = pd.DataFrame({"n0": [first], "n1": [last], "d0": 5000, "d1": 5000})
    assert bool(evaluated(cases, clear=CHANGE)["clear"][0]) is is_clear


def test_clear_changes_are_those_of_the_exact_test() -> None:
    """Prevents a rule that differs from the exact test of two Poisson counts."""
    grid = [(a, b) for a in range(0, 150, 3) for b in range(0, 150, 2)]
    cases = pd.DataFrame(grid, columns=["n0", "n1"]).assign(d0=5000, d1=5000)
    clear = evaluated(cases, clear=CHANGE)["clear"].to_numpy(dtype=bool)
    exact = np.array(
        [stats.binomtest(b, a + b).pvalue if a + b else 1.0 for a, b in grid], dtype=float
    )
    assert (clear == (exact < 0.05)).mean() > 0.99
    assert exact[clear].max() < 0.06


def test_chance_alone_seldom_gives_an_arrow() -> None:
    """Prevents arrows on one area of ten though nothing changed, also with unequal denominators."""
    cases = pd.DataFrame(
        {"n0": RANDOM.poisson(40, 20_000), "n1": RANDOM.poisson(60, 20_000), "d0": 200, "d1": 300}
    )
    assert evaluated(cases, clear=CHANGE)["clear"].mean() < 0.05


def test_nothing_is_compared_without_denominators() -> None:
    """Prevents a change of a rate that is not known."""
    cases = pd.DataFrame({"n0": [1, 1], "n1": [90, 90], "d0": [0.0, None], "d1": [500, 500]})
    assert evaluated(cases, clear=CHANGE)["clear"].isna().all()
