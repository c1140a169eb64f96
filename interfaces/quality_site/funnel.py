"""Funnel plots: in which areas a share differs more than chance explains, given the area's size.

Limits come from the binomial distribution around the nation's share (Spiegelhalter 2005). SciPy
computes them exactly, without rounding to whole records.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from scipy.special import bdtrik

from interfaces.quality_site.figures import Row
from interfaces.quality_site.site_charts import Limit, Point, draw_funnel

STEPS = 48
TAILS = {"lower_998": 0.001, "lower_95": 0.025, "upper_95": 0.975, "upper_998": 0.999}
# A funnel plot of fewer areas than this would not show how areas differ.
MIN_AREAS = 3


def compute_limits(nation: float, greatest: int) -> list[Limit]:
    """Return limits at rising numbers of records up to `greatest`; `nation` is a share (0-1)."""
    limits = []
    for step in range(1, STEPS + 1):
        count = max(1, round(greatest * (step / STEPS) ** 2))
        limits.append(
            Limit(
                count, **{name: compute_limit(nation, count, tail) for name, tail in TAILS.items()}
            )
        )
    return limits


def compute_limit(nation: float, count: int, tail: float) -> float:
    """Return the share (0-1) below which a fraction `tail` of samples of `count` records lies."""
    share = float(bdtrik(tail, count, nation)) / count
    return 0.0 if isnan(share) else min(1.0, max(0.0, share))


def draw_area_funnel(rows: Sequence[Row], own_code: str, nation: float | None) -> str:
    """Draw the funnel plot of areas of one level by the share that both sources recorded.

    Each row is an area's summary; the area of `own_code` is marked. With too few areas, the text is
    empty.
    """
    points = [
        Point(
            row["name"], row["both_expected_count"], row["both_share"], row["area_code"] == own_code
        )
        for row in rows
        if row["both_share"] is not None and row["both_expected_count"]
    ]
    if nation is None or not 0 < nation < 1 or len(points) < MIN_AREAS:
        return ""
    points.sort(key=lambda point: point.is_own)
    limits = compute_limits(nation, round(max(point.count for point in points) * 1.08) + 1)
    return draw_funnel(
        points,
        limits,
        nation,
        "Share known to both sources by the number of absences that should be known to both",
        "Absences that should be known to both sources",
    )
