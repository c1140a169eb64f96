"""Inter-rater reliability: how often two reviewers independently give a pair the same judgement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from register.identity.evaluate import Interval, wilson_interval
from register.review.decisions import RecordedJudgement, first_judgements

CATEGORIES = ("same", "different", "unsure")
INDEPENDENT = ("blind", "double", "sample")
Table = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Reliability:
    """Agreement between the two judgements of each of `pair_count` pairs.

    Shares are 0-1. Kappa is None without pairs, or if every judgement is the same: then pairs would
    always agree by chance too.
    """

    pair_count: int
    reviewer_count: int
    agreed_count: int
    agreement_share: float | None
    agreement_interval: Interval | None
    kappa: float | None
    kappa_interval: Interval | None
    table: dict[str, int]


def measure_reliability(judgements: Iterable[RecordedJudgement]) -> Reliability:
    """Measure agreement over the pairs that two people judged independently.

    Two judgements of each pair are compared. One is the first judgement, whatever its purpose. The
    other is the first by another reviewer who did not see it (blind, double or sample). A
    reviewer's later judgements of the pair are left out, because they may follow from talking about
    it.
    """
    table: Table = {(one, other): 0 for one in CATEGORIES for other in CATEGORIES}
    reviewers: set[str] = set()
    for by_reviewer in first_judgements(judgements).values():
        first, *others = by_reviewer.values()
        second = next((each for each in others if each.purpose in INDEPENDENT), None)
        if second is None:
            continue
        table[first.judgement, second.judgement] += 1
        reviewers |= {first.reviewed_by, second.reviewed_by}
    total = sum(table.values())
    agreed = sum(table[category, category] for category in CATEGORIES)
    kappa, interval = cohens_kappa(table, CATEGORIES)
    return Reliability(
        pair_count=total,
        reviewer_count=len(reviewers),
        agreed_count=agreed,
        agreement_share=agreed / total if total else None,
        agreement_interval=wilson_interval(agreed, total),
        kappa=kappa,
        kappa_interval=interval,
        table={f"{one} / {other}": count for (one, other), count in table.items() if count},
    )


def cohens_kappa(table: Table, categories: tuple[str, ...]) -> tuple[float | None, Interval | None]:
    """Return Cohen's kappa of a square table and its 95 % interval, or None if undefined.

    Source: Cohen (1960); standard error by Fleiss, Cohen and Everitt (1969).
    """
    import numpy as np
    from statsmodels.stats import inter_rater

    counts = np.array([[table[one, other] for other in categories] for one in categories])
    if counts.trace() == counts.max() == counts.sum():
        # There is no pair, or all pairs are in one category, so kappa is undefined.
        return None, None
    with np.errstate(invalid="ignore"):
        # The test statistic, which is not used here, may be 0 / 0.
        result = inter_rater.cohens_kappa(counts)
    interval = Interval(max(-1.0, float(result.kappa_low)), min(1.0, float(result.kappa_upp)))
    return float(result.kappa), interval
