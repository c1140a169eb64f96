"""Series of suppliers become stretches, judged by their peers, gaps left out."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from register.breaks.season import estimate_level_seasons, estimate_median_seasons
from register.breaks.series import SEGMENT_SCHEMA, find_recording_segments
from tests.breaks.series import MONTHS, school_year, steady_counts

CALENDAR = [datetime.date(2021 + place // 12, place % 12 + 1, 1) for place in range(MONTHS)]
PEERS = 6


Codes = dict[str, list[Any]] | None


def _build_months(
    counts: dict[str, Any],
    regimes: Codes = None,
    changes: Codes = None,
    wholes: Codes = None,
    dispersion: float = 1.0,
) -> pa.Table:
    rows = [
        {
            "supplier_code": supplier,
            "feed": "police_reports",
            "category_code": "missing",
            "start_month": CALENDAR[place],
            "report_count": None if np.isnan(count) else int(count),
            "regime_code": (regimes or {}).get(supplier, ["one"] * MONTHS)[place],
            "recording_change_id": (changes or {}).get(supplier, [None] * MONTHS)[place],
            "exposure_count": (wholes or {}).get(supplier, [None] * MONTHS)[place],
            "child_dispersion": dispersion,
        }
        for supplier, values in counts.items()
        for place, count in enumerate(values)
    ]
    return pa.Table.from_pylist(rows)


def _draw_nation(season: Any) -> dict[str, Any]:
    """Suppliers of different size that share a season."""
    return {
        f"F{place}": np.round(steady_counts(20.0 + 30 * place, seed=place) * season)
        for place in range(PEERS)
    }


def _find_breaks(table: pa.Table) -> list[tuple[str, datetime.date]]:
    return [
        (row["supplier_code"], row["first_month"])
        for row in table.to_pylist()
        if row["segment_number"] > 1
    ]


def test_a_season_is_not_a_step() -> None:
    """Prevents every summer from being flagged as a change of recording."""
    season = np.where(np.arange(MONTHS) % 12 < 6, 0.6, 1.4)
    assert _find_breaks(find_recording_segments(_build_months(_draw_nation(season)))) == []


def test_a_supplier_without_peers_is_not_tested() -> None:
    """Prevents the summer of a lone supplier from being called a change of recording."""
    season = np.where(np.arange(MONTHS) % 12 < 6, 0.6, 1.4)
    few = {
        name: counts for name, counts in _draw_nation(season).items() if name in ("F3", "F4", "F5")
    }
    rows = find_recording_segments(_build_months(few)).to_pylist()
    assert [(row["is_tested"], row["month_count"]) for row in rows] == [(False, MONTHS)] * 3


def test_a_tail_that_the_peers_did_not_deliver_is_no_step() -> None:
    """Prevents a force that delivers on, and nothing new, from standing alone at another level."""
    counts = _draw_nation(school_year())
    for name in ("F0", "F1", "F2"):
        counts[name][50:] = np.nan
    counts["F5"][50:] = 0.0
    assert _find_breaks(find_recording_segments(_build_months(counts))) == []


def test_the_last_months_delivered_are_not_judged() -> None:
    """Prevents reports that are still to come from being missed as a step."""
    counts = _draw_nation(school_year())
    counts["F5"][-8:] = np.round(counts["F5"][-8:] * 0.2)
    assert _find_breaks(find_recording_segments(_build_months(counts))) == []
    counts["F5"][-9:] = np.round(_draw_nation(school_year())["F5"][-9:] * 0.2)
    assert _find_breaks(find_recording_segments(_build_months(counts))) == [("F5", CALENDAR[-9])]


def test_a_part_needs_no_peers() -> None:
    """Prevents a force alone that stops recording brief absences from going unnoticed."""
    totals = steady_counts(40.0)
    counts = np.round(totals * 0.4)
    counts[30:] = np.round(totals[30:] * 0.1)
    wholes = {"F0": [int(count) for count in totals]}
    table = find_recording_segments(_build_months({"F0": counts}, wholes=wholes))
    assert _find_breaks(table) == [("F0", CALENDAR[30])]
    assert table.to_pylist()[1]["is_certain_step"]
    assert (
        _find_breaks(find_recording_segments(_build_months({"F0": totals * 0.0}, wholes=wholes)))
        == []
    )


def test_children_with_many_absences_spread_the_counts_of_their_supplier() -> None:
    """Prevents a test that takes the absences of one child for those of many."""
    counts = _draw_nation(school_year())
    counts["F1"][30:] = np.round(counts["F1"][30:] * 0.5)
    assert [name for name, _ in _find_breaks(find_recording_segments(_build_months(counts)))] == [
        "F1"
    ]
    clustered = find_recording_segments(_build_months(counts, dispersion=12.0))
    assert _find_breaks(clustered) == []
    assert clustered.to_pylist()[0]["dispersion"] == 12.0


def test_what_the_whole_nation_does_is_not_a_suppliers_break() -> None:
    """Prevents a pandemic from being read as 193 suppliers that changed their recording."""
    nation = np.where(np.arange(MONTHS) >= 27, 0.5, 1.0)
    assert _find_breaks(find_recording_segments(_build_months(_draw_nation(nation)))) == []
    silent = np.where(np.arange(MONTHS) >= 50, 0.0, 1.0)
    assert _find_breaks(find_recording_segments(_build_months(_draw_nation(silent)))) == []


def test_a_supplier_that_steps_is_flagged_and_its_peers_are_not() -> None:
    """Prevents one supplier's change from being smeared over the nation."""
    counts = _draw_nation(school_year())
    counts["F5"][30:] = np.round(counts["F5"][30:] * 0.3)
    table = find_recording_segments(_build_months(counts))
    assert table.schema == SEGMENT_SCHEMA
    rows = _find_breaks(table)
    assert [supplier for supplier, _ in rows] == ["F5"]
    assert abs(CALENDAR.index(rows[0][1]) - 30) <= 1


