"""Funnel plots: how far the shares of areas differ by more than their size explains.

Limits are those of the binomial distribution around the nation's share, exact and without
rounding to whole records, as Spiegelhalter (2005) draws them; computed by SciPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from scipy.special import bdtrik

from interfaces.quality_site.figures import Row
from interfaces.quality_site.site_charts import Limit, Point, funnel

STEPS = 48
TAILS = {"lower_998": 0.001, "lower_95": 0.025, "upper_95": 0.975, "upper_998": 0.999}
# Fewer areas say nothing of how areas differ.
LEAST_AREAS = 3


def funnel_limits(nation: float, greatest: int) -> list[Limit]:
    """The limits at rising numbers of records, up to `greatest`; `nation` is a share (0-1)."""
    limits = []
    for step in range(1, STEPS + 1):
        count = max(1, round(greatest * (step / STEPS) ** 2))
        limits.append(Limit(count, **{n: limit(nation, count, q) for n, q in TAILS.items()}))
    return limits


def limit(nation: float, count: int, tail: float) -> float:
    """The share below which a part `tail` of samples of `count` records lies, between 0 and 1."""
    found = float(bdtrik(tail, count, nation)) / count
    return 0.0 if isnan(found) else min(1.0, max(0.0, found))


def funnel_of(rows: Sequence[Row], own: str, nation: float | None) -> str:
    """The funnel of the share known to both, of areas of one kind; empty where there are too few.

    Each row is an area's summary; `own` is the code of the area that is marked.
    """
    points = [
        Point(row["name"], row["both_expected_count"], row["both_share"], row["area_code"] == own)
        for row in rows
        if row["both_share"] is not None and row["both_expected_count"]
    ]
    if nation is None or not 0 < nation < 1 or len(points) < LEAST_AREAS:
        return ""
    points.sort(key=lambda point: point.is_own)
    limits = funnel_limits(nation, round(max(point.count for point in points) * 1.08) + 1)
    return funnel(
        points,
        limits,
        nation,
        "Share known to both sources by the number of absences that both should know of",
        "Absences that both sources should know of",
    )
