"""Intervals, quantiles and shrinkage of shares: SQL against SciPy and NumPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.dbt.functions import evaluated, expanded

RANDOM = np.random.default_rng(20261124)


def test_wilson_intervals_are_scipys() -> None:
    """Prevents an interval that is right in the published cases alone."""
    trials = RANDOM.integers(1, 400, 60)
    cases = pd.DataFrame({"s": RANDOM.binomial(trials, RANDOM.random(60)), "n": trials})
    found = evaluated(cases, lower="wilson_lower(s, n)", upper="wilson_upper(s, n)")
    for row, (successes, total) in zip(found.itertuples(), cases.to_numpy(), strict=True):
        expected = stats.binomtest(int(successes), int(total)).proportion_ci(method="wilson")
        assert row.lower == pytest.approx(expected.low, abs=1e-6)
        assert row.upper == pytest.approx(expected.high, abs=1e-6)


def test_quantiles_of_students_t_are_scipys() -> None:
    """Prevents intervals of few differences that are as narrow as those of many."""
    cases = pd.DataFrame({"degrees": [5, 6, 8, 10, 16, 30, 84, 1000]})
    found = evaluated(cases, t="student_t(degrees)")["t"]
    assert found.to_numpy() == pytest.approx(stats.t.ppf(0.975, cases["degrees"]), abs=1e-3)


def test_few_degrees_have_no_quantile() -> None:
    """Prevents an expansion used where it is wrong."""
    found = evaluated(pd.DataFrame({"degrees": [0, 2]}), t="student_t(degrees)")["t"]
    assert found.isna().all()


def test_limits_of_agreement_hold_as_many_differences_as_they_say() -> None:
    """Prevents limits of the mean taken for limits of the differences."""
    differences = RANDOM.normal(3, 7, 4000)
    cases = pd.DataFrame(
        {"mean": [differences.mean()], "sd": [differences.std(ddof=1)], "n": [len(differences)]}
    )
    found = expanded(cases, "limits_of_agreement('hours', 'mean', 'sd', 'n')").iloc[0]
    inside = (differences > found.hours_lower_limit) & (differences < found.hours_upper_limit)
    assert inside.mean() == pytest.approx(0.95, abs=0.01)
    means = stats.t.interval(0.95, 3999, differences.mean(), stats.sem(differences))
    assert (found.hours_mean_lower, found.hours_mean_upper) == pytest.approx(means, abs=1e-4)


def test_limit_intervals_cover_the_true_limit() -> None:
    """Prevents an interval of a limit that is too narrow, or far too wide."""
    samples = RANDOM.normal(0, 10, (2000, 20))
    cases = pd.DataFrame({"mean": samples.mean(axis=1), "sd": samples.std(axis=1, ddof=1)})
    found = expanded(cases.assign(n=20), "limits_of_agreement('hours', 'mean', 'sd', 'n')")
    truth = stats.norm.ppf(0.975) * 10
    covered = (found.hours_upper_limit_lower < truth) & (truth < found.hours_upper_limit_upper)
    assert covered.mean() == pytest.approx(0.95, abs=0.02)


def test_a_shrunk_share_is_the_mean_of_its_beta_posterior() -> None:
    """Prevents shrinkage by more or less than the evidence."""
    cases = pd.DataFrame({"s": [0, 3, 40], "n": [0, 4, 90]}).assign(m=0.3, r=0.04)
    found = evaluated(cases, shrunk="shrunk_share(s, n, m, r)")["shrunk"]
    prior = (1 - 0.04) / 0.04
    posterior = stats.beta(
        cases["s"] + prior * 0.3, cases["n"] - cases["s"] + prior * 0.7
    )  # fmt: skip
    assert found.to_numpy() == pytest.approx(posterior.mean())


def test_a_shrunk_share_is_never_more_than_one() -> None:
    """Prevents a share of 1.0000000000000002, and one of counts that are not known."""
    cases = pd.DataFrame({"s": [50.0, None, 5, 0], "n": [50, 50, 5, 0]}).assign(
        m=1.0, r=[0.15100975378386006, 0.1, None, 1.0]
    )
    found = evaluated(cases, shrunk="shrunk_share(s, n, m, r)")["shrunk"]
    assert found[0] == 1.0
    assert found[1:].isna().all()


def test_the_correlation_between_places_is_found_again() -> None:
    """Prevents a moment estimate with a wrong denominator."""
    alpha, beta = 6.0, 14.0
    trials = RANDOM.integers(5, 200, 4000)
    successes = RANDOM.binomial(trials, RANDOM.beta(alpha, beta, 4000))
    cases = pd.DataFrame({"s": successes, "n": trials})
    found = evaluated(cases, r="between_places_correlation(s, n)")["r"][0]
    assert found == pytest.approx(1 / (alpha + beta + 1), rel=0.1)


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [([5, 5, 5], [10, 10, 10], 0.0), ([0, 10], [10, 10], 1.0), ([3], [10], None),
     ([0, 0], [10, 10], None), ([1, 0], [1, 1], None)],
)  # fmt: skip
def test_the_correlation_knows_its_ends(
    successes: list[int], trials: list[int], expected: float | None
) -> None:
    """Prevents a negative variance between places, and a share drawn to nothing known."""
    cases = pd.DataFrame({"s": successes, "n": trials})
    found = evaluated(cases, r="between_places_correlation(s, n)")["r"][0]
    assert pd.isna(found) if expected is None else found == pytest.approx(expected)


def test_lag_quantiles_are_numpys() -> None:
    """Prevents quantiles over blanks, or by another definition."""
    lags = RANDOM.exponential(20, 101)
    cases = pd.DataFrame({"hours": [*lags, None, None]})
    found = expanded(cases, "lag_quantiles('lag', 'hours')").iloc[0]
    expected = np.quantile(lags, [0.1, 0.25, 0.5, 0.75, 0.9])
    assert found["lag_count"] == 101
    assert found.to_numpy()[1:] == pytest.approx(expected)