def test_months_that_were_not_delivered_are_no_step() -> None:
    """Prevents a late delivery from being read as a collapse of recording."""
    counts = _draw_nation(school_year())
    counts["F2"][20:29] = np.nan
    counts["F3"][50:] = np.nan
    table = find_recording_segments(_build_months(counts))
    assert _find_breaks(table) == []
    spans = {row["supplier_code"]: row for row in table.to_pylist()}
    assert spans["F2"]["month_count"] == MONTHS - 9
    assert spans["F3"]["last_month"] == CALENDAR[49]


def test_a_change_of_definitions_divides_the_supplier_that_it_holds_for() -> None:
    """Prevents averages across the adoption of a new definition."""
    regimes = {"F1": ["one"] * 24 + ["two"] * (MONTHS - 24)}
    rows = find_recording_segments(_build_months(_draw_nation(school_year()), regimes)).to_pylist()
    assert [(row["supplier_code"], row["is_announced"]) for row in rows if row["is_announced"]] == [
        ("F1", True)
    ]
    assert [row["month_count"] for row in rows if row["supplier_code"] == "F1"] == [
        24,
        MONTHS - 24,
    ]


def test_a_change_that_a_supplier_announced_divides_its_series() -> None:
    """Prevents a change that is known from being averaged away, or asked about."""
    counts = _draw_nation(school_year())
    counts["F5"][30:] = np.round(counts["F5"][30:] * 0.3)
    # The month before it was not delivered: the first one that was begins the stretch.
    counts["F2"][29] = np.nan
    since = {name: [None] * 29 + ["a change"] * (MONTHS - 29) for name in ("F2", "F5")}
    since["F5"][29] = None
    rows = find_recording_segments(_build_months(counts, changes=since)).to_pylist()
    assert [
        (row["supplier_code"], row["first_month"], row["is_announced"], row["is_step"])
        for row in rows
        if row["segment_number"] > 1
    ] == [("F2", CALENDAR[30], True, False), ("F5", CALENDAR[30], True, True)]


def test_a_supplier_that_delivered_nothing_has_no_series() -> None:
    """Prevents an empty series from being called steady."""
    counts = _draw_nation(school_year())
    counts["F0"][:] = np.nan
    suppliers = {
        row["supplier_code"] for row in find_recording_segments(_build_months(counts)).to_pylist()
    }
    assert suppliers == {"F1", "F2", "F3", "F4", "F5"}


def test_the_season_of_a_supplier_is_not_its_own() -> None:
    """Prevents a supplier's own step from becoming its season, or its peers'."""
    counts = np.full((6, 24), 10.0)
    counts[0, 12:] = 100.0
    assert np.allclose(estimate_median_seasons(counts), 1.0)
    levels = counts.copy()
    assert np.allclose(estimate_level_seasons(counts, levels), 1.0)
    levels[0] = 55.0
    assert not np.allclose(estimate_level_seasons(counts, levels)[1], 1.0)


def test_a_month_that_few_peers_delivered_has_no_season() -> None:
    """Prevents two neighbours from passing for the nation."""
    counts = np.full((4, 24), 10.0)
    counts[:, 6:12] = 30.0
    assert estimate_median_seasons(counts)[0, 6] == 2.0
    assert np.isnan(estimate_median_seasons(counts[:3])).all()
    assert np.isnan(estimate_level_seasons(counts[:3], np.full((3, 24), 15.0))).all()
    counts[0, 6:12] = np.nan
    season = estimate_median_seasons(counts)
    assert np.isnan(season[1, 6:12]).all()
    assert np.allclose(np.delete(season[1], range(6, 12)), 1.0)
