"""Reliability of reviewers: kappa equals a published example."""

from __future__ import annotations

import pytest

from register.identity.evaluate import wilson_interval
from register.review.decisions import RecordedJudgement
from register.review.reliability import cohens_kappa, measure_reliability
from tests.review.cases import record_key


def _judge_pair(by: str, judgement: str, purpose: str, pair: str = "1") -> RecordedJudgement:
    return RecordedJudgement(
        "2026-05-01T00:00:00Z", by, record_key(pair), record_key("9"), judgement, True, purpose
    )


def test_kappa_is_that_of_the_textbook() -> None:
    """Prevents another kappa than Fleiss, Levin and Paik (2003), table 18.1: 0.676, error 0.088."""
    names = ("psychotic", "neurotic", "organic")
    counts = ((75, 1, 4), (5, 4, 1), (0, 0, 10))
    table = {
        (one, other): counts[row][column]
        for row, one in enumerate(names)
        for column, other in enumerate(names)
    }
    kappa, interval = cohens_kappa(table, names)
    assert kappa == pytest.approx(0.676, abs=5e-4)
    assert interval is not None
    assert (interval.upper - interval.lower) / 2 / 1.959964 == pytest.approx(0.088, abs=5e-4)


def test_perfect_and_opposite_judgements_have_a_kappa() -> None:
    """Prevents a kappa that is not a number where the variance or the chance agreement is 0."""
    alike = {("same", "same"): 9, ("same", "different"): 0, ("different", "same"): 0}
    kappa, interval = cohens_kappa({**alike, ("different", "different"): 7}, ("same", "different"))
    assert (kappa, interval) == (pytest.approx(1.0), pytest.approx((1.0, 1.0)))
    opposite = dict.fromkeys(alike, 0) | {("same", "different"): 4}
    kappa, _ = cohens_kappa({**opposite, ("different", "different"): 0}, ("same", "different"))
    assert kappa == 0.0


def test_the_share_judged_alike_has_the_interval_of_wilson() -> None:
    """Prevents an interval without width at 1: Wilson (1927) gives 72.2% for ten of ten."""
    assert wilson_interval(0, 0) is None
    assert wilson_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=5e-5)
    assert wilson_interval(40, 50) == pytest.approx((0.6696, 0.8876), abs=5e-5)


def test_only_judgements_given_apart_are_compared() -> None:
    """Prevents a second person who saw the first decision from counting as agreement."""
    reliability = measure_reliability(
        [
            _judge_pair("A", "same", "decision"),
            _judge_pair("B", "same", "decision"),
            _judge_pair("A", "same", "blind", "2"),
            _judge_pair("A", "different", "blind", "2"),
            _judge_pair("B", "same", "double", "2"),
            _judge_pair("C", "different", "sample", "3"),
        ]
    )
    assert (reliability.pair_count, reliability.agreed_count, reliability.reviewer_count) == (
        1,
        1,
        2,
    )
    assert reliability.table == {"same / same": 1}
    # All in one category: there is nothing to be right about beyond chance.
    assert reliability.kappa is None


def test_without_a_pair_judged_twice_nothing_is_said() -> None:
    """Prevents a kappa of nothing."""
    reliability = measure_reliability([_judge_pair("A", "same", "sample")])
    assert (reliability.pair_count, reliability.agreement_share, reliability.kappa) == (
        0,
        None,
        None,
    )
