"""Likelihood ratios of signs: SQL against statsmodels, and what they give for losses at random."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import Table2x2

from tests.dbt.functions import evaluated

RANDOM = np.random.default_rng(20261126)
DEVIATE = 1.6448536269514722


def test_the_lower_bound_of_the_excess_is_that_of_the_odds_ratio() -> None:
    """Prevents a bound of another measure than the one that is published."""
    cases = pd.DataFrame(RANDOM.integers(1, 80, (60, 4)), columns=list("abcd")).astype(float)
    rates = "a / (a + b), a + b, c / (c + d), c + d"
    found = evaluated(
        cases,
        share="excess_share(a / (a + b), c / (c + d))",
        lower=f"excess_share_lower({rates}, {DEVIATE})",
    )
    for row, (a, b, c, d) in zip(found.itertuples(), cases.to_numpy(), strict=True):
        table = Table2x2(np.array([[a, b], [c, d]]))
        assert row.share == pytest.approx(1 - 1 / table.oddsratio, abs=1e-9)
        lower, _ = table.oddsratio_confint(alpha=0.1)
        assert row.lower == pytest.approx(1 - 1 / lower, abs=1e-9)


def test_the_excess_is_what_a_mixture_puts_in() -> None:
    """Prevents a share that is not the probability that a sign is the reason."""
    caused, usual = RANDOM.uniform(0.01, 0.99, 50), RANDOM.uniform(0.01, 0.99, 50)
    shown = caused + (1 - caused) * usual
    cases = pd.DataFrame({"shown": shown, "usual": usual})
    found = evaluated(cases, share="excess_share(shown, usual)")["share"]
    assert found.to_numpy() == pytest.approx(caused / shown, abs=1e-9)


def test_a_ratio_of_two_is_always_more_likely_than_not() -> None:
    """Prevents a threshold that a likelihood ratio of two would miss."""
    usual = RANDOM.uniform(0.001, 0.49, 50)
    cases = pd.DataFrame({"usual": usual, "twice": 2 * usual})
    found = evaluated(cases, share="excess_share(twice, usual)")["share"]
    assert (found >= 0.5).all()


def test_few_are_drawn_to_the_rate_of_all_and_many_are_not() -> None:
    """Prevents a supplier with one absence from having evidence of its own."""
    cases = pd.DataFrame({"shown": [1, 0, 10_000, 0], "size": [1, 0, 10_000, 0]})
    cases["all_shown"], cases["all_size"] = [20, 20, 20, 0], [100, 100, 100, 0]
    found = evaluated(cases, rate="pooled_rate(shown, size, all_shown, all_size, 50)")["rate"]
    common = 20.5 / 101
    expected = [(1 + 50 * common) / 51, common, (10_000 + 50 * common) / 10_050, 0.5]
    assert found.to_numpy() == pytest.approx(expected, abs=1e-12)
    assert found.between(0, 1, inclusive="neither").all()


def test_losses_at_random_are_seldom_evidence() -> None:
    """Prevents a sign from being named because one supplier of many has it by chance."""
    trials, usual = 4000, 0.43
    cases = pd.DataFrame(
        {
            "missed": RANDOM.binomial(30, usual, trials),
            "agreed": RANDOM.binomial(110, usual, trials),
        }
    )
    rates = "missed_rate, 80, agreed_rate, 160"
    found = evaluated(
        evaluated(
            cases,
            missed_rate=f"pooled_rate(missed, 30, {usual}e6, 1e6, 50)",
            agreed_rate=f"pooled_rate(agreed, 110, {usual}e6, 1e6, 50)",
        ),
        lower=f"excess_share_lower({rates}, {DEVIATE})",
    )
    assert (found["lower"] >= 0.5).mean() < 0.001
