"""Agreement between reviewers, held to a published example."""

from __future__ import annotations

import pytest

from register.review.agreement import cohens_kappa, reviewer_agreement
from register.review.decisions import TakenJudgement
from tests.review.cases import key


def _judged(who: str, judgement: str, purpose: str, pair: str = "1") -> TakenJudgement:
    return TakenJudgement(
        "2026-05-01T00:00:00Z", who, key(pair), key("9"), judgement, True, purpose
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


def test_only_judgements_given_apart_are_compared() -> None:
    """Prevents a second person who saw the first decision from counting as agreement."""
    found = reviewer_agreement(
        [
            _judged("A", "same", "decision"),
            _judged("B", "same", "decision"),
            _judged("A", "same", "blind", "2"),
            _judged("A", "different", "blind", "2"),
            _judged("B", "same", "double", "2"),
            _judged("C", "different", "sample", "3"),
        ]
    )
    assert (found.pair_count, found.agreed_count, found.reviewer_count) == (1, 1, 2)
    assert found.table == {"same / same": 1}
    # All in one category: there is nothing to be right about beyond chance.
    assert found.kappa is None


def test_without_a_pair_judged_twice_nothing_is_said() -> None:
    """Prevents a kappa of nothing."""
    found = reviewer_agreement([_judged("A", "same", "sample")])
    assert (found.pair_count, found.agreement_share, found.kappa) == (0, None, None)
