"""Agreement between reviewers: how often two people, unknown to each other, judge alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import sqrt
from statistics import NormalDist

from register.identity.evaluate import Interval, wilson_interval
from register.review.decisions import TakenJudgement, first_judgements

CATEGORIES = ("same", "different", "unsure")
INDEPENDENT = ("blind", "double", "sample")
Table = dict[tuple[str, str], int]
Z_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class ReviewerAgreement:
    """Agreement of two judgements each of `pair_count` pairs.

    Shares are 0-1; kappa is None where there is nothing to be right about by chance.
    """

    pair_count: int
    reviewer_count: int
    agreed_count: int
    agreement_share: float | None
    agreement_interval: Interval | None
    kappa: float | None
    kappa_interval: Interval | None
    table: dict[str, int]


def reviewer_agreement(judgements: Iterable[TakenJudgement]) -> ReviewerAgreement:
    """Measure agreement over pairs that two people judged independently.

    The first judgement of a pair, whatever it was for, meets the first that another reviewer gave
    without being shown it (blind, double or sample). A second thought counts for nothing here: it
    may follow from talking about the pair.
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
    return ReviewerAgreement(
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
    """Return Cohen's kappa of a square table and its 95 % interval, or None where undefined.

    Cohen (1960); the standard error is that of Fleiss, Cohen and Everitt (1969).
    """
    total = sum(table.values())
    if not total:
        return None, None
    share = {cell: count / total for cell, count in table.items()}
    rows = {one: sum(share[one, other] for other in categories) for one in categories}
    columns = {other: sum(share[one, other] for one in categories) for other in categories}
    observed = sum(share[each, each] for each in categories)
    expected = sum(rows[each] * columns[each] for each in categories)
    if expected >= 1:
        return None, None
    kappa = (observed - expected) / (1 - expected)
    disagreed = 1 - kappa
    diagonal = sum(
        share[each, each] * (1 - (rows[each] + columns[each]) * disagreed) ** 2
        for each in categories
    )
    rest = disagreed**2 * sum(
        share[one, other] * (columns[one] + rows[other]) ** 2
        for one, other in product(categories, repeat=2)
        if one != other
    )
    variance = (diagonal + rest - (kappa - expected * disagreed) ** 2) / (
        total * (1 - expected) ** 2
    )
    reach = Z_95 * sqrt(max(variance, 0.0))
    return kappa, Interval(max(-1.0, kappa - reach), min(1.0, kappa + reach))
