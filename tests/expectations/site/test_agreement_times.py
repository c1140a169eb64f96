"""Lags and durations on the page of agreement: at three thresholds of linkage, drawn at one."""

from __future__ import annotations

from interfaces.quality_site.agreement_times import QUANTILES, build_lags_section
from interfaces.quality_site.figures import Figures, Row, Source
from tests.expectations.reading import Structure


def test_times_are_shown_at_each_linkage(read: dict[str, Structure]) -> None:
    """Prevents lags and limits of agreement that hide how much of them is linkage."""
    rows = [" ".join(item.text.split()) for item in read["agreement.html"].all("tr")]
    for linkage, known in (("Strict", 52), ("Central", 56), ("Loose", 56)):
        assert f"Start: authority minus police {linkage} {known} -2.0 0.0 1.0 6.0 40.0" in rows
        assert f"2025-26 {linkage} {known} 0.4 0.1 -9.5 to 10.3" in rows
    reporting = [row for row in rows if row.startswith("Last seen until reported")]
    assert len(reporting) == 1


def _lag(linkage: str, hours: float) -> Row:
    quantiles = {f"lag_{part}": hours for part in QUANTILES}
    named = {"lag_code": "start_difference", "linkage_code": linkage, "lag_count": 5}
    return {**named, "collection_year": "2025-26", **quantiles}


def test_lags_are_drawn_at_central_linkage_alone() -> None:
    """Prevents three thresholds drawn over each other as if they were one."""
    source = Source("agreement.agg_lags_by_area_year")
    rows = [_lag("central", 1.0), _lag("loose", 7.0), _lag("strict", 90.0)]
    output, central = (build_lags_section(Figures(result, source)) for result in (rows, rows[:1]))
    drawn, drawn_alone = (each.charts[0].drawn for each in (output, central))
    assert drawn == drawn_alone
    assert len(output.tables[0].rows) == 3
