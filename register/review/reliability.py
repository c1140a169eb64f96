"""Inter-rater reliability: how often two reviewers, independently of each other, judge alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from register.review.decisions import TakenJudgement, first_judgements

CATEGORIES = ("same", "different", "unsure")
INDEPENDENT = ("blind", "double", "sample")
Table = dict[tuple[str, str], int]


class ConfidenceInterval(NamedTuple):
    """The bounds of a 95 % confidence interval."""

    lower: float
    upper: float


@dataclass(frozen=True)
class Reliability:
    """Agreement of two judgements each of `pair_count` pairs.

    Shares are 0-1; kappa is None where every judgement is the same, so that chance alone would
    agree.
    """

    pair_count: int
    reviewer_count: int
    agreed_count: int
    agreement_share: float | None
    agreement_interval: ConfidenceInterval | None
    kappa: float | None
    kappa_interval: ConfidenceInterval | None
    table: dict[str, int]


def measure_reliability(judgements: Iterable[TakenJudgement]) -> Reliability:
    """Measure agreement over pairs that two people judged independently.

    The first judgement of a pair, whatever it was for, is compared with the first that another
    reviewer gave without being shown it (blind, double or sample). A reviewer's later judgements of
    the pair are left out: they may follow from talking about it.
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


def cohens_kappa(
    table: Table, categories: tuple[str, ...]
) -> tuple[float | None, ConfidenceInterval | None]:
    """Return Cohen's kappa of a square table and its 95 % interval, or None where undefined.

    Cohen (1960); the standard error is that of Fleiss, Cohen and Everitt (1969).
    """
    import numpy as np
    from statsmodels.stats import inter_rater

    counts = np.array([[table[one, other] for other in categories] for one in categories])
    if counts.trace() == counts.max() == counts.sum():
        # No pair, or all of them in one category.
        return None, None
    with np.errstate(invalid="ignore"):
        # Its test statistic, which is not read, may be 0 / 0.
        found = inter_rater.cohens_kappa(counts)
    interval = ConfidenceInterval(
        max(-1.0, float(found.kappa_low)), min(1.0, float(found.kappa_upp))
    )
    return float(found.kappa), interval


def wilson_interval(successes: int, trials: int) -> ConfidenceInterval | None:
    """Return Wilson's 95 % score interval of a share (Wilson 1927), or None without trials."""
    from scipy.stats import binomtest

    if trials == 0:
        return None
    found = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return ConfidenceInterval(float(found.low), float(found.high))
